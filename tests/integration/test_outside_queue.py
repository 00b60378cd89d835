"""Clarion beside an outside queue service that speaks the simple form, and is not always well."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web

from clarion.kernel.clock import utc_now
from support.serving import Person, add_people, count, on_port, until
from support.whole import JOBS, Whole, whole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from clarion.wiring.settings import Settings

SMS: dict[str, Any] = {"channel": "sms", "to": "+15125550101", "body": "Hi"}


@dataclass
class Outside:
    """Takes jobs and calls back when they are due.

    `calls` is how often it calls back for a job, `answers` what it answers to the next hand-overs
    ("ok", "lost": taken, but the line is cut, "down", "no": not taken, "odd": no JSON); then "ok".
    """

    backend: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    calls: int = 1
    answers: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def schedule(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        mood = self.answers.pop(0) if self.answers else "ok"
        if mood == "down":
            return web.Response(status=503)
        if mood == "no":
            return web.json_response({"success": False, "message": "No."})
        if mood == "odd":
            return web.Response(text="<html>")
        job = await request.json()
        self.taken.append(job)
        for _ in range(self.calls):
            task = asyncio.create_task(self.call_back(job))
            self.tasks.add(task)
        if mood == "lost":
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"success": True, "jobId": f"theirs-{len(self.taken)}"})

    async def call_back(self, job: dict[str, Any], *, delay: float | None = None) -> None:
        await asyncio.sleep(job["delay"] / 1000 if delay is None else delay)
        url = self.backend + job["metadata"]["callbackEndpoint"]
        async with aiohttp.ClientSession() as session, session.post(url, json=job) as answer:
            self.statuses.append(answer.status)

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    made = Outside()
    yield made
    await made.close()


@pytest.fixture
async def up(settings: Settings, outside: Outside) -> AsyncIterator[Whole]:
    app = web.Application()
    app.router.add_post("/api/schedule-sms", outside.schedule)
    app.router.add_post("/api/schedule-email", outside.schedule)
    async with on_port(app) as url:
        settings = settings.model_copy(update={"queue_service_url": url})
        async with whole(settings) as opened:
            outside.backend = opened.clarion.settings.base_url
            yield opened


async def _taken(outside: Outside, times: int) -> list[dict[str, Any]]:
    async def taken() -> list[dict[str, Any]]:
        return list(outside.taken)

    return await until(taken, lambda jobs: len(jobs) >= times)


async def _called_back(outside: Outside, times: int) -> None:
    async def statuses() -> list[int]:
        return list(outside.statuses)

    found = await until(statuses, lambda found: len(found) >= times)
    assert set(found) == {200}


async def _nothing_left(dsn: str) -> None:
    """Until the engine has nothing to run any more."""
    waiting = "select count(*) from procrastinate.procrastinate_jobs where status <> 'failed'"
    await until(lambda: asyncio.to_thread(count, dsn, waiting), lambda found: found == 0)


async def test_me_says_that_jobs_go_to_an_outside_service(up: Whole) -> None:
    me = (await up.client.get("/api/v1/me")).json()
    assert me["queue_service"] == "external"


async def test_a_job_is_handed_over_in_the_simple_form(up: Whole, outside: Outside) -> None:
    at = utc_now() + timedelta(hours=1)
    async with up.working():
        posted = await up.post(**SMS, contact_id="c-1", scheduled_at=at.isoformat())
        (job,) = await _taken(outside, 1)
    left = (at - utc_now()) // timedelta(milliseconds=1)
    assert set(job) == {"phoneNumber", "message", "contactId", "workspaceId", "delay", "metadata"}
    assert (job["phoneNumber"], job["message"], job["contactId"]) == ("+15125550101", "Hi", "c-1")
    assert left <= job["delay"] <= 3_600_000
    assert job["metadata"]["messageId"] == posted["id"]
    assert datetime.fromisoformat(job["metadata"]["scheduledTime"]) == at
    assert job["metadata"]["callbackEndpoint"].startswith("/api/v1/queue-services/callbacks?")


async def test_a_mail_is_handed_over_in_the_form_of_mails(up: Whole, outside: Outside) -> None:
    async with up.working():
        posted = await up.post(
            channel="email", to="ann@example.com", subject="Your visit", body="<p>At 9:00</p>"
        )
        ended = await up.ended(posted["id"])
    assert ended["status"] == "completed"
    (job,) = outside.taken
    assert set(job) == {
        "to", "subject", "html", "contactId", "workspaceId", "delay", "metadata",
    }  # fmt: skip
    assert (job["to"], job["subject"]) == ("ann@example.com", "Your visit")
    assert "At 9:00" in job["html"]


async def test_a_job_runs_when_it_is_called_back_at_its_time(up: Whole, outside: Outside) -> None:
    at = utc_now() + timedelta(seconds=1)
    async with up.working():
        posted = await up.post(**SMS, scheduled_at=at.isoformat())
        ended = await up.ended(posted["id"])
    assert ended["status"] == "completed"
    assert len(outside.taken) == 1
    (sent,) = await up.sms()
    assert datetime.fromisoformat(sent["created_at"]) >= at


async def test_a_callback_that_comes_often_runs_the_job_once(
    up: Whole, outside: Outside, dsn: str
) -> None:
    outside.calls = 5
    async with up.working():
        posted = await up.post(**SMS)
        ended = await up.ended(posted["id"])
        await _called_back(outside, 5)
        await outside.call_back(outside.taken[0])
        await _nothing_left(dsn)
    assert (ended["status"], ended["attempts"]) == ("completed", 1)
    assert len(await up.sms()) == 1
    assert (await up.job(posted["id"]))["attempts"] == 1


async def test_a_callback_that_is_too_early_runs_the_job_at_its_time(
    up: Whole, outside: Outside
) -> None:
    outside.calls = 0
    at = utc_now() + timedelta(seconds=2)
    async with up.working():
        posted = await up.post(**SMS, scheduled_at=at.isoformat())
        (job,) = await _taken(outside, 1)
        for _ in range(2):
            await outside.call_back(job, delay=0)
        ended = await up.ended(posted["id"])
    assert outside.statuses == [200, 200]
    assert ended["status"] == "completed"
    assert datetime.fromisoformat(ended["started_at"]) >= at
    assert len(await up.sms()) == 1


async def test_a_callback_that_never_comes_is_found_and_the_job_handed_over_again(
    up: Whole, outside: Outside
) -> None:
    outside.calls = 0
    async with up.working():
        posted = await up.post(**SMS)
        await _taken(outside, 1)
        await until(lambda: _handed_over(up, posted["id"]), lambda handed: handed == "theirs-1")
        outside.calls = 1
        async with up.clarion.database.as_worker() as connection:
            found = await up.clarion.queue.find_lost(
                connection, now=utc_now() + timedelta(seconds=31), after=timedelta(seconds=30)
            )
        assert found == 1
        ended = await up.ended(posted["id"])
    assert ended["status"] == "completed"
    first, second = outside.taken
    assert second["delay"] == 0
    assert first["metadata"] == second["metadata"]
    assert len(await up.sms()) == 1


async def _handed_over(up: Whole, job_id: str) -> str | None:
    async with up.clarion.database.as_worker() as connection:
        cursor = await connection.execute(
            "select external_id from broadcast.queue_jobs where id = %s", [job_id]
        )
        row = await cursor.fetchone()
    assert row is not None
    return str(row["external_id"]) if row["external_id"] is not None else None


async def test_a_job_that_was_handed_over_lately_is_not_lost(up: Whole, outside: Outside) -> None:
    outside.calls = 0
    async with up.working():
        posted = await up.post(**SMS)
        await until(lambda: _handed_over(up, posted["id"]), lambda handed: handed == "theirs-1")
        async with up.clarion.database.as_worker() as connection:
            found = await up.clarion.queue.find_lost(
                connection, now=utc_now() + timedelta(seconds=29), after=timedelta(seconds=30)
            )
    assert found == 0
    assert len(outside.taken) == 1


async def test_a_lost_answer_to_the_hand_over_sends_nobody_anything_twice(
    up: Whole, outside: Outside, dsn: str
) -> None:
    outside.answers = ["lost"]
    outside.calls = 0
    async with up.working():
        posted = await up.post(**SMS)
        # It has them both now, and calls back for both.
        for job in await _taken(outside, 2):
            await outside.call_back(job, delay=0)
        ended = await up.ended(posted["id"])
        await _called_back(outside, 2)
        await _nothing_left(dsn)
    assert (ended["status"], ended["attempts"], ended["error"]) == ("completed", 1, None)
    assert len(await up.sms()) == 1


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        ("down", "The queue service answered 503."),
        ("no", "The queue service answered 200."),
        ("odd", "The queue service could not be reached:"),
    ],
)
async def test_a_service_in_trouble_stands_on_the_job_in_words_and_is_asked_again(
    up: Whole, outside: Outside, mood: str, words: str
) -> None:
    outside.answers = [mood, mood]
    async with up.working():
        posted = await up.post(**SMS)
        waiting = await until(lambda: up.job(posted["id"]), lambda job: job["error"] is not None)
        assert waiting["status"] == "scheduled"
        assert waiting["error"].startswith(words)
        ended = await up.ended(posted["id"])
    assert (ended["status"], ended["error"]) == ("completed", None)
    assert outside.asked == 3
    assert len(outside.taken) == 1


async def test_a_forged_callback_runs_nothing(up: Whole, outside: Outside, dsn: str) -> None:
    outside.calls = 0
    async with up.working():
        posted = await up.post(**SMS)
        other = await up.post(**{**SMS, "to": "+15125550102"})
        jobs = await _taken(outside, 2)
        await _nothing_left(dsn)
    tokens = {
        query["job"][0]: query["token"][0]
        for query in (parse_qs(urlsplit(job["metadata"]["callbackEndpoint"]).query) for job in jobs)
    }
    path = "/api/v1/queue-services/callbacks"
    nobody = {"authorization": ""}
    for forged in ("", "x", tokens[other["id"]], tokens[posted["id"]][:-1], "é"):
        parameters = {"job": posted["id"], "token": forged}
        answer = await up.client.post(path, params=parameters, headers=nobody)
        assert answer.status_code == 403
    for unknown in ("", "7"):
        answer = await up.client.post(path, params={"job": unknown, "token": "x"}, headers=nobody)
        assert answer.status_code == 404
    unknown_id = {"job": str(uuid4()), "token": tokens[posted["id"]]}
    assert (await up.client.post(path, params=unknown_id, headers=nobody)).status_code == 403
    run = "select count(*) from procrastinate.procrastinate_jobs where task_name = 'queue.run'"
    assert count(dsn, run) == 0
    good = {"job": posted["id"], "token": tokens[posted["id"]]}
    assert (await up.client.post(path, params=good, headers=nobody)).status_code == 200
    assert count(dsn, run) == 1


async def test_a_cancelled_job_stays_cancelled_when_the_service_calls_back(
    up: Whole, outside: Outside, dsn: str
) -> None:
    outside.calls = 0
    async with up.working():
        posted = await up.post(**SMS)
        (job,) = await _taken(outside, 1)
        assert (await up.client.post(f"{JOBS}/{posted['id']}/cancel")).status_code == 200
        await outside.call_back(job)
        await _nothing_left(dsn)
    assert outside.statuses == [200]
    assert (await up.job(posted["id"]))["status"] == "cancelled"
    assert await up.sms() == []


async def test_a_broadcast_is_handed_over_as_one_job_per_step(up: Whole, outside: Outside) -> None:
    people = [Person(phone_number=f"+1512555{1000 + each}") for each in range(20)]
    await add_people(up.clarion, people)
    client = up.client
    draft = (await client.post("/api/v1/broadcasts", json={})).json()
    path = f"/api/v1/broadcasts/{draft['id']}"
    step = f"{path}/steps/{draft['steps'][0]['id']}"
    await client.patch(step, json={"version": 1, "body": "Hi"})
    outside.calls = 2
    async with up.working():
        body = {"version": 2, "expected_recipients": 20}
        assert (await client.post(f"{path}/launch", json=body)).status_code == 200

        async def status() -> Any:
            return (await client.get(path)).json()["status"]

        await until(status, lambda found: found == "completed")
    (job,) = outside.taken
    assert job["phoneNumber"] == ""
    assert job["metadata"]["campaignId"] == draft["id"]
    sent = [each["to"] for each in await up.sms()]
    assert sorted(sent) == sorted(str(person.phone_number) for person in people)
