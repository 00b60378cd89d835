"""Launches a step: writes its messages from the saved recipients, and asks for senders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from clarion.broadcasts import store as broadcast_store
from clarion.broadcasts.audience_mode import ask_to_save
from clarion.broadcasts.save_recipients import LAUNCH_STEP
from clarion.broadcasts.service import CANCEL_PENDING
from clarion.db.queries import rows
from clarion.delivery.store import Lane, queries
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from clarion.db.connection import Connection, Database
    from clarion.queue.job import Job
    from clarion.queue.service import QueueService

SEND_STEP = "delivery.send_step"
SEND_DIRECT = "delivery.send_direct"

#: One transaction each: the first messages leave while the rest is still being written.
SLICE = 10_000

#: Tasks that send one step at the same time: one waits for answers while the other claims.
SENDERS_PER_STEP = 2


class Senders:
    """Which lane a channel uses: the provider, its sender and the pace of the settings."""

    def __init__(self, lanes: dict[Channel, tuple[str, str, Decimal]]) -> None:
        self._lanes = lanes

    def has(self, channel: Channel) -> bool:
        return channel in self._lanes

    async def lane(self, connection: Connection, channel: Channel) -> Lane:
        provider, sender, rate = self._lanes[channel]
        key = {
            "channel": channel,
            "provider": provider,
            "sender": sender,
            "rate_per_second": rate,
        }
        row = await queries.find_lane(connection, **key) or await queries.put_lane(
            connection, **key
        )
        return Lane(id=row["id"], rate_per_second=row["rate_per_second"])


class Launcher:
    def __init__(
        self,
        database: Database,
        queue: QueueService,
        senders: Senders,
        clock: Callable[[], datetime],
        *,
        slice_size: int = SLICE,
    ) -> None:
        self._database = database
        self._queue = queue
        self._senders = senders
        self._clock = clock
        self._slice = slice_size

    async def begin(self, connection: Connection, jobs: Sequence[Job], *, now: datetime) -> None:
        """The queue service says that the time of these steps has come."""
        for job in jobs:
            step_id = UUID(job.payload["step_id"])
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

    async def ask_to_send(self, connection: Connection, step_id: UUID) -> None:
        for number in range(SENDERS_PER_STEP):
            mark = f"{SEND_STEP}:{step_id}:{number}"
            await self._queue.engine.defer(
                connection, SEND_STEP, once=mark, alone=mark, step_id=str(step_id), number=number
            )

    async def launch_step(self, step_id: UUID) -> None:
        """Until all messages are written; may run twice: the step's row is the lock, and a message
        that is there is not written again."""
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
        if step is None or step["status"] != "launching" or step["saving"] != "saved":
            # Not due yet, or the recipients are still being saved: whoever ends that asks again.
            return False
        if step["broadcast_status"] not in ("sending", "paused"):
            return False
        now = self._clock()
        channel = Channel(step["channel"])
        lane = await self._senders.lane(connection, channel)
        written = await queries.write_messages(
            connection,
            workspace_id=step["workspace_id"],
            broadcast_id=step["broadcast_id"],
            step_id=step_id,
            channel=channel,
            after=step["launched_up_to"],
            limit=self._slice,
            lane_id=lane.id,
            now=now,
        )
        finished = written["seen"] < self._slice
        await queries.launched_slice(
            connection,
            step_id=step_id,
            launched_up_to=written["last_id"],
            status="sending" if finished else "launching",
            now=now,
        )
        await self.ask_to_send(connection, step_id)
        return not finished

    async def accept_messages(
        self, connection: Connection, jobs: Sequence[Job], *, now: datetime
    ) -> None:
        """The queue service says that these single messages are due: into the ledger with them."""
        groups: dict[tuple[UUID, Channel], list[Job]] = {}
        for job in jobs:
            key = (job.workspace_id, Channel(job.payload["channel"]))
            groups.setdefault(key, []).append(job)
        for (_, channel), of_lane in groups.items():
            if not self._senders.has(channel):
                await self._queue.finish(
                    connection,
                    {job.id: f"No provider is set up for {channel}." for job in of_lane},
                    now=now,
                )
                continue
            lane = await self._senders.lane(connection, channel)
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
                lane_id=lane.id,
                now=now,
            )
            await self.ask_to_send_direct(connection, lane.id)

    async def ask_to_send_direct(self, connection: Connection, lane_id: UUID) -> None:
        mark = f"{SEND_DIRECT}:{lane_id}"
        await self._queue.engine.defer(
            connection, SEND_DIRECT, once=mark, alone=mark, lane_id=str(lane_id)
        )

    async def resume(self, broadcast_id: UUID) -> None:
        async with self._database.as_worker() as connection:
            await self._ask_for(
                connection, await rows(queries.open_steps(connection, broadcast_id=broadcast_id))
            )

    async def find_idle(self) -> None:
        """Ask again for every step and lane that has something to do: nothing waits for ever for
        a task that was lost."""
        async with self._database.as_worker() as connection:
            await self._ask_for(connection, await rows(queries.unfinished_steps(connection)))
            for row in await rows(queries.waiting_lanes(connection, now=self._clock())):
                await self.ask_to_send_direct(connection, row["lane_id"])
            for row in await rows(queries.left_of_cancelled(connection)):
                await self._ask_to_cancel(connection, row["broadcast_id"])

    async def _ask_for(self, connection: Connection, steps: Sequence[dict[str, Any]]) -> None:
        for step in steps:
            if step["status"] == "launching":
                await self.ask_to_launch(connection, step["id"])
            await self.ask_to_send(connection, step["id"])

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
