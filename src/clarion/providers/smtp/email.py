"""Sends e-mail to a mail server, over connections that stay open."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from clarion.kernel.channel import Channel
from clarion.kernel.clock import utc_now
from clarion.kernel.errors import Invalid, Misconfigured, NotAllowed
from clarion.providers.mime import LetterWriter
from clarion.providers.sending import Rejected, Throttled
from clarion.providers.smtp.opening import NotOpenedError, Opener
from clarion.providers.smtp.replies import result_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from clarion.providers.events import CallbackRequest, ProviderEvent
    from clarion.providers.mime import Letter
    from clarion.providers.sending import FoundMessage, OutgoingMessage, SendResult
    from clarion.providers.smtp.conversation import Conversation
    from clarion.providers.smtp.opening import SmtpServer
    from clarion.providers.smtp.replies import Ended

#: Connections unless the settings say otherwise: servers count them by client.
CONNECTIONS = 16

#: Seconds that a message waits for one of them before it is given back.
_FREE_WITHIN = 20.0

_WHEN_NONE_IS_FREE = Throttled(code="smtp_slow", retry_after=timedelta(seconds=1))


class SmtpEmail:
    """A mail server as a Provider.

    `sender` stands in where a message names none of its own, `sender_name` where its mail has no
    name. A mail server tells nothing later and cannot be asked: what it took is sent, and what is
    uncertain stays so. Raises Misconfigured when a part is missing.
    """

    def __init__(
        self,
        server: SmtpServer,
        *,
        sender: str,
        sender_name: str | None = None,
        name: str = "smtp",
        connections: int = CONNECTIONS,
    ) -> None:
        if not (server.host and sender):
            raise Misconfigured("SMTP needs a mail server and a sender address.")
        self._name = name
        self._opener = Opener(server)
        self._writer = LetterWriter(sender=sender, sender_name=sender_name)
        self._places = asyncio.Semaphore(connections)
        self._idle: list[Conversation] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def channel(self) -> Channel:
        return Channel.EMAIL

    @property
    def keeps_records(self) -> bool:
        return False

    @property
    def batch_size(self) -> int:
        return 1

    async def send(self, message: OutgoingMessage) -> SendResult:
        try:
            letter = self._writer.write(message, now=utc_now())
        except Invalid as error:
            return _not_written(error)
        if not await self._place():
            return _WHEN_NONE_IS_FREE
        try:
            return await self._send(letter)
        except NotOpenedError as error:
            return error.result
        finally:
            self._places.release()

    async def send_batch(self, messages: Sequence[OutgoingMessage]) -> list[SendResult]:
        return list(await asyncio.gather(*(self.send(each) for each in messages)))

    async def find(self, *, to: str, since: datetime) -> list[FoundMessage] | None:  # noqa: ARG002
        return None

    async def fetch(self, provider_id: str) -> FoundMessage | None:  # noqa: ARG002
        return None

    def read_callback(self, request: CallbackRequest) -> list[ProviderEvent]:  # noqa: ARG002
        raise NotAllowed("A mail server sends no callbacks.")

    async def aclose(self) -> None:
        while self._idle:
            self._idle.pop().close()

    async def _place(self) -> bool:
        """Whether there is one, after a while at the latest."""
        if not self._places.locked():
            return await self._places.acquire()
        try:
            async with asyncio.timeout(_FREE_WITHIN):
                return await self._places.acquire()
        except TimeoutError:
            return False

    async def _send(self, letter: Letter) -> SendResult:
        """Servers close connections that were idle for long or have had their share of mails. Then
        the mail is still here, and a fresh connection takes it."""
        kept = self._kept()
        if kept is not None:
            ended = await self._hand_over(kept, letter)
            if not ended.never_left:
                return result_of(ended, provider_id=letter.message_id)
        ended = await self._hand_over(await self._opener.open(), letter)
        return result_of(ended, provider_id=letter.message_id)

    def _kept(self) -> Conversation | None:
        """The one used last: in quiet times the others grow old and are closed."""
        while self._idle:
            kept = self._idle.pop()
            if kept.is_open:
                return kept
        return None

    async def _hand_over(self, conversation: Conversation, letter: Letter) -> Ended:
        ended = await conversation.hand_over(letter)
        if conversation.is_open:
            self._idle.append(conversation)
        return ended


def _not_written(error: Invalid) -> Rejected:
    about_the_person = any(fault.pointer == "/to" for fault in error.faults)
    return Rejected(
        code="smtp_address" if about_the_person else "smtp_mail",
        detail=" ".join([error.detail, *(fault.detail for fault in error.faults)]),
    )
