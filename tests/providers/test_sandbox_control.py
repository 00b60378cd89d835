"""The sandbox's own endpoints, and its life on a port."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from clarion.kernel.errors import Invalid, Misconfigured
from clarion.providers.sandbox import SandboxSettings, make_app, serve
from clarion.providers.sandbox.chance import draw
from clarion.providers.sandbox.signing import EventSigner
from clarion.providers.sandbox.state import RateGate

if TYPE_CHECKING:
    from providers.conftest import Sandbox

GOOD = {"To": "+15551230001", "From": "+15005550006", "Body": "Hello"}


async def test_the_sandbox_is_healthy(sandbox: Sandbox) -> None:
    assert await sandbox.get("/health") == {"status": "ok"}


async def test_settings_that_are_given_change_and_the_others_stay(sandbox: Sandbox) -> None:
    before = await sandbox.get("/sandbox/settings")
    await sandbox.set(failure_rate=0.25, rate_limit=None)
    assert await sandbox.get("/sandbox/settings") == before | {"failure_rate": 0.25}


async def test_no_secret_is_shown_or_changed(sandbox: Sandbox) -> None:
    shown = await sandbox.get("/sandbox/settings")
    secrets = {"auth_token", "api_secret", "sendgrid_api_key", "sendgrid_private_key_pem"}
    assert not secrets & shown.keys()
    url = f"{sandbox.url}/sandbox/settings"
    async with sandbox.session.put(url, json={"auth_token": "mine"}) as answer:
        assert answer.status == 400
        assert (await answer.json())["errors"][0]["pointer"] == "/auth_token"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("failure_rate", 1.5),
        ("failure_rate", "often"),
        ("failure_rate", True),
        ("latency_ms", -1),
        ("rate_limit", -1),
        ("inbound_url", "file:///etc/passwd"),
        ("callback_retries", 1.5),
        ("seed", None),
        ("reorder_callbacks", "yes"),
        ("hold_callbacks", 1),
        ("retry_after_seconds", -1),
        ("retry_after_seconds", "soon"),
        ("outage", "maybe"),
        ("outage", True),
        ("error_codes", ["30007"]),
        ("error_codes", {"30007": 1.2}),
        ("error_codes", {"30007": -0.1}),
        ("error_codes", {"30007": "often"}),
        ("error_codes", {"30007": 0.6, "30003": 0.6}),
        ("error_codes", {"spamreport": 0.1}),
    ],
)
async def test_a_setting_that_makes_no_sense_is_refused_by_name(
    sandbox: Sandbox, name: str, value: Any
) -> None:
    before = await sandbox.get("/sandbox/settings")
    async with sandbox.session.put(f"{sandbox.url}/sandbox/settings", json={name: value}) as answer:
        assert answer.status == 400
        assert [each["pointer"] for each in (await answer.json())["errors"]] == [f"/{name}"]
    assert await sandbox.get("/sandbox/settings") == before


def test_settings_are_checked_when_they_are_made() -> None:
    with pytest.raises(Invalid):
        SandboxSettings(callback_concurrency=0)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "text/plain"}, b"{}", 415),
        ({"Content-Type": "application/json"}, b"{", 400),
        ({"Content-Type": "application/json"}, b"[]", 400),
        ({"Content-Type": "application/json"}, b'{"from": 1}', 400),
    ],
)
async def test_a_body_that_is_not_the_wanted_json_is_refused(
    sandbox: Sandbox, headers: dict[str, str], body: bytes, status: int
) -> None:
    url = f"{sandbox.url}/sandbox/inbound"
    async with sandbox.session.post(url, data=body, headers=headers) as answer:
        assert answer.status == status


async def test_accepted_messages_are_listed_in_their_order_a_part_at_a_time(
    sandbox: Sandbox,
) -> None:
    for each in range(5):
        await sandbox.create(**{**GOOD, "Body": str(each)})
    first = (await sandbox.get("/sandbox/messages?limit=3"))["messages"]
    assert [each["body"] for each in first] == ["0", "1", "2"]
    rest = await sandbox.get(f"/sandbox/messages?after={first[-1]['seq']}")
    assert [each["body"] for each in rest["messages"]] == ["3", "4"]
    summary = await sandbox.get("/sandbox/summary")
    assert (summary["accepted"], summary["distinct_to"]) == (5, 1)


async def test_a_window_that_is_no_number_is_refused(sandbox: Sandbox) -> None:
    async with sandbox.session.get(f"{sandbox.url}/sandbox/messages?after=x") as answer:
        assert answer.status == 400


async def test_the_page_shows_messages_without_running_what_they_say(sandbox: Sandbox) -> None:
    await sandbox.create(**{**GOOD, "Body": "<script>alert(1)</script>"})
    async with sandbox.session.get(sandbox.url) as answer:
        html = await answer.text()
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script" not in html
    assert "Nothing leaves this machine" in html


async def test_an_api_key_opens_the_sandbox_as_well() -> None:
    settings = SandboxSettings(api_key="SK1", api_secret="secret")
    make_app(settings)  # an application that never started needs no clean-up


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port: int = place.getsockname()[1]
        return port


async def test_the_server_runs_until_it_is_cancelled(session: aiohttp.ClientSession) -> None:
    port = free_port()
    task = asyncio.create_task(serve("127.0.0.1", port, SandboxSettings()))
    async with asyncio.timeout(10):
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/health") as answer:
                    assert answer.status == 200
                break
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(aiohttp.ClientConnectorError):
        await session.get(f"http://127.0.0.1:{port}/health")


def pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_two_processes_with_one_key_agree_on_the_public_one() -> None:
    shared = pem(ec.generate_private_key(ec.SECP256R1()))
    assert EventSigner(shared).public_key == EventSigner(shared).public_key
    assert EventSigner(None).public_key != EventSigner(None).public_key


@pytest.mark.parametrize("key", ["nonsense", pem(ed25519.Ed25519PrivateKey.generate())])
def test_a_private_key_of_another_kind_is_misconfigured(key: str) -> None:
    with pytest.raises(Misconfigured):
        make_app(SandboxSettings(sendgrid_private_key_pem=key))


def test_draws_are_even_and_always_the_same() -> None:
    draws = [draw(1, f"+1555{each:07}", "fate") for each in range(4000)]
    assert all(0 <= each < 1 for each in draws)
    assert 0.47 < sum(draws) / len(draws) < 0.53
    assert 300 < sum(each < 0.1 for each in draws) < 500
    assert draws[0] == draw(1, "+15550000000", "fate")


def test_the_gate_lets_a_second_of_messages_pass_and_then_the_rate() -> None:
    gate = RateGate()
    assert [gate.wait(2, 0.0) for _ in range(3)] == [None, None, 0.5]
    assert [gate.wait(2, 0.5) for _ in range(2)] == [None, 0.5]
    assert [gate.wait(2, 60.0) for _ in range(3)] == [None, None, 0.5]
    assert RateGate().wait(0, 0.0) == 1.0
    assert RateGate().wait(None, 0.0) is None
