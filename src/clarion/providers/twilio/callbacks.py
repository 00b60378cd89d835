"""Reads what Twilio posts to us: proves that Twilio signed it, then says what happened."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl
from uuid import UUID

from multidict import MultiDict
from twilio.request_validator import RequestValidator

from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid, NotAllowed
from clarion.providers.events import CallbackRequest, EventKind, ProviderEvent, ProviderStatus
from clarion.providers.sending import header

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Twilio's words in ours (docs/messaging/api/message-resource#message-status-values).
STATUSES: Mapping[str, ProviderStatus] = {
    "accepted": ProviderStatus.QUEUED,
    "scheduled": ProviderStatus.QUEUED,
    "queued": ProviderStatus.QUEUED,
    "sending": ProviderStatus.QUEUED,
    "sent": ProviderStatus.SENT,
    "delivered": ProviderStatus.DELIVERED,
    "read": ProviderStatus.DELIVERED,
    "undelivered": ProviderStatus.FAILED,
    "failed": ProviderStatus.FAILED,
    "canceled": ProviderStatus.CANCELLED,
}

#: The keywords that Twilio acts on by default; it wants the word alone.
STOP_WORDS = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
)
START_WORDS = frozenset({"START", "UNSTOP", "YES"})

_FIELDS_MAX = 200


class CallbackReader:
    """Reads the callbacks of one Twilio account. Pure."""

    def __init__(self, *, provider: str, auth_token: str) -> None:
        self._provider = provider
        self._validator = RequestValidator(auth_token)

    def read(self, request: CallbackRequest) -> list[ProviderEvent]:
        """The events in a callback. Raises NotAllowed (signature) and Invalid (body).

        A status that Twilio invents later gives no event: it cannot move a message.
        """
        form = _form(request.body)
        signature = header(request.headers, "X-Twilio-Signature")
        if not signature or not self._is_signed(request.url, form, signature):
            raise NotAllowed("The callback is not signed by this Twilio account.")
        sid = form.get("MessageSid") or form.get("SmsSid")
        if not sid:
            raise Invalid("The callback names no message.")
        if form.get("SmsStatus") == "received" or "MessageStatus" not in form:
            return self._inbound(sid, form, request)
        return self._status(sid, form, request)

    def _is_signed(self, url: str, form: MultiDict[str], signature: str) -> bool:
        """Of the address as it is, which is nearly always right, before the SDK tries it with and
        without a port."""
        expected = self._validator.compute_signature(url, form)
        if hmac.compare_digest(expected.encode(), signature.encode()):
            return True
        return bool(self._validator.validate(url, form, signature))

    def _status(
        self, sid: str, form: MultiDict[str], request: CallbackRequest
    ) -> list[ProviderEvent]:
        word = form["MessageStatus"].lower()
        status = STATUSES.get(word)
        if status is None:
            return []
        error_code = form.get("ErrorCode") or None
        message_id, attempt = _ours(request.url)
        return [
            ProviderEvent(
                key=f"twilio:{sid}:{word}:{error_code or ''}",
                kind=EventKind.STATUS,
                provider=self._provider,
                channel=Channel.SMS,
                message_id=message_id,
                attempt=attempt,
                provider_id=sid,
                status=status,
                error_code=error_code,
                # Twilio tells no time of the event, so the arrival stands for it.
                occurred_at=request.received_at,
                payload=dict(form),
            )
        ]

    def _inbound(
        self, sid: str, form: MultiDict[str], request: CallbackRequest
    ) -> list[ProviderEvent]:
        def event(kind: EventKind, word: str) -> ProviderEvent:
            return ProviderEvent(
                key=f"twilio:{sid}:{word}",
                kind=kind,
                provider=self._provider,
                channel=Channel.SMS,
                provider_id=sid,
                address=form.get("From"),
                text=form.get("Body"),
                segments=_whole(form.get("NumSegments")),
                occurred_at=request.received_at,
                payload=dict(form),
            )

        events = [event(EventKind.INBOUND, "received")]
        match _choice(form):
            case EventKind.OPT_OUT:
                events.append(event(EventKind.OPT_OUT, "opt_out"))
            case EventKind.OPT_IN:
                events.append(event(EventKind.OPT_IN, "opt_in"))
            case _:
                pass
        return events


def _form(body: bytes) -> MultiDict[str]:
    """Every field with all its values, blank ones too: Twilio signs fields we do not know."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=_FIELDS_MAX,
            errors="strict",
        )
    except ValueError as error:
        raise Invalid("The callback is not a readable form.") from error
    return MultiDict(pairs)


def _choice(form: MultiDict[str]) -> EventKind | None:
    """What the person decided. With Advanced Opt-Out Twilio says it; otherwise the word does."""
    told = form.get("OptOutType")
    if told:
        return {"STOP": EventKind.OPT_OUT, "START": EventKind.OPT_IN}.get(told.upper())
    word = form.get("Body", "").strip().upper()
    if word in STOP_WORDS:
        return EventKind.OPT_OUT
    return EventKind.OPT_IN if word in START_WORDS else None


def _ours(url: str) -> tuple[UUID | None, int | None]:
    """The message id and attempt that the send put into the callback's address."""
    query = parse_qs(url.partition("?")[2].partition("#")[0])
    try:
        message_id = UUID(query["m"][0])
    except (KeyError, ValueError):
        return None, None
    return message_id, _whole(query.get("a", [""])[0])


def _whole(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None
