"""Moments and hours in words, by the clock of the zone that was chosen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from clarion.broadcasts.pace import Course
    from clarion.compliance.sending_hours import SendingHours

_UNITS = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """21:05"""
    return f"{moment.astimezone(zone):%H:%M}"


def day_of(moment: datetime, zone: ZoneInfo) -> str:
    """Wed 25 Nov"""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}"


def day_and_time(moment: datetime, zone: ZoneInfo) -> str:
    """21:05 on Wed 25 Nov (America/Chicago)"""
    return f"{clock_time(moment, zone)} on {day_of(moment, zone)} ({zone.key})"


def wall_words(wall: datetime) -> str:
    """On Wed 25 Nov at 09:00, of naive wall time."""
    return f"on {wall:%a} {wall.day} {wall:%b} at {wall:%H:%M}"


def length_of(length: timedelta) -> str:
    """The largest unit that fits, rounded down: 40 minutes, 3 hours, 1 day."""
    unit, name = next(((unit, name) for unit, name in _UNITS if length >= unit), _UNITS[-1])
    count = max(1, length // unit)
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def hours_in_words(hours: SendingHours) -> str:
    """08:00 to 21:00. Only for hours that close."""
    return f"{hours.opens:%H:%M} to {hours.closes:%H:%M}"


def hours_note(course: Course, *, now: datetime, zone: ZoneInfo, hours: SendingHours) -> str | None:
    """What the sending hours do to a broadcast that has not begun; None: nothing."""
    if hours.opens is None:
        return None
    parts = []
    if not hours.contain(course.starts_at, zone):
        parts.append(
            f"{clock_time(course.starts_at, zone)} in {zone.key} is outside the sending hours "
            f"({hours_in_words(hours)}). It is sent {'now' if course.starts_at <= now else 'then'} "
            "because you chose it."
        )
    if course.pauses:
        closes, opens = course.pauses[0]
        again = ", and so each night until it is done" if len(course.pauses) > 1 else ""
        parts.append(
            f"It will pause at {clock_time(closes, zone)} and go on at {clock_time(opens, zone)} "
            f"on {day_of(opens, zone)}{again}."
        )
    return " ".join(parts) or None
