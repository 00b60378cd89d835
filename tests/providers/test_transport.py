"""What a broken call means, and how long an answer asks to wait."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import pytest
from aiohttp import web

from clarion.providers import transport
from clarion.providers.sending import Unavailable, Uncertain
from clarion.providers.transport import make_session, outcome_of, retry_after
from support.serving import on_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

KEY: Any = SimpleNamespace(host="h", port=1, ssl=True, is_ssl=True)
REFUSED = ConnectionRefusedError(111, "refused")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (aiohttp.ClientConnectorError(KEY, REFUSED), Unavailable),
        (aiohttp.ClientConnectorDNSError(KEY, REFUSED), Unavailable),
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "bad")), Unavailable),
        (aiohttp.ConnectionTimeoutError(), Unavailable),
        (aiohttp.InvalidURL("nowhere"), Unavailable),
        (aiohttp.SocketTimeoutError(), Uncertain),
        (aiohttp.ServerTimeoutError(), Uncertain),
        (TimeoutError(), Uncertain),
        (aiohttp.ServerDisconnectedError(), Uncertain),
        (aiohttp.ClientOSError(104, "reset"), Uncertain),
        (aiohttp.ClientPayloadError(), Uncertain),
        (ConnectionResetError(), Uncertain),
    ],
)
def test_only_a_connection_that_was_never_made_is_certain(error: Exception, outcome: type) -> None:
    assert isinstance(outcome_of(cast("OSError", error)), outcome)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"Retry-After": "3"}, timedelta(seconds=3)),
        ({"retry-after": " 0.5 "}, timedelta(seconds=0.5)),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "Fri, 02 Jan 2026 12:00:30 GMT"}, None),
        (
            {
                "Date": "Fri, 02 Jan 2026 12:00:00 GMT",
                "Retry-After": "Fri, 02 Jan 2026 12:00:30 GMT",
            },
            timedelta(seconds=30),
        ),
        (
            {
                "Date": "Fri, 02 Jan 2026 12:00:00 GMT",
                "Retry-After": "Fri, 02 Jan 2026 11:00:00 GMT",
            },
            timedelta(),
        ),
    ],
)
def test_the_wait_is_read_in_seconds_or_from_a_date(
    headers: dict[str, str], wait: timedelta | None
) -> None:
    assert retry_after(headers) == wait


async def test_waiting_for_a_free_connection_is_told_apart_from_waiting_for_an_answer(
    monkeypatch: pytest.MonkeyPatch,
    serving: Callable[[web.Application], AbstractAsyncContextManager[str]],
) -> None:
    monkeypatch.setattr(transport, "CONNECT_SECONDS", 0.05)
    monkeypatch.setattr(transport, "TOTAL_SECONDS", 0.5)
    arrived = asyncio.Event()

    async def silent(_: web.Request) -> web.Response:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody answers here")

    async def post(session: aiohttp.ClientSession, url: str) -> Unavailable | Uncertain:
        try:
            async with session.post(url):
                raise AssertionError("nobody answers here")
        except (aiohttp.ClientError, OSError) as error:
            return outcome_of(error)

    app = web.Application()
    app.router.add_post("/", silent)
    async with serving(app) as url, make_session(connections=1) as session:
        first = asyncio.create_task(post(session, url))
        await arrived.wait()
        assert isinstance(await post(session, url), Unavailable)
        assert isinstance(await first, Uncertain)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux has the option")
async def test_what_is_not_acknowledged_does_not_leave_when_nobody_waits_for_it_any_more() -> None:
    async def hello(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/", hello)
    patience: list[int] = []

    class Watched(aiohttp.ClientResponse):
        async def start(self, connection: Any) -> aiohttp.ClientResponse:
            opened = connection.transport.get_extra_info("socket")
            patience.append(opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))
            return await super().start(connection)

    async with on_port(app) as url, make_session() as session:
        session._response_class = Watched
        assert (await session.get(url)).status == 200
    assert patience == [transport.UNACKNOWLEDGED_SECONDS * 1_000]
