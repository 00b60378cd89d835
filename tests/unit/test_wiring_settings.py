"""Settings and what must stay secret."""

from __future__ import annotations

import asyncio
import stat
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr, ValidationError

from clarion.delivery.lanes import LaneSpec
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Misconfigured
from clarion.providers.sandbox.signing import EventSigner
from clarion.wiring.providers import make_providers, sandbox_behaviour
from clarion.wiring.secrets import (
    sandbox_sendgrid_key,
    sandbox_sendgrid_public_key,
    signing_secret,
)
from clarion.wiring.senders import sender_lanes
from clarion.wiring.settings import Settings, TwilioSettings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return Settings(data_folder=tmp_path / "data")


def test_settings_come_from_the_environment_and_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("PORT=9001\nTWILIO__SENDER=+15125550100\nUNRELATED=1\n")
    monkeypatch.setenv("CONTACTS__TABLE", "crm.people")
    monkeypatch.setenv("CONTACTS__WORKSPACE", "")
    settings = Settings()
    assert settings.port == 9001
    assert settings.twilio.sender == "+15125550100"
    assert settings.contacts.names().table == "crm.people"
    assert settings.contacts.names().workspace is None


def test_an_empty_variable_is_one_that_is_not_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("PORT", "DATABASE_URL", "CONTACTS__TABLE", "SANDBOX__LATENCY_MS"):
        monkeypatch.setenv(name, "")
    settings = Settings()
    assert (settings.port, settings.database_url) == (8010, "")
    assert settings.contacts.names().table == "public.contacts"
    assert settings.sandbox.latency_ms == 20


def test_a_contacts_table_of_one_workspace_names_no_column_for_it(bare: Settings) -> None:
    contacts = bare.contacts.model_copy(update={"workspace": ""})
    assert contacts.names().workspace is None
    assert bare.contacts.names().workspace == "workspace_id"


def test_the_address_of_this_clarion_is_the_public_one_if_there_is_one(bare: Settings) -> None:
    assert bare.base_url == "http://127.0.0.1:8010"
    assert not bare.is_https
    public = Settings(public_url="https://clarion.example/")
    assert public.base_url == "https://clarion.example"
    assert public.is_https


@pytest.mark.parametrize("name", ["public_url", "queue_service_url", "crm_callback_base_url"])
@pytest.mark.parametrize("value", ["nonsense", "ftp://crm.test", "javascript:alert(1)", "//crm"])
def test_an_address_that_is_none_is_refused(bare: Settings, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("worker_in_flight", 0),
        ("worker_in_flight", 20_001),
        ("worker_on_the_way", 0),
        ("worker_on_the_way", 1_001),
    ],
)
def test_what_a_worker_holds_has_sane_limits(bare: Settings, name: str, value: int) -> None:
    assert (bare.worker_in_flight, bare.worker_on_the_way) == (2_000, 64)
    with pytest.raises(ValidationError) as refused:
        Settings(**{name: value})  # type: ignore[arg-type]
    assert [each["loc"] for each in refused.value.errors()] == [(name,)]


def test_a_worker_cannot_send_more_at_once_than_it_holds(bare: Settings) -> None:
    assert bare is not None
    with pytest.raises(ValidationError, match="WORKER_IN_FLIGHT") as refused:
        Settings(worker_in_flight=50)
    assert [each["loc"] for each in refused.value.errors()] == [("worker_on_the_way",)]
    assert Settings(worker_in_flight=50, worker_on_the_way=50).worker_on_the_way == 50


def test_a_secret_is_made_once_and_read_by_nobody_else(bare: Settings) -> None:
    first = signing_secret(bare)
    assert len(first) >= 32
    assert signing_secret(bare) == first
    mode = (bare.data_folder / "secret").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_given_secret_counts_and_is_not_kept(bare: Settings) -> None:
    given = bare.model_copy(update={"secret": SecretStr("x" * 32)})
    assert signing_secret(given) == "x" * 32
    assert not (bare.data_folder / "secret").exists()
    with pytest.raises(Misconfigured, match="32 characters"):
        signing_secret(bare.model_copy(update={"secret": SecretStr("x" * 31)}))


def test_the_sandbox_signs_with_the_key_that_clarion_verifies(bare: Settings) -> None:
    signer = EventSigner(sandbox_sendgrid_key(bare))
    assert sandbox_sendgrid_public_key(bare) == signer.public_key
    behaviour = sandbox_behaviour(bare)
    assert behaviour.sendgrid_private_key_pem == sandbox_sendgrid_key(bare)
    assert behaviour.inbound_url == "http://127.0.0.1:8010/api/v1/callbacks/twilio/inbound"


def test_without_credentials_everything_goes_to_the_sandbox(bare: Settings) -> None:
    assert _provider_names(bare) == {Channel.SMS: "sandbox", Channel.EMAIL: "sandbox"}
    lanes = sender_lanes(bare)
    assert {lane.channel: lane.provider for lane in lanes} == _provider_names(bare)


def test_with_credentials_sms_go_through_twilio_and_mails_stay(bare: Settings) -> None:
    twilio = TwilioSettings(
        account_sid="AC" + "1" * 32, auth_token=SecretStr("token"), sender="+15125550100"
    )
    settings = bare.model_copy(update={"twilio": twilio})
    assert _provider_names(settings) == {Channel.SMS: "twilio", Channel.EMAIL: "sandbox"}
    assert sender_lanes(settings)[0] == LaneSpec(
        channel=Channel.SMS,
        provider="twilio",
        sender="+15125550100",
        rate_per_second=Decimal(10),
    )


def test_no_secret_is_shown_with_the_settings(bare: Settings) -> None:
    twilio = TwilioSettings(auth_token=SecretStr("hush-hush"))
    secret = {"secret": SecretStr("hush" * 8), "database_url": "postgresql://me:hush@crm/db"}
    settings = bare.model_copy(update={"twilio": twilio, **secret})
    assert "hush" not in repr(settings)


def _provider_names(settings: Settings) -> dict[Channel, str]:
    async def names() -> dict[Channel, str]:
        providers = make_providers(settings)
        for provider in providers.values():
            await provider.aclose()
        for (name, channel), provider in providers.items():
            assert (name, channel) == (provider.name, provider.channel)
        return {channel: name for name, channel in providers}

    return asyncio.run(names())


@pytest.mark.parametrize(
    ("host", "url"), [("127.0.0.1", "http://127.0.0.1:8010"), ("::1", "http://[::1]:8010")]
)
def test_the_own_address_can_be_opened(bare: Settings, host: str, url: str) -> None:
    assert bare.model_copy(update={"host": host, "port": 8010}).base_url == url
