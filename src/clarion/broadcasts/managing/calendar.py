"""The calendar of everything that is planned: read in a few statements, however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from clarion.broadcasts.broadcast import BroadcastId, Saving
from clarion.broadcasts.managing.calendar_step import calendar_step
from clarion.broadcasts.managing.calendar_warnings import Rules, warnings_of
from clarion.broadcasts.managing.store import queries
from clarion.broadcasts.store import get_broadcast, get_step, step_of
from clarion.compliance.sending_hours import hours_of
from clarion.db.queries import rows
from clarion.kernel.channel import Channel
from clarion.kernel.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.managing.calendar_step import CalendarStep, Span
    from clarion.broadcasts.managing.calendar_warnings import CalendarWarning
    from clarion.broadcasts.step import Step, StepId
    from clarion.db.connection import Connection
    from clarion.kernel.workspace import Workspace

#: More than anybody looks through.
MOST_STEPS = 1_000

#: Clocks on earth are at most 26 hours apart, and a window may lie over a change of one of them.
_FIRST_ZONE_BEFORE = timedelta(days=2)

#: So many people are compared with those of another broadcast; of more the number is a least one.
COMPARED_AT_MOST = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """In the order of their moments. `shown_until`: what begins after it is not listed, since there
    are more than 1,000; None: everything is."""

    steps: tuple[CalendarStep, ...]
    warnings: Mapping[StepId, tuple[CalendarWarning, ...]]
    shown_until: datetime | None


async def read_calendar(
    connection: Connection,
    workspace: Workspace,
    span: Span,
    *,
    archived: bool = False,
    within: timedelta | None = None,
    now: datetime,
) -> Calendar:
    """With those in the archive, if `archived`. `within` as in Rules."""
    # What is near to the first and the last day is in conflict with them, too.
    begins, ends = span.begins - (within or timedelta()), span.ends + (within or timedelta())
    found = await rows(
        queries.steps_due(
            connection,
            workspace_id=workspace.id,
            begins_for_the_first=begins - _FIRST_ZONE_BEFORE,
            begins=begins,
            ends=ends,
            archived=archived,
            limit=MOST_STEPS + 1,
        )
    )
    shown = found[:MOST_STEPS]
    broadcast_ids = list({row["broadcast_id"] for row in shown})
    times = await rows(queries.times_of(connection, broadcast_ids=broadcast_ids))
    sequences = {
        BroadcastId(broadcast_id): tuple(step_of(row) for row in of_broadcast)
        for broadcast_id, of_broadcast in groupby(times, key=lambda row: row["broadcast_id"])
    }
    planned = [calendar_step(row, sequences[row["broadcast_id"]], now=now) for row in shown]
    rules = Rules(hours=hours_of(workspace), zone=workspace.zone, within=within)
    inside = [each for each in planned if span.begins <= each.at < span.ends]
    return Calendar(
        steps=tuple(sorted(inside, key=lambda each: (each.at, each.step.id))),
        warnings=warnings_of(planned, sequences, rules, now=now),
        shown_until=shown[-1]["scheduled_at"] if len(found) > MOST_STEPS else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How many people get both; None while the recipients of one of them are not saved. Unless
    `exact` there may be more."""

    people: int | None
    exact: bool


async def overlap_of(
    connection: Connection, workspace: Workspace, step_id: UUID, other_id: UUID
) -> Overlap:
    """Of two steps, on the channels that both use. Raises NotFound."""
    (step, broadcast), (other, of_other) = [
        await _step_with_broadcast(connection, workspace, each) for each in (step_id, other_id)
    ]
    channels = set(step.channels) & set(other.channels)
    if not all(each.saving is Saving.SAVED for each in (broadcast, of_other)):
        return Overlap(people=None, exact=False)
    fewer, more = sorted((broadcast, of_other), key=lambda each: each.saved_recipients)
    people: int = await queries.reached_by_both(
        connection,
        fewer_id=fewer.id,
        more_id=more.id,
        by_sms=Channel.SMS in channels,
        by_email=Channel.EMAIL in channels,
        limit=COMPARED_AT_MOST,
    )
    return Overlap(people=people, exact=fewer.saved_recipients <= COMPARED_AT_MOST)


async def _step_with_broadcast(
    connection: Connection, workspace: Workspace, step_id: UUID
) -> tuple[Step, Broadcast]:
    step = await get_step(connection, step_id)
    try:
        return step, await get_broadcast(connection, workspace.id, step.broadcast_id)
    except NotFound as error:
        raise NotFound("There is no such step.") from error
