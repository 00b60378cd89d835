"""The fields that a filter can name, their types, and the operators that fit each type."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from clarion.kernel.field_path import FieldPath, write_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from clarion.audience.contact_table import Column, ContactNames


class FieldType(StrEnum):
    """The first five are what a contact holds; the others are known of it elsewhere."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"
    ACTIVITY = "activity"
    SEGMENT = "segment"
    SCHEDULED = "scheduled"


#: The types of what a contact itself holds.
HELD_TYPES = (
    FieldType.TEXT,
    FieldType.NUMBER,
    FieldType.DATE,
    FieldType.BOOLEAN,
    FieldType.LIST,
)


class Operand(StrEnum):
    """What an operator compares with."""

    NONE = "none"
    ONE = "one"
    MANY = "many"
    RANGE = "range"
    DAYS = "days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    id: str
    label: str
    operand: Operand
    types: frozenset[FieldType]


def _operator(op: str, label: str, operand: Operand, *types: FieldType) -> Operator:
    return Operator(id=op, label=label, operand=operand, types=frozenset(types or HELD_TYPES))


_ONE, _MANY, _NONE, _DAYS = Operand.ONE, Operand.MANY, Operand.NONE, Operand.DAYS
_TEXT, _NUMBER, _DATE, _LIST = FieldType.TEXT, FieldType.NUMBER, FieldType.DATE, FieldType.LIST
_YES_OR_NO = (FieldType.BOOLEAN, FieldType.SCHEDULED)
_ACTIVITY, _SEGMENT = FieldType.ACTIVITY, FieldType.SEGMENT

OPERATORS: dict[str, Operator] = {
    operator.id: operator
    for operator in (
        _operator("is", "is", _ONE, _TEXT, _NUMBER),
        _operator("is_not", "is not", _ONE, _TEXT, _NUMBER),
        _operator("is_one_of", "is one of", _MANY, _TEXT, _NUMBER),
        _operator("is_none_of", "is none of", _MANY, _TEXT, _NUMBER),
        _operator("contains", "contains", _ONE, _TEXT),
        _operator("does_not_contain", "does not contain", _ONE, _TEXT),
        _operator("starts_with", "starts with", _ONE, _TEXT),
        _operator("greater_than", "is greater than", _ONE, _NUMBER),
        _operator("at_least", "is at least", _ONE, _NUMBER),
        _operator("less_than", "is less than", _ONE, _NUMBER),
        _operator("at_most", "is at most", _ONE, _NUMBER),
        _operator("between", "is between", Operand.RANGE, _NUMBER, _DATE),
        _operator("on", "is on", _ONE, _DATE),
        _operator("before", "is before", _ONE, _DATE),
        _operator("after", "is after", _ONE, _DATE),
        _operator("in_broadcast", "in one of the broadcasts", _MANY, _ACTIVITY),
        _operator("not_in_broadcast", "in none of the broadcasts", _MANY, _ACTIVITY),
        _operator("in_last_days", "is in the last … days", _DAYS, _DATE, _ACTIVITY),
        _operator("not_in_last_days", "is not in the last … days", _DAYS, _ACTIVITY),
        _operator("in_next_days", "is in the next … days", _DAYS, _DATE),
        _operator("more_than_days_ago", "is more than … days ago", _DAYS, _DATE),
        _operator(
            "anniversary_in_next_days", "has its anniversary in the next … days", _DAYS, _DATE
        ),
        _operator("ever", "ever", _NONE, _ACTIVITY),
        _operator("never", "never", _NONE, _ACTIVITY),
        _operator("is_in", "is in", _MANY, _SEGMENT),
        _operator("is_not_in", "is not in", _MANY, _SEGMENT),
        _operator("is_true", "is yes", _NONE, *_YES_OR_NO),
        _operator("is_false", "is no", _NONE, *_YES_OR_NO),
        _operator("has_any_of", "has any of", _MANY, _LIST),
        _operator("has_all_of", "has all of", _MANY, _LIST),
        _operator("has_none_of", "has none of", _MANY, _LIST),
        _operator("is_empty", "is empty", _NONE),
        _operator("is_not_empty", "is not empty", _NONE),
    )
}

