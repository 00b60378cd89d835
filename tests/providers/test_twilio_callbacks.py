"""What a signed callback of Twilio is read as."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

import pytest

from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid
from clarion.providers.events import CallbackRequest, EventKind, ProviderEvent, ProviderStatus
from clarion.providers.sandbox.signing import twilio_signature
from clarion.providers.twilio.callbacks import CallbackReader

TOKEN = "12345"
NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
MESSAGE = UUID("018f3c5e-0000-7000-8000-000000000001")
URL = f"https://clarion.example/api/v1/callbacks/twilio/status?m={MESSAGE}&a=2"


def read(form: dict[str, str], *, url: str = URL) -> list[ProviderEvent]:
    fields = list(form.items())
    request = CallbackRequest(
        url=url,
        headers={"X-Twilio-Signature": twilio_signature(token=TOKEN, url=url, form=fields)},
        body=urlencode(fields).encode(),
        received_at=NOW,
    )
    return CallbackReader(provider="twilio", auth_token=TOKEN).read(request)


def status(word: str, **more: str) -> dict[str, str]:
    return {"MessageSid": "SM1", "SmsSid": "SM1", "MessageStatus": word, **more}


def inbound(body: str, **more: str) -> dict[str, str]:
    return {
        "MessageSid": "SM9",
        "SmsStatus": "received",
        "From": "+15551230001",
        "To": "+15005550006",
        "Body": body,
        "NumSegments": "1",
        "FromCity": "",
        **more,
    }


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("accepted", ProviderStatus.QUEUED),
        ("scheduled", ProviderStatus.QUEUED),
        ("queued", ProviderStatus.QUEUED),
        ("sending", ProviderStatus.QUEUED),
        ("sent", ProviderStatus.SENT),
        ("delivered", ProviderStatus.DELIVERED),
        ("read", ProviderStatus.DELIVERED),
        ("undelivered", ProviderStatus.FAILED),
        ("failed", ProviderStatus.FAILED),
        ("canceled", ProviderStatus.CANCELLED),
    ],
)
def test_each_status_of_twilio_has_one_of_ours(word: str, expected: ProviderStatus) -> None:
    (event,) = read(status(word))
    assert event == ProviderEvent(
        key=f"twilio:SM1:{word}:",
        kind=EventKind.STATUS,
        provider="twilio",
        channel=Channel.SMS,
        message_id=MESSAGE,
        attempt=2,
        provider_id="SM1",
        status=expected,
        occurred_at=NOW,
        payload=status(word),
    )


def test_a_failure_carries_its_code_in_the_event_and_in_the_key() -> None:
    (event,) = read(status("undelivered", ErrorCode="30005"))
    assert event.error_code == "30005"
    assert event.key == "twilio:SM1:undelivered:30005"


def test_a_status_that_twilio_invents_later_gives_no_event() -> None:
    assert read(status("teleported")) == []


def test_a_field_that_nobody_knows_is_signed_and_kept() -> None:
    (event,) = read(status("sent", BrandNewField="", Another="ü & ="))
    assert event.payload["Another"] == "ü & ="
    assert event.payload["BrandNewField"] == ""


@pytest.mark.parametrize("query", ["", "?m=none&a=1", "?a=1"])
def test_a_callback_without_our_id_still_names_twilios(query: str) -> None:
    (event,) = read(status("sent"), url=f"https://clarion.example/cb{query}")
    assert (event.message_id, event.attempt, event.provider_id) == (None, None, "SM1")


def test_an_attempt_that_is_no_number_is_left_out() -> None:
    (event,) = read(status("sent"), url=f"https://clarion.example/cb?m={MESSAGE}&a=x")
    assert (event.message_id, event.attempt) == (MESSAGE, None)


def test_an_inbound_message_is_an_event_with_address_and_text() -> None:
    (event,) = read(inbound("When do you open?"))
    assert event.kind is EventKind.INBOUND
    assert event.key == "twilio:SM9:received"
    assert (event.address, event.text) == ("+15551230001", "When do you open?")
    assert event.segments == 1
    assert event.status is None


@pytest.mark.parametrize(
    "word",
    ["STOP", "stop", " Stop\n", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE",
     "OPTOUT"],
)  # fmt: skip
def test_a_stop_word_alone_is_an_opt_out_as_well(word: str) -> None:
    first, second = read(inbound(word))
    assert first.kind is EventKind.INBOUND
    assert second.kind is EventKind.OPT_OUT
    assert second.key == "twilio:SM9:opt_out"
    assert second.address == "+15551230001"
    assert second.text == word


@pytest.mark.parametrize("word", ["START", "unstop", "Yes"])
def test_a_start_word_alone_is_an_opt_in_as_well(word: str) -> None:
    assert [event.kind for event in read(inbound(word))] == [EventKind.INBOUND, EventKind.OPT_IN]


@pytest.mark.parametrize("text", ["STOP PLEASE", "please stop", "yes please", "STOP.", ""])
def test_a_keyword_among_others_is_only_inbound(text: str) -> None:
    assert [event.kind for event in read(inbound(text))] == [EventKind.INBOUND]


@pytest.mark.parametrize(
    ("told", "kinds"),
    [
        ("STOP", [EventKind.INBOUND, EventKind.OPT_OUT]),
        ("START", [EventKind.INBOUND, EventKind.OPT_IN]),
        ("HELP", [EventKind.INBOUND]),
    ],
)
def test_what_advanced_opt_out_says_counts_more_than_the_words(
    told: str, kinds: list[EventKind]
) -> None:
    assert [event.kind for event in read(inbound("Arrêt", OptOutType=told))] == kinds
    assert [event.kind for event in read(inbound("STOP", OptOutType=told))] == kinds


def test_a_body_without_a_message_is_invalid() -> None:
    with pytest.raises(Invalid):
        read({"Anything": "else"})


def test_a_body_that_is_not_text_is_invalid() -> None:
    request = CallbackRequest(url=URL, headers={}, body=b"a=%ff&b=\xff", received_at=NOW)
    with pytest.raises(Invalid):
        CallbackReader(provider="twilio", auth_token=TOKEN).read(request)


def test_a_body_of_thousands_of_fields_is_invalid() -> None:
    body = "&".join(f"a{each}=1" for each in range(5000)).encode()
    request = CallbackRequest(url=URL, headers={}, body=body, received_at=NOW)
    with pytest.raises(Invalid):
        CallbackReader(provider="twilio", auth_token=TOKEN).read(request)
