"""The list of broadcasts: filtered, in four orders, both ways, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from clarion.broadcasts.managing.store import queries
from clarion.db.queries import rows

if TYPE_CHECKING:
    from clarion.broadcasts.broadcast import BroadcastType, Status
    from clarion.db.connection import Connection, Row
    from clarion.kernel.actor import WorkspaceId

#: The list of authors is a choice in a menu.
MOST_AUTHORS = 500

#: Where a page ended: the value that it is sorted by, and the id.
Mark = tuple[str, UUID]


class Sort(StrEnum):
    UPDATED = "updated"
    CREATED = "created"
    NAME = "name"
    SCHEDULED = "scheduled"


class Direction(StrEnum):
    ASCENDING = "asc"
    DESCENDING = "desc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    sort: Sort = Sort.UPDATED
    direction: Direction = Direction.DESCENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An empty choice is no choice. `archived`: only those in the archive, else only the others."""

    search: str = ""
    types: tuple[BroadcastType, ...] = ()
    statuses: tuple[Status, ...] = ()
    authors: tuple[str, ...] = ()
    archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastPage:
    """`next` is given as `after` for the page that follows; None at the end."""

    lines: tuple[Row, ...]
    next: Mark | None


async def list_broadcasts(
    connection: Connection,
    workspace_id: WorkspaceId,
    wanted: Wanted,
    order: Order,
    *,
    after: Mark | None,
    limit: int,
) -> BroadcastPage:
    find = getattr(queries, f"by_{order.sort}_{order.direction}")
    found = await rows(
        find(
            connection,
            workspace_id=workspace_id,
            types=list(wanted.types),
            statuses=list(wanted.statuses),
            authors=list(wanted.authors),
            archived=wanted.archived,
            search=wanted.search.strip(),
            after_mark=after[0] if after else None,
            after_id=after[1] if after else None,
            limit=limit + 1,
        )
    )
    page = found[:limit]
    lines = await rows(queries.lines_of(connection, ids=[row["id"] for row in page]))
    return BroadcastPage(
        lines=tuple(lines),
        next=(page[-1]["mark"], page[-1]["id"]) if len(found) > limit else None,
    )


async def list_authors(connection: Connection, workspace_id: WorkspaceId) -> list[str]:
    """Who has made a broadcast, by name."""
    found = await rows(queries.authors(connection, workspace_id=workspace_id, limit=MOST_AUTHORS))
    return [row["created_by"] for row in found]
