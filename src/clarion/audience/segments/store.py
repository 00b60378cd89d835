"""The SQL of the saved audiences: rows in, values out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg import errors

from clarion.audience.filter import SegmentDefinition
from clarion.audience.segments.segment import (
    Freezing,
    Place,
    Segment,
    SegmentId,
    SegmentKind,
    ids_in,
)
from clarion.db.queries import load_queries, rows
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.errors import Conflict, Fault, NotFound
from clarion.kernel.names import free_name, stem_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion.db.connection import Connection, Row

queries = load_queries(__file__)


async def definitions(
    connection: Connection, workspace_id: WorkspaceId
) -> dict[UUID, SegmentDefinition]:
    """What each segment of the workspace means, by its id."""
    found = await rows(queries.definitions(connection, workspace_id=workspace_id))
    return {
        row["id"]: SegmentDefinition(
            id=row["id"], name=row["name"], frozen=row["frozen"], filter=row["filter"]
        )
        for row in found
    }


async def get_segment(
    connection: Connection, workspace_id: WorkspaceId, segment_id: UUID, *, lock: bool = False
) -> Segment:
    """Raises NotFound; with `lock` nobody else changes it meanwhile."""
    ask = queries.lock_segment if lock else queries.get_segment
    row = await ask(connection, workspace_id=workspace_id, id=segment_id)
    if row is None:
        raise NotFound("There is no such segment.")
    return segment_of(row)


async def check_name(
    connection: Connection, workspace_id: WorkspaceId, name: str, *, but: UUID | None = None
) -> None:
    """Raises Conflict, with a name that is free, when another segment than `but` has this one."""
    if await queries.name_is_taken(connection, workspace_id=workspace_id, name=name, but=but):
        free = await find_free_name(connection, workspace_id, name, but=but)
        detail = f"There is a segment named “{name}” already. “{free}” is free."
        raise Conflict(detail, faults=[Fault(pointer="/name", detail=detail)])


async def find_free_name(
    connection: Connection, workspace_id: WorkspaceId, name: str, *, but: UUID | None = None
) -> str:
    taken = await rows(
        queries.names_taken(connection, workspace_id=workspace_id, stem=stem_of(name), but=but)
    )
    return free_name(name, [row["name"] for row in taken])


async def put_uses(
    connection: Connection,
    workspace_id: WorkspaceId,
    *documents: Mapping[str, Any] | None,
    broadcast_id: UUID | None = None,
    segment_id: UUID | None = None,
) -> None:
    """Keep which segments the filters of one broadcast (its audience and its goal) or that of one
    segment name; None names none.

    In the transaction that saves the filter. Raises Conflict when one of them is gone.
    """
    try:
        await queries.put_uses(
            connection,
            workspace_id=workspace_id,
            segment_ids=list(frozenset[UUID]().union(*map(ids_in, documents))),
            broadcast_id=broadcast_id,
            used_by_segment_id=segment_id,
        )
    except errors.ForeignKeyViolation as error:
        raise Conflict(
            "A segment that the filter names has just been deleted. Look at the filter again."
        ) from error


async def places_of(connection: Connection, segment_id: UUID) -> list[Place]:
    """Where a segment is used: the broadcasts first."""
    broadcasts = await rows(queries.broadcasts_that_use(connection, id=segment_id))
    segments = await rows(queries.segments_that_use(connection, id=segment_id))
    return [
        Place(id=row["id"], name=row["name"], status=row.get("status"))
        for row in (*broadcasts, *segments)
    ]


def segment_of(row: Row) -> Segment:
    return Segment(
        id=SegmentId(row["id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        name=row["name"],
        kind=SegmentKind(row["kind"]),
        filter=row["filter"],
        version=row["version"],
        contacts=row["contacts"],
        measured_at=row["measured_at"],
        frozen_at=row["frozen_at"],
        freezing=Freezing(row["freezing"]),
        frozen_up_to=row["frozen_up_to"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        uses=row["uses"],
    )
