"""Pause, resume and cancel: each in the caller's transaction, in which the broadcast is held."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from clarion.broadcasts.broadcast import (
    Broadcast,
    PausedBy,
    Status,
    check_move,
    status_after_resume,
)
from clarion.broadcasts.store import get_broadcast, queries
from clarion.kernel.errors import Conflict

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection
    from clarion.kernel.workspace import Workspace
    from clarion.queue.service import QueueService

log = logging.getLogger(__name__)

CANCEL_PENDING = "delivery.cancel_pending"
RESUME = "delivery.resume"

#: What it stopped for by itself; whoever resumes it has seen that, and it is not held against it
#: once more.
_FORGIVEN = (PausedBy.FAILURE_RATE, PausedBy.CONFIGURATION)


async def pause(
    connection: Connection, workspace: Workspace, broadcast_id: UUID, *, now: datetime
) -> Broadcast:
    return await _move(connection, workspace, broadcast_id, Status.PAUSED, "paused", now=now)


async def resume(
    connection: Connection,
    queue: QueueService,
    workspace: Workspace,
    broadcast_id: UUID,
    *,
    now: datetime,
) -> Broadcast:
    broadcast = await get_broadcast(connection, workspace.id, broadcast_id, lock=True)
    if broadcast.status is not Status.PAUSED:
        raise Conflict("The broadcast is not paused.")
    if broadcast.paused_by in _FORGIVEN:
        await queries.forgive(connection, id=broadcast_id)
    after = status_after_resume(broadcast.steps)
    moved = await _move(connection, workspace, broadcast_id, after, "resumed", now=now)
    await queue.engine.defer(
        connection, RESUME, broadcast_id=str(broadcast_id), once=f"{RESUME}:{broadcast_id}"
    )
    return moved


async def cancel(
    connection: Connection,
    queue: QueueService,
    workspace: Workspace,
    broadcast_id: UUID,
    *,
    now: datetime,
) -> Broadcast:
    """What has not left is cancelled, the rest goes on being followed."""
    # Job, broadcast, step: the order in which they are taken when the time of a step has come.
    steps = (await get_broadcast(connection, workspace.id, broadcast_id)).steps
    await queue.hold(connection, [step.job_id for step in steps if step.job_id is not None])
    moved = await _move(connection, workspace, broadcast_id, Status.CANCELLED, "cancelled", now=now)
    await queries.cancel_steps(connection, broadcast_id=broadcast_id, now=now)
    for step in moved.steps:
        if step.job_id is not None:
            await _cancel_job(connection, queue, workspace, step.job_id, now=now)
    await queue.engine.defer(
        connection,
        CANCEL_PENDING,
        broadcast_id=str(broadcast_id),
        once=f"{CANCEL_PENDING}:{broadcast_id}",
    )
    return await get_broadcast(connection, workspace.id, broadcast_id)


async def _cancel_job(
    connection: Connection,
    queue: QueueService,
    workspace: Workspace,
    job_id: UUID,
    *,
    now: datetime,
) -> None:
    try:
        await queue.cancel(connection, workspace.id, job_id, now=now)
    except Conflict:
        # It has begun: then the messages are what there is to cancel.
        await queue.finish(connection, {job_id: "The broadcast was cancelled."}, now=now)


async def _move(
    connection: Connection,
    workspace: Workspace,
    broadcast_id: UUID,
    to: Status,
    doing: str,
    *,
    now: datetime,
) -> Broadcast:
    broadcast = await get_broadcast(connection, workspace.id, broadcast_id, lock=True)
    check_move(broadcast.status, to, doing)
    await queries.set_status(
        connection,
        id=broadcast_id,
        status=to,
        launched_at=None,
        completed_at=now if to is Status.CANCELLED else None,
        problem=None,
        paused_by=PausedBy.PERSON if to is Status.PAUSED else None,
        now=now,
    )
    log.info(
        "broadcasts.%s", doing, extra={"broadcast_id": broadcast_id, "workspace_id": workspace.id}
    )
    return await get_broadcast(connection, workspace.id, broadcast_id)
