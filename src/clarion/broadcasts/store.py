"""The SQL of the broadcasts room: rows in, values out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.broadcasts.broadcast import (
    AudienceMode,
    Broadcast,
    BroadcastId,
    BroadcastType,
    PausedBy,
    Saving,
    SendMode,
    Status,
    Step,
    StepId,
    StepStatus,
)
from clarion.broadcasts.sending_rules import LatePolicy, SendingRules
from clarion.db.queries import load_queries, rows
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.channel import Channel
from clarion.kernel.errors import NotFound

if TYPE_CHECKING:
    from uuid import UUID

    from clarion.db.connection import Connection, Row

queries = load_queries(__file__)


async def get_broadcast(
    connection: Connection,
    workspace_id: WorkspaceId,
    broadcast_id: UUID,
    *,
    lock: bool = False,
) -> Broadcast:
    """With its steps. Raises NotFound; with `lock` nobody else changes it meanwhile."""
    ask = queries.lock_broadcast if lock else queries.get_broadcast
    row = await ask(connection, workspace_id=workspace_id, id=broadcast_id)
    if row is None:
        raise NotFound("There is no such broadcast.")
    steps = await rows(queries.steps_of(connection, broadcast_ids=[broadcast_id]))
    return broadcast_of(row, tuple(step_of(step) for step in steps))


async def get_step(connection: Connection, step_id: UUID) -> Step:
    row = await queries.get_step(connection, id=step_id)
    if row is None:
        raise NotFound("There is no such step.")
    return step_of(row)


def broadcast_of(row: Row, steps: tuple[Step, ...]) -> Broadcast:
    return Broadcast(
        id=BroadcastId(row["id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        name=row["name"],
        broadcast_type=BroadcastType(row["broadcast_type"]),
        status=Status(row["status"]),
        filter=row["filter"],
        audience_mode=AudienceMode(row["audience_mode"]),
        audience_mode_chosen=row["audience_mode_chosen"],
        version=row["version"],
        saving=Saving(row["saving"]),
        saved_up_to=row["saved_up_to"],
        saved_recipients=row["saved_recipients"],
        expected_recipients=row["expected_recipients"],
        audience_at=row["audience_at"],
        discard_up_to=row["discard_up_to"],
        problem=row["problem"],
        paused_by=PausedBy(row["paused_by"]) if row["paused_by"] else None,
        rules=SendingRules(
            late_policy=LatePolicy(row["late_policy"]),
            max_per_minute=row["max_per_minute"],
            stop_at_failure_rate=row["stop_at_failure_rate"],
        ),
        created_by=row["created_by"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        launched_at=row["launched_at"],
        completed_at=row["completed_at"],
        steps=steps,
    )


def step_of(row: Row) -> Step:
    return Step(
        id=StepId(row["id"]),
        broadcast_id=BroadcastId(row["broadcast_id"]),
        position=row["position"],
        channel=Channel(row["channel"]),
        body=row["body"],
        send_mode=SendMode(row["send_mode"]),
        scheduled_for=row["scheduled_for"],
        scheduled_at=row["scheduled_at"],
        time_zone=row["time_zone"],
        status=StepStatus(row["status"]),
        launched_up_to=row["launched_up_to"],
        job_id=row["job_id"],
        launched_at=row["launched_at"],
        completed_at=row["completed_at"],
    )
