"""Who may read the metrics: whoever has the token, or, without one, this machine itself."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import TYPE_CHECKING

from clarion.kernel.errors import NotAllowed, NotSignedIn

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Set by proxies: the caller is somebody else than the one who connected.
_PROXY_HEADERS = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")

_LOCAL_NAMES = ("localhost",)


def demand_metrics_access(*, token: str, client: str | None, headers: Mapping[str, str]) -> None:
    """`client` is the address that connected; `headers` have names in lower case.

    Raises NotSignedIn when there is a token and this is not it, NotAllowed when there is none and
    the caller is not this machine.
    """
    if token:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        good = scheme.lower() == "bearer" and hmac.compare_digest(
            given.strip().encode(), token.encode()
        )
        if not good:
            raise NotSignedIn("The metrics ask for the bearer token of METRICS_TOKEN.")
        return
    proxied = any(name in headers for name in _PROXY_HEADERS)
    # A proxy that adds no header usually keeps the name that was asked for.
    if proxied or not _is_local(client or "") or not _is_local(_host(headers.get("host", ""))):
        raise NotAllowed(
            "The metrics are read from this machine only. Set METRICS_TOKEN to read them from "
            "another one, or through a proxy."
        )


def _host(header: str) -> str:
    """Without the port, and an IPv6 address without its brackets."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]


def _is_local(name: str) -> bool:
    if name.lower() in _LOCAL_NAMES:
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
