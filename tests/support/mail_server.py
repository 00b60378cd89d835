"""A mail server that answers as a test tells it, and keeps what it was handed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_USUAL = {
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 Go on",
    "CONTENT": "250 2.0.0 Ok: queued",
    "RSET": "250 Ok",
    "QUIT": "221 Bye",
    "HELO": "250 mail.example",
}

#: In place of a reply: the connection is cut, or nothing is said.
CUT, SILENCE = "cut", "silence"


@dataclass
class MailServer:
    """`replies` by verb ("CONTENT" after the final dot) stand in for the usual ones. A connection
    is cut at the MAIL after `most_mails`, or told so with `farewell`."""

    replies: dict[str, str] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("PIPELINING", "SIZE 10000000", "8BITMIME", "SMTPUTF8")
    greeting: str = "220 mail.example ESMTP"
    most_mails: int | None = None
    farewell: str | None = None
    port: int = 0
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    """What was accepted, with the dots as they were sent."""
    empty: int = 0
    """How many accepted ones had no content."""
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when something was answered with silence."""
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)
        self.connections += 1
        self.writers.append(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._say(writer, self.greeting)
            await self._listen(reader, writer)
        writer.close()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mails = 0
        while line := await reader.readline():
            command = line.decode().rstrip("\r\n")
            self.commands.append(command)
            verb = command[:4].upper()
            if verb == "MAIL":
                mails += 1
                if self.most_mails is not None and mails > self.most_mails:
                    if self.farewell:
                        await self._say(writer, self.farewell)
                    return
            if verb == "EHLO":
                lines = ["mail.example", *self.extensions]
                lines = [f"250-{each}" for each in lines[:-1]] + [f"250 {lines[-1]}"]
                await self._say(writer, "\r\n".join(lines))
                continue
            reply = self.replies.get(verb, _USUAL.get(verb, "500 What?"))
            if not await self._answer(writer, reply):
                return
            if verb == "DATA" and reply.startswith("354"):
                content = await _content(reader)
                reply = self.replies.get("CONTENT", _USUAL["CONTENT"])
                if reply.startswith("2") and content:
                    self.contents.append(content)
                self.empty += not content
                if not await self._answer(writer, reply):
                    return

    async def _answer(self, writer: asyncio.StreamWriter, reply: str) -> bool:
        if reply == CUT:
            return False
        if reply == SILENCE:
            self.heard.set()
            return True
        await self._say(writer, reply)
        return True

    async def _say(self, writer: asyncio.StreamWriter, reply: str) -> None:
        writer.write(reply.encode() + b"\r\n")
        await writer.drain()

    def hang_up(self) -> None:
        """On everybody, without a word."""
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()


async def _content(reader: asyncio.StreamReader) -> bytes:
    """Up to the final dot, which may be all there is."""
    lines = []
    while (line := await reader.readline()) not in (b".\r\n", b""):
        lines.append(line)
    return b"".join(lines)


@asynccontextmanager
async def serving(server: MailServer) -> AsyncIterator[MailServer]:
    """On a free port of loopback."""
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        server.hang_up()
        await asyncio.gather(*server.serving)
