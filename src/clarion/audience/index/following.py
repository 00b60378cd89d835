"""What the index reads of the database beside the contacts: how far it is, and what has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from clarion.audience.fields import catalogue
from clarion.audience.index.statements import queries
from clarion.audience.store import queries as audience_queries
from clarion.audience.store import seen_key
from clarion.db.connection import become_worker

if TYPE_CHECKING:
    from clarion.audience.contact_table import ContactTable
    from clarion.audience.fields import Field
    from clarion.kernel.actor import WorkspaceId

#: A column whose values are all different and that nobody filters by: kept out of memory.
_KEY_TYPE = "uuid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Up to which changes the index has read (`seen`), and what else it was made from."""

    seen: str
    zone: str
    table_id: int
    fields: tuple[Field, ...]
    numbers_checked_at: Any
    version: tuple[object, ...]

    @property
    def basis(self) -> tuple[object, ...]:
        """What all of the index depends on: another one makes it worthless."""
        return (self.table_id, self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Contacts that were written since, each once; `truncated`: all were deleted at once. Addresses
    ("channel address") that may not be written to any more, or may again; None: any may be."""

    ids: tuple[str, ...]
    truncated: bool
    addresses: tuple[str, ...] | None


def connect(dsn: str) -> psycopg.Connection[Any]:
    return psycopg.connect(
        dsn,
        autocommit=True,
        prepare_threshold=None,
        application_name="clarion audience index",
    )


def begin(connection: psycopg.Connection[Any]) -> None:
    """At the start of a transaction: one snapshot for all of it, with the rights of a worker."""
    connection.execute("set transaction isolation level repeatable read, read only")
    become_worker(connection)


def read_position(
    connection: psycopg.Connection[Any], contacts: ContactTable, workspace_id: WorkspaceId
) -> Position:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            queries.position.sql, {"workspace_id": workspace_id, "table": contacts.names.table}
        ).fetchone()
        version = cursor.execute(
            audience_queries.audience_version.sql, {"workspace_id": workspace_id}
        ).fetchone()
        seen = cursor.execute(
            audience_queries.seen_keys.sql, {"workspace_id": workspace_id}
        ).fetchall()
    if row is None or version is None:
        raise LookupError(f"there is no workspace {workspace_id}")
    fields = catalogue(contacts.columns, contacts.names, [seen_key(each) for each in seen])
    return Position(
        seen=row["snapshot"],
        zone=row["zone"],
        table_id=row["table_id"],
        fields=tuple(each for each in fields.values() if _is_kept(each, contacts)),
        numbers_checked_at=row["numbers_checked_at"],
        version=tuple(version.values()),
    )


def _is_kept(field: Field, contacts: ContactTable) -> bool:
    if not field.is_held:
        return False
    return field.source != "column" or contacts.type_of(field.path[0]) != _KEY_TYPE


def changed_since(
    connection: psycopg.Connection[Any], workspace_id: WorkspaceId, seen: str
) -> Changes:
    rows = connection.execute(
        queries.changed_since.sql, {"workspace_id": workspace_id, "seen": seen}
    ).fetchall()
    written = dict.fromkeys(each for of, ids in rows if of != "suppression" for each in ids)
    noted = [addresses for of, addresses in rows if of == "suppression"]
    return Changes(
        ids=tuple(written),
        truncated=any(operation == "truncate" for operation, _ in rows),
        addresses=(
            tuple(dict.fromkeys(each for addresses in noted for each in addresses))
            if all(noted)
            else None
        ),
    )
