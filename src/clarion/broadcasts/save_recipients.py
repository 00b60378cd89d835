"""Saves the matched contacts with the broadcast, in slices; goes on where it was broken off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from clarion.audience.phone import normalise_many
from clarion.broadcasts.broadcast import Saving, Status
from clarion.broadcasts.step import StepStatus
from clarion.broadcasts.store import get_broadcast, queries
from clarion.db.workspaces import get_workspace
from clarion.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from clarion.audience.filter_sql import CompiledFilter
    from clarion.audience.service import Audience
    from clarion.broadcasts.broadcast import Broadcast
    from clarion.db.connection import Connection, Database, Row
    from clarion.kernel.actor import WorkspaceId
    from clarion.queue.engine import Engine

#: One transaction each: small enough to show progress, large enough that its overhead is none.
SLICE = 20_000

#: The first slice is so much smaller: those who wait for it get their message at once.
_FIRST_OF = 10

LAUNCH_STEP = "delivery.launch_step"


class RecipientSaver:
    def __init__(
        self,
        database: Database,
        audience: Audience,
        engine: Engine,
        clock: Callable[[], datetime],
        *,
        slice_size: int = SLICE,
    ) -> None:
        self._database = database
        self._audience = audience
        self._engine = engine
        self._clock = clock
        self._slice = slice_size

    async def save(self, workspace_id: WorkspaceId, broadcast_id: UUID) -> None:
        """Until all are saved; may run twice, also at once: the broadcast's row is the lock."""
        more = True
        try:
            while more:
                async with self._database.as_worker() as connection:
                    more = await self._save_slice(connection, workspace_id, broadcast_id)
        except Invalid as error:
            # Nobody looks at a filter that has been launched, so the broadcast itself says what is
            # wrong; the task is tried again until it is mended or the broadcast is cancelled.
            await self._tell(broadcast_id, error)
            raise

    async def _tell(self, broadcast_id: UUID, error: Invalid) -> None:
        details = " ".join(dict.fromkeys(fault.detail for fault in error.faults)) or error.detail
        async with self._database.as_worker() as connection:
            await queries.tell_saving_problem(
                connection,
                id=broadcast_id,
                problem=f"The audience cannot be saved: {details}",
                now=self._clock(),
            )

    async def _save_slice(
        self, connection: Connection, workspace_id: WorkspaceId, broadcast_id: UUID
    ) -> bool:
        broadcast = await get_broadcast(connection, workspace_id, broadcast_id, lock=True)
        if broadcast.saving is not Saving.SAVING or broadcast.status is Status.CANCELLED:
            return False
        if broadcast.discard_up_to is not None:
            await self._discard_slice(connection, broadcast_id, broadcast.discard_up_to)
            return True
        workspace = await get_workspace(connection, workspace_id)
        # "In the last 30 days" counts from one moment, in the last slice as in the first.
        compiled = await self._audience.read(
            connection,
            workspace,
            broadcast.filter,
            now=broadcast.audience_at or broadcast.launched_at,
            broadcast_id=broadcast.id,
        )
        store = self._audience.store
        after = broadcast.saved_up_to
        limit = self._slice if after is not None else max(1, self._slice // _FIRST_OF)
        row = await self._save(connection, broadcast, compiled, limit)
        if row["unchecked"]:
            numbers = await asyncio.to_thread(
                normalise_many, row["unchecked"], workspace.phone_region
            )
            await store.put_phone_numbers(connection, workspace_id, numbers)
            row = await self._save(connection, broadcast, compiled, limit)
        finished = row["seen"] < limit
        await queries.saved_slice(
            connection,
            id=broadcast_id,
            saved_up_to=row["last_id"],
            saved=row["saved"],
            saving=Saving.SAVED if finished else Saving.SAVING,
        )
        for step in broadcast.steps:
            # A step whose time has come is launched as its people are saved. That it has come may
            # have been said since we read it, and the last slice has none that asks after it.
            if finished or step.status is StepStatus.LAUNCHING:
                await self._engine.defer(
                    connection,
                    LAUNCH_STEP,
                    once=f"{LAUNCH_STEP}:{step.id}",
                    step_id=str(step.id),
                )
        return not finished

    async def _save(
        self,
        connection: Connection,
        broadcast: Broadcast,
        compiled: CompiledFilter,
        limit: int,
    ) -> Row:
        return await self._audience.store.save_slice(
            connection,
            broadcast.workspace_id,
            compiled,
            broadcast_id=broadcast.id,
            channels=broadcast.channels,
            # Steps that come later may yet be put into the recipients' zones.
            with_zones=broadcast.is_sequence or broadcast.uses_their_zones,
            after=broadcast.saved_up_to,
            limit=limit,
        )

    async def _discard_slice(self, connection: Connection, broadcast_id: UUID, up_to: int) -> None:
        """Of the audience that was saved before, which must be gone before people are saved."""
        gone = await queries.discard_recipients(
            connection, broadcast_id=broadcast_id, up_to=up_to, limit=self._slice
        )
        if gone < self._slice:
            await queries.discarded_all(connection, id=broadcast_id, up_to=up_to)
