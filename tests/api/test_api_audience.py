"""Fields, values, counts and contacts over HTTP."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest

from support.serving import OTHER_WORKSPACE, Person, add_people

if TYPE_CHECKING:
    import httpx

    from clarion.wiring.clarion import Clarion

# It ships no types.
jsonschema: Any = importlib.import_module("jsonschema")

TEXAN = {"state": "TX", "age": 40, "member": True, "tags": ["vip", "new"]}
PEOPLE = [
    Person(first_name="Ann", phone_number="(512) 555-0101", metadata=TEXAN),
    Person(first_name="Bob", phone_number="+1 512 555 0101", metadata=TEXAN),
    Person(first_name="Cy", phone_number="12", metadata={"state": "TX", "age": 17}),
    Person(first_name="Dee", phone_number=None, metadata={"state": "NY", "born": "2001-02-03"}),
    Person(first_name="Eve", phone_number="+13125550104", metadata={"state": "NY", "age": 65}),
]

EVERYBODY: dict[str, Any] = {"match": "all", "conditions": []}


def _where(field: str, operator: str, value: object = None) -> dict[str, Any]:
    condition = {"field": field, "operator": operator, "value": value}
    return {"match": "all", "conditions": [condition]}


@pytest.fixture
async def people(clarion: Clarion) -> list[str]:
    return await add_people(clarion, PEOPLE)


async def _errors(client: httpx.AsyncClient, path: str, body: object) -> list[str]:
    answer = await client.post(f"/api/v1/audience/{path}", json=body)
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_fields_are_columns_and_keys_with_what_fits_them(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    answer = (await ana.get("/api/v1/audience/fields")).json()
    fields = {field["id"]: field for field in answer["fields"]}
    assert fields["first_name"]["source"] == "column"
    assert fields["metadata.age"]["type"] == "number"
    assert fields["metadata.age"]["contacts"] == 4
    assert fields["metadata.age"]["token"] == "metadata.age"
    assert fields["metadata.tags"]["type"] == "list"
    assert fields["metadata.member"]["type"] == "boolean"
    assert fields["metadata.born"]["type"] == "date"
    assert "workspace_id" not in fields
    known = {operator["id"] for operator in answer["operators"]}
    assert {op for field in fields.values() for op in field["operators"]} <= known


async def test_what_is_known_beside_the_contacts_is_a_field_too_but_no_token(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    answer = (await ana.get("/api/v1/audience/fields")).json()
    special = [field for field in answer["fields"] if field["id"].startswith("@")]
    assert [(field["id"], field["type"]) for field in special] == [
        ("@sent", "activity"),
        ("@delivered", "activity"),
        ("@clicked", "activity"),
        ("@replied", "activity"),
        ("@segment", "segment"),
        ("@scheduled", "scheduled"),
    ]
    assert {field["token"] for field in special} == {""}
    assert answer["fields"][-len(special) :] == special


async def test_a_field_of_mixed_values_says_so_and_can_be_compared(
    ana: httpx.AsyncClient, clarion: Clarion
) -> None:
    held: list[Any] = ["78701", "78702", "SW1A", 78703]
    await add_people(
        clarion, [Person(first_name=str(each), metadata={"zip": each}) for each in held]
    )
    answer = (await ana.get("/api/v1/audience/fields")).json()
    (field,) = [each for each in answer["fields"] if each["id"] == "metadata.zip"]
    assert field["kinds"] == [{"type": "text", "contacts": 3}, {"type": "number", "contacts": 1}]
    assert field["note"] == (
        "1 of 4 holds a number; it counts as text. "
        "3 of 4 can be read as a number, and be compared as one."
    )
    (between,) = [each for each in answer["operators"] if each["id"] == "between"]
    assert between["types"] == ["number", "date"]
    assert "between" in field["operators"]
    body = {"filter": _where("metadata.zip", "between", [78702, 78703])}
    found = (await ana.post("/api/v1/audience/contacts", json=body)).json()["contacts"]
    assert {each["first_name"] for each in found} == {"78702", "78703"}


async def test_the_form_of_filters_is_told_with_the_fields_of_these_contacts(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    answer = await ana.get("/api/v1/audience/filter-schema")
    assert answer.status_code == 200
    validator = jsonschema.Draft202012Validator(answer.json())
    validator.check_schema(answer.json())
    assert validator.is_valid(_where("metadata.age", "at_least", 65))
    assert validator.is_valid(_where("@sent", "in_last_days", 30))
    assert not validator.is_valid(_where("metadata.age", "contains", "6"))
    assert not validator.is_valid(_where("metadata.shoe_size", "is", 43))


async def test_values_come_with_how_many_have_each(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    path = "/api/v1/audience/values"
    found = await ana.get(path, params={"field": "metadata.state"})
    assert found.json()["values"] == [
        {"value": "TX", "contacts": 3},
        {"value": "NY", "contacts": 2},
    ]
    narrowed = await ana.get(path, params={"field": "metadata.state", "search": "n"})
    assert [each["value"] for each in narrowed.json()["values"]] == ["NY"]
    one = await ana.get(path, params={"field": "metadata.tags", "limit": 1})
    assert len(one.json()["values"]) == 1


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({"field": "shoe_size"}, "/field"),
        ({}, "/field"),
        ({"field": "x" * 501}, "/field"),
        ({"field": "first_name", "limit": 0}, "/limit"),
        ({"field": "first_name", "limit": "many"}, "/limit"),
        ({"field": "first_name", "search": "x" * 201}, "/search"),
    ],
)
async def test_values_of_what_there_is_not_are_refused_at_the_parameter(
    ana: httpx.AsyncClient, parameters: dict[str, str | int], pointer: str
) -> None:
    answer = await ana.get("/api/v1/audience/values", params=parameters)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_count_says_whom_an_sms_reaches_and_why_not_the_others(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    answer = await ana.post("/api/v1/audience/count", json={"filter": EVERYBODY})
    estimate = answer.json()
    assert (estimate["matched"], estimate["total"]) == (5, 5)
    # Ann and Eve; Bob has Ann's number, Cy a wrong one, Dee none.
    assert estimate["sms"]["reachable"] == 2
    assert estimate["sms"]["left_out"] == [
        {"reason": "no_phone", "contacts": 1},
        {"reason": "invalid_phone", "contacts": 1},
        {"reason": "duplicate_number", "contacts": 1},
    ]


async def test_groups_within_groups_are_counted(ana: httpx.AsyncClient, people: list[str]) -> None:
    texan = {"field": "metadata.state", "operator": "is", "value": "TX"}
    old = {"field": "metadata.age", "operator": "at_least", "value": 65}
    grown_up = {"field": "metadata.age", "operator": "between", "value": [18, 64]}
    either = {
        "match": "any",
        "conditions": [old, {"match": "all", "conditions": [texan, grown_up]}],
    }
    answer = await ana.post("/api/v1/audience/count", json={"filter": either})
    # Eve is old; Ann and Bob are grown-up Texans.
    assert answer.json()["matched"] == 3


async def test_another_workspace_counts_its_own_contacts(
    ana: httpx.AsyncClient, stranger: httpx.AsyncClient, clarion: Clarion
) -> None:
    await add_people(clarion, [*PEOPLE, Person(first_name="Zoe", workspace=OTHER_WORKSPACE)])
    for client, expected in ((ana, 5), (stranger, 1)):
        answer = await client.post("/api/v1/audience/count", json={"filter": EVERYBODY})
        assert (answer.json()["matched"], answer.json()["total"]) == (expected, expected)


async def test_pages_of_contacts_show_each_once(ana: httpx.AsyncClient, clarion: Clarion) -> None:
    ids = await add_people(clarion, [Person(first_name=f"P{each}") for each in range(25)])
    seen: list[str] = []
    after = None
    for expected in (10, 10, 5):
        body = {"filter": EVERYBODY, "limit": 10, "after": after}
        page = (await ana.post("/api/v1/audience/contacts", json=body)).json()
        assert len(page["contacts"]) == expected
        seen += [contact["id"] for contact in page["contacts"]]
        after = page["next"]
    assert after is None
    assert sorted(seen) == sorted(ids)


async def test_contacts_narrow_to_a_reason_or_to_those_who_are_reached(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    async def names(**narrowed: object) -> list[str]:
        body = {"filter": EVERYBODY, **narrowed}
        page = (await ana.post("/api/v1/audience/contacts", json=body)).json()
        return sorted(contact["first_name"] for contact in page["contacts"])

    assert await names(left_out="no_phone") == ["Dee"]
    assert await names(left_out="invalid_phone") == ["Cy"]
    # Of Ann and Bob, who share a number, the one with the lower id gets the SMS.
    reached = await names(reachable=True)
    assert len(reached) == 2
    assert "Eve" in reached
    assert await names() == ["Ann", "Bob", "Cy", "Dee", "Eve"]


WRONG_FILTERS = {
    "a field that there is not": (
        _where("metadata.shoe_size", "is", "42"),
        ["/filter/conditions/0/field"],
    ),
    "an operator that does not fit": (
        _where("metadata.age", "contains", "4"),
        ["/filter/conditions/0/operator"],
    ),
    "an operator that there is not": (
        _where("metadata.age", "resembles", "4"),
        ["/filter/conditions/0/operator"],
    ),
    "a backwards range of numbers": (
        _where("metadata.age", "between", [50, 20]),
        ["/filter/conditions/0/value"],
    ),
    "a backwards range of dates": (
        _where("metadata.born", "between", ["2001-02-03", "2001-02-02"]),
        ["/filter/conditions/0/value"],
    ),
    "words for a number": (
        _where("metadata.age", "at_least", "old"),
        ["/filter/conditions/0/value"],
    ),
    "a date that there is not": (
        _where("metadata.born", "on", "2001-02-30"),
        ["/filter/conditions/0/value"],
    ),
    "no value": (_where("metadata.state", "is"), ["/filter/conditions/0/value"]),
    "a nul": (_where("metadata.state", "is", "T\0X"), ["/filter/conditions/0/value"]),
    "two faults, deep inside": (
        {
            "match": "all",
            "conditions": [
                {"match": "any", "conditions": _where("metadata.age", "is", "x")["conditions"]},
                {"field": "nobody", "operator": "is", "value": "x"},
            ],
        },
        ["/filter/conditions/0/conditions/0/value", "/filter/conditions/1/field"],
    ),
    "no conditions": ({"match": "all"}, ["/filter/conditions"]),
    "another match": ({"match": "some", "conditions": []}, ["/filter/match"]),
    "a condition without an operator": (
        {"match": "all", "conditions": [{"field": "first_name"}]},
        ["/filter/conditions/0/operator"],
    ),
    "a condition that is a word": (
        {"match": "all", "conditions": ["first_name"]},
        ["/filter/conditions/0"],
    ),
    "an inner group without a match": (
        {"match": "all", "conditions": [{"conditions": []}]},
        ["/filter/conditions/0/match"],
    ),
    "more in a condition than there is": (
        {"match": "all", "conditions": [{"field": "a", "operator": "is", "valeu": "x"}]},
        ["/filter/conditions/0/valeu"],
    ),
    "too many conditions": (
        {"match": "all", "conditions": _where("first_name", "is_empty")["conditions"] * 201},
        ["/filter/conditions"],
    ),
}


@pytest.mark.parametrize(("document", "pointers"), WRONG_FILTERS.values(), ids=WRONG_FILTERS.keys())
async def test_a_wrong_filter_is_refused_at_the_place_that_is_wrong(
    ana: httpx.AsyncClient, people: list[str], document: dict[str, Any], pointers: list[str]
) -> None:
    assert await _errors(ana, "count", {"filter": document}) == pointers
    assert await _errors(ana, "contacts", {"filter": document}) == pointers


async def test_groups_nested_too_deep_are_refused(ana: httpx.AsyncClient) -> None:
    document = EVERYBODY
    for _ in range(9):
        document = {"match": "all", "conditions": [document]}
    pointers = await _errors(ana, "count", {"filter": document})
    assert pointers == ["/filter" + "/conditions/0" * 8]


@pytest.mark.parametrize("depth", [300, 5_000])
async def test_groups_nested_absurdly_deep_are_refused(ana: httpx.AsyncClient, depth: int) -> None:
    group = '{"match": "all", "conditions": ['
    text = '{"filter": ' + group * depth + "]}" * depth + "}"
    answer = await ana.post(
        "/api/v1/audience/count", content=text, headers={"content-type": "application/json"}
    )
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"filter": EVERYBODY, "limt": 5}, ["/limt"]),
        ({"filter": EVERYBODY, "limit": 201}, ["/limit"]),
        ({"filter": EVERYBODY, "limit": 0}, ["/limit"]),
        ({"filter": EVERYBODY, "left_out": "shy"}, ["/left_out"]),
        ({"filter": EVERYBODY, "after": "not a mark"}, ["/after"]),
        ({}, ["/filter"]),
        ([], [""]),
    ],
)
async def test_a_body_of_another_form_is_refused_at_the_place_that_is_wrong(
    ana: httpx.AsyncClient, body: object, pointers: list[str]
) -> None:
    assert await _errors(ana, "contacts", body) == pointers


@pytest.mark.parametrize("text", ["", "{", '{"filter": }', "filter=x", "\x00"])
async def test_what_is_no_json_is_refused_as_a_whole(ana: httpx.AsyncClient, text: str) -> None:
    answer = await ana.post(
        "/api/v1/audience/count", content=text, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [""]
