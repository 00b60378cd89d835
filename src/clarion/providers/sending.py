"""What is handed to a provider, and the five things that can come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from decimal import Decimal
    from uuid import UUID

    from clarion.kernel.channel import Channel
    from clarion.kernel.mail import Mail
    from clarion.providers.events import CallbackRequest, ProviderEvent, ProviderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """One message for one person, rendered.

    `message_id` and `attempt` travel to the provider and come back in every callback, so that
    an event finds its row even when the answer to the send was lost. `sender` is the one of the
    lane (a number, a messaging service, a mail address); None: the provider's own. `headers` are
    mail headers of this one message (List-Unsubscribe); an SMS has none.

    A mail of a broadcast has `mail`, which it shares with the others of its step, and `values` for
    the places in it; then `body`, `subject` and `html` are empty.
    """

    message_id: UUID
    attempt: int
    channel: Channel
    to: str
    body: str
    subject: str | None = None
    html: str | None = None
    sender: str | None = None
    validity: timedelta | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    mail: Mail | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The provider has it. `segments` is None when the provider tells it later."""

    provider_id: str
    segments: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Final: the provider refused and no message exists there."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled:
    """Too fast: nothing was sent, wait and try again; no attempt is counted."""

    code: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """Certainly not sent (for example: connection refused); try again later."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """The request may have arrived: never sent again before the provider's list was asked."""

    detail: str


SendResult = Accepted | Rejected | Throttled | Unavailable | Uncertain


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMessage:
    """A message as the provider's own records show it."""

    provider_id: str
    to: str
    body: str | None
    status: ProviderStatus
    created_at: datetime
    segments: int | None = None
    price: Decimal | None = None
    currency: str | None = None
    error_code: str | None = None


class Provider(Protocol):
    """A vendor that carries messages of one channel.

    Implementations are safe to use from many tasks of one event loop, hold their own connection
    pool, and never retry by themselves: a retry is a decision of the delivery room. No method
    raises for an answer of the vendor; programming errors may raise.
    """

    @property
    def name(self) -> str:
        """The word stored in the ledger: "twilio", "sandbox", "sendgrid", "twilio_fallback"."""
        ...

    @property
    def channel(self) -> Channel: ...

    @property
    def keeps_records(self) -> bool:
        """Whether `find` and `fetch` can ever tell anything; without records only callbacks do."""
        ...

    @property
    def batch_size(self) -> int:
        """How many messages `send_batch` takes at the most; 1: it gains nothing."""
        ...

    async def send(self, message: OutgoingMessage) -> SendResult:
        """Hand over one message. Called at most once per (message_id, attempt)."""
        ...

    async def send_batch(self, messages: Sequence[OutgoingMessage]) -> list[SendResult]:
        """Hand over messages that share one `mail` and one `sender`: a result for each, in order.

        Each counts as a `send` of its own. What breaks a request is the outcome of all in it.
        """
        ...

    async def find(self, *, to: str, since: datetime) -> list[FoundMessage] | None:
        """What the vendor's records hold for this address, created at or after `since`.

        None when the vendor has no such records or could not be asked: then nothing is known.
        May be called any number of times.
        """
        ...

    async def fetch(self, provider_id: str) -> FoundMessage | None:
        """The message as the vendor shows it now, or None when it could not be asked."""
        ...

    def read_callback(self, request: CallbackRequest) -> list[ProviderEvent]:
        """The events in a callback, in the vendor's order.

        Raises NotAllowed when the signature is not the vendor's, Invalid when the body cannot
        be read. Pure: may be called any number of times.
        """
        ...

    async def aclose(self) -> None:
        """Close the connection pool. Called once, by who made the provider."""
        ...


#: By name and channel: one name may carry both, as the sandbox does.
Providers: TypeAlias = "Mapping[tuple[str, Channel], Provider]"


def header(headers: Mapping[str, str], name: str) -> str | None:
    """The value of a header, whatever its case."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), None)
