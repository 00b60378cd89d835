"""The numbers of the Tracking screen, and what happened to one message."""

from __future__ import annotations

import asyncio
from datetime import UTC, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from clarion.broadcasts.foresee import foresee
from clarion.broadcasts.pace import USED
from clarion.broadcasts.service import BroadcastChange
from clarion.db.workspaces import get_workspace
from clarion.delivery.message import MessageStatus
from clarion.kernel.errors import NotFound
from clarion.tracking.numbers import read_tracking
from clarion.tracking.story import story_of
from support.house import House

if TYPE_CHECKING:
    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.outlook import Outlook
    from clarion.tracking.numbers import Tracking
    from clarion.tracking.story import Story

CHICAGO = ZoneInfo("America/Chicago")
RATE = 10


@pytest.fixture(autouse=True)
async def _by_day(house: House) -> None:
    """Nine in the morning in Chicago, of today: the sending hours have twelve hours to go."""
    await house.keep_hours()
    today = house.clock.now.astimezone(CHICAGO)
    house.clock.now = today.replace(hour=9, minute=0, second=0).astimezone(UTC)


async def tracking(house: House, broadcast: Broadcast) -> Tracking:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await read_tracking(
            connection,
            await get_workspace(connection, house.workspace.id),
            await house.read(broadcast),
            now=house.clock.now,
        )


async def outlook(house: House, draft: Broadcast) -> Outlook:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await foresee(
            connection,
            house.audience,
            await get_workspace(connection, house.workspace.id),
            draft,
            rate_per_second=Decimal(RATE),
            now=house.clock.now,
        )


async def put_senders(house: House, **changes: Any) -> None:
    """The sender of the house, as the settings and the provider have made it."""
    for name, value in {"rate_per_second": RATE, **changes}.items():
        await house.execute(f"update broadcast.lanes set {name} = %s", value)  # noqa: S608


async def set_status(house: House, address: str, status: str, **facts: Any) -> None:
    columns = "".join(f", {name} = %s" for name in facts)
    await house.execute(
        f"update broadcast.messages set status = %s{columns} where address = %s",  # noqa: S608
        status,
        *facts.values(),
        address,
    )


async def test_every_message_is_in_one_number_and_recipients_is_their_sum(house: House) -> None:
    await house.add_people(len(MessageStatus))
    broadcast = await house.launched()
    for row, status in zip(await house.messages(), MessageStatus, strict=True):
        if status is not MessageStatus.PENDING:
            reason = "opted_out" if status is MessageStatus.SKIPPED else None
            await set_status(house, row["address"], status, skip_reason=reason)
    found = await tracking(house, broadcast)
    assert dict(found.messages) == dict.fromkeys(MessageStatus, 1)
    assert found.count(*MessageStatus) == len(MessageStatus)


async def test_what_waits_for_another_attempt_is_a_part_of_the_pending(house: House) -> None:
    await house.add_people(5)
    broadcast = await house.launched()
    tried, retried, due, fresh_but_later, _ = [row["address"] for row in await house.messages()]
    later = house.clock.now + timedelta(minutes=1)
    await set_status(house, tried, "pending", attempts=1, due_at=later)
    await set_status(house, retried, "pending", retries=1, due_at=later)
    await set_status(house, due, "pending", attempts=1, due_at=house.clock.now)
    await set_status(house, fresh_but_later, "pending", due_at=later)
    found = await tracking(house, broadcast)
    assert (found.count(MessageStatus.PENDING), found.retrying) == (5, 2)
    house.clock.now = later
    assert (await tracking(house, broadcast)).retrying == 0


async def test_a_part_is_never_more_than_its_whole_while_it_is_sent(house: House) -> None:
    """Both come from one look: whatever is written between two of them moves both."""
    await house.add_people(40)
    broadcast = await house.launched()
    later = house.clock.now + timedelta(minutes=1)
    seen: set[tuple[int, int]] = set()

    async def moves() -> None:
        for row in await house.messages():
            await set_status(house, row["address"], "pending", retries=1, due_at=later)
        for row in await house.messages():
            await set_status(house, row["address"], "cancelled")

    moving = asyncio.create_task(moves())
    while not moving.done():
        found = await tracking(house, broadcast)
        seen.add((found.retrying, found.count(MessageStatus.PENDING)))
    await moving
    assert all(retrying <= pending for retrying, pending in seen)
    assert len(seen) > 2


