"""The built-in queue at work: a worker, the sandbox on a port, a CRM that wants to be told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from aiohttp import web

from clarion.kernel.clock import utc_now
from support.serving import PATIENCE, count, database_down, on_port, until
from support.whole import JOBS, Whole, whole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from clarion.wiring.settings import Settings

SMS: dict[str, Any] = {"channel": "sms", "to": "+15125550101", "body": "Hi"}


@pytest.fixture
async def clarion_up(settings: Settings) -> AsyncIterator[Whole]:
    async with whole(settings) as up:
        yield up


async def test_a_job_without_a_time_is_sent_now_and_followed_to_its_receipt(
    clarion_up: Whole,
) -> None:
    async with clarion_up.working():
        posted = await clarion_up.post(**SMS, contact_id="c-1")
        job = await clarion_up.ended(posted["id"])
        assert (job["status"], job["error"], job["attempts"]) == ("completed", None, 1)
        job = await until(
            lambda: clarion_up.job(posted["id"]), lambda job: job["message"]["status"] != "sent"
        )
    assert job["message"]["status"] == "delivered"
    (sent,) = await clarion_up.sms()
    assert (sent["to"], sent["body"]) == ("+15125550101", "Hi")
    assert sent["sid"] == job["message"]["provider_id"]


async def test_a_mail_is_sent_with_its_subject_and_page(clarion_up: Whole) -> None:
    async with clarion_up.working():
        posted = await clarion_up.post(
            channel="email", to="ann@example.com", subject="News", body="<p>Hi</p>"
        )
        assert (await clarion_up.ended(posted["id"]))["status"] == "completed"
    (sent,) = await clarion_up.mails()
    assert (sent["to"], sent["subject"], sent["html"]) == ("ann@example.com", "News", "<p>Hi</p>")


async def test_a_job_for_later_is_not_sent_before_its_time(clarion_up: Whole) -> None:
    at = utc_now() + timedelta(seconds=2)
    async with clarion_up.working():
        posted = await clarion_up.post(**SMS, scheduled_at=at.isoformat())
        # One that is due now shows that the worker is at work meanwhile.
        other = await clarion_up.post(**{**SMS, "to": "+15125550102"})
        await clarion_up.ended(other["id"])
        if utc_now() < at:
            assert (await clarion_up.job(posted["id"]))["status"] == "scheduled"
        job = await clarion_up.ended(posted["id"])
    assert job["status"] == "completed"
    sent = {
        each["to"]: datetime.fromisoformat(each["created_at"]) for each in await clarion_up.sms()
    }
    assert sent["+15125550101"] >= at
    assert datetime.fromisoformat(job["started_at"]) >= at


async def test_a_cancelled_job_is_never_sent(clarion_up: Whole) -> None:
    soon, after = (utc_now() + timedelta(seconds=each) for each in (1, 2))
    async with clarion_up.working():
        posted = await clarion_up.post(**SMS, scheduled_at=soon.isoformat())
        later = await clarion_up.post(
            **{**SMS, "to": "+15125550102"}, scheduled_at=after.isoformat()
        )
        answer = await clarion_up.client.post(f"{JOBS}/{posted['id']}/cancel")
        assert answer.json()["status"] == "cancelled"
        await clarion_up.ended(later["id"])
    assert (await clarion_up.job(posted["id"]))["status"] == "cancelled"
    assert [each["to"] for each in await clarion_up.sms()] == ["+15125550102"]


async def test_a_job_that_the_provider_refuses_has_failed_in_words(clarion_up: Whole) -> None:
    async with clarion_up.working():
        posted = await clarion_up.post(**{**SMS, "to": "+15005550009"})
        job = await clarion_up.ended(posted["id"])
    assert job["status"] == "failed"
    assert "not a valid mobile number" in job["error"]
    assert (job["message"]["status"], job["message"]["error_code"]) == ("failed", "21614")
    assert await clarion_up.sms() == []


async def test_a_job_to_somebody_who_has_opted_out_is_not_sent(clarion_up: Whole, dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into broadcast.suppressions (workspace_id, channel, address, reason, source)"
            " select id, 'sms', '+15125550101', 'opted_out', 'test' from broadcast.workspaces"
        )
    async with clarion_up.working():
        posted = await clarion_up.post(**SMS)
        job = await clarion_up.ended(posted["id"])
    assert (job["status"], job["error"]) == ("failed", "opted_out")
    assert job["message"]["status"] == "skipped"
    assert await clarion_up.sms() == []


async def test_a_batch_is_sent_once_each(clarion_up: Whole) -> None:
    jobs = [{**SMS, "to": f"+1512555{1000 + each}"} for each in range(120)]
    answer = await clarion_up.client.post(JOBS, json={"jobs": jobs})
    assert answer.status_code == 201
    async with clarion_up.working():
        for job in answer.json()["jobs"]:
            assert (await clarion_up.ended(job["id"]))["status"] == "completed"
    sent = [each["to"] for each in await clarion_up.sms()]
    assert sorted(sent) == sorted(job["to"] for job in jobs)


async def test_a_job_waits_for_a_worker(clarion_up: Whole) -> None:
    posted = await clarion_up.post(**SMS)
    assert (await clarion_up.job(posted["id"]))["status"] == "scheduled"
    async with clarion_up.working():
        assert (await clarion_up.ended(posted["id"]))["status"] == "completed"


async def test_a_job_whose_task_was_lost_is_found_and_run_once(clarion_up: Whole, dsn: str) -> None:
    posted = await clarion_up.post(**SMS)
    with psycopg.connect(dsn) as connection:
        connection.execute("set search_path = procrastinate")
        connection.execute("delete from procrastinate_jobs")
    queue, database = clarion_up.clarion.queue, clarion_up.clarion.database
    async with clarion_up.working():
        async with database.as_worker() as connection_:
            patient = await queue.find_lost(
                connection_, now=utc_now(), after=timedelta(seconds=PATIENCE)
            )
            found = await queue.find_lost(
                connection_, now=utc_now() + timedelta(seconds=1), after=timedelta(0)
            )
        assert (patient, found) == (0, 1)
        assert (await clarion_up.ended(posted["id"]))["status"] == "completed"
    assert len(await clarion_up.sms()) == 1


@dataclass
class Crm:
    """What the CRM is told, and what it answers, one after the other; at last 200."""

    url: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.told.append({"path": request.path, **await request.json()})
        status = self.answers.pop(0) if self.answers else 200
        return web.Response(status=status, headers={"Location": self.url + "/elsewhere"})


@pytest.fixture
async def crm() -> AsyncIterator[Crm]:
    made = Crm()
    app = web.Application()
    app.router.add_post("/{path:.*}", made.take)
    async with on_port(app) as url:
        made.url = url
        yield made


@pytest.fixture
async def up_with_crm(settings: Settings, crm: Crm) -> AsyncIterator[Whole]:
    settings = settings.model_copy(update={"crm_callback_base_url": crm.url})
    async with whole(settings) as up:
        yield up


async def _told(crm: Crm, times: int) -> list[dict[str, Any]]:
    async def told() -> list[dict[str, Any]]:
        return list(crm.told)

    return await until(told, lambda each: len(each) >= times)


STATE = "select count(*) from broadcast.queue_jobs where callback_state = %s"


async def test_the_submitter_is_told_once_how_a_job_ended(
    up_with_crm: Whole, crm: Crm, dsn: str
) -> None:
    async with up_with_crm.working():
        good = await up_with_crm.post(
            **SMS, contact_id="c-1", metadata={"deal": 7}, callback_url=f"{crm.url}/done"
        )
        await _told(crm, 1)
        bad = await up_with_crm.post(
            **{**SMS, "to": "+15005550009"}, callback_url=f"{crm.url}/done"
        )
        await _told(crm, 2)
        # The receipt of the good one comes after its end, and must not tell it again.
        await until(
            lambda: up_with_crm.job(good["id"]),
            lambda job: job["message"]["status"] == "delivered",
        )
        await _delivered(dsn, 2)
    first, second = crm.told
    assert first == {
        "path": "/done",
        "jobId": good["id"],
        "status": "completed",
        "success": True,
        "error": None,
        "metadata": {"deal": 7},
        "contactId": "c-1",
    }
    assert (second["jobId"], second["status"], second["success"]) == (bad["id"], "failed", False)
    assert "not a valid mobile number" in second["error"]


async def _delivered(dsn: str, times: int) -> None:
    async def delivered() -> int:
        return await asyncio.to_thread(count, dsn, STATE, ["delivered"])

    await until(delivered, lambda found: found == times)


async def test_a_submitter_that_is_in_trouble_is_told_again(
    up_with_crm: Whole, crm: Crm, dsn: str
) -> None:
    crm.answers = [500, 429]
    async with up_with_crm.working():
        posted = await up_with_crm.post(**SMS, callback_url=f"{crm.url}/done")
        told = await _told(crm, 3)
        await _delivered(dsn, 1)
    assert {each["jobId"] for each in told} == {posted["id"]}
    assert len(crm.told) == 3
    assert len(await up_with_crm.sms()) == 1


@pytest.mark.parametrize("answer", [404, 302])
async def test_a_submitter_that_does_not_want_to_know_is_left_alone(
    up_with_crm: Whole, crm: Crm, dsn: str, answer: int
) -> None:
    crm.answers = [answer]

    async def refused() -> int:
        return await asyncio.to_thread(count, dsn, STATE, ["failed"])

    async with up_with_crm.working():
        await up_with_crm.post(**SMS, callback_url=f"{crm.url}/done")
        await until(refused, lambda found: found == 1)
    assert [each["path"] for each in crm.told] == ["/done"]


async def test_the_simple_form_is_sent_and_told_to_its_endpoint(
    up_with_crm: Whole, crm: Crm
) -> None:
    metadata = {"callbackEndpoint": "/api/queue-callback", "messageId": "m-1"}
    body = {
        "phoneNumber": "+15125550101",
        "message": "Hi",
        "contactId": "c-1",
        "delay": 300,
        "metadata": metadata,
    }
    async with up_with_crm.working():
        answer = await up_with_crm.client.post("/api/schedule-sms", json=body)
        (told,) = await _told(crm, 1)
    assert told["path"] == "/api/queue-callback"
    assert (told["jobId"], told["status"]) == (answer.json()["jobId"], "completed")
    assert (told["contactId"], told["metadata"]) == ("c-1", metadata)
    status = await up_with_crm.client.get(f"/api/job-status/{told['jobId']}")
    assert status.json()["status"] == "completed"


async def test_a_worker_outlives_the_database(clarion_up: Whole, dsn: str) -> None:
    async with clarion_up.working():
        first = await clarion_up.post(**SMS)
        await clarion_up.ended(first["id"])
        with database_down(dsn):
            down = await clarion_up.client.get("/ready")
            assert down.status_code == 503
        second = await until(
            lambda: clarion_up.client.post(JOBS, json=SMS), lambda answer: answer.status_code == 201
        )
        assert (await clarion_up.ended(second.json()["id"]))["status"] == "completed"
