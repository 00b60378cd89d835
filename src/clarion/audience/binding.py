"""Meets the CRM's contacts table: reads how it is made, and prepares it to be followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from clarion.audience.contact_table import Column, ContactNames, ContactTable, check_names
from clarion.db.queries import load_queries, rows

if TYPE_CHECKING:
    from clarion.db.connection import Connection

queries = load_queries(__file__)

_TRIGGERS = 4


async def read_contact_table(connection: Connection, names: ContactNames) -> ContactTable:
    """Raises Misconfigured when the table or a named column is not there."""
    found = await rows(queries.table_columns(connection, table=names.table))
    columns = tuple(Column(name=row["name"], sql_type=row["sql_type"]) for row in found)
    check_names(names, columns)
    id_type = next(column.sql_type for column in columns if column.name == names.id)
    return ContactTable(names=names, id_type=id_type, columns=columns)


def prepare_contact_table(dsn: str, names: ContactNames) -> None:
    """Triggers that notice changes, and rights for Clarion's two roles; changes no contact.

    Run by `clarion migrate` as the table's owner. May be run any number of times.
    """
    table = sql.Identifier(*names.table.split("."))
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            """
            select attname::text, format_type(atttypid, atttypmod) from pg_attribute
            where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped
            """,
            [names.table],
        ).fetchall()
        check_names(names, tuple(Column(name=name, sql_type=kind) for name, kind in found))
        _follow(connection, names)
        if "." in names.table:
            connection.execute(
                sql.SQL("grant usage on schema {} to clarion_app, clarion_worker").format(
                    sql.Identifier(names.table.split(".")[0])
                )
            )
        connection.execute(
            sql.SQL(
                "grant select, insert, update, delete on {} to clarion_app, clarion_worker"
            ).format(table)
        )
        _let_through(connection, names, table)


def _follow(connection: psycopg.Connection[tuple[object, ...]], names: ContactNames) -> None:
    row = connection.execute(
        "select count(*) from pg_trigger where tgrelid = %s::regclass and tgname like %s",
        [names.table, "clarion_notice_%"],
    ).fetchone()
    if row is None or row[0] != _TRIGGERS:
        connection.execute(
            "select broadcast.follow_contacts(%s::regclass, %s, %s)",
            [names.table, names.id, names.workspace or ""],
        )


def _let_through(
    connection: psycopg.Connection[tuple[object, ...]],
    names: ContactNames,
    table: sql.Identifier,
) -> None:
    """Policies for Clarion's roles; without effect where the CRM uses no row-level security."""
    own = (
        sql.SQL("{} = (select broadcast.current_workspace())").format(
            sql.Identifier(names.workspace)
        )
        if names.workspace
        else sql.SQL("true")
    )
    for policy, role, rule in (
        ("clarion_own_workspace", "clarion_app", own),
        ("clarion_every_workspace", "clarion_worker", sql.SQL("true")),
    ):
        known = connection.execute(
            "select from pg_policy where polrelid = %s::regclass and polname = %s",
            [names.table, policy],
        ).fetchone()
        if known is None:
            connection.execute(
                sql.SQL("create policy {} on {} to {} using ({}) with check ({})").format(
                    sql.Identifier(policy), table, sql.Identifier(role), rule, rule
                )
            )