async def test_when_only_retries_wait_the_end_is_that_of_the_last_and_stands_still(
    house: House,
) -> None:
    await house.add_people(24)
    broadcast = await house.launched()
    await put_senders(house)
    first, *others = await house.messages()
    soon, later = (house.clock.now + timedelta(minutes=each) for each in (10, 60))
    await set_status(house, first["address"], "pending", retries=1, due_at=soon)
    for row in others:
        await set_status(house, row["address"], "pending", retries=1, due_at=later)
    found = await tracking(house, broadcast)
    assert found.rate_per_second == 0
    assert found.wait is not None
    assert (found.wait.until, "tried again, the first of it at 09:10" in found.wait.words) == (
        soon,
        True,
    )
    assert found.done_at == later + timedelta(seconds=float(24 / USED / RATE))
    house.clock.forward(timedelta(minutes=1))
    assert (await tracking(house, broadcast)).done_at == found.done_at


async def test_when_others_wait_beside_retries_both_count_for_the_end(house: House) -> None:
    await house.add_people(24)
    broadcast = await house.launched()
    await put_senders(house)
    tried = (await house.messages())[0]
    later = house.clock.now + timedelta(minutes=30)
    await set_status(house, tried["address"], "pending", retries=1, due_at=later)
    found = await tracking(house, broadcast)
    assert (found.rate_per_second, found.wait) == (RATE, None)
    assert found.done_at == later + timedelta(seconds=float(1 / USED / RATE))


async def keep_attempt(house: House, message: dict[str, Any], **facts: Any) -> None:
    given = {"attempt": 1, "status": "failed", "segments": None, **facts}
    names = ", ".join(given)
    marks = ", ".join("%s" for _ in given)
    await house.execute(
        f"insert into broadcast.message_attempts (message_id, workspace_id, {names})"  # noqa: S608
        f" values (%s, %s, {marks})",
        message["id"],
        message["workspace_id"],
        *given.values(),
    )


async def test_the_cost_is_that_of_all_attempts(house: House) -> None:
    await house.add_people(2)
    broadcast = await house.launched()
    first, second = await house.messages()
    await set_status(house, first["address"], "delivered", segments=3)
    await keep_attempt(house, first, segments=3)
    await keep_attempt(house, first, attempt=2)
    await set_status(house, second["address"], "failed")
    found = await tracking(house, broadcast)
    assert (found.segments, found.cost.amount) == (6, Decimal("0.05"))  # six times 0.0079
    other = await house.launched()
    assert (await tracking(house, other)).segments == 0


async def test_the_end_is_told_while_it_is_sent(house: House) -> None:
    await house.add_people(24)
    broadcast = await house.launched()
    await put_senders(house)
    found = await tracking(house, broadcast)
    assert found.rate_per_second == RATE
    assert found.done_at == house.clock.now + timedelta(seconds=float(24 / USED / RATE))
    assert found.wait is None


async def test_the_end_follows_the_segments_and_its_own_limit(house: House) -> None:
    await house.add_people(25)
    broadcast = await house.launched()
    await put_senders(house, segments_per_second=10)
    await set_status(house, (await house.messages())[0]["address"], "sent", segments=4)
    found = await tracking(house, broadcast)
    assert found.rate_per_second == 2.5
    assert found.done_at == house.clock.now + timedelta(seconds=float(24 / USED / Decimal("2.5")))
    await house.execute("update broadcast.broadcasts set max_per_minute = 60")
    limited = await tracking(house, broadcast)
    assert limited.rate_per_second == 1
    assert limited.done_at == house.clock.now + timedelta(seconds=float(24 / USED))


