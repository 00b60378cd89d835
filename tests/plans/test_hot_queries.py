"""The queries of every day read an index, not a table of 50,000 rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from clarion.audience.exports.store import queries as exports
from clarion.audience.segments.store import queries as segments
from clarion.audience.store import queries as audience
from clarion.broadcasts.managing.store import queries as managing
from clarion.broadcasts.store import queries as broadcasts
from clarion.content.saved_templates import queries as templates
from clarion.delivery.launching.store import queries as launching
from clarion.delivery.store import queries as delivery
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.queue.service import queries as queue
from clarion.tracking.metrics.store import queries as metrics
from clarion.tracking.store import queries as tracking
from support.database import new_database
from support.plans import plan_of

ROWS = 50_000
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BROADCAST = uuid.UUID(int=1)
STEP = uuid.UUID(int=2)
LANE = uuid.UUID(int=3)
SEGMENT = uuid.UUID(int=4)
EXPORT = uuid.UUID(int=5)
TEMPLATE = uuid.UUID(int=6)

#: Tables that hold a row per contact, message or event; none of them may be read as a whole.
LARGE = {
    "contacts",
    "phone_numbers",
    "suppressions",
    "broadcast_recipients",
    "messages",
    "message_events",
    "message_attempts",
    "queue_jobs",
    "contact_changes",
    "broadcasts",
    "segments",
    "segment_contacts",
    "segment_sizes",
    "segment_uses",
    "exports",
    "export_parts",
    "broadcast_editors",
    "templates",
    "template_versions",
}

_FILL = f"""
set session_replication_role = replica;
insert into public.contacts (first_name, last_name, phone_number, metadata)
select 'First ' || n, 'Last', '+1512' || lpad(n::text, 7, '0'), jsonb_build_object('state', 'TX')
from generate_series(1, {ROWS}) n;
insert into broadcast.phone_numbers (workspace_id, raw, e164)
select '{DEFAULT_WORKSPACE}', phone_number, phone_number from public.contacts;
insert into broadcast.suppressions (workspace_id, channel, address, reason, source)
select '{DEFAULT_WORKSPACE}', 'sms', '+1512' || lpad(n::text, 7, '0'), 'opted_out', 'test'
from generate_series(1, {ROWS}, 2) n;
insert into broadcast.contact_changes (workspace_id, operation)
select '{DEFAULT_WORKSPACE}', 'insert' from generate_series(1, {ROWS});
insert into broadcast.broadcasts (id, workspace_id, name, broadcast_type, status, created_by)
select case when n = 1 then '{BROADCAST}'::uuid else broadcast.new_id() end, '{DEFAULT_WORKSPACE}',
  'Broadcast ' || n, 'sms', case when n = 1 then 'sending' else 'completed' end, 'test'
from generate_series(1, 20000) n;
insert into broadcast.broadcast_steps (id, workspace_id, broadcast_id, position, channel, time_zone, status)
values ('{STEP}', '{DEFAULT_WORKSPACE}', '{BROADCAST}', 1, 'sms', 'UTC', 'sending');
insert into broadcast.lanes (id, channel, provider, sender, rate_per_second)
values ('{LANE}', 'sms', 'sandbox', '+15005550006', 100);
insert into broadcast.broadcast_recipients
  (workspace_id, broadcast_id, contact_id, name, sms_address, contact)
select '{DEFAULT_WORKSPACE}', '{BROADCAST}', n::text, 'Name ' || n,
  '+1512' || lpad(n::text, 7, '0'), '{{}}'
from generate_series(1, {ROWS}) n;
insert into broadcast.messages
  (workspace_id, broadcast_id, step_id, recipient_id, name, channel, address, status, lane_id,
   provider, provider_id, claimed_at)
select '{DEFAULT_WORKSPACE}', '{BROADCAST}', '{STEP}', r.id, r.name, 'sms', r.sms_address,
  case r.id % 100 when 0 then 'pending' when 1 then 'failed' when 2 then 'sending'
    when 3 then 'uncertain' else 'delivered' end,
  '{LANE}', 'sandbox', 'SM' || r.id, now()
