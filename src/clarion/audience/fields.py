"""The fields that a filter can name, their types, and the operators that fit each type."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from clarion.kernel.field_path import FieldPath, write_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarion.audience.contact_table import Column, ContactNames


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"


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
    return Operator(id=op, label=label, operand=operand, types=frozenset(types or FieldType))


_ONE, _MANY, _NONE = Operand.ONE, Operand.MANY, Operand.NONE

OPERATORS: dict[str, Operator] = {
    operator.id: operator
    for operator in (
        _operator("is", "is", _ONE, FieldType.TEXT, FieldType.NUMBER),
        _operator("is_not", "is not", _ONE, FieldType.TEXT, FieldType.NUMBER),
        _operator("is_one_of", "is one of", _MANY, FieldType.TEXT, FieldType.NUMBER),
        _operator("is_none_of", "is none of", _MANY, FieldType.TEXT, FieldType.NUMBER),
        _operator("contains", "contains", _ONE, FieldType.TEXT),
        _operator("does_not_contain", "does not contain", _ONE, FieldType.TEXT),
        _operator("starts_with", "starts with", _ONE, FieldType.TEXT),
        _operator("greater_than", "is greater than", _ONE, FieldType.NUMBER),
        _operator("at_least", "is at least", _ONE, FieldType.NUMBER),
        _operator("less_than", "is less than", _ONE, FieldType.NUMBER),
        _operator("at_most", "is at most", _ONE, FieldType.NUMBER),
        _operator("between", "is between", Operand.RANGE, FieldType.NUMBER, FieldType.DATE),
        _operator("on", "is on", _ONE, FieldType.DATE),
        _operator("before", "is before", _ONE, FieldType.DATE),
        _operator("after", "is after", _ONE, FieldType.DATE),
        _operator("in_last_days", "is in the last … days", Operand.DAYS, FieldType.DATE),
        _operator("in_next_days", "is in the next … days", Operand.DAYS, FieldType.DATE),
        _operator("is_true", "is yes", _NONE, FieldType.BOOLEAN),
        _operator("is_false", "is no", _NONE, FieldType.BOOLEAN),
        _operator("has_any_of", "has any of", _MANY, FieldType.LIST),
        _operator("has_all_of", "has all of", _MANY, FieldType.LIST),
        _operator("has_none_of", "has none of", _MANY, FieldType.LIST),
        _operator("is_empty", "is empty", _NONE),
        _operator("is_not_empty", "is not empty", _NONE),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`contacts` is how many have a value, as last counted; 0 for columns, which all have."""

    path: FieldPath
    source: Literal["column", "metadata"]
    type: FieldType
    contacts: int = 0

    @property
    def id(self) -> str:
        return write_path(self.path)

    @property
    def label(self) -> str:
        """ "Lead source" for lead_source: as a person would write it."""
        words = " / ".join(self.path[1:] if self.source == "metadata" else self.path)
        words = words.replace("_", " ").strip()
        return words[:1].upper() + words[1:]

    @property
    def operators(self) -> tuple[Operator, ...]:
        return tuple(each for each in OPERATORS.values() if self.type in each.types)


Fields = dict[FieldPath, Field]

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
    """A key of metadata as the contacts hold it, once for each type of value."""

    path: FieldPath
    value_type: FieldType
    contacts: int


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
    for path, kinds in sorted(by_path.items()):
        most = max(kinds, key=lambda kind: (kind.contacts, kind.value_type))
        whole = (names.metadata, *path)
        fields[whole] = Field(
            path=whole,
            source="metadata",
            type=most.value_type,
            contacts=sum(kind.contacts for kind in kinds),
        )
    return fields
