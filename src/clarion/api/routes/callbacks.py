"""Where providers report: verified, stored, answered; applied by the worker."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from clarion.api import problems
from clarion.api.caller import clarion_of
from clarion.kernel.channel import Channel
from clarion.kernel.clock import utc_now
from clarion.kernel.errors import NotFound
from clarion.providers.events import CallbackRequest
from clarion.tracking.inbox import Inbox
from clarion.wiring.providers import provider_of_callback

router = APIRouter(prefix="/callbacks", tags=["callbacks"])

#: "No answer by text", in TwiML: Twilio itself confirms a STOP.
_NO_REPLY = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


@router.post("/twilio/status")
async def twilio_status(request: Request) -> Response:
    """Status callbacks of Twilio, signed."""
    await _take(request, Channel.SMS)
    return Response(status_code=200)


@router.post("/twilio/inbound")
async def twilio_inbound(request: Request) -> Response:
    """What people text back, STOP among it."""
    await _take(request, Channel.SMS)
    return Response(_NO_REPLY, media_type="text/xml")


@router.post("/sendgrid/events")
async def sendgrid_events(request: Request) -> Response:
    """The signed event webhook of SendGrid."""
    await _take(request, Channel.EMAIL)
    return Response(status_code=200)


async def _take(request: Request, channel: Channel) -> None:
    clarion = clarion_of(request)
    inbox: Inbox = request.app.state.inbox
    query = request.scope["query_string"].decode("latin-1")
    mark = request.query_params.get("p") if "p=" in query else None
    provider = provider_of_callback(clarion.providers, clarion.settings, channel, mark)
    if provider is None:
        raise NotFound("The settings name no such provider.")
    events = provider.read_callback(
        CallbackRequest(
            # The address that was signed is the public one; the Host header may say anything,
            # also something that makes no address at all.
            url=f"{clarion.settings.base_url}{request.scope['path']}{'?' * bool(query)}{query}",
            headers=dict(request.headers),
            body=await request.body(),
            received_at=utc_now(),
        )
    )
    await inbox.put(events)


class CallbacksFirst:
    """Providers ask more often than everybody else together: their requests are not led past all
    the routes of the API, which takes longer than to verify and store an event."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handle = None
        if scope["type"] == "http" and scope["method"] == "POST":
            handle = _HANDLERS.get(scope["path"])
        if handle is None:
            await self.app(scope, receive, send)
            return
        try:
            answer = await handle(Request(scope, receive))
        except problems.KNOWN as error:
            answer = problems.answer_to(error)
        await answer(scope, receive, send)


_HANDLERS = {
    f"/api/v1{router.prefix}/twilio/status": twilio_status,
    f"/api/v1{router.prefix}/twilio/inbound": twilio_inbound,
    f"/api/v1{router.prefix}/sendgrid/events": sendgrid_events,
}
