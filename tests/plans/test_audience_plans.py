"""What is known outside the contacts is joined by hashing, and found by an index if it is little."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.rows import dict_row

from clarion.audience.contact_table import Column, ContactNames, ContactTable
from clarion.audience.fields import Activity
from clarion.audience.filter import (
    ActivityCondition,
    Group,
    Match,
    Part,
    ScheduledCondition,
    SegmentCondition,
    SegmentInFilter,
)
from clarion.audience.filter_sql import compile_filter
from clarion.audience.outside import OutsideCondition, people_of
from clarion.audience.statements import Statements
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.tracking.store import queries as tracking
from support.database import new_database

ROWS = 50_000
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
LARGE_ONE, SMALL_ONE, PLANNED = (uuid.UUID(int=number) for number in (1, 2, 3))
SEGMENT = uuid.UUID(int=7)

_FILL = f"""
set session_replication_role = replica;
insert into public.contacts (first_name) select 'First ' || n from generate_series(1, {ROWS}) n;
insert into broadcast.broadcasts (id, workspace_id, name, broadcast_type, status, created_by)
select id, '{DEFAULT_WORKSPACE}', 'Spring', 'sms', status, 'test'
from (values ('{LARGE_ONE}'::uuid, 'completed'), ('{SMALL_ONE}', 'completed'), ('{PLANNED}', 'scheduled'))
  as given (id, status);
insert into broadcast.broadcasts (workspace_id, name, broadcast_type, status, created_by)
select '{DEFAULT_WORKSPACE}', 'Old ' || n, 'sms', 'completed', 'test' from generate_series(1, 5000) n;
insert into broadcast.broadcast_steps
  (id, workspace_id, broadcast_id, position, channel, time_zone, status)
select id, workspace_id, id, 1, 'sms', 'UTC', status from broadcast.broadcasts;
insert into broadcast.broadcast_recipients
  (workspace_id, broadcast_id, contact_id, name, sms_address, contact)
select '{DEFAULT_WORKSPACE}', case when n % 500 = 0 then '{PLANNED}' else '{LARGE_ONE}' end::uuid,
  id::text, '', '+1512' || lpad(n::text, 7, '0'), '{{}}'
from (select id, row_number() over () as n from public.contacts) numbered;
-- Sent one after another, the last hundred in the last week.
insert into broadcast.messages
  (workspace_id, broadcast_id, step_id, contact_id, channel, address, status, sent_at, delivered_at)
select '{DEFAULT_WORKSPACE}', case when n % 500 = 0 then '{SMALL_ONE}' else '{LARGE_ONE}' end::uuid,
  case when n % 500 = 0 then '{SMALL_ONE}' else '{LARGE_ONE}' end::uuid,
  id::text, 'sms', '+1512' || lpad(n::text, 7, '0'), 'delivered', moment, moment + interval '1 second'
from (
  select id, n, '{NOW}'::timestamptz - ({ROWS} - n) * interval '100 minutes' as moment
  from (select id, row_number() over () as n from public.contacts) numbered
) sent;
select broadcast.make_event_partitions('2026-11-01');
insert into broadcast.message_events
  (received_month, workspace_id, event_key, kind, provider, channel, message_id, occurred_at, received_at,
   applied_at, payload)
select '2026-11-01', '{DEFAULT_WORKSPACE}', 'key ' || n, case when n % 100 = 0 then 'click' else 'status' end,
  'sandbox', 'sms', id, sent_at, '{NOW}', '{NOW}', '{{}}'
from (select id, sent_at, row_number() over (order by sent_at) as n from broadcast.messages) numbered;
insert into broadcast.segments
  (id, workspace_id, name, kind, filter, freezing, frozen_at, created_by)
select case when n = 1 then '{SEGMENT}'::uuid else broadcast.new_id() end, '{DEFAULT_WORKSPACE}',
  'Segment ' || n, 'frozen', '{{}}', 'saved', '{NOW}', 'test'
