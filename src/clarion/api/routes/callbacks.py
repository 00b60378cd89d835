"""Where providers report: verified, stored, answered; applied by the worker."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from clarion.api.caller import clarion_of
from clarion.kernel.channel import Channel
from clarion.kernel.clock import utc_now
from clarion.kernel.errors import NotFound
from clarion.providers.events import CallbackRequest
from clarion.tracking.inbox import Inbox
from clarion.wiring.providers import provider_of_callback


class _Direct(APIRoute):
    """Hands the request over as it came. A callback has no parameters that FastAPI would read, and
    what it does to look for them costs more than to verify and store the event."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return handler


router = APIRouter(prefix="/callbacks", tags=["callbacks"], route_class=_Direct)

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
    provider = provider_of_callback(
        clarion.providers, clarion.settings, channel, request.query_params.get("p")
    )
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
