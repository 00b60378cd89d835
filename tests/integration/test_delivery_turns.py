"""Whose turn it is, when it may leave, and what happens to a pump that is asked to stop."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from clarion.delivery.message import MessageStatus, Outcome
from clarion.delivery.pace import share_after_throttle
from clarion.delivery.sending.store import queries as pump_queries
from clarion.delivery.store import queries, write_outcomes
from clarion.delivery.streams import touch_streams
from clarion.providers.sending import Accepted, Throttled
from support.house import House, build_house, number_of, within

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from clarion.db.connection import Database
    from clarion.providers.sending import OutgoingMessage, SendResult

#: Noon in Chicago, where the workspace is; its sending hours are 08:00 to 21:00.
NOON = datetime(2026, 11, 24, 18, tzinfo=UTC)


async def accept(message: OutgoingMessage) -> SendResult:
    return Accepted(provider_id=f"SM{message.message_id}")


async def streams(house: House) -> dict[UUID | None, dict[str, Any]]:
    """By step; that of single messages under None."""
    found = await house.rows(
        "select id, step_id, lane_id, workspace_id, nullif(due_at, 'infinity') as due_at,"
        " nullif(next_free_at, '-infinity') as next_free_at from broadcast.streams"
    )
    return {row["step_id"]: row for row in found}


async def single_messages(house: House, workspace_id: UUID, numbers: list[str]) -> None:
    """As the queue service leaves them, of any workspace."""
    async with house.database.as_worker() as connection:
        lane = (await house.lanes.of(connection, house.provider.channel))[0]
        await connection.execute(
            "insert into broadcast.workspaces (id, name) values (%s, 'Another')"
            " on conflict do nothing",
            [workspace_id],
        )
        for number in numbers:
            cursor = await connection.execute(
                "insert into broadcast.queue_jobs (workspace_id, kind, status, payload,"
                " scheduled_at, fingerprint, engine, created_by)"
                " values (%s, 'message', 'running', '{}', %s, '', 'built_in', 'test') returning id",
                [workspace_id, house.clock.now],
            )
            job = await cursor.fetchone()
            assert job is not None
            await connection.execute(
                "insert into broadcast.messages"
                " (workspace_id, job_id, channel, address, body, lane_id, due_at)"
                " values (%s, %s, 'sms', %s, 'Hello', %s, %s)",
                [workspace_id, job["id"], number, lane.id, house.clock.now],
            )
        await touch_streams(
            connection, workspace_id=workspace_id, lane_ids=[lane.id], due_at=house.clock.now
        )


async def turn_of_a_slow_lane(house: House) -> list[str]:
    """The addresses that one more turn serves; the lane is free again by then."""
    before = len(house.provider.sent)
    house.clock.forward(timedelta(seconds=2))
    assert await house.pump.turn()
    await house.pump.drain()
    return [message.to for message in house.provider.sent[before:]]


# --- turns


async def test_a_small_broadcast_has_the_next_turn_beside_a_large_one(database: Database) -> None:
    house = await build_house(database, rate=Decimal(40))
    await house.add_people(60)
    large = await house.launched("Large")
    await turn_of_a_slow_lane(house)
    small = await house.launched("Small")
    house.provider.sent.clear()
    await turn_of_a_slow_lane(house)
    assert {message.body for message in house.provider.sent} == {"Small"}
    await turn_of_a_slow_lane(house)
    assert {message.body for message in house.provider.sent[9:]} == {"Large"}
    assert (await house.read(large)).status == (await house.read(small)).status == "sending"


async def test_workspaces_take_turns_and_then_their_streams(database: Database) -> None:
    """Three broadcasts of one workspace have together as many turns as the other's messages."""
    house = await build_house(database, rate=Decimal(3))  # one message a turn
    await house.add_people(9)
    for body in ("A", "B", "C"):
        await house.launched(body)
    other = uuid4()
    await single_messages(house, other, [number_of(500 + n) for n in range(9)])
    served = [await turn_of_a_slow_lane(house) for _ in range(8)]
    of_the_other = [address[0] >= number_of(500) for address in served]
    assert sum(of_the_other) == 4
    assert all(one != next_one for one, next_one in pairwise(of_the_other))
    bodies = [message.body for message in house.provider.sent if message.body != "Hello"]
    assert sorted(bodies[:3]) == ["A", "B", "C"]


