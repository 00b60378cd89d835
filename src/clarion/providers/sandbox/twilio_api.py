"""Twilio's Messages API on the wire: create, fetch, list, cancel, redact, delete."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from aiohttp import encode_basic_auth, web

from clarion.kernel.clock import utc_now
from clarion.providers.sandbox.chance import happens
from clarion.providers.sandbox.settings import Outage
from clarion.providers.sandbox.twilio_life import accept, cancel, refused_by_stop
from clarion.providers.sandbox.twilio_rules import (
    NOT_CANCELABLE,
    SERVER_ERROR,
    TOO_MANY,
    UNAUTHORISED,
    UNAVAILABLE,
    Refusal,
    not_found,
    refusal_of,
)
from clarion.providers.sandbox.twilio_view import account_path, as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clarion.providers.sandbox.ledger import Sms
    from clarion.providers.sandbox.state import Sandbox

_PAGE_SIZE, _PAGE_SIZE_MAX = 50, 1000
_TOKEN_PREFIX = "PASM"  # noqa: S105  the look of Twilio's page tokens


class TwilioApi:
    """The endpoints. Every answer has Twilio's status, field names and types."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        settings = box.settings
        self._path = account_path(settings)
        self._authorised = {encode_basic_auth(settings.account_sid, settings.auth_token)}
        if settings.api_key and settings.api_secret:
            self._authorised.add(encode_basic_auth(settings.api_key, settings.api_secret))

    def routes(self) -> list[web.RouteDef]:
        messages = "/2010-04-01/Accounts/{account}/Messages"
        one = f"{messages}/{{sid}}.json"
        return [
            web.post(f"{messages}.json", self.create),
            web.get(f"{messages}.json", self.index),
            web.get(one, self.fetch),
            web.post(one, self.update),
            web.delete(one, self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        arrived_at = utc_now()
        refusal = self._stranger(request)
        if refusal is not None:
            return _refused(refusal)
        form = await _form(request)
        box = self._box
        await box.answer_slowly()
        wait = box.gate.wait(box.settings.rate_limit, time.monotonic())
        if wait is not None:
            return _refused(TOO_MANY, {"Retry-After": box.asks_to_wait(wait)})
        to = form.get("To", "")
        trouble = box.trouble(to)
        if trouble == "refuse":
            return _refused(UNAVAILABLE)
        now = utc_now()
        refusal = refusal_of(form, now) or refused_by_stop(box, form)
        if refusal is not None:
            return _refused(refusal)
        sms = accept(box, form, now, arrived_at=arrived_at)
        if trouble == "lose":
            return lost_answer(request, to, _refused(SERVER_ERROR))
        return _answer(as_json(sms, box.settings), 201)

    async def fetch(self, request: web.Request) -> web.Response:
        sms = self._asked(request)
        return _refused(sms) if isinstance(sms, Refusal) else self._shown(sms)

    async def update(self, request: web.Request) -> web.Response:
        """Status=canceled for a scheduled message, or an empty Body to redact it."""
        sms = self._asked(request)
        if isinstance(sms, Refusal):
            return _refused(sms)
        form = await _form(request)
        if form.get("Status") == "canceled":
            if sms.status != "scheduled":
                return _refused(NOT_CANCELABLE)
            await cancel(self._box, sms)
        elif form.get("Body") == "":
            sms.body = ""
        return self._shown(sms)

    async def delete(self, request: web.Request) -> web.Response:
        sms = self._asked(request)
        if isinstance(sms, Refusal):
            return _refused(sms)
        sms.deleted = True
        sms.body = ""
        return web.Response(status=204)

    async def index(self, request: web.Request) -> web.Response:
        refusal = self._stranger(request)
        if refusal is not None:
            return _refused(refusal)
        query = request.query
        size = min(_whole(query.get("PageSize"), _PAGE_SIZE) or 1, _PAGE_SIZE_MAX)
        number = _whole(query.get("Page"), 0)
        fits = _filter(query)
        walk = self._box.messages.newest_first(
            to=query.get("To") or None, before=_position(query.get("PageToken"))
        )
        found = list(islice((each for each in walk if fits(each[1])), size + 1))
        page = found[:size]
        following = None
        if len(found) > size:
            kept = {key: value for key, value in query.items() if not key.startswith("Page")}
            following = self._page_uri(
                kept | {"PageSize": size, "Page": number + 1},
                PageToken=f"{_TOKEN_PREFIX}{page[-1][0]:032x}",
            )
        first = {key: value for key, value in query.items() if key not in {"Page", "PageToken"}}
        return _answer(
            {
                "end": number * size + max(len(page) - 1, 0),
                "first_page_uri": self._page_uri(first, Page=0),
                "messages": [as_json(sms, self._box.settings) for _, sms in page],
                "next_page_uri": following,
                "page": number,
                "page_size": size,
                "previous_page_uri": None,
                "start": number * size,
                "uri": request.path_qs,
            }
        )

    def _page_uri(self, query: Mapping[str, object], **more: object) -> str:
        return f"{self._path}/Messages.json?{urlencode({**query, **more})}"

    def _stranger(self, request: web.Request) -> Refusal | None:
        if is_out(self._box, request):
            return UNAVAILABLE
        if request.headers.get("Authorization") not in self._authorised:
            return UNAUTHORISED
        if request.match_info["account"] != self._box.settings.account_sid:
            return not_found(request.path)
        return None

    def _asked(self, request: web.Request) -> Sms | Refusal:
        refusal = self._stranger(request)
        if refusal is not None:
            return refusal
        sms = self._box.messages.get(request.match_info["sid"])
        return not_found(request.path) if sms is None or sms.deleted else sms

    def _shown(self, sms: Sms) -> web.Response:
        return _answer(as_json(sms, self._box.settings))


def is_out(box: Sandbox, request: web.Request) -> bool:
    """Whether the vendor is down for this request; its connection may be cut by then."""
    outage = box.settings.outage
    if outage == Outage.REFUSE and request.transport is not None:
        request.transport.abort()
    return outage is not None


def lost_answer(request: web.Request, to: str, error: web.Response) -> web.Response:
    """An answer that says nothing, for a request that was carried out: a 500, or a cut line."""
    if request.transport is not None and happens(0.5, to, "cut"):
        request.transport.abort()
    return error


async def _form(request: web.Request) -> dict[str, str]:
    return dict(parse_qsl((await request.read()).decode(errors="replace"), keep_blank_values=True))


def _answer(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.Response(
        body=json.dumps(body).encode(),
        status=status,
        headers=headers,
        content_type="application/json",
    )


def _refused(refusal: Refusal, headers: Mapping[str, str] | None = None) -> web.Response:
    return _answer(refusal.body(), refusal.status, headers)


def _whole(value: str | None, default: int) -> int:
    return int(value) if value and value.isdecimal() else default


def _position(token: str | None) -> int | None:
    """Where the page before this one ended; None: from the newest."""
    try:
        return int(token.removeprefix(_TOKEN_PREFIX), 16) if token else None
    except ValueError:
        return None


def _filter(query: Mapping[str, str]) -> Callable[[Sms], bool]:
    """The filters of the list; To is found by the ledger. The operator is part of the name."""
    sender = query.get("From")
    on, after, before = (_span(query.get(name)) for name in ("DateSent", "DateSent>", "DateSent<"))

    def fits(sms: Sms) -> bool:
        if sms.deleted or (sender and sms.sender != sender):
            return False
        if not (on or after or before):
            return True
        if sms.sent_at is None:
            return False
        sent_at = sms.sent_at.replace(microsecond=0)
        return (
            (on is None or on[0] <= sent_at < on[1])
            and (after is None or sent_at >= after[0])
            and (before is None or sent_at < before[1])
        )

    return fits


def _span(value: str | None) -> tuple[datetime, datetime] | None:
    """The time that a date (a whole day) or a date with a time (one second) covers, in GMT."""
    if not value:
        return None
    try:
        start = datetime.fromisoformat(value)
    except ValueError:
        return None
    start = start if start.tzinfo is not None else start.replace(tzinfo=UTC)
    one_day = len(value) == len("2026-01-02")
    return start, start + (timedelta(days=1) if one_day else timedelta(seconds=1))
