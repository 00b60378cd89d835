"""Why, the waterfall, and lists of contacts in any order, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from support.serving import Person, add_people

if TYPE_CHECKING:
    import httpx

    from clarion.wiring.clarion import Clarion

PATH = "/api/v1/audience"
EVERYBODY: dict[str, Any] = {"match": "all", "conditions": []}
TEXANS: dict[str, Any] = {
    "match": "all",
    "conditions": [{"field": "metadata.state", "operator": "is", "value": "TX"}],
}
PEOPLE = [
    Person(first_name="Ann", phone_number="(512) 555-0101", metadata={"state": "TX", "age": 40}),
    Person(first_name="Bob", phone_number="+1 512 555 0101", metadata={"state": "TX", "age": 9}),
    Person(first_name="Cy", phone_number="12", metadata={"state": "TX"}),
    Person(first_name="Dee", metadata={"state": "NY", "age": 10}),
]


@pytest.fixture
async def people(clarion: Clarion) -> dict[str, str]:
    """Ids by first name. Ann has the lower id of the two who share a number."""
    ids = await add_people(clarion, PEOPLE)
    with psycopg.connect(clarion.settings.database_url) as connection:
        for number, contact_id in enumerate(ids):
            connection.execute(
                "update public.contacts set id = %s, email = %s where id = %s",
                [f"00000000-0000-4000-9000-{number:012}", f"p{number}@example.com", contact_id],
            )
        rows = connection.execute("select first_name, id::text from public.contacts").fetchall()
    return dict(rows)


async def _names(client: httpx.AsyncClient, **body: Any) -> list[str]:
    """All pages of two, one after the other."""
    names: list[str] = []
    after = None
    while True:
        asked = {"filter": EVERYBODY, "limit": 2, "after": after, **body}
        answer = await client.post(f"{PATH}/contacts", json=asked)
        assert answer.status_code == 200, answer.text
        names += [contact["first_name"] for contact in answer.json()["contacts"]]
        if (after := answer.json()["next"]) is None:
            return names


async def test_a_count_tells_both_channels_and_where_it_comes_from(
    ana: httpx.AsyncClient, people: dict[str, str]
) -> None:
    told = (await ana.post(f"{PATH}/count", json={"filter": EVERYBODY})).json()
    assert told["sms"]["reachable"] == 1
    assert told["email"] == {"reachable": 4, "left_out": []}
    assert told["freshness"]["source"] in ("index", "database")
    assert set(told["freshness"]) == {"source", "as_of", "reason"}


async def test_contacts_come_in_the_order_that_was_asked_for(
    ana: httpx.AsyncClient, people: dict[str, str]
) -> None:
    age = {"field": "metadata.age"}
    assert await _names(ana, sort=age) == ["Bob", "Dee", "Ann", "Cy"]
    assert await _names(ana, sort={**age, "descending": True}) == ["Ann", "Dee", "Bob", "Cy"]
    assert await _names(ana, sort=age, search="example") == ["Bob", "Dee", "Ann", "Cy"]
    assert await _names(ana, search="512 555") == ["Ann", "Bob"]
    assert await _names(ana, search="bo") == ["Bob"]


async def test_those_whom_a_channel_leaves_out_are_listed(
    ana: httpx.AsyncClient, people: dict[str, str]
) -> None:
    assert await _names(ana, left_out="duplicate_number") == ["Bob"]
    assert await _names(ana, channel="email", reachable=True) == ["Ann", "Bob", "Cy", "Dee"]
    assert await _names(ana, channel="email", left_out="no_email") == []


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"sort": {"field": "metadata.shoe_size"}}, ["/sort/field"]),
        ({"sort": {"field": "@sent"}}, ["/sort/field"]),
        ({"sort": {}}, ["/sort/field"]),
        ({"sort": {"field": "first_name", "order": "up"}}, ["/sort/order"]),
        ({"search": "x" * 201}, ["/search"]),
        ({"search": "a\0b"}, ["/search"]),
        ({"after": "?"}, ["/after"]),
        ({"after": "bnVsbA=="}, ["/after"]),
        ({"channel": "fax"}, ["/channel"]),
        ({"left_out": "shy"}, ["/left_out"]),
        ({"left_out": "no_email"}, ["/left_out"]),
        ({"left_out": "no_phone", "channel": "email"}, ["/left_out"]),
    ],
)
async def test_a_list_that_makes_no_sense_is_refused_at_its_place(
    ana: httpx.AsyncClient, people: dict[str, str], body: dict[str, Any], pointers: list[str]
) -> None:
    answer = await ana.post(f"{PATH}/contacts", json={"filter": EVERYBODY, **body})
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


async def test_the_mark_of_a_list_in_another_order_is_refused(
    ana: httpx.AsyncClient, people: dict[str, str]
) -> None:
    body: dict[str, Any] = {"filter": EVERYBODY, "limit": 1}
    page = (await ana.post(f"{PATH}/contacts", json=body)).json()
    answer = await ana.post(
        f"{PATH}/contacts",
        json={**body, "after": page["next"], "sort": {"field": "metadata.age"}},
    )
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/after"]


async def test_the_waterfall_leads_from_everybody_to_each_channel(
    ana: httpx.AsyncClient, people: dict[str, str]
) -> None:
    fall = (await ana.post(f"{PATH}/waterfall", json={"filter": TEXANS})).json()
    assert (fall["total"], fall["matched"]) == (4, 3)
    assert fall["steps"] == [{"pointer": "/conditions/0", "left": 3, "lost": 1}]
    assert fall["channels"]["sms"] == [
        {"reason": "no_phone", "lost": 0, "left": 3},
        {"reason": "unchecked_phone", "lost": 0, "left": 3},
        {"reason": "invalid_phone", "lost": 1, "left": 2},
        {"reason": "opted_out", "lost": 0, "left": 2},
        {"reason": "duplicate_number", "lost": 1, "left": 1},
    ]
    assert [step["left"] for step in fall["channels"]["email"]] == [3, 3, 3, 3]
    assert fall["freshness"]["source"] == "database"


async def test_why_tells_each_condition_and_each_channel(
    ana: httpx.AsyncClient, people: dict[str, str]
) -> None:
    body = {"filter": TEXANS, "contact_id": people["Bob"]}
    told = (await ana.post(f"{PATH}/why", json=body)).json()
    assert told == {
        "matches": True,
        "conditions": [
            {"pointer": "", "met": True, "value": None},
            {"pointer": "/conditions/0", "met": True, "value": "TX"},
        ],
        "sms": {
            "reachable": False,
            "reason": "duplicate_number",
            "kept_by": {"id": people["Ann"], "name": "Ann"},
        },
        "email": {"reachable": True, "reason": None, "kept_by": None},
    }


@pytest.mark.parametrize("contact_id", ["", "nobody", "00000000-0000-4000-9000-000000000404"])
async def test_why_of_nobody_is_not_found(
    ana: httpx.AsyncClient, people: dict[str, str], contact_id: str
) -> None:
    answer = await ana.post(f"{PATH}/why", json={"filter": TEXANS, "contact_id": contact_id})
    assert answer.status_code == 404


async def test_a_contact_of_another_workspace_is_nobody(
    stranger: httpx.AsyncClient, people: dict[str, str]
) -> None:
    body = {"filter": EVERYBODY, "contact_id": people["Ann"]}
    assert (await stranger.post(f"{PATH}/why", json=body)).status_code == 404
    fall = (await stranger.post(f"{PATH}/waterfall", json={"filter": EVERYBODY})).json()
    assert fall["total"] == 0


async def test_wrong_filters_are_refused_at_their_place(
    ana: httpx.AsyncClient, people: dict[str, str]
) -> None:
    condition = {"field": "metadata.age", "operator": "at_least", "value": "old"}
    wrong = {"match": "all", "conditions": [condition]}
    for path, body in (
        ("waterfall", {"filter": wrong}),
        ("why", {"filter": wrong, "contact_id": people["Ann"]}),
    ):
        answer = await ana.post(f"{PATH}/{path}", json=body)
        assert answer.status_code == 422
        pointers = [error["pointer"] for error in answer.json()["errors"]]
        assert pointers == ["/filter/conditions/0/value"]