from broadcast.broadcast_recipients r;
insert into broadcast.streams (workspace_id, lane_id, step_id, due_at)
values ('{DEFAULT_WORKSPACE}', '{LANE}', '{STEP}', now());
insert into broadcast.message_attempts (message_id, attempt, workspace_id, status, segments, step_id)
select id, 1, workspace_id, 'failed', 1, case when attempts = 0 then broadcast.new_id() end
from broadcast.messages;
insert into broadcast.message_events
  (received_month, workspace_id, event_key, kind, provider, channel, applied_at, payload)
select date_trunc('month', current_date), '{DEFAULT_WORKSPACE}', 'key ' || n, 'status', 'sandbox', 'sms',
  case when n % 100 > 0 then now() end, '{{}}'
from generate_series(1, {ROWS}) n;
insert into broadcast.queue_jobs
  (workspace_id, kind, status, payload, scheduled_at, fingerprint, engine, created_by)
select '{DEFAULT_WORKSPACE}', 'message', case when n % 100 > 0 then 'completed' else 'scheduled' end,
  '{{}}', now(), '', 'built_in', 'test'
from generate_series(1, {ROWS}) n;
insert into broadcast.segments (id, workspace_id, name, filter, created_by)
select case when n = 1 then '{SEGMENT}'::uuid else broadcast.new_id() end, '{DEFAULT_WORKSPACE}',
  'Segment ' || n, '{{}}', 'test'
from generate_series(1, 5000) n;
insert into broadcast.segment_contacts
select '{DEFAULT_WORKSPACE}', '{SEGMENT}', n::text from generate_series(1, {ROWS}) n;
insert into broadcast.segment_sizes
select '{DEFAULT_WORKSPACE}', s.id, now() - interval '1 day' * n, n
from broadcast.segments s, generate_series(1, 10) n;
insert into broadcast.segment_uses (workspace_id, segment_id, broadcast_id)
select '{DEFAULT_WORKSPACE}', s.id, b.id
from (select id, row_number() over () as n from broadcast.segments) s
join (select id, row_number() over () as n from broadcast.broadcasts) b using (n);
insert into broadcast.segment_uses (workspace_id, segment_id, used_by_segment_id)
select '{DEFAULT_WORKSPACE}', id, lead(id) over (order by id) from broadcast.segments
order by id limit 4999;
insert into broadcast.exports
  (id, workspace_id, filter, columns, status, asked_by, problem, updated_at, finished_at, expires_at)
select case when n = 1 then '{EXPORT}'::uuid else broadcast.new_id() end, '{DEFAULT_WORKSPACE}',
  '{{}}', '[]', case n % 100 when 0 then 'running' when 1 then 'done' else 'expired' end, 'test', null,
  now(), now(), now()
from generate_series(1, 20000) n;
insert into broadcast.export_parts (workspace_id, export_id, part, content)
select '{DEFAULT_WORKSPACE}', id, part, '' from broadcast.exports, generate_series(1, 3) part;
insert into broadcast.broadcast_editors (workspace_id, broadcast_id, actor_id, actor_name, seen_at)
select workspace_id, id, 'bo', 'Bo', '2026-11-23' from broadcast.broadcasts;
insert into broadcast.templates (id, workspace_id, name, channel, body, created_by, updated_at)
select case when n = 1 then '{TEMPLATE}'::uuid else broadcast.new_id() end, '{DEFAULT_WORKSPACE}',
  'Template ' || n, 'sms', 'Hi', 'test', now() - interval '1 minute' * n
from generate_series(1, 20000) n;
insert into broadcast.template_versions
  (workspace_id, template_id, version, channel, preheader, body, created_by)
select workspace_id, id, number, 'sms', '', 'Hi', 'test'
from broadcast.templates, generate_series(1, 3) number;
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


_WS = {"workspace_id": DEFAULT_WORKSPACE}
_PAGE = {"search": "", "limit": 50}
_SOON = NOW - timedelta(seconds=30)

