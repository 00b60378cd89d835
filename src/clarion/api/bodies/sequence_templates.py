"""Sequences that are kept, as they are saved, shown and begun from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from clarion.api.bodies.broadcasts import BroadcastType
from clarion.api.bodies.shape import Body
from clarion.api.bodies.steps import StepChannel


class KeptStep(Body):
    """A step on its day of the sequence (1 is the day of the first one); `says` is its name, its
    subject, or how its SMS begins. `is_conditional`: only for some of the people."""

    day_number: int
    day_time: str | None
    channel: StepChannel
    says: str
    subject: str
    body: str
    email: dict[str, Any] | None
    is_conditional: bool


class SequenceTemplate(Body):
    """`days` is the number of its last day."""

    id: str
    name: str
    purpose: str
    broadcast_type: BroadcastType
    days: int
    steps: list[KeptStep]
    version: int
    archived: bool
    updated_by: str
    updated_at: datetime


class SequenceSearch(Body):
    """Those that are not in the archive, or only those that are."""

    archived: bool = False


class SequenceTemplates(Body):
    sequences: list[SequenceTemplate]


class LibrarySequence(Body):
    """`key` names it where steps are taken from it."""

    key: str
    name: str
    purpose: str
    broadcast_type: BroadcastType
    days: int
    steps: list[KeptStep]


class SequenceLibrary(Body):
    sequences: list[LibrarySequence]


class NewSequenceTemplate(Body):
    """Of the steps of a broadcast, whatever has become of it. Its audience, its goal and its
    attachments are not kept."""

    name: str = Field(max_length=1_000)
    purpose: str = Field(default="", max_length=2_000)
    broadcast_id: str


class RenameSequenceTemplate(Body):
    """`version` is the one that was read: a newer one answers 409."""

    version: int
    name: str | None = Field(default=None, max_length=1_000)
    purpose: str | None = Field(default=None, max_length=2_000)


class TakeSteps(Body):
    """One of `sequence_id` and `from_library`. `version` is the one of the broadcast."""

    version: int
    sequence_id: str | None = None
    from_library: str | None = Field(default=None, max_length=100)
