"""A provider that answers as a test tells it, and keeps what it was handed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from clarion.kernel.channel import Channel
from clarion.providers.sending import Accepted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from clarion.providers.events import CallbackRequest, ProviderEvent
    from clarion.providers.sending import FoundMessage, OutgoingMessage, SendResult


async def _accept(message: OutgoingMessage) -> SendResult:
    return Accepted(provider_id=f"SM{message.message_id.hex}-{message.attempt}", segments=1)


@dataclass
class FakeProvider:
    """`answer` decides for each message; `records` is what `find` gives for any address."""

    name: str = "fake"
    channel: Channel = Channel.SMS
    keeps_records: bool = True
    batch_size: int = 1
    answer: Callable[[OutgoingMessage], Awaitable[SendResult]] = _accept
    records: list[FoundMessage] | None = field(default_factory=list)
    while_asked: Callable[[], Awaitable[None]] | None = None
    sent: list[OutgoingMessage] = field(default_factory=list)
    asked_for: list[tuple[str, datetime]] = field(default_factory=list)

    async def send(self, message: OutgoingMessage) -> SendResult:
        self.sent.append(message)
        return await self.answer(message)

    async def send_batch(self, messages: Sequence[OutgoingMessage]) -> list[SendResult]:
        return [await self.send(each) for each in messages]

    async def find(self, *, to: str, since: datetime) -> list[FoundMessage] | None:
        self.asked_for.append((to, since))
        if self.while_asked is not None:
            await self.while_asked()
        return self.records

    async def fetch(self, provider_id: str) -> FoundMessage | None:
        return next((each for each in self.records or () if each.provider_id == provider_id), None)

    def read_callback(self, request: CallbackRequest) -> list[ProviderEvent]:
        raise NotImplementedError

    async def aclose(self) -> None:
        """Nothing is held open."""

    def answers(self, result: SendResult) -> None:
        """From now on the same answer for everybody."""

        async def always(message: OutgoingMessage) -> SendResult:
            del message
            return result

        self.answer = always

    def times_sent_to(self) -> Counter[str]:
        return Counter(message.to for message in self.sent)
