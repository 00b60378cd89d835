"""A draft that begins as another broadcast."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from clarion.audience.segments.segment import ids_in
from clarion.audience.segments.store import definitions, put_uses
from clarion.broadcasts.managing.store import queries
from clarion.broadcasts.store import get_broadcast
from clarion.kernel.errors import Conflict, Fault
from clarion.kernel.names import MAX_NAME, name_of_copy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from clarion.broadcasts.broadcast import Broadcast
    from clarion.db.connection import Connection
    from clarion.kernel.actor import Actor


class Copied(StrEnum):
    """Content is the steps and how they are sent; audience is the filter and when it is saved."""

    ALL = "all"
    CONTENT = "content"
    AUDIENCE = "audience"


async def duplicate(
    connection: Connection,
    actor: Actor,
    broadcast_id: UUID,
    *,
    what: Copied,
    name: str | None,
    now: datetime,
) -> Broadcast:
    """Without a name "Copy of …". Times that have passed are left out.

    Raises Conflict when the audience names a segment that is gone.
    """
    source = await get_broadcast(connection, actor.workspace_id, broadcast_id)
    filter_ = None if what is Copied.CONTENT else source.filter
    goal = None if what is Copied.AUDIENCE else source.sequence.goal
    await _check_segments(connection, source, filter_, "audience", "content")
    await _check_segments(connection, source, goal, "goal", "audience")
    plain = (name or "").strip()[:MAX_NAME] or name_of_copy(source.name)
    row = await queries.copy_broadcast(connection, id=source.id, name=plain, by=actor.name, now=now)
    copy_id: UUID = row["id"]
    if what is Copied.AUDIENCE:
        await queries.forget_rules(connection, id=copy_id)
        await queries.add_empty_step(connection, from_id=source.id, to_id=copy_id)
    else:
        await queries.copy_steps(connection, from_id=source.id, to_id=copy_id, now=now)
        await queries.copy_step_files(connection, from_id=source.id, to_id=copy_id, now=now)
    if what is Copied.CONTENT:
        await queries.forget_audience(connection, id=copy_id)
    await put_uses(connection, actor.workspace_id, filter_, goal, broadcast_id=copy_id)
    return await get_broadcast(connection, actor.workspace_id, copy_id)


async def _check_segments(
    connection: Connection,
    source: Broadcast,
    document: Mapping[str, Any] | None,
    place: str,
    other: str,
) -> None:
    """One that has ended holds no segment any more, so its filters may name some that are gone."""
    named = ids_in(document)
    if named and named - set(await definitions(connection, source.workspace_id)):
        detail = (
            f"The {place} of “{source.name}” names a segment that has been deleted since. "
            f"Duplicate only its {other}, and choose the {place} anew."
        )
        raise Conflict(detail, faults=[Fault(pointer="/what", detail=detail)])
