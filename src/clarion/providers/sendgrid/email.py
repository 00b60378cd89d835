"""Sends e-mail through SendGrid's v3 mail/send, one recipient a request."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import aiohttp

from clarion.kernel.channel import Channel
from clarion.kernel.errors import Misconfigured
from clarion.kernel.mail import Mail, filled
from clarion.providers.sendgrid.callbacks import ATTEMPT_ARG, MESSAGE_ARG, EventReader
from clarion.providers.sending import (
    Accepted,
    FoundMessage,
    OutgoingMessage,
    Rejected,
    SendResult,
    Throttled,
    Uncertain,
    header,
)
from clarion.providers.transport import CONNECTIONS, make_session, outcome_of, retry_after

if TYPE_CHECKING:
    from datetime import datetime

    from clarion.providers.events import CallbackRequest, ProviderEvent

API_BASE = "https://api.sendgrid.com"

_ACCEPTED = 202
_REQUEST_TIMEOUT = 408
_TOO_MANY_REQUESTS = 429
_CLIENT_ERROR, _SERVER_ERROR = 400, 500


class SendGridEmail:
    """SendGrid's mail/send as a Provider.

    `sender` stands in where a message names none of its own. `public_key` is the event webhook's
    verification key as SendGrid's settings page shows it (base64 of a DER SubjectPublicKeyInfo).
    SendGrid can neither be asked for a message nor recognise one sent twice: what is uncertain is
    settled by events alone. Raises Misconfigured when a part is missing or the key cannot be
    read.
    """

    def __init__(
        self,
        *,
        api_key: str,
        sender: str,
        public_key: str,
        sender_name: str | None = None,
        api_base: str | None = None,
        name: str = "sendgrid",
        connections: int = CONNECTIONS,
    ) -> None:
        if not (api_key and sender):
            raise Misconfigured("SendGrid needs an API key and a sender address.")
        self._name = name
        self._sender = sender
        self._sender_name = {"name": sender_name} if sender_name else {}
        self._url = f"{(api_base or API_BASE).rstrip('/')}/v3/mail/send"
        self._headers = {
            "Authorization": f"Bearer {api_key}",
            "Content-Type": "application/json",
        }
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._events = EventReader(provider=name, public_key=public_key)

    @property
    def name(self) -> str:
        return self._name

    @property
    def channel(self) -> Channel:
        return Channel.EMAIL

    @property
    def keeps_records(self) -> bool:
        return False

    async def send(self, message: OutgoingMessage) -> SendResult:
        if self._session is None:
            self._session = make_session(connections=self._connections)
        try:
            async with self._session.post(
                self._url,
                data=json.dumps(self._mail(message)).encode(),
                headers=self._headers,
                allow_redirects=False,
            ) as answer:
                return _result(answer, await answer.text(errors="replace"))
        except (aiohttp.ClientError, OSError) as error:
            return outcome_of(error)

    async def find(self, *, to: str, since: datetime) -> list[FoundMessage] | None:  # noqa: ARG002
        return None

    async def fetch(self, provider_id: str) -> FoundMessage | None:  # noqa: ARG002
        return None

    def read_callback(self, request: CallbackRequest) -> list[ProviderEvent]:
        return self._events.read(request)

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _mail(self, message: OutgoingMessage) -> dict[str, Any]:
        mail, values = message.mail, message.values
        subject, text, html = message.subject or "", message.body, message.html
        if mail is not None:
            subject, text = filled(mail.subject, values), filled(mail.text, values)
            html = None if mail.html is None else filled(mail.html, values)
        # SendGrid refuses an empty part, and wants plain text before HTML.
        content = [
            {"type": kind, "value": value}
            for kind, value in (("text/plain", text), ("text/html", html))
            if value
        ]
        person: dict[str, Any] = {
            "to": [{"email": message.to}],
            # SendGrid keeps these for long: ids only, nothing about the person.
            "custom_args": {
                MESSAGE_ARG: str(message.message_id),
                ATTEMPT_ARG: str(message.attempt),
            },
        }
        if message.headers:
            person["headers"] = dict(message.headers)
        sender = {"email": message.sender or self._sender} | self._sender_name
        made: dict[str, Any] = {
            "personalizations": [person],
            "from": sender,
            "subject": subject,
            "content": content,
        }
        if mail is not None:
            _add_own(made, mail)
        return made


def _add_own(made: dict[str, Any], mail: Mail) -> None:
    """What the mail of a broadcast says of itself. Its opens and clicks are Clarion's to count."""
    if mail.from_name:
        made["from"] = made["from"] | {"name": mail.from_name}
    if mail.reply_to:
        made["reply_to"] = {"email": mail.reply_to}
    if mail.attachments:
        made["attachments"] = [
            {
                "content": base64.b64encode(file.content).decode(),
                "filename": file.name,
                "type": file.content_type,
                "disposition": "attachment",
            }
            for file in mail.attachments
        ]
    off = {"enable": False}
    made["tracking_settings"] = {
        "click_tracking": off | {"enable_text": False},
        "open_tracking": off,
        "subscription_tracking": off,
    }


def _result(answer: aiohttp.ClientResponse, text: str) -> SendResult:
    status = answer.status
    if status == _ACCEPTED:
        provider_id = header(answer.headers, "X-Message-Id")
        if provider_id:
            return Accepted(provider_id=provider_id)
        return Uncertain(detail="SendGrid took the mail and gave no X-Message-Id.")
    code = f"sendgrid_{status}"
    if status == _TOO_MANY_REQUESTS:
        return Throttled(code=code, retry_after=retry_after(answer.headers))
    if _CLIENT_ERROR <= status < _SERVER_ERROR and status != _REQUEST_TIMEOUT:
        return Rejected(code=code, detail=_told(text) or f"SendGrid answered {status}.")
    return Uncertain(detail=f"SendGrid answered {status}. {_told(text)}".strip())


def _told(text: str) -> str:
    """The sentences in an error body: {"errors": [{"message", "field"}]}."""
    try:
        errors = json.loads(text)["errors"]
        return " ".join(str(error["message"]) for error in errors)
    except (ValueError, KeyError, TypeError):
        return ""
