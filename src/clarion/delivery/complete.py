"""Completes steps and broadcasts of which nothing is left to hand over or to settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.db.queries import rows
from clarion.delivery.store import queries

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection
    from clarion.queue.service import QueueService


async def complete(
    connection: Connection, queue: QueueService, *, now: datetime, step_id: UUID | None = None
) -> int:
    """One step, or all of them; how many were completed."""
    steps = await rows(queries.complete_steps(connection, step_id=step_id, now=now))
    if steps:
        await queries.complete_broadcasts(
            connection,
            broadcast_ids=list({step["broadcast_id"] for step in steps}),
            now=now,
        )
        await queue.finish(
            connection, {step["job_id"]: None for step in steps if step["job_id"]}, now=now
        )
    return len(steps)