HOT: dict[str, tuple[Any, dict[str, Any]]] = {
    "cancel what is pending": (
        launching.cancel_pending,
        {"broadcast_id": BROADCAST, "limit": 100, "now": NOW},
    ),
    "launch a slice": (
        launching.write_messages,
        {
            **_WS,
            "broadcast_id": BROADCAST,
            "step_id": STEP,
            "channel": "sms",
            "after": ROWS - 200,
            "limit": 100,
            "lane_ids": [LANE],
            "weights": [1.0],
            "zones": [],
            "due_ats": [],
            "account_zone": "UTC",
            "not_now": ["Asia/Tokyo"],
            "met_goal": [],
            "no_longer": [],
            "dids": ["clicked"],
            "negateds": [True],
            "of_previous": [True],
            "previous": [STEP],
            "earlier": [STEP],
            "now": NOW,
        },
    ),
    "launch a slice on both channels": (
        launching.write_messages_of_both,
        {
            **_WS,
            "broadcast_id": BROADCAST,
            "step_id": STEP,
            "both_how": "preferred",
            "first_channel": "email",
            "after": ROWS - 200,
            "limit": 100,
            "sms_lane_ids": [LANE],
            "sms_weights": [1.0],
            "email_lane_ids": [LANE],
            "email_weights": [1.0],
            "zones": [],
            "due_ats": [],
            "account_zone": "UTC",
            "not_now": ["Asia/Tokyo"],
            "met_goal": [],
            "no_longer": [],
            "dids": [],
            "negateds": [],
            "of_previous": [],
            "previous": [],
            "earlier": [],
            "now": NOW,
        },
    ),
    "look at the people of a slice": (
        launching.slice_of_step,
        {
            "broadcast_id": BROADCAST,
            "after": ROWS - 200,
            "channel": "sms",
            "limit": 100,
            "account_zone": "UTC",
            "not_now": ["Asia/Tokyo"],
        },
    ),
    "find launches": (launching.launching_steps, {}),
    "find what a cancel has left": (launching.left_of_cancelled, {}),
    "find what is completed": (delivery.hold_completable, {"step_ids": [STEP]}),
    "complete steps": (delivery.complete_steps, {"broadcast_ids": [BROADCAST], "now": NOW}),
    "take events": (tracking.take_events, {"limit": 100}),
    "list messages": (
        tracking.list_messages,
        {"broadcast_id": BROADCAST, "after": STEP, "statuses": [], "channel": "", **_PAGE},
    ),
    "list messages of a step": (
        tracking.list_messages_of_step,
        {
            "broadcast_id": BROADCAST,
            "step_id": STEP,
            "channel": "",
            "after_channel": "sms",
            "after_address": "+1512",
            "statuses": [],
            **_PAGE,
        },
    ),
    "list failed messages": (
        tracking.list_messages,
        {"broadcast_id": BROADCAST, "after": STEP, "statuses": ["failed"], "channel": "", **_PAGE},
    ),
    "count a broadcast": (
        tracking.counts_of_broadcast,
        {"broadcast_id": BROADCAST, "now": NOW + timedelta(days=900)},
    ),
    "count errors": (tracking.errors_of_broadcast, {"broadcast_id": BROADCAST}),
    "add up the attempts": (tracking.segments_of_attempts, {"broadcast_id": BROADCAST}),
    "get a message": (tracking.get_message, {"broadcast_id": BROADCAST, "id": STEP}),
    "tell the attempts of a message": (tracking.attempts_of_message, {"message_id": STEP}),
    "tell the events of a message": (
        tracking.events_of_message,
        {"message_id": STEP, "provider_ids": ["SM7", "SM8"], "providers": ["sandbox"]},
    ),
    "look at what fails": (broadcasts.failing_broadcasts, {}),
    "see why the newest failed": (
        broadcasts.newest_failures,
        {"broadcast_id": BROADCAST, "limit": 200},
    ),
    "see how the latest ended": (
        broadcasts.latest_codes,
        {"broadcast_id": BROADCAST, "limit": 20},
    ),
    "forgive what has failed": (broadcasts.forgive, {"id": BROADCAST}),
    "skip a step": (broadcasts.skip_step, {"step_id": STEP, "problem": "", "now": NOW}),
    "see when a step begins": (broadcasts.step_to_begin, {**_WS, "step_id": STEP}),
    "list recipients": (
        broadcasts.list_recipients,
        {"broadcast_id": BROADCAST, "after": 500, "channel": "sms", "reachable": True, **_PAGE},
    ),
    "list those left out": (
        broadcasts.list_left_out,
        {
            "broadcast_id": BROADCAST,
            "after": 0,
            "channel": "sms",
            "left_out": "no_phone",
            **_PAGE,
        },
    ),
    "list who has left a sequence": (
        broadcasts.list_who_left,
        {
            "broadcast_id": BROADCAST,
            "after": 0,
            "channel": "sms",
            "left_reason": "replied",
            **_PAGE,
        },
    ),
    "count who has left a sequence": (broadcasts.left_counts, {"broadcast_id": BROADCAST}),
    "tell what is known of engagements": (
        tracking.engagements_of,
        {"message_ids": [STEP]},
    ),
    "tell the engagement of steps": (
        tracking.engagement_of_steps,
        {"broadcast_id": BROADCAST},
    ),
    "let people leave who have opted out": (
        tracking.leave_by_opt_out,
        {
            "workspace_ids": [DEFAULT_WORKSPACE],
            "channels": ["sms"],
            "addresses": ["+15125550100"],
            "ats": [NOW],
        },
    ),
    "let people leave who have answered": (
        tracking.leave_by_reply,
        {"message_ids": [STEP], "ats": [NOW]},
    ),
    "count those left out": (broadcasts.left_out_counts, {"broadcast_id": BROADCAST}),
    "show broadcasts in the list": (managing.lines_of, {"ids": [BROADCAST]}),
    "tell who has made broadcasts": (managing.authors, {**_WS, "limit": 100}),
    "tell who else has a broadcast open": (
        managing.editors_of,
        {"broadcast_id": BROADCAST, "but_id": "ana", "since": _SOON},
    ),
    "forget who has closed a broadcast": (
        managing.forget_editors,
        {"broadcast_id": BROADCAST, "before": NOW},
    ),
    **{
        f"list broadcasts by {order}": (
            getattr(managing, f"by_{order}"),
            {
                **_WS,
                **_PAGE,
                "types": [],
                "statuses": [],
                "authors": [],
                "archived": False,
                "after_mark": mark,
                "after_id": STEP,
            },
        )
        for order, mark in (
            ("updated_asc", "2026-01-01"),
            ("updated_desc", NOW.isoformat()),
            ("created_asc", "2026-01-01"),
            ("created_desc", NOW.isoformat()),
            ("name_asc", "broadcast 7"),
            ("name_desc", "broadcast 7"),
            ("scheduled_asc", NOW.isoformat()),
            ("scheduled_desc", NOW.isoformat()),
        )
    },
    **{
        f"list templates by {order}": (
            getattr(templates, f"list_by_{order}"),
            {
                **_WS,
                **_PAGE,
                "channel": None,
                "category": None,
                "archived": False,
                "after_mark": mark,
                "after_id": TEMPLATE,
            },
        )
        for order, mark in (("updated", NOW.isoformat()), ("created", ""), ("name", "template 7"))
    },
    "list the versions of a template": (
        templates.list_versions,
        {"id": TEMPLATE, "before": None, "limit": 50},
    ),
    "get a version of a template": (templates.get_version, {"id": TEMPLATE, "version": 3}),
    "look for a template's name": (
        templates.name_is_taken,
        {**_WS, "name": "Template 7", "but": None},
    ),
    "list segments": (segments.list_segments, {**_WS, **_PAGE, "after": "segment 2"}),
    "get a segment": (segments.get_segment, {**_WS, "id": SEGMENT}),
    "look for a segment's name": (
        segments.name_is_taken,
        {**_WS, "name": "Segment 7", "but": None},
    ),
    "find the broadcasts that use a segment": (segments.broadcasts_that_use, {"id": SEGMENT}),
    "find the segments that use a segment": (segments.segments_that_use, {"id": SEGMENT}),
    "keep the uses of a broadcast": (
        segments.put_uses,
        {
            **_WS,
            "segment_ids": [SEGMENT],
            "broadcast_id": BROADCAST,
            "used_by_segment_id": None,
        },
    ),
    "keep the uses of a segment": (
        segments.put_uses,
        {
            **_WS,
            "segment_ids": [BROADCAST],
            "broadcast_id": None,
            "used_by_segment_id": SEGMENT,
        },
    ),
    "find what is saved from segments": (segments.saved_at_the_moment, {"ids": [SEGMENT]}),
    "list the sizes of a segment": (segments.sizes_of, {"id": SEGMENT, "since": _SOON}),
    "throw a slice of recipients away": (
        broadcasts.discard_recipients,
        {"broadcast_id": BROADCAST, "up_to": 100, "limit": 50},
    ),
    "save an audience anew": (
        broadcasts.renew_audience,
        {**_WS, "id": BROADCAST, "expected_recipients": 7, "now": NOW},
    ),
    "save an audience at its time": (
        broadcasts.begin_saving_at_send,
        {"step_id": STEP, "now": NOW},
    ),
    "read a piece of an export": (exports.part_of_export, {**_WS, "export_id": EXPORT, "part": 2}),
    "hold an export": (exports.hold_export, {"id": EXPORT, "now": NOW}),
    "find idle exports": (exports.idle_exports, {"before": NOW}),
    "expire an export": (exports.expire_exports, {"now": NOW}),
    "forget an export": (exports.forget_parts, {"export_id": STEP}),
    "list jobs": (queue.list_jobs, {**_WS, "after": STEP, "statuses": [], "limit": 50}),
    "find overdue jobs": (queue.overdue_jobs, {"before": NOW, "limit": 100}),
    "claim jobs": (queue.claim_jobs, {"ids": [STEP], "now": NOW}),
    "find a job by its key": (queue.jobs_by_keys, {**_WS, "keys": ["a"]}),
    "find numbers without time zones": (audience.numbers_without_zones, {"limit": 100}),
    "put time zones of numbers": (
        audience.put_zones,
        {
            "workspace_ids": [DEFAULT_WORKSPACE],
            "raws": ["+15120000007"],
            "time_zones": ["America/Chicago"],
            "candidates": [""],
        },
    ),
    "look whether the audience moved": (audience.audience_version, _WS),
    "read changes": (
        audience.unseen_changes,
        {**_WS, "seen": "99999999:99999999:"},
    ),
    "tell the backlog": (
        metrics.waiting_streams,
        {"now": NOW, "most": 1_000, "most_direct": 1_000},
    ),
    "tell what is unsettled": (metrics.unsettled, {"most": 1_000}),
    "tell the latest errors": (metrics.recent_errors, {"since": NOW, "most": 1_000}),
    "tell how callbacks lag": (metrics.callbacks, {"most": 1_000}),
    "tell the jobs": (metrics.queue_jobs, {"now": NOW, "most": 1_000}),
    "tell the open broadcasts": (metrics.open_broadcasts, {}),
    "tell the lanes": (metrics.lanes, {}),
}


