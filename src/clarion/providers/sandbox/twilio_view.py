"""A message as Twilio shows it: in JSON to who asks, and as a form in callbacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

from clarion.kernel.clock import utc_now
from clarion.providers.sandbox.poster import Callback
from clarion.providers.sandbox.signing import twilio_signature

if TYPE_CHECKING:
    from clarion.providers.sandbox.ledger import Sms
    from clarion.providers.sandbox.settings import SandboxSettings

API_VERSION = "2010-04-01"

#: Dollars for a segment; a round figure, and no real tariff.
_SEGMENT_PRICE = 0.0079

_ERROR_MESSAGES = {
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
}


def account_path(settings: SandboxSettings) -> str:
    return f"/{API_VERSION}/Accounts/{settings.account_sid}"


def as_json(sms: Sms, settings: SandboxSettings) -> dict[str, Any]:
    """Twilio's names and types: numbers of parts are strings, error_code is a number."""
    path = f"{account_path(settings)}/Messages/{sms.sid}"
    # A messaging service has not chosen a number yet, and so cannot tell the segments.
    chosen = sms.status not in {"accepted", "scheduled"}
    return {
        "account_sid": settings.account_sid,
        "api_version": API_VERSION,
        "body": sms.body,
        "date_created": _rfc2822(sms.created_at),
        "date_sent": _rfc2822(sms.sent_at) if sms.sent_at else None,
        "date_updated": _rfc2822(sms.updated_at),
        "direction": sms.direction,
        "error_code": sms.error_code,
        "error_message": _ERROR_MESSAGES.get(sms.error_code) if sms.error_code else None,
        "from": sms.sender,
        "messaging_service_sid": sms.service_sid,
        "num_media": "0",
        "num_segments": str(sms.segments) if chosen else "0",
        "price": _price(sms, settings),
        "price_unit": "USD",
        "sid": sms.sid,
        "status": sms.status,
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": sms.to,
        "uri": f"{path}.json",
    }


def status_callback(sms: Sms, status: str, *, url: str, settings: SandboxSettings) -> Callback:
    form = [
        ("ApiVersion", API_VERSION),
        ("AccountSid", settings.account_sid),
        ("From", sms.sender or ""),
        ("MessageSid", sms.sid),
        ("MessageStatus", status),
        ("SmsSid", sms.sid),
        ("SmsStatus", status),
        ("To", sms.to),
    ]
    if sms.service_sid:
        form.append(("MessagingServiceSid", sms.service_sid))
    if status in {"undelivered", "failed"} and sms.fate_code:
        form.append(("ErrorCode", str(sms.fate_code)))
    if status in {"delivered", "undelivered"}:
        form.append(("RawDlrDoneDate", utc_now().strftime("%y%m%d%H%M")))
    return signed_form(form, url=url, settings=settings)


def inbound_callback(
    *, sid: str, sender: str, to: str, body: str, segments: int, url: str, settings: SandboxSettings
) -> Callback:
    form = [
        ("AccountSid", settings.account_sid),
        ("ApiVersion", API_VERSION),
        ("Body", body),
        ("From", sender),
        ("FromCity", ""),
        ("FromCountry", "US"),
        ("FromState", ""),
        ("FromZip", ""),
        ("MessageSid", sid),
        ("NumMedia", "0"),
        ("NumSegments", str(segments)),
        ("SmsMessageSid", sid),
        ("SmsSid", sid),
        ("SmsStatus", "received"),
        ("To", to),
    ]
    return signed_form(form, url=url, settings=settings)


def signed_form(form: list[tuple[str, str]], *, url: str, settings: SandboxSettings) -> Callback:
    return Callback(
        url=url,
        body=urlencode(form).encode(),
        headers={
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": twilio_signature(token=settings.auth_token, url=url, form=form),
            "I-Twilio-Idempotency-Token": str(uuid4()),
            "User-Agent": "TwilioProxy/1.1",
        },
    )


def _price(sms: Sms, settings: SandboxSettings) -> str | None:
    """Twilio fills the price in a moment after the last status."""
    after = timedelta(milliseconds=settings.callback_delay_ms)
    if sms.ended_at is None or utc_now() < sms.ended_at + after:
        return None
    return f"-{sms.segments * _SEGMENT_PRICE:.5f}"


def _rfc2822(moment: datetime) -> str:
    return _rfc2822_second(int(moment.timestamp()))


@lru_cache(maxsize=1024)
def _rfc2822_second(second: int) -> str:
    # Thousands of messages share a second, and formatting it costs more than the rest.
    return format_datetime(datetime.fromtimestamp(second, UTC))
