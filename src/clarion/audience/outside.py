"""What is known of contacts outside their table: messages, answers, segments, plans.

Every statement gives contact ids as text, of one workspace; the caller gives the parameter
`workspace_id` beside the returned ones.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from psycopg import sql

from clarion.audience.days import days_ago
from clarion.audience.fields import Activity
from clarion.audience.filter import ActivityCondition, ScheduledCondition, SegmentInFilter

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID
    from zoneinfo import ZoneInfo

OutsideCondition = ActivityCondition | SegmentInFilter | ScheduledCondition

_MESSAGES = """
select distinct m.contact_id
from broadcast.messages m
where m.workspace_id = %(workspace_id)s and m.contact_id is not null and m.{at} is not null
"""

# The later of the two is what the index is over: one index for both, and `at` decides.
_MESSAGES_SINCE = """
 and greatest(m.sent_at, m.delivered_at) >= {since} and m.{at} >= {since}
"""

_ANSWERS = """
select distinct m.contact_id
from broadcast.message_events e
join broadcast.messages m on m.id = e.message_id
where e.workspace_id = %(workspace_id)s and e.kind = {kind} and e.message_id is not null
  and m.workspace_id = %(workspace_id)s and m.contact_id is not null
"""

# An event is received after it happened, give or take a clock: older partitions are not read.
_ANSWERS_SINCE = """
 and coalesce(e.occurred_at, e.received_at) >= {since} and e.received_month >= {month}
"""

_IN_BROADCASTS = " and m.broadcast_id = any ({broadcasts}::uuid[])"

_FROZEN = """
select s.contact_id
from broadcast.segment_contacts s
where s.workspace_id = %(workspace_id)s and s.segment_id = {segment}
"""

_SCHEDULED = """
select distinct r.contact_id
from broadcast.broadcasts b
join broadcast.broadcast_recipients r on r.broadcast_id = b.id and r.sms_left_out is null
where b.workspace_id = %(workspace_id)s and r.workspace_id = %(workspace_id)s
  and b.status in ('scheduled', 'sending') and b.id is distinct from {broadcast}
  and exists (
    select from broadcast.broadcast_steps s
    where s.broadcast_id = b.id and s.status in ('scheduled', 'launching')
  )
"""

_TIME_OF = {Activity.SENT: "sent_at", Activity.DELIVERED: "delivered_at"}
_KIND_OF = {Activity.CLICKED: "click", Activity.REPLIED: "inbound"}


def people_of(
    condition: OutsideCondition,
    *,
    zone: ZoneInfo,
    now: datetime,
    broadcast_id: UUID | None = None,
    prefix: str = "o",
) -> tuple[sql.Composed, dict[str, Any]]:
    """A statement that gives each `contact_id` of whom `condition` speaks once, and its parameters,
    whose names begin with `prefix`. Whether the condition is negated is left to the caller.

    `broadcast_id` is the broadcast whose audience this is: it is not among the scheduled ones.
    A segment must be a frozen one; the others are filters of their own.
    """
    match condition:
        case ActivityCondition():
            return _active(condition, zone=zone, now=now, prefix=prefix)
        case SegmentInFilter():
            name = f"{prefix}segment"
            statement = sql.SQL(_FROZEN).format(segment=sql.Placeholder(name))
            return statement, {name: condition.id}
        case ScheduledCondition():
            name = f"{prefix}broadcast"
            given = sql.SQL("{}::uuid").format(sql.Placeholder(name))
            return sql.SQL(_SCHEDULED).format(broadcast=given), {name: broadcast_id}


def _active(
    condition: ActivityCondition, *, zone: ZoneInfo, now: datetime, prefix: str
) -> tuple[sql.Composed, dict[str, Any]]:
    names = {name: f"{prefix}{name}" for name in ("since", "month", "broadcasts")}
    places = {name: sql.Placeholder(full) for name, full in names.items()}
    parameters: dict[str, Any] = {}
    at = _TIME_OF.get(condition.activity)
    if at is not None:
        parts = [sql.SQL(_MESSAGES).format(at=sql.Identifier(at))]
        later = sql.SQL(_MESSAGES_SINCE).format(at=sql.Identifier(at), since=places["since"])
    else:
        # Written out and no parameter, so that the index over these kinds is seen to fit.
        kind = sql.Literal(_KIND_OF[condition.activity])
        parts = [sql.SQL(_ANSWERS).format(kind=kind)]
        later = sql.SQL(_ANSWERS_SINCE).format(since=places["since"], month=places["month"])
    if condition.broadcasts is not None:
        parts.append(sql.SQL(_IN_BROADCASTS).format(broadcasts=places["broadcasts"]))
        parameters[names["broadcasts"]] = list(condition.broadcasts)
    if condition.days is not None:
        since = days_ago(condition.days, now=now, zone=zone)
        parts.append(later)
        parameters[names["since"]] = since
        if at is None:
            parameters[names["month"]] = (since - timedelta(days=1)).date().replace(day=1)
    return sql.Composed(parts), parameters
