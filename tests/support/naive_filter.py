"""What a filter means, read naively in Python, with everything that a contact may hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from clarion.audience.fields import HELD_TYPES, OPERATORS, Field, FieldType, Operand
from clarion.audience.filter import (
    EVERYBODY,
    Condition,
    Group,
    Match,
    Part,
    SegmentCondition,
    Value,
)

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)  # noon in Chicago

MISSING = object()

#: Everything that one key of metadata may hold, one contact each.
HELD: list[Any] = [
    MISSING, None, "", " ", "\t\n", "TX", "tx", "Tx ", "Austin, TX", "Éa", "éA", "ÄÖÜ", "äöü",
    "STRASSE", "straße", "100%", "a_b", "axb", "\\", "'; drop table contacts; --", "😀",
    0, 1, -3, 12.5, 7, "0", "7", " 7 ", "7.0", "+7", ".5", "5.", "1e3", "1e9999", "0x10", "1,000",
    "NaN", "Infinity", "seven", True, False, "true", "TRUE", "False", "yes",
    [], [""], ["a"], ["A", "b"], ["b", None], ["a", "b", "c"], [7, True], {}, {"x": 1}, "a", "A",
    "2026-11-23", "2026-11-24", "2026-11-22T23:30:00", "2026-11-23T17:59:59Z",
    "2026-11-23T18:00:00Z", "2026-11-24T05:30:00+00:00", "2026-11-24T06:00:00+00:00",
    "2026-11-24T00:30:00+05:30", "2026-11-24 09:00", "2026-11-24T10:00:00+99:00", "2026-02-30",
    "2026-13-01", "2026-11-24T25:00", "2026-11-24 garbage", "24.11.2026",
    # Clocks skip 2:30 in spring and show 1:30 twice in autumn.
    "2026-03-08T02:30:00", "2026-03-08T03:30:00", "2026-11-01T01:30:00", "2026-11-01T06:30:00Z",
    "2026-11-01T07:30:00Z",
    # Days that come round again, in other years, on a leap day, and by the clock of the zone.
    "1984-11-23", "1984-11-22", "1990-12-23", "1990-12-24", "1988-02-29", "2001-03-01",
    "1975-01-01", "1999-12-31", "2000-01-01T03:00:00Z",
]  # fmt: skip

VALUES: dict[FieldType, list[Value]] = {
    FieldType.TEXT: [
        "tx", "TX", "éa", "Äöü", "straße", "%", "_", "\\", "7", "7.0", "true", "a", "drop table",
        "😀", '["a"]', "12.5",
    ],
    FieldType.NUMBER: [Decimal(7), Decimal("7.00"), Decimal(0), Decimal(-3), Decimal("12.5"),
                       Decimal(1000), Decimal("0.5")],
    FieldType.DATE: [
        date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 22), date(2026, 3, 8),
        date(2026, 11, 1), datetime(2026, 11, 24, 6, tzinfo=UTC),
        datetime(2026, 11, 24, 9), datetime(2026, 3, 8, 2, 30), datetime(2026, 11, 1, 1, 30),  # noqa: DTZ001
    ],
    FieldType.LIST: ["a", "B", "c", "7", "true", ""],
    FieldType.BOOLEAN: [],
}  # fmt: skip

# --- reading what is held, and comparing it


def as_text(held: Any) -> str | None:
    if held is MISSING or held is None:
        return None
    if isinstance(held, str):
        return held
    return json.dumps(held, ensure_ascii=False)


def as_number(held: Any) -> Decimal | None:
    text = as_text(held)
    shape = r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*"
    return Decimal(text.strip()) if text is not None and re.fullmatch(shape, text) else None


def as_moment(held: Any) -> datetime | None:
    text = as_text(held)
    if text is None or not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        return at(datetime.fromisoformat(text))
    except ValueError:
        return None


def at(moment: datetime) -> datetime:
    """A time without offset is wall time; one that is skipped or comes twice means the later."""
    if moment.tzinfo is not None:
        return moment
    readings = (moment.replace(tzinfo=ZONE, fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(readings)


def as_list(held: Any) -> list[str | None]:
    if held is MISSING or held is None or isinstance(held, dict):
        return []
    return [as_text(each) for each in (held if isinstance(held, list) else [held])]


def day_begins(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


def begins(value: Any) -> datetime:
    return at(value) if isinstance(value, datetime) else day_begins(value)


def ends(value: Any) -> datetime:
    if isinstance(value, datetime):
        return begins(value) + timedelta(microseconds=1)
    return day_begins(value + timedelta(days=1))


def is_empty(kind: FieldType, held: Any) -> bool:
    match kind:
        case FieldType.NUMBER:
            return as_number(held) is None
        case FieldType.DATE:
            return as_moment(held) is None
        case FieldType.LIST:
            return as_list(held) in ([], [""])
        case _:
            return not (as_text(held) or "").strip()


def text_meets(operator: str, text: str, values: list[str]) -> bool:
    lowered, wanted = text.lower(), [each.lower() for each in values]
    match operator:
        case "is" | "is_one_of":
            return lowered in wanted
        case "contains":
            return wanted[0] in lowered
        case _:
            return lowered.startswith(wanted[0])


def number_meets(operator: str, number: Decimal, values: list[Decimal]) -> bool:
    return {
        "is": number in values,
        "is_one_of": number in values,
        "greater_than": number > values[0],
        "at_least": number >= values[0],
        "less_than": number < values[0],
        "at_most": number <= values[0],
        "between": values[0] <= number <= values[-1],
    }[operator]


def moment_meets(operator: str, moment: datetime, values: list[Any]) -> bool:  # noqa: PLR0911
    today = NOW.astimezone(ZONE).date()
    match operator:
        case "before":
            return moment < begins(values[0])
        case "after":
            return moment >= ends(values[0])
        case "in_last_days":
            return day_begins(today - timedelta(days=values[0])) <= moment < NOW
        case "in_next_days":
            return NOW <= moment < day_begins(today + timedelta(days=values[0] + 1))
        case "more_than_days_ago":
            return moment.astimezone(ZONE).date() < today - timedelta(days=values[0])
        case "anniversary_in_next_days":
            return comes_round(moment.astimezone(ZONE).date(), today, values[0])
        case _:
            return begins(values[0]) <= moment < ends(values[-1])


def comes_round(day: date, today: date, days: int) -> bool:
    """Whether it is the day's anniversary on one of the days from today on, tried year by year."""
    for year in (today.year, today.year + 1):
        try:
            anniversary = day.replace(year=year)
        except ValueError:
            anniversary = date(year, 3, 1)
        if today <= anniversary <= today + timedelta(days=days):
            return True
    return False


