"""What an operator compares with: values of a filter document, read and checked."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from clarion.audience.fields import FieldType, Operand, Operator
from clarion.kernel.errors import Invalid

MAX_VALUES = 1_000
MAX_DAYS = 36_500
MAX_DIGITS = 300

#: Nobody means a year outside, and a day further on the calendars of Python and SQL end.
YEARS = range(1_000, 9_000)

#: How numbers, dates and numbers of days are written where a document has them as text.
NUMBER = r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*"
DATE = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
)
DAYS = r"\s*[0-9]{1,5}\s*"

Value = str | Decimal | date | datetime | int


def read_values(reading: FieldType, operator: Operator, value: object) -> tuple[Value, ...]:
    """What `operator` compares with, each value as `reading` means it. Raises Invalid."""
    match operator.operand:
        case Operand.NONE:
            if value is not None:
                raise Invalid(f"“{operator.label}” takes no value.")
            return ()
        case Operand.ONE:
            return (_read_value(reading, value),)
        case Operand.MANY:
            return _read_many(reading, value)
        case Operand.RANGE:
            return _read_range(reading, value)
        case Operand.DAYS:
            return (read_days(value),)


def _read_many(reading: FieldType, value: object) -> tuple[Value, ...]:
    many = list_of(value)
    if not many:
        raise Invalid("Choose at least one value.")
    if len(many) > MAX_VALUES:
        raise Invalid(f"{len(many):,} values are too many; {MAX_VALUES:,} is the limit.")
    return tuple(_read_value(reading, each) for each in many)


def _read_range(reading: FieldType, value: object) -> tuple[Value, ...]:
    both = list_of(value)
    if len(both) != 2:  # noqa: PLR2004 - a range has two ends
        raise Invalid("Give two values: from and to.")
    low, high = (_read_value(reading, each) for each in both)
    if _backwards(low, high):
        raise Invalid(f"The range is backwards: {low} comes after {high}.")
    return (low, high)


def list_of(value: object) -> list[object]:
    """Nothing for what is no list, so that it is refused like an empty one."""
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


def _read_value(reading: FieldType, value: object) -> Value:
    match reading:
        case FieldType.NUMBER:
            return _read_number(value)
        case FieldType.DATE:
            return _read_date(value)
        case _:
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
        number = Decimal(str(value)) if _reads_as(NUMBER, value) else None
    except InvalidOperation:
        number = None
    if number is None:
        raise Invalid(f"“{value}” is not a number." if value is not None else "Give a number.")
    if abs(number.adjusted()) > MAX_DIGITS:
        raise Invalid(f"A number has {MAX_DIGITS} digits at most.")
    return number


def _read_date(value: object) -> date | datetime:
    if value is None or value == "":
        raise Invalid("Choose a date.")
    not_a_date = Invalid(f"“{value}” is not a date like 2026-11-24.")
    if not isinstance(value, str) or not _reads_as(DATE, value):
        raise not_a_date
    try:
        only_a_day = len(value) <= len("2026-11-24")
        read = date.fromisoformat(value) if only_a_day else datetime.fromisoformat(value)
    except ValueError as error:
        raise not_a_date from error
    if read.year not in YEARS:
        raise Invalid(f"Years are between {YEARS.start} and {YEARS.stop - 1}.")
    return read


def read_days(value: object) -> int:
    """Raises Invalid."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int | str) or not _reads_as(DAYS, value):
        raise Invalid(f"Give a number of days between 0 and {MAX_DAYS:,}.")
    days = int(value)
    if days > MAX_DAYS:
        raise Invalid(f"Days are between 0 and {MAX_DAYS:,}.")
    return days


def _reads_as(pattern: str, value: object) -> bool:
    return not isinstance(value, bool) and re.fullmatch(pattern, str(value)) is not None