@pytest.mark.parametrize("any_values", [False, True], ids=["these values", "any values"])
@pytest.mark.parametrize("what", HOT)
def test_a_hot_query_reads_an_index(
    filled: psycopg.Connection[dict[str, Any]], what: str, *, any_values: bool
) -> None:
    query, parameters = HOT[what]
    assert _read_as_a_whole(filled, query.sql, parameters, any_values=any_values) == set()


def test_what_waits_beside_is_found_by_indexes(filled: psycopg.Connection[dict[str, Any]]) -> None:
    """The body of the function, whose plan is not seen from outside."""
    row = filled.execute(
        "select prosrc from pg_proc where oid = 'broadcast.waiting_beside'::regproc"
    ).fetchone()
    assert row is not None
    text = row["prosrc"]
    names = {"lane_ids": [LANE], "but_step_ids": [SEGMENT], "at_most": 1_000, "at_time": NOW}
    for name in names:
        assert name in text
        text = text.replace(name, f"%({name})s")
    assert _read_as_a_whole(filled, text, names) == set()


def _read_as_a_whole(
    connection: psycopg.Connection[dict[str, Any]],
    statement: Any,
    parameters: dict[str, Any],
    *,
    any_values: bool = False,
) -> set[str]:
    """The large tables that the plan reads from end to end."""
    return {
        node["Relation Name"].removesuffix(f"_{datetime.now(UTC):%Y%m}")
        for node in plan_of(connection, statement, parameters, any_values=any_values)
        if node["Node Type"] == "Seq Scan"
    } & LARGE