from generate_series(1, 100) n;
insert into broadcast.segment_contacts (workspace_id, segment_id, contact_id)
select s.workspace_id, s.id, c.id::text
from broadcast.segments s cross join (select id from public.contacts limit 500) c;
set session_replication_role = origin;
analyze;
"""


@pytest.fixture(scope="module")
def filled() -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with (
        new_database() as dsn,
        psycopg.connect(dsn, row_factory=dict_row, autocommit=True) as connection,
    ):
        connection.execute(_FILL.encode())
        connection.execute("set search_path = broadcast, procrastinate, public")
        yield connection


def nodes(
    connection: psycopg.Connection[dict[str, Any]], statement: Any, parameters: dict[str, Any]
) -> list[dict[str, Any]]:
    text = statement if isinstance(statement, str) else statement.as_string(connection)
    with connection.transaction(force_rollback=True):
        connection.execute("select set_config('role', 'clarion_worker', true)")
        cursor = connection.execute(
            f"explain (format json) {text}".encode(),
            {**parameters, "workspace_id": DEFAULT_WORKSPACE},
        )
        row = cursor.fetchone()
    assert row is not None
    return list(_walk(row["QUERY PLAN"][0]["Plan"]))


def _walk(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _walk(child)


def activity(
    name: str, *, broadcasts: tuple[uuid.UUID, ...] | None = None, days: int | None = None
) -> ActivityCondition:
    return ActivityCondition(
        activity=Activity(name), broadcasts=broadcasts, days=days, negated=False
    )


SAVED = SegmentInFilter(id=SEGMENT, name="Saved", group=None)

#: Few people among many: each with the table that must not be read from end to end for them.
FEW: dict[str, tuple[OutsideCondition, set[str]]] = {
    "sent to lately": (activity("sent", days=7), {"messages"}),
    "reached lately": (activity("delivered", days=7), {"messages"}),
    "in a small broadcast": (activity("sent", broadcasts=(SMALL_ONE,)), {"messages"}),
    "clicked lately": (activity("clicked", days=7), {"messages", "message_events_202611"}),
    "replied lately": (activity("replied", days=7), {"messages", "message_events_202611"}),
    "clicked in a small broadcast": (
        activity("clicked", broadcasts=(SMALL_ONE,)),
        {"messages", "message_events_202611"},
    ),
    "in a frozen segment": (SAVED, {"segment_contacts"}),
    "in a scheduled broadcast": (
        ScheduledCondition(negated=False),
        {"broadcast_recipients", "broadcasts"},
    ),
}


@pytest.mark.parametrize("what", FEW)
def test_a_few_people_are_found_by_an_index(
    filled: psycopg.Connection[dict[str, Any]], what: str
) -> None:
    condition, large = FEW[what]
    statement, parameters = people_of(condition, zone=ZONE, now=NOW)
    plan = nodes(filled, statement, parameters)
    assert {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"} & large == (
        set()
    )


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        (activity("sent", days=7), "messages_lately"),
        (activity("delivered", days=7), "messages_lately"),
        (activity("clicked", days=7), "message_events_202611_workspace_id_kind_coalesce_idx"),
    ],
)
def test_what_happened_lately_has_an_index(
    filled: psycopg.Connection[dict[str, Any]], condition: ActivityCondition, index: str
) -> None:
    statement, parameters = people_of(condition, zone=ZONE, now=NOW)
    assert index in {node.get("Index Name") for node in nodes(filled, statement, parameters)}


CONDITIONS: dict[str, Part] = {
    "everybody written to": activity("sent"),
    "everybody who was never reached": ActivityCondition(
        activity=Activity.DELIVERED, broadcasts=None, days=None, negated=True
    ),
    "all of a large broadcast": activity("sent", broadcasts=(LARGE_ONE,)),
    "nobody of a large broadcast": ActivityCondition(
        activity=Activity.SENT, broadcasts=(LARGE_ONE,), days=None, negated=True
    ),
    "in a frozen segment": SegmentCondition(segments=(SAVED,), negated=False),
    "in no scheduled broadcast": ScheduledCondition(negated=True),
    "one or the other": Group(
        match=Match.ANY,
        conditions=(activity("sent"), SegmentCondition(segments=(SAVED,), negated=True)),
    ),
}

_CONTACTS = ContactTable(
    names=ContactNames(), id_type="uuid", columns=(Column(name="id", sql_type="uuid"),)
)


@pytest.mark.parametrize("what", CONDITIONS)
def test_people_outside_are_joined_once_and_never_looked_up_for_each_contact(
    filled: psycopg.Connection[dict[str, Any]], what: str
) -> None:
    compiled = compile_filter(
        Group(match=Match.ALL, conditions=(CONDITIONS[what],)),
        contacts=_CONTACTS,
        zone=ZONE,
        now=NOW,
    )
    plan = nodes(filled, Statements(_CONTACTS).count(compiled), compiled.parameters)
    assert not [node for node in plan if node.get("Parent Relationship") == "SubPlan"]
    # What meets the contacts hashes or sorts; loops are for the few rows inside of a lookup.
    loops = [node for node in plan if node["Node Type"] == "Nested Loop"]
    assert not [node for node in loops if "contacts" in _tables(node)]


def _tables(plan: dict[str, Any]) -> set[str]:
    return {node["Relation Name"] for node in _walk(plan) if "Relation Name" in node}


def test_the_message_that_a_text_answers_is_found_by_its_address(
    filled: psycopg.Connection[dict[str, Any]],
) -> None:
    plan = nodes(
        filled,
        tracking.answered_messages.sql,
        {
            "event_ids": [SEGMENT],
            "workspace_ids": [DEFAULT_WORKSPACE],
            "channels": ["sms"],
            "addresses": ["+15120000007"],
            "ats": [NOW],
        },
    )
    assert "messages_address" in {node.get("Index Name") for node in plan}
    assert not [node for node in plan if node["Node Type"] == "Seq Scan"]
