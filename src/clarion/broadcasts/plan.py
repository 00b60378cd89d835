"""When each step of a broadcast is due: what was chosen for it, as moments."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from clarion.broadcasts.step import SendMode, Step, StepId
from clarion.broadcasts.timing import due
from clarion.broadcasts.timing.order import TimedStep
from clarion.broadcasts.timing.step_time import (
    LAST_DAY,
    OnDate,
    OnDay,
    StepTime,
    ZoneMode,
    wall_time,
    weekdays_of,
)
from clarion.compliance.sending_hours import SendingHours

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

#: No clock on earth shows a wall time earlier.
FIRST_ZONE = ZoneInfo("Pacific/Kiritimati")

#: The hour of a new step where the one before it has none.
USUAL_HOUR = time(9)


def time_of(step: Step) -> StepTime | None:
    """None: it is sent at once, or nobody has chosen a time yet."""
    if step.send_mode is SendMode.NOW:
        return None
    planned: OnDate | OnDay
    if step.day_number is not None and step.day_time is not None:
        planned = OnDay(step.day_number, step.day_time)
    elif step.scheduled_for is not None:
        planned = OnDate(step.scheduled_for)
    else:
        return None
    return StepTime(planned=planned, hours=hours_of_step(step), zone_mode=step.zone_mode)


def hours_of_step(step: Step) -> SendingHours:
    """The window and the days of the week in which it may be sent."""
    return SendingHours(step.window_from, step.window_until, weekdays_of(step.weekdays))


def first_day(steps: Sequence[Step], *, begins_at: datetime) -> date:
    """Day 1: the date of the first step, or the day of `begins_at` when it is sent at once."""
    first = steps[0]
    if first.send_mode is SendMode.LATER and first.scheduled_for is not None:
        return first.scheduled_for.date()
    return begins_at.astimezone(first.zone).date()


def wall_of(step: Step, day_1: date) -> datetime | None:
    """What the clock shows at the time that was chosen, naive."""
    time = time_of(step)
    return None if time is None else wall_time(time, day_1)


def day_after(step: Step, day_1: date, *, not_before: datetime | None = None) -> tuple[int, time]:
    """The day, as its number, and the hour of one that is to follow the step: a day later at the
    same hour, or on the first day on which that hour is not before `not_before` for anybody."""
    wall = wall_of(step, day_1)
    hour = USUAL_HOUR if wall is None else wall.time()
    following = max(day_1 if wall is None else wall.date(), day_1) + timedelta(days=1)
    if not_before is not None:
        zone = FIRST_ZONE if step.zone_mode is ZoneMode.RECIPIENT else step.zone
        earliest = not_before.astimezone(zone)
        is_over = hour < earliest.time()
        following = max(following, earliest.date() + timedelta(days=1 if is_over else 0))
    return min((following - day_1).days + 1, LAST_DAY), hour


def due_at(step: Step, zone: ZoneInfo, day_1: date) -> datetime | None:
    """The moment at which the step is due for whoever's clock is that of `zone`. Raises Invalid at
    the ends of the calendar."""
    time = time_of(step)
    return None if time is None else due.due_at(time, zone, day_1).moment


def why_moved(step: Step, day_1: date) -> str | None:
    """In a sentence, what keeps it from leaving at its wall time in its own zone."""
    time = time_of(step)
    return None if time is None else due.due_at(time, step.zone, day_1).why


def plan(steps: Sequence[Step], *, now: datetime) -> dict[StepId, datetime | None]:
    """The first moment at which each step is due for anybody; None where no time is chosen, or
    where it is sent at once."""
    day_1 = first_day(steps, begins_at=now)
    return {
        step.id: due_at(
            step, FIRST_ZONE if step.zone_mode is ZoneMode.RECIPIENT else step.zone, day_1
        )
        for step in steps
    }


def moments_by_zone(step: Step, zones: Iterable[str], day_1: date) -> Mapping[str, datetime]:
    """When the step is due in each of these zones, and in its own. Of a step that has a time."""
    time = time_of(step)
    if time is None:
        return {}
    return due.moments_by_zone(time, zones, day_1, account=step.zone)


def timed_steps(steps: Iterable[Step], *, at_once: datetime) -> tuple[TimedStep, ...]:
    """As `check_order` looks at them. What has no time, as it is sent at once, is due when it was
    launched, or at `at_once`."""
    timed = []
    for step in steps:
        moment = (step.scheduled_at if step.has_begun else None) or at_once
        now = StepTime(planned=OnDate(moment.astimezone(step.zone).replace(tzinfo=None)))
        timed.append(
            TimedStep(id=step.id, channels=frozenset(step.channels), time=time_of(step) or now)
        )
    return tuple(timed)
