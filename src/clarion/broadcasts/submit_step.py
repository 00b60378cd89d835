"""Hands a step to the queue service, which says when its time has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.broadcasts.store import queries
from clarion.queue.job import JobKind, NewJob

if TYPE_CHECKING:
    from datetime import datetime

    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.step import Step
    from clarion.db.connection import Connection
    from clarion.kernel.workspace import Workspace
    from clarion.queue.service import QueueService


async def submit_step(
    connection: Connection,
    queue: QueueService,
    workspace: Workspace,
    broadcast: Broadcast,
    step: Step,
    begins_at: datetime | None,
    *,
    by: str,
    now: datetime,
) -> None:
    """For the moment `begins_at`; None: at once."""
    job, *_ = await queue.submit(
        connection,
        workspace.id,
        [
            NewJob(
                kind=JobKind.BROADCAST_STEP,
                payload={"broadcast_id": str(broadcast.id), "step_id": str(step.id)},
                # Of the recipients' zones the first may have had its hour today already.
                scheduled_at=None if begins_at is None else max(begins_at, now),
                # Another one each time that the step is moved.
                idempotency_key=f"broadcast-step:{step.id}"
                + ("" if step.job_id is None else f":{broadcast.version}"),
            )
        ],
        by=by,
        now=now,
    )
    await queries.set_step_launch(
        connection, id=step.id, scheduled_at=begins_at or now, job_id=job.id
    )
