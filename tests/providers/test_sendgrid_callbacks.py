"""SendGrid's event webhook: its signature, by the vector of SendGrid's library, and its events."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid, Misconfigured, NotAllowed
from clarion.providers.error_codes import ERROR_WORDS
from clarion.providers.events import CallbackRequest, EventKind, ProviderEvent, ProviderStatus
from clarion.providers.sandbox.signing import EventSigner
from clarion.providers.sendgrid.callbacks import EventReader

KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+"
    "2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
)
SIGNATURE = (
    "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtE"
    "ZtM="
)
TIMESTAMP = 1600112502
BODY = (
    b'[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",'
    b'"sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",'
    b'"sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",'
    b'"smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]'
    b"\r\n"
)
OFFICIAL = CallbackRequest(
    url="https://clarion.example/api/v1/callbacks/sendgrid",
    headers={
        "X-Twilio-Email-Event-Webhook-Signature": SIGNATURE,
        "X-Twilio-Email-Event-Webhook-Timestamp": str(TIMESTAMP),
    },
    body=BODY,
    received_at=datetime.fromtimestamp(TIMESTAMP, UTC) + timedelta(seconds=20),
)
MESSAGE = UUID("018f3c5e-0000-7000-8000-000000000001")
SIGNER = EventSigner(None)


def read(*events: dict[str, Any] | str) -> list[ProviderEvent]:
    return read_body(json.dumps(list(events)).encode())


def read_body(body: bytes) -> list[ProviderEvent]:
    timestamp = str(TIMESTAMP)
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": SIGNER.sign(timestamp=timestamp, body=body),
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
    }
    reader = EventReader(provider="sendgrid", public_key=SIGNER.public_key)
    return reader.read(replace(OFFICIAL, headers=headers, body=body))


def event(word: str, **more: Any) -> dict[str, Any]:
    return {
        "event": word,
        "email": "ann@example.com",
        "timestamp": TIMESTAMP,
        "sg_event_id": "E1",
        "sg_message_id": "M1.recvd-1.0",
        "clarion_message_id": str(MESSAGE),
        "clarion_attempt": "2",
        **more,
    }


def test_the_official_vector_is_as_published() -> None:
    assert len(BODY) == 327
    assert sha256(BODY).hexdigest() == (
        "ef3e4606385ea6adbc55fceb6117cf2784040cf145a010e5ef4afc2bc7c70452"
    )


def test_the_official_vector_is_believed_and_read() -> None:
    (dropped,) = EventReader(provider="sendgrid", public_key=KEY).read(OFFICIAL)
    assert dropped.status is ProviderStatus.FAILED
    assert dropped.error_code == "dropped_bounced"
    assert dropped.key == "sendgrid:ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA"
    assert dropped.provider_id == "LRzXl_NHStOGhQ4kofSm_A"
    assert dropped.address == "hello@world.com"
    assert dropped.occurred_at == datetime.fromtimestamp(1600112492, UTC)
    assert (dropped.message_id, dropped.attempt) == (None, None)


@pytest.mark.parametrize(
    "changed",
    [
        replace(OFFICIAL, body=BODY.strip()),
        replace(OFFICIAL, body=BODY.replace(b"dropped", b"bounced")),
        replace(
            OFFICIAL, headers={**OFFICIAL.headers, "X-Twilio-Email-Event-Webhook-Timestamp": "1"}
        ),
        replace(OFFICIAL, headers={}),
        replace(OFFICIAL, headers={next(iter(OFFICIAL.headers)): SIGNATURE}),
        replace(
            OFFICIAL, headers={**OFFICIAL.headers, next(iter(OFFICIAL.headers)): SIGNATURE[:-8]}
        ),
    ],
)
def test_anything_changed_is_refused(changed: CallbackRequest) -> None:
    with pytest.raises(NotAllowed):
        EventReader(provider="sendgrid", public_key=KEY).read(changed)


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24])
def test_an_old_signature_is_refused(minutes: int) -> None:
    late = replace(
        OFFICIAL,
        received_at=datetime.fromtimestamp(TIMESTAMP, UTC) + timedelta(minutes=minutes),
    )
    with pytest.raises(NotAllowed, match="too long ago"):
        EventReader(provider="sendgrid", public_key=KEY).read(late)


def test_the_signature_of_another_key_is_refused() -> None:
    with pytest.raises(NotAllowed):
        EventReader(provider="sendgrid", public_key=SIGNER.public_key).read(OFFICIAL)


@pytest.mark.parametrize("key", ["", "x", "AAAA", "not base64 at all!"])
def test_a_key_that_cannot_be_read_is_misconfigured(key: str) -> None:
    with pytest.raises(Misconfigured):
        EventReader(provider="sendgrid", public_key=key)


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        (event("processed"), ProviderStatus.SENT, None),
        (event("deferred", attempt="1"), ProviderStatus.QUEUED, "deferred"),
        (event("delivered"), ProviderStatus.DELIVERED, None),
        (event("bounce", type="bounce"), ProviderStatus.FAILED, "bounce"),
        (event("bounce", type="blocked"), ProviderStatus.FAILED, "blocked"),
        (event("bounce"), ProviderStatus.FAILED, "bounce"),
        (
            event("dropped", reason="Unsubscribed Address"),
            ProviderStatus.FAILED,
            "dropped_unsubscribed",
        ),
        (
            event("dropped", reason="Spam Reporting Address"),
            ProviderStatus.FAILED,
            "dropped_spam_report",
        ),
        (event("dropped", reason="Invalid"), ProviderStatus.FAILED, "dropped_invalid"),
        (event("dropped", reason="Invalid SMTPAPI header"), ProviderStatus.FAILED, "dropped"),
        (event("dropped", reason="Spam Content"), ProviderStatus.FAILED, "dropped_spam_content"),
        (
            event("dropped", reason="Recipient List over Package Quota"),
            ProviderStatus.FAILED,
            "dropped_quota",
        ),
        (event("dropped"), ProviderStatus.FAILED, "dropped"),
    ],
)
def test_each_event_of_a_mail_has_a_status_and_a_known_code(
    told: dict[str, Any], status: ProviderStatus, code: str | None
) -> None:
    (one,) = read(told)
    assert one.kind is EventKind.STATUS
    assert one.channel is Channel.EMAIL
    assert one.status is status
    assert one.error_code == code
    assert code is None or code in ERROR_WORDS
    assert (one.message_id, one.attempt, one.provider_id) == (MESSAGE, 2, f"M1:{MESSAGE}")
    assert one.payload == told


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("spamreport", EventKind.OPT_OUT),
        ("unsubscribe", EventKind.OPT_OUT),
        ("group_unsubscribe", EventKind.OPT_OUT),
        ("group_resubscribe", EventKind.OPT_IN),
    ],
)
def test_what_a_person_decides_is_no_status(word: str, kind: EventKind) -> None:
    (one,) = read(event(word))
    assert (one.kind, one.status, one.address) == (kind, None, "ann@example.com")


def test_an_event_that_does_not_name_our_message_keeps_the_id_of_its_request() -> None:
    told = event("delivered")
    del told["clarion_message_id"]
    (one,) = read(told)
    assert (one.provider_id, one.message_id) == ("M1", None)


@pytest.mark.parametrize("machine", [True, False, None])
def test_an_open_says_whether_a_program_did_it(machine: bool | None) -> None:  # noqa: FBT001
    told = event("open", useragent="x") | ({} if machine is None else {"sg_machine_open": machine})
    (one,) = read(told)
    assert (one.kind, one.status, one.text) == (EventKind.OPEN, None, None)
    assert one.machine is (machine is True)
    assert (one.message_id, one.attempt) == (MESSAGE, 2)


def test_a_click_says_where_it_leads() -> None:
    link = "https://shop.example/?q=ü"
    clicked, bare = read(
        event("click", url=link, sg_machine_open=True), event("click", sg_event_id="E2")
    )
    assert (clicked.kind, clicked.status, clicked.text) == (EventKind.CLICK, None, link)
    assert (clicked.machine, bare.text) == (False, None)


def test_an_event_of_a_kind_that_is_not_known_is_passed_over() -> None:
    assert [one.key for one in read(event("account_status_change"), event("delivered"))] == [
        "sendgrid:E1"
    ]


def test_events_keep_the_order_of_the_array() -> None:
    told = [event("delivered", sg_event_id=str(each)) for each in range(5)]
    assert [one.key for one in read(*told)] == [f"sendgrid:{each}" for each in range(5)]


def test_an_event_without_an_id_has_a_key_of_its_content() -> None:
    bare = event("bounce")
    del bare["sg_event_id"], bare["sg_message_id"]
    first, again, other = read(bare, bare, bare | {"email": "bob@example.com"})
    assert first.key == again.key != other.key
    assert first.provider_id is None


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'["x"]', b"\xff", b"nothing"])
def test_a_signed_body_that_is_no_array_of_events_is_invalid(body: bytes) -> None:
    with pytest.raises(Invalid):
        read_body(body)


def test_a_time_that_is_no_time_is_left_out() -> None:
    (one,) = read(event("delivered", timestamp="soon"))
    assert one.occurred_at is None
