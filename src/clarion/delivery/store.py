"""The SQL of the delivery room: rows in, values out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.db.queries import load_queries, rows
from clarion.delivery.message import MessageStatus, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection

queries = load_queries(__file__)


async def write_outcomes(
    connection: Connection,
    outcomes: Sequence[Outcome],
    *,
    now: datetime,
    claims: Sequence[tuple[int, datetime]] | None = None,
    lane_ids: Sequence[UUID | None] | None = None,
) -> None:
    """What the answers make of their messages. Whoever makes one wait wakes its stream afterwards.

    `claims`: the attempt that each answers, and when it was claimed; an answer to another claim
    than the latest changes nothing.
    `lane_ids`: the lanes on which messages wait from now on, None for those that stay on theirs.
    """
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
        attempts=[attempt for attempt, _ in claims] if claims else [None] * len(outcomes),
        claimed_ats=[at for _, at in claims] if claims else [None] * len(outcomes),
        lane_ids=list(lane_ids) if lane_ids is not None else [None] * len(outcomes),
        now=now,
    )


async def job_outcomes(
    connection: Connection, message_ids: Sequence[UUID]
) -> dict[UUID, str | None]:
    """The queue jobs whose message was handed over or has ended: with the error, or None."""
    found = await rows(queries.finished_jobs(connection, ids=list(message_ids)))
    return {
        row["job_id"]: None
        if row["status"] in (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.NO_RECEIPT)
        else row["error_detail"] or row["skip_reason"] or row["status"]
        for row in found
    }
