"""What a provider reports after the send: events, in one vocabulary."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID

    from clarion.kernel.channel import Channel


class ProviderStatus(StrEnum):
    """Where the message stands at the vendor; `queued` and `sent` are not final."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class EventKind(StrEnum):
    STATUS = "status"
    INBOUND = "inbound"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    OPEN = "open"
    CLICK = "click"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRequest:
    """A callback as it arrived. `url` is the public one that the vendor signed, built from the
    public base URL of the settings and never from the Host header."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """One fact told by a provider.

    `key` is unique per fact and the same when the vendor repeats it. `message_id` and `attempt`
    come from what Clarion gave along with the send. For INBOUND, OPT_OUT and OPT_IN `address` is
    the person's address and `text` what they wrote. An OPEN by a program that fetches pictures for
    everybody has `machine`; a CLICK the number of the `link` in the mail, if it is known, and in
    `text` where it leads.
    """

    key: str
    kind: EventKind
    provider: str
    channel: Channel
    message_id: UUID | None = None
    attempt: int | None = None
    provider_id: str | None = None
    status: ProviderStatus | None = None
    error_code: str | None = None
    address: str | None = None
    text: str | None = None
    segments: int | None = None
    price: Decimal | None = None
    currency: str | None = None
    link: int | None = None
    machine: bool = False
    occurred_at: datetime | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