async def test_what_a_turn_takes_is_a_quarter_second_of_the_lane(database: Database) -> None:
    house = await build_house(database, rate=Decimal(40))
    await house.add_people(20)
    await house.launched()
    assert len(await house.claim()) == 9  # of 38.4 a second
    assert await house.counts() == {"sending": 9, "pending": 11}


async def test_a_lane_that_is_booked_ahead_has_no_turn(database: Database) -> None:
    house = await build_house(database, rate=Decimal(2))
    await house.add_people(5)
    await house.launched()
    assert await house.pump.turn()
    assert not await house.pump.turn()
    await house.pump.drain()
    assert len(house.provider.sent) == 1
    house.clock.forward(timedelta(seconds=1))
    assert await house.pump.turn()
    await house.pump.drain()
    assert len(house.provider.sent) == 2


async def test_what_is_made_to_wait_during_a_turn_is_not_forgotten(house: House) -> None:
    """The turn sees nothing more to do while another transaction is about to give it something."""
    await single_messages(house, house.workspace.id, [number_of(300)])
    await house.send()
    stream = (await streams(house))[None]
    assert stream["due_at"] is None
    later = house.clock.now + timedelta(seconds=5)

    async def give_it_something() -> None:
        house.clock.now = later
        await single_messages(house, house.workspace.id, [number_of(301)])

    async with house.database.as_worker() as turn:
        await queries.hold_stream(turn, id=stream["id"])
        giving = asyncio.create_task(give_it_something())
        await asyncio.wait({giving}, timeout=0.5)
        assert not giving.done()
        await queries.end_turn(
            turn, id=stream["id"], looks=True, not_before=NOON - timedelta(days=900), now=later
        )
    await within(20, giving)
    assert (await streams(house))[None]["due_at"] == later


