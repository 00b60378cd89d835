"""Writes the second messages of steps that go on the second channel when the first has not done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from clarion.broadcasts.step import StepChannel, StepStatus
from clarion.broadcasts.store import step_of
from clarion.db.queries import rows
from clarion.delivery.complete import complete
from clarion.delivery.health.store import read_health
from clarion.delivery.launching.launch import pool_of
from clarion.delivery.launching.store import queries
from clarion.delivery.streams import touch_streams

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from clarion.db.connection import Connection, Database, Row
    from clarion.delivery.lanes import Lanes
    from clarion.queue.service import QueueService

#: Messages that one transaction looks through.
SLICE = 5_000

#: A step is looked through again after so long while its first messages still have their time.
_AGAIN_AFTER = timedelta(minutes=1)


class SecondChannel:
    """Any number of workers may run it: a step's row is the lock, and a message that is there is
    not written again."""

    def __init__(
        self,
        database: Database,
        queue: QueueService,
        lanes: Lanes,
        clock: Callable[[], datetime],
        *,
        slice_size: int = SLICE,
    ) -> None:
        self._database = database
        self._queue = queue
        self._lanes = lanes
        self._clock = clock
        self._slice = slice_size
        self._looked_at: dict[UUID, datetime] = {}

    async def look(self) -> bool:
        """One round over the steps that await their second messages; whether any was written."""
        async with self._database.as_worker() as connection:
            waiting = await rows(queries.awaiting_second(connection))
        now = self._clock()
        wrote = False
        for row in waiting:
            last = self._looked_at.get(row["id"])
            if last is not None and now < last + _AGAIN_AFTER:
                continue
            wrote = await self._look_through(row["id"]) or wrote
            self._looked_at[row["id"]] = now
        self._looked_at = {
            id_: at
            for id_, at in self._looked_at.items()
            if any(id_ == row["id"] for row in waiting)
        }
        return wrote

    async def _look_through(self, step_id: UUID) -> bool:
        after, wrote = UUID(int=0), False
        while True:
            async with self._database.as_worker() as connection:
                written = await self._one_slice(connection, step_id, after)
            if written is None:
                return wrote
            wrote = wrote or bool(written["written"])
            if written["last_id"] is None:
                return wrote
            after = written["last_id"]

    async def _one_slice(self, connection: Connection, step_id: UUID, after: UUID) -> Row | None:
        """None when the step is over, or somebody else is at it. `last_id` None: that was all."""
        row = await queries.hold_awaiting(connection, step_id=step_id)
        if row is None:
            return None
        step, now = step_of(row), self._clock()
        if step.channel is not StepChannel.SMS_EMAIL:
            return None
        lanes = await self._lanes.of(connection, step.both.second)
        pool = pool_of(lanes, await read_health(connection), now=now)
        written: Row = await queries.write_second(
            connection,
            workspace_id=row["workspace_id"],
            broadcast_id=step.broadcast_id,
            step_id=step_id,
            first=step.both.first,
            second=step.both.second,
            after=after,
            limit=self._slice,
            sent_before=now - timedelta(hours=step.both.after_hours),
            lane_ids=[lane.id for lane in pool],
            weights=[float(lane.rate_per_second) for lane in pool],
            now=now,
        )
        if written["written"]:
            await touch_streams(
                connection,
                workspace_id=row["workspace_id"],
                step_id=step_id,
                lane_ids=[lane.id for lane in pool],
                due_at=now,
            )
        if (
            written["last_id"] is None
            and step.status is StepStatus.SENDING  # all first messages are written
            and not await queries.first_has_time(
                connection,
                step_id=step_id,
                first=step.both.first,
                sent_before=now - timedelta(hours=step.both.after_hours),
            )
        ):
            await queries.second_done(connection, step_id=step_id, now=now)
            await complete(connection, self._queue, step_ids=[step_id], now=now)
        return written
