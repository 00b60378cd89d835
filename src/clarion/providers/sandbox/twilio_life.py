"""What becomes of an accepted SMS: its statuses, its callbacks, and replies of the person."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from clarion.kernel.clock import utc_now
from clarion.providers.sandbox.chance import happens, pick, share_of
from clarion.providers.sandbox.ledger import Sms
from clarion.providers.sandbox.segments import count_segments
from clarion.providers.sandbox.settings import SANDBOX_SERVICE_NUMBER
from clarion.providers.sandbox.twilio_rules import UNSUBSCRIBED, Refusal, scheduled, send_at
from clarion.providers.sandbox.twilio_view import inbound_callback, status_callback

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from clarion.providers.sandbox.state import Sandbox

#: Failures for good. Those that pass are sent again hours later; `error_codes` plays them.
FAILURE_CODES = (30006, 30007)

_STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
_START = {"START", "UNSTOP", "YES"}
_FINAL = {"delivered", "undelivered"}


def new_sid() -> str:
    return "SM" + uuid4().hex


def refused_by_stop(box: Sandbox, form: Mapping[str, str]) -> Refusal | None:
    sender = form.get("From") or SANDBOX_SERVICE_NUMBER
    return UNSUBSCRIBED if (form["To"], sender) in box.stopped else None


def accept(box: Sandbox, form: Mapping[str, str], now: datetime, *, arrived_at: datetime) -> Sms:
    """Write the message down and set its further life going."""
    service = form.get("MessagingServiceSid")
    at = send_at(form, now) if scheduled(form) else None
    status = "scheduled" if at else "accepted" if service else "queued"
    to, body = form["To"], form.get("Body", "")
    code = _fate_code(box, to)
    ending = ["sent", "delivered" if code is None else "undelivered"]
    if box.settings.reorder_callbacks:
        ending.reverse()
    sms = Sms(
        sid=new_sid(),
        to=to,
        sender=form.get("From"),
        service_sid=service,
        body=body,
        segments=count_segments(body),
        status=status,
        created_at=now,
        updated_at=now,
        status_callback=form.get("StatusCallback") or None,
        # A callback for the initial status does not exist at Twilio.
        plan=("queued", *ending) if service else tuple(ending),
        arrived_at=arrived_at,
        fate_code=code,
    )
    box.messages.add(sms)
    wait = (at - now).total_seconds() * 1000 if at else box.settings.callback_delay_ms
    box.work.push(partial(advance, box, sms), after_ms=wait)
    return sms


def _fate_code(box: Sandbox, to: str) -> int | None:
    """With which error a message to this address ends; None: it is delivered."""
    settings = box.settings
    codes = {code: share for code, share in settings.error_codes.items() if code.isdecimal()}
    turn = box.messages.sent_to(to)
    code = share_of(codes, settings.seed, to, turn, "error_code")
    if code is not None:
        return int(code)
    if happens(settings.failure_rate, settings.seed, to, "fate"):
        return pick(FAILURE_CODES, settings.seed, to, "code")
    return None


async def advance(box: Sandbox, sms: Sms) -> None:
    """One step of the plan: the status, its callback, and the next step in its time."""
    if not sms.plan or not box.messages.holds(sms):
        return
    status, sms.plan = sms.plan[0], sms.plan[1:]
    sms.sender = sms.sender or SANDBOX_SERVICE_NUMBER
    _move(box, sms, status)
    url = sms.status_callback
    if url:
        callback = status_callback(sms, status, url=url, settings=box.settings)
        for _ in range(box.copies(sms.to, status)):
            await box.poster.post(callback)
    if sms.plan:
        box.work.push(partial(advance, box, sms), after_ms=box.settings.callback_delay_ms)


async def cancel(box: Sandbox, sms: Sms) -> None:
    """Twilio cancels what is scheduled, and says so in a callback."""
    sms.plan = ("canceled",)
    await advance(box, sms)


def _move(box: Sandbox, sms: Sms, status: str) -> None:
    if sms.ended_at is not None:
        return  # callbacks in the wrong order do not change what became of it
    now = utc_now()
    sms.updated_at = now
    if status == "sent" or status in _FINAL:
        sms.sent_at = sms.sent_at or now
    if status in _FINAL:
        sms.ended_at = now
    box.messages.move(sms, status)


def receive(box: Sandbox, *, sender: str, to: str, body: str) -> str:
    """A person writes to us: STOP and START have their effect, and the webhook goes out.

    Gives the SID of the message that came in.
    """
    word = body.strip().upper()
    if word in _STOP:
        box.stopped.add((sender, to))
    elif word in _START:
        box.stopped.discard((sender, to))
    sid = new_sid()
    if box.settings.inbound_url:
        callback = inbound_callback(
            sid=sid,
            sender=sender,
            to=to,
            body=body,
            segments=count_segments(body),
            url=box.settings.inbound_url,
            settings=box.settings,
        )
        box.work.push(partial(box.poster.post, callback), after_ms=0)
    return sid
