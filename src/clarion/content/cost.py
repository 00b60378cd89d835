"""What a text costs, in exact decimals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in a currency's main unit; `currency` is an ISO 4217 code ("USD")."""

    amount: Decimal
    currency: str


def sms_cost(segments: int, price_per_segment: Decimal) -> Decimal:
    """Exact and unrounded: carriers' prices have more decimals than any currency.

    Raises ValueError for a negative count or price (Twilio reports prices as negative numbers;
    turn them round at the edge).
    """
    if segments < 0:
        raise ValueError("segments must not be negative")
    if not price_per_segment.is_finite() or price_per_segment < 0:
        raise ValueError("price_per_segment must be a number that is not negative")
    return price_per_segment * segments