async def test_who_is_not_written_yet_counts_for_the_end(house: House) -> None:
    """Saved, and the time has not come: the estimate stands before the first message does."""
    await house.add_people(24)
    await house.add_contact(phone=None)
    await house.follow()
    noon = house.clock.now + timedelta(hours=3)
    draft = await house.draft(scheduled_for=noon.replace(tzinfo=None), time_zone="UTC")
    broadcast = await house.launch(draft)
    await house.saver.save(house.workspace.id, broadcast.id)
    await house.execute(
        "insert into broadcast.lanes (channel, provider, sender, rate_per_second)"
        " values ('sms', 'fake', '+15125550000', 10)"
    )
    found = await tracking(house, broadcast)
    assert found.done_at == noon + timedelta(seconds=float(24 / USED / RATE))
    assert (found.rate_per_second, found.wait) == (0, None)


async def test_of_a_paused_broadcast_no_end_is_told(house: House) -> None:
    await house.add_people(1)
    broadcast = await house.launched()
    async with house.database.as_workspace(house.workspace.id) as connection:
        await house.broadcasts.pause(connection, house.workspace, broadcast.id, now=house.clock.now)
    found = await tracking(house, broadcast)
    assert (found.done_at, found.rate_per_second, found.wait) == (None, 0, None)


async def test_at_night_it_says_until_when_it_waits(house: House) -> None:
    await house.add_people(24)
    broadcast = await house.launched()
    await put_senders(house)
    morning = house.clock.now.astimezone(CHICAGO) + timedelta(hours=23)
    house.clock.forward(timedelta(hours=13))
    found = await tracking(house, broadcast)
    assert found.wait is not None
    assert found.wait.until == morning
    assert found.wait.words.startswith("Outside of the sending hours (08:00 to 21:00 in America")
    assert found.done_at == morning + timedelta(seconds=float(24 / USED / RATE))
    assert found.rate_per_second == 0


async def test_while_the_provider_cannot_be_reached_it_says_so(house: House) -> None:
    await house.add_people(24)
    broadcast = await house.launched()
    await put_senders(house)
    again = house.clock.now + timedelta(minutes=4)
    await house.execute(
        "insert into broadcast.provider_health (provider, state, retry_at)"
        " values ('fake', 'open', %s)",
        again,
    )
    found = await tracking(house, broadcast)
    assert found.wait is not None
    assert (found.wait.until, found.wait.words) == (
        again,
        "fake cannot be reached; trying again at 09:04.",
    )
    assert found.done_at == again + timedelta(seconds=float(24 / USED / RATE))


async def test_an_outlook_reckons_with_what_waits_on_the_same_senders(house: House) -> None:
    """Streams take turns: a broadcast of ten waits for ten of the other at most."""
    await house.add_people(24)
    await house.launched()
    await put_senders(house)
    ten = {
        "match": "all",
        "conditions": [{"field": "first_name", "operator": "contains", "value": "Person 10"}],
    }
    beside = await outlook(house, await house.draft(filter=ten))
    assert beside.will_send == 10
    assert beside.done_at == beside.starts_at + timedelta(seconds=float(20 / USED / RATE))
    await house.execute("update broadcast.streams set due_at = 'infinity'")
    alone = await outlook(house, await house.draft(filter=ten))
    assert alone.done_at == alone.starts_at + timedelta(seconds=float(10 / USED / RATE))


async def test_what_another_workspace_sends_on_them_counts_and_is_not_seen(house: House) -> None:
    await house.add_people(6)
    await house.follow()
    draft = await house.draft()
    other, broadcast, step, lane = (uuid4() for _ in range(4))
    await house.execute("insert into broadcast.workspaces (id, name) values (%s, 'Other')", other)
    await house.execute(
        "insert into broadcast.lanes (id, channel, provider, sender, rate_per_second)"
        " values (%s, 'sms', 'fake', '+15125550000', 10)",
        lane,
    )
    await house.execute(
        "insert into broadcast.broadcasts"
        " (id, workspace_id, name, broadcast_type, created_by, status)"
        " values (%s, %s, 'Theirs', 'sms', 'Bo', 'sending')",
        broadcast,
        other,
    )
    await house.execute(
        "insert into broadcast.broadcast_steps"
        " (id, workspace_id, broadcast_id, position, channel, time_zone, status)"
        " values (%s, %s, %s, 1, 'sms', 'UTC', 'sending')",
        step,
        other,
        broadcast,
    )
    await house.execute(
        "insert into broadcast.messages"
        " (workspace_id, broadcast_id, step_id, channel, address, lane_id)"
        " select %s, %s, %s, 'sms', '+1512555' || n, %s from generate_series(1001, 1003) n",
        other,
        broadcast,
        step,
        lane,
    )
    await house.execute(
        "insert into broadcast.streams (workspace_id, lane_id, step_id, due_at)"
        " values (%s, %s, %s, %s)",
        other,
        lane,
        step,
        house.clock.now,
    )
    found = await outlook(house, draft)
    assert found.done_at == found.starts_at + timedelta(seconds=float(9 / USED / RATE))
    await house.execute(
        "update broadcast.broadcasts set status = 'paused' where id = %s", broadcast
    )
    alone = await outlook(house, draft)
    assert alone.done_at == alone.starts_at + timedelta(seconds=float(6 / USED / RATE))
    async with house.database.as_workspace(house.workspace.id) as connection:
        cursor = await connection.execute("select count(*) as streams from broadcast.streams")
        assert await cursor.fetchone() == {"streams": 0}


