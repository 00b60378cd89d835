"""Twilio's signature, by the vectors of Twilio's own library (twilio-python, tests/unit)."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from clarion.kernel.errors import Invalid, NotAllowed
from clarion.providers.events import CallbackRequest
from clarion.providers.sandbox.signing import twilio_signature
from clarion.providers.twilio.callbacks import CallbackReader

TOKEN = "12345"
CALL = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]
REPEATED = [
    ("Sid", "CA123"),
    ("SidAccount", "AC123"),
    ("Digits", "5678"),
    ("Digits", "1234"),
    ("Digits", "1234"),
]
PATH = "mycompany.com/myapp.php?foo=1&bar=2"
BODY_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
VECTORS = [
    (f"https://{PATH}", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    (f"https://{PATH}", REPEATED, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    (f"https://{PATH}&bodySHA256={BODY_HASH}", [], "a9nBmqA0ju/hNViExpshrM61xv4="),
    (f"https://{PATH.replace('com/', 'com:443/')}", CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
    (f"http://{PATH.replace('com/', 'com:80/')}", CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
]
NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


def callback(url: str, form: list[tuple[str, str]], signature: str) -> CallbackRequest:
    return CallbackRequest(
        url=url,
        headers={"X-Twilio-Signature": signature},
        body=urlencode(form).encode(),
        received_at=NOW,
    )


@pytest.mark.parametrize(("url", "form", "signature"), VECTORS)
def test_the_sandbox_signs_as_twilio_does(
    url: str, form: list[tuple[str, str]], signature: str
) -> None:
    assert twilio_signature(token=TOKEN, url=url, form=form) == signature


@pytest.mark.parametrize(("url", "form", "signature"), VECTORS)
def test_a_signature_of_twilio_is_believed(
    url: str, form: list[tuple[str, str]], signature: str
) -> None:
    # These vectors are calls and name no message: past the signature, there is nothing to read.
    with pytest.raises(Invalid, match="names no message"):
        CallbackReader(provider="twilio", auth_token=TOKEN).read(callback(url, form, signature))


@pytest.mark.parametrize(("url", "form", "signature"), VECTORS)
def test_the_signature_of_another_token_is_not_believed(
    url: str, form: list[tuple[str, str]], signature: str
) -> None:
    with pytest.raises(NotAllowed):
        CallbackReader(provider="twilio", auth_token="54321").read(callback(url, form, signature))


def test_a_port_that_only_one_side_writes_does_not_matter() -> None:
    reader = CallbackReader(provider="twilio", auth_token=TOKEN)
    with_port, without = f"https://{PATH.replace('com/', 'com:443/')}", f"https://{PATH}"
    for signed, seen in ((with_port, without), (without, with_port)):
        signature = twilio_signature(token=TOKEN, url=signed, form=CALL)
        with pytest.raises(Invalid):
            reader.read(callback(seen, CALL, signature))


def test_a_callback_sent_to_another_message_of_ours_is_refused() -> None:
    form = [("MessageSid", "SM1"), ("MessageStatus", "delivered")]
    signature = twilio_signature(token=TOKEN, url="https://h/cb?m=1&a=1", form=form)
    reader = CallbackReader(provider="twilio", auth_token=TOKEN)
    with pytest.raises(NotAllowed):
        reader.read(callback("https://h/cb?m=2&a=1", form, signature))


def test_the_fragment_with_twilios_connection_overrides_is_not_signed() -> None:
    plain = twilio_signature(token=TOKEN, url="https://h/cb?m=1", form=CALL)
    assert twilio_signature(token=TOKEN, url="https://h/cb?m=1#rc=3&rp=5xx", form=CALL) == plain
