"""Sends SMS through Twilio's Messages API, and asks it what became of them."""

from __future__ import annotations

import asyncio
import logging
import math
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import aiohttp
from pydantic_core import from_json
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.rest import Client

from clarion.kernel.channel import Channel
from clarion.kernel.errors import Misconfigured
from clarion.providers.error_codes import Consequence, explain
from clarion.providers.events import ProviderStatus
from clarion.providers.sending import (
    Accepted,
    FoundMessage,
    OutgoingMessage,
    Rejected,
    SendResult,
    Throttled,
    Uncertain,
)
from clarion.providers.transport import CONNECTIONS, outcome_of
from clarion.providers.twilio.callbacks import STATUSES, CallbackReader
from clarion.providers.twilio.wire import TooManyRequestsError, TwilioWire, as_response

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from clarion.providers.events import CallbackRequest, ProviderEvent

_log = logging.getLogger(__name__)

#: The most that `find` reads: more messages than that to one number in the time of a
#: reconciliation is a loop, and the answer is then "unknown".
FIND_LIMIT = 200

#: Twilio's bounds of ValidityPeriod, in seconds (10 hours since 2024).
_VALIDITY_MIN, _VALIDITY_MAX = 1, 36_000

_REQUEST_TIMEOUT = 408

_CREATED = range(200, 300)

#: The words that the SDK puts before a refusal.
_NOT_CREATED = "Unable to create record"
_CLIENT_ERROR, _SERVER_ERROR = 400, 500

#: What the SDK raises over an answer that is not what Twilio's pages promise: no JSON, or JSON
#: of another shape.
_UNREADABLE = (TwilioException, ValueError, TypeError, AttributeError, KeyError)

_TROUBLE = (*_UNREADABLE, TooManyRequestsError, aiohttp.ClientError, OSError)


class TwilioSms:
    """Twilio's Messages API as a Provider, by the official SDK.

    `sender` is a +E.164 number of the account or an "MG…" messaging service; it stands in where a
    message names none of its own. Twilio posts the statuses to
    `status_callback_url?m=<message id>&a=<attempt>`, which must be the address that Twilio reaches
    from outside. `api_base` sends everything to another host that speaks the same protocol. With
    `api_key` and `api_secret` the requests are signed in by them; callbacks are always signed with
    `auth_token`. Raises Misconfigured when the parts do not fit together.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sender: str,
        status_callback_url: str,
        api_base: str | None = None,
        name: str = "twilio",
        api_key: str | None = None,
        api_secret: str | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        if not (account_sid and auth_token and sender):
            raise Misconfigured("Twilio needs an account SID, an auth token and a sender.")
        if (api_key is None) != (api_secret is None):
            raise Misconfigured("A Twilio API key needs its secret, and the secret its key.")
        self._name = name
        self._sender = sender
        # A fragment holds Twilio's connection overrides (#rc=3&rp=5xx): it stays at the end.
        base, hash_, fragment = status_callback_url.partition("#")
        self._callback = quote_plus(f"{base}{'&' if '?' in base else '?'}m=")
        self._callback_end = quote_plus(hash_ + fragment)
        self._wire = TwilioWire(api_base=api_base, connections=connections)
        self._client = Client(
            api_key or account_sid,
            api_secret or auth_token,
            account_sid=account_sid,
            http_client=self._wire,
        )
        url = f"{self._client.api.base_url}/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._messages_url = self._client.get_hostname(url)
        self._headers = {
            **self._client.get_headers("POST", None),
            "Authorization": aiohttp.encode_basic_auth(
                api_key or account_sid, api_secret or auth_token
            ),
        }
        self._callbacks = CallbackReader(provider=name, auth_token=auth_token)

    @property
    def name(self) -> str:
        return self._name

    @property
    def channel(self) -> Channel:
        return Channel.SMS

    @property
    def keeps_records(self) -> bool:
        return True

    @property
    def batch_size(self) -> int:
        return 1

    async def send(self, message: OutgoingMessage) -> SendResult:
        # The SDK's request and its reading of refusals, without the objects that it builds of each
        # accepted message: they take longer than the request itself.
        try:
            status, body, headers = await self._wire.post(
                self._messages_url, self._form(message), self._headers
            )
            if status not in _CREATED:
                refused = self._client.api.v2010.exception(
                    "POST", self._messages_url, as_response(status, body, headers), _NOT_CREATED
                )
                return _refusal(refused)
            created = from_json(body)
            sid, segments = created["sid"], created.get("num_segments")
        except TooManyRequestsError as error:
            return Throttled(code=error.code, retry_after=error.wait)
        except (aiohttp.ClientError, OSError) as error:
            return outcome_of(error)
        except _UNREADABLE as error:
            return Uncertain(detail=f"Twilio's answer could not be read: {error}")
        if not sid or not isinstance(sid, str):
            return Uncertain(detail="Twilio's answer has no message SID.")
        told = None if segments is None else str(segments)
        return Accepted(provider_id=sid, segments=_segments(told))

    async def send_batch(self, messages: Sequence[OutgoingMessage]) -> list[SendResult]:
        return list(await asyncio.gather(*(self.send(each) for each in messages)))

    async def find(self, *, to: str, since: datetime) -> list[FoundMessage] | None:
        try:
            listed = await self._client.messages.list_async(
                to=to, limit=FIND_LIMIT, page_size=FIND_LIMIT
            )
            found = [_found(each) for each in listed if each.direction != "inbound"]
        except _TROUBLE as error:
            _log.warning("twilio.find_failed", extra={"error": repr(error)})
            return None
        # Twilio's times are whole seconds: a message made right after `since` carries the
        # beginning of that second.
        start = since.replace(microsecond=0)
        recent = [each for each in found if each.created_at >= start]
        if len(listed) >= FIND_LIMIT and len(recent) == len(found):
            return None  # the list was cut before it reached `since`
        return recent

    async def fetch(self, provider_id: str) -> FoundMessage | None:
        try:
            return _found(await self._client.messages(provider_id).fetch_async())
        except _TROUBLE as error:
            _log.warning("twilio.fetch_failed", extra={"error": repr(error)})
            return None

    def read_callback(self, request: CallbackRequest) -> list[ProviderEvent]:
        return self._callbacks.read(request)

    async def aclose(self) -> None:
        await self._wire.close()

    def _form(self, message: OutgoingMessage) -> bytes:
        """What is the same in all messages is quoted once: here is where a sender's time goes."""
        sender = message.sender or self._sender
        name = "MessagingServiceSid" if sender.startswith("MG") else "From"
        form = (
            f"To={quote_plus(message.to)}&Body={quote_plus(message.body)}&{name}={_quoted(sender)}"
            f"&StatusCallback={self._callback}{message.message_id}%26a%3D{message.attempt}"
            f"{self._callback_end}"
        )
        if message.validity is not None:
            form += f"&ValidityPeriod={_validity_seconds(message.validity)}"
        return form.encode()


