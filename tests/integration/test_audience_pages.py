"""Lists of contacts: every page from the one before, in any order, and what a search finds."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.compliance.suppression import Suppressed, suppress
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid
from support.house import EVERYBODY, House, number_of

if TYPE_CHECKING:
    from clarion.audience.audience import Contact

_MISSING = object()

#: Ties, nothing of every kind, and values of other types than most have.
_WORDS = ["Ann", "ann", "ANN", "Éa", "éa", "Zoë", "", " ", None, "a_b", "a%b", "😀", "ß", "例え"]
_NUMBERS = [1, 2, 10, 9, "9", "9.0", " 10 ", -3, 1e30, "x", None, _MISSING, 0.1, "1e-5", True, 2]
_DAYS = ["2026-11-24", "2026-11-23", "2026-11-24T06:00:00Z", "0900-01-01", "2026-02-30", None,
         "2026-11-24T00:00:00.000001", "soon", 7, _MISSING, "2026-11-24"]  # fmt: skip
_TAGS = [["a"], ["A"], [], ["b", "a"], None, "a", _MISSING]
_FLAGS = [True, False, "true", None, _MISSING, True, False]

FIELDS = ["id", "first_name", "last_name", "email", "phone_number", "created_at",
          "metadata.n", "metadata.day", "metadata.word", "metadata.tags", "metadata.flag",
          "metadata.inner.n", 'metadata[\'a key, "%s"\']']  # fmt: skip

_PEOPLE = 75


@pytest.fixture
async def crowd(house: House) -> House:
    for number in range(_PEOPLE):
        held: dict[str, Any] = {
            "n": _NUMBERS[number % len(_NUMBERS)],
            "day": _DAYS[number % len(_DAYS)],
            "word": _WORDS[number % len(_WORDS)],
            "tags": _TAGS[number % len(_TAGS)],
            "flag": _FLAGS[number % len(_FLAGS)],
            'a key, "%s"': _NUMBERS[-number % len(_NUMBERS)],
            "inner": {"n": _NUMBERS[(3 * number) % len(_NUMBERS)]},
        }
        metadata = {key: value for key, value in held.items() if value is not _MISSING}
        if metadata["inner"]["n"] is _MISSING:
            metadata["inner"] = 7
        await house.add_contact(
            first_name=_WORDS[number % len(_WORDS)],
            last_name=_WORDS[(2 * number) % len(_WORDS)],
            email=f"Person{number % 7}@example.com" if number % 3 else None,
            phone=number_of(100 + number % 50) if number % 4 else None,
            metadata=metadata,
        )
    await house.execute(
        "update public.contacts set created_at = timestamptz '2026-11-24 12:00Z'"
        " + (get_byte(uuid_send(id), 0) % 5) * interval '1.000001 second'"
    )
    await house.follow()
    return house


async def whole(house: House, limit: int, **choice: Any) -> list[Contact]:
    """Every page, one after the other."""
    found: list[Contact] = []
    after: str | None = None
    async with house.database.as_workspace(house.workspace.id) as connection:
        compiled = await house.audience.read(connection, house.workspace, EVERYBODY)
        while True:
            page = await house.audience.page(
                connection, house.workspace, compiled, after=after, limit=limit, **choice
            )
            found += page.contacts
            if page.next is None:
                assert len(page.contacts) <= limit
                return found
            assert len(page.contacts) == limit
            after = page.next


async def in_order(house: House, field_id: str, *, descending: bool) -> list[str]:
    """The ids of all contacts, sorted here."""
    async with house.database.as_workspace(house.workspace.id) as connection:
        fields = await house.audience.fields(connection, house.workspace)
    field = next(each for each in fields.values() if each.id == field_id)
    if field.source == "column":
        text = f'"{field.path[0]}"::text'
        parameters: list[Any] = []
    else:
        text, parameters = "metadata #>> %s", [list(field.path[1:])]
    read = {
        "number": f"broadcast.to_number({text})",
        "date": f"({text})::timestamptz"
        if field.source == "column"
        else f"broadcast.to_moment({text}, '{house.workspace.time_zone}')",
    }.get(field.type.value, f"nullif(lower({text}), '')")
    rows = await house.rows(f"select id::text, {read} as value from contacts", *parameters)  # noqa: S608
    if field.type.value not in ("number", "date"):
        # What comes before what is the collation's matter.
        ranked = await house.rows(
            "select value, row_number() over (order by value) as rank"
            " from (select distinct unnest(%s::text[]) as value) found where value is not null",
            [row["value"] for row in rows],
        )
        rank = {row["value"]: row["rank"] for row in ranked}
        rows = [row | {"value": rank.get(row["value"])} for row in rows]
    there = sorted(
        ((row["value"], row["id"]) for row in rows if row["value"] is not None), reverse=descending
    )
    nothing = sorted((row["id"] for row in rows if row["value"] is None), reverse=descending)
    return [contact_id for _, contact_id in there] + nothing


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("descending", [False, True])
async def test_each_field_sorts_everybody(crowd: House, field: str, *, descending: bool) -> None:
    expected = await in_order(crowd, field, descending=descending)
    assert len(expected) == _PEOPLE
    for limit in (1, 7, _PEOPLE, 200):
        found = await whole(crowd, limit, sort_by=field, descending=descending)
        assert [contact.id for contact in found] == expected


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    field=st.sampled_from([None, *FIELDS]),
    descending=st.booleans(),
    limit=st.integers(1, _PEOPLE + 1),
    search=st.sampled_from([None, "a", "ANN", "person1", "512 555 01", "nobody"]),
    channel=st.sampled_from(list(Channel)),
    reachable=st.booleans(),
)
async def test_the_pages_of_a_list_are_the_list(
    crowd: House,
    field: str | None,
    *,
    descending: bool,
    limit: int,
    search: str | None,
    channel: Channel,
    reachable: bool,
) -> None:
    narrowed = {"search": search, "channel": channel, "reachable": reachable}
    among = {contact.id for contact in await whole(crowd, 200, **narrowed)}
    order = await in_order(crowd, field or "id", descending=descending) if field else sorted(among)
    found = await whole(crowd, limit, sort_by=field, descending=descending, **narrowed)
    assert [contact.id for contact in found] == [each for each in order if each in among]


# --- marks


async def _page(house: House, after: str, **choice: Any) -> list[Contact]:
    async with house.database.as_workspace(house.workspace.id) as connection:
        compiled = await house.audience.read(connection, house.workspace, EVERYBODY)
        page = await house.audience.page(
            connection, house.workspace, compiled, after=after, limit=1, **choice
        )
    return list(page.contacts)


def _mark(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


_NOBODY = "00000000-0000-4000-9000-000000000000"

WRONG_MARKS = {
    "no mark": ("not a mark", None),
    "nothing": ("", None),
    "no base64": ("é", None),
    "no json": (base64.urlsafe_b64encode(b"{").decode(), None),
    "no utf-8": (base64.urlsafe_b64encode(b'["\xff", null, "1"]').decode(), None),
    "no list": (base64.urlsafe_b64encode(b'"abc"').decode(), None),
    "too deep": (base64.urlsafe_b64encode(b"[" * 100_000).decode(), None),
    "too few": (_mark(None, None), None),
    "a number for an id": (_mark(None, None, 7), None),
    "a number for a value": (_mark("+metadata.n", 7, _NOBODY), "metadata.n"),
    "no id": (_mark(None, None, "7"), None),
    "an id with a nul": (_mark(None, None, "\x00"), None),
    "half of a character": (_mark(None, None, "\ud800"), None),
    "a value where nothing is sorted by": (_mark(None, "x", _NOBODY), None),
    "no sort where there is one": (_mark(None, None, _NOBODY), "metadata.n"),
    "a sort where there is none": (_mark("+metadata.n", "7", _NOBODY), None),
    "another field": (_mark("+first_name", "7", _NOBODY), "metadata.n"),
    "the other way": (_mark("-metadata.n", "7", _NOBODY), "metadata.n"),
    "words for a number": (_mark("+metadata.n", "seven", _NOBODY), "metadata.n"),
    "words for a date": (_mark("+metadata.day", "soon", _NOBODY), "metadata.day"),
    "a value with a nul": (_mark("+first_name", "\x00", _NOBODY), "first_name"),
}


@pytest.mark.parametrize(("mark", "field"), WRONG_MARKS.values(), ids=WRONG_MARKS.keys())
async def test_what_is_no_mark_of_this_list_is_refused(
    house: House, mark: str, field: str | None
) -> None:
    await house.add_contact(metadata={"n": 7, "day": "2026-11-24"})
    await house.follow()
    with pytest.raises(Invalid) as raised:
        await _page(house, mark, sort_by=field)
    assert [fault.pointer for fault in raised.value.faults] == ["/after"]


async def test_a_mark_needs_no_contact_that_is_still_there(house: House) -> None:
    ids = sorted([await house.add_contact(metadata={"n": n}) for n in (1, 2, 3)])
    await house.follow()
    async with house.database.as_workspace(house.workspace.id) as connection:
        compiled = await house.audience.read(connection, house.workspace, EVERYBODY)
        first = await house.audience.page(
            connection, house.workspace, compiled, limit=2, sort_by="metadata.n"
        )
    assert len(ids) == 3
    assert first.next is not None
    await house.execute("delete from public.contacts where metadata ->> 'n' = '2'")
    (last,) = await _page(house, first.next, sort_by="metadata.n")
    assert last.metadata == {"n": 3}


@pytest.mark.parametrize("field", ["metadata.nobody", "@sent", "@segment", "", "'"])
async def test_a_sort_by_what_the_contacts_do_not_hold_is_refused(house: House, field: str) -> None:
    with pytest.raises(Invalid) as raised:
        await whole(house, 5, sort_by=field)
    assert [fault.pointer for fault in raised.value.faults] == ["/sort/field"]


# --- search


async def found_by(house: House, search: str) -> list[str | None]:
    return [contact.first_name for contact in await whole(house, 3, search=search)]


@pytest.mark.parametrize(
    ("search", "people"),
    [
        ("ann", ["Ann", "Joanna"]),
        ("LEE", ["Ann"]),
        ("ann lee", ["Ann"]),
        ("  ann   lee ", ["Ann"]),
        ("nn le", ["Ann"]),
        ("lee ann", []),
        ("ZOË", ["Zoë"]),
        ("o'neil", ["Zoë"]),
        ("joanna@", ["Joanna"]),
        ("EXAMPLE.com", ["Ann", "Joanna"]),
        ("%", ["100%"]),
        ("_", ["a_b"]),
        ("\\", ["back\\slash"]),
        ("512 555", ["Ann", "Joanna"]),
        ("(512) 555-0101", ["Ann"]),
        ("5550101", ["Ann"]),
        ("+1 512 555 0102", ["Joanna"]),  # kept as 512.555.0102
        ("1-512-555-0102", ["Joanna"]),
        ("0102", ["Joanna"]),
        ("5", ["Ann", "Joanna"]),
        ("ann 512", []),
        ("-", []),
        ("", ["Ann", "Joanna", "Zoë", "100%", "a_b", "back\\slash"]),
        ("   ", ["Ann", "Joanna", "Zoë", "100%", "a_b", "back\\slash"]),
    ],
)
async def test_a_search_finds_names_numbers_and_addresses(
    house: House, search: str, people: list[str]
) -> None:
    persons: list[dict[str, Any]] = [
        {"first_name": " Ann ", "last_name": "Lee", "phone": "+1 (512) 555-0101",
         "email": "A.L@example.com"},
        {"first_name": "Joanna", "phone": "512.555.0102", "email": "joanna@EXAMPLE.com"},
        {"first_name": "Zoë", "last_name": "O'Neil"},
        {"first_name": "100%"},
        {"first_name": "a_b"},
        {"first_name": "back\\slash"},
    ]  # fmt: skip
    for number, person in enumerate(persons):
        await house.add_contact(**person, contact_id=f"00000000-0000-4000-9000-{number:012}")
    await house.follow()
    assert [name and name.strip() for name in await found_by(house, search)] == people


@pytest.mark.parametrize("search", ["a\x00b", "a\ud800"])
async def test_a_search_for_what_nobody_can_have_is_refused(house: House, search: str) -> None:
    with pytest.raises(Invalid) as raised:
        await found_by(house, search)
    assert [fault.pointer for fault in raised.value.faults] == ["/search"]


async def test_a_search_does_not_change_who_keeps_a_number(house: House) -> None:
    await house.add_contact(first_name="Ann", phone=number_of(1), contact_id=_NOBODY)
    await house.add_contact(first_name="Bob", phone=number_of(1))
    await house.add_contact(first_name="Bobby", phone=number_of(2))
    await house.follow()
    async with house.database.as_worker() as connection:
        await suppress(
            connection,
            house.workspace.id,
            channel=Channel.SMS,
            addresses=[number_of(2)],
            reason=Suppressed.OPTED_OUT,
            source="test",
            now=house.clock.now,
        )
    assert await whole(house, 5, search="bob", reachable=True) == []
    (ann,) = await whole(house, 5, search="ann", reachable=True)
    assert ann.first_name == "Ann"
