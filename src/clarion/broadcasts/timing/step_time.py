"""When a step is to be sent, as a person says it: a date, or a day of the broadcast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from clarion.compliance.sending_hours import EVERY_DAY, SendingHours
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

ANY_HOUR = SendingHours(None, None)

#: Two years, which is also how far ahead anything may be planned.
LAST_DAY = 730


class ZoneMode(StrEnum):
    """Whose clock is meant: the account's, or that of each person."""

    ACCOUNT = "account"
    RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class OnDate:
    """A naive wall time. Raises ValueError for one that has an offset."""

    wall: datetime

    def __post_init__(self) -> None:
        if self.wall.tzinfo is not None:
            raise ValueError("The time of a step is wall time, without an offset.")


@dataclass(frozen=True, slots=True)
class OnDay:
    """Day 1 is the day of the broadcast's first step.

    Raises ValueError before it and after two years.
    """

    number: int
    at: time

    def __post_init__(self) -> None:
        if not 1 <= self.number <= LAST_DAY:
            raise ValueError(f"The day of a step is a number from 1 to {LAST_DAY}.")
        if self.at.tzinfo is not None:
            raise ValueError("The time of a step is wall time, without an offset.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTime:
    """`hours` are the window and the days of the week in which this step may begin, by the same
    clock as its time."""

    planned: OnDate | OnDay
    hours: SendingHours = ANY_HOUR
    zone_mode: ZoneMode = ZoneMode.ACCOUNT

    def on(self, planned: OnDate | OnDay) -> StepTime:
        """The same step at another time."""
        return replace(self, planned=planned)


def wall_time(step_time: StepTime, first_day: date) -> datetime:
    """Naive. Raises Invalid past the end of the calendar."""
    match step_time.planned:
        case OnDate(wall):
            return wall.replace(fold=0)
        case OnDay(number, at):
            try:
                day = first_day + timedelta(days=number - 1)
            except OverflowError as error:
                raise _one_fault("", "Choose a time within the next two years.") from error
            return datetime.combine(day, at.replace(fold=0))


def weekdays_of(bits: int) -> frozenset[int]:
    """As the database keeps them: 1 Monday, 2 Tuesday … 64 Sunday."""
    return frozenset(day for day in EVERY_DAY if bits >> (day - 1) & 1)


def bits_of(weekdays: Iterable[int]) -> int:
    """As `weekdays_of` reads them."""
    return sum(1 << (day - 1) for day in set(weekdays))


def read_step_time(
    *,
    scheduled_for: datetime | None = None,
    day_number: int | None = None,
    day_time: time | None = None,
    window_from: time | None = None,
    window_until: time | None = None,
    weekdays: Iterable[int] = EVERY_DAY,
    zone_mode: ZoneMode = ZoneMode.ACCOUNT,
    pointer: str = "",
) -> StepTime:
    """From the fields of a step, which are named as its columns.

    Raises Invalid with every fault at its field; `pointer` is where the step stands in the body
    ("/steps/1").
    """
    faults = [
        *_faults_of_time(scheduled_for, day_number, day_time),
        *_faults_of_hours(window_from, window_until),
    ]
    days = frozenset(weekdays)
    if not days:
        faults.append(("weekdays", "Choose at least one day of the week."))
    elif not days <= EVERY_DAY:
        faults.append(("weekdays", "Days of the week are numbers from 1 (Monday) to 7 (Sunday)."))
    if faults:
        raise Invalid(
            " ".join(detail for _, detail in faults),
            faults=[Fault(pointer=f"{pointer}/{field}", detail=detail) for field, detail in faults],
        )
    planned: OnDate | OnDay
    if scheduled_for is not None:
        planned = OnDate(scheduled_for)
    elif day_number is not None and day_time is not None:
        planned = OnDay(day_number, day_time)
    else:
        raise AssertionError("a time that is missing is a fault")
    hours = SendingHours(window_from, window_until, days)
    return StepTime(planned=planned, hours=hours, zone_mode=zone_mode)


def _faults_of_time(
    scheduled_for: datetime | None, day_number: int | None, day_time: time | None
) -> list[tuple[str, str]]:
    faults = []
    if scheduled_for is not None:
        if day_number is not None or day_time is not None:
            faults.append(("scheduled_for", "Give a date or a day of the broadcast, not both."))
        if scheduled_for.tzinfo is not None:
            detail = "Write the time without an offset, like 2026-11-24T09:00."
            faults.append(("scheduled_for", detail))
    elif day_number is None and day_time is None:
        detail = "Say when this step is sent: a date, or a day and a time."
        faults.append(("scheduled_for", detail))
    elif day_number is None:
        faults.append(("day_number", "Say on which day: 1 is the day of the first step."))
    elif day_time is None:
        faults.append(("day_time", "Say at which time of the day, like 09:00."))
    if day_number is not None and not 1 <= day_number <= LAST_DAY:
        faults.append(("day_number", f"Choose a day from 1 to {LAST_DAY}."))
    if day_time is not None and day_time.tzinfo is not None:
        faults.append(("day_time", "Write the time without an offset, like 09:00."))
    return faults


def _faults_of_hours(opens: time | None, closes: time | None) -> list[tuple[str, str]]:
    if (opens is None) != (closes is None):
        missing = "window_from" if opens is None else "window_until"
        return [(missing, "Give both times, or neither to send at any hour.")]
    if opens is None or closes is None:
        return []
    if opens.tzinfo is not None or closes.tzinfo is not None:
        return [("window_from", "Write the times without an offset, like 09:00.")]
    if opens >= closes:
        return [("window_until", "The window must end after it begins, the same day.")]
    return []


def _one_fault(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])
