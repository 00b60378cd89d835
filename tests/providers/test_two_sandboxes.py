"""A sandbox and a second one to fall back to, as the settings name them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from clarion.kernel.channel import Channel
from clarion.kernel.errors import NotAllowed
from clarion.providers.sandbox import make_app
from clarion.providers.sending import Accepted, OutgoingMessage
from clarion.wiring.providers import make_providers, sandbox_behaviour
from clarion.wiring.senders import sender_lanes
from clarion.wiring.settings import SandboxSettings, Settings
from providers.conftest import Receiver, Sandbox, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import aiohttp

POOL = ("+15005550006", "+15005550123")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> Settings:
    monkeypatch.chdir(tmp_path)
    return Settings(data_folder=tmp_path / "data", public_url=receiver.url)


@pytest.fixture
async def two(
    bare: Settings, session: aiohttp.ClientSession
) -> AsyncIterator[tuple[Settings, Sandbox, Sandbox]]:
    behaviour = {"callback_delay_ms": 0, "latency_ms": 0, "failure_rate": 0}
    calm = bare.model_copy(update={"sandbox": bare.sandbox.model_copy(update=behaviour)})
    async with (
        running(make_app(sandbox_behaviour(calm))) as first,
        running(make_app(sandbox_behaviour(calm, fallback=True))) as second,
    ):
        sandbox = SandboxSettings(url=first, fallback_url=second, senders=",".join(POOL))
        settings = calm.model_copy(update={"sandbox": sandbox})
        yield settings, Sandbox(url=first, session=session), Sandbox(url=second, session=session)


async def test_each_lane_sends_through_its_own_sandbox_which_reports_to_its_own_address(
    two: tuple[Settings, Sandbox, Sandbox], receiver: Receiver
) -> None:
    settings, first, second = two
    providers = make_providers(settings)
    lanes = [each for each in sender_lanes(settings) if each.channel is Channel.SMS]
    for number, lane in enumerate(lanes):
        result = await providers[lane.provider, lane.channel].send(
            OutgoingMessage(
                message_id=uuid4(),
                attempt=1,
                channel=Channel.SMS,
                to=f"+1555123{number:04}",
                body="Hello",
                sender=lane.sender,
            )
        )
        assert isinstance(result, Accepted)
    requests = await receiver.until(lambda all_: len(all_) == 2 * len(lanes))
    kept = {
        name: (await sandbox.get("/sandbox/messages"))["messages"]
        for name, sandbox in (("sandbox", first), ("sandbox_fallback", second))
    }
    assert [each["from"] for each in kept["sandbox"]] == list(POOL)
    assert [each["from"] for each in kept["sandbox_fallback"]] == ["+15005550106"]
    base = f"{receiver.url}/api/v1/callbacks/twilio/status"
    assert all(each["status_callback"].startswith(f"{base}?m=") for each in kept["sandbox"])
    (fallen_back,) = kept["sandbox_fallback"]
    assert fallen_back["status_callback"].startswith(f"{base}?p=fallback&m=")
    for request in requests:
        name = "sandbox_fallback" if "p=fallback" in request.url else "sandbox"
        (event,) = providers[name, Channel.SMS].read_callback(request)
        assert event.provider == name
        assert event.provider_id in {each["sid"] for each in kept[name]}
    for each in providers.values():
        await each.aclose()


async def test_the_address_with_the_mark_of_the_fallback_is_signed_like_the_rest(
    two: tuple[Settings, Sandbox, Sandbox], receiver: Receiver
) -> None:
    settings, _, second = two
    status = await second.post(
        "/sandbox/inbound", {"from": "+15125550100", "to": "+15005550106", "body": "STOP"}
    )
    assert status == 202
    (request,) = await receiver.until(lambda all_: len(all_) == 1)
    providers = make_providers(settings)
    provider = providers["sandbox_fallback", Channel.SMS]
    assert len(provider.read_callback(request)) == 2
    without = type(request)(
        url=request.url.replace("?p=fallback", ""),
        headers=request.headers,
        body=request.body,
        received_at=request.received_at,
    )
    with pytest.raises(NotAllowed):
        provider.read_callback(without)
    for each in providers.values():
        await each.aclose()
