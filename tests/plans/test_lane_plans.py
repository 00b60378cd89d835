"""Moving what waits on a lane reads the rows that it moves, not a ledger of 40,000."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from clarion.delivery.lanes import queries as lanes
from clarion.kernel.actor import DEFAULT_WORKSPACE
from support.database import new_database

LANE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
STEP = uuid.UUID(int=7)
LIMIT = 100

_FILL = f"""
set session_replication_role = replica;
insert into broadcast.lanes (id, channel, provider, sender, rate_per_second)
values ('{LANE}', 'sms', 'twilio', '+15125550001', 10), ('{OTHER}', 'sms', 'twilio', '+15125550002', 10);
insert into broadcast.broadcast_steps (id, workspace_id, broadcast_id, position, channel, time_zone, status)
select lpad(to_hex(n), 32, '0')::uuid, '{DEFAULT_WORKSPACE}', lpad(to_hex(n), 32, '0')::uuid, 1, 'sms', 'UTC', 'sending'
from generate_series(1, 100) n;
insert into broadcast.messages (workspace_id, broadcast_id, step_id, channel, address, lane_id)
select '{DEFAULT_WORKSPACE}', s.broadcast_id, s.id, 'sms', '+1512' || lpad(n::text, 7, '0'), '{LANE}'
from broadcast.broadcast_steps s, generate_series(1, 300) n;
insert into broadcast.messages (workspace_id, job_id, channel, address, lane_id)
select '{DEFAULT_WORKSPACE}', broadcast.new_id(), 'sms', '+1512' || lpad(n::text, 7, '0'), '{LANE}'
from generate_series(1, 10000) n;
insert into broadcast.streams (workspace_id, lane_id, step_id, due_at)
select '{DEFAULT_WORKSPACE}', '{LANE}', id, now() from broadcast.broadcast_steps;
insert into broadcast.streams (workspace_id, lane_id, due_at) values ('{DEFAULT_WORKSPACE}', '{LANE}', now());
set session_replication_role = origin;
analyze;
"""  # noqa: E501, S608 - our own values


@pytest.fixture(scope="module")
def filled() -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with (
        new_database() as dsn,
        psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection,
    ):
        connection.execute("set search_path = broadcast, public")
        connection.execute(_FILL.encode())
        yield connection


@pytest.mark.parametrize("step_id", [STEP, None], ids=["of a step", "single ones"])
def test_a_slice_is_moved_by_an_index(
    filled: psycopg.Connection[dict[str, Any]], step_id: uuid.UUID | None
) -> None:
    nodes = _run(
        filled,
        lanes.move_waiting.sql,
        lane_id=LANE,
        workspace_id=DEFAULT_WORKSPACE,
        step_id=step_id,
        lane_ids=[OTHER],
        weights=[1.0],
        limit=LIMIT,
    )
    assert _read(nodes, "messages") <= 3 * LIMIT


@pytest.mark.parametrize("step_id", [STEP, None], ids=["of a step", "single ones"])
def test_what_is_due_next_in_a_stream_is_found_by_an_index(
    filled: psycopg.Connection[dict[str, Any]], step_id: uuid.UUID | None
) -> None:
    row = filled.execute(
        "select id from broadcast.streams where step_id is not distinct from %s", [step_id]
    ).fetchone()
    assert row is not None
    assert _read(_run(filled, lanes.stream_moved_away.sql, id=row["id"]), "messages") <= 2


def _run(
    connection: psycopg.Connection[dict[str, Any]], statement: str, **parameters: Any
) -> list[dict[str, Any]]:
    """The nodes of the plan, as it was carried out and undone again."""
    with connection.transaction(force_rollback=True):
        connection.execute("select set_config('role', 'clarion_worker', true)")
        cursor = connection.execute(
            f"explain (analyze, format json) {statement}".encode(), parameters
        )
        row = cursor.fetchone()
    assert row is not None
    return list(_nodes(row["QUERY PLAN"][0]["Plan"]))


def _read(nodes: list[dict[str, Any]], table: str) -> float:
    """Rows that were read of the table, those that were read in vain among them."""
    return float(
        sum(
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            for node in nodes
            if node.get("Relation Name") == table and node["Node Type"] != "ModifyTable"
        )
    )


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
