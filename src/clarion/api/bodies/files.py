"""Files that go along with the email of a step."""

from __future__ import annotations

from datetime import datetime

from clarion.api.bodies.shape import Body


class StepFile(Body):
    """`bytes` as it is on a disk; in a mail it takes a third more."""

    id: str
    name: str
    content_type: str
    bytes: int
    created_at: datetime


class StepFiles(Body):
    """`bytes` of all of them; `most_bytes` and `most_files` are what an email takes."""

    files: list[StepFile]
    bytes: int
    most_bytes: int
    most_files: int
