"""A telephone line between the workers and the provider, which a test may cut at any moment."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class Line:
    """Carries bytes from a port of its own to another; lives in a thread with a loop of its own.

    `mute` swallows what is said: connections are made, and nobody ever answers.
    """

    def __init__(self, *, to_port: int) -> None:
        self._to_port = to_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listener: socket.socket | None = None
        self._answering: set[asyncio.Task[Any]] = set()
        self._calls: set[_End] = set()
        self.mute = False
        self.port = 0

    def open(self) -> None:
        self._thread.start()
        self._do(self._listen())

    def close(self) -> None:
        self.down()
        self._do(_settle())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self) -> int:
        """All connections break; new ones can be made at once. How many broke."""
        return self._do(self._cut())

    def down(self) -> None:
        """Connections break, and new ones are refused."""
        self._do(self._hang_up())

    def up(self) -> None:
        self._do(self._listen())

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    # Not an asyncio.Server: one that is closed while a connection is being accepted loses that one.
    async def _listen(self) -> None:
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._listener.setblocking(False)
            self.port = self._listener.getsockname()[1]
            self._loop.add_reader(self._listener, self._answer, self._listener)

    def _answer(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:  # whoever called has given up
            return
        connection.setblocking(False)
        task = self._loop.create_task(
            self._loop.connect_accepted_socket(lambda: _End(self), connection)
        )
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _hang_up(self) -> None:
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        await asyncio.gather(*self._answering, return_exceptions=True)
        await self._cut()

    async def _cut(self) -> int:
        broken = [end for end in self._calls if end.is_callers]
        for end in list(self._calls):
            end.abort()
        return len(broken)

    async def dial(self, caller: _End) -> None:
        try:
            await self._loop.create_connection(
                lambda: _End(self, caller), "127.0.0.1", self._to_port
            )
        except OSError:
            caller.abort()

    def picked_up(self, end: _End) -> None:
        self._calls.add(end)

    def hung_up(self, end: _End) -> None:
        self._calls.discard(end)


class _End(asyncio.Protocol):
    """One end of a call; what it hears, the other end says."""

    def __init__(self, line: Line, other: _End | None = None) -> None:
        self._line = line
        self._other = other
        self._transport: asyncio.Transport | None = None
        self._unsaid: list[bytes] = []
        self.is_callers = other is None
        self._dialling: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._line.picked_up(self)
        if self._other is None:
            self._dialling = asyncio.create_task(self._line.dial(self))
        else:
            self._other.meet(self)

    def meet(self, other: _End) -> None:
        self._other = other
        unsaid, self._unsaid = self._unsaid, []
        for data in unsaid:
            other.say(data)
        if self._transport is None or self._transport.is_closing():
            other.abort()

    def data_received(self, data: bytes) -> None:
        if self._line.mute:
            return
        if self._other is None:
            self._unsaid.append(data)
        else:
            self._other.say(data)

    def say(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, _: Exception | None) -> None:
        self._line.hung_up(self)
        if self._other is not None and self._other._transport is not None:
            self._other._transport.close()


async def _settle() -> None:
    """Lets what was aborted be told of it."""
    for _ in range(3):
        await asyncio.sleep(0)


@contextmanager
def open_line(*, to_port: int) -> Iterator[Line]:
    line = Line(to_port=to_port)
    line.open()
    try:
        yield line
    finally:
        line.close()
