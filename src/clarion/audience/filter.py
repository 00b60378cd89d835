"""The filter language: groups of conditions, read from JSON and checked against the fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from clarion.audience.fields import OPERATORS, Field, Fields, FieldType, Operand, Operator
from clarion.kernel.errors import Fault, Invalid
from clarion.kernel.field_path import read_path

MAX_DEPTH = 8
MAX_CONDITIONS = 200
MAX_VALUES = 1_000
MAX_DAYS = 36_500
MAX_DIGITS = 300

#: Nobody means a year outside, and a day further on the calendars of Python and SQL end.
YEARS = range(1_000, 9_000)

Value = str | Decimal | date | datetime | int


class Match(StrEnum):
    ALL = "all"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`values` holds what the operator compares with: none, one, two (a range) or many."""

    field: Field
    operator: Operator
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group without conditions restricts nothing, whatever it matches."""

    match: Match
    conditions: tuple[Group | Condition, ...]


EVERYBODY = Group(match=Match.ALL, conditions=())


def read_filter(document: Mapping[str, Any], fields: Fields, *, pointer: str = "/filter") -> Group:
    """What `document` means. Raises Invalid with a fault for every place that is wrong."""
    reader = _Reader(fields)
    group = reader.group(document, pointer, depth=1)
    if reader.faults:
        raise Invalid("The filter cannot be used yet.", faults=reader.faults)
    return group


class _Reader:
    """Reads a whole document and collects its faults, so that a person sees all of them."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.faults: list[Fault] = []
        self.conditions = 0

    def fault(self, pointer: str, detail: str) -> None:
        self.faults.append(Fault(pointer=pointer, detail=detail))

    def group(self, document: Mapping[str, Any], pointer: str, *, depth: int) -> Group:
        match = document.get("match")
        if match not in tuple(Match):
            self.fault(f"{pointer}/match", "A group matches all, any or none of its conditions.")
            match = Match.ALL
        if depth > MAX_DEPTH:
            self.fault(pointer, f"Groups can be nested {MAX_DEPTH} deep.")
            return EVERYBODY
        parts = document.get("conditions")
        if not isinstance(parts, Sequence) or isinstance(parts, str):
            self.fault(f"{pointer}/conditions", "A group has a list of conditions.")
            return EVERYBODY
        read: list[Group | Condition] = []
        for index, part in enumerate(parts):
            part_pointer = f"{pointer}/conditions/{index}"
            if not isinstance(part, Mapping):
                self.fault(part_pointer, "This is neither a condition nor a group.")
            elif "conditions" in part or "match" in part:
                read.append(self.group(part, part_pointer, depth=depth + 1))
            elif (condition := self.condition(part, part_pointer)) is not None:
                read.append(condition)
        return Group(match=Match(match), conditions=tuple(read))

    def condition(self, document: Mapping[str, Any], pointer: str) -> Condition | None:
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            self.fault(pointer, f"A filter has {MAX_CONDITIONS} conditions at most.")
            return None
        field = self.field(document.get("field"), pointer)
        if field is None:
            return None
        operator = OPERATORS.get(str(document.get("operator")))
        if operator is None or field.type not in operator.types:
            fitting = ", ".join(each.id for each in field.operators)
            self.fault(
                f"{pointer}/operator",
                f"“{document.get('operator')}” does not fit {field.label}, which is "
                f"{_A_TYPE[field.type]}. Use one of: {fitting}.",
            )
            return None
        try:
            values = _read_values(field, operator, document.get("value"))
        except Invalid as problem:
            self.fault(f"{pointer}/value", problem.detail)
            return None
        return Condition(field=field, operator=operator, values=values)

    def field(self, name: object, pointer: str) -> Field | None:
        try:
            field = self.fields.get(read_path(name)) if isinstance(name, str) else None
        except Invalid:
            field = None
        if field is None:
            self.fault(f"{pointer}/field", f"The contacts have no field “{name}”.")
        return field


_A_TYPE = {
    FieldType.TEXT: "text",
    FieldType.NUMBER: "a number",
    FieldType.DATE: "a date",
    FieldType.BOOLEAN: "yes or no",
    FieldType.LIST: "a list",
}


def _read_values(field: Field, operator: Operator, value: object) -> tuple[Value, ...]:
    match operator.operand:
        case Operand.NONE:
            if value is not None:
                raise Invalid(f"“{operator.label}” takes no value.")
            return ()
        case Operand.ONE:
            return (_read_value(field, value),)
        case Operand.MANY:
            return _read_many(field, value)
        case Operand.RANGE:
            return _read_range(field, value)
        case Operand.DAYS:
            return (_read_days(value),)


def _read_many(field: Field, value: object) -> tuple[Value, ...]:
    many = _list_of(value)
    if not many:
        raise Invalid("Choose at least one value.")
    if len(many) > MAX_VALUES:
        raise Invalid(f"{len(many):,} values are too many; {MAX_VALUES:,} is the limit.")
    return tuple(_read_value(field, each) for each in many)


def _read_range(field: Field, value: object) -> tuple[Value, ...]:
    both = _list_of(value)
    if len(both) != 2:  # noqa: PLR2004 - a range has two ends
        raise Invalid("Give two values: from and to.")
    low, high = (_read_value(field, each) for each in both)
    if _backwards(low, high):
        raise Invalid(f"The range is backwards: {low} comes after {high}.")
    return (low, high)


def _list_of(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _backwards(low: Value, high: Value) -> bool:
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        return low > high
    return _moment(low) > _moment(high)


def _moment(value: Value) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise Invalid(f"{value} is not a date.")


def _read_value(field: Field, value: object) -> Value:
    match field.type:
        case FieldType.NUMBER:
            return _read_number(value)
        case FieldType.DATE:
            return _read_date(value)
        case FieldType.TEXT | FieldType.LIST | FieldType.BOOLEAN:
            return _read_text(value)


def _read_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Invalid("Choose a value.")
    text = str(value)
    if not text.strip():
        raise Invalid("Choose a value. For contacts without one, use “is empty”.")
    if "\x00" in text:
        raise Invalid("The value holds a character that no contact can hold (NUL).")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid("The value holds half of a character (a lone surrogate).")
    return text


def _read_number(value: object) -> Decimal:
    try:
        number = Decimal(str(value).strip()) if not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise Invalid(f"“{value}” is not a number." if value is not None else "Give a number.")
    if abs(number.adjusted()) > MAX_DIGITS:
        raise Invalid(f"A number has {MAX_DIGITS} digits at most.")
    return number


def _read_date(value: object) -> date | datetime:
    if value is None or value == "":
        raise Invalid("Choose a date.")
    not_a_date = Invalid(f"“{value}” is not a date like 2026-11-24.")
    if not isinstance(value, str):
        raise not_a_date
    try:
        only_a_day = len(value) <= len("2026-11-24")
        read = date.fromisoformat(value) if only_a_day else datetime.fromisoformat(value)
    except ValueError as error:
        raise not_a_date from error
    if read.year not in YEARS:
        raise Invalid(f"Years are between {YEARS.start} and {YEARS.stop - 1}.")
    return read


def _read_days(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise Invalid("Give a number of days.")
    try:
        days = int(value)
    except ValueError as error:
        raise Invalid(f"“{value}” is not a number of days.") from error
    if not 0 <= days <= MAX_DAYS:
        raise Invalid(f"Days are between 0 and {MAX_DAYS:,}.")
    return days
