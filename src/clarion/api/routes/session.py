"""Signing in by a one-time link, and who is signed in."""

from __future__ import annotations

from fastapi import APIRouter, Response

from clarion.api import identity
from clarion.api.bodies.session import Me, Person, SignIn, SmsSetup
from clarion.api.bodies.session import Workspace as WorkspaceBody
from clarion.api.caller import Caller, Now, TheClarion, TheWorkspace
from clarion.broadcasts.broadcast import BroadcastType
from clarion.compliance.sending_hours import write_hour

router = APIRouter(tags=["session"])


@router.post("/session", status_code=204)
async def sign_in(body: SignIn, clarion: TheClarion, now: Now) -> Response:
    """Exchanges the token of a one-time link for a session cookie."""
    async with clarion.database.as_worker() as connection:
        actor = await identity.use_link_token(connection, body.token, now=now)
    response = Response(status_code=204)
    response.set_cookie(
        identity.COOKIE,
        identity.sign(actor, secret=clarion.secret, now=now, lasts=identity.SESSION_LASTS),
        max_age=int(identity.SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=clarion.settings.is_https,
        path="/",
    )
    return response


@router.delete("/session", status_code=204)
async def sign_out() -> Response:
    response = Response(status_code=204)
    response.delete_cookie(identity.COOKIE, path="/", samesite="strict", httponly=True)
    return response


@router.get("/me")
async def me(actor: Caller, workspace: TheWorkspace, clarion: TheClarion) -> Me:
    return Me(
        person=Person(id=actor.id, name=actor.name, role=actor.role.value),
        workspace=WorkspaceBody(
            id=str(workspace.id),
            name=workspace.name,
            time_zone=workspace.time_zone,
            currency=workspace.currency,
            sending_from=write_hour(workspace.sending_from),
            sending_until=write_hour(workspace.sending_until),
        ),
        sms=SmsSetup(
            provider="twilio" if clarion.settings.uses_twilio else "sandbox",
            leaves_machine=clarion.settings.uses_twilio,
            sender=clarion.sms_sender,
            rate_per_second=float(clarion.sms_rate),
            price_per_segment=workspace.sms_price_per_segment,
        ),
        broadcast_types=[each.value for each in BroadcastType],
        queue_service="external" if clarion.settings.queue_service_url else "built_in",
    )
