"""What workers do all day long with what was sent touches a few pages, however much there is of it:
neither a table is read from end to end, nor an index."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from clarion.compliance.suppression import queries as compliance
from clarion.delivery.settling.store import queries as settling
from clarion.delivery.settling.sweep import ASKED_AFTER
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.tracking.store import queries as tracking
from support.database import new_database

ROWS = 60_000
BROADCAST, STEP, LANE = uuid.UUID(int=1), uuid.UUID(int=2), uuid.UUID(int=3)
FIRST = uuid.UUID(int=0)
LAST = uuid.UUID(int=(1 << 128) - 1)
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=90)

#: Pages that a statement over a few rows may touch; the smallest table here has ten times as many.
FEW = 120

#: Tables that hold a row per message, event or address; none of them may be read as a whole.
LARGE = {"messages", "message_events", "message_attempts", "suppressions"}

_FILL = f"""
set session_replication_role = replica;
insert into broadcast.broadcasts (id, workspace_id, name, broadcast_type, status, created_by)
values ('{BROADCAST}', '{DEFAULT_WORKSPACE}', 'Spring', 'sms', 'sending', 'test');
insert into broadcast.broadcast_steps
  (id, workspace_id, broadcast_id, position, channel, time_zone, status, scheduled_at)
values ('{STEP}', '{DEFAULT_WORKSPACE}', '{BROADCAST}', 1, 'sms', 'UTC', 'sending', now());
insert into broadcast.lanes (id, channel, provider, sender, rate_per_second)
values ('{LANE}', 'sms', 'sandbox', '+15005550006', 100);
insert into broadcast.messages
  (workspace_id, broadcast_id, step_id, channel, address, status, lane_id, provider, provider_id,
   attempts, error_code, claimed_at, sent_at, failed_at, updated_at)
select '{DEFAULT_WORKSPACE}', '{BROADCAST}', '{STEP}', 'sms', '+1512' || lpad(n::text, 7, '0'),
  case when n % 1000 = 0 then 'uncertain' when n % 1000 = 1 then 'sending' when n % 1000 = 2 then 'failed'
    when n % 1000 = 3 then 'pending' when n % 100 = 7 then 'sent' else 'delivered' end,
  '{LANE}', 'sandbox', 'SM' || n, 1, case when n % 1000 = 2 then '30003' end, now() - interval '1 hour',
  now() - interval '1 hour', null, now() - interval '1 hour'
from generate_series(1, {ROWS}) n;
insert into broadcast.messages
  (workspace_id, job_id, channel, address, status, lane_id, provider, provider_id, attempts,
   claimed_at, sent_at, updated_at)
select '{DEFAULT_WORKSPACE}', broadcast.new_id(), 'sms', '+1612' || lpad(n::text, 7, '0'),
  case when n % 1000 = 0 then 'sent' else 'delivered' end, '{LANE}', 'sandbox', 'SD' || n, 1,
  now() - interval '1 hour', now() - interval '1 hour', now() - interval '1 hour'
from generate_series(1, {ROWS}) n;
insert into broadcast.message_attempts
  (message_id, attempt, workspace_id, lane_id, provider, provider_id, status)
select id, 1, workspace_id, lane_id, 'sandbox', 'old ' || provider_id, 'failed' from broadcast.messages;
insert into broadcast.message_events
  (received_month, workspace_id, event_key, kind, provider, provider_id, channel, applied_at, outcome,
   payload, received_at)
select date_trunc('month', now() at time zone 'UTC'), '{DEFAULT_WORKSPACE}', 'key ' || n, 'status',
  'sandbox', 'SM' || n, 'sms', case when n % 1000 > 0 then now() end,
  case when n % 1000 = 0 then null when n % 2000 = 1 then 'unmatched' else 'applied' end, '{{}}', now()
from generate_series(1, {ROWS}) n;
insert into broadcast.suppressions
  (workspace_id, channel, address, reason, source, lifted_at)
select '{DEFAULT_WORKSPACE}', 'sms', '+1512' || lpad(n::text, 7, '0'), 'opted_out', 'test',
  case when n % 2 = 0 then now() end
