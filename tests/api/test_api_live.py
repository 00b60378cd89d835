"""Live screens, over a real server and real WebSockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from unittest import mock
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from clarion.api import identity
from clarion.api.app import make_app
from clarion.audience.index.answers import Answers
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.clock import utc_now
from support.serving import (
    OTHER_WORKSPACE,
    PATIENCE,
    Person,
    add_people,
    add_workspace,
    bearer,
    database_down,
    look_at_contacts,
    until,
    web_server,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from fastapi import FastAPI

    from clarion.kernel.actor import Actor
    from clarion.wiring.clarion import Clarion
    from clarion.wiring.settings import Settings

EVERYBODY: dict[str, Any] = {"match": "all", "conditions": []}
TEXAS: dict[str, Any] = {
    "match": "all",
    "conditions": [{"field": "metadata.state", "operator": "is", "value": "TX"}],
}
PEOPLE = [
    Person(first_name="Ann", phone_number="+15125550101", metadata={"state": "TX"}),
    Person(first_name="Bob", phone_number="+15125550102", metadata={"state": "TX"}),
    Person(first_name="Cy", phone_number=None, metadata={"state": "NY"}),
]


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """Not started: the server does that."""
    return make_app(settings)


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """host:port of a running server."""
    async with web_server(app) as address:
        yield address


@pytest.fixture
def clarion(address: str, app: FastAPI) -> Clarion:
    return cast("Clarion", app.state.clarion)


class Screen:
    """The far end of a live socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def ask(self, number: int, document: dict[str, Any], **more: object) -> None:
        await self.socket.send(json.dumps({"id": number, "filter": document, **more}))

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            said: dict[str, Any] = json.loads(await self.socket.recv())
            return said

    async def hear_until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            while not holds(said := await self.hear()):
                pass
        return said

    async def close_code(self) -> int | None:
        """Why the server closed, after whatever it said before."""
        async with asyncio.timeout(PATIENCE):
            try:
                while True:
                    await self.socket.recv()
            except ConnectionClosed:
                return self.socket.close_code


@asynccontextmanager
async def _open(
    address: str, path: str, *, origin: str | None = None, **headers: str
) -> AsyncIterator[Screen]:
    url = f"ws://{address}/api/v1/live/{path}"
    async with connect(url, origin=cast("Any", origin), additional_headers=headers) as socket:
        yield Screen(socket)


@pytest.fixture
def token(settings: Settings) -> str:
    return bearer(settings)


@pytest.fixture
async def screen(address: str, clarion: Clarion, token: str) -> AsyncIterator[Screen]:
    """An open audience screen over three people, two of them Texans."""
    await add_people(clarion, PEOPLE)
    async with _open(address, "audience", Authorization=token) as opened:
        yield opened


async def test_a_question_is_answered_by_the_number_first_and_then_by_the_whole(
    screen: Screen,
) -> None:
    await screen.ask(1, EVERYBODY, limit=2)
    first = await screen.hear()
    assert (first["type"], first["id"], first["matched"], first["total"]) == ("matched", 1, 3, 3)
    assert first["took_ms"] >= 0
    assert first["freshness"]["source"] in ("index", "database")
    second = await screen.hear()
    assert (second["type"], second["id"]) == ("audience", 1)
    assert second["estimate"]["sms"] == {
        "reachable": 2,
        "left_out": [{"reason": "no_phone", "contacts": 1}],
    }
    assert len(second["contacts"]) == 2
    assert second["next"] is not None


