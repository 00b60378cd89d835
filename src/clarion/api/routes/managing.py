"""Many broadcasts: the list, copies, the archive, and who has one open."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from clarion.api.bodies import broadcasts as broadcast_bodies
from clarion.api.bodies import managing as bodies
from clarion.api.broadcast_shapes import broadcast_body
from clarion.api.caller import Caller, Now, TheWorkspace, Transaction, uuid_of
from clarion.api.page_marks import read_mark, write_mark
from clarion.broadcasts.broadcast import BroadcastType, Status
from clarion.broadcasts.managing.archive import archive
from clarion.broadcasts.managing.copy import Copied, duplicate
from clarion.broadcasts.managing.page import (
    Direction,
    Order,
    Sort,
    Wanted,
    list_authors,
)
from clarion.broadcasts.managing.page import list_broadcasts as find_broadcasts
from clarion.broadcasts.managing.presence import be_present

router = APIRouter(prefix="/broadcasts", tags=["broadcasts"])


@router.get("")
async def list_broadcasts(
    connection: Transaction,
    workspace: TheWorkspace,
    asked: Annotated[bodies.BroadcastSearch, Query()],
) -> bodies.BroadcastPage:
    """The latest touched first, unless another order is asked for. Sorted by time, what has none
    comes last in both directions."""
    order = f"{asked.sort} {asked.direction}"
    page = await find_broadcasts(
        connection,
        workspace.id,
        Wanted(
            search=asked.search,
            types=tuple(BroadcastType(each) for each in asked.type),
            statuses=tuple(Status(each) for each in asked.status),
            authors=tuple(asked.author),
            archived=asked.archived,
        ),
        Order(sort=Sort(asked.sort), direction=Direction(asked.direction)),
        after=read_mark(asked.after, order, is_moment=asked.sort != "name"),
        limit=asked.limit,
    )
    return bodies.BroadcastPage(
        broadcasts=[
            bodies.BroadcastLine.model_validate({**row, "id": str(row["id"])}) for row in page.lines
        ],
        next=write_mark(order, *page.next) if page.next else None,
    )


@router.get("/authors")
async def list_broadcast_authors(
    connection: Transaction, workspace: TheWorkspace
) -> bodies.BroadcastAuthors:
    """Names by which the list can be narrowed."""
    return bodies.BroadcastAuthors(authors=await list_authors(connection, workspace.id))


@router.post("/{broadcast_id}/duplicate", status_code=201)
async def duplicate_broadcast(
    broadcast_id: str,
    body: bodies.DuplicateBroadcast,
    actor: Caller,
    connection: Transaction,
    now: Now,
) -> broadcast_bodies.Broadcast:
    """A new draft, whatever has become of the broadcast itself."""
    made = await duplicate(
        connection,
        actor,
        uuid_of(broadcast_id, "broadcast"),
        what=Copied(body.what),
        name=body.name,
        now=now,
    )
    return broadcast_body(made, now=now)


@router.post("/{broadcast_id}/archive", status_code=204)
async def archive_broadcast(
    broadcast_id: str, connection: Transaction, workspace: TheWorkspace, now: Now
) -> Response:
    """A draft, or one that has ended, goes out of the list; 409 for what is under way."""
    broadcast = uuid_of(broadcast_id, "broadcast")
    await archive(connection, workspace.id, broadcast, archived=True, now=now)
    return Response(status_code=204)


@router.post("/{broadcast_id}/unarchive", status_code=204)
async def unarchive_broadcast(
    broadcast_id: str, connection: Transaction, workspace: TheWorkspace, now: Now
) -> Response:
    broadcast = uuid_of(broadcast_id, "broadcast")
    await archive(connection, workspace.id, broadcast, archived=False, now=now)
    return Response(status_code=204)


@router.post("/{broadcast_id}/presence")
async def tell_presence(
    broadcast_id: str, actor: Caller, connection: Transaction, now: Now
) -> bodies.BroadcastEditors:
    """Says that the caller has it open, and tells who else has. Called every 15 seconds."""
    others = await be_present(connection, actor, uuid_of(broadcast_id, "broadcast"), now=now)
    return bodies.BroadcastEditors(
        editors=[
            bodies.BroadcastEditor(id=each.actor_id, name=each.actor_name, seen_at=each.seen_at)
            for each in others
        ]
    )
