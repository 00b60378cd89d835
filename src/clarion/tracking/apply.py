"""Stores what providers report, and applies it to the ledger in batches."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb
from pydantic_core import PydanticSerializationError, to_json

from clarion.compliance.suppression import Found, Suppressed, take_note
from clarion.db.queries import rows
from clarion.delivery.complete import complete
from clarion.delivery.message import MessageStatus
from clarion.delivery.settling.again import go_on_with
from clarion.delivery.step_tests.reports import follow_tests
from clarion.delivery.store import job_outcomes
from clarion.kernel.channel import Channel
from clarion.providers.error_codes import explain
from clarion.providers.events import EventKind, ProviderEvent, ProviderStatus
from clarion.tracking.engagement import Deed, leave, take_deeds
from clarion.tracking.followed import apply_to, match, write
from clarion.tracking.message_links import PROVIDER
from clarion.tracking.store import queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection, Database, Row
    from clarion.queue.service import QueueService
    from clarion.tracking.followed import Change, Matched

BATCH = 1_000

#: Texts that a person sent, each an answer to something.
_FROM_PEOPLE = (EventKind.INBOUND, EventKind.OPT_OUT, EventKind.OPT_IN)

#: Of events without a known message those that came so lately are looked at in each round, and
#: those of two days every ten minutes.
_LATELY = timedelta(minutes=10)
_FAR_BACK = timedelta(days=2)
_FAR_EVERY = timedelta(minutes=10)

_KEEPS_A_STEP_OPEN = (MessageStatus.PENDING, MessageStatus.UNCERTAIN)


async def store_events(
    connection: Connection, events: Sequence[ProviderEvent], *, received_at: datetime
) -> int:
    """How many were new."""
    # One document: of arrays each text would be looked through for what an array has to escape,
    # which takes longer than everything else that is done with an event here.
    given = [_as_given(event, received_at) for event in events]
    stored = await rows(queries.store_events(connection, events=Jsonb(given, dumps=_written)))
    return len(stored)


def _written(given: Any) -> bytes | str:
    """What cannot be written in UTF-8 at all is left to the database to refuse."""
    try:
        return to_json(given)
    except PydanticSerializationError:
        return json.dumps(given, default=str)


def _as_given(event: ProviderEvent, received_at: datetime) -> dict[str, Any]:
    return {
        "event_key": event.key,
        "kind": event.kind,
        "provider": event.provider,
        "channel": event.channel,
        "message_id": event.message_id,
        "attempt": event.attempt,
        "provider_id": event.provider_id,
        "status": event.status,
        "error_code": event.error_code,
        "address": event.address,
        "content": event.text,
        "segments": event.segments,
        "price": event.price,
        "currency": event.currency,
        "occurred_at": event.occurred_at,
        "received_at": received_at,
        "payload": event.payload,
        "link": event.link,
        "machine": event.machine,
    }


class Applier:
    def __init__(
        self, database: Database, queue: QueueService, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._queue = queue
        self._clock = clock
        self._looked_far_back_at: datetime | None = None

    async def apply_batch(self) -> int:
        """One transaction; how many events were dealt with. Safe on many workers at once."""
        async with self._database.as_worker() as connection:
            taken = await rows(queries.take_events(connection, limit=BATCH))
            if not taken:
                return 0
            now = self._clock()
            of_tests = await follow_tests(connection, taken)
            statuses = [
                each
                for each in taken
                if each["kind"] == EventKind.STATUS and each["message_id"] not in of_tests
            ]
            matched = await match(connection, statuses)
            changes = await apply_to(connection, matched, statuses)
            # Messages, addresses, jobs, broadcasts, streams: everybody takes them in this order.
            await write(connection, changes.values(), now=now)
            await take_note(connection, _found(taken, matched))
            await self._follow_up(connection, changes, now=now)
            answered = await _answered(
                connection, [each for each in taken if each["kind"] in _FROM_PEOPLE]
            )
            others = [each for each in taken if each["message_id"] not in of_tests]
            await self._engage(connection, others, answered)
            await queries.mark_applied(
                connection,
                months=[event["received_month"] for event in taken],
                event_keys=[event["event_key"] for event in taken],
                outcomes=[
                    "applied"
                    if event["message_id"] in of_tests
                    else _outcome(event, matched, changes)
                    for event in taken
                ],
                message_ids=[_message_of(event, matched, answered) for event in taken],
                now=now,
            )
        return len(taken)

    async def revive_unmatched(self) -> int:
        """One round over events whose message was not known: those of which it is by now are put
        back to be applied. How many these are.

        A send's own answer is minutes late at most; what a settling has found out, by a list of the
        provider, is looked for less often.
        """
        now = self._clock()
        far = self._looked_far_back_at is None or now >= self._looked_far_back_at + _FAR_EVERY
        async with self._database.as_worker() as connection:
            count: int = await queries.revive_unmatched(
                connection, since=now - (_FAR_BACK if far else _LATELY)
            )
        if far:
            self._looked_far_back_at = now
        return count

    async def _engage(
        self, connection: Connection, taken: Sequence[Row], answered: Mapping[UUID, UUID]
    ) -> None:
        """What people did with messages, and who leaves a sequence by it."""
        deeds: dict[UUID, list[Deed]] = {}
        replies: dict[UUID, datetime] = {}
        opt_outs: dict[tuple[UUID, str, str], datetime] = {}
        for event in taken:
            kind = EventKind(event["kind"])
            message_id = event["message_id"] or answered.get(event["id"])
            if kind is not EventKind.STATUS and message_id is not None:
                deeds.setdefault(message_id, []).append(
                    Deed(
                        kind=kind,
                        at=event["at"],
                        machine=bool(event["machine"]),
                        link=event["link"],
                        answers=event["provider"] != PROVIDER,
                    )
                )
            if kind is EventKind.INBOUND and message_id is not None:
                replies.setdefault(message_id, event["at"])
            if kind is EventKind.OPT_OUT and event["address"]:
                key = (event["workspace_id"], event["channel"], event["address"])
                opt_outs.setdefault(key, event["at"])
        await take_deeds(connection, deeds)
        await leave(connection, replies, opt_outs)

    async def _follow_up(
        self, connection: Connection, changes: Mapping[UUID, Change], *, now: datetime
    ) -> None:
        """What follows for streams, jobs and steps."""
        moved = [each for each in changes.values() if each.moved]
        with_jobs = [each.row["id"] for each in moved if each.row["job_id"] is not None]
        if with_jobs:
            await self._queue.finish(connection, await job_outcomes(connection, with_jobs), now=now)
        await go_on_with(
            connection, [each.row["id"] for each in moved if each.waits_since_now], now=now
        )
        if any(each.before.latest.status in _KEEPS_A_STEP_OPEN for each in moved):
            await complete(connection, self._queue, now=now)


def _found(taken: Iterable[Row], matched: Matched) -> list[Found]:
    """What people wish, in words or by a click, and addresses that providers call dead.

    Each counts from when it was so: another worker may apply a later one first.
    """
    found = []
    for event in taken:
        kind, reason = event["kind"], explain(event["error_code"]).suppress
        about, source = event, f"inbound:{event['provider']}"
        if kind == EventKind.STATUS:
            if reason is None or event["status"] != ProviderStatus.FAILED:
                continue
            if event["id"] not in matched.means:
                continue
            about = matched.messages[matched.means[event["id"]][0]]
            source = f"provider:{event['error_code']}"
        elif kind == EventKind.OPT_OUT:
            reason = reason or Suppressed.OPTED_OUT
        elif kind != EventKind.OPT_IN:
            continue
        if about["address"]:
            found.append(
                Found(
                    workspace_id=about["workspace_id"],
                    channel=Channel(about["channel"]),
                    address=about["address"],
                    reason=None if kind == EventKind.OPT_IN else reason,
                    at=event["at"],
                    source=source,
                    detail=event["content"],
                )
            )
    return found


def _outcome(event: Row, matched: Matched, changes: Mapping[UUID, Change]) -> str:
    if event["kind"] != EventKind.STATUS:
        return "applied"
    if event["id"] not in matched.means:
        return "unmatched"
    change = changes[matched.means[event["id"]][0]]
    if change.moved:
        return "applied"
    return "superseded" if matched.is_earlier(event["id"]) else "no_change"


def _message_of(event: Row, matched: Matched, answered: Mapping[UUID, UUID]) -> UUID | None:
    meant = matched.means.get(event["id"])
    return answered.get(event["id"]) if meant is None else meant[0]


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
