"""The pace of a lane: what each message costs of it, and how it gives way to "too fast".

Why no window of one second ever holds more than the rate `r`: a message has a slot, slots lie at
least 1 / (p r) apart, and a message leaves at its slot or at most L seconds later. What leaves
within one second therefore has its slots within W = 1 + L, and so many slots lie there at most:

    floor(W p r) + 1, and with W p = 0.9984 that is at most r for every whole r.

A message that has missed its slot by more is not sent late, it is booked anew. L is 0.04 s, and 96
of 100 slots are given away. From `_FAST` messages per second on 0.04 s are many slots, more than a
worker writes to its connections in that time; there L is 0.25 s and 80 of 100 slots are given away:
what is late is made up for at once, and the sum above is the same. L follows from the lane's full
pace alone, so that all slots of a lane have the same.

Segments: a message of k segments weighs k in every window that its slot lies in, and the last one
in a window lies in it whole. Two ways of booking keep the sum within `s` segments, and of each
slice the cheaper one is taken (`book`):

- *mixed*, largest K: a segment costs W / (s - K + 1). Without the last message a window holds less
  than s - K + 1, with it less than s + 1.
- *alike*: each message is booked as one of K segments, of which floor(s / K) leave in a second, as
  with messages above. More than s segments in one message have nothing better than their own time.

Where one way follows the other, or another K, K - 1 segments stay free in between (`lead`): a
window across both then holds no more than the pace of either and the one segment that it may.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: W p of the reasoning above.
_USED = 0.9984

#: Messages per second from which on a lane is fast.
_FAST = 1_000

_MAY_BE_LATE = 0.04
_FAST_MAY_BE_LATE = 0.25

#: A turn of a stream takes so much of its lane, in seconds, and at least one message.
QUANTUM = 0.25

#: A lane that is booked further ahead than this waits; whoever comes new begins that soon.
AHEAD = timedelta(seconds=0.5)

#: What a turn that has been prepared may find booked by others meanwhile.
FARTHEST_AHEAD = timedelta(seconds=1)

#: Of a broadcast's own speed limit: what it grants in a minute and a turn is within it.
_OWN_LIMIT_USED = 0.96

#: Per second, a lane that was slowed down comes back by so much of its full pace.
SHARE_GROWTH = 0.05

#: A lane is never slowed down below this part of its pace.
SMALLEST_SHARE = 0.01

#: In so many seconds even the slowest lane is at its full pace again.
_RECOVERED_AFTER = 1 / SHARE_GROWTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What a sender may do, at the moment: its full pace, of which it has the part `share`.

    `segments_per_second` None: its segments are not paced.
    """

    rate_per_second: float
    segments_per_second: float | None = None
    share: float = 1.0

    @property
    def may_be_late(self) -> float:
        """Seconds after its slot in which a message may still leave."""
        fast = self.rate_per_second >= _FAST and (self.segments_per_second or _FAST) >= _FAST
        return _FAST_MAY_BE_LATE if fast else _MAY_BE_LATE

    @property
    def used(self) -> float:
        """The part of its pace, as it is at the moment, for which slots are given away."""
        return _USED / (1.0 + self.may_be_late) * self.share


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Seconds of the lane for each message, and how it is to be joined to the booking before.

    `kind`: 0 when segments are not paced; K for a mixed slice whose largest message has K
    segments; -K for one that is booked alike. `lead`: seconds that stay free when the kind before
    was another.
    """

    seconds: tuple[float, ...]
    kind: int = 0
    lead: float = 0.0

    @property
    def total(self) -> float:
        return sum(self.seconds)


def slot_seconds(pace: Pace) -> float:
    """Of the lane, for a message of one segment."""
    slowest = pace.rate_per_second
    if pace.segments_per_second is not None:
        slowest = min(slowest, pace.segments_per_second)
    return 1.0 / (pace.used * slowest)


def fits_in_quantum(pace: Pace) -> int:
    """How many messages of one segment a turn may take; at least one."""
    return max(1, int(QUANTUM / slot_seconds(pace)))


def book(pace: Pace, segments: Sequence[int]) -> Booking:
    """What messages of so many segments cost of their lane, in their order."""
    each = 1.0 / (pace.used * pace.rate_per_second)
    limit = pace.segments_per_second
    if limit is None or not segments:
        return Booking(seconds=(each,) * len(segments))
    largest = max(1, *segments)
    alike = 1.0 / (int(limit / largest) if largest <= limit else limit / largest)
    alike /= pace.used
    room = limit - largest + 1
    one = (1.0 + pace.may_be_late) / (room * pace.share) if room >= 1 else float("inf")
    mixed = [max(each, one * max(1, count)) for count in segments]
    if sum(mixed) < max(each, alike) * len(segments):
        return Booking(seconds=tuple(mixed), kind=largest, lead=(largest - 1) * one)
    return Booking(
        seconds=(max(each, alike),) * len(segments),
        kind=-largest,
        lead=(largest - 1) * alike / largest,
    )


def first_quantum(booking: Booking) -> int:
    """How many of the booked messages one turn takes; at least one."""
    spent = 0.0
    for index, seconds in enumerate(booking.seconds):
        spent += seconds
        if index and spent > QUANTUM:
            return index
    return len(booking.seconds)


def own_limit_seconds(max_per_minute: int) -> float:
    """What each message costs of a broadcast's own speed limit, with the same headroom."""
    return 60.0 / (_OWN_LIMIT_USED * max_per_minute)


def fits_in_own_limit(max_per_minute: int) -> int:
    """How many messages a turn may take of a broadcast's own speed limit; at least one."""
    return max(1, int(QUANTUM / own_limit_seconds(max_per_minute)))


def present_share(share: float, share_at: datetime | None, *, now: datetime) -> float:
    """What a share of `share_at` has grown to; None: it was never slowed down."""
    if share_at is None:
        return 1.0
    return min(1.0, share + SHARE_GROWTH * max(0.0, (now - share_at).total_seconds()))


def share_after_throttle(share: float, share_at: datetime | None, *, now: datetime) -> float:
    """Half of the present share; what is waiting for its pause already is not halved again, since
    the answers to all that was on its way say the same."""
    if share_at is not None and share_at > now:
        return share
    return max(SMALLEST_SHARE, present_share(share, share_at, now=now) / 2)