async def test_the_index_tells_whom_each_channel_reaches_and_how_many_have_each_value(
    screen: Screen, clarion: Clarion
) -> None:
    assert clarion.audience.indexes is not None
    keeper = clarion.audience.indexes.of(DEFAULT_WORKSPACE)
    assert await asyncio.to_thread(keeper.wait_until_ready, PATIENCE)
    await screen.ask(1, TEXAS, facets=True)
    matched = await screen.hear_until(lambda said: said["type"] == "matched")
    assert matched["freshness"]["source"] == "index"
    assert (matched["matched"], matched["sms_reachable"]) == (2, 2)
    facets = await screen.hear_until(
        lambda said: (
            said["type"] == "facets"
            and any(field["field"] == "metadata.state" for field in said["fields"])
        )
    )
    (states,) = [field for field in facets["fields"] if field["field"] == "metadata.state"]
    # As if no state had been chosen yet: that is what another choice would give.
    assert {each["value"]: each["contacts"] for each in states["values"]} == {"TX": 2, "NY": 1}
    assert (states["more"], states["empty"]) == (0, 0)


async def _until_the_index_is_ready(clarion: Clarion) -> None:
    assert clarion.audience.indexes is not None
    keeper = clarion.audience.indexes.of(DEFAULT_WORKSPACE)
    assert await asyncio.to_thread(keeper.wait_until_ready, PATIENCE)


async def test_facets_are_those_of_the_fields_in_sight(screen: Screen, clarion: Clarion) -> None:
    await _until_the_index_is_ready(clarion)
    await screen.ask(1, TEXAS, facets=["metadata.state", "[ no path", "metadata.gone"])
    facets = await screen.hear_until(lambda said: said["type"] == "facets")
    assert [each["field"] for each in facets["fields"]] == ["metadata.state"]
    assert {"first_name", "metadata.state"} <= set(facets["countable"])
    await screen.ask(2, TEXAS, facets=[])
    facets = await screen.hear_until(lambda said: said["type"] == "facets" and said["id"] == 2)
    assert facets["fields"] == []
    assert "metadata.state" in facets["countable"]


async def test_the_number_comes_before_any_facet_is_begun(screen: Screen, clarion: Clarion) -> None:
    await _until_the_index_is_ready(clarion)
    held = threading.Event()
    begun: list[object] = []
    facets = Answers.facets

    def waiting(self: Answers, *asked: Any, **more: Any) -> Any:
        begun.append(asked)
        assert held.wait(PATIENCE)
        return facets(self, *asked, **more)

    with mock.patch.object(Answers, "facets", waiting):
        await screen.ask(1, TEXAS, facets=True)
        assert (await screen.hear())["type"] == "matched"
        # The facets of the first are still being counted, those of the second never begin: a
        # third replaces it, and its number waits for neither.
        await until(partial(_count, begun), lambda many: many == 1)
        await screen.ask(2, TEXAS, facets=True)
        assert (await screen.hear())["id"] == 2
        await screen.ask(3, EVERYBODY, facets=True)
        third = await screen.hear()
        assert (third["type"], third["id"], third["matched"]) == ("matched", 3, 3)
        held.set()
        told = await screen.hear_until(lambda said: said["type"] == "facets")
    assert told["id"] == 3
    assert len(begun) == 2


async def _count(things: list[object]) -> int:
    return len(things)


async def test_a_question_whose_end_is_lost_ends_all_the_same(
    screen: Screen, clarion: Clarion
) -> None:
    """The driver loses a cancellation that comes just when it has waited to its end."""
    await _until_the_index_is_ready(clarion)
    page = clarion.audience.page
    waiting = asyncio.Event()

    async def deaf(*asked: Any, **more: Any) -> Any:
        waiting.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(PATIENCE)
        return await page(*asked, **more)

    with mock.patch.object(clarion.audience, "page", deaf):
        await screen.ask(1, TEXAS)
        await waiting.wait()
        await screen.ask(2, EVERYBODY)
        await screen.hear_until(lambda said: (said["type"], said["id"]) == ("audience", 1))
        assert (await screen.hear())["id"] == 2


