"""Saved audiences over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from clarion.kernel.actor import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    import httpx

    from clarion.wiring.clarion import Clarion

EVERYBODY: dict[str, Any] = {"match": "all", "conditions": []}


def called(name: str) -> dict[str, Any]:
    condition = {"field": "first_name", "operator": "is", "value": name}
    return {"match": "all", "conditions": [condition]}


def of_segments(*ids: str) -> dict[str, Any]:
    condition = {"field": "@segment", "operator": "is_in", "value": list(ids)}
    return {"match": "all", "conditions": [condition]}


async def make(ana: httpx.AsyncClient, name: str = "Anns", **body: Any) -> dict[str, Any]:
    if "combine" not in body:
        body.setdefault("filter", called("Ann"))
    answer = await ana.post("/api/v1/segments", json={"name": name, **body})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture
def people(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.cursor().executemany(
            "insert into public.contacts (first_name) values (%s)",
            [["Ann"], ["Ann"], ["Ben"], ["Cid"]],
        )


async def test_a_saved_segment_comes_back_as_it_was_saved(ana: httpx.AsyncClient) -> None:
    made = await make(ana, "  Anns ")
    answer = await ana.get(f"/api/v1/segments/{made['id']}")
    assert answer.status_code == 200
    assert answer.json() == made
    assert {key: made[key] for key in made if not key.endswith("_at")} == {
        "id": made["id"],
        "name": "Anns",
        "kind": "dynamic",
        "filter": called("Ann"),
        "version": 1,
        "contacts": None,
        "freezing": "none",
        "problem": None,
        "created_by": "Ana",
        "uses": 0,
    }


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x"},
        {
            "name": "x",
            "filter": EVERYBODY,
            "combine": {"operation": "union", "segments": [str(uuid4()), str(uuid4())]},
        },
    ],
)
async def test_a_segment_is_made_of_a_filter_or_of_segments(
    ana: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    answer = await ana.post("/api/v1/segments", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"] == "Give either a filter or the segments to combine."


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": " ", "filter": EVERYBODY}, "/name"),
        ({"name": "x" * 201, "filter": EVERYBODY}, "/name"),
        ({"name": "x", "filter": {"match": "all"}}, "/filter/conditions"),
        (
            {"name": "x", "filter": of_segments(str(uuid4()))},
            "/filter/conditions/0/value/0",
        ),
        (
            {"name": "x", "combine": {"operation": "union", "segments": ["7", "8"]}},
            "/combine/segments/0",
        ),
        ({"name": "x", "combine": {"operation": "xor", "segments": []}}, "/combine/operation"),
        (
            {"name": "x", "combine": {"operation": "union", "segments": [str(uuid4())]}},
            "/combine/segments",
        ),
    ],
)
async def test_what_cannot_be_saved_is_refused_with_its_place(
    ana: httpx.AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    answer = await ana.post("/api/v1/segments", json=body)
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert (await ana.get("/api/v1/segments")).json() == {"segments": [], "next": None}


async def test_a_taken_name_is_answered_with_a_free_one(ana: httpx.AsyncClient) -> None:
    await make(ana, "Anns")
    answer = await ana.post("/api/v1/segments", json={"name": "ANNS", "filter": EVERYBODY})
    assert answer.status_code == 409
    assert answer.json()["detail"] == ("There is a segment named “ANNS” already. “ANNS 2” is free.")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/name"]


async def test_pages_hold_every_segment_once(ana: httpx.AsyncClient) -> None:
    wanted = [f"Ünde {number:02}" for number in range(7)]
    for name in reversed(wanted):
        await make(ana, name)
    names = []
    query = {"limit": "3", "search": "ünde"}
    while True:
        page = (await ana.get("/api/v1/segments", params=query)).json()
        names += [each["name"] for each in page["segments"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert names == wanted


@pytest.mark.parametrize("mark", ["7", "!", "AA==", "_w=="])
async def test_a_mark_that_is_none_is_refused(ana: httpx.AsyncClient, mark: str) -> None:
    answer = await ana.get("/api/v1/segments", params={"after": mark})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/after"]


async def test_of_two_editors_the_second_is_told(ana: httpx.AsyncClient) -> None:
    made = await make(ana)
    path = f"/api/v1/segments/{made['id']}"
    first = await ana.patch(path, json={"version": 1, "filter": called("Ben")})
    assert (first.status_code, first.json()["version"]) == (200, 2)
    second = await ana.patch(path, json={"version": 1, "name": "Mine"})
    assert second.status_code == 409
    assert "Somebody has saved “Anns” since you opened it" in second.json()["detail"]
    assert (await ana.get(path)).json() == first.json()


async def test_a_circle_is_refused_at_its_place(ana: httpx.AsyncClient) -> None:
    inner = await make(ana, "Inner")
    outer = await make(ana, "Outer", filter=of_segments(inner["id"]))
    answer = await ana.patch(
        f"/api/v1/segments/{inner['id']}",
        json={"version": 1, "filter": of_segments(outer["id"])},
    )
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [
        "/filter/conditions/0/value/0"
    ]


@pytest.mark.usefixtures("people")
async def test_combinations_are_counted_through_the_filter_that_names_them(
    ana: httpx.AsyncClient,
) -> None:
    anns, everybody = await make(ana), await make(ana, "Everybody", filter=EVERYBODY)
    counts = {}
    for operation in ("union", "intersection", "difference"):
        combine = {"operation": operation, "segments": [everybody["id"], anns["id"]]}
        made = await make(ana, operation, combine=combine)
        answer = await ana.post("/api/v1/audience/count", json={"filter": of_segments(made["id"])})
        counts[operation] = answer.json()["matched"]
    assert counts == {"union": 4, "intersection": 2, "difference": 2}


@pytest.mark.usefixtures("people")
async def test_the_size_is_measured_and_kept(ana: httpx.AsyncClient, clarion: Clarion) -> None:
    made = await make(ana)
    path = f"/api/v1/segments/{made['id']}"
    asked = await ana.post(f"{path}/measure")
    assert (asked.status_code, asked.json()["contacts"]) == (202, None)
    await clarion.measurer.measure(DEFAULT_WORKSPACE, UUID(made["id"]))
    segment = (await ana.get(path)).json()
    assert (segment["contacts"], segment["version"]) == (2, 1)
    sizes = (await ana.get(f"{path}/sizes", params={"days": 1})).json()
    assert sizes == {"sizes": [{"measured_at": segment["measured_at"], "contacts": 2}]}


@pytest.mark.usefixtures("people")
async def test_freezing_keeps_the_people_and_says_how_far_it_is(
    ana: httpx.AsyncClient, clarion: Clarion, dsn: str
) -> None:
    made = await make(ana)
    path = f"/api/v1/segments/{made['id']}"
    answer = await ana.post(f"{path}/freeze")
    assert answer.status_code == 202
    assert (answer.json()["kind"], answer.json()["freezing"]) == ("frozen", "saving")
    await clarion.freezer.save(DEFAULT_WORKSPACE, UUID(made["id"]))
    frozen = (await ana.get(path)).json()
    assert (frozen["freezing"], frozen["contacts"]) == ("saved", 2)
    with psycopg.connect(dsn) as connection:
        connection.execute("update public.contacts set first_name = 'Zoe'")
    page = await ana.post("/api/v1/audience/contacts", json={"filter": of_segments(made["id"])})
    assert [each["first_name"] for each in page.json()["contacts"]] == ["Zoe", "Zoe"]
    assert (await ana.post(f"{path}/freeze")).status_code == 409
    assert (await ana.post(f"{path}/measure")).status_code == 409
    changed = await ana.patch(path, json={"version": frozen["version"], "filter": EVERYBODY})
    assert changed.status_code == 409


async def test_a_copy_is_another_segment(ana: httpx.AsyncClient) -> None:
    made = await make(ana)
    path = f"/api/v1/segments/{made['id']}/duplicate"
    copy = await ana.post(path, json={})
    assert (copy.status_code, copy.json()["name"]) == (201, "Copy of Anns")
    assert copy.json()["filter"] == made["filter"]
    assert copy.json()["id"] != made["id"]
    assert (await ana.post(path, json={"name": "Other"})).json()["name"] == "Other"


async def test_one_in_use_is_not_deleted_and_its_places_are_named(ana: httpx.AsyncClient) -> None:
    made = await make(ana)
    path = f"/api/v1/segments/{made['id']}"
    outer = await make(ana, "Outer", filter=of_segments(made["id"]))
    draft = (await ana.post("/api/v1/broadcasts", json={"name": "Spring"})).json()
    draft = (
        await ana.patch(
            f"/api/v1/broadcasts/{draft['id']}",
            json={"version": draft["version"], "filter": of_segments(made["id"])},
        )
    ).json()
    assert (await ana.get(path)).json()["uses"] == 2
    assert (await ana.get(f"{path}/uses")).json() == {
        "broadcasts": [{"id": draft["id"], "name": "Spring", "status": "draft"}],
        "segments": [{"id": outer["id"], "name": "Outer"}],
    }
    refused = await ana.delete(path)
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["errors"] == [
        {"pointer": "/broadcasts/0", "detail": "Used by the broadcast “Spring”."},
        {"pointer": "/segments/0", "detail": "Used by the segment “Outer”."},
    ]
    assert (await ana.delete(f"/api/v1/broadcasts/{draft['id']}")).status_code == 204
    assert (await ana.delete(f"/api/v1/segments/{outer['id']}")).status_code == 204
    assert (await ana.delete(path)).status_code == 204
    assert (await ana.get(path)).status_code == 404


async def test_another_workspace_neither_sees_nor_names_it(
    ana: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = await make(ana)
    assert (await stranger.get("/api/v1/segments")).json()["segments"] == []
    # The same name is free there, and the id is that of nothing.
    await make(stranger, made["name"])
    named = {"name": "Theirs", "filter": of_segments(made["id"])}
    assert (await stranger.post("/api/v1/segments", json=named)).status_code == 422
    combine = {"operation": "union", "segments": [made["id"], str(uuid4())]}
    answer = await stranger.post("/api/v1/segments", json={"name": "Both", "combine": combine})
    assert answer.status_code == 422
    counted = await stranger.post(
        "/api/v1/audience/count", json={"filter": of_segments(made["id"])}
    )
    assert counted.status_code == 422
