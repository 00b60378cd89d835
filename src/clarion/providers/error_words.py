"""The kinds of trouble a provider reports, each with one consequence, and words for a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Consequence(StrEnum):
    """What Clarion does about it; each code has exactly one."""

    FINAL = "final"
    """This message will never arrive there; other people are not concerned."""
    WAIT = "wait"
    """Too much at once: later it will be taken."""
    RETRY = "retry"
    """A passing trouble: worth another attempt, hours later."""
    SUPPRESS = "suppress"
    """This address must not be written to again."""
    CONTENT = "content"
    """The text is the reason: it would fail for everybody."""
    CONFIG = "config"
    """The account, the sender or a permission is the reason: a person must act."""
    UNCERTAIN = "uncertain"
    """It may have gone out: ask the provider before anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorWords:
    """`words` and `advice` are sentences for a sales manager, without the code."""

    words: str
    advice: str
    consequence: Consequence
