"""A draft that takes the steps of a kept sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.broadcasts.sequence_templates.sequence_template import change_of
from clarion.broadcasts.service import BroadcastChange

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.sequence_templates.sequence_template import Kept
    from clarion.broadcasts.service import Broadcasts
    from clarion.db.connection import Connection
    from clarion.kernel.actor import Actor
    from clarion.kernel.workspace import Workspace


async def take_steps(
    broadcasts: Broadcasts,
    connection: Connection,
    actor: Actor,
    workspace: Workspace,
    broadcast_id: UUID,
    kept: Kept,
    *,
    version: int,
    now: datetime,
) -> Broadcast:
    """All steps of the draft are replaced, with their files, and its type is that of the sequence;
    its audience, its goal and the time of its first step stay. Raises Conflict for what was
    launched, or was changed since `version` was read."""
    draft = await broadcasts.change(
        connection,
        workspace,
        broadcast_id,
        BroadcastChange(
            version=version, broadcast_type=kept.broadcast_type, sequence=dict(kept.rules)
        ),
        now=now,
    )
    steps = [change_of(step, is_first=index == 0) for index, step in enumerate(kept.steps)]
    return await broadcasts.steps.put_all(
        connection, actor, workspace, broadcast_id, steps, version=draft.version, now=now
    )