_POSITIVE = {
    "is_not": "is",
    "is_none_of": "is_one_of",
    "does_not_contain": "contains",
    "has_none_of": "has_any_of",
    "is_not_empty": "is_empty",
}


def meets(condition: Condition, held: Any) -> bool:  # noqa: PLR0911 - one per type
    operator = condition.operator.id
    if operator in _POSITIVE:
        positive = OPERATORS[_POSITIVE[operator]]
        return not meets(
            Condition(
                field=condition.field,
                operator=positive,
                values=condition.values,
                reading=condition.reading,
            ),
            held,
        )
    kind, values = condition.reading, list(condition.values)
    if operator == "is_empty":
        return is_empty(kind, held)
    match kind:
        case FieldType.TEXT:
            text = as_text(held)
            return text is not None and text_meets(operator, text, [str(v) for v in values])
        case FieldType.NUMBER:
            number, numbers = as_number(held), [Decimal(str(value)) for value in values]
            return number is not None and number_meets(operator, number, numbers)
        case FieldType.DATE:
            moment = as_moment(held)
            return moment is not None and moment_meets(operator, moment, values)
        case FieldType.BOOLEAN:
            return (as_text(held) or "").lower() == ("true" if operator == "is_true" else "false")
        case _:
            has = {each.lower() for each in as_list(held) if each is not None}
            wanted = {str(each).lower() for each in values}
            return bool(has & wanted) if operator == "has_any_of" else wanted <= has


def matches(part: Part, held: Any) -> bool:
    if isinstance(part, Condition):
        return meets(part, held)
    if isinstance(part, SegmentCondition):
        in_any = any(matches(each.group or EVERYBODY, held) for each in part.segments)
        return in_any is not part.negated
    assert isinstance(part, Group), "what is known outside has tests of its own"
    if not part.conditions:
        return True
    answers = [matches(each, held) for each in part.conditions]
    match part.match:
        case Match.ALL:
            return all(answers)
        case Match.ANY:
            return any(answers)
        case Match.NONE:
            return not any(answers)


# --- every condition that there can be


def field(kind: FieldType, *path: str) -> Field:
    return Field(path=("metadata", *path), source="metadata", type=kind)


#: How each type is read, with the operators for which it is: a text also as a number.
_READ_AS = [
    *((kind, kind, tuple(OPERATORS)) for kind in HELD_TYPES),
    (
        FieldType.TEXT,
        FieldType.NUMBER,
        ("greater_than", "at_least", "less_than", "at_most", "between"),
    ),
]


def every_condition() -> Iterator[Condition]:  # noqa: C901 - one case per operand
    for kind, reading, operators in _READ_AS:
        values = VALUES[reading]
        for operator in (OPERATORS[name] for name in operators):
            if reading not in operator.types:
                continue
            match operator.operand:
                case Operand.NONE:
                    choices: list[tuple[Value, ...]] = [()]
                case Operand.ONE:
                    choices = [(value,) for value in values]
                case Operand.MANY:
                    choices = [(value,) for value in values] + [tuple(values[:3])]
                case Operand.RANGE:
                    choices = [(one, other) for one in values for other in values]
                case Operand.DAYS:
                    choices = [(0,), (1,), (30,), (98,), (99,), (36_500,)]
            for path in (("k",), ("in", "k")):
                for chosen in choices:
                    yield Condition(
                        field=field(kind, *path), operator=operator, values=chosen, reading=reading
                    )
