"""The calendar of everything that is planned. A step is moved by a PATCH of itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query

from clarion.api.bodies import calendar as bodies
from clarion.api.caller import Now, TheWorkspace, Transaction, uuid_of
from clarion.broadcasts.managing.calendar import overlap_of, read_calendar
from clarion.broadcasts.managing.calendar_step import Span
from clarion.broadcasts.timing.step_time import ZoneMode
from clarion.compliance.sending_hours import write_hour

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from clarion.broadcasts.managing.calendar_step import CalendarStep
    from clarion.broadcasts.managing.calendar_warnings import CalendarWarning

router = APIRouter(prefix="/broadcasts/calendar", tags=["broadcasts"])


@router.get("")
async def get_calendar(
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
    asked: Annotated[bodies.CalendarSearch, Query()],
) -> bodies.Calendar:
    """Every step that is due in these days: of drafts that have a time, and of broadcasts that are
    scheduled, being sent, paused or ended."""
    calendar = await read_calendar(
        connection,
        workspace,
        Span(asked.first, asked.until, workspace.zone),
        archived=asked.archived,
        within=None if asked.within_hours is None else timedelta(hours=asked.within_hours),
        now=now,
    )
    return bodies.Calendar(
        time_zone=workspace.time_zone,
        sending_from=write_hour(workspace.sending_from),
        sending_until=write_hour(workspace.sending_until),
        steps=[
            _step_body(each, calendar.warnings.get(each.step.id, ()), workspace.zone)
            for each in calendar.steps
        ],
        shown_until=calendar.shown_until,
    )


@router.get("/overlap")
async def get_overlap(
    connection: Transaction,
    workspace: TheWorkspace,
    asked: Annotated[bodies.OverlapSearch, Query()],
) -> bodies.Overlap:
    """How many people get both of two steps. Asked for one conflict at a time."""
    overlap = await overlap_of(
        connection, workspace, uuid_of(asked.step, "step"), uuid_of(asked.other, "step")
    )
    return bodies.Overlap(people=overlap.people, exact=overlap.exact)


def _step_body(
    each: CalendarStep, warnings: tuple[CalendarWarning, ...], zone: ZoneInfo
) -> bodies.CalendarStep:
    step = each.step
    return bodies.CalendarStep(
        broadcast_id=str(step.broadcast_id),
        broadcast_name=each.broadcast_name,
        broadcast_status=each.broadcast_status.value,
        archived=each.archived,
        version=each.version,
        step_id=str(step.id),
        step_name=step.name,
        position=step.position,
        steps=each.steps,
        channel=step.channel.value,
        step_status=step.status.value,
        at=each.at,
        local=_wall(each.at, step.zone),
        shown=_wall(each.at, zone),
        time_zone=step.time_zone,
        in_their_zones=step.zone_mode is ZoneMode.RECIPIENT,
        scheduled_for=step.scheduled_for,
        day_number=step.day_number,
        day_time=write_hour(step.day_time),
        counts_from=each.counts_from,
        people=each.people,
        can_move=each.is_movable,
        warnings=[_warning_body(warning, each) for warning in warnings],
    )


def _warning_body(warning: CalendarWarning, of: CalendarStep) -> bodies.CalendarWarning:
    return bodies.CalendarWarning(
        kind=warning.kind.value,
        detail=warning.detail,
        others=[
            bodies.CalendarNeighbour(
                broadcast_id=str(other.step.broadcast_id),
                broadcast_name=other.broadcast_name,
                step_id=str(other.step.id),
                at=other.at,
                can_compare=of.people_saved and other.people_saved,
            )
            for other in warning.others
        ],
        more=warning.more,
    )


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
