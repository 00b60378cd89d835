"""Saved texts, and jobs that name one instead of a body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

if TYPE_CHECKING:
    import httpx

TEMPLATES = "/api/v1/templates"
JOBS = "/api/v1/queue-services/jobs"
GREETING: dict[str, Any] = {
    "name": "Reminder",
    "channel": "sms",
    "body": "Hi {{ first_name }}, see you at {{ time }}.",
}


@pytest.fixture
def contact_id(dsn: str) -> str:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            """insert into public.contacts (first_name, metadata)
               values ('Zoë', '{"product": "Solar"}') returning id::text"""
        ).fetchone()
    assert row is not None
    return str(row[0])


def _body_of(dsn: str, job_id: str) -> dict[str, Any]:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "select payload from broadcast.queue_jobs where id = %s", [job_id]
        ).fetchone()
    assert row is not None
    payload: dict[str, Any] = row[0]
    return payload


def _pointers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_a_template_is_saved_read_and_listed(ana: httpx.AsyncClient) -> None:
    made = (await ana.post(TEMPLATES, json=GREETING)).json()
    assert (made["name"], made["body"]) == (GREETING["name"], GREETING["body"])
    assert (await ana.get(f"{TEMPLATES}/{made['id']}")).json() == made
    assert (await ana.get(TEMPLATES)).json() == {"templates": [made], "next": None}


async def test_a_name_is_taken_once_whatever_its_case(ana: httpx.AsyncClient) -> None:
    await ana.post(TEMPLATES, json=GREETING)
    again = await ana.post(TEMPLATES, json={**GREETING, "name": "REMINDER"})
    assert again.status_code == 409
    assert len((await ana.get(TEMPLATES)).json()["templates"]) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"body": "Hi {{ first_name"}, "/body"),
        ({"body": " "}, "/body"),
        ({"name": " "}, "/name"),
        ({"subject": "No"}, "/subject"),
        ({"channel": "email"}, "/subject"),
        ({"channel": "email", "subject": "{% if %}"}, "/subject"),
    ],
)
async def test_a_text_that_is_no_template_is_refused_at_its_place(
    ana: httpx.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    assert _pointers(await ana.post(TEMPLATES, json={**GREETING, **change})) == [pointer]
    assert (await ana.get(TEMPLATES)).json()["templates"] == []


async def test_another_workspace_does_not_see_it(
    ana: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = (await ana.post(TEMPLATES, json=GREETING)).json()
    assert (await stranger.get(f"{TEMPLATES}/{made['id']}")).status_code == 404
    job = {"to": "+15125550101", "template_id": made["id"], "values": {"time": "9"}}
    assert _pointers(await stranger.post(JOBS, json=job)) == ["/template_id"]


async def test_a_job_gets_the_text_of_its_template_for_the_contact(
    ana: httpx.AsyncClient, dsn: str, contact_id: str
) -> None:
    template = (await ana.post(TEMPLATES, json=GREETING)).json()
    job = (
        await ana.post(
            JOBS,
            json={
                "to": "+15125550101",
                "template_id": template["id"],
                "contact_id": contact_id,
                "values": {"time": "9:00"},
            },
        )
    ).json()
    assert job["channel"] == "sms"
    assert _body_of(dsn, job["id"])["body"] == "Hi Zoë, see you at 9:00."


async def test_the_values_of_the_job_come_before_those_of_the_contact(
    ana: httpx.AsyncClient, dsn: str, contact_id: str
) -> None:
    template = (await ana.post(TEMPLATES, json=GREETING)).json()
    job = await ana.post(
        JOBS,
        json={
            "to": "+15125550101",
            "template_id": template["id"],
            "contact_id": contact_id,
            "values": {"time": "9:00", "first_name": "Ms Z"},
        },
    )
    assert _body_of(dsn, job.json()["id"])["body"] == "Hi Ms Z, see you at 9:00."


async def test_an_email_is_not_marked_up_by_a_value(ana: httpx.AsyncClient, dsn: str) -> None:
    template = (
        await ana.post(
            TEMPLATES,
            json={
                "name": "Mail",
                "channel": "email",
                "subject": "For {{ name }}",
                "body": "<p>Hi {{ name }}</p>",
            },
        )
    ).json()
    job = await ana.post(
        JOBS,
        json={
            "to": "ann@example.com",
            "template_id": template["id"],
            "values": {"name": "A & <b>B</b>"},
        },
    )
    payload = _body_of(dsn, job.json()["id"])
    assert payload["html"] == "<p>Hi A &amp; &lt;b&gt;B&lt;/b&gt;</p>"
    assert payload["subject"] == "For A & <b>B</b>"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"values": {}}, "/values"),
        ({"template_id": str(uuid4())}, "/template_id"),
        ({"template_id": "nine"}, "/template_id"),
        ({"body": "Hello"}, "/template_id"),
        ({"channel": "email"}, "/channel"),
        ({"contact_id": str(uuid4())}, "/contact_id"),
        ({"contact_id": "nobody"}, "/contact_id"),
    ],
)
async def test_a_job_whose_text_cannot_be_made_is_refused_at_its_place(
    ana: httpx.AsyncClient, dsn: str, change: dict[str, Any], pointer: str
) -> None:
    template = (await ana.post(TEMPLATES, json=GREETING)).json()
    job = {
        "to": "+15125550101",
        "template_id": template["id"],
        "values": {"first_name": "Al", "time": "9"},
    }
    assert _pointers(await ana.post(JOBS, json={**job, **change})) == [pointer]
    batch = await ana.post(JOBS, json={"jobs": [job, {**job, **change}]})
    assert _pointers(batch) == [f"/jobs/1{pointer}"]
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select count(*) from broadcast.queue_jobs").fetchone()
    assert row == (0,)


async def test_the_same_question_is_the_same_job_though_the_contact_has_changed(
    ana: httpx.AsyncClient, dsn: str, contact_id: str
) -> None:
    template = (await ana.post(TEMPLATES, json=GREETING)).json()
    job = {
        "to": "+15125550101",
        "template_id": template["id"],
        "contact_id": contact_id,
        "values": {"time": "9"},
        "idempotency_key": "visit-1",
    }
    first = (await ana.post(JOBS, json=job)).json()
    with psycopg.connect(dsn) as connection:
        connection.execute("update public.contacts set first_name = 'Zo'")
    again = (await ana.post(JOBS, json=job)).json()
    assert (again["id"], again["deduplicated"]) == (first["id"], True)
    other = await ana.post(JOBS, json={**job, "values": {"time": "10"}})
    assert other.status_code == 409
