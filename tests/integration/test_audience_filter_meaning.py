"""Who matches, by the database and by a naive reading of the same rules in Python."""

from __future__ import annotations

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
from clarion.audience.fields import OPERATORS, FieldType
from clarion.audience.filter import (
    Condition,
    Group,
    Match,
    Part,
    SegmentCondition,
    SegmentInFilter,
    Value,
)
from clarion.audience.filter_sql import compile_filter, compile_parts
from support.naive_filter import (
    HELD,
    MISSING,
    NOW,
    ZONE,
    comes_round,
    every_condition,
    field,
    matches,
)

_TABLE = ContactTable(
    names=ContactNames(),
    id_type="uuid",
    columns=(Column(name="id", sql_type="uuid"), Column(name="metadata", sql_type="jsonb")),
)


# --- the database


@pytest.fixture
def peopled(dsn: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A contact for each of `HELD`, with its place in the list as first name."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set search_path = broadcast, public")
        # What a column without offset and the session's zone might make of dates must not matter.
        connection.execute("set timezone = 'Asia/Tokyo'")
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into public.contacts (first_name, metadata) values (%s, %s)",
                [
                    (str(place), Jsonb({} if held is MISSING else {"k": held, "in": {"k": held}}))
                    for place, held in enumerate(HELD)
                ],
            )
        yield connection


def matched(connection: psycopg.Connection[tuple[Any, ...]], group: Group) -> set[int]:
    compiled = compile_filter(group, contacts=_TABLE, zone=ZONE, now=NOW)
    query = sql.SQL("select c.first_name from public.contacts c where {}").format(compiled.where)
    return {int(name) for (name,) in connection.execute(query, compiled.parameters).fetchall()}


def expected(group: Group) -> set[int]:
    return {place for place, held in enumerate(HELD) if matches(group, held)}


def shown(places: set[int]) -> list[Any]:
    return ["(missing)" if HELD[place] is MISSING else HELD[place] for place in sorted(places)]


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
        (condition.field.type, condition.reading, condition.operator.id)
        for condition in every_condition()
        if len(expected(Group(match=Match.ALL, conditions=(condition,)))) in range(1, len(HELD))
    }
    assert idle == {
        (condition.field.type, condition.reading, condition.operator.id) for condition in _ALL
    }


_ALL = list(every_condition())


def nth_condition(number: int) -> Condition:
    return _ALL[number]


def _in_segments(groups: st.SearchStrategy[Group]) -> st.SearchStrategy[SegmentCondition]:
    segment = st.builds(SegmentInFilter, id=st.uuids(), name=st.just("Texans"), group=groups)
    return st.builds(
        SegmentCondition,
        segments=st.lists(segment, min_size=1, max_size=2).map(tuple),
        negated=st.booleans(),
    )


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
        conditions=st.lists(st.one_of(_conditions, inner, _in_segments(inner)), max_size=3).map(
            tuple
        ),
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


def parts_of(part: Part, pointer: str) -> Iterator[tuple[str, Part]]:
    yield pointer, part
    if isinstance(part, Group):
        for place, inner in enumerate(part.conditions):
            yield from parts_of(inner, f"{pointer}/conditions/{place}")


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(group=_groups)
def test_each_part_of_a_filter_can_be_asked_by_itself(
    peopled: psycopg.Connection[tuple[Any, ...]], group: Group
) -> None:
    compiled = compile_parts(group, contacts=_TABLE, zone=ZONE, now=NOW)
    answers = sql.SQL(", ").join(where for _, where in compiled.parts)
    query = sql.SQL("select c.first_name, {} from public.contacts c {}").format(
        answers, compiled.joins
    )
    wanted = list(parts_of(group, ""))
    assert [pointer for pointer, _ in compiled.parts] == [pointer for pointer, _ in wanted]
    for place, *met in peopled.execute(query, compiled.parameters).fetchall():
        assert met == [matches(part, HELD[int(place)]) for _, part in wanted]


#: Moments around the ends of years and around leap days, in zones on both sides of the date line.
_TODAYS = [
    (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "America/Chicago"),
    (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "Pacific/Auckland"),
    (datetime(2027, 2, 28, 12, tzinfo=UTC), "UTC"),
    (datetime(2028, 2, 28, 12, tzinfo=UTC), "UTC"),
    (datetime(2028, 2, 29, 12, tzinfo=UTC), "Asia/Kolkata"),
    (datetime(2028, 3, 1, 3, tzinfo=UTC), "America/Los_Angeles"),
    (datetime(2027, 2, 28, 23, tzinfo=UTC), "Asia/Tokyo"),
]


@pytest.mark.parametrize(("now", "zone"), _TODAYS)
def test_whoever_has_a_birthday_soon_is_found_in_every_year_and_zone(
    dsn: str, now: datetime, zone: str
) -> None:
    born = [date(1984, 1, 1) + timedelta(days=day) for day in range(366)]
    today = now.astimezone(ZoneInfo(zone)).date()
    with psycopg.connect(dsn) as connection:
        connection.cursor().executemany(
            "insert into public.contacts (first_name, metadata) values (%s, %s)",
            [(str(day), Jsonb({"k": str(day)})) for day in born],
        )
        for days in (0, 1, 2, 59, 364, 365, 366, 5_000):
            group = one("date", "anniversary_in_next_days", days)
            compiled = compile_filter(group, contacts=_TABLE, zone=ZoneInfo(zone), now=now)
            query = sql.SQL("select c.first_name from public.contacts c where {}").format(
                compiled.where
            )
            found = {name for (name,) in connection.execute(query, compiled.parameters).fetchall()}
            assert found == {str(day) for day in born if comes_round(day, today, days)}, days


@pytest.mark.parametrize("match", list(Match))
def test_a_group_without_conditions_restricts_nothing(
    peopled: psycopg.Connection[tuple[Any, ...]], match: Match
) -> None:
    everybody = set(range(len(HELD)))
    empty = Group(match=match, conditions=())
    assert matched(peopled, empty) == everybody
    assert matched(peopled, Group(match=Match.ALL, conditions=(empty, empty))) == everybody


def one(kind: str, operator: str, *values: Value) -> Group:
    condition = Condition(
        field=field(FieldType(kind), "k"),
        operator=OPERATORS[operator],
        values=values,
        reading=FieldType(kind),
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
    nobody = {HELD.index(MISSING), HELD.index(None)}
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