async def test_a_turn_that_fails_leaves_the_next_one_to_the_others(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.add_people(1)
    await house.launched("Broken")
    await single_messages(house, house.workspace.id, [number_of(300)])
    # The stream of the step comes first, and each of its turns fails.
    await house.execute(
        "update broadcast.streams set served_at = now() - interval '1 hour' where step_id is null"
    )
    with psycopg.connect(house.database.dsn) as owner:
        owner.execute(
            "create function broadcast.break_it() returns trigger language plpgsql as"
            " $$ begin raise exception 'broken'; end $$;"
            "create trigger break_it before update on broadcast.messages for each row"
            " when (new.step_id is not null) execute function broadcast.break_it()"
        )
    with caplog.at_level(logging.CRITICAL):
        pumping = asyncio.create_task(house.pump.run())
        async with asyncio.timeout(30):
            while not house.provider.sent:  # noqa: ASYNC110 - the provider tells nobody
                await asyncio.sleep(0.02)
        pumping.cancel()
        await asyncio.wait({pumping})
    assert [message.to for message in house.provider.sent] == [number_of(300)]


# --- hours and limits


async def test_what_would_leave_in_the_night_waits_for_the_morning(house: House) -> None:
    await house.keep_hours()
    house.clock.now = NOON
    await house.add_people(2)
    broadcast = await house.launched()
    house.clock.now = NOON + timedelta(hours=10)
    await single_messages(house, house.workspace.id, [number_of(300)])
    await house.send()
    assert [message.to for message in house.provider.sent] == [number_of(300)]
    morning = NOON + timedelta(hours=20)
    assert (await streams(house))[broadcast.first_step.id]["due_at"] == morning
    house.clock.now = morning
    await house.send()
    assert house.provider.times_sent_to().total() == 3


async def test_a_text_says_how_long_it_may_be_tried_to_deliver(house: House) -> None:
    await house.keep_hours()
    house.clock.now = NOON
    await house.add_people(1)
    await house.launched()
    house.clock.now = NOON + timedelta(hours=8, minutes=30)
    await single_messages(house, house.workspace.id, [number_of(300)])
    await house.send()
    assert {message.to: message.validity for message in house.provider.sent} == {
        number_of(100): timedelta(minutes=30),
        number_of(300): None,
    }


async def test_a_broadcast_with_a_limit_of_its_own_keeps_it_and_no_other_waits(
    house: House,
) -> None:
    await house.add_people(5)
    limited = await house.launched("Slow")
    await house.execute("update broadcast.broadcasts set max_per_minute = 60")
    await house.launched("Fast")
    began = house.clock.now
    while (await house.read(limited)).status != "completed":
        await house.send()
        house.clock.forward(timedelta(milliseconds=100))
    assert [message.body for message in house.provider.sent[:6]].count("Fast") == 5
    # Five of 57.6 a minute: four pauses in between.
    assert timedelta(seconds=4.1) < house.clock.now - began < timedelta(seconds=5)


async def test_the_limit_of_a_broadcast_holds_for_all_its_lanes(house: House) -> None:
    await house.add_people(2)
    broadcast = await house.launched()
    await house.execute("update broadcast.broadcasts set max_per_minute = 60")
    await house.execute(
        "insert into broadcast.lanes (channel, provider, sender, rate_per_second)"
        " values ('sms', 'fake', '+15125550001', 100)"
    )
    await house.execute(
        "update broadcast.messages set lane_id ="
        " (select id from broadcast.lanes where sender = '+15125550001') where address = %s",
        number_of(101),
    )
    await house.launcher.resume(broadcast.id)
    await house.send()
    assert len(house.provider.sent) == 1
    house.clock.forward(timedelta(seconds=2))
    await house.send()
    assert {message.sender for message in house.provider.sent} == {
        "+15125550000",
        "+15125550001",
    }


# --- too fast


async def test_too_fast_slows_the_lane_down_and_it_comes_back(house: House) -> None:
    await house.add_people(1)
    await house.launched()
    house.provider.answers(Throttled(code="20429", retry_after=timedelta(seconds=10)))
    await house.send()
    (lane,) = await house.rows("select share, share_at, next_free_at from broadcast.lanes")
    until = house.clock.now + timedelta(seconds=10)
    assert (lane["share"], lane["share_at"]) == (Decimal("0.5"), until)
    assert lane["next_free_at"] >= until
    house.provider.answer = accept
    house.clock.now = until + timedelta(seconds=20)
    await house.send()
    assert await house.counts() == {"sent": 1}


@pytest.mark.parametrize(
    ("share", "seconds"),
    [
        (1.0, None),
        *((share, seconds) for share in (0.5, 0.0625, 0.01) for seconds in (-3, 0, 4, 13, 500)),
    ],
)
async def test_the_share_is_the_same_in_the_database(
    house: House, share: float, seconds: int | None
) -> None:
    """`slow_lane` decides as `share_after_throttle` does."""
    async with house.database.as_worker() as connection:
        lane = (await house.lanes.of(connection, house.provider.channel))[0]
    now = house.clock.now
    share_at = None if seconds is None else now - timedelta(seconds=seconds)
    await house.execute(
        "update broadcast.lanes set share = %s, share_at = coalesce(%s::timestamptz, '-infinity')",
        share,
        share_at,
    )
    async with house.database.as_worker() as connection:
        await pump_queries.slow_lane(
            connection, lane_id=lane.id, until=now + timedelta(seconds=1), now=now
        )
    stands: Decimal = await house.value("select share from broadcast.lanes")
    assert float(stands) == pytest.approx(
        share_after_throttle(share, share_at, now=now), abs=0.0001
    )


# --- answers


async def test_an_answer_that_the_ledger_refuses_keeps_no_other_from_being_written(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.add_people(3)
    await house.launched()

    async def answer(message: OutgoingMessage) -> SendResult:
        last = message.to == number_of(102)
        return Accepted(provider_id="SM of another" if last else f"SM{message.to}")

    await single_messages(house, house.workspace.id, [number_of(300)])
    await house.execute(
        "update broadcast.messages set status = 'sent', provider = 'fake',"
        " provider_id = 'SM of another' where address = %s",
        number_of(300),
    )
    house.provider.answer = answer
    with caplog.at_level(logging.CRITICAL):
        await house.send()
    assert await house.counts() == {"sent": 2, "sending": 1}


async def test_an_answer_to_a_claim_that_was_followed_by_another_changes_nothing(
    house: House,
) -> None:
    await house.add_people(1)
    await house.launched()
    (first,) = await house.claim()
    claimed_at = house.clock.now
    await house.execute("update broadcast.messages set status = 'pending', attempts = 0")
    house.clock.forward(timedelta(minutes=7))
    await house.launcher.find_idle()
    await house.claim()
    message_id = first.message.id
    late = [
        Outcome(message_id=message_id, status=MessageStatus.PENDING, counted=False),
        Outcome(message_id=message_id, status=MessageStatus.SENT, provider_id="SM late"),
    ]
    for outcome in late:
        async with house.database.as_worker() as connection:
            await write_outcomes(
                connection, [outcome], claims=[(1, claimed_at)], now=house.clock.now
            )
    row = await house.message()
    assert (row["status"], row["attempts"], row["provider_id"]) == ("sending", 1, None)
    kept = await house.rows("select attempt, status, provider_id from broadcast.message_attempts")
    assert [tuple(each.values()) for each in kept] == [(1, "sent", "SM late")]


# --- stopping


@pytest.fixture
async def pumping(database: Database) -> AsyncIterator[tuple[House, asyncio.Task[None]]]:
    house = await build_house(database, rate=Decimal(4))
    await house.add_people(3)
    await house.launched()
    task = asyncio.create_task(house.pump.run())
    yield house, task
    task.cancel()
    await asyncio.wait({task})


async def test_a_pump_that_stops_gives_back_what_has_not_left(
    pumping: tuple[House, asyncio.Task[None]],
) -> None:
    house, task = pumping
    async with asyncio.timeout(30):
        while not house.provider.sent:  # noqa: ASYNC110 - the provider tells nobody
            await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.wait({task}, timeout=10)
    assert task.cancelled()
    sent = len(house.provider.sent)
    assert await house.counts() == {"sent": sent, "pending": 3 - sent}
    rows = await house.rows("select attempts from broadcast.messages where status = 'pending'")
    assert {row["attempts"] for row in rows} == {0}
    assert (await streams(house)).popitem()[1]["due_at"] is not None


async def test_a_pump_that_stops_waits_for_the_answers_to_what_has_left(
    pumping: tuple[House, asyncio.Task[None]],
) -> None:
    house, task = pumping
    under_way, goes_on = asyncio.Event(), asyncio.Event()

    async def slowly(message: OutgoingMessage) -> SendResult:
        under_way.set()
        await goes_on.wait()
        return await accept(message)

    house.provider.answer = slowly
    await within(30, under_way.wait())
    task.cancel()
    await asyncio.wait({task}, timeout=0.3)
    assert not task.done()
    goes_on.set()
    await asyncio.wait({task}, timeout=10)
    assert task.cancelled()
    assert "sending" not in await house.counts()


# --- the SQL of the pace


async def test_slots_that_are_booked_in_another_way_leave_the_lead_free(
    database: Database,
) -> None:
    house = await build_house(database)
    await house.add_people(1)
    await house.launched()
    lane_id = (await house.rows("select id from broadcast.lanes"))[0]["id"]

    async def reserve(kind: int, seconds: float, lead: float) -> float:
        async with database.as_worker() as connection:
            row = await pump_queries.reserve_slots(
                connection,
                lane_id=lane_id,
                kind=kind,
                lead=lead,
                seconds=seconds,
                messages=1,
                ahead=timedelta(minutes=1),
                now=house.clock.now,
            )
        return float((row["starts_at"] - house.clock.now).total_seconds())

    assert await reserve(0, 1.5, 0.0) == 0.0
    assert await reserve(3, 2.0, 0.5) == 2.0
    assert await reserve(3, 1.0, 0.5) == 4.0
    assert await reserve(-3, 1.0, 0.25) == 5.25
    assert await house.value("select handed_over from broadcast.lanes") == 4


async def test_slots_of_many_never_overlap(database: Database) -> None:
    house = await build_house(database)
    await house.add_people(1)
    await house.launched()
    lane_id = (await house.rows("select id from broadcast.lanes"))[0]["id"]

    async def reserve(seconds: float) -> tuple[datetime, float]:
        async with database.as_worker() as connection:
            row = await pump_queries.reserve_slots(
                connection,
                lane_id=lane_id,
                kind=0,
                lead=0.0,
                seconds=seconds,
                messages=1,
                ahead=timedelta(minutes=1),
                now=house.clock.now,
            )
            return row["starts_at"], seconds

    taken = sorted(await within(20, *(reserve(0.25 * (1 + n % 3)) for n in range(9))))
    end = house.clock.now
    for start, seconds in taken:
        assert start == end
        end = start + timedelta(seconds=seconds)
