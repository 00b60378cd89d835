"""Who matches, by the database and by a naive reading of the same rules in Python."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.types.json import Jsonb

from clarion.audience.contact_table import Column, ContactNames, ContactTable
from clarion.audience.fields import OPERATORS, Field, FieldType, Operand
from clarion.audience.filter import Condition, Group, Match, Value
from clarion.audience.filter_sql import compile_filter

_ZONE = ZoneInfo("America/Chicago")
_NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)  # noon in Chicago

_MISSING = object()

#: Everything that one key of metadata may hold, one contact each.
_HELD: list[Any] = [
    _MISSING, None, "", " ", "\t\n", "TX", "tx", "Tx ", "Austin, TX", "Éa", "éA", "ÄÖÜ", "äöü",
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
]  # fmt: skip

_VALUES: dict[FieldType, list[Value]] = {
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

_TABLE = ContactTable(
    names=ContactNames(),
    id_type="uuid",
    columns=(Column(name="id", sql_type="uuid"), Column(name="metadata", sql_type="jsonb")),
)


# --- the naive reading


def as_text(held: Any) -> str | None:
    if held is _MISSING or held is None:
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
    readings = (moment.replace(tzinfo=_ZONE, fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(readings)


def as_list(held: Any) -> list[str | None]:
    if held is _MISSING or held is None or isinstance(held, dict):
        return []
    return [as_text(each) for each in (held if isinstance(held, list) else [held])]


def day_begins(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=_ZONE).astimezone(UTC)


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


def moment_meets(operator: str, moment: datetime, values: list[Any]) -> bool:
    today = _NOW.astimezone(_ZONE).date()
    match operator:
        case "before":
            return moment < begins(values[0])
        case "after":
            return moment >= ends(values[0])
        case "in_last_days":
            return day_begins(today - timedelta(days=values[0])) <= moment < _NOW
        case "in_next_days":
            return _NOW <= moment < day_begins(today + timedelta(days=values[0] + 1))
        case _:
            return begins(values[0]) <= moment < ends(values[-1])


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
            Condition(field=condition.field, operator=positive, values=condition.values), held
        )
    kind, values = condition.field.type, list(condition.values)
    if operator == "is_empty":
        return is_empty(kind, held)
    match kind:
        case FieldType.TEXT:
            text = as_text(held)
            return text is not None and text_meets(operator, text, [str(v) for v in values])
        case FieldType.NUMBER:
            number = as_number(held)
            return number is not None and number_meets(operator, number, values)  # type: ignore[arg-type]
        case FieldType.DATE:
            moment = as_moment(held)
            return moment is not None and moment_meets(operator, moment, values)
        case FieldType.BOOLEAN:
            return (as_text(held) or "").lower() == ("true" if operator == "is_true" else "false")
        case FieldType.LIST:
            has = {each.lower() for each in as_list(held) if each is not None}
            wanted = {str(each).lower() for each in values}
            return bool(has & wanted) if operator == "has_any_of" else wanted <= has


def matches(part: Group | Condition, held: Any) -> bool:
    if isinstance(part, Condition):
        return meets(part, held)
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


# --- the database


@pytest.fixture
def peopled(dsn: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A contact for each of `_HELD`, with its place in the list as first name."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set search_path = broadcast, public")
        # What a column without offset and the session's zone might make of dates must not matter.
        connection.execute("set timezone = 'Asia/Tokyo'")
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into public.contacts (first_name, metadata) values (%s, %s)",
                [
                    (str(place), Jsonb({} if held is _MISSING else {"k": held, "in": {"k": held}}))
                    for place, held in enumerate(_HELD)
                ],
            )
        yield connection


def matched(connection: psycopg.Connection[tuple[Any, ...]], group: Group) -> set[int]:
    compiled = compile_filter(group, contacts=_TABLE, zone=_ZONE, now=_NOW)
    query = sql.SQL("select c.first_name from public.contacts c where {}").format(compiled.where)
    return {int(name) for (name,) in connection.execute(query, compiled.parameters).fetchall()}


def expected(group: Group) -> set[int]:
    return {place for place, held in enumerate(_HELD) if matches(group, held)}


def shown(places: set[int]) -> list[Any]:
    return ["(missing)" if _HELD[place] is _MISSING else _HELD[place] for place in sorted(places)]


def field(kind: FieldType, *path: str) -> Field:
    return Field(path=("metadata", *path), source="metadata", type=kind)


def every_condition() -> Iterator[Condition]:  # noqa: C901 - one case per operand
    for kind in FieldType:
        values = _VALUES[kind]
        for operator in OPERATORS.values():
            if kind not in operator.types:
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
                    choices = [(0,), (1,), (30,), (36_500,)]
            for path in (("k",), ("in", "k")):
                for chosen in choices:
                    yield Condition(field=field(kind, *path), operator=operator, values=chosen)


def test_every_operator_means_the_same_to_the_database_for_whatever_contacts_hold(
    peopled: psycopg.Connection[tuple[Any, ...]],
) -> None:
    looked_at = 0
    for condition in every_condition():
        group = Group(match=Match.ALL, conditions=(condition,))
        found, wanted = matched(peopled, group), expected(group)
        looked_at += 1
        assert found == wanted, (
            f"{condition.field.id} {condition.field.type} {condition.operator.id} "
            f"{condition.values}: too many {shown(found - wanted)}, "
            f"too few {shown(wanted - found)}"
        )
    assert looked_at > 300


def test_the_values_that_are_compared_split_the_contacts(
    peopled: psycopg.Connection[tuple[Any, ...]],
) -> None:
    """Nearly every condition above has somebody who meets it and somebody who does not."""
    idle = {
        (condition.field.type, condition.operator.id)
        for condition in every_condition()
        if len(expected(Group(match=Match.ALL, conditions=(condition,)))) in range(1, len(_HELD))
    }
    assert len(idle) == sum(len(each.types) for each in OPERATORS.values())


_ALL = list(every_condition())


def nth_condition(number: int) -> Condition:
    return _ALL[number]


_conditions = st.integers(0, len(_ALL) - 1).map(nth_condition)
_groups = st.recursive(
    st.builds(
        Group,
        match=st.sampled_from(list(Match)),
        conditions=st.lists(_conditions, max_size=3).map(tuple),
    ),
    lambda inner: st.builds(
        Group,
        match=st.sampled_from(list(Match)),
        conditions=st.lists(st.one_of(_conditions, inner), max_size=3).map(tuple),
    ),
    max_leaves=5,
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(group=_groups)
def test_nested_groups_mean_the_same_to_the_database(
    peopled: psycopg.Connection[tuple[Any, ...]], group: Group
) -> None:
    assert matched(peopled, group) == expected(group)


@pytest.mark.parametrize("match", list(Match))
def test_a_group_without_conditions_restricts_nothing(
    peopled: psycopg.Connection[tuple[Any, ...]], match: Match
) -> None:
    everybody = set(range(len(_HELD)))
    empty = Group(match=match, conditions=())
    assert matched(peopled, empty) == everybody
    assert matched(peopled, Group(match=Match.ALL, conditions=(empty, empty))) == everybody


def one(kind: str, operator: str, *values: Value) -> Group:
    condition = Condition(
        field=field(FieldType(kind), "k"), operator=OPERATORS[operator], values=values
    )
    return Group(match=Match.ALL, conditions=(condition,))


@pytest.mark.parametrize(
    ("group", "people"),
    [
        (one("text", "is", "tx"), ["TX", "tx"]),
        (one("text", "contains", "%"), ["100%"]),
        (one("text", "contains", "a_"), ["a_b"]),
        (one("text", "is", "ÉA"), ["Éa", "éA"]),
        (one("number", "is", Decimal(7)), [7, "7", " 7 ", "7.0", "+7"]),
        (one("number", "greater_than", Decimal(100)), ["1e3"]),
        (one("boolean", "is_true"), [True, "true", "TRUE"]),
        (one("list", "has_any_of", "a"), [["a"], ["A", "b"], ["a", "b", "c"], "a", "A"]),
        (one("list", "has_all_of", "a", "B"), [["A", "b"], ["a", "b", "c"]]),
        (
            one("date", "on", date(2026, 11, 24)),
            ["2026-11-24", "2026-11-24T06:00:00+00:00", "2026-11-24 09:00"],
        ),
        (
            one("date", "in_next_days", 0),
            ["2026-11-23T18:00:00Z", "2026-11-24T05:30:00+00:00", "2026-11-24T00:30:00+05:30"],
        ),
    ],
)
def test_these_people_are_meant(
    peopled: psycopg.Connection[tuple[Any, ...]], group: Group, people: list[Any]
) -> None:
    assert shown(matched(peopled, group)) == people


def test_somebody_without_a_value_meets_the_negative_operators(
    peopled: psycopg.Connection[tuple[Any, ...]],
) -> None:
    nobody = {_HELD.index(_MISSING), _HELD.index(None)}
    for group in (
        one("text", "is_not", "TX"),
        one("text", "is_none_of", "TX"),
        one("text", "does_not_contain", "TX"),
        one("number", "is_not", Decimal(7)),
        one("list", "has_none_of", "a"),
        one("list", "is_empty"),
        one("date", "is_empty"),
    ):
        assert nobody <= matched(peopled, group)
