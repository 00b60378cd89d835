"""When an audience is saved, and how it drifts, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg

from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.clock import utc_now
from support.serving import Person, add_people, look_at_contacts

if TYPE_CHECKING:
    import httpx

    from clarion.wiring.clarion import Clarion

PATH = "/api/v1/broadcasts"
NOTE = "The audience is saved when the broadcast is sent."
PEOPLE = [Person(first_name=f"P{each}", phone_number=f"+1512555{1000 + each}") for each in range(3)]


async def _scheduled(ana: httpx.AsyncClient, mode: str, *, people: int = 3) -> Any:
    draft = (await ana.post(PATH, json={"name": "Spring"})).json()
    assert draft["audience_mode"] == "saved_when_scheduled"
    path = f"{PATH}/{draft['id']}"
    draft = (
        await ana.patch(path, json={"version": draft["version"], "audience_mode": mode})
    ).json()
    assert draft["audience_mode"] == mode
    step = {
        "version": draft["version"],
        "body": "Hi",
        "send_mode": "later",
        "time_zone": "UTC",
        "scheduled_for": (utc_now() + timedelta(days=1)).replace(tzinfo=None).isoformat(),
    }
    draft = (await ana.patch(f"{path}/steps/{draft['steps'][0]['id']}", json=step)).json()
    outlook = (await ana.get(f"{path}/outlook")).json()
    at_send = mode == "resolved_at_send"
    assert (outlook["audience_mode"], outlook["note"]) == (mode, NOTE if at_send else None)
    body = {"version": draft["version"], "expected_recipients": people}
    answer = await ana.post(f"{path}/launch", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _save(clarion: Clarion, broadcast: dict[str, Any]) -> None:
    await clarion.saver.save(DEFAULT_WORKSPACE, UUID(broadcast["id"]))


async def test_tracking_of_a_broadcast_that_awaits_its_audience(
    ana: httpx.AsyncClient, clarion: Clarion
) -> None:
    await add_people(clarion, PEOPLE)
    broadcast = await _scheduled(ana, "resolved_at_send")
    wanted = {"state": "none", "saved": 0, "expected": 3, "saved_at": None, "note": NOTE}
    assert broadcast["recipients"] == wanted
    await add_people(clarion, [Person(first_name="New", phone_number="+15125552000")])
    tracking = (await ana.get(f"{PATH}/{broadcast['id']}/tracking")).json()
    assert tracking["saving"] == {**wanted, "expected": 4}
    refused = await ana.get(f"{PATH}/{broadcast['id']}/drift")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        f"{NOTE} Until then it is current.",
    )
    refused = await ana.post(f"{PATH}/{broadcast['id']}/audience/renew")
    assert refused.status_code == 409


async def test_the_drift_and_the_audience_saved_anew(
    ana: httpx.AsyncClient, clarion: Clarion, dsn: str
) -> None:
    ids = await add_people(clarion, PEOPLE)
    broadcast = await _scheduled(ana, "saved_when_scheduled")
    path = f"{PATH}/{broadcast['id']}"
    assert (await ana.get(f"{path}/drift")).status_code == 409
    await _save(clarion, broadcast)
    with psycopg.connect(dsn) as connection:
        connection.execute("delete from public.contacts where id = %s", [ids[0]])
        connection.execute(
            "update public.contacts set phone_number = '512 555 3000' where id = %s", [ids[1]]
        )
    (new,) = await add_people(clarion, [Person(first_name="New", phone_number="+15125552000")])
    await look_at_contacts(clarion)

    drift = (await ana.get(f"{path}/drift")).json()
    assert drift.pop("compared_at") > drift["saved_at"]
    assert drift == {
        "saved_at": broadcast["launched_at"],
        "saved": 3,
        "joined": 1,
        "left": 1,
        "changed_number": 1,
    }
    found = {}
    for kind in ("joined", "left", "changed_number"):
        answer = await ana.post(f"{path}/drift/contacts", json={"kind": kind, "limit": 1})
        assert answer.status_code == 200, answer.text
        assert answer.json()["next"] is None
        found[kind] = [each["contact_id"] for each in answer.json()["contacts"]]
    assert found == {"joined": [new], "left": [ids[0]], "changed_number": [ids[1]]}

    renewed = (await ana.post(f"{path}/audience/renew")).json()
    assert (renewed["recipients"]["state"], renewed["recipients"]["expected"]) == ("saving", 3)
    await _save(clarion, broadcast)
    again = (await ana.get(f"{path}/drift")).json()
    assert (again["saved"], again["joined"], again["left"], again["changed_number"]) == (3, 0, 0, 0)
    assert again["saved_at"] > drift["saved_at"]


async def test_a_page_of_the_drift_that_cannot_be_is_refused(ana: httpx.AsyncClient) -> None:
    draft = (await ana.post(PATH, json={})).json()
    answer = await ana.post(f"{PATH}/{draft['id']}/drift/contacts", json={"kind": "gone"})
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/kind"]
