"""Holds the ledger against the provider's own list: nobody twice, nobody missing, all agree."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from support.cluster import until

if TYPE_CHECKING:
    from support.cluster import Cluster

#: Where a message stays for good; `unknown` is not among them, since this provider can be asked.
ENDS = {"delivered", "failed", "skipped", "sent", "no_receipt"}

_DELIVERED, _UNDELIVERED = {"delivered"}, {"undelivered", "failed"}

_MESSAGES = """
select m.id::text, m.address, m.status, m.attempts, m.provider_id,
  m.error_code, m.skip_reason, m.claimed_at
from broadcast.messages m where m.broadcast_id is not null
"""

_WITHOUT_MESSAGE = """
select r.broadcast_id::text, r.sms_address from broadcast.broadcast_recipients r
join broadcast.broadcasts b on b.id = r.broadcast_id and b.status not in ('draft', 'scheduled')
where r.sms_left_out is null
  and not exists (select from broadcast.messages m where m.recipient_id = r.id)
"""

_WRONG_COUNTS = """
with counted as (
  select step_id, channel, status, count(*) as messages, coalesce(sum(segments), 0) as segments
  from broadcast.messages where step_id is not null group by 1, 2, 3
)
select coalesce(c.step_id, k.step_id)::text as step_id, coalesce(c.status, k.status) as status,
  c.messages, k.messages as counter, c.segments, k.segments as counter_segments
from counted c
full join broadcast.step_counts k using (step_id, channel, status)
where coalesce(c.messages, 0) <> coalesce(k.messages, 0)
   or coalesce(c.segments, 0) <> coalesce(k.segments, 0)
"""

_NOT_COMPLETED = """
select b.id::text, b.status, b.problem, array_agg(s.status) as steps
from broadcast.broadcasts b join broadcast.broadcast_steps s on s.broadcast_id = b.id
where b.status not in ('draft', 'completed') or
  (b.status = 'completed' and s.status <> 'completed')
group by 1, 2, 3
"""

_OPEN_JOBS = "select id::text, kind, status from broadcast.queue_jobs where status <> 'completed'"


_UNDER_WAY = """
select 'messages ' || status as what, count(*) from broadcast.messages
where status in ('pending', 'sending', 'uncertain') group by 1
union all
select 'broadcasts ' || status, count(*) from broadcast.broadcasts
where status not in ('draft', 'completed') group by 1
union all
select 'jobs ' || status, count(*) from broadcast.queue_jobs
where status not in ('completed', 'failed', 'cancelled') group by 1
union all
select 'events', count(*) from broadcast.message_events where applied_at is null having count(*) > 0
"""

_TWENTY_MINUTES_AGO = """
update broadcast.messages
set sent_at = sent_at - interval '20 minutes', claimed_at = claimed_at - interval '20 minutes',
  updated_at = updated_at - interval '20 minutes'
where status = 'sent'
"""

_WITHOUT_RECEIPT = "select count(*) from broadcast.messages where status = 'sent'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """`faults` in words, empty when all is well."""

    faults: list[str]
    messages: int
    accepted: int
    ends: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = "".join(f"\n  {fault}" for fault in self.faults[:20])
        return (
            f"{self.messages} messages, {self.accepted} accepted, {self.ends},"
            f" {len(self.faults)} faults{shown}"
        )


def settled(cluster: Cluster, *, within: float) -> Audit:
    """Waits until nothing is under way any more; then asks for the receipts that never came."""
    # What is still open when the time is over stands in the audit, with all that is known of it.
    with suppress(AssertionError):
        until(lambda: under_way(cluster), lambda left: not left, within=within)
        ask_for_receipts(cluster)
    return audit(cluster)


def under_way(cluster: Cluster) -> list[dict[str, Any]]:
    """What has not come to its end yet, in numbers."""
    cluster.revive()
    waiting = cluster.summary()["callbacks"]["waiting"]
    return [
        *([{"callbacks": waiting}] if waiting else []),
        *cluster.rows(_UNDER_WAY),
    ]


def ask_for_receipts(cluster: Cluster) -> None:
    """Makes it twenty minutes ago that they were sent: the first sweep for receipts is due."""
    cluster.rows(_TWENTY_MINUTES_AGO)
    until(lambda: cluster.number(_WITHOUT_RECEIPT), lambda left: left == 0, within=30)


def audit(cluster: Cluster) -> Audit:
    """Everything that the ledger and the provider hold of all broadcasts."""
    messages = cluster.rows(_MESSAGES)
    accepted = cluster.accepted()
    faults = [
        *(f"{row} has no message" for row in cluster.rows(_WITHOUT_MESSAGE)),
        *(f"the counter is wrong: {row}" for row in wrong_counts(cluster)),
        *(f"not completed: {row}" for row in cluster.rows(_NOT_COMPLETED)),
        *(f"the job is open: {row}" for row in cluster.rows(_OPEN_JOBS)),
    ]
    of_message: dict[str, list[dict[str, Any]]] = defaultdict(list)
    attempts = set()
    for each in accepted:
        message, attempt = mark_of(each)
        if (message, attempt) in attempts:
            faults.append(f"one attempt was accepted twice: {message} {attempt} {_brief(each)}")
        attempts.add((message, attempt))
        of_message[message].append(each)
    known = {row["id"] for row in messages}
    faults += [f"accepted, but not in the ledger: {id_}" for id_ in set(of_message) - known]
    ends: dict[str, int] = defaultdict(int)
    for row in messages:
        ends[row["status"]] += 1
        told = of_message.get(row["id"], [])
        wrong = _wrong(row, told)
        if wrong is not None:
            faults.append(f"{wrong}: {_brief(row)}; {'; '.join(map(_brief, told))}")
    return Audit(
        faults=faults,
        messages=len(messages),
        accepted=len(accepted),
        ends=dict(ends),
    )


def wrong_counts(cluster: Cluster) -> list[dict[str, Any]]:
    """Where the counters are not what the messages count up to."""
    return cluster.rows(_WRONG_COUNTS)


def mark_of(accepted: dict[str, Any]) -> tuple[str, int]:
    """The message and the attempt that the status callback of an accepted message names."""
    marks = parse_qs(urlsplit(accepted["status_callback"]).query)
    return marks["m"][0], int(marks["a"][0])


def _brief(row: dict[str, Any]) -> str:
    left_out = ("messaging_service_sid", "from", "segments", "broadcast_id", "arrived_at", "seq")
    known = {name: value for name, value in row.items() if value is not None}
    return ", ".join(f"{name} {value}" for name, value in known.items() if name not in left_out)


def _wrong(row: dict[str, Any], told: list[dict[str, Any]]) -> str | None:  # noqa: PLR0911
    """In what a message of the ledger and the provider's records of it do not agree, or None."""
    status = row["status"]
    if status not in ENDS:
        return "has no end"
    if any(each["to"] != row["address"] for each in told):
        return "went to somebody else"
    # Sent anew only what the provider has failed: whoever may have it does not get it again.
    if any(each["status"] not in _UNDELIVERED for each in told[:-1]):
        return "was sent twice"
    if not told:
        if status in ("sent", "delivered", "no_receipt"):
            return "never reached the provider"
        if status == "failed" and row["error_code"] is None:
            return "failed without a reason"
        return None
    if status == "skipped":
        return "was accepted and skipped"
    if row["provider_id"] != told[-1]["sid"]:
        return "has another message's SID"
    end = told[-1]["status"]
    agree = (
        end in _DELIVERED if status == "delivered" else status == "failed" and end in _UNDELIVERED
    )
    return None if agree else "ended otherwise at the provider"
