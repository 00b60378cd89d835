"""The list of broadcasts, copies, the archive and who has one open, as a caller sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from support.serving import bearer, client_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from fastapi import FastAPI

    from clarion.wiring.settings import Settings

BROADCASTS = "/api/v1/broadcasts"


async def make(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    made: dict[str, Any] = (await client.post(BROADCASTS, json={"name": name})).json()
    return made


async def names(client: httpx.AsyncClient, **asked: Any) -> list[str]:
    answer = await client.get(BROADCASTS, params=asked)
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["broadcasts"]]


async def test_the_list_is_sorted_and_goes_on_at_its_mark(ana: httpx.AsyncClient) -> None:
    for name in ("b", "C", "a"):
        await make(ana, name)
    assert await names(ana) == ["a", "C", "b"]
    asked: dict[str, str | int] = {"sort": "name", "direction": "asc", "limit": 2}
    first = (await ana.get(BROADCASTS, params=asked)).json()
    assert [each["name"] for each in first["broadcasts"]] == ["a", "b"]
    assert await names(ana, **asked, after=first["next"]) == ["C"]
    # Without a time they are in the order of their making.
    asked = {"sort": "scheduled", "direction": "desc", "limit": 2}
    first = (await ana.get(BROADCASTS, params=asked)).json()
    assert await names(ana, **asked, after=first["next"]) == ["b"]


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"sort": "size"}, "/sort"),
        ({"direction": "up"}, "/direction"),
        ({"type": "fax"}, "/type/0"),
        ({"archived": "maybe"}, "/archived"),
        ({"statuses": "draft"}, "/statuses"),
        ({"after": "nothing"}, "/after"),
    ],
)
async def test_a_list_that_there_is_not_is_refused(
    ana: httpx.AsyncClient, asked: dict[str, str], pointer: str
) -> None:
    answer = await ana.get(BROADCASTS, params=asked)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


async def test_the_mark_of_another_order_is_refused(ana: httpx.AsyncClient) -> None:
    for name in ("a", "b"):
        await make(ana, name)
    mark = (await ana.get(BROADCASTS, params={"limit": 1})).json()["next"]
    for asked in ({"sort": "name"}, {"direction": "asc"}, {"sort": "created"}):
        answer = await ana.get(BROADCASTS, params={**asked, "after": mark})
        assert [each["pointer"] for each in answer.json()["errors"]] == ["/after"]


async def test_the_list_says_who_made_each_and_can_be_narrowed_to_them(
    ana: httpx.AsyncClient,
) -> None:
    author = (await make(ana, "Spring"))["created_by"]
    assert (await ana.get(f"{BROADCASTS}/authors")).json() == {"authors": [author]}
    assert await names(ana, author=author, type=["sms", "email"], status="draft") == ["Spring"]
    assert await names(ana, author="Somebody else") == []
    assert await names(ana, type="email") == []


async def test_a_broadcast_is_duplicated_into_a_draft(ana: httpx.AsyncClient) -> None:
    source = await make(ana, "Spring")
    (step,) = source["steps"]
    source = (
        await ana.patch(
            f"{BROADCASTS}/{source['id']}/steps/{step['id']}", json={"version": 1, "body": "Hi"}
        )
    ).json()
    address = f"{BROADCASTS}/{source['id']}/duplicate"
    whole = await ana.post(address, json={})
    assert whole.status_code == 201
    assert whole.json()["steps"][0]["body"] == "Hi"
    audience = (await ana.post(address, json={"what": "audience", "name": " Again "})).json()
    assert (audience["steps"][0]["body"], audience["name"]) == ("", "Again")
    assert (await ana.post(address, json={"what": "half"})).status_code == 422
    assert (await ana.get(f"{BROADCASTS}/{whole.json()['id']}")).json() == whole.json()


async def test_the_archive_is_a_list_of_its_own(ana: httpx.AsyncClient) -> None:
    made = await make(ana, "Spring")
    assert (await ana.post(f"{BROADCASTS}/{made['id']}/archive")).status_code == 204
    assert (await names(ana), await names(ana, archived=True)) == ([], ["Spring"])
    (line,) = (await ana.get(BROADCASTS, params={"archived": True})).json()["broadcasts"]
    assert line["archived_at"] is not None
    assert (await ana.post(f"{BROADCASTS}/{made['id']}/unarchive")).status_code == 204
    assert (await names(ana), await names(ana, archived=True)) == (["Spring"], [])


@pytest.fixture
async def maria(app: FastAPI, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A colleague in the default workspace."""
    async with client_of(app, authorization=bearer(settings, name="Maria")) as client:
        yield client


async def test_two_people_in_one_draft_are_told(
    ana: httpx.AsyncClient, maria: httpx.AsyncClient
) -> None:
    made = await make(ana, "Spring")
    address = f"{BROADCASTS}/{made['id']}/presence"
    assert (await ana.post(address)).json() == {"editors": []}
    (other,) = (await maria.post(address)).json()["editors"]
    assert other["name"] == made["created_by"]
    (other,) = (await ana.post(address)).json()["editors"]
    assert (other["id"], other["name"]) == ("maria", "Maria")


async def test_another_workspace_can_do_nothing_with_it(
    ana: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = await make(ana, "Spring")
    for verb in ("archive", "unarchive", "presence", "duplicate"):
        for broadcast_id in (made["id"], str(uuid4()), "nothing"):
            answer = await stranger.post(f"{BROADCASTS}/{broadcast_id}/{verb}", json={})
            assert answer.status_code == 404, verb
    assert await names(stranger) == []
    assert (await stranger.get(f"{BROADCASTS}/authors")).json() == {"authors": []}
    assert (await ana.get(f"{BROADCASTS}/{made['id']}")).json() == made
