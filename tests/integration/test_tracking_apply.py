from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from clarion.delivery.message import MessageStatus
from clarion.kernel.channel import Channel
from clarion.providers.events import EventKind
from clarion.tracking.apply import BATCH
from clarion.tracking.inbox import Inbox
from clarion.tracking.numbers import list_messages, read_tracking
from support.house import House, number_of, within
from support.reports import answer, apply, claim, event, outcomes, store

if TYPE_CHECKING:
    from uuid import UUID

    from clarion.broadcasts.broadcast import Broadcast
    from clarion.tracking.numbers import Tracking


async def one_sending(house: House) -> UUID:
    """A message that is on the wire: claimed and committed, without an answer."""
    await house.add_people(1)
    await house.launched()
    (message_id,) = await claim(house)
    return message_id


async def tracking(house: House, broadcast: Broadcast) -> Tracking:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await read_tracking(
            connection, house.workspace, await house.read(broadcast), now=house.clock.now
        )


async def test_a_report_that_is_faster_than_the_answer_is_not_lost(house: House) -> None:
    message_id = await one_sending(house)
    delivered = event(
        house, "k", "delivered", message_id=message_id, segments=2, price=Decimal("0.0158")
    )
    await store(house, delivered)
    await apply(house)
    assert (await house.message())["status"] == "delivered"
    await answer(house, message_id, "SM1")
    row = await house.message()
    assert (row["status"], row["provider_id"], row["segments"], row["price"]) == (
        "delivered",
        "SM1",
        2,
        Decimal("0.0158"),
    )
    assert (row["sent_at"], row["delivered_at"]) == (house.clock.now, house.clock.now)


async def test_a_report_finds_its_message_by_the_providers_id(house: House) -> None:
    message_id = await one_sending(house)
    await answer(house, message_id, "SM1")
    await store(
        house,
        event(house, "k1", "delivered", provider_id="SM1"),
        event(house, "k2", "delivered", provider_id="SM1", provider="other"),
        event(house, "k3", "delivered", provider_id="SM9"),
        event(house, "k4", "failed", message_id=uuid4()),
    )
    assert await apply(house) == 4
    assert await outcomes(house) == {
        "k1": "applied",
        "k2": "unmatched",
        "k3": "unmatched",
        "k4": "unmatched",
    }
    assert (await house.message())["status"] == "delivered"


async def test_an_event_is_stored_once_and_applied_once(house: House) -> None:
    message_id = await one_sending(house)
    sent = event(house, "k", "sent", message_id=message_id)
    assert await store(house, sent, event(house, "other", "queued", message_id=message_id)) == 2
    assert await store(house, sent) == 0
    assert await apply(house) == 2
    assert await apply(house) == 0
    assert await store(house, sent) == 0
    assert await apply(house) == 0


async def test_what_tells_nothing_new_is_kept_as_such(house: House) -> None:
    message_id = await one_sending(house)
    await store(house, event(house, "first", "delivered", message_id=message_id))
    await apply(house)
    before = await house.message()
    await store(
        house,
        event(
            house,
            "late",
            "sent",
            message_id=message_id,
            occurred_at=house.clock.now + timedelta(seconds=1),
        ),
    )
    await apply(house)
    assert (await outcomes(house))["late"] == "no_change"
    assert await house.message() == before


async def test_a_report_settles_what_was_uncertain_and_ends_the_broadcast(house: House) -> None:
    message_id = await one_sending(house)
    await house.execute("update broadcast.messages set status = 'uncertain'")
    await store(house, event(house, "k", "sent", message_id=message_id))
    await apply(house)
    assert await house.counts() == {"sent": 1}
    assert await house.value("select status from broadcast.broadcasts") == "completed"


async def test_a_cancelled_message_stays_cancelled_whatever_is_reported(house: House) -> None:
    message_id = await one_sending(house)
    await house.execute("update broadcast.messages set status = 'pending'")
    await house.execute("update broadcast.messages set status = 'cancelled'")
    await store(house, event(house, "k", "delivered", message_id=message_id))
    await apply(house)
    assert await house.counts() == {"cancelled": 1}


async def test_several_appliers_at_once_apply_everything_once(house: House) -> None:
    await house.add_people(30)
    await house.send(await house.launched())
    told = [
        event(house, f"{row['address']}:{status}", status, message_id=row["id"])
        for row in await house.messages()
        for status in ("queued", "sent", "delivered", "failed")
    ]
    random.Random(7).shuffle(told)
    for start in range(0, len(told), 13):
        await store(house, *told[start : start + 13])
    done = await within(60, *(apply(house) for _ in range(3)))
    assert sum(done) == len(told) < BATCH
    assert await house.counts() == {"delivered": 30}


# --- wishes


async def suppressed(house: House) -> list[str]:
    return [
        row["address"]
        for row in await house.rows(
            "select address from broadcast.suppressions where lifted_at is null order by 1"
        )
    ]


async def test_stop_and_start_are_obeyed(house: House) -> None:
    stop = event(house, "stop", kind=EventKind.OPT_OUT, address=number_of(100), text="Stop please")
    await store(house, stop)
    assert await apply(house) == 1
    (row,) = await house.rows("select * from broadcast.suppressions")
    assert (row["address"], row["reason"], row["source"], row["detail"]) == (
        number_of(100),
        "opted_out",
        "inbound:fake",
        "Stop please",
    )
    house.clock.forward(timedelta(seconds=1))
    await store(house, event(house, "start", kind=EventKind.OPT_IN, address=number_of(100)))
    await apply(house)
    assert await suppressed(house) == []


