"""Puts the sandbox on a port."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from clarion.providers.sandbox.control import Control
from clarion.providers.sandbox.sendgrid_api import SendGridApi
from clarion.providers.sandbox.state import Sandbox
from clarion.providers.sandbox.twilio_api import TwilioApi

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from clarion.providers.sandbox.settings import SandboxSettings

#: A request of SendGrid may be 30 MB.
_BODY_MAX = 30 * 1024 * 1024
_SHUTDOWN_SECONDS = 2.0


def make_app(settings: SandboxSettings) -> web.Application:
    """The sandbox as an aiohttp application; its workers live from start-up to clean-up.

    Raises Misconfigured for an unreadable private key.
    """
    box = Sandbox(settings)
    app = web.Application(client_max_size=_BODY_MAX)
    for part in (TwilioApi(box), SendGridApi(box), Control(box)):
        app.add_routes(part.routes())

    async def life(_: web.Application) -> AsyncIterator[None]:
        box.open()
        yield
        await box.close()

    app.cleanup_ctx.append(life)
    return app


async def serve(host: str, port: int, settings: SandboxSettings) -> None:
    """Serve until cancelled; then let the running requests end, and close."""
    # The access log would cost more than the answers.
    runner = web.AppRunner(make_app(settings), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
