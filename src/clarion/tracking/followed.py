"""Messages with their attempts, as the reports are applied to them: read, held and written back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from clarion.db.queries import load_queries, rows
from clarion.delivery.message import MessageStatus, jitter_of
from clarion.providers.error_codes import explain, plan_of
from clarion.providers.events import ProviderStatus
from clarion.tracking.events import Followed, Report, Reported, follow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from clarion.db.connection import Connection, Row
    from clarion.tracking.events import Plan

queries = load_queries(__file__)

#: Nothing is sent again by itself later than this after the time for which it was planned.
STALE_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A message before and after its reports; `row` is as it was read."""

    row: Row
    before: Followed
    after: Followed
    reports: Sequence[Report]

    @property
    def changed(self) -> bool:
        return self.after != self.before

    @property
    def moved(self) -> bool:
        """What stands in the message itself has changed, and not only what is kept beside it."""
        return (self.after.latest, self.after.retries) != (self.before.latest, self.before.retries)

    def provider_of(self, attempt: int) -> str | None:
        """Who reported of it; None for the one of the message itself."""
        if attempt == self.row["attempts"]:
            return None
        return next((each.provider for each in self.reports if each.attempt == attempt), None)

    @property
    def waits_since_now(self) -> bool:
        return self.after.waits_anew and not self.before.waits_anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Which message and attempt an event means, for those that mean any, by the event's id."""

    messages: Mapping[UUID, Row]
    earlier: Mapping[UUID, Mapping[int, Reported]]
    means: Mapping[UUID, tuple[UUID, int | None]]

    def is_earlier(self, event_id: UUID) -> bool:
        """Of an attempt that another one has followed already."""
        message_id, attempt = self.means[event_id]
        if attempt is None:
            return False
        row = self.messages[message_id]
        return attempt < row["attempts"] or attempt in self.earlier.get(message_id, {})


async def match(connection: Connection, events: Sequence[Row]) -> Matched:
    """Holds the messages of these events until the transaction ends."""
    of_provider = [e for e in events if e["provider_id"] is not None and e["message_id"] is None]
    held = await rows(
        queries.hold_messages(
            connection,
            message_ids=[e["message_id"] for e in events if e["message_id"] is not None],
            providers=[e["provider"] for e in of_provider],
            provider_ids=[e["provider_id"] for e in of_provider],
        )
    )
    messages = {row["id"]: row for row in held}
    kept = [row["id"] for row in held if row["attempts"] > 1 or row["retries"]]
    attempts = await rows(queries.attempts_of(connection, message_ids=kept)) if kept else []
    earlier: dict[UUID, dict[int, Reported]] = defaultdict(dict)
    by_provider_id: dict[tuple[str, str], tuple[UUID, int | None]] = {
        (row["provider"], row["provider_id"]): (row["id"], None) for row in held
    }
    for row in attempts:
        earlier[row["message_id"]][row["attempt"]] = _reported(row)
        by_provider_id[row["provider"], row["provider_id"]] = row["message_id"], row["attempt"]
    means = {}
    for event in events:
        found = by_provider_id.get((event["provider"], event["provider_id"]))
        if event["message_id"] in messages:
            told = event["attempt"]
            if told is None and found is not None and found[0] == event["message_id"]:
                told = found[1]
            means[event["id"]] = event["message_id"], told
        elif event["provider_id"] is not None and found is not None:
            means[event["id"]] = found
    return Matched(messages=messages, earlier=earlier, means=means)


async def apply_to(
    connection: Connection, matched: Matched, events: Sequence[Row]
) -> dict[UUID, Change]:
    """What the events make of their messages, by the message's id; nothing is written yet."""
    told: dict[UUID, list[Report]] = defaultdict(list)
    for event in events:
        if event["id"] in matched.means:
            message_id, attempt = matched.means[event["id"]]
            told[message_id].append(_report(event, attempt))
    before = {
        message_id: _followed(matched.messages[message_id], matched.earlier.get(message_id, {}))
        for message_id in told
    }
    await _leave_out_ids_of_others(connection, before, told)
    plans = await _plans(
        connection, [each for each in told if _could_be_sent_anew(before[each], told[each])]
    )
    return {
        message_id: Change(
            row=matched.messages[message_id],
            before=before[message_id],
            after=follow(before[message_id], reports, plans.get(message_id)),
            reports=reports,
        )
        for message_id, reports in told.items()
    }


