"""Lists of contacts and answers about one contact read an index, not a table of 50,000 rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from clarion.audience.contact_table import Column, ContactNames, ContactTable
from clarion.audience.fields import Field, FieldType
from clarion.audience.filter_sql import CompiledFilter
from clarion.audience.pages import Mark, Pages, Sort
from clarion.audience.reach_statements import ReachStatements
from clarion.audience.statements import Statements
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.channel import Channel
from support.database import new_database

CONTACTS = ContactTable(
    names=ContactNames(),
    id_type="uuid",
    columns=(
        Column(name="id", sql_type="uuid"),
        Column(name="created_at", sql_type="timestamp with time zone"),
    ),
)
EVERYBODY = CompiledFilter(where=sql.SQL("true"), joins=sql.SQL(""), parameters={})
MIDDLE = str(uuid.UUID(int=2**127))
LARGE = {"contacts", "phone_numbers", "suppressions"}

_FILL = f"""
set session_replication_role = replica;
insert into public.contacts (first_name, last_name, email, phone_number, metadata, created_at)
select 'First ' || n, 'Last ' || n % 500, 'person' || n || '@example.com',
  '+1512' || lpad(n::text, 7, '0'), jsonb_build_object('state', 'TX'),
  timestamptz '2026-11-24 00:00Z' + n * interval '1 second'
from generate_series(1, 50000) n;
insert into broadcast.phone_numbers (workspace_id, raw, e164)
select '{DEFAULT_WORKSPACE}', phone_number, phone_number from public.contacts;
insert into broadcast.suppressions (workspace_id, channel, address, reason, source)
select '{DEFAULT_WORKSPACE}', channel, address, 'opted_out', 'test'
from public.contacts,
  lateral (values ('sms', phone_number), ('email', email)) each (channel, address)
where metadata ->> 'state' = 'TX';
set session_replication_role = origin;
analyze;
"""  # noqa: S608


@pytest.fixture(scope="module")
def filled() -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with (
        new_database() as dsn,
        psycopg.connect(dsn, row_factory=dict_row, autocommit=True) as connection,
    ):
        connection.execute(_FILL.encode())
        connection.execute("set search_path = broadcast, procrastinate, public")
        yield connection


def plan(
    connection: psycopg.Connection[dict[str, Any]],
    role: str,
    statement: sql.Composed,
    **parameters: Any,
) -> list[dict[str, Any]]:
    """The nodes of the plan, as the API (clarion_app) or the worker would get it."""
    with connection.transaction(force_rollback=True):
        connection.execute(
            "select set_config('clarion.workspace_id', %s, true), set_config('role', %s, true)",
            [str(DEFAULT_WORKSPACE), role],
        )
        row = connection.execute(
            sql.SQL("explain (format json) {}").format(statement),
            {"workspace_id": DEFAULT_WORKSPACE, **parameters},
        ).fetchone()
    assert row is not None
    return list(_nodes(row["QUERY PLAN"][0]["Plan"]))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def read_as_a_whole(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"} & LARGE


def sorted_by(column: str, kind: FieldType, *, descending: bool) -> Sort:
    return Sort(field=Field(path=(column,), source="column", type=kind), descending=descending)


#: A list of contacts, and the mark of a page in its middle.
LISTS: dict[str, tuple[Sort | None, Mark]] = {
    "by id": (None, Mark(value=None, id=MIDDLE)),
    **{
        f"by {column}, {'descending' if descending else 'ascending'}": (
            sorted_by(column, kind, descending=descending),
            Mark(value=value, id=MIDDLE),
        )
        for column, kind, value in (
            ("last_name", FieldType.TEXT, "last 250"),
            ("email", FieldType.TEXT, "person25000@example.com"),
            ("created_at", FieldType.DATE, "2026-11-24 12:00:00+00"),
        )
        for descending in (False, True)
    },
}

ROLES = pytest.mark.parametrize("role", ["clarion_app", "clarion_worker"])


@ROLES
@pytest.mark.parametrize("what", LISTS)
def test_a_page_of_contacts_is_read_from_an_index_in_its_order(
    filled: psycopg.Connection[dict[str, Any]], what: str, role: str
) -> None:
    sort, mark = LISTS[what]
    pages = Pages(contacts=CONTACTS, zone=ZoneInfo("UTC"), sort=sort)
    for after in (None, mark):
        cut = pages.cuts(after)[0]
        statement = Statements(CONTACTS).page(EVERYBODY, cut)
        nodes = plan(filled, role, statement, limit=20, **cut.parameters)
        assert read_as_a_whole(nodes) == set()
        assert not any("Sort" in node["Node Type"] for node in nodes)


@ROLES
def test_one_contact_is_explained_from_indexes(
    filled: psycopg.Connection[dict[str, Any]], role: str
) -> None:
    statement = ReachStatements(CONTACTS).why(EVERYBODY, [EVERYBODY.where])
    assert read_as_a_whole(plan(filled, role, statement, contact_id=MIDDLE)) == set()


@ROLES
def test_who_else_has_a_number_is_read_from_indexes(
    filled: psycopg.Connection[dict[str, Any]], role: str
) -> None:
    statement = ReachStatements(CONTACTS).keeper(EVERYBODY, Channel.SMS)
    nodes = plan(filled, role, statement, contact_id=MIDDLE, address="+15120000007")
    assert read_as_a_whole(nodes) == set()
    used = {node.get("Index Name") for node in nodes}
    assert {"contacts_phone_number", "phone_numbers_e164"} <= used