_quoted = lru_cache(maxsize=1_000)(quote_plus)


def _validity_seconds(validity: timedelta) -> int:
    return min(max(math.ceil(validity.total_seconds()), _VALIDITY_MIN), _VALIDITY_MAX)


def _refusal(error: TwilioRestException | TwilioServiceException) -> SendResult:
    code = str(error.code or error.status)
    told = error.msg if isinstance(error, TwilioRestException) else error.detail or error.title
    if not _CLIENT_ERROR <= error.status < _SERVER_ERROR or error.status == _REQUEST_TIMEOUT:
        # Twilio may have made the message before it failed to say so.
        return Uncertain(detail=f"Twilio answered {error.status} ({code}): {told}")
    if explain(code).consequence is Consequence.WAIT:
        # A full queue of the sender: nothing was created, and later it will be taken.
        return Throttled(code=code)
    return Rejected(code=code, detail=told.removeprefix(f"{_NOT_CREATED}: "))


def _found(record: Any) -> FoundMessage:
    """A message of the SDK in our words. ValueError when the record is not one."""
    if not record.sid or record.date_created is None:
        raise ValueError("a message record without SID or date")
    return FoundMessage(
        provider_id=record.sid,
        to=record.to or "",
        body=record.body,
        status=STATUSES.get(record.status, ProviderStatus.QUEUED),
        created_at=record.date_created,
        segments=_segments(record.num_segments),
        price=_cost(record.price),
        currency=record.price_unit.upper() if record.price_unit else None,
        error_code=str(record.error_code) if record.error_code else None,
    )


def _segments(told: str | None) -> int | None:
    """A messaging service says "0" until it has picked a number: then nobody knows yet."""
    return int(told) or None if told and told.isdecimal() else None


def _cost(price: str | None) -> Decimal | None:
    """What we pay, as a positive number; Twilio writes a debit as "-0.00750"."""
    if price is None:
        return None
    try:
        return abs(Decimal(price))
    except InvalidOperation:
        return None
