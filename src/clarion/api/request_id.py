"""An id per HTTP request: in the answer's header, and in every line that the request logs."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-request-id"

#: Of the request that is being answered here; None outside of one.
REQUEST_ID: ContextVar[str | None] = ContextVar("clarion_request_id", default=None)

#: What a proxy in front may have given it. Anything else is not taken into a log.
_GIVEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class RequestId:
    """Outermost of all, so that also what goes wrong in the others is told with the id."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)

        async def with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        kept = REQUEST_ID.set(request_id)
        try:
            await self.app(scope, receive, with_header)
        finally:
            REQUEST_ID.reset(kept)
