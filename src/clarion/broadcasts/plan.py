"""When each step of a sequence is due: the days that were chosen, as moments."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from clarion.broadcasts.schedule import moment_of
from clarion.broadcasts.step import SendMode, Step, StepId, ZoneMode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

#: No clock on earth shows a wall time earlier.
FIRST_ZONE = ZoneInfo("Pacific/Kiritimati")


def first_day(steps: Sequence[Step], *, begins_at: datetime) -> date:
    """Day 1: the date of the first step, or the day of `begins_at` when it is sent at once."""
    first = steps[0]
    if first.send_mode is SendMode.LATER and first.scheduled_for is not None:
        return first.scheduled_for.date()
    return begins_at.astimezone(first.zone).date()


def wall_time(step: Step, day_1: date) -> datetime | None:
    """What the clock shows when the step is due; None: nothing is chosen yet, or it is sent at
    once."""
    if step.send_mode is SendMode.NOW:
        return None
    if step.day_number is not None and step.day_time is not None:
        return datetime.combine(day_1 + timedelta(days=step.day_number - 1), step.day_time)
    return step.scheduled_for


def due_at(step: Step, zone: ZoneInfo, day_1: date) -> datetime | None:
    """The moment at which the step is due for whoever's clock is that of `zone`."""
    wall = wall_time(step, day_1)
    return None if wall is None else moment_of(wall, zone)


def begins_at(step: Step, day_1: date) -> datetime | None:
    """The first moment at which it is due for anybody."""
    return due_at(step, FIRST_ZONE if step.zone_mode is ZoneMode.RECIPIENT else step.zone, day_1)


def plan(steps: Sequence[Step], *, now: datetime) -> dict[StepId, datetime | None]:
    """When each step begins; None where nothing is chosen, or where it is sent at once."""
    day_1 = first_day(steps, begins_at=now)
    return {step.id: begins_at(step, day_1) for step in steps}


def moments_by_zone(step: Step, zones: Iterable[str], day_1: date) -> Mapping[str, datetime]:
    """When the step is due in each of these zones. Of a step that has a time."""
    moments = {name: due_at(step, ZoneInfo(name), day_1) for name in dict.fromkeys(zones)}
    return {name: moment for name, moment in moments.items() if moment is not None}