async def test_an_open_screen_is_answered_again_when_the_contacts_are_in_memory(
    screen: Screen,
) -> None:
    """Whoever comes first after a start need not ask again for what only the index tells."""
    await screen.ask(1, TEXAS, facets=True)
    await screen.hear_until(lambda said: said["type"] == "facets")


async def test_a_newer_question_voids_the_older(screen: Screen) -> None:
    for number in range(1, 30):
        await screen.ask(number, EVERYBODY)
    await screen.ask(30, TEXAS)
    heard: list[dict[str, Any]] = []
    while not heard or (heard[-1]["id"], heard[-1]["type"]) != (30, "audience"):
        heard.append(await screen.hear())
    assert heard[-1]["estimate"]["matched"] == 2
    # Answers never go back to an older question, and most of the older ones were never finished.
    assert [each["id"] for each in heard] == sorted(each["id"] for each in heard)
    assert len([each for each in heard if each["type"] == "audience"]) < 30


async def test_a_contact_that_changes_brings_a_new_answer_by_itself(
    screen: Screen, clarion: Clarion
) -> None:
    await screen.ask(1, TEXAS)
    answer = await screen.hear_until(lambda said: said["type"] == "audience")
    assert answer["estimate"]["matched"] == 2
    began = time.monotonic()
    await add_people(clarion, [Person(phone_number="+15125550109", metadata={"state": "TX"})])
    pushed = await screen.hear_until(
        lambda said: said["type"] == "audience" and said["estimate"]["sms"]["reachable"] == 3
    )
    assert pushed["id"] == 1
    assert time.monotonic() - began < 5


async def test_an_opt_out_brings_a_new_answer_by_itself(
    screen: Screen, clarion: Clarion, dsn: str
) -> None:
    await screen.ask(1, TEXAS)
    await screen.hear_until(lambda said: said["type"] == "audience")
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into broadcast.suppressions (workspace_id, channel, address, reason, source)"
            " select id, 'sms', '+15125550101', 'opted_out', 'test' from broadcast.workspaces"
        )
    pushed = await screen.hear_until(lambda said: said["type"] == "audience")
    assert pushed["estimate"]["sms"] == {
        "reachable": 1,
        "left_out": [{"reason": "opted_out", "contacts": 1}],
    }


async def test_a_filter_that_is_not_finished_is_a_problem_and_no_end(screen: Screen) -> None:
    unfinished = {"field": "metadata.state", "operator": "is", "value": ""}
    await screen.ask(7, {"match": "all", "conditions": [unfinished]})
    problem = await screen.hear()
    assert (problem["status"], problem["id"]) == (422, 7)
    assert [each["pointer"] for each in problem["errors"]] == ["/filter/conditions/0/value"]
    await screen.ask(8, TEXAS)
    assert (await screen.hear())["matched"] == 2


@pytest.mark.parametrize(
    ("text", "number", "pointers"),
    [
        ("no json", None, [""]),
        ("[]", None, [""]),
        ('{"id": 3}', 3, ["/filter"]),
        ('{"id": 3, "filter": {"match": "all"}}', 3, ["/filter/conditions"]),
        (
            '{"id": 3, "filter": {"match": "all", "conditions": [{"field": "x"}]}}',
            3,
            ["/filter/conditions/0/operator"],
        ),
        ('{"id": 3, "filter": {"match": "all", "conditions": []}, "limit": 99}', 3, ["/limit"]),
    ],
)
async def test_a_question_of_another_form_is_a_problem_and_no_end(
    screen: Screen, text: str, number: int | None, pointers: list[str]
) -> None:
    for question in (text, text.encode()):
        await screen.socket.send(question)
        problem = await screen.hear()
        assert problem["status"] == 422
        if isinstance(question, str):
            assert problem["id"] == number
            assert [each["pointer"] for each in problem["errors"]] == pointers
    await screen.ask(8, TEXAS)
    assert (await screen.hear())["matched"] == 2


