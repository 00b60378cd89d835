"""What is asked with each keystroke: what many questions have in common is read once for all."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from clarion.audience.filter import names_outside, names_segments, read_filter
from clarion.audience.filter_sql import AskedFilter
from clarion.audience.reading import Known
from clarion.audience.segments.store import definitions
from clarion.audience.store import queries
from clarion.db.workspaces import get_workspace
from clarion.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion.audience.service import Audience
    from clarion.db.connection import Database
    from clarion.kernel.actor import WorkspaceId
    from clarion.kernel.workspace import Workspace

#: Seconds for which the workspace's row, its fields, and what has happened to its messages are
#: taken as they were.
_KEPT_FOR = 0.4


class AtOnce:
    """The questions of somebody who edits a filter. What it knows it shares with all others who
    ask the same audience."""

    def __init__(self, audience: Audience, database: Database) -> None:
        self._audience = audience
        self._database = database

    async def _known(self, workspace_id: WorkspaceId) -> tuple[Known, bool]:
        """And whether it was read just now."""
        known = self._audience.known.get(workspace_id)
        if known is not None and time.monotonic() < known.until:
            return known, False
        reading = self._audience.getting_known
        if workspace_id not in reading:
            task = asyncio.create_task(self._read(workspace_id))
            reading[workspace_id] = task
            task.add_done_callback(lambda _: reading.pop(workspace_id, None))
        # Whoever gives up waiting leaves it to the others.
        return await asyncio.shield(reading[workspace_id]), True

    async def _read(self, workspace_id: WorkspaceId) -> Known:
        async with self._database.as_workspace(workspace_id) as connection:
            workspace = await get_workspace(connection, workspace_id)
            fields = await self._audience.fields(connection, workspace)
            row = await queries.outside_version(connection, workspace_id=workspace_id)
        known = Known(workspace, fields, tuple(row.values()), time.monotonic() + _KEPT_FOR)
        self._audience.known[workspace_id] = known
        return known

    async def ask(
        self, workspace_id: WorkspaceId, document: Mapping[str, Any]
    ) -> tuple[Workspace, AskedFilter]:
        """Raises Invalid with a fault for every place of the filter that is wrong."""
        known, is_new = await self._known(workspace_id)
        try:
            return known.workspace, await self._asked(known, document)
        except Invalid:
            if is_new:
                raise
        # It may name a field that has come this moment.
        known = await self._read(workspace_id)
        return known.workspace, await self._asked(known, document)

    async def _asked(self, known: Known, document: Mapping[str, Any]) -> AskedFilter:
        segments = {}
        if names_segments(document):
            async with self._database.as_workspace(known.workspace.id) as connection:
                segments = await definitions(connection, known.workspace.id)
        group = read_filter(document, known.fields, segments, pointer="/filter")
        return AskedFilter(group=group, now=self._audience.clock())

    async def version(
        self, workspace_id: WorkspaceId, document: Mapping[str, Any]
    ) -> tuple[object, ...]:
        """Another value than before means: the numbers of the filter may have changed. The index
        follows what is committed: while it can be trusted, nobody else needs to look."""
        indexes = self._audience.indexes
        moment = None if indexes is None else indexes.moment(workspace_id)
        if moment is None:
            return await self.version_by_database(workspace_id, document)
        if not names_outside(document):
            return moment
        known, _ = await self._known(workspace_id)
        return (*moment, *known.outside)

    async def version_by_database(
        self, workspace_id: WorkspaceId, document: Mapping[str, Any]
    ) -> tuple[object, ...]:
        """What `version` gives while the index cannot be trusted."""
        async with self._database.as_workspace(workspace_id) as connection:
            workspace = await get_workspace(connection, workspace_id)
            return await self._audience.version(connection, workspace, document)
