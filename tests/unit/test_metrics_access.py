"""Metrics are for whoever has the token; without one, for this machine and nobody behind it."""

from __future__ import annotations

import pytest

from clarion.kernel.errors import NotAllowed, NotSignedIn
from clarion.wiring.metrics_access import demand_metrics_access

LOCAL = {"host": "127.0.0.1:8010"}


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["127.0.0.1:8010", "localhost:8010", "LOCALHOST", "[::1]:8010"])
def test_this_machine_reads_them_without_a_token(client: str, host: str) -> None:
    demand_metrics_access(token="", client=client, headers={"host": host})


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        ("10.0.0.7", LOCAL),
        ("::ffff:10.0.0.7", LOCAL),
        ("8.8.8.8", LOCAL),
        (None, LOCAL),
        ("nonsense", LOCAL),
        # Through a proxy of this machine the caller is somebody else.
        ("127.0.0.1", {**LOCAL, "x-forwarded-for": "127.0.0.1"}),
        ("127.0.0.1", {**LOCAL, "x-real-ip": "10.0.0.7"}),
        ("127.0.0.1", {**LOCAL, "forwarded": "for=10.0.0.7"}),
        ("127.0.0.1", {**LOCAL, "via": "1.1 proxy"}),
        ("127.0.0.1", {"host": "clarion.example"}),
        ("127.0.0.1", {"host": "127.0.0.1.evil.example"}),
        ("127.0.0.1", {}),
        # A token that nobody has set opens nothing.
        ("10.0.0.7", {**LOCAL, "authorization": "Bearer "}),
    ],
)
def test_nobody_else_does(client: str | None, headers: dict[str, str]) -> None:
    with pytest.raises(NotAllowed, match="METRICS_TOKEN"):
        demand_metrics_access(token="", client=client, headers=headers)


@pytest.mark.parametrize("client", ["10.0.0.7", "127.0.0.1", None])
def test_with_the_token_they_are_read_from_anywhere(client: str | None) -> None:
    for said in ("Bearer s3cret", "bearer s3cret"):
        demand_metrics_access(
            token="s3cret", client=client, headers={"authorization": said, "x-forwarded-for": "1"}
        )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer other"},
        {"authorization": "Bearer s3cre"},
        {"authorization": "Bearer "},
        {"authorization": "Basic s3cret"},
        {"authorization": "s3cret"},
        {"authorization": "Bearer ünï"},
    ],
)
def test_where_a_token_is_set_this_machine_needs_it_too(headers: dict[str, str]) -> None:
    with pytest.raises(NotSignedIn):
        demand_metrics_access(token="s3cret", client="127.0.0.1", headers={**LOCAL, **headers})
