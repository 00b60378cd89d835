"""What is known of an audience: how many match, whom an SMS reaches, and why not the others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class LeftOut(StrEnum):
    """Why somebody who matches would get no SMS; the first that holds, in this order."""

    NO_PHONE = "no_phone"
    UNCHECKED_PHONE = "unchecked_phone"
    INVALID_PHONE = "invalid_phone"
    OPTED_OUT = "opted_out"
    DUPLICATE_NUMBER = "duplicate_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    reachable: int
    left_out: Mapping[LeftOut, int]

    @property
    def matched(self) -> int:
        return self.reachable + sum(self.left_out.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """`total` counts all contacts of the workspace."""

    matched: int
    total: int
    took_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """`total` counts all contacts of the workspace."""

    sms: Reach
    total: int
    took_ms: float
    counted_at: datetime

    @property
    def matched(self) -> int:
        return self.sms.matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """`row` is the whole row with the table's own column names, `columns` what of it has no
    attribute here; `address` is the E.164 number."""

    id: str
    first_name: str | None
    last_name: str | None
    phone_number: str | None
    email: str | None
    metadata: Mapping[str, Any]
    row: Mapping[str, Any]
    columns: Mapping[str, Any]
    address: str | None = None
    left_out: LeftOut | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPage:
    """`next` is given as `after` for the page that follows; None at the end."""

    contacts: tuple[Contact, ...]
    next: str | None