Source = Literal["column", "metadata", "activity", "segment", "scheduled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`contacts` is how many have a value, as last counted; 0 for columns, which all have.

    `kinds` tells how many hold a value of each type, and `numeric` how many hold a text that
    reads as a number; both only for keys of metadata.
    """

    path: FieldPath
    source: Source
    type: FieldType
    contacts: int = 0
    kinds: Mapping[FieldType, int] = dataclasses.field(default_factory=dict, hash=False)
    numeric: int = 0

    @property
    def id(self) -> str:
        """As a filter writes it. A column that is called "@sent" is written ["@sent"]."""
        return write_path(self.path) if self.is_held else self.path[0]

    @property
    def is_held(self) -> bool:
        """Whether the contact's own row holds it, so that a message can name it too."""
        return self.source in ("column", "metadata")

    @property
    def label(self) -> str:
        """ "Lead source" for lead_source: as a person would write it."""
        if not self.is_held:
            return _SPECIAL_LABELS[self.id]
        words = " / ".join(self.path[1:] if self.source == "metadata" else self.path)
        words = words.replace("_", " ").strip()
        return words[:1].upper() + words[1:]

    @property
    def readings(self) -> tuple[FieldType, ...]:
        """As what its values can be compared: its type first, then what some of them also are."""
        if self.type is FieldType.TEXT and self._read_as_numbers:
            return (FieldType.TEXT, FieldType.NUMBER)
        return (self.type,)

    @property
    def operators(self) -> tuple[Operator, ...]:
        return tuple(each for each in OPERATORS.values() if each.types.intersection(self.readings))

    def reading_of(self, operator: Operator) -> FieldType | None:
        """As what `operator` reads the values of this field; None when it does not fit."""
        return next((each for each in self.readings if each in operator.types), None)

    @property
    def _read_as_numbers(self) -> int:
        return self.numeric + self.kinds.get(FieldType.NUMBER, 0)

    @property
    def note(self) -> str | None:
        """What is worth knowing before comparing values that are not all of one type."""
        others = sorted(
            ((count, kind) for kind, count in self.kinds.items() if kind is not self.type),
            reverse=True,
        )
        sentences = []
        if others:
            held = " and ".join(
                f"{count:,}{'' if place else f' of {self.contacts:,}'} "
                f"{'holds' if count == 1 else 'hold'} {A_TYPE[kind]}"
                for place, (count, kind) in enumerate(others)
            )
            they = "they count" if len(others) > 1 else "it counts"
            where = "" if self.type in _TAKES_ANYTHING else " where it can be read as one"
            sentences.append(f"{held}; {they} as {_COUNTS_AS[self.type]}{where}.")
        if self.type is FieldType.TEXT and self._read_as_numbers:
            sentences.append(
                f"{self._read_as_numbers:,} of {self.contacts:,} can be read as a number, "
                "and be compared as one."
            )
        return " ".join(sentences) or None


#: The types in words, as they stand in a sentence.
A_TYPE = {
    FieldType.TEXT: "text",
    FieldType.NUMBER: "a number",
    FieldType.DATE: "a date",
    FieldType.BOOLEAN: "yes or no",
    FieldType.LIST: "a list",
    FieldType.ACTIVITY: "something that happened",
    FieldType.SEGMENT: "a segment",
    FieldType.SCHEDULED: "yes or no",
}

_COUNTS_AS = A_TYPE | {FieldType.BOOLEAN: "a yes or no", FieldType.LIST: "a list of one"}

_TAKES_ANYTHING = (FieldType.TEXT, FieldType.LIST)

Fields = dict[FieldPath, Field]


class Activity(StrEnum):
    """What happened between us and a contact."""

    SENT = "sent"
    DELIVERED = "delivered"
    CLICKED = "clicked"
    REPLIED = "replied"


_SPECIAL_LABELS = {
    "@sent": "Message sent",
    "@delivered": "Message delivered",
    "@clicked": "Link clicked",
    "@replied": "Reply received",
    "@segment": "Segment",
    "@scheduled": "Already in a scheduled broadcast",
}

#: What is known of a contact beside its own row, by id. No field of the contacts can have such an
#: id: a column that begins with "@" is written in brackets.
SPECIAL_FIELDS: dict[str, Field] = {
    field.id: field
    for field in (
        *(
            Field(path=(f"@{activity.value}",), source="activity", type=FieldType.ACTIVITY)
            for activity in Activity
        ),
        Field(path=("@segment",), source="segment", type=FieldType.SEGMENT),
        Field(path=("@scheduled",), source="scheduled", type=FieldType.SCHEDULED),
    )
}

_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision")


def column_type(sql_type: str) -> FieldType:
    """`sql_type` as PostgreSQL's format_type() writes it, with any length in brackets."""
    plain = sql_type.split("(", maxsplit=1)[0].strip()
    if sql_type.endswith("[]"):
        return FieldType.LIST
    if plain in _NUMBERS:
        return FieldType.NUMBER
    if plain == "boolean":
        return FieldType.BOOLEAN
    if plain == "date" or plain.startswith("timestamp"):
        return FieldType.DATE
    return FieldType.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenKey:
    """A key of metadata as the contacts hold it, once for each type of value.

    Texts that read as numbers (`numeric`) are counted apart from the other texts.
    """

    path: FieldPath
    value_type: FieldType
    contacts: int
    numeric: bool = False


def catalogue(columns: Iterable[Column], names: ContactNames, seen: Iterable[SeenKey]) -> Fields:
    """Every column but the metadata and the workspace, then every key found in metadata.

    A key whose values are of several types has the one that most contacts hold: the others are
    compared as that type where they can be read so, and count as empty where they cannot.
    """
    hidden = {names.metadata, names.workspace}
    fields: Fields = {
        (column.name,): Field(
            path=(column.name,), source="column", type=column_type(column.sql_type)
        )
        for column in columns
        if column.name not in hidden and column.sql_type not in ("json", "jsonb")
    }
    by_path: dict[FieldPath, list[SeenKey]] = {}
    for key in seen:
        if key.contacts > 0:
            by_path.setdefault(key.path, []).append(key)
    for path, keys in sorted(by_path.items()):
        kinds: dict[FieldType, int] = {}
        for key in keys:
            kinds[key.value_type] = kinds.get(key.value_type, 0) + key.contacts
        whole = (names.metadata, *path)
        fields[whole] = Field(
            path=whole,
            source="metadata",
            type=max(kinds, key=lambda kind: (kinds[kind], kind)),
            contacts=sum(kinds.values()),
            kinds=kinds,
            numeric=sum(key.contacts for key in keys if key.numeric),
        )
    return fields
