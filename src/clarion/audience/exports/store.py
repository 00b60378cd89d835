"""The SQL of exports: rows in, values out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from clarion.audience.exports.export import Export, ExportColumn, ExportId, ExportStatus
from clarion.audience.fields import FieldType
from clarion.db.queries import load_queries
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.errors import NotFound
from clarion.kernel.field_path import read_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from clarion.audience.contact_table import ContactTable
    from clarion.audience.filter_sql import CompiledFilter
    from clarion.db.connection import Connection, Row

queries = load_queries(__file__)

_SLICE = """
select {id}::text, {cells}
from {table} c {joins}
where {in_workspace} and {where} and {after}
order by {id}
limit %(limit)s
"""

#: A list as people write it into one cell; the import reads it back.
_ELEMENTS = """
case jsonb_typeof({value})
  when 'array' then
    (select string_agg(element, '; ') from jsonb_array_elements_text({value}) element)
  else {value} #>> '{{}}'
end
"""


async def get_export(connection: Connection, workspace_id: WorkspaceId, export_id: UUID) -> Export:
    """Raises NotFound."""
    row = await queries.get_export(connection, workspace_id=workspace_id, id=export_id)
    if row is None:
        raise NotFound("There is no such export.")
    return export_of(row)


def export_of(row: Row) -> Export:
    return Export(
        id=ExportId(row["id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        filter=row["filter"],
        columns=tuple(
            ExportColumn(field=each["field"], label=each["label"], type=FieldType(each["type"]))
            for each in row["columns"]
        ),
        excel=row["excel"],
        status=ExportStatus(row["status"]),
        total=row["total"],
        done=row["done"],
        written_up_to=row["written_up_to"],
        parts=row["parts"],
        bytes=row["bytes"],
        stored_bytes=row["stored_bytes"],
        checksum=row["checksum"],
        problem=row["problem"],
        asked_by=row["asked_by"],
        created_at=row["created_at"],
        finished_at=row["finished_at"],
        expires_at=row["expires_at"],
    )


def columns_json(columns: Sequence[ExportColumn]) -> Jsonb:
    return Jsonb(
        [{"field": each.field, "label": each.label, "type": each.type.value} for each in columns]
    )


async def read_slice(
    connection: Connection,
    contacts: ContactTable,
    export: Export,
    compiled: CompiledFilter,
    zone: ZoneInfo,
    *,
    limit: int,
) -> list[tuple[str | None, ...]]:
    """The next contacts by their keys: the id, then a text or None for each column."""
    cells, parameters = _cells(contacts, export.columns, zone)
    after = contacts.after if export.written_up_to is not None else sql.SQL("true")
    statement = sql.SQL(_SLICE).format(
        id=contacts.id,
        cells=sql.SQL(", ").join(cells),
        table=contacts.table,
        joins=compiled.joins,
        in_workspace=contacts.in_workspace,
        where=compiled.where,
        after=after,
    )
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            statement,
            {
                **compiled.parameters,
                **parameters,
                "workspace_id": export.workspace_id,
                "after": export.written_up_to,
                "limit": limit,
            },
        )
        return await cursor.fetchall()


def _cells(
    contacts: ContactTable, columns: Sequence[ExportColumn], zone: ZoneInfo
) -> tuple[list[sql.Composable], dict[str, Any]]:
    cells: list[sql.Composable] = []
    parameters: dict[str, Any] = {"x_zone": str(zone)}
    for place, column in enumerate(columns):
        path = read_path(column.field)
        if len(path) == 1:
            cells.append(_column_cell(contacts, path[0]))
            continue
        name = f"x{place}"
        parameters[name] = list(path[1:])
        key = sql.SQL("({} #{} {}::text[])")
        if column.type is FieldType.LIST:
            value = key.format(contacts.metadata, sql.SQL(">"), sql.Placeholder(name))
            cells.append(sql.SQL(_ELEMENTS).format(value=value))
        else:
            cells.append(key.format(contacts.metadata, sql.SQL(">>"), sql.Placeholder(name)))
    return cells, parameters


def _column_cell(contacts: ContactTable, name: str) -> sql.Composable:
    column = contacts.column(name)
    sql_type = contacts.type_of(name)
    if sql_type.endswith("[]"):
        return sql.SQL("array_to_string({}, '; ')").format(column)
    if sql_type.startswith("timestamp") and sql_type.endswith("with time zone"):
        # Clocks of the workspace, to the second: what a person reads in a spreadsheet.
        column = sql.SQL("date_trunc('second', {} at time zone %(x_zone)s)").format(column)
    return sql.SQL("{}::text").format(column)
