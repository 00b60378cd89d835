"""Who matches, by the index in memory and by the database: the same, whatever contacts hold."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unittest import mock
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.types.json import Jsonb

from clarion.audience.contact_table import Column, ContactNames, ContactTable
from clarion.audience.fields import HELD_TYPES, Field, FieldType, Operand
from clarion.audience.filter import Condition, Group, Match
from clarion.audience.filter_sql import compile_filter
from clarion.audience.index import build, columns, extract, fields
from clarion.audience.index.answers import Answers, Asked, texts_of
from clarion.audience.index.build import Builder
from clarion.audience.index.evaluate import NotInMemory
from clarion.audience.index.extract import id_text
from clarion.kernel.actor import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.audience.index.index import Index

#: More by CLARION_EXAMPLES.
EXAMPLES = int(os.environ.get("CLARION_EXAMPLES", "5000"))

#: Each example asks so many filters of one set of contacts: as they came, and again as they are
#: after some have changed.
FILTERS = 2

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)

Connection = psycopg.Connection[Any]

TABLE = ContactTable(
    names=ContactNames(),
    id_type="uuid",
    columns=tuple(
        Column(name=name, sql_type=kind)
        for name, kind in (
            ("id", "uuid"),
            ("workspace_id", "uuid"),
            ("first_name", "text"),
            ("last_name", "text"),
            ("email", "text"),
            ("phone_number", "text"),
            ("metadata", "jsonb"),
            ("created_at", "timestamp with time zone"),
            ("updated_at", "timestamp with time zone"),
        )
    ),
)

#: One key of metadata read as each type; what is held is of any kind.
KEYS = {f"{kind.value}_key": kind for kind in HELD_TYPES}
FIELDS = [
    *(
        Field(path=("metadata", *path), source="metadata", type=kind, numeric=1)
        for key, kind in KEYS.items()
        for path in ((key,), ("deep", key))
    ),
    Field(path=("first_name",), source="column", type=FieldType.TEXT),
    Field(path=("created_at",), source="column", type=FieldType.DATE),
]

WORDS = ["TX", "tx", "Éa", "éA", "ßS", "İi", "ς", "100%", "a_b", "a", "A", "", " ", "\u2003", "x\n"]
#: Some often, so that what is held and what is compared are the same number now and then.
NUMBERS = [7, 7, 7, 7, 0.1, 0.1, 0.1, 0, -3, 2.5, 1e3, 700, 1.1e-7, 2**53]
#: Of more digits than a double gives back: a field that holds one is the database's to answer.
LONG_NUMBERS = [2**60, 123456789012345678, 0.12345678901234567]
NUMERIC_TEXTS = [
    "7",
    " 7 ",
    "7.0",
    "+7",
    "1e3",
    ".5",
    "5.",
    "0.1",
    "٣",
    "1_0",
    "NaN",
    "0x10",
    "--7",
]
DAYS = [
    "2026-11-23",
    "2026-11-24",
    "2025-02-29",
    "2024-02-29",
    "2026-11-01T01:30",
    "2026-03-08 02:30",
    "2026-11-23T12:30:00-05:00",
    "2026-11-23T17:30:00.000001Z",
    "2026-11-23 17:30:00+00",
    "0999-01-01",
    "2026-11-23T24:00:00Z",
    "2026-11-23T00:00:60Z",
    "not a day",
    "1990-12-31",
    "2026-12-01T00:00:00+05:30",
]
texts = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(NUMERIC_TEXTS),
    st.sampled_from(DAYS),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4),
)
single = st.one_of(
    st.none(), st.booleans(), st.sampled_from(["true", "FALSE"]), st.sampled_from(NUMBERS), texts
)
lists = st.lists(st.one_of(single, st.lists(texts, max_size=2)), max_size=4)
held = st.one_of(single, single, lists, st.dictionaries(st.sampled_from("ab"), single, max_size=2))


#: What a key mostly holds, so that contacts and conditions often meet exactly.
own = {
    FieldType.TEXT: st.sampled_from(WORDS),
    FieldType.NUMBER: st.one_of(st.sampled_from(NUMBERS), st.sampled_from(NUMERIC_TEXTS)),
    FieldType.DATE: st.sampled_from(DAYS),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.LIST: st.lists(st.sampled_from(WORDS), max_size=3),
}


@st.composite
def key_values(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, kind in KEYS.items():
        match draw(st.integers(0, 7)):
            case 0 | 1:
                pass
            case 2:
                found[key] = draw(held)
            case 3 if draw(st.integers(0, 19)) == 0:
                found[key] = draw(st.sampled_from(LONG_NUMBERS))
            case _:
                found[key] = draw(own[kind])
    return found


@st.composite
def contacts(draw: st.DrawFn) -> tuple[str | None, dict[str, Any], datetime]:
    metadata = draw(key_values())
    match draw(st.integers(0, 3)):
        case 0:
            metadata["deep"] = draw(single)
        case 1 | 2:
            metadata["deep"] = draw(key_values())
    created = NOW - timedelta(
        days=draw(st.integers(-2, 400)), seconds=draw(st.sampled_from([0, 1, 43_200, 63_000]))
    )
    return draw(st.one_of(st.none(), texts)), metadata, created


_OF_KIND: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.TEXT: texts,
    FieldType.LIST: texts,
    FieldType.NUMBER: st.one_of(
        st.sampled_from([Decimal(str(number)) for number in NUMBERS]),
        st.sampled_from([Decimal(str(number)) for number in NUMBERS]),
        st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000),
        st.just(Decimal("0.1000000000000000055511151231257827021181583404541015625")),
        st.just(Decimal(2**60 + 1)),
    ),
    FieldType.DATE: st.one_of(
        st.dates(date(2024, 1, 1), date(2027, 1, 1)),
        st.sampled_from([date(2026, 11, 23), date(2026, 11, 24), date(1990, 12, 31)]),
        st.sampled_from([datetime(2026, 11, 1, 1, 30), NOW, NOW - timedelta(days=1)]),  # noqa: DTZ001
    ),
}


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from(FIELDS))
    operator = draw(st.sampled_from(field.operators))
    reading = field.reading_of(operator)
    assert reading is not None
    value = _OF_KIND.get(reading, texts)
    match operator.operand:
        case Operand.NONE:
            values: tuple[Any, ...] = ()
        case Operand.ONE:
            values = (draw(value),)
        case Operand.MANY:
            values = tuple(draw(st.lists(value, min_size=1, max_size=3)))
        case Operand.RANGE:
            values = (draw(value), draw(value))
        case Operand.DAYS:
            values = (draw(st.sampled_from([0, 1, 7, 30, 365, 36_500])),)
    return Condition(field=field, operator=operator, values=values, reading=reading)


groups = st.recursive(
    st.builds(
        Group,
        match=st.sampled_from(list(Match)),
        conditions=st.lists(conditions(), min_size=1, max_size=2).map(tuple),
    ),
    lambda inner: st.builds(
        Group,
        match=st.sampled_from(list(Match)),
        conditions=st.lists(st.one_of(conditions(), inner), max_size=3).map(tuple),
    ),
    max_leaves=4,
)


@contextmanager
def kept_as(*, wide: bool) -> Iterator[None]:
    """Blocks of few contacts; `wide` makes dictionaries and ranks too large at once."""
    with (
        mock.patch.object(extract, "CHUNK", 4),
        mock.patch.object(build, "BLOCK", 8),
        mock.patch.object(fields, "FACET_VALUES", 2 if wide else 1_000),
        mock.patch.object(fields, "_DICTIONARY", 4 if wide else 100_000),
        mock.patch.object(columns, "_RANKED_AT_MOST", 1 if wide else 60_000),
        mock.patch.object(columns, "_DIFFERENT", 0.0 if wide else 0.97),
    ):
        yield


@pytest.fixture
def connections(dsn: str) -> Iterator[tuple[Connection, Connection]]:
    with psycopg.connect(dsn) as connection, psycopg.connect(dsn, autocommit=True) as beside:
        yield connection, beside


def put(connection: Connection, people: list[Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into public.contacts (first_name, metadata, created_at)"
            " values (%s, %s, %s) returning id::text",
            [(name, Jsonb(metadata), created) for name, metadata, created in people],
            returning=True,
        )
        return [row[0] for each in cursor.results() for row in each.fetchall()] if people else []


def by_database(connection: Connection, group: Group) -> set[str]:
    compiled = compile_filter(group, contacts=TABLE, zone=ZONE, now=NOW)
    query = sql.SQL("select c.id::text from public.contacts c {} where {}").format(
        compiled.joins, compiled.where
    )
    return {row[0] for row in connection.execute(query, compiled.parameters).fetchall()}


def lowered(beside: Connection, group: Group) -> dict[str, str]:
    found = {}
    for text in texts_of(group):
        row = beside.execute("select lower(%s::text)", [text]).fetchone()
        assert row is not None
        found[text] = row[0]
    return found


def by_index(held_in: Index, beside: Connection, group: Group) -> set[str]:
    answers = Answers(held_in)
    asked = Asked(group=group, zone=ZONE, now=NOW, outside={}, lowered=lowered(beside, group))
    matching = answers.matching(asked)
    assert answers.count(asked) == len(matching)
    return {
        id_text(block.ids[place], "uuid")
        for block in held_in.blocks.values()
        for place in range(len(block.ids))
        if block.start + place in matching
    }


def agree(held_in: Index, connection: Connection, beside: Connection, asked: list[Group]) -> None:
    for group in asked:
        try:
            found = by_index(held_in, beside, group)
        except NotInMemory as reason:
            event(f"answered by the database: {reason}")
            continue
        event("answered by the index")
        assert found == by_database(connection, group), group


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    people=st.lists(contacts(), max_size=14),
    later=st.lists(contacts(), max_size=4),
    gone=st.integers(0, 3),
    asked=st.lists(groups, min_size=FILTERS, max_size=FILTERS),
    kept=st.sampled_from(["as it is", "wide"]),
)
def test_the_index_and_the_database_find_the_same_contacts(
    connections: tuple[Connection, Connection],
    people: list[Any],
    later: list[Any],
    gone: int,
    asked: list[Group],
    kept: str,
) -> None:
    connection, beside = connections
    with kept_as(wide=kept == "wide"):
        try:
            ids = put(connection, people)
            builder = Builder(connection, beside, TABLE, DEFAULT_WORKSPACE, str(ZONE))
            held_in = builder.build(FIELDS)
            agree(held_in, connection, beside, asked)
            # Some come, some go, some become others.
            new = put(connection, later)
            connection.execute("delete from public.contacts where id = any (%s)", [ids[:gone]])
            for each, (name, metadata, created) in zip(ids[gone:], later, strict=False):
                connection.execute(
                    "update public.contacts set first_name = %s, metadata = %s, created_at = %s"
                    " where id = %s",
                    [name, Jsonb(metadata), created, each],
                )
            builder.change(held_in, FIELDS, [*new, *ids[: gone + len(later)]])
            agree(held_in, connection, beside, asked)
        finally:
            connection.rollback()
