"""Saved audiences: dynamic or frozen, combined, measured, and where they are used."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Query

from clarion.api.bodies import audience as audience_bodies
from clarion.api.bodies import segments as bodies
from clarion.api.caller import (
    Caller,
    Now,
    TheClarion,
    TheWorkspace,
    Transaction,
    no_such_page,
    uuid_of,
)
from clarion.audience.segments.segment import Combination, Segment
from clarion.audience.segments.service import SegmentChange
from clarion.kernel.errors import Fault, Invalid

router = APIRouter(prefix="/segments", tags=["segments"])


@router.get("")
async def list_segments(
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    search: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str | None, Query(max_length=2_000)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> bodies.SegmentPage:
    """In the order of their names; `search` finds a part of a name."""
    page = await clarion.segments.list(
        connection,
        workspace,
        search=search,
        after=_read_mark(after) if after else None,
        limit=limit,
    )
    return bodies.SegmentPage(
        segments=[_body(each) for each in page.segments],
        next=_mark(page.next) if page.next is not None else None,
    )


@router.post("", status_code=201)
async def create_segment(
    body: bodies.NewSegment,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Segment:
    """From a filter, or from other segments. A name that is taken is refused with 409 and one
    that is free."""
    if (body.filter is None) == (body.combine is None):
        detail = "Give either a filter or the segments to combine."
        raise Invalid(detail, faults=[Fault(pointer="", detail=detail)])
    if body.combine is not None:
        made = await clarion.segments.combine(
            connection,
            actor,
            workspace,
            name=body.name,
            operation=Combination(body.combine.operation),
            segments=body.combine.segments,
            frozen=body.frozen,
            now=now,
        )
    else:
        made = await clarion.segments.create(
            connection,
            actor,
            workspace,
            name=body.name,
            filter=body.filter.model_dump() if body.filter is not None else {},
            frozen=body.frozen,
            now=now,
        )
    return _body(made)


@router.get("/{segment_id}")
async def get_segment(
    segment_id: str, clarion: TheClarion, connection: Transaction, workspace: TheWorkspace
) -> bodies.Segment:
    segment = uuid_of(segment_id, "segment")
    return _body(await clarion.segments.get(connection, workspace, segment))


@router.patch("/{segment_id}")
async def change_segment(
    segment_id: str,
    body: bodies.ChangeSegment,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Segment:
    """409 when somebody else saved it since `version` was read."""
    change = SegmentChange(
        version=body.version,
        name=body.name,
        filter=body.filter.model_dump() if body.filter is not None else None,
    )
    segment = uuid_of(segment_id, "segment")
    return _body(await clarion.segments.change(connection, workspace, segment, change, now=now))


@router.delete("/{segment_id}", status_code=204)
async def delete_segment(
    segment_id: str, clarion: TheClarion, connection: Transaction, workspace: TheWorkspace
) -> None:
    """409 while something uses it, with each place."""
    await clarion.segments.delete(connection, workspace, uuid_of(segment_id, "segment"))


@router.post("/{segment_id}/duplicate", status_code=201)
async def duplicate_segment(
    segment_id: str,
    body: bodies.DuplicateSegment,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Segment:
    """Without a name it is called "Copy of …". The copy of a frozen one has the same people."""
    segment = uuid_of(segment_id, "segment")
    made = await clarion.segments.duplicate(
        connection, actor, workspace, segment, name=body.name, now=now
    )
    return _body(made)


@router.post("/{segment_id}/freeze", status_code=202)
async def freeze_segment(
    segment_id: str,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Segment:
    """The people as they are now, for good; `freezing` says when all are saved."""
    segment = uuid_of(segment_id, "segment")
    return _body(await clarion.segments.freeze(connection, workspace, segment, now=now))


@router.post("/{segment_id}/measure", status_code=202)
async def measure_segment(
    segment_id: str, clarion: TheClarion, connection: Transaction, workspace: TheWorkspace
) -> bodies.Segment:
    """Asks for the size as it is now; `measured_at` moves when it is known."""
    segment = uuid_of(segment_id, "segment")
    return _body(await clarion.segments.measure(connection, workspace, segment))


@router.get("/{segment_id}/sizes")
async def list_segment_sizes(
    segment_id: str,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
    days: Annotated[int, Query(ge=1, le=3_660)] = 90,
) -> bodies.SegmentSizes:
    """How the size has moved."""
    sizes = await clarion.segments.sizes(
        connection, workspace, uuid_of(segment_id, "segment"), days=days, now=now
    )
    return bodies.SegmentSizes(
        sizes=[
            bodies.SegmentSize(measured_at=each.measured_at, contacts=each.contacts)
            for each in sizes
        ]
    )


@router.get("/{segment_id}/uses")
async def list_segment_uses(
    segment_id: str, clarion: TheClarion, connection: Transaction, workspace: TheWorkspace
) -> bodies.SegmentUses:
    """Whose filter names it: broadcasts that have not ended, and other segments."""
    places = await clarion.segments.uses(connection, workspace, uuid_of(segment_id, "segment"))
    return bodies.SegmentUses(
        broadcasts=[
            bodies.BroadcastPlace.model_validate(
                {"id": str(each.id), "name": each.name, "status": each.status}
            )
            for each in places
            if each.status is not None
        ],
        segments=[
            bodies.SegmentPlace(id=str(each.id), name=each.name)
            for each in places
            if each.status is None
        ],
    )


def _body(segment: Segment) -> bodies.Segment:
    return bodies.Segment(
        id=str(segment.id),
        name=segment.name,
        kind=segment.kind.value,
        filter=audience_bodies.Group.model_validate(segment.filter),
        version=segment.version,
        contacts=segment.contacts,
        measured_at=segment.measured_at,
        frozen_at=segment.frozen_at,
        freezing=segment.freezing.value,
        problem=segment.problem,
        created_by=segment.created_by,
        created_at=segment.created_at,
        updated_at=segment.updated_at,
        uses=segment.uses,
    )


def _mark(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _read_mark(mark: str) -> str:
    try:
        name = base64.b64decode(mark, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise no_such_page() from error
    if "\x00" in name:
        raise no_such_page()
    return name
