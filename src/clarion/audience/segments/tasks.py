"""What saved audiences ask of the queue: to be measured, and to have their people saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from clarion.db.connection import Connection
    from clarion.kernel.actor import WorkspaceId
    from clarion.queue.engine import Engine

MEASURE_SEGMENT = "audience.measure_segment"
FREEZE_SEGMENT = "audience.freeze_segment"


async def ask_to_measure(
    engine: Engine,
    connection: Connection,
    workspace_id: WorkspaceId,
    segment_id: UUID,
    *,
    mark: str,
) -> None:
    """`mark`: for what; one waiting task is enough for each."""
    await engine.defer(
        connection,
        MEASURE_SEGMENT,
        once=f"{MEASURE_SEGMENT}:{segment_id}:{mark}",
        alone=f"segment:{segment_id}",
        workspace_id=str(workspace_id),
        segment_id=str(segment_id),
    )


async def ask_to_save(
    engine: Engine, connection: Connection, workspace_id: WorkspaceId, segment_id: UUID
) -> None:
    await engine.defer(
        connection,
        FREEZE_SEGMENT,
        once=f"{FREEZE_SEGMENT}:{segment_id}",
        alone=f"segment:{segment_id}",
        workspace_id=str(workspace_id),
        segment_id=str(segment_id),
    )


async def ask_after_edit(
    engine: Engine,
    connection: Connection,
    workspace_id: WorkspaceId,
    segments: Sequence[UUID],
    version: int,
) -> None:
    """The edited segment comes first, with its new version, then those that are made of it."""
    # A mark of its own for each version: a task that has begun before this edit is committed must
    # not stand for the one that comes after it.
    mark = f"version {version} of {segments[0]}"
    for each in segments:
        await ask_to_measure(engine, connection, workspace_id, each, mark=mark)
