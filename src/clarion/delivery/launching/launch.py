"""Launches a step: writes its messages from the saved recipients, and asks for senders."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from clarion.broadcasts import store as broadcast_store
from clarion.broadcasts.audience_mode import ask_to_save
from clarion.broadcasts.late import settle_missed_time
from clarion.broadcasts.save_recipients import LAUNCH_STEP
from clarion.broadcasts.service import CANCEL_PENDING
from clarion.broadcasts.step import StepChannel
from clarion.db.queries import rows
from clarion.delivery.complete import complete
from clarion.delivery.health.breaker import WELL, Verdict, may_send
from clarion.delivery.health.store import read_health
from clarion.delivery.launching.slices import read_turns, write_slice
from clarion.delivery.launching.store import queries
from clarion.delivery.streams import find_forgotten, touch_streams, wake_broadcast
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from clarion.audience.service import Audience
    from clarion.db.connection import Connection, Database, Row
    from clarion.delivery.health.breaker import Health
    from clarion.delivery.lanes import Lane, Lanes
    from clarion.queue.job import Job
    from clarion.queue.service import QueueService

#: Tasks that sent messages before the pump did. One that is left in the queue does nothing.
FORMER_TASKS = ("delivery.send_step", "delivery.send_direct")

#: Turns that are left when the last one is written: up to when it is done, and the one itself.
_LAST_TURN = 2

#: One transaction each: the first messages leave while the rest is still being written.
SLICE = 10_000


def pool_of(lanes: Sequence[Lane], health: Mapping[str, Health], *, now: datetime) -> list[Lane]:
    """The lanes that new messages are spread over: of the first tier in which a provider can be
    reached those whose provider can; all of the first tier when none can. `lanes` in tier order."""
    reachable = [
        lane
        for lane in lanes
        if may_send(health.get(lane.provider, WELL), now=now) is not Verdict.NO
    ]
    chosen = reachable or lanes
    return [lane for lane in chosen if lane.tier == chosen[0].tier]


class Launcher:
    def __init__(
        self,
        database: Database,
        queue: QueueService,
        lanes: Lanes,
        audience: Audience,
        clock: Callable[[], datetime],
        *,
        slice_size: int = SLICE,
    ) -> None:
        self._database = database
        self._queue = queue
        self._audience = audience
        self._lanes = lanes
        self._clock = clock
        self._slice = slice_size

    async def begin(self, connection: Connection, jobs: Sequence[Job], *, now: datetime) -> None:
        """The queue service says that the time of these steps has come."""
        for job in jobs:
            step_id = UUID(job.payload["step_id"])
            skipped = await settle_missed_time(connection, step_id, job.workspace_id, now=now)
            if skipped is not None:
                await self._queue.finish(connection, {job.id: skipped}, now=now)
                continue
            begun = await broadcast_store.queries.begin_step(
                connection,
                step_id=step_id,
                workspace_id=job.workspace_id,
                job_id=job.id,
                now=now,
            )
            if begun is None:
                words = await self._why_not(connection, step_id, job.workspace_id)
                await self._queue.finish(connection, {job.id: words}, now=now)
                continue
            former = begun["former_job_id"]
            if former not in (None, job.id):
                await self._queue.give_up(connection, job.workspace_id, former, now=now)
            await self.ask_to_launch(connection, step_id)

    async def _why_not(self, connection: Connection, step_id: UUID, workspace_id: UUID) -> str:
        found = await rows(
            broadcast_store.queries.steps_by_ids(
                connection, workspace_id=workspace_id, ids=[step_id]
            )
        )
        if not found:
            return "There is no such step."
        status = found[0]["status"]
        if status == "cancelled":
            return "The broadcast was cancelled."
        if status == "draft":
            return "The broadcast was not launched."
        return "Another job has begun this step."

    async def ask_to_launch(self, connection: Connection, step_id: UUID) -> None:
        await self._queue.engine.defer(
            connection, LAUNCH_STEP, once=f"{LAUNCH_STEP}:{step_id}", step_id=str(step_id)
        )

    async def launch_step(self, step_id: UUID) -> None:
        """Until all messages are written, or those of all who are saved so far; may run twice: the
        step's row is the lock, and a message that is there is not written again."""
        async with self._database.as_worker() as connection:
            await self._begin_saving(connection, step_id)
        more = True
        while more:
            async with self._database.as_worker() as connection:
                more = await self._launch_slice(connection, step_id)

    async def _begin_saving(self, connection: Connection, step_id: UUID) -> None:
        """Of an audience that is resolved at send nobody is saved before; whoever ends the saving
        asks for the launch again. In a transaction of its own, in which the step is not held: who
        cancels takes the broadcast first and then its steps."""
        begun = await broadcast_store.queries.begin_saving_at_send(
            connection, step_id=step_id, now=self._clock()
        )
        if begun is not None:
            await ask_to_save(
                self._queue.engine, connection, WorkspaceId(begun["workspace_id"]), begun["id"]
            )

    async def _launch_slice(self, connection: Connection, step_id: UUID) -> bool:
        step = await queries.lock_step(connection, step_id=step_id)
        if step is None or step["status"] != "launching" or step["saving"] == "none":
            # Not due yet, or nobody is saved yet: whoever saves the first ones asks again.
            return False
        if step["discards"]:
            return False
        if step["broadcast_status"] not in ("sending", "paused"):
            return False
        now = self._clock()
        if not await self._is_its_turn(connection, step, now=now):
            # The sweep asks again until it is.
            return False
        pools = {
            channel: await self._pool(connection, channel, now=now)
            for channel in StepChannel(step["channel"]).channels
        }
        written, due_at = await write_slice(
            connection, self._audience, step, pools, limit=self._slice, now=now
        )
        reached_the_end = written["seen"] < self._slice
        turns = step["launch_turns"] or ()
        finished = reached_the_end and step["saving"] == "saved" and len(turns) <= _LAST_TURN
        await queries.launched_slice(
            connection,
            step_id=step_id,
            launched_up_to=written["last_id"],
            status="sending" if finished else "launching",
            now=now,
        )
        if written["seen"]:
            await touch_streams(
                connection,
                workspace_id=step["workspace_id"],
                step_id=step_id,
                lane_ids=[lane.id for pool in pools.values() for lane in pool],
                due_at=due_at,
            )
        if reached_the_end and turns and not finished:
            await queries.end_turn(connection, step_id=step_id)
            return True
        if finished:
            # Of a step that writes to nobody there is no answer that would complete it.
            await complete(connection, self._queue, step_ids=[step_id], now=now)
        # Whoever saves the next recipients asks for us again.
        return not reached_the_end

    async def _is_its_turn(self, connection: Connection, step: Row, *, now: datetime) -> bool:
        """Whether messages may be written now. Of a step that goes by turns, when everybody is
        saved and the moment of the next zones has come; `step` then knows its turns."""
        if step["launch_turns"] is None:
            turns = await read_turns(connection, step, now=now)
            if turns is None:
                return True
            if step["saving"] != "saved":
                return False
            step["launch_turns"] = turns
            await queries.await_turns(connection, step_id=step["id"], turns=turns)
        turns = step["launch_turns"]
        return len(turns) < _LAST_TURN or turns[1] <= now

    async def _pool(self, connection: Connection, channel: Channel, *, now: datetime) -> list[Lane]:
        lanes = await self._lanes.of(connection, channel)
        return pool_of(lanes, await read_health(connection), now=now)

    async def accept_messages(
        self, connection: Connection, jobs: Sequence[Job], *, now: datetime
    ) -> None:
        """The queue service says that these single messages are due: into the ledger with them."""
        groups: dict[tuple[UUID, Channel], list[Job]] = {}
        for job in jobs:
            key = (job.workspace_id, Channel(job.payload["channel"]))
            groups.setdefault(key, []).append(job)
        for (workspace_id, channel), of_lane in groups.items():
            if not self._lanes.has(channel):
                await self._queue.finish(
                    connection,
                    {job.id: f"No provider is set up for {channel}." for job in of_lane},
                    now=now,
                )
                continue
            pool = await self._pool(connection, channel, now=now)
            await queries.add_direct_messages(
                connection,
                workspace_ids=[job.workspace_id for job in of_lane],
                job_ids=[job.id for job in of_lane],
                contact_ids=[job.payload.get("contact_id") for job in of_lane],
                channel=channel,
                addresses=[job.payload["to"] for job in of_lane],
                subjects=[job.payload.get("subject") for job in of_lane],
                bodies=[job.payload.get("body") for job in of_lane],
                htmls=[job.payload.get("html") for job in of_lane],
                lane_ids=[lane.id for lane in pool],
                weights=[float(lane.rate_per_second) for lane in pool],
                now=now,
            )
            await touch_streams(
                connection,
                workspace_id=workspace_id,
                lane_ids=[lane.id for lane in pool],
                due_at=now,
            )

    async def resume(self, broadcast_id: UUID) -> None:
        async with self._database.as_worker() as connection:
            for step in await rows(queries.open_steps(connection, broadcast_id=broadcast_id)):
                if step["status"] == "launching":
                    await self.ask_to_launch(connection, step["id"])
            await wake_broadcast(connection, broadcast_id)

    async def find_idle(self) -> None:
        """Ask again for every step that is to be launched, and wake every stream that has something
        to send: nothing waits for ever for a task that was lost."""
        async with self._database.as_worker() as connection:
            for step in await rows(queries.launching_steps(connection)):
                await self.ask_to_launch(connection, step["id"])
            for row in await rows(queries.left_of_cancelled(connection)):
                await self._ask_to_cancel(connection, row["broadcast_id"])
        async with self._database.as_worker() as connection:
            await find_forgotten(connection)

    async def _ask_to_cancel(self, connection: Connection, broadcast_id: UUID) -> None:
        await self._queue.engine.defer(
            connection,
            CANCEL_PENDING,
            once=f"{CANCEL_PENDING}:{broadcast_id}",
            broadcast_id=str(broadcast_id),
        )

    async def cancel_pending(self, broadcast_id: UUID) -> None:
        """What has not left the house stays in it, slice by slice."""
        more = True
        while more:
            async with self._database.as_worker() as connection:
                row = await queries.cancel_pending(
                    connection, broadcast_id=broadcast_id, limit=self._slice, now=self._clock()
                )
                more = row["seen"] == self._slice
