"""What a provider's own records show of a message, as a report like any callback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from clarion.providers.events import EventKind, ProviderEvent, ProviderStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection
    from clarion.kernel.channel import Channel
    from clarion.providers.sending import FoundMessage, Providers

_ENDS = (ProviderStatus.DELIVERED, ProviderStatus.FAILED, ProviderStatus.CANCELLED)


class Tell(Protocol):
    """Stores reports of providers for whoever applies them, in the transaction of the caller."""

    async def __call__(
        self, connection: Connection, events: Sequence[ProviderEvent], *, received_at: datetime
    ) -> int: ...


def is_final(record: FoundMessage) -> bool:
    return record.status in _ENDS


def report_of(
    record: FoundMessage, *, provider: str, channel: Channel, message_id: UUID, attempt: int
) -> ProviderEvent:
    """The same record told twice is one event. It has no time of its own: when it was asked for
    stands for that."""
    return ProviderEvent(
        key=f"fetch:{provider}:{record.provider_id}:{record.status}:{record.error_code or ''}",
        kind=EventKind.STATUS,
        provider=provider,
        channel=channel,
        message_id=message_id,
        attempt=attempt,
        provider_id=record.provider_id,
        status=record.status,
        error_code=record.error_code,
        segments=record.segments,
        price=record.price,
        currency=record.currency,
        payload={"asked_for": True, "status": record.status, "error_code": record.error_code},
    )


def askable(providers: Providers) -> tuple[list[str], list[str]]:
    """Names and channels, side by side, of the providers that keep records one can ask for."""
    known = [key for key, provider in providers.items() if provider.keeps_records]
    return [name for name, _ in known], [channel for _, channel in known]
