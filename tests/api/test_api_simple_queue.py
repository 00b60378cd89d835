"""The simple form of the queue service, field for field as CRMs call it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest

from clarion.kernel.clock import utc_now
from support.serving import bearer, client_of, count, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from clarion.wiring.settings import Settings

METADATA = {
    "source": "crm",
    "campaignId": "camp-7",
    "callbackEndpoint": "/api/queue-callback",
    "messageId": "msg-1",
    "scheduledTime": "2026-11-24T09:00:00Z",
    "deal": {"id": 7, "won": None},
}
SMS: dict[str, Any] = {
    "phoneNumber": "(512) 555-0101",
    "message": "Hi",
    "contactId": "contact-1",
    "workspaceId": "whatever the CRM calls it",
    "delay": 90_000,
    "metadata": METADATA,
}
EMAIL: dict[str, Any] = {
    "to": "Ann@Example.com",
    "subject": "News",
    "html": "<p>Hi</p>",
    "contactId": "contact-1",
    "workspaceId": "w",
    "metadata": METADATA,
}

CALLED_BACK = "select callback_url from broadcast.queue_jobs"


@pytest.fixture
async def crm(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A caller whose Clarion knows where the CRM listens."""
    with_crm = settings.model_copy(update={"crm_callback_base_url": "https://crm.test"})
    authorization = bearer(with_crm)
    async with serving(with_crm) as app, client_of(app, authorization=authorization) as client:
        yield client


def _callback_url(dsn: str) -> str | None:
    with psycopg.connect(dsn) as connection:
        (row,) = connection.execute(CALLED_BACK).fetchall()
    return row[0]  # type: ignore[no-any-return]


async def test_an_sms_is_scheduled_after_its_delay(ana: httpx.AsyncClient) -> None:
    before = utc_now()
    answer = await ana.post("/api/schedule-sms", json=SMS)
    after = utc_now()
    assert answer.status_code == 200
    scheduled = answer.json()
    assert set(scheduled) == {"success", "jobId", "message"}
    assert scheduled["success"] is True
    status = (await ana.get(f"/api/job-status/{scheduled['jobId']}")).json()
    assert set(status) == {"jobId", "status", "scheduledTime", "error", "metadata"}
    assert status["jobId"] == scheduled["jobId"]
    assert (status["status"], status["error"]) == ("scheduled", None)
    assert status["metadata"] == METADATA
    at = datetime.fromisoformat(status["scheduledTime"]) - timedelta(seconds=90)
    assert before <= at <= after
    job = (await ana.get(f"/api/v1/queue-services/jobs/{scheduled['jobId']}")).json()
    assert (job["channel"], job["to"], job["contact_id"]) == ("sms", "+15125550101", "contact-1")


async def test_an_email_without_a_delay_is_due_at_once(ana: httpx.AsyncClient) -> None:
    before = utc_now()
    scheduled = (await ana.post("/api/schedule-email", json=EMAIL)).json()
    assert scheduled["success"] is True
    job = (await ana.get(f"/api/v1/queue-services/jobs/{scheduled['jobId']}")).json()
    assert (job["channel"], job["to"]) == ("email", "ann@example.com")
    assert before <= datetime.fromisoformat(job["scheduled_at"]) <= utc_now()


async def test_fields_that_are_not_known_are_let_pass(ana: httpx.AsyncClient) -> None:
    answer = await ana.post("/api/schedule-sms", json={**SMS, "priority": "high", "retries": 3})
    assert answer.status_code == 200


async def test_the_least_that_a_caller_gives_is_enough(ana: httpx.AsyncClient) -> None:
    least = {"phoneNumber": "+15125550101", "message": "Hi"}
    assert (await ana.post("/api/schedule-sms", json=least)).status_code == 200


async def test_ids_may_be_numbers_and_what_is_not_known_may_be_null(
    ana: httpx.AsyncClient,
) -> None:
    body = {**SMS, "contactId": 4711, "workspaceId": 7, "delay": None, "metadata": None}
    scheduled = (await ana.post("/api/schedule-sms", json=body)).json()
    job = (await ana.get(f"/api/v1/queue-services/jobs/{scheduled['jobId']}")).json()
    assert (job["contact_id"], job["metadata"]) == ("4711", {})
    body = {**EMAIL, "contactId": None, "workspaceId": None, "metadata": None}
    assert (await ana.post("/api/schedule-email", json=body)).status_code == 200


async def test_each_call_is_a_job_of_its_own(ana: httpx.AsyncClient, dsn: str) -> None:
    for _ in range(2):
        await ana.post("/api/schedule-sms", json=SMS)
    assert count(dsn, "select count(*) from broadcast.queue_jobs") == 2


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("schedule-sms", {**SMS, "phoneNumber": "12"}, "/phoneNumber"),
        ("schedule-sms", {**SMS, "phoneNumber": ""}, "/phoneNumber"),
        ("schedule-sms", {**SMS, "message": " "}, "/message"),
        ("schedule-sms", {**SMS, "message": "x" * 1_601}, "/message"),
        ("schedule-sms", {"message": "Hi"}, "/phoneNumber"),
        ("schedule-sms", {**SMS, "delay": -1}, "/delay"),
        ("schedule-sms", {**SMS, "delay": 10**18}, "/delay"),
        ("schedule-sms", {**SMS, "delay": "soon"}, "/delay"),
        ("schedule-sms", {**SMS, "metadata": "x"}, "/metadata"),
        ("schedule-email", {**EMAIL, "to": "ann"}, "/to"),
        ("schedule-email", {**EMAIL, "subject": "a\nb"}, "/subject"),
        ("schedule-email", {**EMAIL, "html": ""}, "/html"),
        ("schedule-email", {**EMAIL, "delay": 10**30}, "/delay"),
    ],
)
async def test_a_wrong_call_is_refused_at_the_callers_own_field(
    ana: httpx.AsyncClient, dsn: str, path: str, body: dict[str, Any], pointer: str
) -> None:
    answer = await ana.post(f"/api/{path}", json=body)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert count(dsn, "select count(*) from broadcast.queue_jobs") == 0


async def test_without_a_crm_in_the_settings_nobody_is_called_back(
    ana: httpx.AsyncClient, dsn: str
) -> None:
    assert (await ana.post("/api/schedule-sms", json=SMS)).status_code == 200
    assert _callback_url(dsn) is None


async def test_the_crm_of_the_settings_is_called_back_at_the_endpoint(
    crm: httpx.AsyncClient, dsn: str
) -> None:
    assert (await crm.post("/api/schedule-sms", json=SMS)).status_code == 200
    assert _callback_url(dsn) == "https://crm.test/api/queue-callback"


@pytest.mark.parametrize(
    "endpoint", ["https://evil.test/x", "//evil.test/x", "evil", "@evil.test/x", 7, ["/x"]]
)
async def test_an_endpoint_that_is_no_path_is_refused(
    crm: httpx.AsyncClient, dsn: str, endpoint: object
) -> None:
    body = {**SMS, "metadata": {"callbackEndpoint": endpoint}}
    answer = await crm.post("/api/schedule-sms", json=body)
    assert answer.status_code == 422
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    assert pointers == ["/metadata/callbackEndpoint"]
    assert count(dsn, "select count(*) from broadcast.queue_jobs") == 0


async def test_the_status_of_a_job_that_there_is_not_is_not_found(ana: httpx.AsyncClient) -> None:
    answers = [await ana.get(f"/api/job-status/{each}") for each in ("7", str(httpx.URL("x")))]
    assert [answer.status_code for answer in answers] == [404, 404]
