"""The queue service over HTTP: taking in, reading, cancelling."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.clock import utc_now
from support.serving import Person, add_people, bearer, client_of, count, serving

if TYPE_CHECKING:
    import httpx

    from clarion.wiring.clarion import Clarion
    from clarion.wiring.settings import Settings

PATH = "/api/v1/queue-services/jobs"
SMS: dict[str, Any] = {"channel": "sms", "to": "(512) 555-0101", "body": "Hi"}
EMAIL: dict[str, Any] = {
    "channel": "email",
    "to": "Ann@Example.com",
    "subject": "News",
    "body": "<p>Hi</p>",
}

JOBS = "select count(*) from broadcast.queue_jobs"
TASKS = "select count(*) from procrastinate.procrastinate_jobs where task_name = 'queue.run'"


def _pointers(answer: httpx.Response, status: int = 422) -> list[str]:
    assert answer.status_code == status, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_one_job_is_taken_and_due_at_once(ana: httpx.AsyncClient, dsn: str) -> None:
    before = utc_now()
    answer = await ana.post(PATH, json={**SMS, "contact_id": "c-1", "metadata": {"deal": 7}})
    assert answer.status_code == 201
    job = answer.json()
    assert (job["kind"], job["status"], job["channel"]) == ("message", "scheduled", "sms")
    assert job["to"] == "+15125550101"
    assert job["contact_id"] == "c-1"
    assert job["metadata"] == {"deal": 7}
    assert (job["deduplicated"], job["attempts"], job["message"]) == (False, 0, None)
    assert before <= datetime.fromisoformat(job["scheduled_at"]) <= utc_now()
    assert (await ana.get(f"{PATH}/{job['id']}")).json() == job
    assert count(dsn, TASKS) == 1


async def test_an_email_is_taken_with_its_address_in_small_letters(ana: httpx.AsyncClient) -> None:
    job = (await ana.post(PATH, json=EMAIL)).json()
    assert (job["channel"], job["to"]) == ("email", "ann@example.com")


async def test_a_batch_is_taken_in_its_order_and_queued_once_per_moment(
    ana: httpx.AsyncClient, dsn: str
) -> None:
    later = (utc_now() + timedelta(hours=1)).isoformat()
    jobs = [
        {**SMS, "to": f"+1512555{1000 + each}", **({"scheduled_at": later} if each % 2 else {})}
        for each in range(10)
    ]
    made = (await ana.post(PATH, json={"jobs": jobs})).json()["jobs"]
    assert [job["to"] for job in made] == [job["to"] for job in jobs]
    assert count(dsn, TASKS) == 2


async def test_a_thousand_jobs_are_taken_and_one_more_is_not(
    ana: httpx.AsyncClient, dsn: str
) -> None:
    jobs = [{**SMS, "to": f"+1512555{1000 + each}"} for each in range(1_001)]
    assert _pointers(await ana.post(PATH, json={"jobs": jobs})) == ["/jobs"]
    assert count(dsn, JOBS) == 0
    made = (await ana.post(PATH, json={"jobs": jobs[:1_000]})).json()["jobs"]
    assert [job["to"] for job in made] == [job["to"] for job in jobs[:1_000]]
    assert count(dsn, JOBS) == 1_000


async def test_the_same_key_with_the_same_job_gives_the_first_one(
    ana: httpx.AsyncClient, dsn: str
) -> None:
    keyed = {**SMS, "idempotency_key": "order-7"}
    first = (await ana.post(PATH, json=keyed)).json()
    second = (await ana.post(PATH, json=keyed)).json()
    assert second == {**first, "deduplicated": True}
    assert count(dsn, JOBS) == 1
    assert count(dsn, TASKS) == 1


async def test_the_same_key_twice_in_a_batch_is_one_job(ana: httpx.AsyncClient, dsn: str) -> None:
    keyed = {**SMS, "idempotency_key": "order-7"}
    batch = {"jobs": [keyed, {**SMS, "body": "Other"}, keyed]}
    first, other, second = (await ana.post(PATH, json=batch)).json()["jobs"]
    assert second == {**first, "deduplicated": True}
    assert (first["deduplicated"], other["deduplicated"]) == (False, False)
    assert count(dsn, JOBS) == 2


async def test_the_same_key_from_many_requests_at_once_is_one_job(
    ana: httpx.AsyncClient, dsn: str
) -> None:
    keyed = {**SMS, "idempotency_key": "order-7"}
    answers = await asyncio.gather(*(ana.post(PATH, json=keyed) for _ in range(8)))
    jobs = [answer.json() for answer in answers]
    assert {answer.status_code for answer in answers} == {201}
    assert len({job["id"] for job in jobs}) == 1
    assert sorted(job["deduplicated"] for job in jobs) == [False] + [True] * 7
    assert count(dsn, JOBS) == 1


async def test_batches_with_the_same_keys_in_another_order_do_not_lock_each_other(
    ana: httpx.AsyncClient, dsn: str
) -> None:
    jobs = [{**SMS, "idempotency_key": f"order-{each}"} for each in range(200)]
    batches = [jobs, jobs[::-1]] * 3
    answers = await asyncio.gather(*(ana.post(PATH, json={"jobs": each}) for each in batches))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert count(dsn, JOBS) == 200
    keys = [job["idempotency_key"] for job in answers[1].json()["jobs"]]
    assert keys == [job["idempotency_key"] for job in jobs[::-1]]


OTHERS: dict[str, dict[str, Any]] = {
    "body": {"body": "Bye"},
    "to": {"to": "+15125550102"},
    "metadata": {"metadata": {"a": 1}},
    "time": {"scheduled_at": "2099-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("change", list(OTHERS))
async def test_the_same_key_with_another_job_is_refused(
    ana: httpx.AsyncClient, dsn: str, change: str
) -> None:
    at = utc_now() + timedelta(days=1)
    other = OTHERS[change] if change != "time" else {"scheduled_at": at.isoformat()}
    keyed = {**SMS, "idempotency_key": "order-7"}
    await ana.post(PATH, json=keyed)
    assert _pointers(await ana.post(PATH, json={**keyed, **other}), 409) == ["/idempotency_key"]
    batch = {"jobs": [SMS, {**keyed, **other}]}
    assert _pointers(await ana.post(PATH, json=batch), 409) == ["/jobs/1/idempotency_key"]
    assert count(dsn, JOBS) == 1


async def test_the_same_moment_in_another_offset_is_the_same_job(ana: httpx.AsyncClient) -> None:
    at = utc_now() + timedelta(days=1)
    in_berlin = at.astimezone(timezone(timedelta(hours=1)))
    keyed = {**SMS, "idempotency_key": "order-7"}
    await ana.post(PATH, json={**keyed, "scheduled_at": at.isoformat()})
    again = await ana.post(PATH, json={**keyed, "scheduled_at": in_berlin.isoformat()})
    assert again.json()["deduplicated"] is True


async def test_the_same_key_in_another_workspace_is_another_job(
    ana: httpx.AsyncClient, stranger: httpx.AsyncClient, dsn: str
) -> None:
    keyed = {**SMS, "idempotency_key": "order-7"}
    mine, theirs = [(await each.post(PATH, json=keyed)).json() for each in (ana, stranger)]
    assert mine["id"] != theirs["id"]
    assert theirs["deduplicated"] is False
    assert [job["id"] for job in (await stranger.get(PATH)).json()["jobs"]] == [theirs["id"]]


def _in(**span: float) -> str:
    return (utc_now() + timedelta(**span)).isoformat()


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a past time": ({"scheduled_at": _in(days=-1)}, "/scheduled_at"),
    "a time without an offset": ({"scheduled_at": "2099-01-01T09:00:00"}, "/scheduled_at"),
    "a time too far ahead": ({"scheduled_at": _in(days=731)}, "/scheduled_at"),
    "the end of the calendar": ({"scheduled_at": "9999-12-31T23:59:59-12:00"}, "/scheduled_at"),
    "the start of the calendar": ({"scheduled_at": "0001-01-01T00:00:00+14:00"}, "/scheduled_at"),
    "no time": ({"scheduled_at": "soon"}, "/scheduled_at"),
    "a number that is none": ({"to": "12"}, "/to"),
    "a number of nowhere": ({"to": "+999123456789"}, "/to"),
    "nobody": ({"to": None}, "/to"),
    "an address for a number": ({"to": "ann@example.com"}, "/to"),
    "no message": ({"body": None}, "/body"),
    "an empty message": ({"body": " \n"}, "/body"),
    "a long message": ({"body": "x" * 1_601}, "/body"),
    "no channel": ({"channel": None}, "/channel"),
    "another channel": ({"channel": "fax"}, "/channel"),
    "an empty key": ({"idempotency_key": ""}, "/idempotency_key"),
    "a long key": ({"idempotency_key": "x" * 201}, "/idempotency_key"),
    "a callback to anywhere": ({"callback_url": "http://evil.test/x"}, "/callback_url"),
    "an unknown field": ({"scheduledAt": "x"}, "/scheduledAt"),
    "metadata that is a list": ({"metadata": []}, "/metadata"),
    "a step and a message": ({"broadcast_step_id": str(uuid4())}, "/broadcast_step_id"),
}


@pytest.mark.parametrize(("change", "pointer"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_job_is_refused_alone_and_with_its_batch(
    ana: httpx.AsyncClient, dsn: str, change: dict[str, Any], pointer: str
) -> None:
    wrong = {**SMS, **change}
    assert _pointers(await ana.post(PATH, json=wrong)) == [pointer]
    batch = {"jobs": [SMS, SMS, SMS, wrong, SMS]}
    assert _pointers(await ana.post(PATH, json=batch)) == [f"/jobs/3{pointer}"]
    assert _pointers(await ana.post(PATH, json={"jobs": [wrong]})) == [f"/jobs/0{pointer}"]
    assert count(dsn, JOBS) == 0
    assert count(dsn, TASKS) == 0


WRONG_MAILS: dict[str, tuple[dict[str, Any], str]] = {
    "no address": ({"to": "ann"}, "/to"),
    "two addresses": ({"to": "a@example.com,b@example.com"}, "/to"),
    "an address with a name": ({"to": "Ann <ann@example.com>"}, "/to"),
    "a long address": ({"to": "a" * 250 + "@example.com"}, "/to"),
    "no subject": ({"subject": None}, "/subject"),
    "a subject of two lines": ({"subject": "Hi\r\nBcc: all@example.com"}, "/subject"),
}


@pytest.mark.parametrize(("change", "pointer"), WRONG_MAILS.values(), ids=WRONG_MAILS.keys())
async def test_a_wrong_mail_is_refused(
    ana: httpx.AsyncClient, dsn: str, change: dict[str, Any], pointer: str
) -> None:
    assert _pointers(await ana.post(PATH, json={**EMAIL, **change})) == [pointer]
    assert count(dsn, JOBS) == 0


async def test_every_wrong_job_of_a_batch_is_named(ana: httpx.AsyncClient) -> None:
    batch = {"jobs": [{**SMS, "to": "1"}, SMS, {**SMS, "body": ""}, {**EMAIL, "to": "x"}]}
    answer = await ana.post(PATH, json=batch)
    assert _pointers(answer) == ["/jobs/0/to", "/jobs/2/body", "/jobs/3/to"]


async def test_a_time_that_has_just_passed_still_means_now(ana: httpx.AsyncClient) -> None:
    answer = await ana.post(PATH, json={**SMS, "scheduled_at": _in(seconds=-30)})
    assert answer.status_code == 201


async def test_an_sms_may_have_sixteen_hundred_characters(ana: httpx.AsyncClient) -> None:
    assert (await ana.post(PATH, json={**SMS, "body": "x" * 1_600})).status_code == 201


@pytest.mark.parametrize(
    ("body", "pointers"),
    [({"jobs": []}, ["/jobs"]), ({"jobs": {}}, ["/jobs"]), ({"jobs": ["x"]}, ["/jobs/0"])],
)
async def test_a_batch_that_is_none_is_refused(
    ana: httpx.AsyncClient, body: object, pointers: list[str]
) -> None:
    assert _pointers(await ana.post(PATH, json=body)) == pointers


async def test_jobs_are_listed_the_newest_first_in_pages(ana: httpx.AsyncClient) -> None:
    made = [(await ana.post(PATH, json=SMS)).json()["id"] for _ in range(5)]
    await ana.post(f"{PATH}/{made[1]}/cancel")
    first = (await ana.get(PATH, params={"limit": 3})).json()
    second = (await ana.get(PATH, params={"limit": 3, "after": first["next"]})).json()
    assert [job["id"] for job in (*first["jobs"], *second["jobs"])] == made[::-1]
    assert second["next"] is None
    cancelled = (await ana.get(PATH, params={"status": "cancelled"})).json()["jobs"]
    assert [job["id"] for job in cancelled] == [made[1]]


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [({"after": "x"}, "/after"), ({"limit": 0}, "/limit"), ({"status": "lost"}, "/status/0")],
)
async def test_a_list_that_cannot_be_shown_is_refused(
    ana: httpx.AsyncClient, parameters: dict[str, str | int], pointer: str
) -> None:
    assert _pointers(await ana.get(PATH, params=parameters)) == [pointer]


async def test_a_job_is_cancelled_once_and_for_good(
    ana: httpx.AsyncClient, clarion: Clarion, dsn: str
) -> None:
    job = (await ana.post(PATH, json=SMS)).json()
    cancelled = (await ana.post(f"{PATH}/{job['id']}/cancel")).json()
    assert cancelled["status"] == "cancelled"
    assert cancelled["finished_at"] is not None
    assert (await ana.post(f"{PATH}/{job['id']}/cancel")).json() == cancelled
    await _run(clarion)
    assert (await ana.get(f"{PATH}/{job['id']}")).json() == cancelled
    assert count(dsn, "select count(*) from broadcast.messages") == 0


async def test_a_job_that_has_begun_cannot_be_cancelled(
    ana: httpx.AsyncClient, clarion: Clarion
) -> None:
    job = (await ana.post(PATH, json=SMS)).json()
    await _run(clarion)
    answer = await ana.post(f"{PATH}/{job['id']}/cancel")
    assert answer.status_code == 409
    assert "it is running" in answer.json()["detail"]
    running = (await ana.get(f"{PATH}/{job['id']}")).json()
    assert (running["status"], running["attempts"]) == ("running", 1)
    assert running["message"]["status"] == "pending"


async def _run(clarion: Clarion, *, now: datetime | None = None) -> None:
    """What the engine does when the time of all jobs has come."""
    async with clarion.database.as_worker() as connection:
        cursor = await connection.execute("select id from broadcast.queue_jobs")
        ids = [row["id"] for row in await cursor.fetchall()]
        await clarion.queue.run(connection, ids, now=now or utc_now())


async def _launched(
    ana: httpx.AsyncClient, clarion: Clarion, *, ahead: timedelta = timedelta(days=3)
) -> dict[str, Any]:
    """A broadcast to one person, scheduled."""
    await add_people(clarion, [Person(phone_number="+15125550101")])
    draft = (await ana.post("/api/v1/broadcasts", json={})).json()
    path = f"/api/v1/broadcasts/{draft['id']}"
    wall = (utc_now() + ahead).replace(tzinfo=None).isoformat()
    change = {
        "version": 1,
        "body": "Hi",
        "send_mode": "later",
        "scheduled_for": wall,
        "time_zone": "UTC",
    }
    await ana.patch(f"{path}/steps/{draft['steps'][0]['id']}", json=change)
    launched = await ana.post(f"{path}/launch", json={"version": 2, "expected_recipients": 1})
    assert launched.status_code == 200, launched.text
    result: dict[str, Any] = launched.json()
    return result


STATE = """
select md5(string_agg(t::text, ',' order by t::text)) from (
  select b::text from broadcast.broadcasts b union all
  select s::text from broadcast.broadcast_steps s union all
  select j::text from broadcast.queue_jobs j union all
  select p::text from procrastinate.procrastinate_jobs p
) t
"""


def _state(dsn: str) -> int:
    return count(dsn, f"select ('x' || left(({STATE}), 15))::bit(60)::bigint")


async def test_a_step_of_another_workspace_is_not_there_to_be_run(
    ana: httpx.AsyncClient, stranger: httpx.AsyncClient, clarion: Clarion, dsn: str
) -> None:
    launched = await _launched(ana, clarion)
    before = _state(dsn)
    foreign = await stranger.post(PATH, json={"broadcast_step_id": launched["steps"][0]["id"]})
    unknown = await stranger.post(PATH, json={"broadcast_step_id": str(uuid4())})
    no_id = await stranger.post(PATH, json={"broadcast_step_id": "7"})
    assert _pointers(foreign, 404) == ["/broadcast_step_id"]
    assert foreign.json() == unknown.json() == no_id.json()
    batch = {"jobs": [SMS, {"broadcast_step_id": launched["steps"][0]["id"]}]}
    assert _pointers(await stranger.post(PATH, json=batch), 404) == ["/jobs/1/broadcast_step_id"]
    assert _state(dsn) == before


async def test_a_job_that_names_a_foreign_step_all_the_same_launches_nothing(
    ana: httpx.AsyncClient, stranger: httpx.AsyncClient, clarion: Clarion, dsn: str
) -> None:
    launched = await _launched(ana, clarion)
    job = (await stranger.post(PATH, json=SMS)).json()
    async with clarion.database.as_worker() as connection:
        await connection.execute(
            "update broadcast.queue_jobs set kind = 'broadcast_step',"
            " payload = jsonb_build_object('step_id', %s::text) where id = %s",
            [launched["steps"][0]["id"], job["id"]],
        )
    await _run(clarion)
    ended = (await stranger.get(f"{PATH}/{job['id']}")).json()
    assert (ended["status"], ended["error"]) == ("failed", "There is no such step.")
    assert (await _broadcast(ana, launched)) == launched


async def _broadcast(ana: httpx.AsyncClient, broadcast: dict[str, Any]) -> Any:
    return (await ana.get(f"/api/v1/broadcasts/{broadcast['id']}")).json()


async def test_a_step_of_a_draft_cannot_be_run(ana: httpx.AsyncClient, dsn: str) -> None:
    draft = (await ana.post("/api/v1/broadcasts", json={})).json()
    before = _state(dsn)
    answer = await ana.post(PATH, json={"broadcast_step_id": draft["steps"][0]["id"]})
    assert _pointers(answer, 409) == ["/broadcast_step_id"]
    assert "was not launched" in answer.json()["detail"]
    assert _state(dsn) == before


async def test_a_scheduled_step_can_be_run_early_and_runs_once(
    ana: httpx.AsyncClient, clarion: Clarion, dsn: str
) -> None:
    launched = await _launched(ana, clarion)
    (own,) = (await ana.get(PATH)).json()["jobs"]
    early = (await ana.post(PATH, json={"broadcast_step_id": launched["steps"][0]["id"]})).json()
    twice = (await ana.post(PATH, json={"broadcast_step_id": launched["steps"][0]["id"]})).json()
    await _run(clarion)
    statuses = {each["id"]: each for each in (await ana.get(PATH)).json()["jobs"]}
    both = sorted((statuses[each["id"]] for each in (early, twice)), key=lambda job: job["status"])
    assert [job["status"] for job in both] == ["failed", "running"]
    assert both[0]["error"] == "Another job has begun this step."
    # The one that the broadcast waited for has nothing to do any more.
    assert statuses[own["id"]]["status"] == "cancelled"
    await _run(clarion, now=utc_now() + timedelta(days=4))
    begun = await _broadcast(ana, launched)
    assert (begun["status"], begun["steps"][0]["status"]) == ("sending", "launching")
    refused = await ana.post(PATH, json={"broadcast_step_id": launched["steps"][0]["id"]})
    assert _pointers(refused, 409) == ["/broadcast_step_id"]
    assert "has begun" in refused.json()["detail"]

    await clarion.saver.save(DEFAULT_WORKSPACE, UUID(launched["id"]))
    for _ in range(2):
        await clarion.launcher.launch_step(UUID(launched["steps"][0]["id"]))
    assert count(dsn, "select count(*) from broadcast.messages") == 1


async def test_the_job_for_which_a_broadcast_waits_is_cancelled_with_the_broadcast_only(
    ana: httpx.AsyncClient, clarion: Clarion
) -> None:
    launched = await _launched(ana, clarion)
    (own,) = (await ana.get(PATH)).json()["jobs"]
    answer = await ana.post(f"{PATH}/{own['id']}/cancel")
    assert answer.status_code == 409
    assert "cancel the broadcast" in answer.json()["detail"]
    assert (await ana.get(f"{PATH}/{own['id']}")).json() == own
    extra = (await ana.post(PATH, json={"broadcast_step_id": launched["steps"][0]["id"]})).json()
    assert (await ana.post(f"{PATH}/{extra['id']}/cancel")).json()["status"] == "cancelled"
    await ana.post(f"/api/v1/broadcasts/{launched['id']}/cancel")
    assert (await ana.get(f"{PATH}/{own['id']}")).json()["status"] == "cancelled"


async def test_a_job_of_a_broadcast_that_was_cancelled_meanwhile_says_so(
    ana: httpx.AsyncClient, clarion: Clarion
) -> None:
    launched = await _launched(ana, clarion)
    step_id = launched["steps"][0]["id"]
    job = (await ana.post(PATH, json={"broadcast_step_id": step_id})).json()
    await ana.post(f"/api/v1/broadcasts/{launched['id']}/cancel")
    await _run(clarion)
    ended = (await ana.get(f"{PATH}/{job['id']}")).json()
    assert (ended["status"], ended["error"]) == ("failed", "The broadcast was cancelled.")


async def test_only_the_named_crm_is_called_back(settings: Settings) -> None:
    with_crm = settings.model_copy(update={"crm_callback_base_url": "https://crm.test/hooks"})
    async with (
        serving(with_crm) as app,
        client_of(app, authorization=bearer(with_crm)) as client,
    ):
        for url in (
            "https://crm.test/hooks.evil.test/x",
            "https://crm.test/other",
            "http://crm.test/hooks/x",
            "https://evil.test/?https://crm.test/hooks/",
        ):
            answer = await client.post(PATH, json={**SMS, "callback_url": url})
            assert _pointers(answer) == ["/callback_url"]
        good = {**SMS, "callback_url": "https://crm.test/hooks/done"}
        assert (await client.post(PATH, json=good)).status_code == 201
