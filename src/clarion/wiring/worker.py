"""A worker: runs the queue's tasks, and the rounds that leave nothing lying about."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from clarion.audience.fill_zones import fill_zones
from clarion.audience.follow import follow
from clarion.audience.store import queries as audience_queries
from clarion.db.workspaces import all_workspaces
from clarion.kernel.clock import utc_now
from clarion.kernel.stopping import stop_if_cancelled
from clarion.wiring.heartbeats import HANGS_AFTER, Heartbeats

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from clarion.wiring.clarion import Clarion
    from clarion.wiring.heartbeats import Heart

log = logging.getLogger(__name__)

#: How soon after its time a job that nobody began is put again.
_LOST_AFTER = timedelta(seconds=30)

#: After a failed round; the next one may find the database back.
_AFTER_TROUBLE = 1.0

#: A round that fails again and again is told of once in this many seconds.
_TOLD_AGAIN_AFTER = 60.0

#: The hour's housekeeping may have a day of a large house to throw away, and a provider may take
#: its time over each question.
_HANGS_AFTER = {
    "broadcast.housekeeping": 600.0,
    "delivery.settle": 600.0,
    "delivery.sweep": 600.0,
}


async def work(clarion: Clarion, heartbeats: Heartbeats | None = None) -> None:
    """Until cancelled. Any number of workers, on any hosts, may run on one database."""
    hearts = heartbeats or Heartbeats()
    # All of them are asked to stop in one moment, and what they have under way ends side by side.
    async with clarion.engine.opened(), asyncio.TaskGroup() as group:
        stop_if_cancelled()
        group.create_task(_run_tasks(clarion))
        group.create_task(clarion.pump.run(hearts.of("delivery.pump").beat))
        for name, each, pause in (
            ("tracking.apply", lambda: _apply(clarion), 0.2),
            ("audience.follow", lambda: _follow(clarion), 0.4),
            ("broadcasts.kill_switch", clarion.kill_switch.look, 1.0),
            ("delivery.reroute", clarion.rerouter.reroute, 1.0),
            ("tracking.revive", clarion.applier.revive_unmatched, 3.0),
            ("delivery.settle", clarion.settler.settle, 2.0),
            ("delivery.second_channel", clarion.second_channel.look, 5.0),
            ("delivery.sweep", clarion.sweeper.sweep, 15.0),
            ("queue.revive", lambda: _revive(clarion), 3.0),
            ("audience.phone_zones", lambda: fill_zones(clarion.database), 300.0),
            ("audience.segments", clarion.measurer.find_work, 900.0),
            ("broadcast.housekeeping", lambda: _keep_house(clarion), 3600.0),
        ):
            heart = hearts.of(name, within=_HANGS_AFTER.get(name, HANGS_AFTER))
            group.create_task(_forever(heart, each, pause))


async def _run_tasks(clarion: Clarion) -> None:
    """The queue's tasks, until cancelled; the engine's worker begins anew when it has ended."""
    while True:
        try:
            await clarion.engine.work(concurrency=clarion.settings.worker_concurrency)
        except Exception:
            log.exception("worker.tasks_stopped")
        stop_if_cancelled()
        await asyncio.sleep(_AFTER_TROUBLE)


async def _forever(heart: Heart, one_round: Callable[[], Awaitable[object]], pause: float) -> None:
    """A round at a time; one that does something is followed by the next at once."""
    failures, told_at = 0, 0.0
    while True:
        heart.beat()
        try:
            busy = await one_round()
        except Exception:
            # A round that fails (the database restarts) must not end the worker: it says so and
            # the next one tries again. Nothing is lost, since every round begins at the ledger.
            failures += 1
            if failures == 1 or time.monotonic() > told_at + _TOLD_AGAIN_AFTER:
                log.exception("worker.round_fails", extra={"round": heart.name, "times": failures})
                told_at = time.monotonic()
            heart.beat(rest=_AFTER_TROUBLE)
            stop_if_cancelled()
            await asyncio.sleep(_AFTER_TROUBLE)
            continue
        if failures:
            log.info("worker.round_works_again", extra={"round": heart.name, "failed": failures})
            failures = 0
        rest = 0.0 if busy is True else pause
        heart.beat(rest=rest)
        stop_if_cancelled()
        await asyncio.sleep(rest)


async def _apply(clarion: Clarion) -> bool:
    return await clarion.applier.apply_batch() > 0


async def _follow(clarion: Clarion) -> bool:
    async with clarion.database.as_worker() as connection:
        workspaces = await all_workspaces(connection)
    more = [
        await follow(clarion.database, clarion.audience.store, workspace, now=utc_now())
        for workspace in workspaces
    ]
    return any(more)


async def _revive(clarion: Clarion) -> None:
    """Tasks of dead workers, jobs and steps that nobody holds: all are asked for again."""
    await clarion.engine.revive()
    async with clarion.database.as_worker() as connection:
        await clarion.queue.find_lost(connection, now=utc_now(), after=_LOST_AFTER)
    await clarion.launcher.find_idle()
    await clarion.putting_back.find_idle()
    await clarion.export_writer.find_idle()
    await clarion.step_test_sender.find_lost()


async def _keep_house(clarion: Clarion) -> None:
    async with clarion.database.as_worker() as connection:
        await connection.execute("select broadcast.make_event_partitions(current_date)")
        await audience_queries.prune_changes(connection)
    await clarion.export_writer.expire()
    await clarion.step_test_sender.forget_old()
