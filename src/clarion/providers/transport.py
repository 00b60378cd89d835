"""How a provider talks HTTP: one bounded, timed session, and what a broken call means."""

from __future__ import annotations

import re
import socket
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import aiohttp

from clarion.providers.sending import Unavailable, Uncertain, header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohappyeyeballs import AddrInfoType

#: Whole seconds by the RFC; some send parts of one. Nine digits are thirty years.
_SECONDS = re.compile(r"\d{1,9}(\.\d+)?")

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0

#: Seconds after which the system itself throws away what the other end has not acknowledged. By its
#: default a request that was broken off here lies in its buffers for minutes and leaves as soon as
#: the link is back: by then it was judged that it never left, and it was sent again.
UNACKNOWLEDGED_SECONDS = TOTAL_SECONDS

#: Connections kept open by one provider. Vendors count requests in flight per account, so a
#: larger pool buys 429 answers and no speed.
CONNECTIONS = 64


def make_session(*, connections: int = CONNECTIONS) -> aiohttp.ClientSession:
    """A session that never retries a POST and keeps no cookies.

    Needs a running event loop; the caller closes it.
    """
    # `connect` also covers the wait for a free connection, so that a full pool is told apart
    # from an answer that never came: the first is certainly not sent.
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=connections, ttl_dns_cache=300, socket_factory=_make_socket
        ),
        timeout=aiohttp.ClientTimeout(
            total=TOTAL_SECONDS, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=True,
    )


def _make_socket(address: AddrInfoType) -> socket.socket:
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    # Linux has it; elsewhere the system's own patience holds (docs/operations.md).
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None:
        made.setsockopt(socket.IPPROTO_TCP, option, int(UNACKNOWLEDGED_SECONDS * 1_000))
    return made


def outcome_of(error: aiohttp.ClientError | TimeoutError | OSError) -> Unavailable | Uncertain:
    """Whether a call that broke may have arrived."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            return Unavailable(detail="No connection could be made in time.")
        case aiohttp.ClientConnectorError():
            return Unavailable(detail=f"No connection could be made: {error}")
        case aiohttp.InvalidURL():
            return Unavailable(detail=f"The provider's address cannot be used: {error}")
        case TimeoutError():
            return Uncertain(detail="The provider did not answer in time.")
        case _:
            return Uncertain(detail=f"The connection broke before the answer: {error!r}")


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """The wait that a 429 or 503 asks for (RFC 9110: seconds, or a date).

    A date is measured from the answer's own Date header, so our clock does not matter.
    """
    value = header(headers, "Retry-After")
    if value is None:
        return None
    if _SECONDS.fullmatch(value.strip()):
        return timedelta(seconds=float(value))
    until = _http_date(value)
    answered_at = _http_date(header(headers, "Date") or "")
    if until is None or answered_at is None:
        return None
    return max(timedelta(), until - answered_at)


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
