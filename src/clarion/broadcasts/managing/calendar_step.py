"""A step as it stands on the calendar, and the span of days that a calendar shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from clarion.broadcasts.broadcast import Status
from clarion.broadcasts.plan import first_day, time_of
from clarion.broadcasts.schedule import moment_of
from clarion.broadcasts.step import SendMode, StepStatus
from clarion.broadcasts.timing import due
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from clarion.broadcasts.step import Step
    from clarion.db.connection import Row

#: A month with the weeks around it, twice.
MOST_DAYS = 62

#: Far from both ends of what Python and the database can tell as a date.
_YEARS = range(2000, 3000)

_OPEN = (Status.DRAFT, Status.SCHEDULED, Status.SENDING, Status.PAUSED)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, both included, by the clock of `zone`.

    Raises Invalid at /from or /until for the ends of the calendar, for too many days and for none.
    """

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        for pointer, day in (("/from", self.first), ("/until", self.last)):
            if day.year not in _YEARS:
                raise _unfit(pointer, "Choose a day of the years 2000 to 2999.")
        days = (self.last - self.first).days + 1
        if days < 1:
            raise _unfit("/until", "The last day comes before the first. Give a later one.")
        if days > MOST_DAYS:
            detail = f"These are {days:,} days; a calendar shows {MOST_DAYS} at most."
            raise _unfit("/until", detail)

    @property
    def begins(self) -> datetime:
        return _midnight(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return end_of(self.last, self.zone)


def _unfit(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return moment_of(datetime.combine(day, time()), zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of the next day."""
    return _midnight(day + timedelta(days=1), zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarStep:
    """`at` is when it leaves by the clock of its own zone; where each recipient's clock counts,
    that is the moment for whoever lives there. `why_moved` says what keeps it from the time that
    was chosen.

    `counts_from` is the broadcast's day 1. `people` are those who were expected at the launch,
    None before it; with `people_saved` they can be compared with those of other broadcasts.
    """

    step: Step
    broadcast_name: str
    broadcast_status: Status
    version: int
    archived: bool
    steps: int
    counts_from: date
    at: datetime
    why_moved: str | None
    people: int | None
    people_saved: bool

    @property
    def is_movable(self) -> bool:
        """Whether its time can still be changed: nobody has got anything of it."""
        began = self.step.has_begun or (
            self.step.status is not StepStatus.DRAFT and self.step.send_mode is SendMode.NOW
        )
        return self.broadcast_status in _OPEN and not began

    @property
    def is_cancelled(self) -> bool:
        return self.step.status is StepStatus.CANCELLED or self.broadcast_status is Status.CANCELLED


def calendar_step(row: Row, steps: Sequence[Step], *, now: datetime) -> CalendarStep:
    """The step that `row` of `steps_due` names, of all `steps` of its broadcast."""
    step = next(each for each in steps if each.id == row["id"])
    day_1 = first_day(steps, begins_at=row["launched_at"] or now)
    chosen = time_of(step)
    planned = None if chosen is None else due.due_at(chosen, step.zone, day_1)
    return CalendarStep(
        step=step,
        broadcast_name=row["name"],
        broadcast_status=Status(row["status"]),
        version=row["version"],
        archived=row["archived"],
        steps=len(steps),
        counts_from=day_1,
        at=row["scheduled_at"] if planned is None else planned.moment,
        why_moved=None if planned is None else planned.why,
        people=row["people"],
        people_saved=row["people_saved"],
    )
