"""The addresses in a message that lead back to Clarion: each carries the message, signed.

One token for all of them. It says which message, and nothing that it does not say itself can be put
into an address: a click names the number of a link of the mail, never where it leads.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from clarion.kernel.errors import NotFound

#: Of the signature so many bytes travel: with 96 bits nobody guesses one over the network.
_SIGNED = 12

_PURPOSE = b"clarion message links\0"


@dataclass(frozen=True, slots=True)
class LinkSigner:
    """`secret` is that of the settings; who has another one cannot make or read a token."""

    secret: str
    base_url: str

    def token(self, message_id: UUID) -> str:
        return base64.urlsafe_b64encode(message_id.bytes + self._signature(message_id)).decode()

    def read(self, token: str) -> UUID:
        """Raises NotFound for what was not made here: no hint tells how it is wrong."""
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii"))
        except ValueError as error:
            raise NotFound("There is no such page.") from error
        if len(raw) != 16 + _SIGNED:
            raise NotFound("There is no such page.")
        message_id = UUID(bytes=raw[:16])
        if not hmac.compare_digest(raw[16:], self._signature(message_id)):
            raise NotFound("There is no such page.")
        return message_id

    def links(self, message_id: UUID) -> MessageLinks:
        return MessageLinks(f"{self.base_url}/m/{self.token(message_id)}")

    def _signature(self, message_id: UUID) -> bytes:
        signed = hmac.digest(self.secret.encode(), _PURPOSE + message_id.bytes, hashlib.sha256)
        return signed[:_SIGNED]


@dataclass(frozen=True, slots=True)
class MessageLinks:
    """Of one message. `base` ends without a slash."""

    base: str

    @property
    def unsubscribe(self) -> str:
        return f"{self.base}/unsubscribe"

    @property
    def preferences(self) -> str:
        return f"{self.base}/preferences"

    @property
    def view(self) -> str:
        return f"{self.base}/view"

    @property
    def pixel(self) -> str:
        return f"{self.base}/open.gif"

    def click(self, number: int) -> str:
        return f"{self.base}/to/{number}"