async def test_start_does_not_lift_a_complaint(house: House) -> None:
    await house.execute(
        "insert into broadcast.suppressions (workspace_id, channel, address, reason, source)"
        " values (%s, 'sms', %s, 'complaint', 'test')",
        house.workspace.id,
        number_of(100),
    )
    await store(house, event(house, "start", kind=EventKind.OPT_IN, address=number_of(100)))
    await apply(house)
    assert await suppressed(house) == [number_of(100)]


@pytest.mark.parametrize("together", [True, False])
async def test_the_last_wish_counts_in_whatever_order_the_wishes_are_applied(
    house: House, *, together: bool
) -> None:
    start = event(house, "start", kind=EventKind.OPT_IN, address=number_of(100))
    stop = event(
        house,
        "stop",
        kind=EventKind.OPT_OUT,
        address=number_of(100),
        occurred_at=house.clock.now + timedelta(seconds=1),
    )
    if together:
        await store(house, stop, start)
    else:
        await store(house, stop)
        await apply(house)
        await store(house, start)
    await apply(house)
    assert await suppressed(house) == [number_of(100)]


async def test_what_people_write_is_kept_and_changes_nothing(house: House) -> None:
    await store(house, event(house, "in", address=number_of(100), text="Thanks!"))
    await apply(house)
    assert await outcomes(house) == {"in": "applied"}
    assert await suppressed(house) == []


# --- the inbox


async def test_the_inbox_answers_when_the_events_are_committed(house: House) -> None:
    inbox = Inbox(house.database, house.clock)
    serving = asyncio.create_task(inbox.serve())
    try:
        await within(
            20,
            *(inbox.put([event(house, f"k{n % 7}", "sent"), event(house, "k")]) for n in range(20)),
            inbox.put([]),
        )
        assert await house.value("select count(*) from broadcast.message_events") == 8
    finally:
        serving.cancel()


async def test_the_inbox_tells_the_caller_when_nothing_was_stored(house: House) -> None:
    inbox = Inbox(house.database, house.clock)
    serving = asyncio.create_task(inbox.serve())
    await house.execute("set local role postgres")
    async with await psycopg.AsyncConnection.connect(house.database.dsn) as owner:
        await owner.execute("alter table broadcast.message_events rename to gone")
    try:
        with pytest.raises(psycopg.errors.UndefinedTable):
            await within(20, inbox.put([event(house, "k", "sent")]))
    finally:
        serving.cancel()


# --- numbers


async def test_the_numbers_add_up_to_the_recipients(house: House) -> None:
    await house.add_people(8)
    await house.add_contact(phone=None)
    await house.add_contact(phone=number_of(100))
    broadcast = await house.launched()
    ids = [row["id"] for row in await house.messages()]
    for number, status in enumerate(["sent", "delivered", "failed", "failed", "uncertain"]):
        await house.execute(
            "update broadcast.messages set status = %s, segments = 2, error_code = %s"
            " where id = %s",
            status,
            "30003" if status == "failed" else None,
            ids[number],
        )
    found = await tracking(house, broadcast)
    assert {status.value: count for status, count in found.messages.items() if count} == {
        "sent": 1,
        "delivered": 1,
        "failed": 2,
        "uncertain": 1,
        "pending": 3,
    }
    left_out = found.left_out[Channel.SMS]
    assert dict(left_out) == {"no_phone": 1, "duplicate_number": 1}
    everybody = found.count(*MessageStatus) + sum(left_out.values())
    assert everybody == found.broadcast.saved_recipients == 10
    assert (found.segments, found.cost.amount) == (10, Decimal("0.08"))
    assert [(each.code, each.messages) for each in found.errors] == [("30003", 2)]
    assert found.rate_per_second > 0
    assert found.done_at is not None


async def test_a_broadcast_that_is_paused_has_no_pace_and_no_end(house: House) -> None:
    await house.add_people(1)
    broadcast = await house.launched()
    await house.execute("update broadcast.broadcasts set status = 'paused'")
    found = await tracking(house, broadcast)
    assert (found.rate_per_second, found.done_at) == (0.0, None)


async def test_messages_are_listed_once_by_pages_statuses_and_search(house: House) -> None:
    await house.add_people(5)
    broadcast = await house.launched()
    await house.execute(
        "update broadcast.messages set status = 'sent' where address = %s", number_of(102)
    )

    async def listed(*, search: str = "", statuses: tuple[str, ...] = ()) -> list[str]:
        found: list[str] = []
        after = None
        async with house.database.as_workspace(house.workspace.id) as connection:
            while page := await list_messages(
                connection,
                broadcast.id,
                statuses=list(statuses),
                search=search,
                after=after,
                limit=2,
            ):
                found += [row["address"] for row in page]
                after = page[-1]["id"]
        return found

    everybody = [number_of(n) for n in range(100, 105)]
    assert sorted(await listed()) == everybody
    assert await listed(statuses=("sent",)) == [number_of(102)]
    assert sorted(await listed(statuses=("sent", "pending"))) == everybody
    assert await listed(search="person 103") == [number_of(103)]
    assert await listed(search=" 5550104 ") == [number_of(104)]
    assert await listed(search="%") == []