from generate_series(1, {ROWS}) n;
set session_replication_role = origin;
insert into broadcast.step_counts (workspace_id, step_id, channel, status, messages)
select workspace_id, step_id, channel, status, count(*)
from broadcast.messages where step_id is not null group by 1, 2, 3, 4;
analyze;
"""


@pytest.fixture(scope="module")
def filled() -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with (
        new_database() as dsn,
        psycopg.connect(dsn, row_factory=dict_row, autocommit=True) as connection,
    ):
        connection.execute(_FILL.encode())
        connection.execute("vacuum analyze broadcast.messages")
        connection.execute("set search_path = broadcast, procrastinate, public")
        yield connection


_ASKABLE = {"providers": ["sandbox"], "channels": ["sms"]}
_PAGE = {"broadcast_id": BROADCAST, "after": FIRST, "up_to": LAST, "now": NOW}
_DIRECT = {
    "after_at": LONG_AGO,
    "after_id": FIRST,
    "up_to_at": NOW,
    "up_to_id": LAST,
    "now": NOW,
}
_TOO_OLD = {"oldest": LONG_AGO, "unasked_before": LONG_AGO}
_DUE = {"pauses": list(ASKED_AFTER), "untouched_since": NOW, "limit": 20}
_IDS = [uuid.uuid4() for _ in range(5)]
_OF_PROVIDER = {
    "providers": ["sandbox"] * 3,
    "provider_ids": ["SM11", "old SM12", "nobody's"],
}
_ADDRESSES = {
    "workspace_ids": [DEFAULT_WORKSPACE] * 2,
    "channels": ["sms"] * 2,
    "addresses": ["+15120000011", "+15120000012"],
    "ats": [NOW, NOW],
    "sources": ["test", "test"],
}

HOT: dict[str, tuple[Any, dict[str, Any]]] = {
    "find lost claims": (
        settling.lose_claims,
        {"before": LONG_AGO, "now": NOW, "limit": 100},
    ),
    "find uncertain messages": (
        settling.uncertain_messages,
        {"before": NOW, "limit": 100, **_ASKABLE},
    ),
    "give up what is uncertain for long": (
        settling.long_uncertain,
        {"unlisted_before": LONG_AGO, "listed_before": LONG_AGO, "limit": 100, **_ASKABLE},
    ),
    "know provider ids": (
        settling.known_provider_ids,
        {"provider": "sandbox", "provider_ids": ["SM1", "old SM2"]},
    ),
    "keep attempts": (settling.keep_attempts, {"ids": _IDS}),
    "make them wait anew": (settling.wait_anew, {"ids": _IDS, "due_at": NOW, "now": NOW}),
    "hold broadcasts of messages": (settling.hold_broadcasts, {"ids": _IDS}),
    "reopen steps": (settling.reopen, {"broadcast_ids": None, "now": NOW}),
    "find broadcasts without receipts": (settling.broadcasts_without_receipts, {}),
    "turn a page of what is sent": (
        settling.page_of_sent,
        {"broadcast_id": BROADCAST, "after": FIRST, "limit": 50},
    ),
    "turn a page of single messages": (
        settling.page_of_sent_direct,
        {"after_at": LONG_AGO, "after_id": FIRST, "before": NOW, "limit": 50},
    ),
    "close single messages": (
        settling.close_page_direct,
        {**_DIRECT, **_ASKABLE, **_TOO_OLD},
    ),
    "write checks down": (
        settling.checked,
        {
            "ids": _IDS,
            "attempts": [1] * 5,
            "checks": [0] * 5,
            "closes": [True] * 5,
            "now": NOW,
        },
    ),
    "hold what failed": (
        settling.hold_failed,
        {
            "broadcast_id": BROADCAST,
            "after": FIRST,
            "codes": ["30003"],
            "unchanged_since": NOW,
            "limit": 20,
        },
    ),
    "find what is still put back": (settling.open_retry, {"broadcast_id": BROADCAST}),
    "find all that is still put back": (settling.open_retries, {}),
    "hold messages of events": (tracking.hold_messages, {"message_ids": _IDS, **_OF_PROVIDER}),
    "read attempts": (tracking.attempts_of, {"message_ids": _IDS}),
    "find who has a provider's id": (tracking.owners_of, _OF_PROVIDER),
    "look whether it may be sent anew": (tracking.may_be_sent_anew, {"message_ids": _IDS}),
    "take events": (tracking.take_events, {"limit": 20}),
    "put addresses on the list": (
        compliance.suppress,
        {**_ADDRESSES, "reasons": ["opted_out", "complaint"], "details": [None, None]},
    ),
    "take addresses off the list": (compliance.lift, _ADDRESSES),
}

#: The pages of what is sent (one of a hundred messages) are read, and nothing of the others.
OF_A_PAGE: dict[str, tuple[Any, dict[str, Any]]] = {
    "close what is too old": (settling.close_page, {**_PAGE, **_ASKABLE, **_TOO_OLD}),
    "ask for receipts of single messages": (
        settling.take_page_direct,
        {**_DIRECT, **_ASKABLE, **_DUE},
    ),
    "ask for receipts": (settling.take_page, {**_PAGE, **_ASKABLE, **_DUE}),
    "revive events": (tracking.revive_unmatched, {"since": NOW - timedelta(days=2)}),
    "count what failed": (settling.failed_by_code, {"broadcast_id": BROADCAST}),
}


@pytest.mark.parametrize("what", HOT)
def test_it_touches_a_few_pages(filled: psycopg.Connection[dict[str, Any]], what: str) -> None:
    scanned, pages = _run(filled, *HOT[what])
    assert scanned == set()
    assert pages < FEW


@pytest.mark.parametrize("what", OF_A_PAGE)
def test_it_touches_what_it_is_about(filled: psycopg.Connection[dict[str, Any]], what: str) -> None:
    scanned, pages = _run(filled, *OF_A_PAGE[what])
    assert scanned == set()
    assert pages < 20 * FEW


def test_the_tables_are_large_enough_to_tell(
    filled: psycopg.Connection[dict[str, Any]],
) -> None:
    for table in ("messages", "message_attempts", "suppressions"):
        row = filled.execute(
            "select relpages from pg_class where oid = %s::regclass", [f"broadcast.{table}"]
        ).fetchone()
        assert row is not None
        assert row["relpages"] > 5 * FEW, table


def _run(
    connection: psycopg.Connection[dict[str, Any]], query: Any, parameters: dict[str, Any]
) -> tuple[set[str], int]:
    """The large tables that are read from end to end, and all pages that are touched."""
    with connection.transaction(force_rollback=True):
        connection.execute("select set_config('role', 'clarion_worker', true)")
        cursor = connection.execute(
            f"explain (analyze, buffers, format json) {query.sql}".encode(), parameters
        )
        row = cursor.fetchone()
    assert row is not None
    plan = row["QUERY PLAN"][0]["Plan"]
    scanned = {
        node["Relation Name"].removesuffix(f"_{datetime.now(UTC):%Y%m}")
        for node in _nodes(plan)
        if node["Node Type"] == "Seq Scan"
    } & LARGE
    return scanned, plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
