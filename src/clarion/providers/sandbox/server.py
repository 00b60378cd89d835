"""Puts the sandbox on a port."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from clarion.providers.sandbox.control import Control
from clarion.providers.sandbox.sendgrid_api import SendGridApi
from clarion.providers.sandbox.settings import Outage
from clarion.providers.sandbox.state import Sandbox
from clarion.providers.sandbox.twilio_api import TwilioApi

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from clarion.providers.sandbox.settings import SandboxSettings

#: A request of SendGrid may be 30 MB.
_BODY_MAX = 30 * 1024 * 1024
_SHUTDOWN_SECONDS = 2.0


class _Door:
    """The vendor's port: listened to, or as at a host that is away."""

    def __init__(self, runner: web.AppRunner, host: str, port: int) -> None:
        self._runner = runner
        self._address = (host, port)
        self._site: web.TCPSite | None = None

    async def set(self, *, is_open: bool) -> None:
        if is_open and self._site is None:
            self._site = web.TCPSite(self._runner, *self._address)
            await self._site.start()
        elif not is_open and self._site is not None:
            await self._site.stop()
            self._site = None
            for each in self._runner.server.connections if self._runner.server else ():
                if each.transport is not None:
                    each.transport.abort()


def make_app(settings: SandboxSettings) -> web.Application:
    """The sandbox as an aiohttp application; its workers live from start-up to clean-up.

    Raises Misconfigured for an unreadable private key.
    """
    return _app(Sandbox(settings))


def _app(box: Sandbox) -> web.Application:
    app = web.Application(client_max_size=_BODY_MAX)
    for part in (TwilioApi(box), SendGridApi(box), Control(box)):
        app.add_routes(part.routes())

    async def life(_: web.Application) -> AsyncIterator[None]:
        box.open()
        yield
        await box.close()

    app.cleanup_ctx.append(life)
    return app


async def serve(
    host: str, port: int, settings: SandboxSettings, *, control_port: int | None = None
) -> None:
    """Serve until cancelled; then let the running requests end, and close.

    With a `control_port` the sandbox's own endpoints are there as well, and an outage that refuses
    connections closes `port`; without one it can only cut them.
    """
    box = Sandbox(settings)
    async with AsyncExitStack() as stack:
        runner = await stack.enter_async_context(_prepared(_app(box)))
        door = _Door(runner, host, port)
        await door.set(is_open=True)
        if control_port is None:
            await asyncio.Event().wait()
            return
        beside = web.Application()
        beside.add_routes(Control(box).routes())
        control = await stack.enter_async_context(_prepared(beside))
        await web.TCPSite(control, host, control_port).start()
        while True:
            box.changed.clear()
            await door.set(is_open=box.settings.outage != Outage.REFUSE)
            await box.changed.wait()


@asynccontextmanager
async def _prepared(app: web.Application) -> AsyncIterator[web.AppRunner]:
    # The access log would cost more than the answers.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        yield runner
    finally:
        await runner.cleanup()