async def write(connection: Connection, changes: Iterable[Change], *, now: datetime) -> None:
    """The messages and attempts as they are after their reports."""
    changed = [each for each in changes if each.changed]
    attempts = [
        (each, number, attempt)
        for each in changed
        for number, attempt in each.after.earlier.items()
        if each.before.earlier.get(number) != attempt
    ]
    if attempts:
        await queries.write_attempts(
            connection,
            message_ids=[change.row["id"] for change, _, _ in attempts],
            attempts=[number for _, number, _ in attempts],
            providers=[change.provider_of(number) for change, number, _ in attempts],
            **_columns([attempt for _, _, attempt in attempts]),
        )
    dropped = [
        (each.row["id"], number)
        for each in changed
        for number in each.before.earlier
        if number not in each.after.earlier
    ]
    if dropped:
        await queries.drop_attempts(
            connection,
            message_ids=[message_id for message_id, _ in dropped],
            attempts=[number for _, number in dropped],
        )
    moved = [each for each in changed if each.moved or each.after.due_at != each.before.due_at]
    if moved:
        await queries.write_reports(
            connection,
            ids=[each.row["id"] for each in moved],
            retries=[each.after.retries for each in moved],
            due_ats=[each.after.due_at for each in moved],
            now=now,
            **_columns([each.after.latest for each in moved]),
        )


def _could_be_sent_anew(message: Followed, reports: Iterable[Report]) -> bool:
    return message.waits_anew or any(
        report.status in (ProviderStatus.FAILED, ProviderStatus.CANCELLED)
        and explain(report.error_code).retry is not None
        for report in reports
    )


async def _plans(connection: Connection, message_ids: Sequence[UUID]) -> dict[UUID, Plan]:
    """When each of these is sent again, if it has failed; those that may not be are left out."""
    if not message_ids:
        return {}
    found = await rows(queries.may_be_sent_anew(connection, message_ids=list(message_ids)))
    return {
        row["id"]: _plan(row["id"], row["planned_at"])
        for row in found
        if row["planned_at"] is not None
    }


def _plan(message_id: UUID, planned_at: datetime) -> Plan:
    def plan(failed: Reported, retries: int) -> datetime | None:
        if failed.failed_at is None:
            return None
        # From the time of the failure, and spread always alike: whoever decides it, and whenever.
        due_at = plan_of(
            failed.error_code,
            retries_done=retries,
            now=failed.failed_at,
            jitter=jitter_of(message_id, retries),
        )
        return due_at if due_at is not None and due_at <= planned_at + STALE_AFTER else None

    return plan


async def _leave_out_ids_of_others(
    connection: Connection,
    before: Mapping[UUID, Followed],
    told: dict[UUID, list[Report]],
) -> None:
    """A provider's id belongs to one message. If it stands with another one already (two lost
    messages of one text were taken for each other), this one goes without."""
    new = {
        (report.provider, report.provider_id): message_id
        for message_id, reports in told.items()
        for report in reports
        if report.provider_id is not None and not _knows(before[message_id], report)
    }
    if not new:
        return
    owners = {
        (row["provider"], row["provider_id"]): row["message_id"]
        for row in await rows(
            queries.owners_of(
                connection,
                providers=[provider for provider, _ in new],
                provider_ids=[provider_id for _, provider_id in new],
            )
        )
    }
    # Of two messages in this batch that are told the same id, one gets it.
    owners = new | owners
    for message_id, reports in told.items():
        told[message_id] = [
            report
            if report.provider_id is None
            or owners.get((report.provider, report.provider_id), message_id) == message_id
            else replace(report, provider_id=None)
            for report in reports
        ]


def _knows(message: Followed, report: Report) -> bool:
    """Whether the attempt that is meant has its provider's id."""
    attempt = message.latest
    if report.attempt is not None and report.attempt in message.earlier:
        attempt = message.earlier[report.attempt]
    elif report.attempt is not None and report.attempt < message.attempts:
        return False
    return attempt.provider_id is not None


def _followed(row: Row, earlier: Mapping[int, Reported]) -> Followed:
    found = Followed(
        latest=_reported(row),
        attempts=row["attempts"],
        retries=row["retries"],
        earlier=dict(earlier),
        due_at=row["due_at"],
    )
    # Of one that waits for its first turn, or to be tried once more, the reports decide nothing.
    return found if found.waits_anew else replace(found, due_at=None)


def _report(event: Row, attempt: int | None) -> Report:
    return Report(
        status=ProviderStatus(event["status"]),
        provider_id=event["provider_id"],
        error_code=event["error_code"],
        segments=event["segments"],
        price=event["price"],
        currency=event["currency"],
        at=event["at"],
        attempt=attempt,
        provider=event["provider"],
    )


def _reported(row: Row) -> Reported:
    return Reported(
        status=MessageStatus(row["status"]),
        provider_id=row["provider_id"],
        error_code=row["error_code"],
        segments=row["segments"],
        price=row["price"],
        currency=row["currency"],
        sent_at=row["sent_at"],
        delivered_at=row["delivered_at"],
        failed_at=row["failed_at"],
    )


def _columns(attempts: Sequence[Reported]) -> dict[str, list[object]]:
    return {
        "statuses": [each.status for each in attempts],
        "provider_ids": [each.provider_id for each in attempts],
        "error_codes": [each.error_code for each in attempts],
        "segments": [each.segments for each in attempts],
        "prices": [each.price for each in attempts],
        "currencies": [each.currency for each in attempts],
        "sent_ats": [each.sent_at for each in attempts],
        "delivered_ats": [each.delivered_at for each in attempts],
        "failed_ats": [each.failed_at for each in attempts],
    }
