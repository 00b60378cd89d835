"""Applying what providers report reads little, also from a table that has just been filled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.tracking.store import queries
from support.plans import Runs, read

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EVENTS, BATCH = 20_000, 1_000


@pytest.fixture(params=[False, True], ids=["these values", "any values"])
def run(request: pytest.FixtureRequest) -> Runs:
    return Runs(any_values=request.param)


def test_events_are_marked_without_reading_all_of_them_for_each(dsn: str, run: Runs) -> None:
    """A burst of callbacks comes before the planner has looked at the table."""
    with psycopg.connect(dsn, row_factory=dict_row, autocommit=True) as connection:
        connection.execute("set search_path = broadcast, public")
        connection.execute("select broadcast.make_event_partitions('2026-11-01')")
        connection.execute(
            "alter table broadcast.message_events_202611 set (autovacuum_enabled = false)"
        )
        connection.execute(
            "insert into broadcast.message_events (received_month, workspace_id, event_key, kind,"
            " provider, channel, status, payload)"
            " select '2026-11-01', %s, 'twilio:' || n, 'status', 'twilio', 'sms', 'delivered', '{}'"
            " from generate_series(1, %s) n",
            [DEFAULT_WORKSPACE, EVENTS],
        )
        taken: list[dict[str, Any]] = connection.execute(
            queries.take_events.sql, {"limit": BATCH}
        ).fetchall()
        nodes = run(
            connection,
            queries.mark_applied.sql,
            months=[event["received_month"] for event in taken],
            event_keys=[event["event_key"] for event in taken],
            outcomes=["applied"] * BATCH,
            message_ids=[None] * BATCH,
            now=NOW,
        )
    assert len(taken) == BATCH
    # Each by its key, or all of them once; never all of them for each.
    assert BATCH <= read(nodes, "message_events_202611") <= EVENTS
