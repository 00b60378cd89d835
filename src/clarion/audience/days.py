"""Days in a workspace's zone: which moments a date of a filter means."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from clarion.audience.filter_values import Value

#: So many days have every day of the calendar among them.
_EVERY_DAY = 366

_LEAP_DAY, _DAY_AFTER = (2, 29), (3, 1)


def today(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def starts(value: Value, zone: ZoneInfo) -> datetime:
    """The first moment that `value` names: of its day, in `zone`, for a date.

    A wall time that clocks skip or show twice means the later moment, as PostgreSQL reads it
    from a contact.
    """
    if isinstance(value, datetime):
        if value.tzinfo:
            return value
        readings = (value.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        return max(reading.astimezone(UTC) for reading in readings)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone)
    raise TypeError(value)


def ends(value: Value, zone: ZoneInfo) -> datetime:
    """The first moment after what `value` names."""
    if isinstance(value, datetime):
        return starts(value, zone) + timedelta(microseconds=1)
    if isinstance(value, date):
        return starts(value + timedelta(days=1), zone)
    raise TypeError(value)


def days_ago(days: int, *, now: datetime, zone: ZoneInfo) -> datetime:
    """The start of the day so many days ago."""
    return starts(today(now, zone) - timedelta(days=days), zone)


def moments_between(
    operator: str, values: tuple[Value, ...], *, now: datetime, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """From which moment on and before which a date must be to meet a comparison."""
    first = values[0]
    days = first if isinstance(first, int) else 0
    match operator:
        case "before":
            return None, starts(first, zone)
        case "after":
            return ends(first, zone), None
        case "in_last_days":
            return days_ago(days, now=now, zone=zone), now
        case "more_than_days_ago":
            return None, days_ago(days, now=now, zone=zone)
        case "in_next_days":
            return now, days_ago(-days - 1, now=now, zone=zone)
        case _:
            return starts(first, zone), ends(values[-1], zone)


def anniversaries(days: int, *, now: datetime, zone: ZoneInfo) -> list[str]:
    """Month and day ("0229") of whatever comes round from today to the day in so many days.

    Where the year has no 29 February, its anniversary is on 1 March.
    """
    first = today(now, zone)
    coming = [first + timedelta(days=day) for day in range(min(days, _EVERY_DAY) + 1)]
    met = {(day.month, day.day) for day in coming}
    if any((day.month, day.day) == _DAY_AFTER and not _has_leap_day(day.year) for day in coming):
        met.add(_LEAP_DAY)
    return [f"{month:02}{day:02}" for month, day in sorted(met)]


def _has_leap_day(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
