"""Of many tests and files, only those that are asked for are read."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from clarion.broadcasts.files.store import queries as file_queries
from clarion.delivery.step_tests.store import queries
from clarion.kernel.actor import DEFAULT_WORKSPACE
from support.database import new_database
from support.plans import Runs, read

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
STEP, TEST = uuid.UUID(int=7), uuid.UUID(int=1)

#: 20,000 tests by 100 people at 100 steps, one every two minutes until NOW; the first is of STEP
#: and of the first person, and the last ones are on their way.
_FILL = f"""
set session_replication_role = replica;
insert into broadcast.test_messages
  (id, workspace_id, broadcast_id, step_id, channel, address, asked_by, status, provider, provider_id,
   created_at, claimed_at)
select case when n = 1 then '{TEST}'::uuid else broadcast.new_id() end, '{DEFAULT_WORKSPACE}',
  broadcast.new_id(),
  case when n % 100 = 1 then '{STEP}'::uuid else ('00000000-0000-4000-8000-' || lpad((n % 100)::text, 12, '0'))::uuid end,
  'sms', '+15125550100', 'person ' || (n % 100), case when n > 19990 then 'sending' else 'sent' end,
  'fake', 'SM' || n, '{NOW}'::timestamptz - n * interval '2 minutes',
  '{NOW}'::timestamptz - interval '1 hour'
from generate_series(1, 20000) n;
insert into broadcast.step_files (workspace_id, step_id, name, content_type, bytes, content)
select '{DEFAULT_WORKSPACE}', case when n <= 5 then '{STEP}'::uuid else gen_random_uuid() end, 'a' || n, 'a/b', 1, 'x'
from generate_series(1, 20000) n;
set session_replication_role = origin;
analyze;
"""  # noqa: E501, S608


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
def run(request: pytest.FixtureRequest) -> Runs:
    return Runs(any_values=request.param)


def test_reports_and_settling_look_tests_up_by_their_ids(
    filled: psycopg.Connection[dict[str, Any]], run: Runs
) -> None:
    ids = [TEST, *(uuid.uuid4() for _ in range(200))]
    assert read(run(filled, queries.are_tests.sql, ids=ids), "test_messages") <= len(ids)


def test_what_a_person_has_asked_for_lately_is_read_and_nothing_else(
    filled: psycopg.Connection[dict[str, Any]], run: Runs
) -> None:
    who = {"workspace_id": DEFAULT_WORKSPACE, "asked_by": "person 1"}
    lately = run(filled, queries.asked_since.sql, **who, since=NOW - timedelta(hours=12))
    assert read(lately, "test_messages") <= 4
    own = run(filled, queries.tests_of_person.sql, **who, step_id=STEP, limit=5)
    assert read(own, "test_messages") <= 5


def test_the_sweep_reads_what_is_on_its_way_and_the_month_what_is_old(
    filled: psycopg.Connection[dict[str, Any]], run: Runs
) -> None:
    lost = run(filled, queries.give_up.sql, before=NOW, detail="lost", limit=500)
    # Each of the ten is found, and found again to be written.
    assert read(lost, "test_messages") <= 20
    late = run(
        filled,
        queries.give_up_waiting.sql,
        before=NOW - timedelta(days=1),
        detail="late",
        limit=500,
        now=NOW,
    )
    # None waits; what is on its way stands in the same index.
    assert read(late, "test_messages") <= 20
    old = run(filled, queries.forget_old.sql, before=NOW - timedelta(minutes=39_990), limit=500)
    assert read(old, "test_messages") <= 12


def test_the_files_of_a_step_are_read_and_no_others(
    filled: psycopg.Connection[dict[str, Any]], run: Runs
) -> None:
    listed = run(filled, file_queries.list_files.sql, workspace_id=DEFAULT_WORKSPACE, step_id=STEP)
    assert read(listed, "step_files") == 5
