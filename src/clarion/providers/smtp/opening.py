"""Opens connections to a mail server: encrypted as the settings say, and signed in."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, cast

import aiosmtplib

from clarion.providers.sending import Rejected, Unavailable
from clarion.providers.smtp.conversation import PATIENCE, Conversation

if TYPE_CHECKING:
    from clarion.providers.sending import SendResult

#: Seconds for each step of it: some servers greet late on purpose.
_OPENS_WITHIN = 15.0

_FINAL = 500


class Security(StrEnum):
    """How the connection is encrypted."""

    STARTTLS = "starttls"
    """After the greeting, or it is not used at all; port 587 as a rule."""
    TLS = "tls"
    """From the start; port 465 as a rule."""
    NONE = "none"
    """Not: whoever listens can read. For a server on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """`called` is the host name that we greet with. `trust` None: whom the system trusts.
    `username` empty: without signing in. `patience`: seconds for a whole mail."""

    host: str
    port: int
    called: str
    security: Security = Security.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    trust: ssl.SSLContext | None = None
    patience: float = PATIENCE


class NotOpenedError(Exception):
    """There is no connection; `result` is what that means for a message."""

    def __init__(self, result: SendResult) -> None:
        super().__init__(str(result))
        self.result = result


class Opener:
    """Reads the system's certificates once, and not for each connection."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._trust = server.trust

    async def open(self) -> Conversation:
        """Raises NotOpenedError."""
        server = self._server
        if self._trust is None and server.security is not Security.NONE:
            self._trust = await asyncio.to_thread(ssl.create_default_context)
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=server.called,
            timeout=_OPENS_WITHIN,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            tls_context=self._trust,
            username=server.username or None,
            password=server.password if server.username else None,
        )
        try:
            await client.connect()
            await _greet(client)
        except aiosmtplib.SMTPAuthenticationError as error:
            client.close()
            raise NotOpenedError(_not_signed_in(error)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise NotOpenedError(
                Unavailable(detail=f"No connection to the mail server could be made: {error}")
            ) from error
        # The library has done its part; from here on the connection is ours.
        transport = cast("asyncio.Transport", client.transport)
        conversation = Conversation(
            transport, frozenset(client.esmtp_extensions), patience=server.patience
        )
        transport.set_protocol(conversation)
        return conversation


async def _greet(client: aiosmtplib.SMTP) -> None:
    """What the server can do is asked for anew once the connection is encrypted."""
    if not client.is_ehlo_or_helo_needed:
        return
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        await client.helo()


def _not_signed_in(error: aiosmtplib.SMTPAuthenticationError) -> SendResult:
    told = f"{error.code} {error.message}"
    if error.code >= _FINAL:
        return Rejected(code="smtp_535", detail=told)
    return Unavailable(detail=f"The mail server cannot sign us in now: {told}")