async def test_a_screen_hears_that_the_database_is_away(screen: Screen, dsn: str) -> None:
    await screen.ask(1, TEXAS)
    await screen.hear_until(lambda said: said["type"] == "audience")
    with database_down(dsn):
        assert await screen.close_code() == 1013


@pytest.mark.parametrize("path", ["audience", f"broadcasts/{UUID(int=7)}"])
async def test_who_is_not_signed_in_is_told_and_closed(address: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer x"}, {"Cookie": "clarion_session=x"}):
        async with _open(address, path, **headers) as screen:
            assert (await screen.hear())["status"] == 401
            assert await screen.close_code() == 4401


@pytest.fixture
async def cookie(clarion: Clarion, actor: Actor, address: str) -> str:
    async with clarion.database.as_worker() as connection:
        link = await identity.make_link_token(connection, actor, now=utc_now())
    async with httpx.AsyncClient(base_url=f"http://{address}") as client:
        answer = await client.post("/api/v1/session", json={"token": link})
        return f"{identity.COOKIE}={answer.cookies[identity.COOKIE]}"


async def test_a_cookie_opens_a_screen_of_our_own_page_only(address: str, cookie: str) -> None:
    async with _open(address, "audience", origin=f"http://{address}", Cookie=cookie) as screen:
        await screen.ask(1, EVERYBODY)
        assert (await screen.hear())["matched"] == 0
    for origin in ("http://evil.test", f"http://{address}.evil.test", "null", None):
        async with _open(address, "audience", origin=origin, Cookie=cookie) as screen:
            problem = await screen.hear()
            assert problem["status"] == 403
            assert "another site" in problem["detail"]
            assert await screen.close_code() == 4401


async def test_a_screen_counts_the_contacts_of_its_own_workspace(
    address: str, clarion: Clarion, settings: Settings, dsn: str
) -> None:
    add_workspace(dsn)
    await add_people(clarion, PEOPLE)
    foreign = bearer(settings, workspace=OTHER_WORKSPACE)
    async with _open(address, "audience", Authorization=foreign) as screen:
        await screen.ask(1, EVERYBODY)
        assert (await screen.hear())["total"] == 0


@pytest.fixture
async def ana(address: str, token: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=f"http://{address}/api/v1", headers={"authorization": token}
    ) as client:
        yield client


async def test_a_broadcast_is_followed_from_its_draft_into_its_sending(
    address: str, clarion: Clarion, token: str, ana: httpx.AsyncClient
) -> None:
    await add_people(clarion, PEOPLE)
    draft = (await ana.post("/broadcasts", json={})).json()
    path = f"/broadcasts/{draft['id']}"
    async with _open(address, f"broadcasts/{draft['id']}", Authorization=token) as screen:
        moved = await screen.hear()
        assert (moved["type"], moved["broadcast"]["id"]) == ("broadcast", draft["id"])
        outlook = await screen.hear()
        assert (outlook["type"], outlook["will_send"], outlook["segments"]) == ("outlook", 2, 0)

        step = f"{path}/steps/{draft['steps'][0]['id']}"
        await ana.patch(step, json={"version": 1, "body": "Hi"})
        outlook = await screen.hear_until(lambda said: said["type"] == "outlook")
        assert (outlook["version"], outlook["segments"]) == (2, 2)

        await add_people(clarion, [Person(phone_number="+15125550109")])
        outlook = await screen.hear_until(
            lambda said: said["type"] == "outlook" and said["will_send"] == 3
        )
        assert outlook["segments"] == 3

        await ana.post(f"{path}/launch", json={"version": 2, "expected_recipients": 3})
        moved = await screen.hear_until(lambda said: said["type"] == "broadcast")
        assert moved["broadcast"]["status"] == "scheduled"
        tracking = await screen.hear_until(lambda said: said["type"] == "tracking")
        saving = tracking["saving"]
        assert (saving["state"], saving["saved"], saving["expected"]) == ("saving", 0, 4)
        await ana.post(f"{path}/pause")
        tracking = await screen.hear_until(
            lambda said: said["type"] == "tracking" and said["status"] == "paused"
        )
        assert tracking["recipients"] == 0


async def test_a_broadcast_that_awaits_its_audience_shows_who_matches_now(
    address: str, clarion: Clarion, token: str, ana: httpx.AsyncClient
) -> None:
    await add_people(clarion, PEOPLE)
    draft = (await ana.post("/broadcasts", json={})).json()
    path = f"/broadcasts/{draft['id']}"
    await ana.patch(path, json={"version": 1, "audience_mode": "resolved_at_send"})
    later = (utc_now() + timedelta(days=1)).replace(tzinfo=None).isoformat()
    step = {"body": "Hi", "send_mode": "later", "scheduled_for": later, "time_zone": "UTC"}
    await ana.patch(f"{path}/steps/{draft['steps'][0]['id']}", json={"version": 2, **step})
    launched = await ana.post(f"{path}/launch", json={"version": 3, "expected_recipients": 2})
    assert launched.status_code == 200, launched.text
    async with _open(address, path[1:], Authorization=token) as screen:
        tracking = await screen.hear_until(lambda said: said["type"] == "tracking")
        assert (tracking["saving"]["state"], tracking["saving"]["expected"]) == ("none", 3)
        await add_people(clarion, [Person(phone_number="+15125550109")])
        await screen.hear_until(
            lambda said: said["type"] == "tracking" and said["saving"]["expected"] == 4
        )


async def test_an_idle_broadcast_is_silent(
    address: str, clarion: Clarion, token: str, ana: httpx.AsyncClient
) -> None:
    await add_people(clarion, PEOPLE)
    draft = (await ana.post("/broadcasts", json={})).json()
    path = f"/broadcasts/{draft['id']}"
    await ana.patch(f"{path}/steps/{draft['steps'][0]['id']}", json={"version": 1, "body": "Hi"})
    await ana.post(f"{path}/launch", json={"version": 2, "expected_recipients": 2})
    async with _open(address, path[1:], Authorization=token) as screen:
        assert [(await screen.hear())["type"] for _ in range(2)] == ["broadcast", "tracking"]
        # Three looks go by; there is nothing to wait for but that nothing comes.
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.6):
                await screen.socket.recv()


