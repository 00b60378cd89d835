"""Saves the people of a frozen segment, in slices; goes on where it was broken off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from clarion.audience.segments.segment import Freezing
from clarion.audience.segments.store import get_segment, put_uses, queries
from clarion.db.workspaces import get_workspace
from clarion.kernel.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from clarion.audience.filter_sql import CompiledFilter
    from clarion.audience.segments.segment import Segment
    from clarion.audience.service import Audience
    from clarion.db.connection import Connection, Database, Row
    from clarion.kernel.actor import WorkspaceId

#: One transaction each: small enough to show progress, large enough that its overhead is none.
SLICE = 20_000

_SAVE = sql.SQL("""
with slice as materialized (
  select {id} as id
  from {table} c {joins}
  where {in_workspace} and {where} and {after}
  order by {id} limit %(limit)s
),
saved as (
  insert into broadcast.segment_contacts (workspace_id, segment_id, contact_id)
  select %(workspace_id)s, %(segment_id)s, id::text from slice
  on conflict do nothing
  returning 1
)
select
  (select count(*) from slice) as seen,
  (select count(*) from saved) as saved,
  (select id::text from slice order by id desc limit 1) as last_id
""")


class Freezer:
    def __init__(
        self,
        database: Database,
        audience: Audience,
        clock: Callable[[], datetime],
        *,
        slice_size: int = SLICE,
    ) -> None:
        self._database = database
        self._audience = audience
        self._clock = clock
        self._slice = slice_size

    async def save(self, workspace_id: WorkspaceId, segment_id: UUID) -> None:
        """Until all are saved; may run twice, also at once: the segment's row is the lock."""
        more = True
        while more:
            async with self._database.as_worker() as connection:
                more = await self._save_slice(connection, workspace_id, segment_id)

    async def _save_slice(
        self, connection: Connection, workspace_id: WorkspaceId, segment_id: UUID
    ) -> bool:
        try:
            segment = await get_segment(connection, workspace_id, segment_id, lock=True)
        except NotFound:
            return False
        if segment.freezing is not Freezing.SAVING:
            return False
        workspace = await get_workspace(connection, workspace_id)
        # "In the last 30 days" counts from the freezing, in the last slice as in the first.
        compiled = await self._audience.read(
            connection, workspace, segment.filter, now=segment.frozen_at
        )
        row = await self._put_people(connection, segment, compiled)
        finished = row["seen"] < self._slice
        await queries.saved_slice(
            connection,
            id=segment_id,
            saved=row["saved"],
            frozen_up_to=row["last_id"],
            freezing=Freezing.SAVED if finished else Freezing.SAVING,
            now=self._clock(),
        )
        if finished:
            # Its people are its own now; what its filter named may go.
            await put_uses(connection, workspace_id, None, segment_id=segment_id)
        return not finished

    async def _put_people(
        self, connection: Connection, segment: Segment, compiled: CompiledFilter
    ) -> Row:
        contacts = self._audience.contacts
        statement = _SAVE.format(
            id=contacts.id,
            table=contacts.table,
            joins=compiled.joins,
            in_workspace=contacts.in_workspace,
            where=compiled.where,
            after=contacts.after if segment.frozen_up_to is not None else sql.SQL("true"),
        )
        cursor = await connection.execute(
            statement,
            {
                **compiled.parameters,
                "workspace_id": segment.workspace_id,
                "segment_id": segment.id,
                "after": segment.frozen_up_to,
                "limit": self._slice,
            },
        )
        row = await cursor.fetchone()
        if row is None:
            raise RuntimeError("the statement gives one row")
        return row
