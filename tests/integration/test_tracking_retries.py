"""What failed after all, and is sent again by itself; and reports of attempts gone by."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from clarion.compliance.suppression import Suppressed, suppress
from clarion.delivery.message import jitter_of
from clarion.delivery.settling.retry import retry_failed
from clarion.kernel.channel import Channel
from clarion.providers.events import EventKind
from clarion.queue.job import JobKind, NewJob
from support.house import House, number_of, within
from support.reports import (
    apply,
    attempts,
    claim,
    counted,
    counters,
    event,
    hand_over,
    outcomes,
    report,
    store,
)

if TYPE_CHECKING:
    from uuid import UUID

    from clarion.broadcasts.broadcast import Broadcast

_HOUR = timedelta(hours=1)


async def one_sent(house: House) -> tuple[Broadcast, UUID]:
    """A completed broadcast of one message that is with the provider as SM1."""
    await house.add_people(1)
    broadcast = await house.launched()
    (message_id,) = await hand_over(house)
    await house.settler.settle()
    assert (await house.read(broadcast)).status == "completed"
    return broadcast, message_id


async def stream_due(house: House) -> Any:
    return await house.value("select due_at from broadcast.streams")


async def test_a_passing_failure_waits_for_its_time_and_is_sent_again(house: House) -> None:
    broadcast, message_id = await one_sent(house)
    sent_at = house.clock.now
    house.clock.forward(timedelta(minutes=1))
    failed_at = house.clock.now
    await house.execute("update broadcast.streams set due_at = 'infinity'")
    await report(house, "k", "failed", message_id=message_id, attempt=1, error_code="30003")
    row = await house.message()
    assert (row["status"], row["retries"], row["attempts"]) == ("pending", 1, 1)
    assert row["due_at"] == failed_at + 2 * _HOUR
    assert [row[name] for name in ("provider_id", "segments", "error_code")] == [None] * 3
    assert [row[name] for name in ("sent_at", "failed_at", "error_detail")] == [None] * 3
    (kept,) = await attempts(house)
    assert (kept["attempt"], kept["status"], kept["error_code"]) == (1, "failed", "30003")
    assert (kept["provider"], kept["provider_id"], kept["segments"]) == ("fake", "SM1", 1)
    assert (kept["sent_at"], kept["failed_at"]) == (sent_at, failed_at)
    assert (kept["lane_id"], kept["workspace_id"]) == (row["lane_id"], row["workspace_id"])
    again = await house.read(broadcast)
    assert (again.status, again.first_step.status) == ("sending", "sending")
    assert await stream_due(house) == row["due_at"]
    await house.send(broadcast)
    assert house.provider.sent == []  # not before its time
    house.clock.forward(2 * _HOUR)
    await house.send(broadcast)
    assert [(each.message_id, each.attempt) for each in house.provider.sent] == [(message_id, 2)]
    await house.settler.settle()
    assert (await house.read(broadcast)).status == "completed"
    assert await house.counts() == {"sent": 1}


async def test_the_second_retry_is_the_last_of_a_phone_that_is_off(house: House) -> None:
    _, message_id = await one_sent(house)
    pauses = []
    for attempt in (1, 2, 3):
        failed_at = house.clock.now
        await report(
            house,
            f"k{attempt}",
            "failed",
            message_id=message_id,
            attempt=attempt,
            error_code="30003",
        )
        row = await house.message()
        if row["status"] == "failed":
            break
        pauses.append(row["due_at"] - failed_at)
        house.clock.now = row["due_at"]
        await claim(house)
    assert (pauses, row["retries"], row["attempts"]) == ([2 * _HOUR, 8 * _HOUR], 2, 3)
    assert [each["attempt"] for each in await attempts(house)] == [1, 2]


async def test_what_failed_together_comes_back_spread_and_by_its_plan(house: House) -> None:
    await house.add_people(5)
    await house.launched()
    ids = await hand_over(house)
    await store(
        house,
        *(
            event(house, f"k{number}", "failed", message_id=each, attempt=1, error_code="30017")
            for number, each in enumerate(ids)
        ),
    )
    await apply(house)
    rows = await house.messages()
    assert {row["id"]: row["due_at"] for row in rows} == {
        each: house.clock.now + _HOUR / 2 * (1 + 0.5 * jitter_of(each)) for each in ids
    }
    assert len({row["due_at"] for row in rows}) == 5
    assert await stream_due(house) <= min(row["due_at"] for row in rows)


@pytest.mark.parametrize("code", ["30007", "30006", "21610", "30410", "no such code", None])
async def test_nothing_else_is_sent_again_by_itself(house: House, code: str | None) -> None:
    broadcast, message_id = await one_sent(house)
    await report(house, "k", "failed", message_id=message_id, attempt=1, error_code=code)
    row = await house.message()
    assert (row["status"], row["retries"], row["error_code"]) == ("failed", 0, code)
    assert await attempts(house) == []
    assert (await house.read(broadcast)).status == "completed"


async def test_a_retry_that_would_be_a_day_late_is_none(house: House) -> None:
    _, message_id = await one_sent(house)
    planned_at = await house.value("select scheduled_at from broadcast.broadcast_steps")
    house.clock.now = planned_at + 24 * _HOUR - 2 * _HOUR
    await report(house, "k", "failed", message_id=message_id, attempt=1, error_code="30003")
    row = await house.message()
    assert (row["status"], row["due_at"]) == ("pending", planned_at + 24 * _HOUR)
    house.clock.now = row["due_at"]
    await claim(house)
    await report(house, "k2", "failed", message_id=message_id, attempt=2, error_code="30003")
    assert (await house.message())["status"] == "failed"


@pytest.mark.parametrize("status", ["cancelled", "failed"])
async def test_of_a_broadcast_that_was_stopped_for_good_nothing_is_sent_again(
    house: House, status: str
) -> None:
    _, message_id = await one_sent(house)
    await house.execute("update broadcast.broadcasts set status = %s", status)
    await report(house, "k", "failed", message_id=message_id, attempt=1, error_code="30003")
    assert (await house.message())["status"] == "failed"
    assert await house.value("select status from broadcast.broadcasts") == status


async def test_of_a_paused_broadcast_it_waits_until_that_is_resumed(house: House) -> None:
    broadcast, message_id = await one_sent(house)
    await house.execute("update broadcast.broadcasts set status = 'paused'")
    await report(house, "k", "failed", message_id=message_id, attempt=1, error_code="30003")
    again = await house.read(broadcast)
    assert (again.status, again.first_step.status) == ("paused", "sending")
    house.clock.forward(3 * _HOUR)
    await house.send(broadcast)
    assert (house.provider.sent, await house.counts()) == ([], {"pending": 1})


@pytest.mark.parametrize("reason", list(Suppressed))
async def test_who_must_not_be_written_to_is_not_sent_it_again(
    house: House, reason: Suppressed
) -> None:
    _, message_id = await one_sent(house)
    async with house.database.as_worker() as connection:
        await suppress(
            connection,
            house.workspace.id,
            channel=Channel.SMS,
            addresses=[number_of(100)],
            reason=reason,
            source="test",
            now=house.clock.now,
        )
    await report(house, "k", "failed", message_id=message_id, attempt=1, error_code="30003")
    assert (await house.message())["status"] == "failed"


async def test_a_single_message_is_sent_again_by_the_time_of_its_job(house: House) -> None:
    job = NewJob(
        kind=JobKind.MESSAGE,
        payload={"channel": "sms", "to": number_of(100), "body": "Hello"},
    )
    async with house.database.as_worker() as connection:
        await house.queue.submit(
            connection, house.workspace.id, [job], by="Ana", now=house.clock.now
        )
    await house.run_jobs()
    (message_id,) = await hand_over(house)
    await report(house, "k", "failed", message_id=message_id, attempt=1, error_code="30008")
    row = await house.message()
    assert (row["status"], row["due_at"]) == ("pending", house.clock.now + _HOUR)
    assert await stream_due(house) <= row["due_at"]
    house.clock.forward(_HOUR)
    await house.send()
    assert [each.attempt for each in house.provider.sent] == [2]


# --- reports of attempts gone by


async def on_the_second_attempt(house: House) -> UUID:
    """SM1 has failed and is kept; the message is on the wire as its second attempt."""
    _, message_id = await one_sent(house)
    await report(house, "first", "failed", message_id=message_id, attempt=1, error_code="30003")
    house.clock.forward(2 * _HOUR)
    await claim(house)
    return message_id


@pytest.mark.parametrize("named", [True, False], ids=["by our id", "by the provider's"])
async def test_a_late_report_of_the_first_attempt_does_not_move_the_second(
    house: House, *, named: bool
) -> None:
    message_id = await on_the_second_attempt(house)
    before = await house.message()
    meant = (
        {"message_id": message_id, "attempt": 1, "provider_id": "SM1"}
        if named
        else {"provider_id": "SM1"}
    )
    await store(house, event(house, "late", "failed", error_code="30007", **meant))
    await store(house, event(house, "billed", "sent", price=Decimal("0.0079"), segments=2, **meant))
    await apply(house)
    assert await house.message() == before
    assert await outcomes(house) == {
        "first": "applied",
        "late": "superseded",
        "billed": "superseded",
    }
    (kept,) = await attempts(house)
    assert (kept["error_code"], kept["price"], kept["segments"]) == ("30003", Decimal("0.0079"), 2)


async def test_an_attempt_that_left_no_trace_is_kept_when_it_is_heard_of(house: House) -> None:
    """The provider's list did not know it, so it was sent again; now it is reported."""
    await house.add_people(1)
    await house.launched()
    (message_id,) = await claim(house)
    await house.execute("update broadcast.messages set status = 'pending'")
    await claim(house)
    await report(house, "k", "sent", message_id=message_id, attempt=1, provider_id="SM7")
    assert await outcomes(house) == {"k": "superseded"}
    (kept,) = await attempts(house)
    assert (kept["attempt"], kept["status"], kept["provider_id"]) == (1, "sent", "SM7")
    assert (kept["provider"], (await house.message())["status"]) == ("fake", "sending")
    await report(house, "k2", "delivered", provider_id="SM7")
    assert (await attempts(house))[0]["status"] == "delivered"
    assert await outcomes(house) == {"k": "superseded", "k2": "superseded"}


