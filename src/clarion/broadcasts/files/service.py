"""The files of a step: added, listed, removed, each in the caller's transaction.

They may change until the step begins: from then on every worker keeps them in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.broadcasts.broadcast import Status
from clarion.broadcasts.files.file import NewFile, StepFile, check_room
from clarion.broadcasts.files.store import file_of, queries
from clarion.broadcasts.step import NOT_BEGUN, SendMode, StepStatus
from clarion.broadcasts.store import get_broadcast
from clarion.db.queries import rows
from clarion.kernel.errors import Conflict, NotFound

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from clarion.broadcasts.step import Step
    from clarion.db.connection import Connection
    from clarion.kernel.actor import WorkspaceId

_CHANGEABLE = (Status.DRAFT, Status.SCHEDULED, Status.SENDING, Status.PAUSED)


async def list_files(
    connection: Connection, workspace_id: WorkspaceId, broadcast_id: UUID, step_id: UUID
) -> list[StepFile]:
    """Raises NotFound for a step that is not of this broadcast."""
    await _step(connection, workspace_id, broadcast_id, step_id)
    return await _files(connection, workspace_id, step_id)


async def check_changeable(
    connection: Connection,
    workspace_id: WorkspaceId,
    broadcast_id: UUID,
    step_id: UUID,
    *,
    lock: bool = False,
) -> None:
    """Raises NotFound, and Conflict for a step that has begun."""
    await _step(connection, workspace_id, broadcast_id, step_id, changes=True, lock=lock)


async def add_file(
    connection: Connection,
    workspace_id: WorkspaceId,
    broadcast_id: UUID,
    step_id: UUID,
    file: NewFile,
    *,
    now: datetime,
) -> StepFile:
    """The same file twice is there once. Raises NotFound, Conflict for a step that has begun, and
    Invalid when it is one too many."""
    await check_changeable(connection, workspace_id, broadcast_id, step_id, lock=True)
    known = await queries.same_file(
        connection, step_id=step_id, name=file.name, bytes=len(file.content), content=file.content
    )
    if known is not None:
        return file_of(known)
    there = await _files(connection, workspace_id, step_id)
    check_room(file.name, len(file.content), there=[each.bytes for each in there])
    row = await queries.add_file(
        connection,
        workspace_id=workspace_id,
        step_id=step_id,
        name=file.name,
        content_type=file.content_type,
        bytes=len(file.content),
        content=file.content,
        now=now,
    )
    return file_of(row)


async def remove_file(
    connection: Connection,
    workspace_id: WorkspaceId,
    broadcast_id: UUID,
    step_id: UUID,
    file_id: UUID,
) -> None:
    """Raises NotFound, and Conflict for a step that has begun."""
    await check_changeable(connection, workspace_id, broadcast_id, step_id, lock=True)
    if not await queries.remove_file(connection, step_id=step_id, id=file_id):
        raise NotFound("There is no such file.")


async def _step(
    connection: Connection,
    workspace_id: WorkspaceId,
    broadcast_id: UUID,
    step_id: UUID,
    *,
    changes: bool = False,
    lock: bool = False,
) -> Step:
    broadcast = await get_broadcast(connection, workspace_id, broadcast_id, lock=lock)
    step = next((each for each in broadcast.steps if each.id == step_id), None)
    if step is None:
        raise NotFound("There is no such step.")
    at_once = step.status is not StepStatus.DRAFT and step.send_mode is SendMode.NOW
    if changes and (step.status not in NOT_BEGUN or at_once):
        raise Conflict("This step has begun, and its files are on their way with it.")
    if changes and broadcast.status not in _CHANGEABLE:
        raise Conflict("The broadcast has ended; its files cannot be changed any more.")
    return step


async def _files(
    connection: Connection, workspace_id: WorkspaceId, step_id: UUID
) -> list[StepFile]:
    found = await rows(queries.list_files(connection, workspace_id=workspace_id, step_id=step_id))
    return [file_of(row) for row in found]
