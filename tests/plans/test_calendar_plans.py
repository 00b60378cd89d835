"""The calendar of a workspace with 100,000 broadcasts reads the steps of its days and no others."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from clarion.broadcasts.managing.store import queries
from clarion.kernel.actor import DEFAULT_WORKSPACE
from support.database import new_database
from support.plans import Runs, read

BROADCASTS = 100_000
#: So many broadcasts have a step on each day.
A_DAY = 100
PEOPLE = 20_000
BEGINS = datetime(2026, 11, 23, 6, tzinfo=UTC)
FEWER, MORE = uuid.UUID(int=1), uuid.UUID(int=2)

_FILL = f"""
set session_replication_role = replica;
insert into broadcast.broadcasts
  (id, workspace_id, name, broadcast_type, status, created_by, launched_at, archived_at)
select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, '{DEFAULT_WORKSPACE}',
  'Broadcast ' || n, 'sms', case n % 10 when 0 then 'draft' else 'completed' end, 'test', now(),
  case when n % 50 = 1 then now() end
from generate_series(1, {BROADCASTS}) n;
insert into broadcast.broadcast_steps
  (workspace_id, broadcast_id, position, channel, time_zone, status, send_mode, scheduled_for,
   scheduled_at)
select b.workspace_id, b.id, position, 'sms', 'America/Chicago',
  case b.status when 'draft' then 'draft' else 'completed' end, 'later',
  '2024-04-01 12:00'::timestamp + interval '1 day' * (n / {A_DAY} + position - 1),
  '2024-04-01 12:00-05'::timestamptz + interval '1 day' * (n / {A_DAY} + position - 1)
from (
  select *, right(id::text, 12)::int as n from broadcast.broadcasts
) b, generate_series(1, 2) position;
insert into broadcast.broadcast_recipients
  (workspace_id, broadcast_id, contact_id, name, sms_address, email_address, email_left_out,
   contact)
select '{DEFAULT_WORKSPACE}', id, n::text, 'Name', '+1512' || lpad(n::text, 7, '0'),
  n || '@example.com', null, '{{}}'
from unnest(array['{FEWER}', '{MORE}']::uuid[]) id, generate_series(1, {PEOPLE}) n;
set session_replication_role = origin;
analyze;
"""  # noqa: S608 - of numbers and ids of the test


@pytest.fixture(scope="module")
def filled() -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with (
        new_database() as dsn,
        psycopg.connect(dsn, row_factory=dict_row, autocommit=True) as connection,
    ):
        connection.execute(_FILL.encode())
        connection.execute("set search_path = broadcast, procrastinate, public")
        yield connection


@pytest.fixture(params=[False, True], ids=["these values", "any values"])
def runs(request: pytest.FixtureRequest) -> Runs:
    return Runs(request.param)


def _due(days: int, limit: int) -> dict[str, Any]:
    return {
        "workspace_id": DEFAULT_WORKSPACE,
        "begins_for_the_first": BEGINS - timedelta(days=2),
        "begins": BEGINS,
        "ends": BEGINS + timedelta(days=days),
        "archived": False,
        "limit": limit,
    }


def test_a_week_reads_the_steps_of_its_days(
    filled: psycopg.Connection[dict[str, Any]], runs: Runs
) -> None:
    nodes = runs(filled, queries.steps_due.sql, **_due(7, 2_000))
    # Two steps of each broadcast, and the two days before for the first zone on earth.
    assert 0 < read(nodes, "broadcast_steps") <= (7 + 2) * 2 * A_DAY + 7 * A_DAY
    assert read(nodes, "broadcasts") <= 7 * 2 * A_DAY


def test_two_months_read_no_more_than_fits(
    filled: psycopg.Connection[dict[str, Any]], runs: Runs
) -> None:
    nodes = runs(filled, queries.steps_due.sql, **_due(62, 1_001))
    assert read(nodes, "broadcast_steps") <= 2 * 1_001 + 2 * 2 * A_DAY


def test_the_times_of_their_broadcasts_are_found_by_them(
    filled: psycopg.Connection[dict[str, Any]], runs: Runs
) -> None:
    ids = [
        row["broadcast_id"]
        for row in filled.execute(queries.steps_due.sql, _due(7, 1_001)).fetchall()
    ]
    assert len(set(ids)) >= A_DAY
    nodes = runs(filled, queries.times_of.sql, broadcast_ids=list(set(ids)))
    assert read(nodes, "broadcast_steps") == 2 * len(set(ids))


def test_who_gets_both_is_counted_up_to_a_bound(
    filled: psycopg.Connection[dict[str, Any]], runs: Runs
) -> None:
    asked = {"fewer_id": FEWER, "more_id": MORE, "by_sms": True, "by_email": False, "limit": 500}
    row = filled.execute(queries.reached_by_both.sql, asked).fetchone()
    assert row is not None
    assert row["count"] == 500
    nodes = runs(filled, queries.reached_by_both.sql, **asked)
    assert read(nodes, "broadcast_recipients") <= 4 * 500
