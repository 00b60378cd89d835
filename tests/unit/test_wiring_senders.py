"""Who sends: pools, what they fall back to, and settings that do not fit together."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from clarion.kernel.channel import Channel
from clarion.kernel.clock import utc_now
from clarion.kernel.errors import Misconfigured, NotAllowed
from clarion.providers.events import CallbackRequest
from clarion.providers.sandbox.settings import SANDBOX_SERVICE_NUMBER
from clarion.providers.sandbox.signing import EventSigner
from clarion.wiring.providers import make_providers, provider_of_callback, sandbox_behaviour
from clarion.wiring.senders import sender_lanes, sender_problems
from clarion.wiring.settings import Settings, named

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from clarion.delivery.lanes import LaneSpec

KEY = EventSigner(None).public_key
OTHER_KEY = EventSigner(None).public_key
SERVICE = "MG" + "a" * 32

TWILIO = {
    "TWILIO__ACCOUNT_SID": "AC1",
    "TWILIO__AUTH_TOKEN": "token",
    "TWILIO__SENDER": "+15125550100",
}
SENDGRID = {
    "SENDGRID__API_KEY": "SG.1",
    "SENDGRID__FROM_EMAIL": "news@crm.test",
    "SENDGRID__EVENT_PUBLIC_KEY": KEY,
}
SMTP = {"SMTP__HOST": "mail.crm.test", "SMTP__FROM_EMAIL": "news@crm.test"}
FALLBACK = {"TWILIO_FALLBACK__SENDER": "+15125550900"}


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """The settings that these variables make, and no others."""
    monkeypatch.chdir(tmp_path)

    def make(*parts: dict[str, str], **more: str) -> Settings:
        for name, value in {k: v for part in (*parts, more) for k, v in part.items()}.items():
            monkeypatch.setenv(name, value)
        return Settings(data_folder=tmp_path / "data", public_url="https://clarion.test")

    return make


Given = Any


def lanes(settings: Settings, channel: Channel) -> list[LaneSpec]:
    return [each for each in sender_lanes(settings) if each.channel is channel]


def test_several_senders_are_separated_by_commas() -> None:
    assert named("+1, +2 ,,+3") == ["+1", "+2", "+3"]
    assert named(" ") == []


def test_each_sender_of_the_pool_has_a_lane_with_the_pace_of_one(given: Given) -> None:
    settings = given(
        TWILIO,
        TWILIO__SENDER=f"+15125550100, +15125550101,{SERVICE}",
        TWILIO__RATE_PER_SECOND="7",
        TWILIO__SEGMENTS_PER_SECOND="1.5",
    )
    assert sender_problems(settings) == []
    found = lanes(settings, Channel.SMS)
    assert [each.sender for each in found] == ["+15125550100", "+15125550101", SERVICE]
    assert {(each.provider, each.tier) for each in found} == {("twilio", 1)}
    assert {each.rate_per_second for each in found} == {Decimal(7)}
    assert {each.segments_per_second for each in found} == {Decimal("1.5")}


def test_segments_are_not_paced_unless_the_settings_say_so(given: Given) -> None:
    settings = given(TWILIO, TWILIO__SEGMENTS_PER_SECOND="", SANDBOX__SEGMENTS_PER_SECOND="")
    assert [each.segments_per_second for each in sender_lanes(settings)] == [None, None]


@pytest.mark.parametrize(
    "name",
    [
        "TWILIO__RATE_PER_SECOND",
        "TWILIO__SEGMENTS_PER_SECOND",
        "TWILIO_FALLBACK__RATE_PER_SECOND",
        "SENDGRID__RATE_PER_SECOND",
        "SMTP__RATE_PER_SECOND",
        "SANDBOX__RATE_PER_SECOND",
        "SANDBOX__SEGMENTS_PER_SECOND",
    ],
)
@pytest.mark.parametrize("rate", ["0", "-1", "0.0004", "10000000", "fast"])
def test_a_pace_that_cannot_be_kept_is_refused(given: Given, name: str, rate: str) -> None:
    with pytest.raises(ValidationError, match=name.lower().replace("__", r"\.")):
        given(**{name: rate})


def test_the_same_account_may_be_fallen_back_to_with_another_sender(given: Given) -> None:
    settings = given(TWILIO, FALLBACK, TWILIO_FALLBACK__RATE_PER_SECOND="3")
    assert sender_problems(settings) == []
    found = lanes(settings, Channel.SMS)
    assert [(each.provider, each.sender, each.tier) for each in found] == [
        ("twilio", "+15125550100", 1),
        ("twilio_fallback", "+15125550900", 2),
    ]
    assert found[1].rate_per_second == 3
    assert set(_made(settings)) == {
        ("twilio", Channel.SMS),
        ("twilio_fallback", Channel.SMS),
        ("sandbox", Channel.EMAIL),
    }


def test_another_account_may_be_fallen_back_to(given: Given) -> None:
    settings = given(
        TWILIO,
        FALLBACK,
        TWILIO_FALLBACK__ACCOUNT_SID="AC2",
        TWILIO_FALLBACK__AUTH_TOKEN="other",
        # The same number in another account is another sender.
        TWILIO_FALLBACK__SENDER="+15125550100",
    )
    assert sender_problems(settings) == []
    assert len(lanes(settings, Channel.SMS)) == 2


def test_mails_fall_back_in_the_same_way(given: Given) -> None:
    settings = given(SENDGRID, SENDGRID_FALLBACK__FROM_EMAIL="news@spare.test")
    assert sender_problems(settings) == []
    found = [(each.provider, each.sender, each.tier) for each in lanes(settings, Channel.EMAIL)]
    assert found == [
        ("sendgrid", "news@crm.test", 1),
        ("sendgrid_fallback", "news@spare.test", 2),
    ]
    assert ("sendgrid_fallback", Channel.EMAIL) in _made(settings)


def test_mails_go_through_the_mail_server_that_is_named(given: Given) -> None:
    settings = given(SMTP, SMTP__RATE_PER_SECOND="7", SANDBOX__FALLBACK_URL="http://127.0.0.1:8026")
    assert sender_problems(settings) == []
    (lane,) = lanes(settings, Channel.EMAIL)
    assert (lane.provider, lane.sender, lane.tier) == ("smtp", "news@crm.test", 1)
    assert lane.rate_per_second == 7
    assert [each for each in _made(settings) if each[1] is Channel.EMAIL] == [
        ("smtp", Channel.EMAIL)
    ]


def test_sendgrid_falls_back_to_the_mail_server(given: Given) -> None:
    settings = given(SENDGRID, SMTP)
    assert sender_problems(settings) == []
    found = [(each.provider, each.sender, each.tier) for each in lanes(settings, Channel.EMAIL)]
    assert found == [("sendgrid", "news@crm.test", 1), ("smtp", "news@crm.test", 2)]
    assert {("sendgrid", Channel.EMAIL), ("smtp", Channel.EMAIL)} <= set(_made(settings))


@pytest.mark.parametrize(
    ("security", "port", "used"),
    [("", "", 587), ("tls", "", 465), ("none", "", 25), ("tls", "2525", 2525)],
)
def test_a_mail_server_has_the_usual_port_of_its_encryption(
    given: Given, security: str, port: str, used: int
) -> None:
    settings = given(SMTP, SMTP__SECURITY=security, SMTP__PORT=port)
    assert settings.smtp.usual_port == used


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_on_this_machine_a_password_may_go_openly(given: Given, host: str) -> None:
    settings = given(
        SMTP, SMTP__HOST=host, SMTP__USERNAME="a", SMTP__PASSWORD="hush", SMTP__SECURITY="none"
    )
    assert sender_problems(settings) == []
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SMTP__PORT", "0"), ("SMTP__SECURITY", "ssl"), ("SMTP__CONNECTIONS", "0")],
)
def test_what_a_mail_server_cannot_have_is_refused(given: Given, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name.lower().replace("__", r"\.")):
        given(SMTP, **{name: value})


def test_a_mail_server_has_no_callbacks(given: Given) -> None:
    settings = given(SMTP)

    async def refused() -> None:
        providers = make_providers(settings)
        provider = provider_of_callback(providers, settings, Channel.EMAIL, None)
        assert provider is not None
        request = CallbackRequest(url="", headers={}, body=b"[]", received_at=utc_now())
        with pytest.raises(NotAllowed):
            provider.read_callback(request)
        for each in providers.values():
            await each.aclose()

    asyncio.run(refused())


def test_the_sandbox_has_a_pool_and_a_fallback_as_well(given: Given) -> None:
    assert [each.sender for each in lanes(given(), Channel.SMS)] == [SANDBOX_SERVICE_NUMBER]
    settings = given(
        SANDBOX__SENDERS="+15005550006,+15005550123",
        SANDBOX__SEGMENTS_PER_SECOND="4",
        SANDBOX__FALLBACK_URL="http://127.0.0.1:8026",
    )
    assert sender_problems(settings) == []
    found = lanes(settings, Channel.SMS)
    assert [(each.provider, each.sender, each.tier) for each in found] == [
        ("sandbox", "+15005550006", 1),
        ("sandbox", "+15005550123", 1),
        ("sandbox_fallback", "+15005550106", 2),
    ]
    assert {each.segments_per_second for each in found} == {Decimal(4)}
    assert [each.provider for each in lanes(settings, Channel.EMAIL)] == [
        "sandbox",
        "sandbox_fallback",
    ]
    assert len(_made(settings)) == 4


def test_what_goes_to_phones_does_not_fall_back_to_a_sandbox(given: Given) -> None:
    settings = given(TWILIO, SANDBOX__FALLBACK_URL="http://127.0.0.1:8026")
    assert [each.provider for each in lanes(settings, Channel.SMS)] == ["twilio"]
    assert [each.provider for each in lanes(settings, Channel.EMAIL)] == [
        "sandbox",
        "sandbox_fallback",
    ]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({**TWILIO, "TWILIO__AUTH_TOKEN": ""}, "Set TWILIO__AUTH_TOKEN"),
        ({**TWILIO, "TWILIO__SENDER": ""}, "Set TWILIO__SENDER"),
        ({**TWILIO, "TWILIO__SENDER": " , "}, "Set TWILIO__SENDER"),
        ({**TWILIO, "TWILIO__SENDER": "+15125550100,ACME"}, "ACME is none"),
        ({**TWILIO, "TWILIO__SENDER": "MG123"}, "MG123 is none"),
        ({**TWILIO, "TWILIO__SENDER": "+15125550100,+15125550100"}, "+15125550100 twice"),
        ({**TWILIO, "TWILIO__API_KEY": "SK1"}, "TWILIO__API_KEY and TWILIO__API_SECRET"),
        ({**TWILIO, "TWILIO__ACCOUNT_SID": ""}, "Set TWILIO__ACCOUNT_SID, or leave TWILIO__… out"),
        ({"TWILIO__SENDER": "+15125550100"}, "Set TWILIO__ACCOUNT_SID"),
        ({**SENDGRID, "SENDGRID__API_KEY": ""}, "Set SENDGRID__API_KEY, or leave SENDGRID__… out"),
        (FALLBACK, "Set TWILIO__ACCOUNT_SID, or leave TWILIO_FALLBACK__"),
        (
            {**TWILIO, "TWILIO_FALLBACK__RATE_PER_SECOND": "1"},
            "Set TWILIO_FALLBACK__SENDER",
        ),
        (
            {**TWILIO, "TWILIO_FALLBACK__SENDER": "+15125550100"},
            "TWILIO_FALLBACK__SENDER names +15125550100, as TWILIO__SENDER does",
        ),
        (
            {**TWILIO, "TWILIO_FALLBACK__SENDER": "ACME"},
            "ACME is none",
        ),
        (
            {**TWILIO, **FALLBACK, "TWILIO_FALLBACK__ACCOUNT_SID": "AC2"},
            "Set TWILIO_FALLBACK__AUTH_TOKEN",
        ),
        (
            {**TWILIO, **FALLBACK, "TWILIO_FALLBACK__AUTH_TOKEN": "x"},
            "Set TWILIO_FALLBACK__ACCOUNT_SID",
        ),
        (
            {**TWILIO, **FALLBACK, "TWILIO_FALLBACK__API_SECRET": "x"},
            "TWILIO_FALLBACK__API_KEY and TWILIO_FALLBACK__API_SECRET",
        ),
        ({**SENDGRID, "SENDGRID__FROM_EMAIL": ""}, "Set SENDGRID__FROM_EMAIL"),
        ({**SENDGRID, "SENDGRID__EVENT_PUBLIC_KEY": ""}, "Set SENDGRID__EVENT_PUBLIC_KEY"),
        ({"SENDGRID_FALLBACK__FROM_EMAIL": "a@b.test"}, "Set SENDGRID__API_KEY"),
        ({**SENDGRID, "SENDGRID_FALLBACK__API_KEY": "SG.2"}, "Set SENDGRID_FALLBACK__FROM_EMAIL"),
        (
            {
                **SENDGRID,
                "SENDGRID_FALLBACK__API_KEY": "SG.2",
                "SENDGRID_FALLBACK__FROM_EMAIL": "news@crm.test",
            },
            "Set SENDGRID_FALLBACK__EVENT_PUBLIC_KEY",
        ),
        (
            {**SENDGRID, "SENDGRID_FALLBACK__FROM_EMAIL": "news@crm.test"},
            "SENDGRID_FALLBACK__FROM_EMAIL is SENDGRID__FROM_EMAIL",
        ),
        ({"SMTP__FROM_EMAIL": "news@crm.test"}, "Set SMTP__HOST"),
        ({**SMTP, "SMTP__FROM_EMAIL": ""}, "Set SMTP__FROM_EMAIL"),
        ({**SMTP, "SMTP__FROM_EMAIL": "News <news@crm.test>"}, "Set SMTP__FROM_EMAIL"),
        ({**SMTP, "SMTP__USERNAME": "ann"}, "SMTP__USERNAME and SMTP__PASSWORD belong together"),
        ({**SMTP, "SMTP__PASSWORD": "x"}, "SMTP__USERNAME and SMTP__PASSWORD belong together"),
        (
            {**SMTP, "SMTP__USERNAME": "a", "SMTP__PASSWORD": "x", "SMTP__SECURITY": "none"},
            "Set SMTP__SECURITY to starttls or tls",
        ),
        (
            {**SENDGRID, **SMTP, "SENDGRID_FALLBACK__FROM_EMAIL": "news@spare.test"},
            "Leave SMTP__… or SENDGRID_FALLBACK__… out",
        ),
        ({"SANDBOX__SENDERS": ","}, "Set SANDBOX__SENDERS"),
        ({"SANDBOX__SENDERS": "sandbox"}, "sandbox is none"),
        (
            {"SANDBOX__FALLBACK_URL": "http://127.0.0.1:8025/"},
            "SANDBOX__FALLBACK_URL is SANDBOX__URL",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused_by_the_name_of_its_setting(
    given: Given, variables: dict[str, str], words: str
) -> None:
    settings = given(variables)
    assert [each for each in sender_problems(settings) if words in each]
    with pytest.raises(Misconfigured) as refused:
        make_providers(settings)
    assert refused.value.detail in sender_problems(settings)


@pytest.mark.parametrize("name", ["SANDBOX__URL", "SANDBOX__FALLBACK_URL"])
def test_an_address_of_a_sandbox_is_one(given: Given, name: str) -> None:
    with pytest.raises(ValidationError, match=name.lower().replace("__", r"\.")):
        given(**{name: "127.0.0.1:8026"})


def test_no_secret_of_a_fallback_is_shown(given: Given) -> None:
    settings = given(
        TWILIO, FALLBACK, TWILIO_FALLBACK__ACCOUNT_SID="AC2", TWILIO_FALLBACK__AUTH_TOKEN="hush"
    )
    assert "hush" not in repr(settings)


def test_a_callback_goes_to_the_provider_that_its_address_names(given: Given) -> None:
    settings = given(TWILIO, FALLBACK)

    async def looked_up() -> list[str | None]:
        providers = make_providers(settings)
        found = [
            provider_of_callback(providers, settings, channel, mark)
            for channel, mark in (
                (Channel.SMS, None),
                (Channel.SMS, "fallback"),
                (Channel.SMS, "twilio"),
                (Channel.SMS, ""),
                (Channel.EMAIL, None),
                (Channel.EMAIL, "fallback"),
            )
        ]
        for each in providers.values():
            await each.aclose()
        return [each.name if each else None for each in found]

    assert asyncio.run(looked_up()) == ["twilio", "twilio_fallback", None, None, "sandbox", None]


def test_the_second_sandbox_reports_as_the_fallback(given: Given) -> None:
    behaviour = sandbox_behaviour(given(), fallback=True)
    base = "https://clarion.test/api/v1/callbacks"
    assert behaviour.inbound_url == f"{base}/twilio/inbound?p=fallback"
    assert behaviour.sendgrid_event_url == f"{base}/sendgrid/events?p=fallback"
    assert sandbox_behaviour(given()).inbound_url == f"{base}/twilio/inbound"


def _made(settings: Settings) -> list[tuple[str, Channel]]:
    async def keys() -> list[tuple[str, Channel]]:
        providers = make_providers(settings)
        for key, provider in providers.items():
            assert key == (provider.name, provider.channel)
            await provider.aclose()
        return list(providers)

    return asyncio.run(keys())
