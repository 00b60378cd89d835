"""The saved audience of a broadcast that waits: how it compares, and saving it anew."""

from __future__ import annotations

from fastapi import APIRouter

from clarion.api.bodies import broadcasts as broadcast_bodies
from clarion.api.bodies import drift as bodies
from clarion.api.broadcast_shapes import broadcast_body
from clarion.api.caller import Now, TheClarion, TheWorkspace, Transaction, uuid_of
from clarion.broadcasts.audience_mode import renew_audience as renew
from clarion.broadcasts.drift import DriftKind, drift_page, read_drift
from clarion.broadcasts.store import get_broadcast

router = APIRouter(prefix="/broadcasts/{broadcast_id}", tags=["broadcasts"])


@router.get("/drift")
async def get_drift(
    broadcast_id: str,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Drift:
    """Who has joined, left or changed the number since the audience was saved; 409 when nobody is
    saved, or nothing more will be sent to them."""
    broadcast = await get_broadcast(connection, workspace.id, uuid_of(broadcast_id, "broadcast"))
    drift = await read_drift(connection, clarion.audience, workspace, broadcast, now=now)
    return bodies.Drift.model_validate(drift)


@router.post("/drift/contacts")
async def list_drift(
    broadcast_id: str,
    body: bodies.ListDrift,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.DriftPage:
    """A page of the people behind one of the numbers."""
    broadcast = await get_broadcast(connection, workspace.id, uuid_of(broadcast_id, "broadcast"))
    page = await drift_page(
        connection,
        clarion.audience,
        workspace,
        broadcast,
        DriftKind(body.kind),
        after=body.after,
        limit=body.limit,
        now=now,
    )
    return bodies.DriftPage.model_validate(page)


@router.post("/audience/renew")
async def renew_audience(
    broadcast_id: str,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> broadcast_bodies.Broadcast:
    """Throws the saved recipients away and saves those who match now; 409 once a step has begun."""
    renewed = await renew(
        connection,
        clarion.audience,
        clarion.engine,
        workspace,
        uuid_of(broadcast_id, "broadcast"),
        now=now,
    )
    return broadcast_body(renewed, now=now)
