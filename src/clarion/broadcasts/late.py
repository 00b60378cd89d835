"""What a step does whose time was missed: after downtime nothing goes out that nobody expects."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from clarion.broadcasts.sending_rules import LatePolicy
from clarion.broadcasts.store import queries
from clarion.broadcasts.time_words import day_and_time, length_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection

#: Up to here a step is merely not quite on time.
LATE_AFTER = timedelta(minutes=15)


class WhenLate(StrEnum):
    """BEGIN: as if it were its time; the sending hours still hold it. SKIP: it ends unsent.
    ASK: it begins paused, and a person decides."""

    BEGIN = "begin"
    SKIP = "skip"
    ASK = "ask"


def when_late(scheduled_at: datetime, *, now: datetime, policy: LatePolicy) -> WhenLate:
    if now - scheduled_at <= LATE_AFTER or policy is LatePolicy.CATCH_UP:
        return WhenLate.BEGIN
    return WhenLate.SKIP if policy is LatePolicy.SKIP else WhenLate.ASK


def words_of(decision: WhenLate, scheduled_at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """What is to be read at the broadcast, with what to do about it."""
    planned = day_and_time(scheduled_at, zone)
    late_by = length_of(now - scheduled_at)
    if decision is WhenLate.SKIP:
        return (
            f"Not sent: it was planned for {planned}, and Clarion was not running then. It came "
            f"back {late_by} later, and this broadcast is set to skip a time that was missed. "
            "Make a new broadcast to send it after all."
        )
    return (
        f"Its time, {planned}, was missed by {late_by} because Clarion was not running. Resume it "
        "to send it now, within the sending hours, or cancel it."
    )


async def settle_missed_time(
    connection: Connection, step_id: UUID, workspace_id: UUID, *, now: datetime
) -> str | None:
    """Called in the transaction in which a step is to begin. Words when it must not begin: it has
    been skipped, and is cancelled. With None it begins; its broadcast is paused if a person is to
    be asked."""
    row = await queries.step_to_begin(connection, step_id=step_id, workspace_id=workspace_id)
    if row is None or row["scheduled_at"] is None:
        return None
    decision = when_late(row["scheduled_at"], now=now, policy=LatePolicy(row["late_policy"]))
    if decision is WhenLate.BEGIN:
        return None
    words = words_of(decision, row["scheduled_at"], now=now, zone=ZoneInfo(row["time_zone"]))
    if decision is WhenLate.ASK:
        await queries.pause_running(
            connection, id=row["broadcast_id"], paused_by="missed_time", problem=words, now=now
        )
        return None
    await queries.skip_step(connection, step_id=step_id, problem=words, now=now)
    return words
