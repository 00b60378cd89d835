"""The kinds of trouble a provider reports, each with one consequence, and words for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from clarion.compliance.suppression import Suppressed

#: The carriers' daily limits begin anew at midnight there.
_CARRIERS_CLOCK = ZoneInfo("America/Los_Angeles")

#: Of a pause that is spread: what a jitter of 1 adds to it.
_SPREAD = 0.5

#: Not everybody at the stroke of midnight.
_MORNING = timedelta(minutes=30)


class Consequence(StrEnum):
    """What Clarion does about it; each code has exactly one."""

    FINAL = "final"
    """This message will never arrive there; other people are not concerned."""
    WAIT = "wait"
    """Too much at once: later it will be taken."""
    RETRY = "retry"
    """A passing trouble: worth another attempt, hours later."""
    OTHER_SENDER = "other_sender"
    """This sender does not reach the person, another one may."""
    SUPPRESS = "suppress"
    """This address must not be written to again."""
    CONTENT = "content"
    """The text is the reason: it would fail for everybody."""
    CONFIG = "config"
    """The account, the sender or a permission is the reason: a person must act."""
    UNCERTAIN = "uncertain"
    """It may have gone out: ask the provider before anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPlan:
    """When a message that has failed so is sent again by itself: once after each pause.

    `spread`: a pause is lengthened by up to half of it, so that what failed together does not come
    back together. `next_day`: instead of the pause, when the carriers' day begins anew.
    """

    pauses: tuple[timedelta, ...]
    spread: bool = False
    next_day: bool = False

    def due_at(self, *, retries_done: int, now: datetime, jitter: float) -> datetime | None:
        """None when no retry is left. `jitter` is from 0 up to 1."""
        if retries_done >= len(self.pauses):
            return None
        if self.next_day:
            return _next_midnight(now) + _MORNING * jitter
        pause = self.pauses[retries_done]
        return now + (pause * (1 + _SPREAD * jitter) if self.spread else pause)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorWords:
    """`words` and `advice` are sentences for a sales manager, without the code.

    `retry` is there where sending again by itself makes sense. `suppress`, for what has that
    consequence: why the address is not written to any more.
    """

    words: str
    advice: str
    consequence: Consequence
    retry: RetryPlan | None = None
    suppress: Suppressed | None = None


def table(*groups: tuple[str, ErrorWords]) -> dict[str, ErrorWords]:
    """By code; a group names several codes with spaces between."""
    return {code: words for codes, words in groups for code in codes.split()}


def words(
    consequence: Consequence,
    said: str,
    advice: str,
    *,
    retry: RetryPlan | None = None,
    suppress: Suppressed | None = None,
) -> ErrorWords:
    """A row of a table, by position."""
    return ErrorWords(
        words=said, advice=advice, consequence=consequence, retry=retry, suppress=suppress
    )


def _next_midnight(now: datetime) -> datetime:
    there = now.astimezone(_CARRIERS_CLOCK)
    midnight = datetime.combine(there.date() + timedelta(days=1), datetime.min.time())
    return midnight.replace(tzinfo=_CARRIERS_CLOCK).astimezone(now.tzinfo)
