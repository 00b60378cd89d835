"""Stores what providers report, and applies it to the ledger in batches."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from clarion.compliance.suppression import Suppressed, lift, suppress
from clarion.db.queries import load_queries, rows
from clarion.delivery.complete import complete
from clarion.delivery.message import MessageStatus
from clarion.delivery.store import job_outcomes
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.channel import Channel
from clarion.providers.events import EventKind, ProviderEvent, ProviderStatus
from clarion.tracking.events import Report, Reported, apply_reports

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection, Database, Row
    from clarion.queue.service import QueueService

queries = load_queries(__file__)

BATCH = 1_000

_WISHES = (EventKind.OPT_OUT, EventKind.OPT_IN)

#: Texts that a person sent, each an answer to something.
_FROM_PEOPLE = (EventKind.INBOUND, *_WISHES)


async def store_events(
    connection: Connection, events: Sequence[ProviderEvent], *, received_at: datetime
) -> int:
    """How many were new."""
    stored = await rows(
        queries.store_events(
            connection,
            event_keys=[event.key for event in events],
            kinds=[event.kind for event in events],
            providers=[event.provider for event in events],
            channels=[event.channel for event in events],
            message_ids=[event.message_id for event in events],
            provider_ids=[event.provider_id for event in events],
            statuses=[event.status for event in events],
            error_codes=[event.error_code for event in events],
            addresses=[event.address for event in events],
            contents=[event.text for event in events],
            segments=[event.segments for event in events],
            prices=[event.price for event in events],
            currencies=[event.currency for event in events],
            occurred_ats=[event.occurred_at for event in events],
            received_ats=[received_at for _ in events],
            payloads=[Jsonb(dict(event.payload)) for event in events],
        )
    )
    return len(stored)


class Applier:
    def __init__(
        self, database: Database, queue: QueueService, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._queue = queue
        self._clock = clock

    async def apply_batch(self) -> int:
        """One transaction; how many events were dealt with. Safe on many workers at once."""
        async with self._database.as_worker() as connection:
            taken = await rows(queries.take_events(connection, limit=BATCH))
            if not taken:
                return 0
            now = self._clock()
            outcomes = await self._apply_statuses(
                connection, [each for each in taken if each["kind"] == EventKind.STATUS], now=now
            )
            wishes = [e for e in taken if e["kind"] in _WISHES]
            for event in sorted(wishes, key=_last_the_opt_out):
                await _apply_wish(connection, event)
            answered = await _answered(
                connection, [each for each in taken if each["kind"] in _FROM_PEOPLE]
            )
            await queries.mark_applied(
                connection,
                months=[event["received_month"] for event in taken],
                ids=[event["id"] for event in taken],
                outcomes=[outcomes.get(event["id"], "applied") for event in taken],
                message_ids=[answered.get(event["id"]) for event in taken],
                now=now,
            )
        return len(taken)

    async def _apply_statuses(
        self, connection: Connection, events: Sequence[Row], *, now: datetime
    ) -> dict[UUID, str]:
        if not events:
            return {}
        held = await rows(
            queries.hold_messages(
                connection,
                message_ids=[e["message_id"] for e in events if e["message_id"] is not None],
                providers=list({e["provider"] for e in events}),
                provider_ids=[
                    e["provider_id"]
                    for e in events
                    if e["message_id"] is None and e["provider_id"] is not None
                ],
            )
        )
        by_id = {row["id"]: row for row in held}
        by_provider_id = {(row["provider"], row["provider_id"]): row["id"] for row in held}
        outcomes: dict[UUID, str] = {}
        reports: dict[UUID, list[Report]] = defaultdict(list)
        events_of: dict[UUID, list[UUID]] = defaultdict(list)
        for event in events:
            message_id = event["message_id"]
            if message_id not in by_id:
                message_id = by_provider_id.get((event["provider"], event["provider_id"]))
            if message_id is None:
                outcomes[event["id"]] = "unmatched"
                continue
            reports[message_id].append(_report(event))
            events_of[message_id].append(event["id"])
        changed: dict[UUID, Reported] = {}
        for message_id, of_message in reports.items():
            before = _reported(by_id[message_id])
            after = apply_reports(before, of_message)
            if after != before:
                changed[message_id] = after
            for event_id in events_of[message_id]:
                outcomes[event_id] = "applied" if after != before else "no_change"
        await self._write(connection, changed, by_id, now=now)
        return outcomes

    async def _write(
        self,
        connection: Connection,
        changed: dict[UUID, Reported],
        before: dict[UUID, Row],
        *,
        now: datetime,
    ) -> None:
        if not changed:
            return
        await queries.write_reports(
            connection,
            ids=list(changed),
            statuses=[each.status for each in changed.values()],
            provider_ids=[each.provider_id for each in changed.values()],
            error_codes=[each.error_code for each in changed.values()],
            segments=[each.segments for each in changed.values()],
            prices=[each.price for each in changed.values()],
            currencies=[each.currency for each in changed.values()],
            sent_ats=[each.sent_at for each in changed.values()],
            delivered_ats=[each.delivered_at for each in changed.values()],
            failed_ats=[each.failed_at for each in changed.values()],
            now=now,
        )
        with_jobs = [message_id for message_id in changed if before[message_id]["job_id"]]
        if with_jobs:
            await self._queue.finish(connection, await job_outcomes(connection, with_jobs), now=now)
        if any(before[each]["status"] == MessageStatus.UNCERTAIN for each in changed):
            await complete(connection, self._queue, now=now)


async def _answered(connection: Connection, events: Sequence[Row]) -> dict[UUID, UUID]:
    """The message that each text answers, by the event's id; not for what answers nothing."""
    texts = [event for event in events if event["address"] and event["message_id"] is None]
    if not texts:
        return {}
    found = await rows(
        queries.answered_messages(
            connection,
            event_ids=[event["id"] for event in texts],
            workspace_ids=[event["workspace_id"] for event in texts],
            channels=[event["channel"] for event in texts],
            addresses=[event["address"] for event in texts],
            ats=[event["at"] for event in texts],
        )
    )
    return {row["event_id"]: row["message_id"] for row in found}


def _last_the_opt_out(event: Row) -> tuple[datetime, bool]:
    """By time; of two wishes in the same moment the opt-out is what holds."""
    return event["at"], event["kind"] == EventKind.OPT_OUT


async def _apply_wish(connection: Connection, event: Row) -> None:
    """STOP and START: at once, in the transaction that marks the event as applied.

    Each counts from when the person said so: another worker may apply a later one first.
    """
    if not event["address"]:
        return
    workspace_id = WorkspaceId(event["workspace_id"])
    channel = Channel(event["channel"])
    if event["kind"] == EventKind.OPT_IN:
        await lift(
            connection,
            workspace_id,
            channel=channel,
            addresses=[event["address"]],
            now=event["at"],
        )
        return
    await suppress(
        connection,
        workspace_id,
        channel=channel,
        addresses=[event["address"]],
        reason=Suppressed.OPTED_OUT,
        source=f"inbound:{event['provider']}",
        detail=event["content"],
        now=event["at"],
    )


def _report(event: Row) -> Report:
    return Report(
        status=ProviderStatus(event["status"]),
        provider_id=event["provider_id"],
        error_code=event["error_code"],
        segments=event["segments"],
        price=event["price"],
        currency=event["currency"],
        at=event["at"],
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
