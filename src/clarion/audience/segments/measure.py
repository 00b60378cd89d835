"""Measures saved audiences: one statement counts, and nothing is locked while it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.audience.segments.segment import SegmentKind
from clarion.audience.segments.store import get_segment, queries
from clarion.audience.segments.tasks import ask_to_measure, ask_to_save
from clarion.db.queries import rows
from clarion.db.workspaces import get_workspace
from clarion.kernel.errors import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from clarion.audience.service import Audience
    from clarion.db.connection import Connection, Database
    from clarion.kernel.actor import WorkspaceId
    from clarion.queue.engine import Engine


class Measurer:
    def __init__(
        self,
        database: Database,
        audience: Audience,
        engine: Engine,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._audience = audience
        self._engine = engine
        self._clock = clock

    async def measure(self, workspace_id: WorkspaceId, segment_id: UUID) -> bool:
        """Whether there is a new size. None of what is gone, frozen or cannot be read (which its
        `problem` says); none of what was edited meanwhile, which is measured for that."""
        async with self._database.as_worker() as connection:
            try:
                return await self._measure(connection, workspace_id, segment_id)
            except (Invalid, NotFound):
                return False

    async def _measure(
        self, connection: Connection, workspace_id: WorkspaceId, segment_id: UUID
    ) -> bool:
        segment = await get_segment(connection, workspace_id, segment_id)
        if segment.kind is not SegmentKind.DYNAMIC:
            return False
        workspace = await get_workspace(connection, workspace_id)
        now = self._clock()
        compiled = await self._audience.read(connection, workspace, segment.filter, now=now)
        contacts = await self._audience.store.count(connection, workspace_id, compiled)
        touched: int = await queries.put_size(
            connection, id=segment_id, version=segment.version, contacts=contacts, now=now
        )
        return touched > 0

    async def find_work(self) -> None:
        """Asks for the sizes of the day and for what a lost task has left, and thins out old
        sizes. Called now and then, from any worker."""
        now = self._clock()
        async with self._database.as_worker() as connection:
            for row in await rows(queries.segments_to_measure(connection, now=now)):
                await ask_to_measure(
                    self._engine, connection, row["workspace_id"], row["id"], mark="daily"
                )
            for row in await rows(queries.segments_to_save(connection)):
                await ask_to_save(self._engine, connection, row["workspace_id"], row["id"])
            await queries.thin_sizes(connection, now=now)
