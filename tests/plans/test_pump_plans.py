"""The statements of every turn read the few rows that they are about, whatever waits beside."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from clarion.delivery.sending.store import BEGINNING
from clarion.delivery.sending.store import queries as pump
from clarion.delivery.store import queries as delivery
from clarion.kernel.actor import DEFAULT_WORKSPACE
from support.database import new_database
from support.plans import Runs, read

NOW = datetime.now(UTC) + timedelta(days=1)
LANE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
STEP = uuid.UUID(int=7)
LIMIT = 100

#: 100 steps of 300 messages on one lane, 20,000 single messages of 20 workspaces, and 5,000 streams
#: in which nothing waits any more.
_FILL = f"""
set session_replication_role = replica;
insert into broadcast.workspaces (id, name)
select lpad(to_hex(n), 32, 'a')::uuid, 'Workspace ' || n from generate_series(1, 20) n;
insert into broadcast.lanes (id, channel, provider, sender, rate_per_second)
values ('{LANE}', 'sms', 'twilio', '+15125550001', 10), ('{OTHER}', 'sms', 'twilio', '+15125550002', 10);
insert into broadcast.broadcasts (id, workspace_id, name, broadcast_type, status, created_by)
select lpad(to_hex(n), 32, '0')::uuid, '{DEFAULT_WORKSPACE}', 'B', 'sms',
  case when n <= 100 then 'sending' else 'completed' end, 'test'
from generate_series(1, 5100) n;
insert into broadcast.broadcast_steps (id, workspace_id, broadcast_id, position, channel, time_zone, status)
select id, workspace_id, id, 1, 'sms', 'UTC', status from broadcast.broadcasts;
insert into broadcast.broadcast_recipients (workspace_id, broadcast_id, contact_id, name, sms_address, contact)
select '{DEFAULT_WORKSPACE}', b.id, n::text, 'Name', '+1512' || lpad(n::text, 7, '0'), '{{}}'
from broadcast.broadcasts b, generate_series(1, 300) n where b.status = 'sending';
insert into broadcast.messages (workspace_id, broadcast_id, step_id, recipient_id, channel, address, lane_id)
select workspace_id, broadcast_id, broadcast_id, id, 'sms', sms_address, '{LANE}'
from broadcast.broadcast_recipients;
insert into broadcast.messages (workspace_id, job_id, channel, address, lane_id)
select lpad(to_hex(1 + n % 20), 32, 'a')::uuid, broadcast.new_id(), 'sms',
  '+1512' || lpad(n::text, 7, '0'), '{LANE}'