async def test_what_arrived_after_all_is_not_sent_again(house: House) -> None:
    broadcast, message_id = await one_sent(house)
    await report(house, "k1", "failed", message_id=message_id, attempt=1, error_code="30003")
    house.clock.forward(_HOUR)
    await report(house, "k2", "delivered", message_id=message_id, attempt=1)
    row = await house.message()
    assert (row["status"], row["provider_id"], row["retries"]) == ("delivered", "SM1", 0)
    assert (row["delivered_at"], row["failed_at"]) == (house.clock.now, None)
    assert await attempts(house) == []
    house.clock.forward(2 * _HOUR)
    await house.send(broadcast)
    assert house.provider.sent == []
    assert (await house.read(broadcast)).status == "completed"


async def test_one_on_its_way_is_followed_although_the_first_arrived(house: House) -> None:
    message_id = await on_the_second_attempt(house)
    await report(house, "late", "delivered", message_id=message_id, attempt=1)
    assert (await house.message())["status"] == "sending"
    assert (await attempts(house))[0]["status"] == "delivered"
    arrived_at = house.clock.now
    house.clock.forward(_HOUR)
    # Its end is not a failure: the person has it, and is not sent it a third time.
    await report(house, "end", "failed", message_id=message_id, attempt=2, error_code="30003")
    row = await house.message()
    assert (row["status"], row["delivered_at"], row["error_code"]) == (
        "delivered",
        arrived_at,
        None,
    )


