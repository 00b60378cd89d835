"""Sends e-mail through SendGrid's v3 mail/send: one message a request, or many of one mail."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import aiohttp

from clarion.kernel.channel import Channel
from clarion.kernel.errors import Misconfigured
from clarion.providers.sendgrid.callbacks import EventReader, provider_id_of
from clarion.providers.sendgrid.requests import (
    RECIPIENTS_MAX,
    SharedMail,
    files_of,
    request_for_one,
)
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
from clarion.providers.transport import (
    CONNECT_SECONDS,
    CONNECTIONS,
    TOTAL_SECONDS,
    make_session,
    outcome_of,
    retry_after,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from clarion.kernel.mail import Mail
    from clarion.providers.events import CallbackRequest, ProviderEvent
    from clarion.providers.sendgrid.requests import Body

API_BASE = "https://api.sendgrid.com"

#: Seconds for a request: one of many messages may be megabytes.
_WITHIN, _MANY_WITHIN = TOTAL_SECONDS, 45.0

#: Bytes of a large body that are handed over at once.
_BIT = 64 * 1024

_ACCEPTED = 202
_REQUEST_TIMEOUT = 408
_TOO_MANY_REQUESTS = 429
_CLIENT_ERROR, _SERVER_ERROR = 400, 500

#: The field of an error that is about one person of a request.
_OF_A_PERSON = re.compile(r"personalizations\.(\d+)\..*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """`people`: who alone is the reason of a refusal, by their place in the request, and why."""

    result: SendResult
    people: Mapping[int, str] = field(default_factory=dict)

    def of(self, message: OutgoingMessage) -> SendResult:
        if isinstance(self.result, Accepted):
            told = provider_id_of(self.result.provider_id, message.message_id)
            return replace(self.result, provider_id=told)
        return self.result


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
        self._mails: WeakKeyDictionary[Mail, dict[str, SharedMail]] = WeakKeyDictionary()
        self._files: WeakKeyDictionary[Mail, bytes] = WeakKeyDictionary()
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

    @property
    def batch_size(self) -> int:
        return RECIPIENTS_MAX

    async def send(self, message: OutgoingMessage) -> SendResult:
        files = self._files_of(message.mail)
        body = request_for_one(message, sender=self._from(message), files=files)
        return (await self._post(body, within=_MANY_WITHIN if files else _WITHIN)).of(message)

    async def send_batch(self, messages: Sequence[OutgoingMessage]) -> list[SendResult]:
        """Those whose values are too long to be put in by SendGrid go one by one."""
        if len(messages) == 1 or messages[0].mail is None:
            return list(await asyncio.gather(*map(self.send, messages)))
        found = await self._send_shared(self._shared(messages[0], messages[0].mail), messages)
        alone = [at for at in range(len(messages)) if at not in found]
        results = await asyncio.gather(*(self.send(messages[at]) for at in alone))
        found |= dict(zip(alone, results, strict=True))
        return [found[at] for at in range(len(messages))]

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

    def _from(self, message: OutgoingMessage) -> dict[str, str]:
        return {"email": message.sender or self._sender} | self._sender_name

    def _shared(self, message: OutgoingMessage, mail: Mail) -> SharedMail:
        sender = self._from(message)
        known = self._mails.setdefault(mail, {})
        if sender["email"] not in known:
            known[sender["email"]] = SharedMail(mail, sender=sender, files=self._files_of(mail))
        return known[sender["email"]]

    def _files_of(self, mail: Mail | None) -> bytes:
        """Encoded once for all who get the mail."""
        if mail is None or not mail.attachments:
            return b""
        known = self._files.get(mail)
        if known is None:
            known = self._files[mail] = files_of(mail)
        return known

    async def _send_shared(
        self, mail: SharedMail, messages: Sequence[OutgoingMessage]
    ) -> dict[int, SendResult]:
        """Results by the message's place, for all that fit in a request with others."""
        results: dict[int, SendResult] = {}

        async def send(body: Body, positions: Sequence[int]) -> None:
            answer = await self._post(body, within=_MANY_WITHIN)
            results.update((at, answer.of(messages[at])) for at in positions)
            if not answer.people or not isinstance(answer.result, Rejected):
                return
            # One address that SendGrid does not take keeps it from taking any: those who are not
            # the reason are sent without those who are.
            others = []
            for place, at in enumerate(positions):
                if place in answer.people:
                    results[at] = replace(answer.result, detail=answer.people[place])
                else:
                    others.append(at)
            if len(others) == len(positions):
                return
            again = await self._send_shared(mail, [messages[at] for at in others])
            results.update((others[at], result) for at, result in again.items())

        await asyncio.gather(*(send(each.body, each.positions) for each in mail.requests(messages)))
        return results

    async def _post(self, body: Body, *, within: float = _WITHIN) -> _Answer:
        if self._session is None:
            self._session = make_session(connections=self._connections)
        try:
            async with self._session.post(
                self._url,
                **_content(body, self._headers),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=within, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS
                ),
            ) as answer:
                return _read(answer, await answer.text(errors="replace"))
        except (aiohttp.ClientError, OSError) as error:
            return _Answer(result=outcome_of(error))


def _content(body: Body, headers: Mapping[str, str]) -> dict[str, Any]:
    """What a request takes. A body of several pieces is handed over bit by bit, as fast as it is
    taken: put together, each request under way would hold its files once more."""
    if len(body) == 1:
        return {"data": body[0], "headers": headers}
    length = {"Content-Length": str(sum(map(len, body)))}
    return {"data": _bits(body), "headers": {**headers, **length}}


async def _bits(body: Body) -> AsyncIterator[bytes]:
    for piece in body:
        for start in range(0, len(piece), _BIT):
            yield piece[start : start + _BIT]


def _read(answer: aiohttp.ClientResponse, text: str) -> _Answer:
    status = answer.status
    code = f"sendgrid_{status}"
    told = _told(text)
    if status == _ACCEPTED:
        request_id = header(answer.headers, "X-Message-Id")
        if request_id:
            return _Answer(result=Accepted(provider_id=request_id))
        return _Answer(result=Uncertain(detail="SendGrid took the mail and gave no X-Message-Id."))
    if status == _TOO_MANY_REQUESTS:
        return _Answer(result=Throttled(code=code, retry_after=retry_after(answer.headers)))
    words = " ".join(words for _, words in told)
    if _CLIENT_ERROR <= status < _SERVER_ERROR and status != _REQUEST_TIMEOUT:
        return _Answer(
            result=Rejected(code=code, detail=words or f"SendGrid answered {status}."),
            people={
                int(found[1]): words for at, words in told if (found := _OF_A_PERSON.fullmatch(at))
            },
        )
    return _Answer(result=Uncertain(detail=f"SendGrid answered {status}. {words}".strip()))


def _told(text: str) -> list[tuple[str, str]]:
    """Fields and sentences in an error body: {"errors": [{"message", "field"}]}."""
    try:
        errors = json.loads(text)["errors"]
        return [(str(error.get("field")), str(error["message"])) for error in errors]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
