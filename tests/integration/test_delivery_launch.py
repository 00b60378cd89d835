"""Launching a step: everybody has a message, once, on a lane; and its time begins in one order."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from clarion.compliance.suppression import Suppressed, suppress
from clarion.delivery.health.breaker import WELL, BreakerState, Health
from clarion.delivery.lanes import Lane, Lanes, LaneSpec
from clarion.delivery.launching.launch import Launcher, pool_of
from clarion.kernel.channel import Channel
from support.house import House, build_house, number_of, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarion.broadcasts.broadcast import Broadcast
    from clarion.db.connection import Connection, Database


async def opt_out(house: House, *addresses: str) -> None:
    async with house.database.as_worker() as connection:
        await suppress(
            connection,
            house.workspace.id,
            channel=Channel.SMS,
            addresses=addresses,
            reason=Suppressed.OPTED_OUT,
            source="test",
            now=house.clock.now,
        )


async def value_of(connection: Connection, statement: str, *parameters: Any) -> Any:
    """Within the transaction, whose reading is counted."""
    row = await (await connection.execute(statement.encode(), parameters or None)).fetchone()
    assert row is not None
    (value,) = row.values()
    return value


async def streams(house: House) -> list[dict[str, Any]]:
    return await house.rows(
        "select lane_id, workspace_id, step_id, due_at from broadcast.streams order by lane_id"
    )


async def begun(house: House, people: int) -> Broadcast:
    """A broadcast whose time has come, with everybody saved and nothing written yet."""
    await house.add_people(people)
    await house.follow()
    broadcast = await house.launch(await house.draft())
    await house.saver.save(house.workspace.id, broadcast.id)
    await house.run_jobs()
    return broadcast


async def test_a_slice_reads_its_own_recipients_where_nothing_is_known_of_the_table(
    house: House,
) -> None:
    """As while the first broadcast of an installation is being saved: nobody has analyzed."""
    broadcast = await begun(house, 3)
    await house.execute(
        "insert into broadcast.broadcast_recipients"
        " (workspace_id, broadcast_id, contact_id, name, sms_address, contact)"
        " select workspace_id, id, 'more ' || n, 'Name', '+1512' || (5560000 + n), '{}'"
        " from broadcast.broadcasts, generate_series(1, 5000) n"
    )
    read = "pg_stat_get_xact_tuples_fetched('broadcast.broadcast_recipients'::regclass)"
    async with house.database.as_worker() as connection:
        for channel in ("sms", "sms_email"):
            for after in (0, 2_000):
                before = await value_of(connection, f"select {read}")
                found = await value_of(
                    connection,
                    "select count(*) from broadcast.recipients_after(%s, %s, %s, 100)",
                    broadcast.id,
                    after,
                    channel,
                )
                assert found == 100
                assert await value_of(connection, f"select {read}") - before <= 110


async def test_a_step_has_one_message_for_each_who_is_reached(house: House) -> None:
    await house.add_people(3)
    await house.add_contact(phone=None)
    broadcast = await house.launched("Hi {{ first_name }}")
    assert await house.statuses() == {number_of(n): "pending" for n in (100, 101, 102)}
    assert [row["name"] for row in await house.messages()] == [
        "Person 100",
        "Person 101",
        "Person 102",
    ]
    assert await house.counts() == {"pending": 3}
    assert (broadcast.status, broadcast.first_step.status) == ("sending", "sending")
    (stream,) = await streams(house)
    assert (stream["step_id"], stream["due_at"]) == (broadcast.first_step.id, house.clock.now)


@pytest.mark.parametrize("slice_size", [1, 2, 5, 6])
async def test_slices_of_any_size_write_everybody_once(database: Database, slice_size: int) -> None:
    house = await build_house(database, slice_size=slice_size)
    await house.add_people(5)
    broadcast = await house.launched()
    await house.launcher.launch_step(broadcast.first_step.id)
    assert await house.counts() == {"pending": 5}


async def test_a_launch_that_is_run_by_several_at_once_writes_everybody_once(
    database: Database,
) -> None:
    house = await build_house(database, slice_size=2)
    await house.add_people(9)
    await house.follow()
    broadcast = await house.launch(await house.draft())
    await house.saver.save(house.workspace.id, broadcast.id)
    await house.run_jobs()
    step_id = broadcast.first_step.id
    await within(30, *(house.launcher.launch_step(step_id) for _ in range(4)))
    assert await house.counts() == {"pending": 9}
    assert (await house.read(broadcast)).first_step.status == "sending"


async def test_who_has_opted_out_since_the_audience_was_saved_is_skipped(house: House) -> None:
    await house.add_people(2)
    await house.follow()
    broadcast = await house.launch(await house.draft())
    await house.saver.save(house.workspace.id, broadcast.id)
    await opt_out(house, number_of(101))
    await house.run_jobs()
    await house.launcher.launch_step(broadcast.first_step.id)
    assert await house.statuses() == {number_of(100): "pending", number_of(101): "skipped"}
    assert (await house.messages())[1]["skip_reason"] == "opted_out"


async def test_messages_are_written_while_others_are_being_saved(database: Database) -> None:
    """The first message leaves long before a million people are saved."""
    house = await build_house(database, slice_size=10)
    await house.add_people(25)
    await house.follow()
    broadcast = await house.launch(await house.draft())
    await house.run_jobs()
    step_id = broadcast.first_step.id
    written = []
    more = True
    while more:
        house.engine.forget()
        async with house.database.as_worker() as connection:
            more = await house.saver._save_slice(connection, house.workspace.id, broadcast.id)
        assert house.engine.tasks() == ["delivery.launch_step"]
        await house.launcher.launch_step(step_id)
        written.append((await house.counts()).get("pending", 0))
        step = (await house.read(broadcast)).first_step
        assert step.status == ("launching" if more else "sending")
    assert written == [1, 11, 21, 25]


async def test_a_broadcast_whose_first_people_have_all_been_written_to_is_not_complete(
    database: Database,
) -> None:
    house = await build_house(database, slice_size=10)
    await house.add_people(3)
    await house.follow()
    broadcast = await house.launch(await house.draft())
    await house.run_jobs()
    async with house.database.as_worker() as connection:
        await house.saver._save_slice(connection, house.workspace.id, broadcast.id)
    await house.launcher.launch_step(broadcast.first_step.id)
    await house.send()
    assert (await house.read(broadcast)).status == "sending"
    await house.saver.save(house.workspace.id, broadcast.id)
    await house.launcher.launch_step(broadcast.first_step.id)
    await house.send()
    assert (await house.read(broadcast)).status == "completed"
    assert set(house.provider.times_sent_to().values()) == {1}


async def test_a_step_whose_time_comes_before_anybody_is_saved_waits_for_them(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    broadcast = await house.launch(await house.draft())
    await house.run_jobs()
    await house.launcher.launch_step(broadcast.first_step.id)
    assert await house.messages() == []
    house.engine.forget()
    await house.saver.save(house.workspace.id, broadcast.id)
    assert set(house.engine.tasks()) == {"delivery.launch_step"}
    await house.launcher.launch_step(broadcast.first_step.id)
    assert await house.counts() == {"pending": 1}


# --- the pool


def spec(sender: str, *, rate: int = 10, provider: str = "fake", tier: int = 1) -> LaneSpec:
    return LaneSpec(
        channel=Channel.SMS,
        provider=provider,
        sender=sender,
        rate_per_second=Decimal(rate),
        tier=tier,
    )


async def launched_over(house: House, specs: Sequence[LaneSpec]) -> dict[str, str]:
    """The sender that each address has, after a launch by a process with these settings."""
    lanes = Lanes(specs)
    broadcast = await house.launch(await house.draft())
    await house.saver.save(house.workspace.id, broadcast.id)
    await house.run_jobs()
    launcher = Launcher(house.database, house.queue, lanes, house.audience, house.clock)
    await launcher.launch_step(broadcast.first_step.id)
    rows = await house.rows(
        "select m.address, l.sender from broadcast.messages m"
        " join broadcast.lanes l on l.id = m.lane_id where m.step_id = %s",
        broadcast.first_step.id,
    )
    return {row["address"]: row["sender"] for row in rows}


async def test_a_pool_is_shared_by_pace_and_each_address_keeps_its_sender(house: House) -> None:
    await house.add_people(300)
    await house.follow()
    first = await launched_over(house, [spec("a"), spec("b", rate=20)])
    again = await launched_over(house, [spec("b", rate=20), spec("a")])
    assert again == first
    assert len(first) == 300
    of_b = sum(sender == "b" for sender in first.values())
    assert 165 < of_b < 235  # two thirds, give or take chance


async def test_another_sender_takes_its_part_and_moves_nobody_else(house: House) -> None:
    await house.add_people(300)
    await house.follow()
    before = await launched_over(house, [spec("a"), spec("b")])
    after = await launched_over(house, [spec("a"), spec("b"), spec("c")])
    moved = {address for address in before if before[address] != after[address]}
    assert {after[address] for address in moved} == {"c"}
    assert 65 < len(moved) < 135  # a third, give or take chance


async def test_each_lane_of_the_pool_has_its_stream(house: House) -> None:
    await house.add_people(20)
    await house.follow()
    used = await launched_over(house, [spec("a"), spec("b")])
    assert set(used.values()) == {"a", "b"}
    found = await streams(house)
    assert len({row["lane_id"] for row in found}) == len(found) == 2
    assert {row["due_at"] for row in found} == {house.clock.now}


def lane(sender: str, provider: str, tier: int) -> Lane:
    return Lane(
        id=uuid4(),
        channel=Channel.SMS,
        provider=provider,
        sender=sender,
        rate_per_second=Decimal(1),
        segments_per_second=None,
        tier=tier,
        in_use=True,
    )


def test_a_provider_that_is_not_reached_gets_nothing_new(house: House) -> None:
    now = house.clock.now
    lanes = [lane("a", "one", 1), lane("b", "two", 1), lane("c", "three", 2)]
    closed = Health(
        state=BreakerState.OPEN, troubles=10, openings=1, retry_at=now + timedelta(seconds=9)
    )
    over = Health(state=BreakerState.OPEN, troubles=10, openings=1, retry_at=now)

    def senders(health: dict[str, Health]) -> list[str]:
        return [each.sender for each in pool_of(lanes, health, now=now)]

    assert senders({}) == ["a", "b"]
    assert senders({"one": closed}) == ["b"]
    assert senders({"one": closed, "two": closed}) == ["c"]
    assert senders({"one": over, "two": closed}) == ["a"]
    assert senders({"one": closed, "two": closed, "three": closed}) == ["a", "b"]
    assert senders({"one": WELL, "three": closed}) == ["a", "b"]


# --- beginning and cancelling at once


async def test_a_cancel_and_the_time_of_the_step_never_wait_for_each_other(house: House) -> None:
    """Both take the broadcast first. Held here by a third, so that both wait for it at once."""
    broadcast = await begun_not_yet(house)

    async def cancel() -> None:
        async with house.database.as_workspace(house.workspace.id) as connection:
            await house.broadcasts.cancel(
                connection, house.workspace, broadcast.id, now=house.clock.now
            )

    async with house.database.as_worker() as third:
        await third.execute(
            "select from broadcast.broadcasts where id = %s for update", [broadcast.id]
        )
        both = [asyncio.create_task(house.run_jobs()), asyncio.create_task(cancel())]
        await until_waiting(house, 2)
        # Neither holds what the other will want next: a step that somebody waits for is free.
        await third.execute(
            "select from broadcast.broadcast_steps where broadcast_id = %s for update nowait",
            [broadcast.id],
        )
    await within(30, *both)
    assert (await house.read(broadcast)).status == "cancelled"


async def begun_not_yet(house: House) -> Broadcast:
    await house.add_people(1)
    await house.follow()
    return await house.launch(await house.draft())


_WAITING = """
select count(distinct pid) from pg_locks
where not granted and pid in (select pid from pg_stat_activity where datname = current_database())
"""


async def until_waiting(house: House, count: int) -> None:
    """Until so many connections wait for a lock."""
    async with asyncio.timeout(20):
        while await house.value(_WAITING) < count:  # noqa: ASYNC110 - only the server knows
            await asyncio.sleep(0.02)
