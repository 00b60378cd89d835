"""The numbers of the Tracking screen, from the counters and the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clarion.broadcasts import store as broadcast_store
from clarion.broadcasts.broadcast import Broadcast, Status
from clarion.broadcasts.outlook import cost_of, done_at
from clarion.db.queries import rows
from clarion.delivery.message import MessageStatus
from clarion.providers.error_codes import explain
from clarion.tracking.apply import queries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from clarion.content.cost import Money
    from clarion.db.connection import Connection
    from clarion.kernel.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCount:
    code: str
    words: str
    advice: str
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """`messages` by status; what has no message yet is not counted, see `broadcast.saving`."""

    broadcast: Broadcast
    messages: Mapping[MessageStatus, int]
    left_out: Mapping[str, int]
    segments: int
    cost: Money
    errors: tuple[ErrorCount, ...]
    rate_per_second: float
    starts_at: datetime | None
    done_at: datetime | None
    counted_at: datetime

    def count(self, *statuses: MessageStatus) -> int:
        return sum(self.messages.get(status, 0) for status in statuses)


async def read_tracking(
    connection: Connection, workspace: Workspace, broadcast: Broadcast, *, now: datetime
) -> Tracking:
    counted = await rows(queries.counts_of_broadcast(connection, broadcast_id=broadcast.id))
    messages = {MessageStatus(row["status"]): int(row["messages"]) for row in counted}
    segments = sum(int(row["segments"]) for row in counted)
    left_out = await rows(
        broadcast_store.queries.left_out_counts(connection, broadcast_id=broadcast.id)
    )
    failed = (
        await rows(queries.errors_of_broadcast(connection, broadcast_id=broadcast.id))
        if messages.get(MessageStatus.FAILED)
        else []
    )
    pace = await queries.pace_of_broadcast(connection, broadcast_id=broadcast.id)
    waiting = messages.get(MessageStatus.PENDING, 0)
    rate = Decimal(pace["rate_per_second"]) if pace is not None else Decimal(0)
    sending = broadcast.status is Status.SENDING and waiting > 0 and rate > 0
    return Tracking(
        broadcast=broadcast,
        messages=messages,
        left_out={row["reason"]: row["contacts"] for row in left_out},
        segments=segments,
        cost=cost_of(segments, workspace.sms_price_per_segment, workspace.currency),
        errors=tuple(_error(row["code"], row["messages"]) for row in failed),
        rate_per_second=float(rate) if sending else 0.0,
        starts_at=min(
            (step.scheduled_at for step in broadcast.steps if step.scheduled_at), default=None
        ),
        done_at=done_at(now, messages=waiting, rate_per_second=rate) if sending else None,
        counted_at=now,
    )


def _error(code: str, messages: int) -> ErrorCount:
    words = explain(code or None)
    return ErrorCount(code=code, words=words.words, advice=words.advice, messages=messages)


async def list_messages(
    connection: Connection,
    broadcast_id: UUID,
    *,
    statuses: list[str],
    search: str,
    after: UUID | None,
    limit: int,
) -> list[dict[str, Any]]:
    """In the order in which they were written; `after` is the id of the last of the page before."""
    return await rows(
        queries.list_messages(
            connection,
            broadcast_id=broadcast_id,
            statuses=statuses,
            search=search.strip(),
            after=after or UUID(int=0),
            limit=limit,
        )
    )
