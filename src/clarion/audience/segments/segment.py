"""A saved audience and the rules that need no database: names, combinations, cycles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NewType
from uuid import UUID

from clarion.kernel.errors import Fault, Invalid
from clarion.kernel.names import MAX_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from clarion.kernel.actor import WorkspaceId

SegmentId = NewType("SegmentId", UUID)

#: The field by which a filter names segments.
SEGMENT_FIELD = "@segment"


class SegmentKind(StrEnum):
    DYNAMIC = "dynamic"
    FROZEN = "frozen"


class Freezing(StrEnum):
    """Whether the people of a frozen segment are saved yet."""

    NONE = "none"
    SAVING = "saving"
    SAVED = "saved"


class Combination(StrEnum):
    UNION = "union"
    INTERSECTION = "intersection"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """`contacts` is the size as last measured, while freezing the people saved so far; `uses`
    counts the places that name it; `problem` says why its filter cannot be read any more."""

    id: SegmentId
    workspace_id: WorkspaceId
    name: str
    kind: SegmentKind
    filter: dict[str, Any]
    version: int
    contacts: int | None
    measured_at: datetime | None
    frozen_at: datetime | None
    freezing: Freezing
    frozen_up_to: str | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    uses: int = 0
    problem: str | None = None

    @property
    def reads_its_filter(self) -> bool:
        """Until its people are saved, a frozen segment is those who match."""
        return self.freezing is not Freezing.SAVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somewhere a segment is used; `status` is a broadcast's, None for a segment."""

    id: UUID
    name: str
    status: str | None = None

    @property
    def words(self) -> str:
        return f"the {'segment' if self.status is None else 'broadcast'} “{self.name}”"


def segments_in(document: object, pointer: str = "") -> Iterator[tuple[str, UUID]]:
    """Each segment that a filter names, with the JSON pointer of its id. What is no filter
    names none: whether it is one is decided elsewhere."""
    if not isinstance(document, Mapping):
        return
    conditions = document.get("conditions")
    if isinstance(conditions, list | tuple):
        for index, part in enumerate(conditions):
            yield from segments_in(part, f"{pointer}/conditions/{index}")
    if document.get("field") != SEGMENT_FIELD:
        return
    value = document.get("value")
    for index, each in enumerate(value if isinstance(value, list | tuple) else ()):
        try:
            yield f"{pointer}/value/{index}", UUID(str(each))
        except ValueError:
            continue


def ids_in(document: object) -> frozenset[UUID]:
    return frozenset(segment_id for _, segment_id in segments_in(document))


def combine(operation: Combination, segments: Sequence[UUID]) -> dict[str, Any]:
    """The filter for who is in any of the segments, in all, or in the first and no other.

    Raises Invalid for fewer than two, or for one that is named twice.
    """
    if len(segments) < 2:  # noqa: PLR2004 - a combination is of two at least
        raise _wrong("/combine/segments", "Choose at least two segments to combine.")
    for index, each in enumerate(segments):
        if each in segments[:index]:
            detail = "This segment is named twice; choose another."
            raise _wrong(f"/combine/segments/{index}", detail)
    match operation:
        case Combination.UNION:
            conditions = [_condition("is_in", segments)]
        case Combination.INTERSECTION:
            conditions = [_condition("is_in", [each]) for each in segments]
        case Combination.DIFFERENCE:
            first, *others = segments
            conditions = [_condition("is_in", [first]), _condition("is_not_in", others)]
    return {"match": "all", "conditions": conditions}


def all_of(segment_id: UUID) -> dict[str, Any]:
    """The filter for the people of one segment."""
    return {"match": "all", "conditions": [_condition("is_in", [segment_id])]}


def _condition(operator: str, segments: Sequence[UUID]) -> dict[str, Any]:
    return {"field": SEGMENT_FIELD, "operator": operator, "value": [str(each) for each in segments]}


def check_cycle(
    segment_id: UUID,
    document: Mapping[str, Any],
    names: Mapping[UUID, str],
    needs: Mapping[UUID, Collection[UUID]],
) -> None:
    """Raises Invalid when a segment with this filter would contain itself, by whatever way.

    `needs` says which segments each other one is made of.
    """
    faults = []
    for pointer, named in segments_in(document, "/filter"):
        way = _way(named, segment_id, needs)
        if way is None:
            continue
        if len(way) == 1:
            detail = "A segment cannot be made of itself."
        else:
            steps = " is made of ".join(f"“{names.get(each, '?')}”" for each in way)
            detail = f"A segment cannot be made of itself: {steps}."
        faults.append(Fault(pointer=pointer, detail=detail))
    if faults:
        raise Invalid(faults[0].detail, faults=faults)


def _way(
    start: UUID, goal: UUID, needs: Mapping[UUID, Collection[UUID]]
) -> tuple[UUID, ...] | None:
    """From `start` to `goal`, both included, the shortest; None when there is none."""
    ways: list[tuple[UUID, ...]] = [(start,)]
    seen = {start}
    for way in ways:
        if way[-1] == goal:
            return way
        for following in sorted(needs.get(way[-1], ())):
            if following not in seen:
                seen.add(following)
                ways.append((*way, following))
    return None


def made_of(segment_id: UUID, needs: Mapping[UUID, Collection[UUID]]) -> frozenset[UUID]:
    """All segments that are made of this one, directly or not; itself is not among them."""
    return frozenset(
        each for each in needs if each != segment_id and _way(each, segment_id, needs) is not None
    )


def read_name(name: str) -> str:
    """Without white space around it, and one space where there were many. Raises Invalid."""
    plain = " ".join(name.split())
    if not plain:
        raise _wrong("/name", "Give the segment a name.")
    if len(plain) > MAX_NAME:
        raise _wrong("/name", f"A name has {MAX_NAME} characters at most.")
    return plain


def in_words(parts: Sequence[str]) -> str:
    """ "a, b and c"."""
    if len(parts) < 2:  # noqa: PLR2004 - one needs no "and"
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def problem_in(error: Invalid, *, most: int = 3) -> str:
    """Why a filter cannot be read, in a sentence or a few."""
    details = list(dict.fromkeys(fault.detail for fault in error.faults)) or [error.detail]
    more = f" And {len(details) - most} more." if len(details) > most else ""
    return " ".join(details[:most]) + more


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])
