"""*Retry failed* of many: the request decides and records, a task puts them back slice by slice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from clarion.broadcasts.kill_switch import KillSwitch
from clarion.db.workspaces import get_workspace
from clarion.delivery.settling.put_back import PUT_BACK, PuttingBack
from clarion.delivery.settling.retry import Retried, preview_retry, retry_failed
from clarion.kernel.errors import Conflict
from clarion.tracking.numbers import read_tracking
from support.house import House, number_of, within
from support.reports import attempts, counted, counters, hand_over, report

if TYPE_CHECKING:
    from uuid import UUID

    from clarion.broadcasts.broadcast import Broadcast
    from clarion.tracking.numbers import Tracking

SLICE = 7
FAILED = 30


@pytest.fixture(autouse=True)
async def _by_day(house: House) -> None:
    morning = house.clock.now.astimezone(ZoneInfo("America/Chicago")).replace(hour=9, minute=0)
    house.clock.now = morning


async def with_failed(house: House, failed: int = FAILED, *, code: str = "30003") -> Broadcast:
    """A completed broadcast all of whose messages have failed."""
    await house.add_people(failed)
    broadcast = await house.launched()
    await hand_over(house)
    await fail(house, code)
    await house.settler.settle()
    found = await house.read(broadcast)
    assert found.status == "completed"
    return found


async def fail(house: House, code: str) -> None:
    await house.execute(
        "update broadcast.messages set status = 'failed', error_code = %s, failed_at = %s,"
        " updated_at = %s where status = 'sent'",
        code,
        house.clock.now,
        house.clock.now,
    )


async def ask(house: House, broadcast: Broadcast) -> Retried:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await retry_failed(
            connection, house.engine, broadcast.id, now=house.clock.now, slice_size=SLICE
        )


def putting_back(house: House) -> PuttingBack:
    return PuttingBack(house.database, house.engine, house.clock, slice_size=SLICE)


def asked_for(house: House) -> list[UUID]:
    return [each.arguments["retry_id"] for each in house.engine.asked if each.task == PUT_BACK]


async def tracking(house: House, broadcast: Broadcast) -> Tracking:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await read_tracking(
            connection,
            await get_workspace(connection, house.workspace.id),
            await house.read(broadcast),
            now=house.clock.now,
        )


async def test_the_first_wait_at_once_and_a_task_puts_back_the_rest(house: House) -> None:
    broadcast = await with_failed(house)
    assert await ask(house, broadcast) == Retried(messages=FAILED, waiting=SLICE)
    assert await house.counts() == {"pending": SLICE, "failed": FAILED - SLICE}
    assert (await house.read(broadcast)).status == "sending"
    found = await tracking(house, broadcast)
    assert found.to_retry == FAILED - SLICE
    (retry_id,) = asked_for(house)
    await putting_back(house).put_back(retry_id)
    assert await house.counts() == {"pending": FAILED}
    assert len(await attempts(house)) == FAILED
    assert await counted(house) == await counters(house)
    assert (await tracking(house, broadcast)).to_retry == 0
    await putting_back(house).put_back(retry_id)
    assert {row["retries"] for row in await house.messages()} == {1}
    await house.send()
    assert sorted(each.to for each in house.provider.sent) == [
        number_of(100 + place) for place in range(FAILED)
    ]


async def test_a_few_wait_at_once_and_nobody_is_asked(house: House) -> None:
    broadcast = await with_failed(house, SLICE)
    assert await ask(house, broadcast) == Retried(messages=SLICE, waiting=SLICE)
    assert asked_for(house) == []
    await house.launcher.find_idle()
    await putting_back(house).find_idle()
    assert asked_for(house) == []


async def test_it_is_not_completed_before_all_are_put_back(house: House) -> None:
    broadcast = await with_failed(house)
    await ask(house, broadcast)
    await house.send()
    await house.settler.settle()
    assert (await house.counts())["failed"] == FAILED - SLICE
    assert (await house.read(broadcast)).status == "sending"
    (retry_id,) = asked_for(house)
    await putting_back(house).put_back(retry_id)
    await house.send()
    await house.settler.settle()
    assert (await house.read(broadcast)).status == "completed"


async def test_one_that_fails_again_meanwhile_is_not_taken_again(house: House) -> None:
    broadcast = await with_failed(house)
    await ask(house, broadcast)
    house.clock.forward(timedelta(seconds=5))
    await hand_over(house)
    await fail(house, "30003")
    (retry_id,) = asked_for(house)
    await putting_back(house).put_back(retry_id)
    assert await house.counts() == {"pending": FAILED - SLICE, "failed": SLICE}
    assert {row["retries"] for row in await house.messages()} == {1}


async def test_who_has_failed_only_after_the_asking_is_left_for_the_next(house: House) -> None:
    broadcast = await with_failed(house)
    later = (await house.messages())[-1]
    await house.execute(
        "update broadcast.messages set status = 'pending', retries = retries + 1 where id = %s",
        later["id"],
    )
    assert (await ask(house, broadcast)).messages == FAILED - 1
    house.clock.forward(timedelta(seconds=5))
    await house.execute(
        "update broadcast.messages set status = 'failed', error_code = '30003', updated_at = %s"
        " where id = %s",
        house.clock.now,
        later["id"],
    )
    (retry_id,) = asked_for(house)
    await putting_back(house).put_back(retry_id)
    assert (await house.statuses())[later["address"]] == "failed"
    assert (await house.counts())["pending"] == FAILED - 1


async def test_who_opts_out_meanwhile_is_left_out(house: House) -> None:
    broadcast = await with_failed(house)
    await ask(house, broadcast)
    left = next(row for row in await house.messages() if row["status"] == "failed")
    await report_stop(house, left["address"])
    (retry_id,) = asked_for(house)
    await putting_back(house).put_back(retry_id)
    assert (await house.statuses())[left["address"]] == "failed"
    assert (await house.counts())["pending"] == FAILED - 1
    assert (await tracking(house, broadcast)).to_retry == 0


async def report_stop(house: House, address: str) -> None:
    await house.execute(
        "insert into broadcast.suppressions (workspace_id, channel, address, reason, source)"
        " values (%s, 'sms', %s, 'opted_out', 'test')",
        house.workspace.id,
        address,
    )


async def test_one_that_has_arrived_after_all_is_not_sent_again(house: House) -> None:
    broadcast = await with_failed(house)
    await ask(house, broadcast)
    late = next(row for row in await house.messages() if row["status"] == "failed")
    await report(house, "late", "delivered", message_id=late["id"], attempt=1)
    (retry_id,) = asked_for(house)
    await putting_back(house).put_back(retry_id)
    assert (await house.statuses())[late["address"]] == "delivered"
    assert (await house.counts())["pending"] == FAILED - 1


async def test_it_goes_on_after_a_crash_and_a_lost_task(house: House) -> None:
    """A worker dies in the middle: the slice is undone, and the sweep asks for the rest."""
    broadcast = await with_failed(house)
    await ask(house, broadcast)
    (retry_id,) = asked_for(house)
    dying = putting_back(house)
    assert await dying._is_done(retry_id) is False
    held = await house.value(
        "select id from broadcast.messages where status = 'failed' order by id limit 1"
    )
    async with house.database.as_worker() as connection:
        await connection.execute("select from broadcast.messages where id = %s for update", (held,))
        going = asyncio.create_task(dying.put_back(retry_id))
        while not await house.value(
            "select count(*) from pg_locks where not granted and pid in"
            " (select pid from pg_stat_activity where datname = current_database())"
        ):
            pass
        going.cancel()
        with pytest.raises(asyncio.CancelledError):
            await going
    assert (await house.counts())["pending"] == 2 * SLICE
    house.engine.forget()
    await putting_back(house).find_idle()
    assert [str(each) for each in asked_for(house)] == [str(retry_id)]
    (asked,) = house.engine.asked
    assert asked.once == asked.alone == f"{PUT_BACK}:{retry_id}"
    await putting_back(house).put_back(retry_id)
    assert await house.counts() == {"pending": FAILED}
    assert {row["retries"] for row in await house.messages()} == {1}


async def test_many_workers_put_each_back_once(house: House) -> None:
    broadcast = await with_failed(house)
    await ask(house, broadcast)
    (retry_id,) = asked_for(house)
    await within(60, *(putting_back(house).put_back(retry_id) for _ in range(4)))
    assert await house.counts() == {"pending": FAILED}
    assert {row["retries"] for row in await house.messages()} == {1}
    assert await counted(house) == await counters(house)


async def test_while_it_is_under_way_nobody_can_ask_again(house: House) -> None:
    broadcast = await with_failed(house)
    await ask(house, broadcast)
    async with house.database.as_workspace(house.workspace.id) as connection:
        told = await preview_retry(connection, broadcast.id)
    assert told.under_way == FAILED - SLICE
    with pytest.raises(Conflict, match="23 are still to come"):
        await ask(house, broadcast)
    (retry_id,) = asked_for(house)
    await putting_back(house).put_back(retry_id)
    assert await ask(house, broadcast) == Retried(messages=0, waiting=0)


async def test_several_who_ask_at_once_begin_it_once(house: House) -> None:
    broadcast = await with_failed(house)

    async def try_to_ask() -> Retried | None:
        try:
            return await ask(house, broadcast)
        except Conflict:
            return None

    done = await within(60, *(try_to_ask() for _ in range(4)))
    assert [each for each in done if each] == [Retried(messages=FAILED, waiting=SLICE)]
    assert await house.counts() == {"pending": SLICE, "failed": FAILED - SLICE}


async def test_a_cancelled_broadcast_ends_it_and_the_rest_stays_failed(house: House) -> None:
    broadcast = await with_failed(house)
    await ask(house, broadcast)
    async with house.database.as_workspace(house.workspace.id) as connection:
        await house.broadcasts.cancel(
            connection, house.workspace, broadcast.id, now=house.clock.now
        )
    await house.launcher.cancel_pending(broadcast.id)
    (retry_id,) = asked_for(house)
    await putting_back(house).put_back(retry_id)
    assert await house.counts() == {"cancelled": SLICE, "failed": FAILED - SLICE}
    assert (await tracking(house, broadcast)).to_retry == 0
    house.engine.forget()
    await putting_back(house).find_idle()
    assert asked_for(house) == []


async def test_of_a_paused_broadcast_they_are_put_back_and_wait(house: House) -> None:
    broadcast = await with_failed(house)
    await ask(house, broadcast)
    async with house.database.as_workspace(house.workspace.id) as connection:
        await house.broadcasts.pause(connection, house.workspace, broadcast.id, now=house.clock.now)
    (retry_id,) = asked_for(house)
    await putting_back(house).put_back(retry_id)
    await house.send()
    assert await house.counts() == {"pending": FAILED}
    assert house.provider.sent == []


async def test_what_had_failed_before_does_not_stop_it_while_it_is_put_back(house: House) -> None:
    """All had failed, and most still have: that was seen by whoever asked. What fails from now on
    counts in full."""
    broadcast = await with_failed(house, 60)
    switch = KillSwitch(house.database, house.clock)
    await ask(house, broadcast)
    assert await switch.look() == 0
    (retry_id,) = asked_for(house)
    retrier = putting_back(house)
    while not await retrier._is_done(retry_id):
        assert await switch.look() == 0
    assert await house.counts() == {"pending": 60}
    assert await switch.look() == 0
    house.clock.forward(timedelta(seconds=5))
    await hand_over(house)
    await fail(house, "30003")
    assert await switch.look() == 1
    assert (await house.read(broadcast)).status == "paused"
