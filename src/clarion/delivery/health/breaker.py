"""The circuit breaker of a provider: values in, values out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

#: Troubles in a row (connection refused, time-out, 5xx) after which nothing more is handed over.
TROUBLES_IN_A_ROW = 10

#: How long the first opening lasts; each further one in a row twice as long, up to the longest.
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=5)

#: Of a pause: what the caller's jitter of 1 adds to it, so that houses do not come back as one.
JITTER = 0.2

#: How long the one probe of a half-open breaker is waited for. Longer than a request to a provider
#: may take: a second probe leaves only when the worker of the first is lost.
PROBE_HOLDS = timedelta(seconds=60)


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Verdict(StrEnum):
    """YES: send. PROBE: one message may try, for whoever gets it. NO: nothing leaves now."""

    YES = "yes"
    PROBE = "probe"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`troubles` in a row, `openings` in a row.

    `retry_at`: when an open breaker lets a probe out; when a half-open one gives its probe up.
    """

    state: BreakerState = BreakerState.CLOSED
    troubles: int = 0
    openings: int = 0
    retry_at: datetime | None = None


WELL = Health()


def may_send(health: Health, *, now: datetime) -> Verdict:
    if health.state is BreakerState.CLOSED:
        return Verdict.YES
    if health.retry_at is None or health.retry_at <= now:
        return Verdict.PROBE
    return Verdict.NO


def after_trouble(health: Health, *, now: datetime, jitter: float = 0.0) -> Health:
    return after(health, successes=0, troubles=1, now=now, jitter=jitter)


def after_success(health: Health, *, now: datetime) -> Health:
    return after(health, successes=1, troubles=0, now=now)


def after_probe_left(health: Health, *, now: datetime) -> Health:
    """Of a breaker whose verdict is PROBE: half open, until the probe's answer or its loss."""
    return replace(health, state=BreakerState.HALF_OPEN, retry_at=now + PROBE_HOLDS)


def after(
    health: Health, *, successes: int, troubles: int, now: datetime, jitter: float = 0.0
) -> Health:
    """After a portion of answers whose order is not known.

    `jitter` from 0 to 1 lengthens an opening that follows from them.
    """
    match health.state:
        case BreakerState.OPEN:
            # Answers to what had left before it opened: they neither close nor lengthen it.
            return health
        case BreakerState.HALF_OPEN:
            if successes:
                return WELL
            return _opened(health, troubles, now, jitter) if troubles else health
        case BreakerState.CLOSED:
            run = _run_at_the_end(health.troubles, successes, troubles)
            if run >= TROUBLES_IN_A_ROW:
                return _opened(health, run, now, jitter)
            return replace(health, troubles=run)


def pause_of(opening: int, jitter: float = 0.0) -> timedelta:
    """How long the first, second ... opening in a row lasts."""
    doubled = min(FIRST_PAUSE * (1 << min(max(0, opening - 1), 16)), LONGEST_PAUSE)
    return doubled * (1 + JITTER * jitter)


def _run_at_the_end(before: int, successes: int, troubles: int) -> int:
    """Troubles after the last success; of a mixed portion, as if its successes lay evenly in it."""
    return troubles // (successes + 1) if successes else before + troubles


def _opened(health: Health, troubles: int, now: datetime, jitter: float) -> Health:
    opening = health.openings + 1
    return Health(
        state=BreakerState.OPEN,
        troubles=troubles,
        openings=opening,
        retry_at=now + pause_of(opening, jitter),
    )
