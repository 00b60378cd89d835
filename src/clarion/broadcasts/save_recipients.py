"""Saves the matched contacts with the broadcast, in slices; goes on where it was broken off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from clarion.audience.phone import normalise_many
from clarion.broadcasts.broadcast import Saving, Status
from clarion.broadcasts.store import get_broadcast, queries
from clarion.db.workspaces import get_workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from clarion.audience.service import Audience
    from clarion.db.connection import Connection, Database
    from clarion.kernel.actor import WorkspaceId
    from clarion.queue.engine import Engine

#: One transaction each: small enough to show progress, large enough that its overhead is none.
SLICE = 20_000

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
        while more:
            async with self._database.as_worker() as connection:
                more = await self._save_slice(connection, workspace_id, broadcast_id)

    async def _save_slice(
        self, connection: Connection, workspace_id: WorkspaceId, broadcast_id: UUID
    ) -> bool:
        broadcast = await get_broadcast(connection, workspace_id, broadcast_id, lock=True)
        if broadcast.saving is not Saving.SAVING or broadcast.status is Status.CANCELLED:
            return False
        workspace = await get_workspace(connection, workspace_id)
        # "In the last 30 days" counts from the launch, in the last slice as in the first.
        compiled = await self._audience.read(
            connection, workspace, broadcast.filter, now=broadcast.launched_at
        )
        store = self._audience.store
        after = broadcast.saved_up_to
        raws = await store.unchecked_in_slice(
            connection, workspace_id, compiled, after=after, limit=self._slice
        )
        if raws:
            numbers = await asyncio.to_thread(normalise_many, raws, workspace.phone_region)
            await store.put_phone_numbers(connection, workspace_id, numbers)
        row = await store.save_slice(
            connection,
            workspace_id,
            compiled,
            broadcast_id=broadcast_id,
            after=after,
            limit=self._slice,
        )
        finished = row["seen"] < self._slice
        await queries.saved_slice(
            connection,
            id=broadcast_id,
            saved_up_to=row["last_id"],
            saved=row["saved"],
            saving=Saving.SAVED if finished else Saving.SAVING,
        )
        if finished:
            # A step whose time came meanwhile has waited for this.
            for step in broadcast.steps:
                await self._engine.defer(
                    connection,
                    LAUNCH_STEP,
                    once=f"{LAUNCH_STEP}:{step.id}",
                    step_id=str(step.id),
                )
        return not finished
