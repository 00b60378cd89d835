"""The hours and days in which messages may leave, by the clock of the zone chosen for them.

Inside the hours a message may leave. Outside of them it may only if the person chose such an hour,
that is if the planned time itself lies outside, and then for two hours from the planned time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from clarion.kernel.workspace import Workspace

#: How long a chosen hour outside the sending hours stays chosen.
CHOSEN_FOR = timedelta(hours=2)

#: ISO days of the week, 1 Monday to 7 Sunday.
EVERY_DAY = frozenset(range(1, 8))

#: How far ahead an opening or a closing is looked for: hours open every day, and where a zone has
#: left a whole day of the calendar out, the day after.
_DAYS_AHEAD = 4

#: The same where only some days of the week are allowed. The only one may be left out too, or the
#: hours of it by a clock change, and then it is the one of the week after.
_DAYS_AHEAD_OF_SOME = 16

#: Steps in which clock changes are looked for; no zone makes two so close to one another.
_SCAN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class SendingHours:
    """Wall time, `opens` before `closes`, which is not within them any more; both None: any hour.

    Raises ValueError for hours that never open.
    """

    opens: time | None
    closes: time | None
    weekdays: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        if (self.opens is None) != (self.closes is None):
            raise ValueError("Sending hours have both ends, or none.")
        if self.opens is not None and self.closes is not None and self.opens >= self.closes:
            raise ValueError("Sending hours open before they close, on the same day.")
        if not self.weekdays or not self.weekdays <= EVERY_DAY:
            raise ValueError("Sending hours have at least one day of the week, 1 to 7.")

    @property
    def never_close(self) -> bool:
        return self.opens is None and self.weekdays == EVERY_DAY

    def contain(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether the clock of `zone` shows an hour within them at `moment`."""
        if self.never_close:
            return True
        local = moment.astimezone(zone)
        if local.isoweekday() not in self.weekdays:
            return False
        return self.opens is None or self.closes is None or self.opens <= local.time() < self.closes


def hours_of(workspace: Workspace) -> SendingHours:
    return SendingHours(workspace.sending_from, workspace.sending_until)


def read_hours(sending_from: str | None, sending_until: str | None) -> SendingHours:
    """As people write them ("08:00"). Raises Invalid, in words, at the field that is wrong."""
    opens = _read_time(sending_from, "/sending_from")
    closes = _read_time(sending_until, "/sending_until")
    if (opens is None) != (closes is None):
        missing = "/sending_from" if opens is None else "/sending_until"
        raise _unfit(missing, "Give both times, or neither to send at any hour.")
    if opens is not None and closes is not None and opens >= closes:
        raise _unfit("/sending_until", "The sending hours must end after they begin, the same day.")
    return SendingHours(opens, closes)


def write_hour(wall: time | None) -> str | None:
    """As `read_hours` reads it."""
    return None if wall is None else f"{wall:%H:%M}"


def _read_time(text: str | None, pointer: str) -> time | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - the hour of any day
    except ValueError as error:
        raise _unfit(pointer, "Write the time like 08:00, from 00:00 to 23:59.") from error


def _unfit(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])


def is_allowed(now: datetime, *, planned_at: datetime, zone: ZoneInfo, hours: SendingHours) -> bool:
    """Whether a message that was planned for `planned_at` may leave at `now`."""
    return hours.contain(now, zone) or is_chosen(now, planned_at=planned_at, zone=zone, hours=hours)


def is_chosen(now: datetime, *, planned_at: datetime, zone: ZoneInfo, hours: SendingHours) -> bool:
    """Whether `now` is within what the person asked for by planning outside the hours."""
    # In UTC: within one zone Python compares and adds by the clock on the wall.
    moment, start = now.astimezone(UTC), planned_at.astimezone(UTC)
    return start <= moment < start + CHOSEN_FOR and not hours.contain(planned_at, zone)


def next_allowed(
    now: datetime, *, planned_at: datetime, zone: ZoneInfo, hours: SendingHours
) -> datetime:
    """`now` when a message may leave now, else the first moment at which it may."""
    if is_allowed(now, planned_at=planned_at, zone=zone, hours=hours):
        return now
    return next(
        moment
        for moment in _turns(now, planned_at=planned_at, zone=zone, hours=hours)
        if is_allowed(moment, planned_at=planned_at, zone=zone, hours=hours)
    )


def next_inside(now: datetime, *, zone: ZoneInfo, hours: SendingHours) -> datetime:
    """The first moment from `now` on that lies within the hours, whatever anybody has chosen."""
    if hours.contain(now, zone):
        return now
    return next(
        moment
        for moment in _turns(now, planned_at=now, zone=zone, hours=hours)
        if hours.contain(moment, zone)
    )


def closes_at(
    now: datetime, *, planned_at: datetime, zone: ZoneInfo, hours: SendingHours
) -> datetime | None:
    """Until when a message may leave that may leave now; None: there is no end.

    When it may not leave now, the end of the next stretch in which it may.
    """
    if hours.never_close:
        return None
    start = next_allowed(now, planned_at=planned_at, zone=zone, hours=hours)
    return next(
        moment
        for moment in _turns(start, planned_at=planned_at, zone=zone, hours=hours)
        if not is_allowed(moment, planned_at=planned_at, zone=zone, hours=hours)
    )


def _turns(
    now: datetime, *, planned_at: datetime, zone: ZoneInfo, hours: SendingHours
) -> Iterator[datetime]:
    """All moments after `now`, in order, at which the answer may turn: the wall times at which the
    hours open and close and days begin, clock changes, and both ends of the chosen time."""
    some_days = hours.weekdays != EVERY_DAY
    days_ahead = _DAYS_AHEAD_OF_SOME if some_days else _DAYS_AHEAD
    today = now.astimezone(zone).date()
    start = planned_at.astimezone(UTC)
    moments = {start, start + CHOSEN_FOR}
    moments.update(_clock_changes(now, zone, days_ahead))
    for wall in (hours.opens, hours.closes, time() if some_days else None):
        if wall is None:
            continue
        for days in range(days_ahead):
            naive = datetime.combine(today + timedelta(days=days), wall)
            # An hour that the clock shows twice comes twice; of one that it leaves out the clock
            # change itself is the moment.
            moments.update(naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return iter(sorted(moment for moment in moments if moment > now))


def _clock_changes(now: datetime, zone: ZoneInfo, days_ahead: int) -> Iterator[datetime]:
    """The moments in the days ahead from which the clock of the zone is put forward or back."""
    before = now.astimezone(UTC)
    last = before + timedelta(days=days_ahead)
    while before < last:
        after = before + _SCAN
        if _offset(before, zone) != _offset(after, zone):
            yield _change_between(before, after, zone)
        before = after


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Found by halving; clocks are changed on a whole second."""
    start = before.replace(microsecond=0)
    known = _offset(before, zone)
    low, high = 0, int((after - start).total_seconds()) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(start + timedelta(seconds=middle), zone) == known:
            low = middle
        else:
            high = middle
    return start + timedelta(seconds=high)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()
