"""What can go wrong, in kinds that every room raises and only the edges translate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with an input.

    `pointer` is a JSON pointer into the body that was given ("/filter/conditions/0/value"),
    or "" for the whole of it.
    """

    pointer: str
    detail: str


class ClarionError(Exception):
    """Something the caller must hear about; `detail` is a sentence for a person."""

    def __init__(self, detail: str, *, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)


class Invalid(ClarionError):
    """The input cannot be understood or breaks a rule; nothing was changed."""


class NotFound(ClarionError):
    """There is no such thing, or not for this caller: the two are never told apart."""


class Conflict(ClarionError):
    """The thing has changed, or is in a state in which this cannot be done."""


class NotAllowed(ClarionError):
    """The caller is known and may not do this."""


class NotSignedIn(ClarionError):
    """The caller is not known."""


class Misconfigured(ClarionError):
    """A setting is missing or wrong; the sentence names it."""
