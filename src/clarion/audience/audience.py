"""What is known of an audience: how many match, whom a channel reaches, and why not the others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from clarion.kernel.field_path import FieldPath


class LeftOut(StrEnum):
    """Why somebody who matches would get nothing on a channel."""

    NO_PHONE = "no_phone"
    UNCHECKED_PHONE = "unchecked_phone"
    INVALID_PHONE = "invalid_phone"
    NO_EMAIL = "no_email"
    INVALID_EMAIL = "invalid_email"
    OPTED_OUT = "opted_out"
    DUPLICATE_NUMBER = "duplicate_number"
    DUPLICATE_EMAIL = "duplicate_email"


class By(StrEnum):
    """Which channels reach somebody; `any` are all whom at least one does."""

    ANY = "any"
    BOTH = "both"
    ONLY_SMS = "only_sms"
    ONLY_EMAIL = "only_email"


#: The reasons of each channel; of several that hold, the first is told.
REASONS: dict[Channel, tuple[LeftOut, ...]] = {
    Channel.SMS: (
        LeftOut.NO_PHONE,
        LeftOut.UNCHECKED_PHONE,
        LeftOut.INVALID_PHONE,
        LeftOut.OPTED_OUT,
        LeftOut.DUPLICATE_NUMBER,
    ),
    Channel.EMAIL: (
        LeftOut.NO_EMAIL,
        LeftOut.INVALID_EMAIL,
        LeftOut.OPTED_OUT,
        LeftOut.DUPLICATE_EMAIL,
    ),
}

#: The last reason of each channel is decided among all who match, the others for each alone.
DUPLICATE: dict[Channel, LeftOut] = {channel: each[-1] for channel, each in REASONS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom one channel reaches; `left_out` names the reasons that anybody has, in their order."""

    reachable: int
    left_out: Mapping[LeftOut, int]

    @property
    def matched(self) -> int:
        return self.reachable + sum(self.left_out.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """How many of those who match have each value of a field, the most first. `more` values are
    not listed; `empty` counts who has none."""

    path: FieldPath
    values: tuple[tuple[str, int], ...]
    more: int
    empty: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """`countable` are all fields with few values, those that were not asked for too."""

    fields: tuple[Facet, ...]
    took_ms: float
    countable: tuple[FieldPath, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Where numbers come from and of when they are; `reason` says why not from the usual place."""

    source: Literal["index", "database"]
    as_of: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """`total` counts all contacts of the workspace."""

    sms: Reach
    email: Reach
    total: int
    took_ms: float
    counted_at: datetime
    freshness: Freshness

    @property
    def matched(self) -> int:
        return self.sms.matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """`total` counts all contacts of the workspace. `reach` is None where telling it would hold
    up the number."""

    matched: int
    total: int
    took_ms: float
    freshness: Freshness
    reach: Mapping[Channel, Reach] | None = None

    @property
    def estimate(self) -> Estimate | None:
        """All that is to be told, if it is known already."""
        if self.reach is None:
            return None
        return Estimate(
            sms=self.reach[Channel.SMS],
            email=self.reach[Channel.EMAIL],
            total=self.total,
            took_ms=self.took_ms,
            counted_at=self.freshness.as_of,
            freshness=self.freshness,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """`row` is the whole row with the table's own column names, `columns` what of it has no
    attribute here. `address` (the E.164 number, or the e-mail address as it is compared) and
    `left_out` are those of the channel that was asked for, if any."""

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
