"""Saved audiences."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from clarion.api.bodies.audience import Group
from clarion.api.bodies.shape import Body

BroadcastStatus = Literal[
    "draft", "scheduled", "sending", "paused", "completed", "cancelled", "failed"
]


class CombineSegments(Body):
    """In any of the segments, in all of them, or in the first and in none of the others."""

    operation: Literal["union", "intersection", "difference"]
    segments: list[UUID] = Field(max_length=100)


class NewSegment(Body):
    """Either `filter` or `combine`. `frozen` keeps the people as they are now."""

    name: str = Field(max_length=200)
    filter: Group | None = None
    combine: CombineSegments | None = None
    frozen: bool = False


class ChangeSegment(Body):
    """What is null stays as it is; `version` is the one that was read."""

    version: int
    name: str | None = Field(default=None, max_length=200)
    filter: Group | None = None


class DuplicateSegment(Body):
    name: str | None = Field(default=None, max_length=200)


class Segment(Body):
    """`contacts` is the size when it was measured (`measured_at`), null before the first time;
    while `freezing` is "saving", the people saved so far. `problem` says in words why the filter
    cannot be read any more. `uses` counts the broadcasts and segments that name it."""

    id: str
    name: str
    kind: Literal["dynamic", "frozen"]
    filter: Group
    version: int
    contacts: int | None
    measured_at: datetime | None
    frozen_at: datetime | None
    freezing: Literal["none", "saving", "saved"]
    problem: str | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    uses: int


class SegmentPage(Body):
    segments: list[Segment]
    next: str | None


class SegmentSize(Body):
    measured_at: datetime
    contacts: int


class SegmentSizes(Body):
    """Oldest first: every measured size of the last seven days, one per day before that."""

    sizes: list[SegmentSize]


class BroadcastPlace(Body):
    id: str
    name: str
    status: BroadcastStatus


class SegmentPlace(Body):
    id: str
    name: str


class SegmentUses(Body):
    broadcasts: list[BroadcastPlace]
    segments: list[SegmentPlace]