from generate_series(1, 20000) n;
insert into broadcast.streams (workspace_id, lane_id, step_id, due_at, served_at)
select workspace_id, '{LANE}', id, case when status = 'sending' then now() else 'infinity' end, now()
from broadcast.broadcast_steps;
insert into broadcast.streams (workspace_id, lane_id, due_at, served_at)
select id, '{LANE}', now(), now() from broadcast.workspaces;
insert into broadcast.suppressions (workspace_id, channel, address, reason, source)
select '{DEFAULT_WORKSPACE}', 'sms', '+1512' || lpad(n::text, 7, '0'), 'opted_out', 'test'
from generate_series(1, 30000) n;
set session_replication_role = origin;
analyze;
"""  # noqa: E501, S608 - our own values

_OF_A_STREAM = {
    "lane_id": LANE,
    "channel": "sms",
    "after_due_at": BEGINNING[0],
    "after_id": BEGINNING[1],
    "limit": LIMIT,
    "now": NOW,
}
_TURN = {"looks": True, "not_before": NOW, "now": NOW}


@pytest.fixture(scope="module")
def filled() -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with (
        new_database() as dsn,
        psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection,
    ):
        connection.execute("set search_path = broadcast, public")
        connection.execute(_FILL.encode())
        yield connection


@pytest.fixture(params=[False, True], ids=["these values", "any values"])
def run(request: pytest.FixtureRequest) -> Runs:
    return Runs(any_values=request.param)


def _first_messages(connection: psycopg.Connection[dict[str, Any]], count: int) -> list[uuid.UUID]:
    cursor = connection.execute("select id from broadcast.messages order by id limit %s", [count])
    return [row["id"] for row in cursor]


def _stream(connection: psycopg.Connection[dict[str, Any]], step_id: uuid.UUID | None) -> uuid.UUID:
    row = connection.execute(
        "select id from broadcast.streams where step_id is not distinct from %s"
        " order by workspace_id limit 1",
        [step_id],
    ).fetchone()
    assert row is not None
    found: uuid.UUID = row["id"]
    return found


def test_whose_turn_it_is_reads_the_streams_that_are_due(
    filled: psycopg.Connection[dict[str, Any]], run: Runs
) -> None:
    nodes = run(
        filled,
        pump.pick_streams.sql,
        providers=["twilio"],
        channels=["sms"],
        busy_lanes=[],
        ahead=timedelta(seconds=0.5),
        limit=20,
        now=NOW,
    )
    assert read(nodes, "streams") <= 2 * (100 + 21)
    assert read(nodes, "broadcasts") <= 121
    assert read(nodes, "messages") == 0


def test_a_claim_reads_what_it_claims(
    filled: psycopg.Connection[dict[str, Any]], run: Runs
) -> None:
    nodes = run(
        filled,
        pump.claim_of_step.sql,
        step_id=STEP,
        workspace_id=DEFAULT_WORKSPACE,
        with_contacts=True,
        with_person=True,
        **_OF_A_STREAM,
    )
    assert read(nodes, "messages") == LIMIT
    assert read(nodes, "broadcast_recipients") <= LIMIT
    assert read(nodes, "suppressions") <= LIMIT


def test_a_claim_of_single_messages_reads_what_it_claims(
    filled: psycopg.Connection[dict[str, Any]], run: Runs
) -> None:
    workspace = uuid.UUID("a" * 31 + "3")
    nodes = run(filled, pump.claim_direct.sql, workspace_id=workspace, **_OF_A_STREAM)
    assert read(nodes, "messages") == LIMIT


def test_a_claim_goes_on_where_the_last_one_ended(
    filled: psycopg.Connection[dict[str, Any]], run: Runs
) -> None:
    row = filled.execute(
        "select due_at, id from broadcast.messages where step_id = %s"
        " order by due_at, id offset 250 limit 1",
        [STEP],
    ).fetchone()
    assert row is not None
    there = {"after_due_at": row["due_at"], "after_id": row["id"]}
    nodes = run(
        filled,
        pump.claim_of_step.sql,
        step_id=STEP,
        workspace_id=DEFAULT_WORKSPACE,
        with_contacts=False,
        with_person=False,
        **{**_OF_A_STREAM, **there},
    )
    assert read(nodes, "messages") == 49
    assert read(nodes, "broadcast_recipients") == 0


def test_a_slice_is_put_on_record_by_its_ids(
    filled: psycopg.Connection[dict[str, Any]], run: Runs
) -> None:
    ids = _first_messages(filled, LIMIT)
    nodes = run(
        filled,
        pump.begin_sending.sql,
        ids=ids,
        statuses=["sending"] * LIMIT,
        bodies=["Hello"] * LIMIT,
        subjects=[None] * LIMIT,
        attempts=[1] * LIMIT,
        skip_reasons=[None] * LIMIT,
        error_codes=[None] * LIMIT,
        error_details=[None] * LIMIT,
        provider="twilio",
        now=NOW,
    )
    assert read(nodes, "messages") <= LIMIT


def test_answers_are_written_by_their_ids(
    filled: psycopg.Connection[dict[str, Any]], run: Runs
) -> None:
    ids = _first_messages(filled, LIMIT)
    nodes = run(
        filled,
        delivery.write_outcomes.sql,
        ids=ids,
        statuses=["sent"] * LIMIT,
        provider_ids=[f"SM{each}" for each in ids],
        segments=[1] * LIMIT,
        error_codes=[None] * LIMIT,
        error_details=[None] * LIMIT,
        again_ats=[None] * LIMIT,
        given_back=[0] * LIMIT,
        attempts=[1] * LIMIT,
        claimed_ats=[NOW] * LIMIT,
        lane_ids=[None] * LIMIT,
        now=NOW,
    )
    assert read(nodes, "messages") <= 2 * LIMIT


@pytest.mark.parametrize("step_id", [STEP, None], ids=["of a step", "single ones"])
def test_the_end_of_a_turn_looks_up_one_message(
    filled: psycopg.Connection[dict[str, Any]], step_id: uuid.UUID | None, run: Runs
) -> None:
    nodes = run(filled, delivery.end_turn.sql, id=_stream(filled, step_id), **_TURN)
    assert read(nodes, "messages") <= 2


def test_messages_wake_their_streams_by_their_ids(
    filled: psycopg.Connection[dict[str, Any]], run: Runs
) -> None:
    nodes = run(filled, delivery.wake_streams.sql, ids=_first_messages(filled, LIMIT))
    assert read(nodes, "messages") <= LIMIT


def test_the_sweep_looks_up_one_message_for_each_stream(
    filled: psycopg.Connection[dict[str, Any]], run: Runs
) -> None:
    assert read(run(filled, delivery.wake_steps.sql, broadcast_id=None), "messages") <= 200
    assert read(run(filled, delivery.wake_steps.sql, broadcast_id=STEP), "messages") <= 2
    assert read(run(filled, delivery.wake_direct.sql), "messages") <= 21
