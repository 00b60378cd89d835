"""Decides by a hash and not by dice, so that a run can be repeated."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

#: A float holds 53 bits: with more of them a draw could be rounded up to 1.
_BITS = 53


def draw(*parts: object) -> float:
    """A number from 0 up to 1, always the same for the same parts."""
    text = "\x1f".join(map(str, parts))
    bits = int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> (64 - _BITS)
    return bits / (1 << _BITS)


def happens(rate: float, *parts: object) -> bool:
    """Whether a thing of this rate happens to these parts."""
    return rate > 0 and draw(*parts) < rate


def share_of(shares: Mapping[T, float], *parts: object) -> T | None:
    """The one whose share of all draws this draw falls into, or None."""
    left = draw(*parts) if shares else 0.0
    for each, share in shares.items():
        if left < share:
            return each
        left -= share
    return None


def pick(choices: tuple[T, ...], *parts: object) -> T:
    return choices[int(draw(*parts) * len(choices))]
