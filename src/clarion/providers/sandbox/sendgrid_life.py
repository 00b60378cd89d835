"""What becomes of an accepted mail: its events, collected and posted as signed arrays."""

from __future__ import annotations

import json
import re
import time
from functools import partial
from html import unescape
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from clarion.kernel.clock import utc_now
from clarion.providers.sandbox.chance import draw, happens, pick, share_of
from clarion.providers.sandbox.ledger import Mail, SentMail
from clarion.providers.sandbox.poster import Callback
from clarion.providers.sandbox.settings import MAIL_FAILURES

if TYPE_CHECKING:
    from datetime import datetime

    from clarion.providers.sandbox.state import Sandbox

#: SendGrid posts about this much at a time.
_BATCH_MAX = 500

#: An open by a program that fetches the pictures of every mail; SendGrid's event is an open.
_MACHINE_OPEN = "machine_open"

_MORE: dict[str, dict[str, Any]] = {
    "delivered": {"response": "250 OK"},
    "bounce": {
        "event": "bounce",
        "type": "bounce",
        "status": "5.1.1",
        "reason": "550 5.1.1 The email account that you tried to reach does not exist",
        "bounce_classification": "Invalid Address",
    },
    "blocked": {
        "event": "bounce",
        "type": "blocked",
        "status": "5.7.1",
        "reason": "550 5.7.1 Message refused for now",
        "bounce_classification": "Content",
    },
    "dropped": {"reason": "Bounced Address"},
    "deferred": {"response": "451 try again later", "attempt": "1"},
    "open": {"sg_machine_open": False},
    _MACHINE_OPEN: {"event": "open", "sg_machine_open": True},
}
#: What people do with a mail is nothing that becomes of it.
_DEEDS = frozenset({"open", _MACHINE_OPEN, "click"})
_LINK = re.compile(r"""href\s*=\s*["'](https?://[^"']+)["']""", re.IGNORECASE)
_FAILURES = {word: (word,) if word == "dropped" else ("processed", word) for word in MAIL_FAILURES}


def accept(box: Sandbox, given: dict[str, Any], *, message_id: str, arrived_at: datetime) -> None:
    """Write down one mail per recipient of every personalization."""
    sent = _sent(given)
    now, delay = utc_now(), box.settings.callback_delay_ms
    count = 0
    for each in given["personalizations"]:
        for recipient in each["to"]:
            to = recipient["email"]
            plan = _life(box, to)
            if box.settings.reorder_callbacks:
                plan = plan[::-1]
            mail = Mail(
                # The part before the dot equals X-Message-Id, as at SendGrid.
                sid=f"{message_id}.recvd-sandbox-{count}",
                to=to,
                sent=sent,
                tagged_subject=each.get("subject") or given.get("subject") or "",
                status="accepted",
                created_at=now,
                custom_args={**(given.get("custom_args") or {}), **(each.get("custom_args") or {})},
                headers={**(given.get("headers") or {}), **(each.get("headers") or {})},
                substitutions=each.get("substitutions") or {},
                plan=plan,
                arrived_at=arrived_at,
            )
            count += 1
            box.mails.add(mail)
            box.work.push(partial(advance, box, mail), after_ms=delay)


def _sent(given: dict[str, Any]) -> SentMail:
    parts = {part["type"]: part["value"] for part in given.get("content") or []}
    return SentMail(
        sender=given["from"]["email"],
        sender_name=given["from"].get("name"),
        reply_to=(given.get("reply_to") or {}).get("email"),
        text=parts.get("text/plain"),
        html=parts.get("text/html"),
        attachments=tuple(each["filename"] for each in given.get("attachments") or []),
    )


def _life(box: Sandbox, to: str) -> tuple[str, ...]:
    """The events of a mail to this address."""
    settings = box.settings
    ends = {word: share for word, share in settings.error_codes.items() if word in _FAILURES}
    word = share_of(ends, settings.seed, to, box.mails.sent_to(to), "error_code")
    if word is not None:
        return _FAILURES[word]
    if happens(settings.failure_rate, settings.seed, to, "fate"):
        return pick(tuple(_FAILURES.values()), settings.seed, to, "mail")
    return ("processed", "delivered", *_engagement(box, to))


def _engagement(box: Sandbox, to: str) -> tuple[str, ...]:
    """What is done with a mail that arrived. Who clicks has opened it, and some mail programs open
    everything for their people."""
    settings = box.settings
    turn = box.mails.sent_to(to)
    if happens(settings.click_rate, settings.seed, to, turn, "click"):
        return ("open", "click")
    if happens(settings.open_rate, settings.seed, to, turn, "open"):
        machine = happens(settings.machine_open_rate, settings.seed, to, "machine")
        return (_MACHINE_OPEN,) if machine else ("open",)
    return ()


async def advance(box: Sandbox, mail: Mail) -> None:
    if not mail.plan or not box.mails.holds(mail):
        return
    status, mail.plan = mail.plan[0], mail.plan[1:]
    if status not in _DEEDS and (status != "processed" or mail.status == "accepted"):
        box.mails.move(mail, status)
    for event in [event_of(mail, status)] * box.copies(mail.to, status):
        await tell(box, event)
    if mail.plan:
        box.work.push(partial(advance, box, mail), after_ms=box.settings.callback_delay_ms)


def event_of(mail: Mail, status: str) -> dict[str, Any]:
    """An event as SendGrid writes it: custom arguments lie beside its own fields."""
    return {
        **mail.custom_args,
        "email": mail.to,
        "timestamp": int(time.time()),
        "smtp-id": f"<{mail.sid.partition('.')[0]}@sandbox>",
        "event": status,
        "sg_event_id": uuid4().hex,
        "sg_message_id": mail.sid,
        **(_click(mail) if status == "click" else _MORE.get(status, {})),
    }


def _click(mail: Mail) -> dict[str, Any]:
    """On one of the mail's links, but not on the one that unsubscribes."""
    shown = [unescape(link) for link in _LINK.findall(mail.html or "")]
    unsubscribes = mail.headers.get("List-Unsubscribe", "")
    links = [link for link in shown if f"<{link}>" not in unsubscribes] or ["https://example.com/"]
    at = int(draw(mail.to, mail.sid, "link") * len(links))
    return {"url": links[at], "url_offset": {"index": at, "type": "html"}}


async def tell(box: Sandbox, event: dict[str, Any]) -> None:
    """Put the event into the next batch; a full batch goes at once."""
    if not box.settings.sendgrid_event_url:
        return
    box.outbox.append(event)
    if len(box.outbox) >= _BATCH_MAX:
        await flush(box)
    elif len(box.outbox) == 1:
        box.work.push(partial(flush, box), after_ms=box.settings.sendgrid_batch_ms)


async def flush(box: Sandbox) -> None:
    events, box.outbox = box.outbox, []
    url = box.settings.sendgrid_event_url
    if not events or not url:
        return
    body = json.dumps(events).encode()
    timestamp = str(int(time.time()))
    await box.poster.post(
        Callback(
            url=url,
            body=body,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "SendGrid Event API",
                "X-Twilio-Email-Event-Webhook-Signature": box.signer.sign(
                    timestamp=timestamp, body=body
                ),
                "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
            },
        )
    )
