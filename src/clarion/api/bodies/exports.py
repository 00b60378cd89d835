"""Exports: contacts as a CSV file."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from clarion.api.bodies.audience import Group
from clarion.api.bodies.shape import Body

ExportStatus = Literal["waiting", "running", "done", "failed", "cancelled", "expired"]


class NewExport(Body):
    """`columns` are ids of fields in the order of the file; null means all of them. `excel` begins
    the file with a byte order mark, without which Excel misreads letters like é."""

    filter: Group
    columns: list[str] | None = Field(default=None, max_length=1_000)
    excel: bool = False


class Export(Body):
    """`done` of `total` contacts are written, `bytes` of CSV so far. `total` is null until the
    writing begins. The file can be had until `expires_at`."""

    id: str
    status: ExportStatus
    total: int | None
    done: int
    bytes: int
    excel: bool
    problem: str | None
    asked_by: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