async def test_a_draft_that_is_deleted_closes_its_screen(
    address: str, clarion: Clarion, token: str, ana: httpx.AsyncClient
) -> None:
    await look_at_contacts(clarion)
    draft = (await ana.post("/broadcasts", json={})).json()
    async with _open(address, f"broadcasts/{draft['id']}", Authorization=token) as screen:
        await screen.hear()
        await ana.delete(f"/broadcasts/{draft['id']}")
        assert await screen.close_code() == 4404


async def test_a_broadcast_that_is_not_there_closes_the_screen(
    address: str, ana: httpx.AsyncClient, token: str, settings: Settings, dsn: str
) -> None:
    add_workspace(dsn)
    draft = (await ana.post("/broadcasts", json={})).json()
    foreign = bearer(settings, workspace=OTHER_WORKSPACE)
    for broadcast_id, who in ((str(uuid4()), token), ("7", token), (draft["id"], foreign)):
        async with _open(address, f"broadcasts/{broadcast_id}", Authorization=who) as screen:
            problem = await screen.hear()
            assert (problem["status"], problem["title"]) == (404, "Not found")
            assert await screen.close_code() == 4404


async def test_a_broadcast_screen_hears_that_the_database_is_away(
    address: str, ana: httpx.AsyncClient, token: str, dsn: str
) -> None:
    draft = (await ana.post("/broadcasts", json={})).json()
    async with _open(address, f"broadcasts/{draft['id']}", Authorization=token) as screen:
        await screen.hear()
        with database_down(dsn):
            assert await screen.close_code() == 1013
