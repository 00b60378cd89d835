"""The SQL of the delivery room: rows in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.db.queries import load_queries, rows
from clarion.delivery.message import ClaimedMessage, MessageStatus, Outcome, SkipReason
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID

    from clarion.db.connection import Connection, Row

queries = load_queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A sender with its pace, in messages per second over all workers."""

    id: UUID
    rate_per_second: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """From `starts_at` on one message each 1/rate seconds may leave."""

    starts_at: datetime
    rate_per_second: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What becomes of a claimed row before the wire: sent with this text, or not sent, and why."""

    message: ClaimedMessage
    body: str | None = None
    skipped: SkipReason | None = None
    failed: Outcome | None = None

    @property
    def status(self) -> MessageStatus:
        if self.skipped is not None:
            return MessageStatus.SKIPPED
        return MessageStatus.SENDING if self.failed is None else MessageStatus.FAILED


def claimed(row: Row) -> ClaimedMessage:
    return ClaimedMessage(
        id=row["id"],
        workspace_id=row["workspace_id"],
        step_id=row["step_id"],
        job_id=row["job_id"],
        channel=Channel(row["channel"]),
        address=row["address"],
        attempts=row["attempts"],
        subject=row["subject"],
        body=row["body"] or "",
        html=row["html"],
        contact=row["contact"],
        suppressed=row["suppressed"],
    )


async def begin_sending(
    connection: Connection, attempts: Sequence[Attempt], *, provider: str, now: datetime
) -> None:
    await queries.begin_sending(
        connection,
        ids=[each.message.id for each in attempts],
        statuses=[each.status for each in attempts],
        bodies=[each.body for each in attempts],
        attempts=[1 if each.status is MessageStatus.SENDING else 0 for each in attempts],
        skip_reasons=[each.skipped for each in attempts],
        error_codes=[each.failed.error_code if each.failed else None for each in attempts],
        error_details=[each.failed.error_detail if each.failed else None for each in attempts],
        provider=provider,
        now=now,
    )


async def write_outcomes(
    connection: Connection, outcomes: Sequence[Outcome], *, now: datetime
) -> None:
    await queries.write_outcomes(
        connection,
        ids=[each.message_id for each in outcomes],
        statuses=[each.status for each in outcomes],
        provider_ids=[each.provider_id for each in outcomes],
        segments=[each.segments for each in outcomes],
        error_codes=[each.error_code for each in outcomes],
        error_details=[each.error_detail for each in outcomes],
        again_ats=[each.again_at for each in outcomes],
        given_back=[0 if each.counted else 1 for each in outcomes],
        now=now,
    )


async def job_outcomes(
    connection: Connection, message_ids: Sequence[UUID]
) -> dict[UUID, str | None]:
    """The queue jobs whose message was handed over or has ended: with the error, or None."""
    found = await rows(queries.finished_jobs(connection, ids=list(message_ids)))
    return {
        row["job_id"]: None
        if row["status"] in (MessageStatus.SENT, MessageStatus.DELIVERED)
        else row["error_detail"] or row["skip_reason"] or row["status"]
        for row in found
    }
