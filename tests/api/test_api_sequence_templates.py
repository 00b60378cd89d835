"""Sequences that are kept, over the wire: saved from a broadcast, listed, taken by a draft."""

from __future__ import annotations

from typing import Any

import httpx


async def _draft(ana: httpx.AsyncClient, **given: Any) -> Any:
    return (await ana.post("/api/v1/broadcasts", json={"name": "Mine", **given})).json()


async def _take(ana: httpx.AsyncClient, draft: Any, **what: Any) -> httpx.Response:
    path = f"/api/v1/broadcasts/{draft['id']}/steps"
    return await ana.put(path, json={"version": draft["version"], **what})


async def test_a_draft_begins_as_one_of_the_library(ana: httpx.AsyncClient) -> None:
    offered = (await ana.get("/api/v1/sequence-library")).json()["sequences"]
    assert [each["key"] for each in offered] == [
        "new-lead",
        "appointment",
        "quote",
        "win-back",
        "review",
    ]
    review = offered[-1]
    assert (review["broadcast_type"], review["days"]) == ("sms_email", 8)
    assert [step["day_number"] for step in review["steps"]] == [1, 3, 8]
    assert [step["is_conditional"] for step in review["steps"]] == [False, False, True]
    taken = (await _take(ana, await _draft(ana), from_library="review")).json()
    assert taken["broadcast_type"] == "sms_email"
    assert [step["channel"] for step in taken["steps"]] == ["sms", "email", "sms"]
    assert [step["day_number"] for step in taken["steps"]] == [None, 3, 8]


async def test_steps_are_kept_listed_renamed_and_put_away(ana: httpx.AsyncClient) -> None:
    source = (await _take(ana, await _draft(ana), from_library="quote")).json()
    path = "/api/v1/sequence-templates"
    kept = await ana.post(path, json={"name": " My  quote ", "broadcast_id": source["id"]})
    assert kept.status_code == 201
    made = kept.json()
    assert (made["name"], made["days"], made["version"]) == ("My quote", 10, 1)
    assert [step["says"] for step in made["steps"]] == [step["name"] for step in source["steps"]]
    one = f"{path}/{made['id']}"
    renamed = await ana.patch(one, json={"version": 1, "name": "Quotes", "purpose": "For sales"})
    assert (renamed.json()["name"], renamed.json()["purpose"]) == ("Quotes", "For sales")
    stale = await ana.patch(one, json={"version": 1, "name": "Other"})
    assert (stale.status_code, stale.json()["errors"][0]["pointer"]) == (409, "/version")
    copy = (await ana.post(f"{one}/duplicate")).json()
    assert copy["name"] == "Copy of Quotes"
    await ana.post(f"{one}/archive")
    names = [each["name"] for each in (await ana.get(path)).json()["sequences"]]
    away = (await ana.get(path, params={"archived": True})).json()["sequences"]
    assert (names, [each["name"] for each in away]) == (["Copy of Quotes"], ["Quotes"])
    assert (await ana.post(f"{one}/unarchive")).json()["archived"] is False
    taken = (await _take(ana, await _draft(ana), sequence_id=made["id"])).json()
    assert [step["body"] for step in taken["steps"]] == [step["body"] for step in source["steps"]]


async def test_what_is_taken_is_named_once_and_known(ana: httpx.AsyncClient) -> None:
    draft = await _draft(ana)
    for what in ({}, {"from_library": "quote", "sequence_id": draft["id"]}):
        refused = await _take(ana, draft, **what)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (
            422,
            "/sequence_id",
        )
    unknown = await _take(ana, draft, from_library="none")
    assert unknown.json()["errors"][0]["pointer"] == "/from_library"
    assert (await _take(ana, draft, sequence_id=draft["id"])).status_code == 404
    old = await _take(ana, {**draft, "version": 0}, from_library="quote")
    assert old.status_code == 409
    after = (await ana.get(f"/api/v1/broadcasts/{draft['id']}")).json()
    assert (after["version"], len(after["steps"])) == (draft["version"], 1)
