"""Lanes follow the settings, and what waits on a lane out of use finds another one."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from clarion.delivery.lanes import FALLBACK, Lane, Lanes, LaneSpec
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from clarion.db.connection import Database

A, B, C = "+15125550001", "+15125550002", "+15125550003"


def sms(sender: str, **changes: Any) -> LaneSpec:
    given: dict[str, Any] = {"provider": "twilio", "rate_per_second": Decimal(10), **changes}
    return LaneSpec(channel=Channel.SMS, sender=sender, **given)


async def rows(database: Database, statement: str, *parameters: object) -> list[dict[str, Any]]:
    async with database.as_worker() as connection:
        cursor = await connection.execute(statement.encode(), parameters or None)
        return await cursor.fetchall() if cursor.description else []


async def senders_of(database: Database, lanes: Lanes) -> list[str]:
    async with database.as_worker() as connection:
        return [lane.sender for lane in await lanes.of(connection, Channel.SMS)]


async def versions(database: Database) -> dict[str, tuple[str, bool]]:
    """Sender → the version of its row, and whether it is in use."""
    found = await rows(
        database, "select sender, xmin::text as version, in_use from broadcast.lanes"
    )
    return {row["sender"]: (row["version"], row["in_use"]) for row in found}


async def test_the_lanes_are_made_from_the_settings_the_pool_first(database: Database) -> None:
    specs = [
        sms(B, segments_per_second=Decimal(3)),
        sms(C, provider="twilio_fallback", tier=FALLBACK),
        sms(A),
        LaneSpec(
            channel=Channel.EMAIL, provider="sendgrid", sender="a@b.c", rate_per_second=Decimal(5)
        ),
    ]
    lanes = Lanes(specs)
    async with database.as_worker() as connection:
        found = await lanes.of(connection, Channel.SMS)
        assert len(await lanes.of(connection, Channel.EMAIL)) == 1
    assert [(each.sender, each.tier, each.provider) for each in found] == [
        (A, 1, "twilio"),
        (B, 1, "twilio"),
        (C, 2, "twilio_fallback"),
    ]
    assert [each.segments_per_second for each in found] == [None, Decimal(3), None]
    assert all(each.in_use and each.rate_per_second == 10 for each in found)


async def test_a_channel_without_a_sender_has_no_lane(database: Database) -> None:
    lanes = Lanes([sms(A)])
    assert (lanes.has(Channel.SMS), lanes.has(Channel.EMAIL)) == (True, False)
    async with database.as_worker() as connection:
        assert await lanes.of(connection, Channel.EMAIL) == []
    assert lanes.specs(Channel.EMAIL) == []


async def test_nothing_is_written_or_locked_when_the_rows_are_as_the_settings_say(
    database: Database,
) -> None:
    # A third of a message cannot be kept exactly, and is no difference all the same.
    specs = [sms(A, rate_per_second=Decimal(1) / 3), sms(B, segments_per_second=Decimal("1.00005"))]
    await senders_of(database, Lanes(specs))
    before = await versions(database)
    async with database.as_worker() as holding, asyncio.timeout(10):
        await holding.execute("select from broadcast.lanes for update")
        lanes = Lanes(specs)
        for _ in range(2):
            assert await senders_of(database, lanes) == [A, B]
    assert await versions(database) == before


async def test_what_is_known_is_not_asked_for_again(database: Database) -> None:
    lanes = Lanes([sms(A)])
    for _ in range(2):
        await senders_of(database, lanes)
    await rows(database, "update broadcast.lanes set rate_per_second = 99")
    async with database.as_worker() as connection:
        (lane,) = await lanes.of(connection, Channel.SMS)
    assert lane.rate_per_second == 10


async def test_only_the_lane_that_differs_is_written(database: Database) -> None:
    await senders_of(database, Lanes([sms(A), sms(B)]))
    before = await versions(database)
    changed = Lanes([sms(A), sms(B, rate_per_second=Decimal(20), tier=FALLBACK)])
    async with database.as_worker() as connection:
        found = await changed.of(connection, Channel.SMS)
    assert [(each.sender, each.rate_per_second, each.tier) for each in found] == [
        (A, Decimal(10), 1),
        (B, Decimal(20), 2),
    ]
    after = await versions(database)
    assert after[A] == before[A]
    assert after[B] != before[B]


async def test_a_sender_that_the_settings_no_longer_name_goes_out_of_use_and_may_come_back(
    database: Database,
) -> None:
    await senders_of(database, Lanes([sms(A), sms(B)]))
    assert await senders_of(database, Lanes([sms(B)])) == [B]
    assert {sender: each[1] for sender, each in (await versions(database)).items()} == {
        A: False,
        B: True,
    }
    assert await senders_of(database, Lanes([sms(A), sms(B)])) == [A, B]
    assert all(in_use for _, in_use in (await versions(database)).values())


async def test_lanes_of_another_channel_are_left_alone(database: Database) -> None:
    mail = LaneSpec(
        channel=Channel.EMAIL, provider="sendgrid", sender="a@b.c", rate_per_second=Decimal(5)
    )
    lanes = Lanes([sms(A), mail])
    async with database.as_worker() as connection:
        await lanes.of(connection, Channel.EMAIL)
        await lanes.of(connection, Channel.SMS)
    await senders_of(database, Lanes([sms(B)]))
    assert (await versions(database))["a@b.c"][1]


async def test_lanes_of_a_transaction_that_was_undone_are_not_remembered(
    database: Database,
) -> None:
    lanes = Lanes([sms(A)])

    async def undone() -> None:
        async with database.as_worker() as connection:
            await lanes.of(connection, Channel.SMS)
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await undone()
    async with database.as_worker() as connection:
        (lane,) = await lanes.of(connection, Channel.SMS)
    (row,) = await rows(database, "select id from broadcast.lanes")
    assert lane.id == row["id"]


async def test_workers_that_start_together_with_other_settings_do_not_hinder_each_other(
    database: Database,
) -> None:
    settings = ([sms(A), sms(B)], [sms(B), sms(C)], [sms(C), sms(A)])
    async with asyncio.timeout(20):
        await asyncio.gather(
            *(senders_of(database, Lanes(settings[each % 3])) for each in range(24))
        )
    in_use = {sender for sender, (_, used) in (await versions(database)).items() if used}
    assert in_use in ({A, B}, {B, C}, {C, A})


async def test_what_falls_back_goes_to_the_lane_of_the_next_tier_that_is_free_first(
    database: Database,
) -> None:
    specs = [
        sms(A),
        sms(B, provider="twilio_fallback", tier=FALLBACK),
        sms(C, provider="twilio_fallback", tier=FALLBACK),
    ]
    lanes = Lanes(specs)
    async with database.as_worker() as connection:
        first, second, third = await lanes.of(connection, Channel.SMS)
        await connection.execute(
            "update broadcast.lanes set next_free_at = now() where id = %s", [second.id]
        )
        assert await lanes.fallback_of(connection, first.id) == third
        assert await lanes.fallback_of(connection, second.id) is None
        await connection.execute(
            "update broadcast.lanes set in_use = false where id = %s", [third.id]
        )
        assert await lanes.fallback_of(connection, first.id) == second


# --- messages that wait on a lane


async def step(database: Database) -> dict[str, UUID]:
    (made,) = await rows(
        database,
        "with made as (insert into broadcast.broadcasts (workspace_id, name, broadcast_type,"
        " status, created_by) values (%s, 'Spring', 'sms', 'sending', 'ana') returning id)"
        " insert into broadcast.broadcast_steps (workspace_id, broadcast_id, position, channel,"
        " time_zone, status) select %s, id, 1, 'sms', 'UTC', 'sending' from made"
        " returning id as step_id, broadcast_id",
        DEFAULT_WORKSPACE,
        DEFAULT_WORKSPACE,
    )
    return made


async def waiting(database: Database, lane: UUID, of: dict[str, UUID], count: int) -> None:
    """So many messages of a step, one due each minute, and their stream."""
    await rows(
        database,
        "insert into broadcast.messages (workspace_id, broadcast_id, step_id, channel, address,"
        " lane_id, due_at) select %s, %s, %s, 'sms', '+1512555' || lpad(n::text, 4, '0'), %s,"
        " now() + make_interval(mins => n) from generate_series(1, %s) n",
        DEFAULT_WORKSPACE,
        of["broadcast_id"],
        of["step_id"],
        lane,
        count,
    )
    await rows(
        database,
        "insert into broadcast.streams (workspace_id, lane_id, step_id, due_at)"
        " select %s, %s, %s, min(due_at) from broadcast.messages where step_id = %s",
        DEFAULT_WORKSPACE,
        lane,
        of["step_id"],
        of["step_id"],
    )


async def waiting_alone(database: Database, lane: UUID, count: int) -> None:
    """Single messages of the workspace, and their stream."""
    for number in range(count):
        await rows(
            database,
            "with job as (insert into broadcast.queue_jobs (workspace_id, kind, payload,"
            " scheduled_at, fingerprint, engine, created_by) values (%s, 'message', '{}', now(),"
            " '', 'built_in', 'ana') returning id)"
            " insert into broadcast.messages (workspace_id, job_id, channel, address, lane_id)"
            " select %s, id, 'sms', %s, %s from job",
            DEFAULT_WORKSPACE,
            DEFAULT_WORKSPACE,
            f"+1512555{number:04}",
            lane,
        )
    await rows(
        database,
        "insert into broadcast.streams (workspace_id, lane_id, due_at) values (%s, %s, now())",
        DEFAULT_WORKSPACE,
        lane,
    )


async def lanes_of_messages(database: Database) -> dict[str, int]:
    found = await rows(
        database,
        "select sender, count(*)::int as messages from broadcast.messages m"
        " join broadcast.lanes l on l.id = m.lane_id where status = 'pending' group by sender",
    )
    return {row["sender"]: row["messages"] for row in found}


async def streams(database: Database) -> dict[str, bool]:
    """Sender → whether its streams say when the first of their messages is due, as they must."""
    found = await rows(
        database,
        "select l.sender, bool_and(s.due_at <= coalesce((select min(m.due_at)"
        "  from broadcast.messages m where m.status = 'pending' and m.lane_id = s.lane_id"
        "  and m.step_id is not distinct from s.step_id), 'infinity')) as holds"
        " from broadcast.streams s join broadcast.lanes l on l.id = s.lane_id group by l.sender",
    )
    return {row["sender"]: row["holds"] for row in found}


async def retire(database: Database, lanes: Lanes, *, limit: int = 1_000) -> list[int]:
    """Slices until nothing is left."""
    moved: list[int] = []
    while not moved or moved[-1]:
        async with database.as_worker() as connection:
            moved.append(await lanes.retire(connection, Channel.SMS, limit=limit))
        assert len(moved) < 100
    return moved


async def pool(database: Database, *specs: LaneSpec) -> tuple[Lanes, dict[str, Lane]]:
    lanes = Lanes(specs)
    async with database.as_worker() as connection:
        return lanes, {lane.sender: lane for lane in await lanes.of(connection, Channel.SMS)}


async def test_messages_of_a_lane_out_of_use_go_to_the_pool_slice_by_slice(
    database: Database,
) -> None:
    _, known = await pool(database, sms(A))
    first, second = await step(database), await step(database)
    await waiting(database, known[A].id, first, 25)
    await waiting(database, known[A].id, second, 5)
    await waiting_alone(database, known[A].id, 3)
    specs = [sms(B), sms(C), sms("+15125550004", provider="twilio_fallback", tier=FALLBACK)]
    lanes, _ = await pool(database, *specs)
    moved = await retire(database, lanes, limit=10)
    assert sum(moved) == 33
    assert max(moved) == 10
    where = await lanes_of_messages(database)
    assert set(where) == {B, C}  # both of the pool, and what is fallen back to has none
    assert await streams(database) == {A: True, B: True, C: True}
    idle = await rows(
        database, "select due_at::text from broadcast.streams where lane_id = %s", known[A].id
    )
    assert {row["due_at"] for row in idle} == {"infinity"}


async def test_an_address_goes_to_the_same_lane_in_every_step(database: Database) -> None:
    _, known = await pool(database, sms(A))
    for _ in range(2):
        await waiting(database, known[A].id, await step(database), 40)
    lanes, _ = await pool(database, sms(B), sms(C))
    await retire(database, lanes)
    split = await rows(
        database,
        "select address from broadcast.messages group by address"
        " having count(distinct lane_id) > 1",
    )
    assert split == []
    assert min((await lanes_of_messages(database)).values()) > 10


async def test_messages_stay_while_no_lane_of_their_channel_is_in_use(database: Database) -> None:
    _, known = await pool(database, sms(A))
    await waiting(database, known[A].id, await step(database), 3)
    await rows(database, "update broadcast.lanes set in_use = false")
    assert await retire(database, Lanes([])) == [0]
    assert await lanes_of_messages(database) == {A: 3}


async def test_what_is_claimed_or_ended_does_not_move(database: Database) -> None:
    _, known = await pool(database, sms(A))
    await waiting(database, known[A].id, await step(database), 6)
    for number, status in enumerate(("sending", "cancelled", "failed"), start=1):
        await rows(
            database,
            "update broadcast.messages set status = %s where address = %s",
            status,
            f"+1512555{number:04}",
        )
    lanes, _ = await pool(database, sms(B))
    assert await retire(database, lanes) == [3, 0]
    (left,) = await rows(
        database, "select count(*) as n from broadcast.messages where lane_id = %s", known[A].id
    )
    assert left["n"] == 3


async def test_what_another_worker_holds_is_moved_later_and_nothing_waits_for_it(
    database: Database,
) -> None:
    _, known = await pool(database, sms(A))
    await waiting(database, known[A].id, await step(database), 6)
    lanes, _ = await pool(database, sms(B))
    async with database.as_worker() as holding, asyncio.timeout(10):
        await holding.execute(
            "select from broadcast.messages where address <= '+15125550002' for update"
        )
        assert await retire(database, lanes) == [4, 0]
        assert (await streams(database))[A]
    assert await retire(database, lanes) == [2, 0]
    assert await lanes_of_messages(database) == {B: 6}
    # These are due earlier than those that were moved before.
    assert (await streams(database))[B]


async def test_a_stream_that_is_held_or_has_nothing_left_does_not_hide_the_next(
    database: Database,
) -> None:
    _, known = await pool(database, sms(A))
    held, empty, last = [await step(database) for _ in range(3)]
    for of in (held, empty, last):
        await waiting(database, known[A].id, of, 2)
    for hour, of in enumerate((held, empty, last)):
        await rows(
            database,
            "update broadcast.streams set due_at = now() - make_interval(hours => %s)"
            " where step_id = %s",
            9 - hour,
            of["step_id"],
        )
    await rows(
        database,
        "update broadcast.messages set due_at = now() - interval '9 hours' where step_id = %s",
        held["step_id"],
    )
    await rows(
        database,
        "update broadcast.messages set status = 'cancelled' where step_id = %s",
        empty["step_id"],
    )
    lanes, _ = await pool(database, sms(B))
    async with database.as_worker() as holding, asyncio.timeout(10):
        await holding.execute(
            "select from broadcast.messages where step_id = %s for update", [held["step_id"]]
        )
        async with database.as_worker() as connection:
            assert await lanes.retire(connection, Channel.SMS) == 2
    assert await lanes_of_messages(database) == {A: 2, B: 2}
    assert (await streams(database))[A]


async def test_messages_written_while_their_stream_is_moved_are_not_forgotten(
    database: Database,
) -> None:
    _, known = await pool(database, sms(A))
    of = await step(database)
    await waiting(database, known[A].id, of, 3)
    lanes, _ = await pool(database, sms(B))
    async with database.as_worker() as writing:
        # A launch that still knows the former lane: a message, then the word to its stream.
        await writing.execute(
            "insert into broadcast.messages (workspace_id, broadcast_id, step_id, channel,"
            " address, lane_id) values (%s, %s, %s, 'sms', '+15125559999', %s)",
            [DEFAULT_WORKSPACE, of["broadcast_id"], of["step_id"], known[A].id],
        )
        assert await retire(database, lanes) == [3, 0]
        await writing.execute(
            "insert into broadcast.streams as s (workspace_id, lane_id, step_id, due_at)"
            " values (%s, %s, %s, now()) on conflict (lane_id, workspace_id, step_id)"
            " do update set due_at = least(s.due_at, excluded.due_at)",
            [DEFAULT_WORKSPACE, known[A].id, of["step_id"]],
        )
    assert await retire(database, lanes) == [1, 0]
    assert await lanes_of_messages(database) == {B: 4}


async def test_two_workers_that_move_at_once_move_each_message_once(database: Database) -> None:
    _, known = await pool(database, sms(A))
    for _ in range(3):
        await waiting(database, known[A].id, await step(database), 40)
    lanes, _ = await pool(database, sms(B), sms(C))
    async with asyncio.timeout(20):
        moved = await asyncio.gather(*(retire(database, lanes, limit=7) for _ in range(3)))
    assert sum(map(sum, moved)) + sum(await retire(database, lanes)) == 120
    assert A not in await lanes_of_messages(database)
    assert all((await streams(database)).values())


async def test_the_messages_of_a_lane_can_be_given_to_another_one(database: Database) -> None:
    """As when its provider is down, and there is one to fall back to."""
    lanes, known = await pool(
        database, sms(A), sms(B), sms(C, provider="twilio_fallback", tier=FALLBACK)
    )
    await waiting(database, known[A].id, await step(database), 4)
    async with database.as_worker() as connection:
        assert await lanes.move(connection, known[A].id, []) == 0
        assert await lanes.move(connection, known[B].id, [known[C]]) == 0
        assert await lanes.move(connection, known[A].id, [known[C]]) == 4
        assert await lanes.move(connection, known[A].id, [known[C]]) == 0
    assert await lanes_of_messages(database) == {C: 4}
