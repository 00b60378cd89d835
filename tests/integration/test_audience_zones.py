"""The zones of people in the database: the same answers as the rules in Python give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from clarion.audience.fill_zones import fill_zones
from clarion.audience.person_zone import person_zone
from clarion.audience.phone_zone import PhoneZones
from clarion.audience.zone_tables import agreed, state_zones, zip_zones, zone_names
from clarion.kernel.actor import DEFAULT_WORKSPACE
from support.database import new_database

if TYPE_CHECKING:
    from support.house import House


@pytest.fixture(scope="module")
def reader() -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with new_database() as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


Reader = psycopg.Connection[tuple[Any, ...]]


@pytest.mark.parametrize(
    ("function", "table"),
    [
        ("zone_names", zone_names()),
        (
            "state_zones",
            {name: zone for name, zones in state_zones().items() if (zone := agreed(zones))},
        ),
        (
            "zip_zones",
            {prefix: zone for prefix, zones in zip_zones().items() if (zone := agreed(zones))},
        ),
    ],
)
def test_the_database_holds_what_the_files_say(
    reader: Reader, function: str, table: dict[str, str]
) -> None:
    assert reader.execute(f"select broadcast.{function}()".encode()).fetchall() == [(table,)]


def test_all_of_it_becomes_part_of_the_statement_that_asks(reader: Reader) -> None:
    """A call for each person would cost more than saving them."""
    plan = reader.execute(
        "explain (verbose) select broadcast.person_zone(metadata, phone, e164)"
        " from (values ('{}'::jsonb, '', ''), ('[]', '', '')) as person (metadata, phone, e164)"
    ).fetchall()
    text = "".join(line for (line,) in plan)
    assert "America/New_York" in text
    assert "broadcast." not in text


_BLANKS = st.sampled_from(["", " ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\x1f", "\u0085", "  "])
_LETTERS = st.sampled_from(
    [
        *("New_York", "new york", "AMERICA/New_York", "DC", "Washington, D.C."),
        *(
            "Türkei",
            "İstanbul",
            "\u212aansas",
            "\u0131llinois",
            "Québec",
            "\u2019",
            "😀",
            "a\u0301",
        ),
        *("\\", "'", '"', "%"),
    ]
)
_NAMES = st.sampled_from([*zone_names(), *state_zones(), *zone_names().values()])


def _shouted(text: str) -> str:
    return text.upper().replace("_", " ")


words = st.builds(
    lambda before, word, change, after: before + change(word) + after,
    _BLANKS,
    _NAMES | _LETTERS | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8),
    st.sampled_from([str, str.upper, str.title, _shouted]),
    _BLANKS,
)
digits = st.integers(0, 99_999).map(lambda n: f"{n:05d}")
zip_codes = st.one_of(
    digits,
    st.builds(lambda a, b, code, c: a + code + b + c, _BLANKS, _BLANKS, digits, st.just("")),
    st.builds(
        lambda code, dash, more: f"{code}{dash}{more}",
        digits,
        st.sampled_from(["", "-", " ", "--", "\u2013", "\n"]),
        st.integers(0, 9_999).map(lambda n: f"{n:04d}"),
    ),
    st.sampled_from(
        [
            "96799",
            "99546",
            "99923",
            "١٢٣٤٥",
            "\uff16\uff10\uff16\uff10\uff11",
            "606",
            "60601\n",
            "+60601",
            "6e4",
        ]
    ),
    st.integers(-1, 100_001),
    st.integers(),
    st.floats(0, 100_000, allow_nan=False).map(lambda number: round(number, 2)),
    st.sampled_from([60601.0, 501, 500, 99_950, 99_951, 1e20, -0.0]),
)
other_values = st.one_of(
    st.none(), st.booleans(), st.just([]), st.just({}), st.just(["EST"]), st.just({"tz": "EST"})
)
countries = st.sampled_from(
    [
        "US",
        "usa",
        "U.S.",
        "United States",
        "Canada",
        "ca",
        "CAN",
        "Mexico",
        "",
        "  ",
        "UK",
        "\u00a0us",
    ]
)
people = st.fixed_dictionaries(
    {},
    optional={
        "time_zone": words | other_values,
        "timezone": words | other_values,
        "tz": words | other_values,
        "zip": zip_codes | other_values,
        "zip_code": zip_codes | other_values,
        "postal_code": zip_codes | words,
        "state": words | other_values,
        "country": countries | other_values | words,
        "State": words,
    },
)
metadata = people | other_values | words | st.integers()
phones = st.sampled_from(
    [
        (None, None),
        (None, "+18005550199"),
        (None, "+34612345678"),
        ("America/Denver", "+13035550100"),
        ("Europe/London", "+442079460000"),
    ]
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(metadata, phones), min_size=20, max_size=40))
def test_python_and_sql_agree_about_everybody(
    reader: Reader, everybody: list[tuple[Any, tuple[str | None, str | None]]]
) -> None:
    found = reader.execute(
        "select broadcast.person_zone(metadata, phone_zone, e164)"
        " from unnest(%s::jsonb[], %s::text[], %s::text[]) with ordinality"
        " as person (metadata, phone_zone, e164, place) order by place",
        [
            [Jsonb(said) for said, _ in everybody],
            [zone for _, (zone, _) in everybody],
            [e164 for _, (_, e164) in everybody],
        ],
    ).fetchall()
    expected = [person_zone(said, PhoneZones(zone), e164).zone for said, (zone, e164) in everybody]
    assert [zone for (zone,) in found] == expected


def test_every_name_state_and_zip_code_is_read_alike(reader: Reader) -> None:
    everybody: list[dict[str, object]] = [
        *[dict[str, object](tz=name) for name in zone_names()],
        *[dict[str, object](state=_shouted(name)) for name in state_zones()],
        # Letters whose small form is one of ours in some locales.
        *[dict[str, object](state=name) for name in ("O\u212a", "\u0130L", "O\uff2b", "\u212as")],
        *[dict[str, object](zip=f"{number:05d}") for number in range(0, 100_000, 20)],
        *[dict[str, object](zip=number) for number in range(400, 100_100, 50)],
    ]
    found = reader.execute(
        "select broadcast.person_zone(metadata, null)"
        " from unnest(%s::jsonb[]) with ordinality as person (metadata, place) order by place",
        [[Jsonb(said) for said in everybody]],
    ).fetchall()
    assert [zone for (zone,) in found] == [person_zone(said).zone for said in everybody]


def test_no_metadata_is_no_answer_and_no_error(reader: Reader) -> None:
    row = reader.execute(
        "select broadcast.person_zone(null, null), broadcast.person_zone(null, 'America/Denver')"
    ).fetchone()
    assert row == (None, "America/Denver")


async def test_workers_and_workspaces_may_ask(house: House) -> None:
    for acting in (house.database.as_worker(), house.database.as_workspace(DEFAULT_WORKSPACE)):
        async with acting as connection:
            cursor = await connection.execute(
                """select broadcast.person_zone('{"tz": "EST"}', null) as said,"""
                """ broadcast.person_zone('{"zip": "96701"}', null) as zip,"""
                """ broadcast.person_zone('{"state": "CA"}', null) as state"""
            )
            assert await cursor.fetchone() == {
                "said": "America/New_York",
                "zip": "Pacific/Honolulu",
                "state": "America/Los_Angeles",
            }


async def zones(house: House) -> dict[str, tuple[str | None, list[str] | None]]:
    return {
        row["raw"]: (row["time_zone"], row["time_zones"])
        for row in await house.rows(
            "select raw, time_zone, time_zones from broadcast.phone_numbers order by raw"
        )
    }


KNOWN: dict[str, tuple[str | None, list[str] | None]] = {
    "(512) 555-0100": ("America/Chicago", []),
    "270-555-0100": (None, ["America/Chicago", "America/New_York"]),
    "800-555-0199": (None, []),
    "no number": (None, None),
}


async def test_numbers_are_kept_with_their_zones(house: House) -> None:
    for raw in KNOWN:
        await house.add_contact(phone=raw)
    await house.follow()
    assert await zones(house) == KNOWN


async def test_numbers_that_were_checked_before_are_looked_up_slice_by_slice(house: House) -> None:
    for raw in KNOWN:
        await house.add_contact(phone=raw)
    await house.follow()
    await house.execute("update broadcast.phone_numbers set time_zone = null, time_zones = null")
    assert await fill_zones(house.database, at_once=2) is True
    filled = [found for _, found in (await zones(house)).values() if found is not None]
    assert len(filled) == 2
    assert await fill_zones(house.database, at_once=2) is False
    assert await zones(house) == KNOWN
    assert await fill_zones(house.database) is False


async def test_two_workers_look_up_different_numbers(house: House) -> None:
    for raw in KNOWN:
        await house.add_contact(phone=raw)
    await house.follow()
    await house.execute("update broadcast.phone_numbers set time_zone = null, time_zones = null")
    async with house.database.as_worker() as connection:
        await connection.execute(
            "select from broadcast.phone_numbers where raw = '270-555-0100' for update"
        )
        assert await fill_zones(house.database) is False
    held = KNOWN | {"270-555-0100": (None, None)}
    assert await zones(house) == held
    await fill_zones(house.database)
    assert await zones(house) == KNOWN
