"""What Twilio's Messages API refuses, and in which words: its codes and its magic numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}")
_SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")

BODY_MAX = 1600
_VALIDITY_MAX = 36_000
_SCHEDULE_MIN, _SCHEDULE_MAX = timedelta(seconds=300), timedelta(days=35)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of the API; `status` is HTTP's."""

    code: int
    message: str
    status: int = 400

    def body(self) -> dict[str, object]:
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


UNAUTHORISED = Refusal(20003, "Authenticate", 401)
TOO_MANY = Refusal(20429, "Too Many Requests", 429)
UNAVAILABLE = Refusal(20503, "Service is unavailable", 503)
SERVER_ERROR = Refusal(20500, "An internal server error has occurred", 500)
UNSUBSCRIBED = Refusal(21610, "Attempt to send to unsubscribed recipient")
NOT_CANCELABLE = Refusal(20409, "Only a scheduled message can be canceled", 409)


def not_found(path: str) -> Refusal:
    return Refusal(20404, f"The requested resource {path} was not found", 404)


# The numbers of Twilio's test credentials (twilio.com/docs/iam/test-credentials).
_MAGIC_FROM = {
    "+15005550001": (21212, "Invalid 'From' Phone Number: {sender}"),
    "+15005550007": (
        21606,
        "The 'From' phone number provided ({sender}) is not a valid message-capable number.",
    ),
    "+15005550008": (
        21611,
        "This 'From' number has exceeded the maximum number of queued messages",
    ),
}
_MAGIC_TO = {
    "+15005550001": (21211, "Invalid 'To' Phone Number: {to}"),
    "+15005550002": (
        21612,
        "Message cannot be sent with the current combination of 'To' ({to}) and 'From'",
    ),
    "+15005550003": (
        21408,
        "Permission to send an SMS has not been enabled for the region of the 'To' number: {to}",
    ),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": (21614, "'To' number is not a valid mobile number: {to}"),
}


def refusal_of(form: Mapping[str, str], now: datetime) -> Refusal | None:
    """Why Twilio would not take this message, or None. Opt-outs are looked up elsewhere."""
    return _missing(form) or _unfit(form, now) or _magic(form)


def _missing(form: Mapping[str, str]) -> Refusal | None:
    if not form.get("To"):
        return Refusal(21604, "A 'To' phone number is required.")
    if not (form.get("From") or form.get("MessagingServiceSid")):
        return Refusal(21603, "A 'From' phone number is required.")
    if not (form.get("Body") or form.get("MediaUrl") or form.get("ContentSid")):
        return Refusal(21602, "Message body is required.")
    return None


def _unfit(form: Mapping[str, str], now: datetime) -> Refusal | None:
    return _unfit_content(form) or _unfit_numbers(form) or _unfit_times(form, now)


def _unfit_content(form: Mapping[str, str]) -> Refusal | None:
    if len(form.get("Body", "")) > BODY_MAX:
        return Refusal(21617, "The concatenated message body exceeds the 1600 character limit")
    callback = form.get("StatusCallback")
    if callback and not _callable(callback):
        return Refusal(21609, f"The 'StatusCallback' URL {callback} is not a valid URL.")
    return None


def _unfit_numbers(form: Mapping[str, str]) -> Refusal | None:
    to, sender, service = form["To"], form.get("From"), form.get("MessagingServiceSid")
    if not _E164.fullmatch(to):
        return Refusal(21211, f"Invalid 'To' Phone Number: {to}")
    if sender and not _SENDER.fullmatch(sender):
        return Refusal(21212, f"Invalid 'From' Phone Number: {sender}")
    if service and not _SERVICE_SID.fullmatch(service):
        return Refusal(21701, "The Messaging Service resource does not exist")
    return None


def _unfit_times(form: Mapping[str, str], now: datetime) -> Refusal | None:
    validity = form.get("ValidityPeriod")
    if validity is not None and not (validity.isdecimal() and 1 <= int(validity) <= _VALIDITY_MAX):
        return Refusal(30012, "ValidityPeriod must be a whole number from 1 to 36000")
    if scheduled(form) and send_at(form, now) is None:
        return Refusal(35114, "SendAt must be 300 seconds to 35 days ahead, in ISO 8601")
    return None


def _magic(form: Mapping[str, str]) -> Refusal | None:
    to, sender = form["To"], form.get("From", "")
    code, words = _MAGIC_FROM.get(sender) or _MAGIC_TO.get(to) or (None, "")
    return None if code is None else Refusal(code, words.format(to=to, sender=sender))


def scheduled(form: Mapping[str, str]) -> bool:
    """Without a messaging service Twilio ignores the schedule and sends at once."""
    return bool(form.get("MessagingServiceSid")) and form.get("ScheduleType") == "fixed"


def send_at(form: Mapping[str, str], now: datetime) -> datetime | None:
    """The scheduled time, or None when it is missing, unreadable or out of Twilio's bounds."""
    try:
        at = datetime.fromisoformat(form.get("SendAt", ""))
    except ValueError:
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return at if _SCHEDULE_MIN <= at - now <= _SCHEDULE_MAX else None


def _callable(url: str) -> bool:
    """Twilio wants a valid host name, and none with an underscore."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(host) and bool(_HOST.fullmatch(host or ""))
