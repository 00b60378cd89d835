"""Out of the list, and back. What is launched, or tried again, leaves the archive by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.broadcasts.broadcast import Status
from clarion.broadcasts.managing.store import queries
from clarion.broadcasts.store import get_broadcast
from clarion.kernel.errors import Conflict

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection
    from clarion.kernel.actor import WorkspaceId

_UNDER_WAY = {
    Status.SCHEDULED: "is scheduled",
    Status.SENDING: "is being sent",
    Status.PAUSED: "is paused",
}


def check_archive(status: Status) -> None:
    """Raises Conflict, in words, for what is neither a draft nor has ended."""
    if status in _UNDER_WAY:
        raise Conflict(
            f"The broadcast {_UNDER_WAY[status]}; it can be archived when it has ended. "
            "Cancel it first if nothing more shall leave."
        )


async def archive(
    connection: Connection,
    workspace_id: WorkspaceId,
    broadcast_id: UUID,
    *,
    archived: bool,
    now: datetime,
) -> None:
    """Into the archive or out of it; twice is the same as once."""
    broadcast = await get_broadcast(connection, workspace_id, broadcast_id, lock=True)
    if archived:
        check_archive(broadcast.status)
    await queries.archive_broadcast(connection, id=broadcast_id, archived=archived, now=now)
