"""Why a broadcast that is being sent does not send at this moment, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.broadcasts.read_pace import pool_of
from clarion.broadcasts.time_words import clock_time, day_of, hours_in_words
from clarion.compliance.sending_hours import next_allowed
from clarion.delivery.health.breaker import BreakerState
from clarion.delivery.pace import present_share

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from clarion.broadcasts.read_pace import SenderNow
    from clarion.compliance.sending_hours import SendingHours

_NAMES = {"twilio": "Twilio", "sendgrid": "SendGrid", "sandbox": "The sandbox"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """`until` None: it goes on meanwhile, only not as usual."""

    until: datetime | None
    words: str


def wait_of(
    senders: Sequence[SenderNow],
    *,
    planned_at: datetime,
    zone: ZoneInfo,
    hours: SendingHours,
    now: datetime,
    next_try_at: datetime | None = None,
) -> Wait | None:
    """What keeps it longest comes first: the next attempt, the hours, then the provider, then the
    senders' pace. `next_try_at` is given when all that is left waits for its next attempt."""
    opens = next_allowed(now, planned_at=planned_at, zone=zone, hours=hours)
    if next_try_at is not None and next_try_at > opens:
        again = next_allowed(next_try_at, planned_at=planned_at, zone=zone, hours=hours)
        return Wait(
            until=again,
            words="What is left has failed before and is tried again, the first of it at "
            f"{clock_time(again, zone)} on {day_of(again, zone)}.",
        )
    if opens > now:
        return Wait(
            until=opens,
            words=f"Outside of the sending hours ({hours_in_words(hours)} in {zone.key}). It goes "
            f"on at {clock_time(opens, zone)} on {day_of(opens, zone)}.",
        )
    pool = pool_of(senders)
    return _unreachable(senders, pool, zone=zone, now=now) or _slowed(pool, now=now)


def _unreachable(
    senders: Sequence[SenderNow], pool: Sequence[SenderNow], *, zone: ZoneInfo, now: datetime
) -> Wait | None:
    if not pool or any(_is_well(each) for each in pool):
        return None
    name = _name(pool[0])
    spare = next((each for each in senders if each not in pool and _is_well(each)), None)
    if spare is not None:
        other = _name(spare)
        through = "a second sender" if other == name else other
        return Wait(until=None, words=f"{name} cannot be reached; {through} takes over meanwhile.")
    again = min((each.retry_at for each in pool if each.retry_at is not None), default=None)
    if again is None or again <= now:
        return Wait(until=None, words=f"{name} cannot be reached; trying again now.")
    return Wait(
        until=again,
        words=f"{name} cannot be reached; trying again at {clock_time(again, zone)}.",
    )


def _name(sender: SenderNow) -> str:
    """Of the provider, whichever of its accounts it is."""
    provider = sender.provider.removesuffix("_fallback")
    return _NAMES.get(provider, provider)


def _is_well(sender: SenderNow) -> bool:
    return sender.state == BreakerState.CLOSED


def _slowed(pool: Sequence[SenderNow], *, now: datetime) -> Wait | None:
    slowed = [each for each in pool if present_share(float(each.share), each.share_at, now=now) < 1]
    if not slowed:
        return None
    return Wait(
        until=None, words=f"{_name(slowed[0])} asked for a slower pace; it comes back by itself."
    )
