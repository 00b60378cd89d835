"""Reads SendGrid's event webhook: proves the signature, then says what happened to which mail."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid, Misconfigured, NotAllowed
from clarion.providers.events import CallbackRequest, EventKind, ProviderEvent, ProviderStatus
from clarion.providers.sending import header

if TYPE_CHECKING:
    from collections.abc import Mapping

MESSAGE_ARG = "clarion_message_id"
ATTEMPT_ARG = "clarion_attempt"

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"

#: How far the signed time may lie behind ours or ahead. SendGrid names no figure and its own helper
#: does not look; five minutes are what signed webhooks usually allow (Standard Webhooks), room for
#: a slow delivery and two clocks. No setting: a wider window lets old requests be played again.
TOLERANCE = timedelta(minutes=5)

#: What each event means here.
_KINDS: Mapping[str, tuple[EventKind, ProviderStatus | None]] = {
    "processed": (EventKind.STATUS, ProviderStatus.SENT),
    "deferred": (EventKind.STATUS, ProviderStatus.QUEUED),
    "delivered": (EventKind.STATUS, ProviderStatus.DELIVERED),
    "bounce": (EventKind.STATUS, ProviderStatus.FAILED),
    "dropped": (EventKind.STATUS, ProviderStatus.FAILED),
    "spamreport": (EventKind.OPT_OUT, None),
    "unsubscribe": (EventKind.OPT_OUT, None),
    "group_unsubscribe": (EventKind.OPT_OUT, None),
    "group_resubscribe": (EventKind.OPT_IN, None),
    "open": (EventKind.OPEN, None),
    "click": (EventKind.CLICK, None),
}

#: SendGrid's reasons of a drop, by how they begin, as codes of the error table.
_DROPS = (
    ("bounced", "dropped_bounced"),
    ("unsubscribed", "dropped_unsubscribed"),
    ("spam report", "dropped_spam_report"),
    ("invalid smtpapi", "dropped"),
    ("invalid", "dropped_invalid"),
    ("spam content", "dropped_spam_content"),
    ("recipient list", "dropped_quota"),
)


class EventReader:
    """Reads the webhook signed by one key pair. Pure. Raises Misconfigured for a bad key."""

    def __init__(self, *, provider: str, public_key: str) -> None:
        self._provider = provider
        self._key = _key(public_key)

    def read(self, request: CallbackRequest) -> list[ProviderEvent]:
        """The events in the order of the array. Raises NotAllowed and Invalid.

        Events of kinds that Clarion has no word for are passed over.
        """
        self._prove(request)
        try:
            events = json.loads(request.body)
        except ValueError as error:
            raise Invalid("The event webhook is not JSON.") from error
        if not isinstance(events, list) or not all(isinstance(each, dict) for each in events):
            raise Invalid("The event webhook is not an array of events.")
        read = (self._event(each) for each in events)
        return [event for event in read if event is not None]

    def _prove(self, request: CallbackRequest) -> None:
        signature = header(request.headers, SIGNATURE_HEADER)
        timestamp = header(request.headers, TIMESTAMP_HEADER)
        if not signature or not timestamp:
            raise NotAllowed("The event webhook is not signed.")
        try:
            self._key.verify(
                base64.b64decode(signature, validate=True),
                timestamp.encode() + request.body,
                ec.ECDSA(SHA256()),
            )
            signed_at = datetime.fromtimestamp(int(timestamp), UTC)
        except (InvalidSignature, binascii.Error, ValueError, OverflowError, OSError) as error:
            raise NotAllowed("The event webhook is not signed by SendGrid's key.") from error
        if abs(request.received_at - signed_at) > TOLERANCE:
            raise NotAllowed("The event webhook was signed too long ago.")

    def _event(self, told: dict[str, Any]) -> ProviderEvent | None:
        word = str(told.get("event"))
        if word not in _KINDS:
            return None
        kind, status = _KINDS[word]
        message_id, attempt = _ours(told)
        return ProviderEvent(
            key=_key_of(told),
            kind=kind,
            provider=self._provider,
            channel=Channel.EMAIL,
            message_id=message_id,
            attempt=attempt,
            provider_id=_provider_id(told, message_id),
            status=status,
            error_code=_code(word, told),
            address=told.get("email"),
            text=_text(told.get("url")) if kind is EventKind.CLICK else None,
            machine=kind is EventKind.OPEN and told.get("sg_machine_open") is True,
            occurred_at=_moment(told.get("timestamp")),
            payload=told,
        )


def provider_id_of(request_id: str, message_id: UUID) -> str:
    """One for each message: SendGrid has one id for all messages of a request."""
    return f"{request_id}:{message_id}"


def _provider_id(told: dict[str, Any], message_id: UUID | None) -> str | None:
    request_id = str(told.get("sg_message_id") or "").partition(".")[0]
    if request_id and message_id is not None:
        return provider_id_of(request_id, message_id)
    return request_id or None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _key(public_key: str) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(base64.b64decode(public_key))
    except (ValueError, binascii.Error) as error:
        raise Misconfigured("SendGrid's verification key cannot be read.") from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Misconfigured("SendGrid's verification key is not an elliptic curve key.")
    return key


def _key_of(told: dict[str, Any]) -> str:
    """Unique per fact: SendGrid's event id, or the event itself when it has none."""
    event_id = told.get("sg_event_id")
    if isinstance(event_id, str) and event_id:
        return f"sendgrid:{event_id}"
    return "sendgrid:" + hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _code(word: str, told: dict[str, Any]) -> str | None:
    match word:
        case "bounce":
            return "blocked" if told.get("type") == "blocked" else "bounce"
        case "dropped":
            reason = str(told.get("reason") or "").lower()
            return next((code for start, code in _DROPS if reason.startswith(start)), "dropped")
        case "deferred" | "spamreport" | "unsubscribe" | "group_unsubscribe":
            return word
        case _:
            return None


def _ours(told: dict[str, Any]) -> tuple[UUID | None, int | None]:
    attempt = str(told.get(ATTEMPT_ARG) or "")
    try:
        message_id = UUID(str(told.get(MESSAGE_ARG)))
    except ValueError:
        return None, None
    return message_id, int(attempt) if attempt.isascii() and attempt.isdigit() else None


def _moment(timestamp: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(timestamp), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