async def test_an_outlook_tells_of_the_night(house: House) -> None:
    await house.add_people(2)
    await house.follow()
    draft = await house.draft()
    async with house.database.as_workspace(house.workspace.id) as connection:
        draft = await house.broadcasts.change(
            connection,
            house.workspace,
            draft.id,
            BroadcastChange(version=draft.version, rules={"max_per_minute": 1}),
            now=house.clock.now,
        )
    by_day = await outlook(house, draft)
    assert by_day.hours_note is None
    house.clock.forward(timedelta(hours=11, minutes=59))
    evening = await outlook(house, draft)
    assert evening.starts_at == house.clock.now
    assert evening.hours_note is not None
    assert evening.hours_note.startswith("It will pause at 21:00 and go on at 08:00 on ")
    await house.execute("update broadcast.workspaces set sending_from = null, sending_until = null")
    assert (await outlook(house, draft)).hours_note is None


# --- what happened to one message


async def story(house: House, broadcast_id: UUID, message_id: UUID) -> Story:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await story_of(connection, broadcast_id, message_id)


async def hear(house: House, key: str, message_id: UUID | None, **facts: Any) -> None:
    given = {"event_key": key, "message_id": message_id, "status": "sent", **facts}
    names, marks = ", ".join(given), ", ".join("%s" for _ in given)
    await house.execute(
        "insert into broadcast.message_events"  # noqa: S608
        " (workspace_id, received_month, received_at, kind,"
        f" provider, channel, payload, {names})"
        " values (%s, date_trunc('month', %s::timestamptz), %s, 'status', 'fake', 'sms', '{}',"
        f" {marks})",
        house.workspace.id,
        house.clock.now,
        house.clock.now,
        *given.values(),
    )


async def test_a_message_tells_its_attempts_and_events_in_order(house: House) -> None:
    await house.add_people(2)
    broadcast = await house.launched()
    message, other = await house.messages()
    now = house.clock.now
    await keep_attempt(
        house, message, provider="fake", provider_id="SM1", error_code="30003", segments=1
    )
    await set_status(
        house,
        message["address"],
        "delivered",
        attempts=2,
        retries=1,
        provider="fake",
        provider_id="SM2",
        segments=1,
    )
    await hear(house, "late", message["id"], status="delivered", attempt=2, occurred_at=now)
    await hear(
        house,
        "first",
        None,
        provider_id="SM1",
        status="failed",
        occurred_at=now - timedelta(hours=1),
    )
    await hear(house, "not mine", other["id"])
    found = await story(house, broadcast.id, message["id"])
    assert [(each["attempt"], each["status"], each["provider_id"]) for each in found.attempts] == [
        (1, "failed", "SM1"),
        (2, "delivered", "SM2"),
    ]
    assert [each["status"] for each in found.events] == ["failed", "delivered"]


async def test_a_message_that_has_not_left_has_no_attempt(house: House) -> None:
    await house.add_people(1)
    broadcast = await house.launched()
    found = await story(house, broadcast.id, (await house.message())["id"])
    assert (found.attempts, found.events) == ((), ())


async def test_a_message_of_another_broadcast_is_not_there(house: House) -> None:
    await house.add_people(1)
    await house.launched()
    with pytest.raises(NotFound, match="no such message"):
        await story(house, uuid4(), (await house.message())["id"])
