"""When the audience of a broadcast is saved: by default, at send, and anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.audience.segments.segment import ids_in
from clarion.broadcasts.broadcast import AudienceMode, Broadcast, check_renew
from clarion.broadcasts.store import get_broadcast, queries
from clarion.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from clarion.audience.service import Audience
    from clarion.db.connection import Connection
    from clarion.kernel.actor import WorkspaceId
    from clarion.kernel.workspace import Workspace
    from clarion.queue.engine import Engine

SAVE_RECIPIENTS = "broadcasts.save_recipients"


async def ask_to_save(
    engine: Engine, connection: Connection, workspace_id: WorkspaceId, broadcast_id: UUID
) -> None:
    await engine.defer(
        connection,
        SAVE_RECIPIENTS,
        broadcast_id=str(broadcast_id),
        workspace_id=str(workspace_id),
    )


async def default_mode(
    connection: Connection, workspace_id: WorkspaceId, document: Mapping[str, object]
) -> AudienceMode:
    """What fits this filter while nobody has chosen: who sends to a segment that is always current
    means those who are in it when the broadcast leaves."""
    ids = list(ids_in(document))
    if ids and await queries.names_current_segment(connection, workspace_id=workspace_id, ids=ids):
        return AudienceMode.RESOLVED_AT_SEND
    return AudienceMode.SAVED_WHEN_SCHEDULED


async def expected_now(
    connection: Connection, audience: Audience, workspace: Workspace, broadcast: Broadcast
) -> int | None:
    """How many would be saved at this moment; None unless the broadcast awaits its audience, or
    when its filter cannot be read any more."""
    if not broadcast.awaits_its_audience:
        return None
    try:
        compiled = await audience.read(
            connection, workspace, broadcast.filter, broadcast_id=broadcast.id
        )
    except Invalid:
        return None
    return await audience.store.count(connection, workspace.id, compiled)


async def renew_audience(
    connection: Connection,
    audience: Audience,
    engine: Engine,
    workspace: Workspace,
    broadcast_id: UUID,
    *,
    now: datetime,
) -> Broadcast:
    """Throw the saved recipients away and save those who match now.

    Raises Conflict, in words, once a step has begun; Invalid when the filter cannot be read.
    """
    # Held: a step that begins needs this row too, and launches nothing before all are saved.
    broadcast = await get_broadcast(connection, workspace.id, broadcast_id, lock=True)
    check_renew(broadcast)
    compiled = await audience.read(
        connection, workspace, broadcast.filter, broadcast_id=broadcast.id
    )
    await queries.renew_audience(
        connection,
        workspace_id=workspace.id,
        id=broadcast_id,
        expected_recipients=await audience.store.count(connection, workspace.id, compiled),
        now=now,
    )
    await ask_to_save(engine, connection, workspace.id, broadcast_id)
    return await get_broadcast(connection, workspace.id, broadcast_id)
