"""The filter language: groups of conditions, read from JSON and checked against the fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from clarion.audience.fields import (
    A_TYPE,
    OPERATORS,
    SPECIAL_FIELDS,
    Activity,
    Field,
    Fields,
    FieldType,
    Operand,
    Operator,
)
from clarion.audience.filter_values import MAX_VALUES, Value, list_of, read_days, read_values
from clarion.kernel.errors import Fault, Invalid
from clarion.kernel.field_path import read_path

__all__ = [
    "EVERYBODY",
    "MAX_CONDITIONS",
    "MAX_DEPTH",
    "MAX_VALUES",
    "ActivityCondition",
    "Condition",
    "Group",
    "Match",
    "Part",
    "ScheduledCondition",
    "SegmentCondition",
    "SegmentDefinition",
    "SegmentInFilter",
    "Value",
    "names_outside",
    "names_segments",
    "read_filter",
]

MAX_DEPTH = 8
MAX_CONDITIONS = 200

_NEGATIVE = frozenset({"not_in_broadcast", "not_in_last_days", "never", "is_not_in", "is_false"})

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Match(StrEnum):
    ALL = "all"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """On what the contact itself holds. `values` is what the operator compares with: none, one,
    two (a range) or many. `reading` is how the held value is read: the type of the field, or
    a number for a text that can be read as one."""

    field: Field
    operator: Operator
    values: tuple[Value, ...]
    reading: FieldType


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityCondition:
    """Something happened with a message: of any of `broadcasts` unless None, and since the start
    of the day `days` days ago unless None. `negated`: nothing of the kind happened."""

    activity: Activity
    broadcasts: tuple[UUID, ...] | None
    days: int | None
    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentInFilter:
    """`group` is the segment's own filter; None for a frozen one, whose people are saved rows."""

    id: UUID
    name: str
    group: Group | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCondition:
    """In at least one of `segments`; `negated`: in none of them."""

    segments: tuple[SegmentInFilter, ...]
    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledCondition:
    """Somebody to whom a scheduled broadcast is still going to write; `negated`: nobody such."""

    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group without conditions restricts nothing, whatever it matches."""

    match: Match
    conditions: tuple[Part, ...]


Part = Group | Condition | ActivityCondition | SegmentCondition | ScheduledCondition

EVERYBODY = Group(match=Match.ALL, conditions=())


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDefinition:
    """A saved segment, as far as a filter that names it must know it."""

    id: UUID
    name: str
    frozen: bool
    filter: Mapping[str, Any]


def read_filter(
    document: Mapping[str, Any],
    fields: Fields,
    segments: Mapping[UUID, SegmentDefinition] | None = None,
    *,
    pointer: str = "/filter",
) -> Group:
    """What `document` means, with the filters of the segments that it names in their places.

    Whoever is about to save a segment gives its new definition among `segments`, so that one
    that would come to contain itself is refused. Raises Invalid with a fault for every place
    that is wrong; what is wrong inside a segment is a fault of the place that names it.
    """
    reader = _Reader(fields=fields, segments=segments or {})
    group = reader.group(document, pointer, depth=1)
    if reader.faults:
        raise Invalid("The filter cannot be used yet.", faults=list(reader.faults))
    return group


def names_segments(document: object) -> bool:
    """Whether a segment is named anywhere in it, so that its reader needs the segments."""
    if isinstance(document, Mapping):
        return document.get("field") == "@segment" or names_segments(document.get("conditions"))
    return isinstance(document, list | tuple) and any(names_segments(part) for part in document)


def names_outside(document: object) -> bool:
    """Whether anything is asked that the contact's own row does not tell."""
    if isinstance(document, Mapping):
        field = document.get("field")
        if isinstance(field, str) and field.startswith("@"):
            return True
        return names_outside(document.get("conditions"))
    return isinstance(document, list | tuple) and any(names_outside(part) for part in document)


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads a whole document and collects its faults, so that a person sees all of them.

    `inside` are the segments whose filters are being read, the outermost first, and `origin` the
    place of the document that names that one.
    """

    fields: Fields
    segments: Mapping[UUID, SegmentDefinition]
    faults: dict[Fault, None] = field(default_factory=dict)
    conditions: int = 0
    inside: tuple[SegmentDefinition, ...] = ()
    origin: str = ""

    def fault(self, pointer: str, detail: str) -> None:
        if self.inside:
            pointer = self.origin
            detail = f"The segment {_chain(self.inside)} cannot be used: {detail}"
        self.faults[Fault(pointer=pointer, detail=detail)] = None

    def count(self, pointer: str, number: int = 1) -> bool:
        """Whether there may be so many conditions more."""
        self.conditions += number
        if self.conditions > MAX_CONDITIONS:
            also = ", with those of its segments" if self.inside else ""
            self.fault(pointer, f"A filter has {MAX_CONDITIONS} conditions at most{also}.")
        return self.conditions <= MAX_CONDITIONS

    def group(self, document: Mapping[str, Any], pointer: str, *, depth: int) -> Group:
        match = document.get("match")
        if match not in tuple(Match):
            self.fault(f"{pointer}/match", "A group matches all, any or none of its conditions.")
            match = Match.ALL
        if depth > MAX_DEPTH:
            also = ", with those of the segments" if self.inside else ""
            self.fault(pointer, f"Groups can be nested {MAX_DEPTH} deep{also}.")
            return EVERYBODY
        parts = document.get("conditions")
        if not isinstance(parts, Sequence) or isinstance(parts, str):
            self.fault(f"{pointer}/conditions", "A group has a list of conditions.")
            return EVERYBODY
        read: list[Part] = []
        for index, part in enumerate(parts):
            part_pointer = f"{pointer}/conditions/{index}"
            if not isinstance(part, Mapping):
                self.fault(part_pointer, "This is neither a condition nor a group.")
            elif "conditions" in part or "match" in part:
                read.append(self.group(part, part_pointer, depth=depth + 1))
            elif (condition := self.condition(part, part_pointer, depth=depth)) is not None:
                read.append(condition)
        return Group(match=Match(match), conditions=tuple(read))

    def condition(self, document: Mapping[str, Any], pointer: str, *, depth: int) -> Part | None:
        if not self.count(pointer):
            return None
        named = self.named(document.get("field"), pointer)
        if named is None:
            return None
        operator = OPERATORS.get(str(document.get("operator")))
        if operator is None or named.reading_of(operator) is None:
            fitting = ", ".join(each.id for each in named.operators)
            self.fault(
                f"{pointer}/operator",
                f"“{document.get('operator')}” does not fit {named.label}, which is "
                f"{A_TYPE[named.type]}. Use one of: {fitting}.",
            )
            return None
        try:
            return self.meant(named, operator, document.get("value"), pointer, depth=depth)
        except Invalid as problem:
            self.fault(f"{pointer}/value", problem.detail)
            return None

    def meant(
        self, named: Field, operator: Operator, value: object, pointer: str, *, depth: int
    ) -> Part | None:
        """Raises Invalid for a value that cannot be meant as a whole."""
        reading = named.reading_of(operator) or named.type
        match reading:
            case FieldType.SEGMENT:
                return self.segment(operator, value, f"{pointer}/value", depth=depth)
            case FieldType.ACTIVITY:
                return self.activity(Activity(named.id[1:]), operator, value, f"{pointer}/value")
            case FieldType.SCHEDULED:
                read_values(reading, operator, value)
                return ScheduledCondition(negated=operator.id in _NEGATIVE)
            case _:
                values = read_values(reading, operator, value)
                return Condition(field=named, operator=operator, values=values, reading=reading)

    def named(self, name: object, pointer: str) -> Field | None:
        if isinstance(name, str) and name in SPECIAL_FIELDS:
            return SPECIAL_FIELDS[name]
        try:
            found = self.fields.get(read_path(name)) if isinstance(name, str) else None
        except Invalid:
            found = None
        if found is None:
            self.fault(f"{pointer}/field", f"The contacts have no field “{name}”.")
        return found

    def activity(
        self, activity: Activity, operator: Operator, value: object, pointer: str
    ) -> ActivityCondition | None:
        broadcasts: tuple[UUID, ...] | None = None
        days: int | None = None
        if operator.operand is Operand.MANY:
            broadcasts = self.ids(value, pointer, "This is no broadcast.")
            if broadcasts is None:
                return None
        elif operator.operand is Operand.DAYS:
            days = read_days(value)
        else:
            read_values(FieldType.ACTIVITY, operator, value)
        return ActivityCondition(
            activity=activity,
            broadcasts=broadcasts,
            days=days,
            negated=operator.id in _NEGATIVE,
        )

    def segment(
        self, operator: Operator, value: object, pointer: str, *, depth: int
    ) -> SegmentCondition | None:
        gone = "This segment no longer exists."
        ids = self.ids(value, pointer, gone)
        # Each segment beyond the first counts as a condition more.
        if ids is None or not self.count(pointer, len(ids) - 1):
            return None
        segments: list[SegmentInFilter] = []
        for place, segment_id in enumerate(ids):
            definition = self.segments.get(segment_id)
            if definition is None:
                self.fault(f"{pointer}/{place}", gone)
            elif (read := self.expand(definition, f"{pointer}/{place}", depth=depth)) is not None:
                segments.append(read)
        return SegmentCondition(segments=tuple(segments), negated=operator.id in _NEGATIVE)

    def expand(
        self, definition: SegmentDefinition, pointer: str, *, depth: int
    ) -> SegmentInFilter | None:
        """The segment with its own filter, which stands one group deeper than its condition."""
        if definition.frozen:
            return SegmentInFilter(id=definition.id, name=definition.name, group=None)
        inside = (*self.inside, definition)
        origin = self.origin if self.inside else pointer
        if any(each.id == definition.id for each in self.inside):
            circle = inside[[each.id for each in inside].index(definition.id) :]
            detail = f"The segment “{definition.name}” contains itself: {_chain(circle)}."
            self.faults[Fault(pointer=origin, detail=detail)] = None
            return None
        reader = replace(self, inside=inside, origin=origin)
        group = reader.group(definition.filter, "", depth=depth + 1)
        self.conditions = reader.conditions
        return SegmentInFilter(id=definition.id, name=definition.name, group=group)

    def ids(self, value: object, pointer: str, wrong: str) -> tuple[UUID, ...] | None:
        given = list_of(value)
        if not given:
            raise Invalid("Choose at least one.")
        if len(given) > MAX_VALUES:
            raise Invalid(f"{len(given):,} values are too many; {MAX_VALUES:,} is the limit.")
        read = [
            UUID(each) if isinstance(each, str) and _UUID.fullmatch(each) else None
            for each in given
        ]
        for place, each in enumerate(read):
            if each is None:
                self.fault(f"{pointer}/{place}", wrong)
        if None in read:
            return None
        return tuple(dict.fromkeys(each for each in read if each is not None))


def _chain(segments: Sequence[SegmentDefinition]) -> str:
    return " → ".join(f"“{each.name}”" for each in segments)
