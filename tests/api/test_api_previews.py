"""What each person would get, over HTTP: on both channels, for one or for many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.emails import blocks, text
from support.serving import Person, add_people

if TYPE_CHECKING:
    import httpx

    from clarion.wiring.clarion import Clarion

PATH = "/api/v1/broadcasts"
#: By the order of their numbers: on both channels, by SMS only, by e-mail only, not at all.
PEOPLE = [
    Person(first_name="Ann", phone_number="+15125551000", email="ann@a.example"),
    Person(first_name=None, phone_number="+15125551001", email=None),
    Person(first_name="Cid", phone_number=None, email="cid@a.example"),
    Person(first_name="Dan", phone_number=None, email=None),
]


@pytest.fixture
async def people(clarion: Clarion) -> list[str]:
    return await add_people(clarion, PEOPLE)


@pytest.fixture
async def draft(ana: httpx.AsyncClient, people: list[str]) -> dict[str, Any]:
    """On both channels, with what each of them says."""
    made = (await ana.post(PATH, json={"broadcast_type": "sms_email"})).json()
    change = {
        "version": made["version"],
        "body": "Hi {{ first_name }}”",
        "subject": "For {{ first_name | default: 'you' }}",
        "preheader": "About {{ first_name }}",
        "email": blocks(text("<p>Dear {{ first_name }}</p>")),
    }
    answer = await ana.patch(f"{PATH}/{made['id']}/steps/{made['steps'][0]['id']}", json=change)
    assert answer.status_code == 200, answer.text
    saved: dict[str, Any] = answer.json()
    return saved


async def _asked(
    client: httpx.AsyncClient, draft: dict[str, Any], **asked: object
) -> dict[str, Any]:
    answer = await client.post(f"{PATH}/{draft['id']}/preview", json=asked)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def _people_of(client: httpx.AsyncClient, **asked: object) -> set[str | None]:
    body = {"filter": {"match": "all", "conditions": []}, **asked}
    answer = await client.post("/api/v1/audience/contacts", json=body)
    assert answer.status_code == 200, answer.text
    return {each["first_name"] for each in answer.json()["contacts"]}


async def test_each_person_is_shown_on_both_channels(
    ana: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    page = await _asked(ana, draft)
    shown = {each["name"]: each for each in page["recipients"]}
    assert set(shown) == {"Ann", "", "Cid"}
    assert shown["Ann"]["sms"]["text"] == "Hi Ann”"
    assert shown["Ann"]["sms"]["encoding"] == "UCS-2"
    mail = shown["Ann"]["email"]
    assert (mail["subject"], mail["preheader"]) == ("For Ann", "About Ann")
    assert "<p>Dear Ann</p>" in mail["html"]
    assert mail["text"].startswith("Dear Ann")
    assert shown[""]["email"]["subject"] == "For you"
    assert shown[""]["email"]["missing"] == ["first_name"]
    assert (shown["Cid"]["phone_number"], shown["Cid"]["email_address"]) == (None, "cid@a.example")


async def test_one_channel_shows_its_own_people_and_text(
    ana: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    by_mail = await _asked(ana, draft, channel="email")
    assert {each["name"] for each in by_mail["recipients"]} == {"Ann", "Cid"}
    assert {each["sms"] for each in by_mail["recipients"]} == {None}
    by_sms = await _asked(ana, draft, channel="sms")
    assert {each["name"] for each in by_sms["recipients"]} == {"Ann", ""}
    assert {each["email"] for each in by_sms["recipients"]} == {None}


async def test_somebody_is_found_and_read_with_what_is_written_now(
    ana: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    for search in ("cid", "CID@a.example"):
        found = await _asked(ana, draft, search=search)
        assert [each["name"] for each in found["recipients"]] == ["Cid"]
    (cid,) = found["recipients"]
    again = await _asked(
        ana,
        draft,
        contact_id=cid["contact_id"],
        step_id=draft["steps"][0]["id"],
        body="Yo {{ first_name }}",
        subject="New",
        email=blocks(text("<p>Anew, {{ first_name }}</p>")),
        text_part="Plain {{ first_name }}",
    )
    (shown,) = again["recipients"]
    assert shown["sms"]["text"] == "Yo Cid"
    assert shown["email"]["subject"] == "New"
    assert "<p>Anew, Cid</p>" in shown["email"]["html"]
    assert shown["email"]["text"].startswith("Plain Cid")


async def test_the_list_goes_on_behind_the_one_who_was_asked_for(
    ana: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    everybody = [each["contact_id"] for each in (await _asked(ana, draft))["recipients"]]
    one = await _asked(ana, draft, contact_id=everybody[1])
    assert [each["contact_id"] for each in one["recipients"]] == everybody[1:2]
    behind = await _asked(ana, draft, after=one["next"])
    assert [each["contact_id"] for each in behind["recipients"]] == everybody[2:]


async def test_a_channel_that_cannot_be_made_leaves_the_other(
    ana: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    page = await _asked(ana, draft, body="Hi {{ first", limit=1)
    assert [each["pointer"] for each in page["errors"]] == ["/body"]
    (shown,) = page["recipients"]
    assert shown["sms"] is None
    assert "<p>Dear" in shown["email"]["html"]
    both = await _asked(ana, draft, body="Hi {{ first", subject="{{ a", limit=1)
    assert {each["pointer"] for each in both["errors"]} == {"/body", "/subject"}
    assert both["recipients"] == []


@pytest.mark.parametrize("contact_id", ["nobody", "00000000-0000-0000-0000-000000000000"])
async def test_nobody_else_is_shown(
    ana: httpx.AsyncClient, draft: dict[str, Any], contact_id: str
) -> None:
    path = f"{PATH}/{draft['id']}/preview"
    assert (await ana.post(path, json={"contact_id": contact_id})).status_code == 404
    step = {"step_id": "00000000-0000-0000-0000-000000000000"}
    assert (await ana.post(path, json=step)).status_code == 404


@pytest.mark.usefixtures("people")
async def test_the_people_of_each_channel_and_who_lacks_a_field(ana: httpx.AsyncClient) -> None:
    assert await _people_of(ana, reached_by="any") == {"Ann", None, "Cid"}
    assert await _people_of(ana, reached_by="both") == {"Ann"}
    assert await _people_of(ana, reached_by="only_sms") == {None}
    assert await _people_of(ana, reached_by="only_email") == {"Cid"}
    assert await _people_of(ana, reachable=True, without="first_name") == {None}
    assert await _people_of(ana, channel="email", reachable=True, without="first_name") == set()
    everybody = {"filter": {"match": "all", "conditions": []}}
    for wrong in ({"without": "first_name"}, {"reachable": True, "without": "no_such"}):
        refused = await ana.post("/api/v1/audience/contacts", json={**everybody, **wrong})
        assert refused.status_code == 422
        assert [each["pointer"] for each in refused.json()["errors"]] == ["/without"]


async def test_an_outlook_tells_who_lacks_what_and_what_a_character_costs(
    ana: httpx.AsyncClient, draft: dict[str, Any]
) -> None:
    step = draft["steps"][0]
    # 69 characters around the name: one segment of UCS-2 for nobody but who has no name of three.
    body = {"version": draft["version"], "body": "{{ first_name | default: '' }}”" + "x" * 69}
    changed = await ana.patch(f"{PATH}/{draft['id']}/steps/{step['id']}", json=body)
    assert changed.status_code == 200, changed.text
    outlook = (await ana.get(f"{PATH}/{draft['id']}/outlook")).json()
    (foreseen,) = outlook["steps"]
    # Ann's takes 73 characters and two segments, the other's 70 and one.
    assert foreseen["shares"] == [
        {"segments": 1, "recipients": 1},
        {"segments": 2, "recipients": 1},
    ]
    assert [each["character"] for each in foreseen["forcing"]] == ["”"]
    assert foreseen["dearer"]["changes"] == [{"segments": 2, "would_take": 1, "recipients": 1}]
    assert (foreseen["dearer"]["recipients"], foreseen["dearer"]["segments"]) == (1, 1)
    assert foreseen["dearer"]["cost"]["amount"] == "0.01"
    (ann,) = (await _asked(ana, draft, contact_id=foreseen["longest_contact_id"]))["recipients"]
    assert ann["name"] == "Ann"
    # Of those whom the email reaches all have a name.
    assert foreseen["missing_tokens"] == []
