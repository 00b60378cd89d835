"""Many broadcasts: how the list is asked for, copies, and who has one open."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from clarion.api.bodies.broadcasts import BroadcastStatus, BroadcastType
from clarion.api.bodies.shape import Body

BroadcastSort = Literal["updated", "created", "name", "scheduled"]
Author = Annotated[str, Field(max_length=200)]


class BroadcastSearch(Body):
    """`search` finds a part of a name. Those in the archive are listed alone, with `archived`."""

    search: str = Field(default="", max_length=200)
    status: list[BroadcastStatus] = Field(default=[])
    type: list[BroadcastType] = Field(default=[])
    author: list[Author] = Field(default=[], max_length=100)
    archived: bool = False
    sort: BroadcastSort = "updated"
    direction: Literal["asc", "desc"] = "desc"
    after: str | None = Field(default=None, max_length=2_000)
    limit: int = Field(default=25, ge=1, le=100)


class BroadcastLine(Body):
    """A broadcast as the list shows it; the counts are zero before it is launched. `scheduled_at`
    is the time of the first step that has one."""

    id: str
    name: str
    broadcast_type: BroadcastType
    status: BroadcastStatus
    scheduled_at: datetime | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None
    archived_at: datetime | None
    recipients: int
    delivered: int
    failed: int
    pending: int


class BroadcastPage(Body):
    broadcasts: list[BroadcastLine]
    next: str | None


class BroadcastAuthors(Body):
    """Who has made a broadcast, by name."""

    authors: list[str]


class DuplicateBroadcast(Body):
    """`what`: the whole, only the steps and how they are sent, or only the audience. Times that
    have passed are left out. Without a name it is called "Copy of …"."""

    what: Literal["all", "content", "audience"] = "all"
    name: str | None = Field(default=None, max_length=200)


class BroadcastEditor(Body):
    id: str
    name: str
    seen_at: datetime


class BroadcastEditors(Body):
    """Who else has it open: seen within the last 30 seconds."""

    editors: list[BroadcastEditor]
