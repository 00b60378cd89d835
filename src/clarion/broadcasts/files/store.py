"""The SQL of the files of steps: rows in, values out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.broadcasts.files.file import FileId, StepFile
from clarion.db.queries import load_queries

if TYPE_CHECKING:
    from clarion.db.connection import Row

queries = load_queries(__file__)


def file_of(row: Row) -> StepFile:
    return StepFile(
        id=FileId(row["id"]),
        name=row["name"],
        content_type=row["content_type"],
        bytes=row["bytes"],
        created_at=row["created_at"],
    )
