"""Hands over mails on one connection that is signed in: SMTP as fast as the server lets us.

The library that opens the connection sends one command at a time and waits for each reply. Where
the server takes several (RFC 2920) a mail is two exchanges here, and not four.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from clarion.providers.smtp.replies import Ended, Reply, Stage

if TYPE_CHECKING:
    from collections.abc import Collection

    from clarion.providers.mime import Letter

#: Seconds for a whole mail. Shorter than a claim may go unanswered (UNCERTAIN_AFTER_SECONDS).
PATIENCE = 45.0

_DONE = 2
_READY_FOR_CONTENT = 354

#: Octets of a line, and lines of a reply.
_LINE_MAX, _LINES_MAX = 8_192, 100


#: What a server without SMTPUTF8 would say (RFC 6531, 3.5).
_NOT_INTERNATIONAL = Reply(553, "5.6.7 The mail server does not offer SMTPUTF8.")


class Conversation(asyncio.Protocol):
    """One mail at a time. `extensions` are the keywords of the server's EHLO, in lower case."""

    def __init__(
        self,
        transport: asyncio.Transport,
        extensions: Collection[str],
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._transport = transport
        self._patience = patience
        self._pipelines = "pipelining" in extensions
        self._sizes = "size" in extensions
        self._is_international = "smtputf8" in extensions
        self._buffer = b""
        self._lines: list[str] = []
        self._lost = False
        self._waiter: asyncio.Future[Ended] | None = None
        self._commands: tuple[bytes, ...] = ()
        self._content = b""
        self._stage = Stage.SENDER
        self._decided: Ended | None = None

    @property
    def is_open(self) -> bool:
        return not self._lost and not self._transport.is_closing()

    async def hand_over(self, letter: Letter) -> Ended:
        """Never raises for what the server or the network does."""
        if not self.is_open:
            return Ended(stage=Stage.SENDER, detail="The mail server had closed the connection.")
        if letter.to.is_international and not self._is_international:
            return Ended(stage=Stage.RECIPIENT, reply=_NOT_INTERNATIONAL)
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Ended] = loop.create_future()
        self._waiter = waiter
        self._begin(letter)
        timer = loop.call_later(
            self._patience, self._give_up, "The mail server did not answer in time."
        )
        try:
            return await waiter
        finally:
            timer.cancel()
            self._waiter = None
            if waiter.cancelled():
                # In the middle of a mail nothing else can be said on this connection.
                self._transport.abort()

    def close(self) -> None:
        if self.is_open:
            self._transport.write(b"QUIT\r\n")
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            self._take_line(line)
        if len(self._buffer) > _LINE_MAX or len(self._lines) > _LINES_MAX:
            self._give_up("The mail server's answer has no end.")

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        why = f": {exc}" if exc else "."
        self._end(detail=f"The connection to the mail server broke{why}")

    def _begin(self, letter: Letter) -> None:
        options = f" SIZE={len(letter.content)}" if self._sizes else ""
        if letter.to.is_international:
            options += " SMTPUTF8"
        self._commands = (
            f"MAIL FROM:<{letter.sender}>{options}\r\n".encode(),
            f"RCPT TO:<{letter.to}>\r\n".encode(),
            b"DATA\r\n",
        )
        self._content = letter.content.replace(b"\r\n.", b"\r\n..") + b".\r\n"
        self._stage = Stage.SENDER
        self._decided = None
        self._transport.write(
            b"".join(self._commands) if self._pipelines else self._commands[Stage.SENDER]
        )

    def _take_line(self, line: bytes) -> None:
        text = line.rstrip(b"\r").decode("utf-8", "replace")
        if not (text[:3].isascii() and text[:3].isdigit()):
            self._give_up(f"The mail server answered what is no SMTP: {text[:100]!r}")
            return
        self._lines.append(text[4:].strip())
        if text[3:4] != "-":
            lines, self._lines = self._lines, []
            self._take(Reply(int(text[:3]), " ".join(lines)))

    def _take(self, reply: Reply) -> None:
        if self._waiter is None or self._waiter.done():
            # Said to nobody: mostly that it is about to hang up.
            self._transport.close()
            return
        if reply.closes:
            self._decide(reply)
            self._end()
            self._transport.close()
            return
        match self._stage:
            case Stage.SENDER | Stage.RECIPIENT:
                self._after_address(reply)
            case Stage.DATA:
                self._after_data(reply)
            case Stage.CONTENT:
                self._decide(reply)
                self._end()
            case Stage.RESET:
                if reply.kind != _DONE:
                    self._transport.close()
                self._end()

    def _after_address(self, reply: Reply) -> None:
        if reply.kind != _DONE:
            self._decide(reply)
            if not self._pipelines:
                self._reset()
                return
        self._stage = Stage(self._stage + 1)
        if not self._pipelines:
            self._transport.write(self._commands[self._stage])

    def _after_data(self, reply: Reply) -> None:
        if reply.code != _READY_FOR_CONTENT:
            self._decide(reply)
            self._reset()
            return
        self._stage = Stage.CONTENT
        # Refused, and yet asked for the content: an empty one goes to nobody.
        self._transport.write(self._content if self._decided is None else b".\r\n")

    def _decide(self, reply: Reply) -> None:
        """The first reply that is not as it should be counts."""
        if self._decided is None:
            self._decided = Ended(stage=self._stage, reply=reply)

    def _reset(self) -> None:
        """What was begun is forgotten, so that the next mail can begin."""
        self._stage = Stage.RESET
        self._transport.write(b"RSET\r\n")

    def _give_up(self, detail: str) -> None:
        self._end(detail=detail)
        self._transport.abort()

    def _end(self, *, detail: str = "") -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(self._decided or Ended(stage=self._stage, detail=detail))
