"""Sending a step to oneself: by the API, through the queue, into the sandbox and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from support.serving import bearer, client_of, count, until
from support.whole import whole

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI

    from clarion.wiring.settings import Settings

EMAIL = {
    "subject": "Your roof",
    "email": {"kind": "html", "html": "<p>Dear {{ first_name }}</p>"},
    "body": "Hi {{ first_name }}",
}


async def _step(client: httpx.AsyncClient) -> str:
    """The path of a step of both channels."""
    made = (await client.post("/api/v1/broadcasts", json={"broadcast_type": "sms_email"})).json()
    path = f"/api/v1/broadcasts/{made['id']}/steps/{made['steps'][0]['id']}"
    changed = await client.patch(path, json={"version": made["version"], **EMAIL})
    assert changed.status_code == 200, changed.text
    return path


async def _ask(client: httpx.AsyncClient, step: str, **asked: Any) -> httpx.Response:
    return await client.post(f"{step}/test", json=asked)


async def test_a_test_goes_through_the_queue_and_back_by_both_channels(settings: Settings) -> None:
    async with whole(settings) as all_:
        step = await _step(all_.client)
        async with all_.working():
            for channel, to in (("email", "ana@clarion.example"), ("sms", "+15125550177")):
                asked = (await _ask(all_.client, step, channel=channel, to=to)).json()
                one = f"{step}/tests/{asked['id']}"

                async def read(path: str = one) -> Any:
                    return (await all_.client.get(path)).json()

                # Of emails nobody reports here: the sandbox was told of no webhook.
                reported = "sent_at" if channel == "email" else "delivered_at"

                def is_told(test: Any, at: str = reported) -> bool:
                    return test[at] is not None

                ended = await until(read, is_told)
                assert (ended["status"], ended["address"], ended["words"]) == ("sent", to, None)
        (mail,) = await all_.mails()
        assert (mail["to"], mail["subject"]) == ("ana@clarion.example", "[Test] Your roof")
        (sms,) = await all_.sms()
        assert (sms["to"], sms["body"]) == ("+15125550177", "Hi [first name?]")
        listed = (await all_.client.get(f"{step}/tests")).json()["tests"]
        assert [each["channel"] for each in listed] == ["sms", "email"]
        dsn = settings.database_url
        assert count(dsn, "select count(*) from broadcast.messages") == 0
        unmatched = "select count(*) from broadcast.message_events where outcome = 'unmatched'"
        assert count(dsn, unmatched) == 0
        done = "select count(*) from broadcast.queue_jobs where status = 'completed'"
        assert count(dsn, f"{done} and kind = 'step_test'") == 2


async def test_an_address_is_entered_once_and_changed_on_purpose(ana: httpx.AsyncClient) -> None:
    step = await _step(ana)
    path = "/api/v1/me/test-addresses"
    assert (await ana.get(path)).json() == {"email": None, "phone": None, "members": []}
    refused = await _ask(ana, step, channel="email")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/to"
    assert (await _ask(ana, step, channel="email", to="Ana@A.example")).status_code == 202
    assert (await ana.get(path)).json() == {
        "email": "ana@a.example",
        "phone": None,
        "members": [{"name": "Ana", "email": "ana@a.example"}],
    }
    assert (await _ask(ana, step, channel="email", to="eve@a.example")).status_code == 422
    changed = await ana.patch(path, json={"email": "new@a.example", "phone": "512 555 0177"})
    assert (changed.json()["email"], changed.json()["phone"]) == ("new@a.example", "+15125550177")
    assert (await _ask(ana, step, channel="email")).json()["address"] == "new@a.example"
    for wrong in ({"email": "no address"}, {"email": "a@localhost"}, {"phone": "12"}):
        answer = await ana.patch(path, json=wrong)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(wrong))}"


async def test_a_test_of_a_colleague_is_no_test_of_mine(
    ana: httpx.AsyncClient, app: FastAPI, settings: Settings
) -> None:
    step = await _step(ana)
    asked = (await _ask(ana, step, channel="email", to="ana@a.example")).json()
    async with client_of(app, authorization=bearer(settings, name="Bo")) as bo:
        assert (await bo.get(f"{step}/tests")).json() == {"tests": []}
        assert (await bo.get(f"{step}/tests/{asked['id']}")).json()["id"] == asked["id"]
        to_ana = await _ask(bo, step, channel="email", to="ana@a.example")
        assert to_ana.status_code == 202
        # That she is a member makes her address no address of his.
        assert (await bo.get("/api/v1/me/test-addresses")).json()["email"] is None


async def test_an_address_that_must_not_be_written_to_is_refused(
    ana: httpx.AsyncClient, dsn: str
) -> None:
    step = await _step(ana)
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into broadcast.suppressions (workspace_id, channel, address, reason, source)"
            " select id, 'email', 'ana@a.example', 'complaint', 'test' from broadcast.workspaces"
        )
    refused = await _ask(ana, step, channel="email", to="ana@a.example")
    assert refused.status_code == 409
    assert "ana@a.example has reported a message as spam" in refused.json()["detail"]


@pytest.mark.parametrize("page", ["unsubscribe", "preferences", "view"])
async def test_the_links_of_a_test_say_so_and_change_nothing(
    nobody: httpx.AsyncClient, dsn: str, page: str
) -> None:
    for answer in (
        await nobody.get(f"/m/test/{page}"),
        await nobody.post(f"/m/test/{page}", data={"List-Unsubscribe": "One-Click"}),
    ):
        assert answer.status_code == 200
        assert "This was a test" in answer.text
        assert "changes nothing" in answer.text
    assert count(dsn, "select count(*) from broadcast.message_events") == 0
    assert (await nobody.get("/m/test/elsewhere")).status_code in (404, 422)
