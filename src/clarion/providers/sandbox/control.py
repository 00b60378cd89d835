"""The sandbox's own endpoints: what it has accepted, how it behaves, and replies on demand."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

from aiohttp import web

from clarion.kernel.errors import Invalid
from clarion.providers.sandbox.page import render
from clarion.providers.sandbox.sendgrid_life import event_of, tell
from clarion.providers.sandbox.settings import changed, shown
from clarion.providers.sandbox.twilio_life import receive

if TYPE_CHECKING:
    from clarion.providers.sandbox.ledger import Mail, Sms
    from clarion.providers.sandbox.state import Sandbox

_LIMIT, _LIMIT_MAX = 1000, 10_000
_PAGE_ROWS = 100
_EVENTS = frozenset(
    {
        "processed",
        "deferred",
        "delivered",
        "bounce",
        "blocked",
        "dropped",
        "spamreport",
        "unsubscribe",
        "group_unsubscribe",
        "group_resubscribe",
        "open",
        "machine_open",
        "click",
    }
)


class Control:
    """Bodies are JSON with that content type: a web page of another origin cannot post them."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.page),
            web.get("/health", self.health),
            web.get("/sandbox/settings", self.settings),
            web.put("/sandbox/settings", self.change_settings),
            web.get("/sandbox/summary", self.summary),
            web.get("/sandbox/messages", self.messages),
            web.delete("/sandbox/messages", self.reset),
            web.get("/sandbox/emails", self.emails),
            web.post("/sandbox/inbound", self.inbound),
            web.post("/sandbox/email-events", self.email_event),
            web.get("/sandbox/sendgrid-public-key", self.public_key),
        ]

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def page(self, _: web.Request) -> web.Response:
        newest = self._box.messages.newest_first(to=None, before=None)
        rows = [sms for _, sms in islice(newest, _PAGE_ROWS)]
        html = render(rows, accepted=len(self._box.messages))
        policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return web.Response(text=html, content_type="text/html", headers=policy)

    async def settings(self, _: web.Request) -> web.Response:
        return web.json_response(shown(self._box.settings))

    async def change_settings(self, request: web.Request) -> web.Response:
        """The settings that are given are changed, the others stay."""
        given = await _json(request)
        try:
            self._box.change(changed(self._box.settings, given))
        except Invalid as error:
            faults = [asdict(fault) for fault in error.faults]
            return web.json_response({"detail": error.detail, "errors": faults}, status=400)
        return web.json_response(shown(self._box.settings))

    async def summary(self, _: web.Request) -> web.Response:
        box = self._box
        return web.json_response(
            {
                "accepted": len(box.messages),
                "distinct_to": box.messages.distinct_to,
                "statuses": +box.messages.statuses,
                "emails": {
                    "accepted": len(box.mails),
                    "distinct_to": box.mails.distinct_to,
                    "statuses": +box.mails.statuses,
                },
                "callbacks": {
                    **box.poster.counts,
                    "dropped": box.dropped_callbacks,
                    "held": box.poster.held,
                    "waiting": box.work.waiting,
                },
            }
        )

    async def messages(self, request: web.Request) -> web.Response:
        """In the order of acceptance; `after` is the `seq` of the last one seen."""
        after, limit = _window(request)
        rows = self._box.messages.after(after, limit=limit)
        return web.json_response({"messages": [_sms(seq, sms) for seq, sms in rows]})

    async def emails(self, request: web.Request) -> web.Response:
        after, limit = _window(request)
        rows = self._box.mails.after(after, limit=limit)
        return web.json_response({"emails": [_mail(seq, mail) for seq, mail in rows]})

    async def reset(self, _: web.Request) -> web.Response:
        self._box.reset()
        return web.Response(status=204)

    async def inbound(self, request: web.Request) -> web.Response:
        """A person writes: {"from", "to", "body"}."""
        given = await _json(request)
        parts = [given.get(name) for name in ("from", "to", "body")]
        if not all(isinstance(part, str) for part in parts):
            raise web.HTTPBadRequest(text="from, to and body must be strings.")
        sender, to, body = map(str, parts)
        sid = receive(self._box, sender=sender, to=to, body=body)
        posted = self._box.settings.inbound_url is not None
        return web.json_response({"sid": sid, "posted": posted}, status=202)

    async def email_event(self, request: web.Request) -> web.Response:
        """Something happens to a mail: {"message_id", "event"}, with the id that Clarion knows it
        by, `sg_message_id`, or X-Message-Id for the first mail of a request."""
        given = await _json(request)
        mail = _meant(self._box, str(given.get("message_id")))
        event = given.get("event")
        if event not in _EVENTS:
            raise web.HTTPBadRequest(text=f"event must be one of {', '.join(sorted(_EVENTS))}.")
        if mail is None:
            raise web.HTTPNotFound(text="There is no such mail.")
        await tell(self._box, event_of(mail, event))
        return web.Response(status=202)

    async def public_key(self, _: web.Request) -> web.Response:
        return web.json_response({"public_key": self._box.signer.public_key})


def _meant(box: Sandbox, told: str) -> Mail | None:
    request_id, _, ours = told.partition(":")
    position = 0
    while mail := box.mails.get(f"{request_id}.recvd-sandbox-{position}"):
        if not ours or ours in mail.custom_args.values():
            return mail
        position += 1
    return box.mails.get(told)


async def _json(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="The body must be application/json.")
    try:
        given: Any = json.loads(await request.read())
    except ValueError as error:
        raise web.HTTPBadRequest(text="The body is not JSON.") from error
    if not isinstance(given, dict):
        raise web.HTTPBadRequest(text="The body must be an object.")
    return given


def _window(request: web.Request) -> tuple[int, int]:
    try:
        after = int(request.query.get("after", "-1"))
        limit = int(request.query.get("limit", str(_LIMIT)))
    except ValueError as error:
        raise web.HTTPBadRequest(text="after and limit must be whole numbers.") from error
    return max(after, -1), min(max(limit, 1), _LIMIT_MAX)


def _sms(seq: int, sms: Sms) -> dict[str, Any]:
    return {
        "seq": seq,
        "sid": sms.sid,
        "to": sms.to,
        "from": sms.sender,
        "messaging_service_sid": sms.service_sid,
        "body": sms.body,
        "segments": sms.segments,
        "status": sms.status,
        "error_code": sms.error_code,
        "arrived_at": sms.arrived_at.isoformat(timespec="microseconds"),
        "created_at": sms.created_at.isoformat(),
        "status_callback": sms.status_callback,
    }


def _mail(seq: int, mail: Mail) -> dict[str, Any]:
    return {
        "seq": seq,
        "message_id": mail.sid.partition(".")[0],
        "sg_message_id": mail.sid,
        "to": mail.to,
        "from": mail.sent.sender,
        "from_name": mail.sent.sender_name,
        "reply_to": mail.sent.reply_to,
        "attachments": list(mail.sent.attachments),
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "status": mail.status,
        "arrived_at": mail.arrived_at.isoformat(timespec="microseconds"),
        "created_at": mail.created_at.isoformat(),
        "custom_args": dict(mail.custom_args),
        "headers": dict(mail.headers),
    }
