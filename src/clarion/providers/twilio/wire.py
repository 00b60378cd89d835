"""The HTTP client under Twilio's SDK: our own session, no retries, and room for the sandbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import aiohttp
from twilio.http.response import Response
from yarl import URL

from clarion.providers.transport import make_session, retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

_TOO_MANY_REQUESTS = 429


class TooManyRequestsError(Exception):
    """Twilio answered 429. The SDK's own exception drops the headers, and with them the wait."""

    def __init__(self, *, code: str, wait: timedelta | None) -> None:
        super().__init__(code)
        self.code = code
        self.wait = wait


class TwilioWire:
    """Carries the SDK's requests, in the place of its AsyncTwilioHttpClient.

    That one can neither bound its pool nor tell a connection that was never made from an answer
    that was lost, leaves its time-out out, and signs in by a class that aiohttp has deprecated.

    `api_base` puts another scheme and host in place of Twilio's (for the sandbox). The session is
    opened by the first request, because it needs a running loop. The SDK's logging of requests is
    left out as well: it writes phone numbers to the log.
    """

    #: The SDK asks for this before it awaits `request`.
    is_async = True

    def __init__(self, *, api_base: str | None, connections: int) -> None:
        self._origin = api_base.rstrip("/") if api_base else None
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._addresses: dict[str, URL] = {}

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109  the SDK's signature; the session has its own
        allow_redirects: bool = False,  # noqa: FBT001, FBT002  the same
    ) -> Response:
        """One request, one answer. Raises aiohttp's errors and TooManyRequestsError."""
        if self._session is None:
            self._session = make_session(connections=self._connections)
        sent_headers = dict(headers or {})
        if auth is not None:
            sent_headers["Authorization"] = aiohttp.encode_basic_auth(*auth)
        async with self._session.request(
            method,
            self._routed(url),
            params=_strings(params),
            data=urlencode(data, doseq=True).encode() if data else None,
            headers=sent_headers,
            allow_redirects=allow_redirects,
        ) as answer:
            text = await answer.text()
            if answer.status == _TOO_MANY_REQUESTS:
                raise TooManyRequestsError(code=_code(text), wait=retry_after(answer.headers))
            return Response(answer.status, text, answer.headers)

    async def post(
        self, url: str, form: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes, Mapping[str, str]]:
        """An encoded form, with headers that are complete: the answer's status, body and headers.
        Raises as `request` does."""
        if self._session is None:
            self._session = make_session(connections=self._connections)
        async with self._session.post(
            self._parsed(url), data=form, headers=headers, allow_redirects=False
        ) as answer:
            body = await answer.read()
            if answer.status == _TOO_MANY_REQUESTS:
                text = body.decode(errors="replace")
                raise TooManyRequestsError(code=_code(text), wait=retry_after(answer.headers))
            return answer.status, body, answer.headers

    def _parsed(self, url: str) -> URL:
        """Parsed once: there is one address for all messages."""
        known = self._addresses.get(url)
        if known is None:
            known = self._addresses[url] = URL(self._routed(url))
        return known

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _routed(self, url: str) -> str:
        if self._origin is None:
            return url
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self._origin}{parts.path}{query}"


def as_response(status: int, body: bytes, headers: Mapping[str, str]) -> Response:
    """As the SDK reads it."""
    return Response(status, body.decode(errors="replace"), headers)


def _strings(params: Mapping[str, object] | None) -> dict[str, str] | None:
    return {key: str(value) for key, value in params.items()} if params else None


def _code(text: str) -> str:
    """The error code in a 429's body; an edge proxy answers without one."""
    try:
        body: Any = json.loads(text)
    except ValueError:
        body = None
    code = body.get("code") if isinstance(body, dict) else None
    return str(code or 20429)
