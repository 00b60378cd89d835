"""Broadcasts: draft, outlook, launch, pause, resume, cancel."""

from __future__ import annotations

from fastapi import APIRouter, Response

from clarion.api.bodies import broadcasts as bodies
from clarion.api.broadcast_shapes import broadcast_body, outlook_body
from clarion.api.caller import (
    Caller,
    Now,
    TheClarion,
    TheWorkspace,
    Transaction,
    uuid_of,
)
from clarion.broadcasts import service
from clarion.broadcasts.broadcast import AudienceMode, BroadcastType
from clarion.broadcasts.foresee import foresee
from clarion.broadcasts.store import get_broadcast as load_broadcast

router = APIRouter(prefix="/broadcasts", tags=["broadcasts"])


@router.post("", status_code=201)
async def create_broadcast(
    body: bodies.NewBroadcast,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Broadcast:
    """A draft with one step."""
    made = await clarion.broadcasts.create(
        connection,
        actor,
        workspace,
        name=body.name,
        broadcast_type=BroadcastType(body.broadcast_type),
        now=now,
    )
    return broadcast_body(made, now=now)


@router.get("/{broadcast_id}")
async def get_broadcast(
    broadcast_id: str, connection: Transaction, workspace: TheWorkspace, now: Now
) -> bodies.Broadcast:
    return broadcast_body(
        await load_broadcast(connection, workspace.id, uuid_of(broadcast_id, "broadcast")), now=now
    )


@router.patch("/{broadcast_id}")
async def change_broadcast(
    broadcast_id: str,
    body: bodies.BroadcastChange,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Broadcast:
    """Changes a draft, or how a launched broadcast is sent; 409 when it was changed since `version`
    or when it has come too far for the change."""
    changed = await clarion.broadcasts.change(
        connection,
        workspace,
        uuid_of(broadcast_id, "broadcast"),
        service.BroadcastChange(
            version=body.version,
            name=body.name,
            broadcast_type=BroadcastType(body.broadcast_type) if body.broadcast_type else None,
            filter=body.filter.model_dump() if body.filter else None,
            audience_mode=AudienceMode(body.audience_mode) if body.audience_mode else None,
            rules=body.model_dump(
                include={"late_policy", "max_per_minute", "stop_at_failure_rate"},
                exclude_unset=True,
            ),
            sequence=body.model_dump(
                include={"track_opens", "track_clicks", "leave_on_reply", "goal"},
                exclude_unset=True,
            ),
        ),
        now=now,
    )
    return broadcast_body(changed, now=now)


@router.delete("/{broadcast_id}", status_code=204)
async def delete_broadcast(
    broadcast_id: str, clarion: TheClarion, connection: Transaction, workspace: TheWorkspace
) -> Response:
    """Only a draft can be deleted."""
    await clarion.broadcasts.delete(connection, workspace, uuid_of(broadcast_id, "broadcast"))
    return Response(status_code=204)


@router.get("/{broadcast_id}/outlook")
async def get_outlook(
    broadcast_id: str,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Outlook:
    """What would happen if the draft were launched now."""
    broadcast = await load_broadcast(connection, workspace.id, uuid_of(broadcast_id, "broadcast"))
    return outlook_body(
        await foresee(
            connection,
            clarion.audience,
            workspace,
            broadcast,
            rate_per_second=clarion.sms_rate,
            now=now,
        )
    )


@router.post("/{broadcast_id}/launch")
async def launch_broadcast(
    broadcast_id: str,
    body: bodies.Launch,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Broadcast:
    """Hands the broadcast to the queue service, now or for its time; the tab may be closed."""
    broadcast = await load_broadcast(
        connection, workspace.id, uuid_of(broadcast_id, "broadcast"), lock=True
    )
    outlook = await foresee(
        connection,
        clarion.audience,
        workspace,
        broadcast,
        rate_per_second=clarion.sms_rate,
        now=now,
    )
    launched = await clarion.broadcasts.launch(
        connection,
        actor,
        workspace,
        broadcast.id,
        version=body.version,
        expected_recipients=body.expected_recipients,
        outlook=outlook,
        now=now,
    )
    return broadcast_body(launched, now=now)


@router.post("/{broadcast_id}/pause")
async def pause_broadcast(
    broadcast_id: str,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Broadcast:
    """Nothing more leaves until it is resumed; what is with the provider goes on."""
    broadcast = uuid_of(broadcast_id, "broadcast")
    paused = await clarion.broadcasts.pause(connection, workspace, broadcast, now=now)
    return broadcast_body(paused, now=now)


@router.post("/{broadcast_id}/resume")
async def resume_broadcast(
    broadcast_id: str,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Broadcast:
    broadcast = uuid_of(broadcast_id, "broadcast")
    resumed = await clarion.broadcasts.resume(connection, workspace, broadcast, now=now)
    return broadcast_body(resumed, now=now)


@router.post("/{broadcast_id}/cancel")
async def cancel_broadcast(
    broadcast_id: str,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Broadcast:
    """What has not left is cancelled for good."""
    broadcast = uuid_of(broadcast_id, "broadcast")
    cancelled = await clarion.broadcasts.cancel(connection, workspace, broadcast, now=now)
    return broadcast_body(cancelled, now=now)