async def test_a_wish_to_send_it_anew_is_kept_whatever_is_billed_meanwhile(house: House) -> None:
    """A person has retried what no plan would: only its own news ends that."""
    _, message_id = await one_sent(house)
    await report(house, "k1", "failed", message_id=message_id, attempt=1, error_code="21408")
    broadcast_id = await house.value("select id from broadcast.broadcasts")
    async with house.database.as_workspace(house.workspace.id) as connection:
        retried = await retry_failed(connection, house.engine, broadcast_id, now=house.clock.now)
        assert retried.messages == 1
    await report(house, "k2", "sent", message_id=message_id, attempt=1, price=Decimal("0.01"))
    assert (await house.message())["status"] == "pending"
    assert (await attempts(house))[0]["price"] == Decimal("0.01")


async def test_an_id_of_the_provider_stays_with_the_message_that_had_it_first(
    house: House,
) -> None:
    """Two lost messages of one text were taken for each other: a report must not stick for that."""
    await house.add_people(2)
    await house.launched()
    first, second = await claim(house)
    await report(house, "k1", "sent", message_id=first, attempt=1, provider_id="SM1")
    await report(house, "k2", "delivered", message_id=second, attempt=1, provider_id="SM1")
    rows = {row["id"]: row for row in await house.messages()}
    assert (rows[first]["status"], rows[first]["provider_id"]) == ("sent", "SM1")
    assert (rows[second]["status"], rows[second]["provider_id"]) == ("delivered", None)


async def test_two_messages_that_are_told_one_id_at_once_do_not_stick(house: House) -> None:
    await house.add_people(2)
    await house.launched()
    told = [
        event(house, f"k{each}", "delivered", message_id=each, attempt=1, provider_id="SM1")
        for each in await claim(house)
    ]
    await store(house, *told)
    assert await apply(house) == 2
    assert await house.counts() == {"delivered": 2}
    assert {row["provider_id"] for row in await house.messages()} == {"SM1", None}


