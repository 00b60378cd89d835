"""SendGrid's mail/send on the wire."""

from __future__ import annotations

import json
import math
import secrets
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from clarion.kernel.clock import utc_now
from clarion.providers.sandbox.sendgrid_life import accept
from clarion.providers.sandbox.sendgrid_rules import MailFault, faults_of
from clarion.providers.sandbox.twilio_api import is_out, lost_answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from clarion.providers.sandbox.state import Sandbox


class SendGridApi:
    """The endpoint, with SendGrid's statuses and error bodies."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self._authorised = f"Bearer {box.settings.sendgrid_api_key}"

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/v3/mail/send", self.send)]

    async def send(self, request: web.Request) -> web.Response:
        arrived_at = utc_now()
        if is_out(self._box, request):
            return _refused([MailFault("Service Unavailable")], 503)
        if request.headers.get("Authorization") != self._authorised:
            return _refused(
                [MailFault("The provided authorization grant is invalid, expired, or revoked")], 401
            )
        box = self._box
        await box.answer_slowly()
        wait = box.gate.wait(box.settings.rate_limit, time.monotonic())
        if wait is not None:
            headers = {
                "Retry-After": box.asks_to_wait(wait),
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": str(math.ceil(time.time() + wait)),
            }
            return _refused([MailFault("too many requests")], 429, headers)
        mail = await _json(request)
        faults = faults_of(mail)
        if faults:
            return _refused(faults, 400)
        return self._take(request, mail, arrived_at)

    def _take(
        self, request: web.Request, mail: dict[str, Any], arrived_at: datetime
    ) -> web.Response:
        to = mail["personalizations"][0]["to"][0]["email"]
        trouble = self._box.trouble(to)
        if trouble == "refuse":
            return _refused([MailFault("Service Unavailable")], 503)
        message_id = secrets.token_urlsafe(16)
        accept(self._box, mail, message_id=message_id, arrived_at=arrived_at)
        if trouble == "lose":
            error = _refused([MailFault("Internal Server Error")], 500)
            return lost_answer(request, to, error)
        return web.Response(status=202, headers={"X-Message-Id": message_id})


async def _json(request: web.Request) -> Any:
    """The body, or None when it is not JSON."""
    try:
        return json.loads(await request.read())
    except ValueError:
        return None


def _refused(
    faults: Sequence[MailFault], status: int, headers: Mapping[str, str] | None = None
) -> web.Response:
    body = {"errors": [fault.body() for fault in faults]}
    return web.json_response(body, status=status, headers=headers)
