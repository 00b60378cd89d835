"""Snippets over HTTP, and in what is looked at while somebody writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

HOURS = {"name": "hours", "text": "Open 9 to 5, {{ first_name }}"}


@pytest.fixture
async def hours(ana: httpx.AsyncClient) -> dict[str, Any]:
    answer = await ana.post("/api/v1/snippets", json=HOURS)
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


async def test_a_snippet_is_written_changed_and_deleted(
    ana: httpx.AsyncClient, hours: dict[str, Any]
) -> None:
    assert (hours["uses"], hours["version"], hours["created_by"]) == (0, 1, "Ana")
    path = f"/api/v1/snippets/{hours['id']}"
    changed = await ana.patch(path, json={"version": 1, "text": "Closed"})
    assert (changed.json()["text"], changed.json()["version"]) == ("Closed", 2)
    late = await ana.patch(path, json={"version": 1, "text": "Open"})
    assert late.status_code == 409
    assert late.json()["errors"][0]["pointer"] == "/version"
    assert (await ana.delete(path)).status_code == 204
    assert (await ana.get(path)).status_code == 404
    assert (await ana.get("/api/v1/snippets")).json() == {"snippets": []}


async def test_a_taken_name_and_a_bad_one_are_told_apart(
    ana: httpx.AsyncClient, hours: dict[str, Any]
) -> None:
    taken = await ana.post("/api/v1/snippets", json={"name": hours["name"], "text": "x"})
    assert (taken.status_code, taken.json()["errors"][0]["pointer"]) == (409, "/name")
    bad = await ana.post("/api/v1/snippets", json={"name": "Our hours", "text": "x"})
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/name")
    other = (await ana.post("/api/v1/snippets", json={"name": "bye", "text": "x"})).json()
    renamed = await ana.patch(
        f"/api/v1/snippets/{other['id']}", json={"version": 1, "name": "hours"}
    )
    assert renamed.status_code == 409


async def test_one_in_use_tells_where_and_stays(
    ana: httpx.AsyncClient, hours: dict[str, Any]
) -> None:
    body = {"name": "Reminder", "body": "{% render 'hours' %}"}
    template = (await ana.post("/api/v1/templates", json=body)).json()
    path = f"/api/v1/snippets/{hours['id']}"
    assert (await ana.get(path)).json()["places"] == [
        {"kind": "template", "id": template["id"], "name": "Reminder"}
    ]
    refused = await ana.delete(path)
    assert refused.status_code == 409
    assert "the template “Reminder”" in refused.json()["detail"]


async def test_what_is_being_written_is_read_with_its_snippets(
    ana: httpx.AsyncClient, hours: dict[str, Any]
) -> None:
    named = f"{{% render '{hours['name']}' %}}"
    sms = await ana.post("/api/v1/content/sms/check", json={"body": f"{named} Reply STOP to leave"})
    assert sms.json()["errors"] == []
    assert "no_opt_out" not in {each["kind"] for each in sms.json()["checks"]}
    email = {"kind": "html", "html": f"<p>{named}</p>"}
    contact = {"first_name": "<Ann>"}
    asked = {"email": email, "subject": named, "contact": contact}
    shown = (await ana.post("/api/v1/content/email/check", json=asked)).json()
    assert shown["subject"] == "Open 9 to 5, <Ann>"
    assert "<p>Open 9 to 5, &lt;Ann&gt;</p>" in shown["html"]
    unknown = {"email": email, "subject": "{% render 'none' %}"}
    wrong = (await ana.post("/api/v1/content/email/check", json=unknown)).json()
    assert [each["pointer"] for each in wrong["errors"]] == ["/subject"]
    draft = (await ana.post("/api/v1/broadcasts", json={"name": "Spring"})).json()
    page = await ana.post(f"/api/v1/broadcasts/{draft['id']}/preview", json={"body": named})
    assert page.json()["errors"] == []
