"""Completes steps and broadcasts of which nothing is left to hand over or to settle."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from clarion.db.queries import rows
from clarion.delivery.store import queries

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection
    from clarion.queue.service import QueueService

log = logging.getLogger(__name__)


async def complete(
    connection: Connection,
    queue: QueueService,
    *,
    now: datetime,
    step_ids: Collection[UUID] | None = None,
) -> int:
    """These steps, or all of them; how many were completed. Never waits for a broadcast that
    somebody is changing: such a one is completed by the next round."""
    held = await rows(
        queries.hold_completable(
            connection, step_ids=list(step_ids) if step_ids is not None else None
        )
    )
    if not held:
        return 0
    broadcast_ids = [row["id"] for row in held]
    steps = await rows(queries.complete_steps(connection, broadcast_ids=broadcast_ids, now=now))
    for step in steps:
        log.info(
            "delivery.step_completed",
            extra={"step_id": step["id"], "broadcast_id": step["broadcast_id"]},
        )
    if steps:
        await queries.complete_broadcasts(connection, broadcast_ids=broadcast_ids, now=now)
        await queue.finish(
            connection, {step["job_id"]: None for step in steps if step["job_id"]}, now=now
        )
    return len(steps)
