"""Puts contacts into the contacts table: from a CSV file, or made up for a first look."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from clarion.kernel.errors import Invalid, Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from clarion.audience.contact_table import ContactNames
    from clarion.kernel.actor import WorkspaceId

_PROGRESS_EVERY = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """`known` contacts were in the table already, equal in every field, and were left out."""

    added: int
    known: int


def import_contacts(
    dsn: str,
    names: ContactNames,
    workspace_id: WorkspaceId,
    contacts: Iterable[Any],
    *,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """All of `contacts` or, when one cannot be read, none: it is one transaction.

    Each has first_name, last_name, email, phone_number, metadata, and may have created_at, which
    is kept where the table has such a column. Raises Misconfigured for a table that needs more,
    Invalid for what a rule of the table forbids.
    """
    with psycopg.connect(dsn) as connection:
        connection.execute(
            """
            create temp table incoming (
              first_name text, last_name text, email text, phone_number text, metadata jsonb,
              created_at timestamptz
            ) on commit drop
            """
        )
        read = 0
        with connection.cursor().copy("copy incoming from stdin") as copy:
            for contact in contacts:
                copy.write_row(
                    (
                        contact.first_name,
                        contact.last_name,
                        contact.email,
                        contact.phone_number,
                        json.dumps(contact.metadata, ensure_ascii=False),
                        getattr(contact, "created_at", None),
                    )
                )
                read += 1
                if progress is not None and read % _PROGRESS_EVERY == 0:
                    progress(read)
        if progress is not None:
            progress(read)
        try:
            insert = _insert(names, dated=_has_created_at(connection, names))
            added = connection.execute(insert, {"workspace_id": workspace_id}).rowcount
        except psycopg.errors.NotNullViolation as error:
            raise Misconfigured(
                f"{names.table} needs a value that the file does not have: "
                f"{error.diag.column_name}."
            ) from error
        except (psycopg.errors.IntegrityError, psycopg.errors.DataError) as error:
            why = error.diag.message_detail or error.diag.message_primary
            raise Invalid(f"{names.table} takes none of it: {why}") from error
    return Imported(added=added, known=read - added)


def _has_created_at(
    connection: psycopg.Connection[tuple[object, ...]], names: ContactNames
) -> bool:
    found = connection.execute(
        """
        select from pg_attribute
        where attrelid = to_regclass(%s) and attname = 'created_at' and not attisdropped
        """,
        [names.table],
    )
    return found.rowcount == 1


def _insert(names: ContactNames, *, dated: bool) -> sql.Composed:
    """`dated`: the table has a column created_at."""
    fields = ("first_name", "last_name", "email", "phone_number", "metadata")
    columns = [getattr(names, field) for field in fields]
    values: list[sql.Composable] = [
        sql.SQL("i.{}").format(sql.Identifier(field)) for field in fields
    ]
    # Equal in every field, with "none" equal to "none": hashed, so that a million rows meet a
    # million contacts in one pass.
    same_incoming = sql.SQL("md5(row({})::text)").format(sql.SQL(", ").join(values))
    same_known = sql.SQL("md5(row({})::text)").format(
        sql.SQL(", ").join(sql.SQL("c.{}").format(sql.Identifier(each)) for each in columns)
    )
    in_workspace: sql.Composable = sql.SQL("true")
    if names.workspace is not None:
        columns.append(names.workspace)
        values.append(sql.SQL("%(workspace_id)s"))
        in_workspace = sql.SQL("c.{} = %(workspace_id)s").format(sql.Identifier(names.workspace))
    if dated:
        columns.append("created_at")
        values.append(sql.SQL("coalesce(i.created_at, now())"))
    return sql.SQL(
        """
        insert into {table} ({columns})
        select {values} from incoming i
        where not exists (
          select from (
            select {same_known} as same from {table} c where {in_workspace}
          ) known where known.same = {same_incoming}
        )
        """
    ).format(
        table=sql.Identifier(*names.table.split(".")),
        columns=sql.SQL(", ").join(sql.Identifier(each) for each in columns),
        values=sql.SQL(", ").join(values),
        same_known=same_known,
        same_incoming=same_incoming,
        in_workspace=in_workspace,
    )
