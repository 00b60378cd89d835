"""Use cases of exports: ask for one, follow it, take the file, call it off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from clarion.audience.exports.export import (
    Export,
    ExportColumn,
    ExportStatus,
    gzip_head,
    gzip_tail,
    unpacked,
)
from clarion.audience.exports.store import columns_json, export_of, get_export, queries
from clarion.audience.exports.write import ask_to_write
from clarion.kernel.errors import Conflict, Fault, Invalid
from clarion.kernel.field_path import read_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.audience.fields import Field, Fields
    from clarion.audience.service import Audience
    from clarion.db.connection import Connection, Database
    from clarion.kernel.actor import Actor, WorkspaceId
    from clarion.kernel.workspace import Workspace
    from clarion.queue.engine import Engine

#: A table that a spreadsheet can still show; SQL ends at 1,600.
MOST_COLUMNS = 1_000


class Exports:
    """All but `stream` run in the caller's transaction, as the caller's workspace."""

    def __init__(self, audience: Audience, engine: Engine) -> None:
        self._audience = audience
        self._engine = engine

    async def ask(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        *,
        document: Mapping[str, Any],
        columns: Sequence[str] | None,
        excel: bool,
        now: datetime,
    ) -> Export:
        """`columns` are ids of fields; without them the file has every field.

        Raises Invalid for a wrong filter (at /filter) and for fields that there are not (at
        /columns).
        """
        await self._audience.read(connection, workspace, document)
        chosen = _choose(await self._audience.fields(connection, workspace), columns)
        row = await queries.add_export(
            connection,
            workspace_id=workspace.id,
            filter=Jsonb(dict(document)),
            columns=columns_json(chosen),
            excel=excel,
            asked_by=actor.name,
            now=now,
        )
        export = export_of(row)
        await ask_to_write(self._engine, connection, export.id)
        return export

    async def get(self, connection: Connection, workspace: Workspace, export_id: UUID) -> Export:
        return await get_export(connection, workspace.id, export_id)

    async def cancel(
        self, connection: Connection, workspace: Workspace, export_id: UUID, *, now: datetime
    ) -> Export:
        """Cancelling twice is fine. Raises Conflict when the export has ended otherwise."""
        row = await queries.cancel_export(
            connection, workspace_id=workspace.id, id=export_id, now=now
        )
        if row is None:
            export = await get_export(connection, workspace.id, export_id)
            if export.status is ExportStatus.CANCELLED:
                return export
            raise Conflict(f"{_IS[export.status_at(now)]} There is nothing left to cancel.")
        await queries.forget_parts(connection, export_id=export_id)
        return export_of(row)

    async def finished(
        self, connection: Connection, workspace: Workspace, export_id: UUID, *, now: datetime
    ) -> Export:
        """An export whose file can be had. Raises Conflict, in words, for any other."""
        export = await get_export(connection, workspace.id, export_id)
        status = export.status_at(now)
        if status is not ExportStatus.DONE:
            raise Conflict(f"{_IS[status]} There is no file to take away.")
        return export


_IS = {
    ExportStatus.WAITING: "The export has not begun yet.",
    ExportStatus.RUNNING: "The export is still being written.",
    ExportStatus.DONE: "The export is done.",
    ExportStatus.FAILED: "The export has failed.",
    ExportStatus.CANCELLED: "The export was cancelled.",
    ExportStatus.EXPIRED: "The export was kept for 24 hours and is gone now; ask for it again.",
}


async def stream(
    database: Database, workspace_id: WorkspaceId, export: Export, *, packed: bool
) -> AsyncIterator[bytes]:
    """The file, piece by piece; as one gzip stream if `packed`.

    Each piece is a transaction, so that a slow reader holds nothing open. Raises Conflict when the
    file goes away meanwhile: then what has been given is not the whole of it.
    """
    if packed:
        yield gzip_head()
    for part in range(1, export.parts + 1):
        async with database.as_workspace(workspace_id) as connection:
            row = await queries.part_of_export(
                connection, workspace_id=workspace_id, export_id=export.id, part=part
            )
        if row is None:
            raise Conflict(_IS[ExportStatus.EXPIRED])
        yield row["content"] if packed else unpacked(row["content"])
    if packed:
        yield gzip_tail(export)


def _choose(fields: Fields, wanted: Sequence[str] | None) -> list[ExportColumn]:
    held = [field for field in fields.values() if field.source in ("column", "metadata")]
    if wanted is None:
        return [_column(field) for field in held][:MOST_COLUMNS]
    by_path = {field.path: field for field in held}
    chosen: list[ExportColumn] = []
    faults = []
    for place, name in enumerate(wanted):
        pointer = f"/columns/{place}"
        try:
            field = by_path.get(read_path(name))
        except Invalid:
            field = None
        if field is None:
            detail = f"The contacts have no field “{name}”."
            faults.append(Fault(pointer=pointer, detail=detail))
        elif any(column.field == field.id for column in chosen):
            faults.append(Fault(pointer=pointer, detail=f"{field.label} is in the list twice."))
        else:
            chosen.append(_column(field))
    if not wanted:
        faults.append(Fault(pointer="/columns", detail="Choose at least one field."))
    if len(wanted) > MOST_COLUMNS:
        faults.append(
            Fault(pointer="/columns", detail=f"A file has {MOST_COLUMNS:,} columns at most.")
        )
    if faults:
        raise Invalid("These columns cannot be exported.", faults=faults)
    return chosen


def _column(field: Field) -> ExportColumn:
    return ExportColumn(field=field.id, label=field.label, type=field.type)
