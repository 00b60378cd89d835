"""A worker: runs the queue's tasks, and the rounds that leave nothing lying about."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from clarion.audience.follow import follow
from clarion.audience.store import queries as audience_queries
from clarion.db.workspaces import all_workspaces
from clarion.kernel.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from clarion.wiring.clarion import Clarion

log = logging.getLogger(__name__)

#: How soon after its time a job that nobody began is put again.
_LOST_AFTER = timedelta(seconds=30)

#: After a failed round; the next one may find the database back.
_AFTER_TROUBLE = 1.0


async def work(clarion: Clarion) -> None:
    """Until cancelled. Any number of workers, on any hosts, may run on one database."""
    async with clarion.engine.app.open_async(), asyncio.TaskGroup() as group:
        rounds = [
            group.create_task(_forever(name, each, pause))
            for name, each, pause in (
                ("tracking.apply", lambda: _apply(clarion), 0.2),
                ("audience.follow", lambda: _follow(clarion), 0.4),
                ("delivery.settle", clarion.settler.settle, 2.0),
                ("queue.revive", lambda: _revive(clarion), 3.0),
                ("audience.segments", clarion.measurer.find_work, 900.0),
                ("broadcast.housekeeping", lambda: _keep_house(clarion), 3600.0),
            )
        ]
        try:
            await clarion.engine.work(concurrency=clarion.settings.worker_concurrency)
        finally:
            for each in rounds:
                each.cancel()


async def _forever(name: str, one_round: Callable[[], Awaitable[object]], pause: float) -> None:
    """A round at a time; one that does something is followed by the next at once."""
    while True:
        try:
            busy = await one_round()
        except Exception:
            # A round that fails (the database restarts) must not end the worker: it says so and
            # the next one tries again. Nothing is lost, since every round begins at the ledger.
            log.exception("%s failed", name)
            await asyncio.sleep(_AFTER_TROUBLE)
            continue
        await asyncio.sleep(0 if busy is True else pause)


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
    await clarion.export_writer.find_idle()


async def _keep_house(clarion: Clarion) -> None:
    async with clarion.database.as_worker() as connection:
        await connection.execute("select broadcast.make_event_partitions(current_date)")
        await audience_queries.prune_changes(connection)
    await clarion.export_writer.expire()
