"""The moment at which a step is due, in one zone and in many.

A step is due at its wall time. Where that lies on a day of the week or at an hour that the step
leaves out, it is due at the next moment that is allowed, never earlier.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from clarion.broadcasts.schedule import moment_of, read_zone
from clarion.broadcasts.time_words import clock_time, day_and_time, day_of, hours_in_words
from clarion.broadcasts.timing.step_time import ZoneMode, wall_time
from clarion.compliance.sending_hours import next_inside
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from clarion.broadcasts.timing.step_time import StepTime


class MovedBy(StrEnum):
    """What keeps a step from its wall time."""

    CLOCK_CHANGE = "clock_change"
    WEEKDAY = "weekday"
    WINDOW = "window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """`moment` is in UTC, `wall` the naive time that was planned. `why` says in a sentence or two
    what moved it; both are None when it leaves at its wall time."""

    moment: datetime
    wall: datetime
    moved_by: MovedBy | None = None
    why: str | None = None


def due_at(step_time: StepTime, zone: ZoneInfo, first_day: date) -> Due:
    """By the clock of `zone`, whoever's it is. Raises Invalid at the ends of the calendar."""
    wall = wall_time(step_time, first_day)
    shown = moment_of(wall, zone)
    try:
        moment = next_inside(shown, zone=zone, hours=step_time.hours)
    except OverflowError as error:
        detail = "Choose a time within the next two years."
        raise Invalid(detail, faults=[Fault(pointer="/scheduled_for", detail=detail)]) from error
    moved_by = _moved_by(step_time, wall, shown, moment, zone)
    if moved_by is None:
        return Due(moment=moment, wall=wall)
    leaves = f"It leaves at {day_and_time(moment, zone)}."
    return Due(
        moment=moment,
        wall=wall,
        moved_by=moved_by,
        why=f"{_reason(moved_by, step_time, wall, shown, zone)} {leaves}",
    )


def _moved_by(
    step_time: StepTime, wall: datetime, shown: datetime, moment: datetime, zone: ZoneInfo
) -> MovedBy | None:
    local = shown.astimezone(zone)
    if moment != shown:
        allowed_day = local.isoweekday() in step_time.hours.weekdays
        return MovedBy.WINDOW if allowed_day else MovedBy.WEEKDAY
    return None if local.replace(tzinfo=None, fold=0) == wall else MovedBy.CLOCK_CHANGE


def _reason(
    moved_by: MovedBy, step_time: StepTime, wall: datetime, shown: datetime, zone: ZoneInfo
) -> str:
    match moved_by:
        case MovedBy.CLOCK_CHANGE:
            return f"Clocks in {zone.key} leave out {wall:%H:%M} on {wall:%a} {wall.day} {wall:%b}."
        case MovedBy.WEEKDAY:
            return (
                f"On a {shown.astimezone(zone):%A} ({day_of(shown, zone)}) this step is not sent."
            )
        case MovedBy.WINDOW:
            return (
                f"{clock_time(shown, zone)} is outside the hours of this step "
                f"({hours_in_words(step_time.hours)})."
            )


def moments_by_zone(
    step_time: StepTime, zones: Iterable[str], first_day: date, *, account: ZoneInfo
) -> dict[str, datetime]:
    """The moment, in UTC, for the people of each zone, and for the account's own, by which go those
    whose zone is not known.

    A name that this machine's calendar does not know goes by the account's too, as nobody is left
    out for it.
    """
    own = due_at(step_time, account, first_day).moment
    moments = dict.fromkeys(zones, own)
    if step_time.zone_mode is ZoneMode.RECIPIENT:
        for name in moments:
            try:
                zone = read_zone(name)
            except Invalid:
                continue
            moments[name] = due_at(step_time, zone, first_day).moment
    return moments | {account.key: own}


def first_moment(
    step_time: StepTime, zones: Iterable[str], first_day: date, *, account: ZoneInfo
) -> datetime:
    """When the step begins: the earliest of `moments_by_zone`."""
    return min(moments_by_zone(step_time, zones, first_day, account=account).values())
