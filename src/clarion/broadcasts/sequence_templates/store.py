"""The workspace's sequences: kept, listed, renamed, put into the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg import errors
from psycopg.types.json import Jsonb

from clarion.broadcasts.broadcast import BroadcastType
from clarion.broadcasts.sequence_templates.sequence_template import (
    Kept,
    SequenceTemplate,
    SequenceTemplateId,
    read_name,
    read_purpose,
)
from clarion.db.queries import load_queries, rows
from clarion.kernel.errors import Conflict, Fault, NotFound
from clarion.kernel.names import free_name, name_of_copy

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection, Row
    from clarion.kernel.actor import Actor, WorkspaceId

queries = load_queries(__file__)

#: Of one workspace, the archive included: they are listed whole.
MOST_SEQUENCES: Final = 200


async def keep_sequence(
    connection: Connection, actor: Actor, *, name: str, purpose: str, kept: Kept, now: datetime
) -> SequenceTemplate:
    """Raises Invalid, and Conflict for a taken name or one sequence too many."""
    name, purpose = read_name(name), read_purpose(purpose)
    held = await queries.count_sequence_templates(connection, workspace_id=actor.workspace_id)
    if held >= MOST_SEQUENCES:
        raise Conflict(f"There are {MOST_SEQUENCES} sequences at most, the archive included.")
    row = await queries.add_sequence_template(
        connection,
        workspace_id=actor.workspace_id,
        name=name,
        purpose=purpose,
        broadcast_type=kept.broadcast_type,
        steps=Jsonb(list(kept.steps)),
        rules=Jsonb(dict(kept.rules)),
        by=actor.name,
        now=now,
    )
    if row is None:
        raise _taken(name)
    return _template(row)


async def list_sequences(
    connection: Connection, workspace_id: WorkspaceId, *, archived: bool = False
) -> list[SequenceTemplate]:
    found = queries.list_sequence_templates(
        connection, workspace_id=workspace_id, archived=archived
    )
    return [_template(row) for row in await rows(found)]


async def get_sequence(
    connection: Connection, workspace_id: WorkspaceId, sequence_id: UUID
) -> SequenceTemplate:
    """Raises NotFound."""
    row = await queries.get_sequence_template(connection, workspace_id=workspace_id, id=sequence_id)
    if row is None:
        raise NotFound("There is no such sequence.")
    return _template(row)


async def rename_sequence(
    connection: Connection,
    actor: Actor,
    sequence_id: UUID,
    *,
    version: int,
    name: str | None,
    purpose: str | None,
    now: datetime,
) -> SequenceTemplate:
    """What is None stays as it is. Raises Invalid; Conflict when somebody saved it since `version`
    was read, or when the name is taken."""
    before = await get_sequence(connection, actor.workspace_id, sequence_id)
    if before.version != version:
        detail = f"{before.updated_by} saved “{before.name}” since you opened it. Look at it anew."
        raise Conflict(detail, faults=[Fault(pointer="/version", detail=detail)])
    return await _changed(
        connection,
        actor,
        before,
        name=before.name if name is None else read_name(name),
        purpose=before.purpose if purpose is None else read_purpose(purpose),
        archived_at=before.archived_at,
        now=now,
    )


async def duplicate_sequence(
    connection: Connection, actor: Actor, sequence_id: UUID, *, now: datetime
) -> SequenceTemplate:
    """ "Copy of …", with a number behind it where that is taken."""
    source = await get_sequence(connection, actor.workspace_id, sequence_id)
    taken = await rows(queries.names_taken(connection, workspace_id=actor.workspace_id))
    name = free_name(name_of_copy(source.name), [row["name"] for row in taken])
    return await keep_sequence(
        connection, actor, name=name, purpose=source.purpose, kept=source.kept, now=now
    )


async def archive_sequence(
    connection: Connection, actor: Actor, sequence_id: UUID, *, now: datetime
) -> SequenceTemplate:
    """Out of the list; broadcasts that began as it stay as they are."""
    before = await get_sequence(connection, actor.workspace_id, sequence_id)
    if before.archived_at is not None:
        return before
    return await _changed(
        connection,
        actor,
        before,
        name=before.name,
        purpose=before.purpose,
        archived_at=now,
        now=now,
    )


async def unarchive_sequence(
    connection: Connection, actor: Actor, sequence_id: UUID, *, now: datetime
) -> SequenceTemplate:
    """Back in the list, under a free name when its own was taken meanwhile."""
    before = await get_sequence(connection, actor.workspace_id, sequence_id)
    if before.archived_at is None:
        return before
    taken = await rows(queries.names_taken(connection, workspace_id=actor.workspace_id))
    return await _changed(
        connection,
        actor,
        before,
        name=free_name(before.name, [row["name"] for row in taken]),
        purpose=before.purpose,
        archived_at=None,
        now=now,
    )


async def _changed(
    connection: Connection,
    actor: Actor,
    before: SequenceTemplate,
    *,
    name: str,
    purpose: str,
    archived_at: datetime | None,
    now: datetime,
) -> SequenceTemplate:
    try:
        row = await queries.change_sequence_template(
            connection,
            id=before.id,
            name=name,
            purpose=purpose,
            archived_at=archived_at,
            by=actor.name,
            now=now,
        )
    except errors.UniqueViolation as error:
        raise _taken(name) from error
    return _template(row)


def _taken(name: str) -> Conflict:
    detail = f"There is a sequence named “{name}” already. Choose another name."
    return Conflict(detail, faults=[Fault(pointer="/name", detail=detail)])


def _template(row: Row) -> SequenceTemplate:
    return SequenceTemplate(
        id=SequenceTemplateId(row["id"]),
        name=row["name"],
        purpose=row["purpose"],
        kept=Kept(
            broadcast_type=BroadcastType(row["broadcast_type"]),
            steps=tuple(row["steps"]),
            rules=row["rules"],
        ),
        version=row["version"],
        archived_at=row["archived_at"],
        updated_by=row["updated_by"],
        updated_at=row["updated_at"],
    )