# --- what follows for the address


@pytest.mark.parametrize(
    ("code", "reason"),
    [("21610", "opted_out"), ("30004", "opted_out"), ("21211", "invalid_address")],
)
async def test_a_failure_that_tells_of_the_address_ends_all_writing_to_it(
    house: House, code: str, reason: str
) -> None:
    _, message_id = await one_sent(house)
    await report(house, "k", "failed", message_id=message_id, attempt=1, error_code=code)
    (row,) = await house.rows("select * from broadcast.suppressions")
    assert (row["address"], row["reason"], row["source"]) == (
        number_of(100),
        reason,
        f"provider:{code}",
    )
    assert row["workspace_id"] == house.workspace.id


async def test_mail_that_comes_back_after_its_delivery_ends_all_writing_too(house: House) -> None:
    _, message_id = await one_sent(house)
    await report(house, "k1", "delivered", message_id=message_id, attempt=1)
    await report(house, "k2", "failed", message_id=message_id, attempt=1, error_code="bounce")
    assert (await house.message())["status"] == "delivered"
    assert await house.value("select reason from broadcast.suppressions") == "invalid_address"


async def test_a_mark_as_spam_is_a_complaint_that_no_wish_lifts(house: House) -> None:
    spam = event(
        house,
        "spam",
        kind=EventKind.OPT_OUT,
        channel=Channel.EMAIL,
        address="ann@example.com",
        error_code="spamreport",
    )
    await store(house, spam)
    await apply(house)
    house.clock.forward(_HOUR)
    wish = event(
        house, "wish", kind=EventKind.OPT_IN, channel=Channel.EMAIL, address="ann@example.com"
    )
    await store(house, wish)
    await apply(house)
    assert (
        await house.value("select reason from broadcast.suppressions where lifted_at is null")
        == "complaint"
    )


# --- events that came before their message was known


async def test_a_report_that_came_before_the_answer_is_applied_as_soon_as_it_fits(
    house: House,
) -> None:
    await house.add_people(1)
    await house.launched()
    await store(
        house,
        event(house, "early", "delivered", provider_id="SM1"),
        event(house, "foreign", "delivered", provider_id="SM99"),
        event(house, "nobody's", "delivered", message_id=uuid4()),
    )
    await apply(house)
    assert set((await outcomes(house)).values()) == {"unmatched"}
    assert await house.applier.revive_unmatched() == 0
    await hand_over(house)
    assert await house.applier.revive_unmatched() == 1
    assert await apply(house) == 1
    assert (await house.message())["status"] == "delivered"
    assert await outcomes(house) == {
        "early": "applied",
        "foreign": "unmatched",
        "nobody's": "unmatched",
    }
    assert await house.applier.revive_unmatched() == 0


async def test_what_a_settling_finds_out_hours_later_is_looked_for_too(house: House) -> None:
    await house.add_people(1)
    await house.launched()
    await store(house, event(house, "early", "delivered", provider_id="SM1"))
    await apply(house)
    assert await house.applier.revive_unmatched() == 0
    await hand_over(house)
    house.clock.forward(timedelta(minutes=9, seconds=59))
    await house.execute(
        "update broadcast.message_events set received_at = %s", house.clock.now - 30 * _HOUR
    )
    assert await house.applier.revive_unmatched() == 0
    house.clock.forward(timedelta(seconds=1))
    assert await house.applier.revive_unmatched() == 1
    assert await apply(house) == 1


async def test_an_event_is_not_looked_for_longer_than_two_days(house: House) -> None:
    await house.add_people(1)
    await house.launched()
    await store(house, event(house, "early", "delivered", provider_id="SM1"))
    await apply(house)
    await hand_over(house)
    house.clock.forward(timedelta(days=2, seconds=1))
    assert await house.applier.revive_unmatched() == 0


# --- several workers


async def test_several_appliers_plan_each_retry_once(house: House) -> None:
    await house.add_people(20)
    await house.launched()
    ids = await hand_over(house)
    told = [
        event(house, f"{each}:{status}:{code}", status, message_id=each, attempt=1, error_code=code)
        for each in ids
        for status, code in (("sent", None), ("failed", "30003"), ("failed", "30007"))
    ]
    for start in range(0, len(told), 7):
        await store(house, *told[start : start + 7])
    await within(60, *(apply(house) for _ in range(3)))
    assert await house.counts() == {"pending": 20}
    assert {row["retries"] for row in await house.messages()} == {1}
    assert await counted(house) == await counters(house)
