"""Wall times and moments: when a step is due."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clarion.kernel.errors import Fault, Invalid
from clarion.queue.job import FARTHEST


def read_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        detail = f"“{name}” is not a time zone like America/Chicago."
        raise Invalid(detail, faults=[Fault(pointer="/time_zone", detail=detail)]) from error


def moment_of(scheduled_for: datetime, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which clocks in `zone` show this naive wall time.

    A time that clocks skip in spring becomes the moment at which they jump over it (2:30 is sent
    at 3:30); one that they show twice in autumn is meant the first time. Raises Invalid at the
    ends of the calendar.
    """
    try:
        return scheduled_for.replace(tzinfo=zone, fold=0).astimezone(UTC)
    except OverflowError as error:
        raise _unfit("Choose a time within the next two years.") from error


def check_moment(moment: datetime, *, now: datetime) -> None:
    """Raises Invalid at /scheduled_for for the past and the far future."""
    if moment <= now:
        detail = "This time has passed. Choose a later one, or send immediately."
    elif moment - now > FARTHEST:
        detail = "Choose a time within the next two years."
    else:
        return
    raise _unfit(detail)


def _unfit(detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer="/scheduled_for", detail=detail)])
