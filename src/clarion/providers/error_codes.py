"""What a provider's error code means for the person who sent the broadcast, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.providers.error_table import ERROR_WORDS
from clarion.providers.error_words import Consequence, ErrorWords, RetryPlan

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["ERROR_WORDS", "Consequence", "ErrorWords", "RetryPlan", "explain", "plan_of"]

_UNKNOWN = ErrorWords(
    consequence=Consequence.FINAL,
    words="The provider could not deliver the message and gave a reason that is not known here.",
    advice="Look the reason up in the provider's console, with the message's details.",
)
_NO_CODE = ErrorWords(
    consequence=Consequence.FINAL,
    words="The provider could not deliver the message and gave no reason.",
    advice="Try once more later, or reach this contact another way.",
)


def explain(code: str | None) -> ErrorWords:
    """The words for a code of any provider; a general sentence for one that nobody listed."""
    if not code:
        return _NO_CODE
    return ERROR_WORDS.get(code, _UNKNOWN)


def plan_of(
    code: str | None, *, retries_done: int, now: datetime, jitter: float
) -> datetime | None:
    """When a message that failed with this code at `now` is sent again by itself.

    None: never, or not once more after `retries_done`. `jitter` (0 up to 1) spreads those that
    failed together.
    """
    plan = explain(code).retry
    return None if plan is None else plan.due_at(retries_done=retries_done, now=now, jitter=jitter)
