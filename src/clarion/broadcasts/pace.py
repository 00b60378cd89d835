"""When a broadcast will be finished: its messages, the pace of the senders, and the hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from clarion.compliance.sending_hours import closes_at, next_allowed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from clarion.compliance.sending_hours import SendingHours

#: Of a pace so much is given away, of a fast sender's less; the rest keeps it from ever being
#: exceeded. delivery/pace.py says why.
USED = Decimal("0.96")
_FAST, _FAST_USED = 1_000, Decimal("0.7987")

#: What would take more days than this has no end that anybody could be told.
_MOST_DAYS = 400

#: An hour in which nothing may leave lies in the way; more of them are counted, not listed.
_LISTED_PAUSES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePace:
    """A sender: messages per second, and segments per second (None: not paced by segments)."""

    messages_per_second: Decimal
    segments_per_second: Decimal | None = None

    def rate(self, segments: Decimal) -> Decimal:
        """Messages per second that it may send, of so many segments each."""
        if self.segments_per_second is None:
            return self.messages_per_second
        return min(self.messages_per_second, self.segments_per_second / segments)

    def rate_used(self, segments: Decimal) -> Decimal:
        """Messages per second that leave when enough of them wait."""
        fast = self.messages_per_second >= _FAST
        return self.rate(segments) * (_FAST_USED if fast else USED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The senders of a channel that a broadcast uses together, and how many messages of others have
    their turn beside it before it is done."""

    lanes: tuple[LanePace, ...]
    waiting: int = 0

    def rate(self, segments: Decimal = Decimal(1)) -> Decimal:
        return sum((lane.rate(segments) for lane in self.lanes), Decimal(0))

    def rate_used(self, segments: Decimal) -> Decimal:
        return sum((lane.rate_used(segments) for lane in self.lanes), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """`done_at` None: not within a year. `pauses` are the first nights in which it waits, each from
    when until when."""

    starts_at: datetime
    done_at: datetime | None
    pauses: tuple[tuple[datetime, datetime], ...] = ()


def seconds_for(
    messages: Mapping[Decimal, int], pace: Pace, *, max_per_minute: int | None
) -> Decimal | None:
    """How long `messages` (by how many segments each has) take; None without any sender.

    What others have waiting is taken to be like the broadcast's own messages. The broadcast's own
    limit runs beside the senders' pace: the slower of the two decides.
    """
    count = sum(messages.values())
    if not count:
        return Decimal(0)
    if not pace.rate():
        return None
    own = sum(
        (Decimal(n) / pace.rate_used(segments) for segments, n in messages.items()), Decimal(0)
    )
    seconds = own * (count + pace.waiting) / count
    if max_per_minute is not None:
        seconds = max(seconds, Decimal(60 * count) / max_per_minute / USED)
    return seconds


def course_of(
    begins_at: datetime,
    seconds: Decimal | None,
    *,
    planned_at: datetime,
    zone: ZoneInfo,
    hours: SendingHours,
) -> Course:
    """From `begins_at` so many seconds of sending, in the hours in which it is allowed."""
    starts_at = next_allowed(begins_at, planned_at=planned_at, zone=zone, hours=hours)
    if seconds is None or seconds > _MOST_DAYS * 86_400:
        return Course(starts_at=starts_at, done_at=None)
    left = timedelta(seconds=float(seconds))
    at = starts_at
    pauses: list[tuple[datetime, datetime]] = []
    for _ in range(_MOST_DAYS):
        end = closes_at(at, planned_at=planned_at, zone=zone, hours=hours)
        if end is None or left <= end - at:
            return Course(
                starts_at=starts_at, done_at=at + left, pauses=tuple(pauses[:_LISTED_PAUSES])
            )
        left -= end - at
        at = next_allowed(end, planned_at=planned_at, zone=zone, hours=hours)
        pauses.append((end, at))
    return Course(starts_at=starts_at, done_at=None, pauses=tuple(pauses[:_LISTED_PAUSES]))


def latest_end(courses: Sequence[Course]) -> datetime | None:
    """When the last of them is done; None when one of them has no end that could be told."""
    ends = [each.done_at for each in courses if each.done_at is not None]
    return max(ends) if ends and len(ends) == len(courses) else None
