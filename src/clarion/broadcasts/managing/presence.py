"""Who has a broadcast open at the moment, so that two who edit one know of each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from clarion.broadcasts.managing.store import queries
from clarion.broadcasts.store import get_broadcast
from clarion.db.queries import rows

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection
    from clarion.kernel.actor import Actor

#: The app says every 15 seconds that it is open: one that is late once is still there.
SEEN_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    actor_id: str
    actor_name: str
    seen_at: datetime


async def be_present(
    connection: Connection, actor: Actor, broadcast_id: UUID, *, now: datetime
) -> list[Editor]:
    """Notes that this person has the broadcast open, and gives the others who have."""
    await get_broadcast(connection, actor.workspace_id, broadcast_id)
    since = now - SEEN_WITHIN
    await queries.note_editor(
        connection,
        workspace_id=actor.workspace_id,
        broadcast_id=broadcast_id,
        actor_id=actor.id,
        actor_name=actor.name,
        now=now,
    )
    await queries.forget_editors(connection, broadcast_id=broadcast_id, before=since)
    found = await rows(
        queries.editors_of(connection, broadcast_id=broadcast_id, but_id=actor.id, since=since)
    )
    return [Editor(**row) for row in found]
