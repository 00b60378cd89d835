"""Broadcasts over HTTP: drafts, lists, changes, the outlook, the launch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from clarion.kernel.clock import utc_now
from support.serving import Person, add_people, count

if TYPE_CHECKING:
    import httpx

    from clarion.wiring.clarion import Clarion

PATH = "/api/v1/broadcasts"
TEXAS = {
    "match": "all",
    "conditions": [{"field": "metadata.state", "operator": "is", "value": "TX"}],
}
PEOPLE = [
    Person(
        first_name=None if each == 0 else f"P{each}",
        phone_number=f"+1512555{1000 + each}",
        metadata={"state": "TX" if each < 3 else "NY"},
    )
    for each in range(5)
]

JOBS = "select count(*) from broadcast.queue_jobs"
TASKS = "select count(*) from procrastinate.procrastinate_jobs"


@pytest.fixture
async def people(clarion: Clarion) -> list[str]:
    return await add_people(clarion, PEOPLE)


async def _draft(ana: httpx.AsyncClient, **step: object) -> Any:
    """A draft to the three Texans; `step` is its message and time."""
    made = (await ana.post(PATH, json={"name": "Texas"})).json()
    made = await _change(ana, made, filter=TEXAS)
    return await _change_step(ana, made, **step) if step else made


async def _to_all(ana: httpx.AsyncClient, **step: object) -> Any:
    """A draft to everybody there may be."""
    made = (await ana.post(PATH, json={})).json()
    return await _change_step(ana, made, **step) if step else made


async def _change(ana: httpx.AsyncClient, draft: dict[str, Any], **change: object) -> Any:
    body = {"version": draft["version"], **change}
    answer = await ana.patch(f"{PATH}/{draft['id']}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _change_step(ana: httpx.AsyncClient, draft: dict[str, Any], **change: object) -> Any:
    answer = await _try_step(ana, draft, **change)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _try_step(
    ana: httpx.AsyncClient, draft: dict[str, Any], **change: object
) -> httpx.Response:
    path = f"{PATH}/{draft['id']}/steps/{draft['steps'][0]['id']}"
    return await ana.patch(path, json={"version": draft["version"], **change})


async def _launch(
    ana: httpx.AsyncClient, draft: dict[str, Any], expected: int, **more: object
) -> httpx.Response:
    body = {"version": draft["version"], "expected_recipients": expected, **more}
    return await ana.post(f"{PATH}/{draft['id']}/launch", json=body)


async def _outlook(ana: httpx.AsyncClient, draft: dict[str, Any]) -> Any:
    return (await ana.get(f"{PATH}/{draft['id']}/outlook")).json()


def _pointers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_a_new_broadcast_is_a_draft_to_everybody_with_one_step(
    ana: httpx.AsyncClient,
) -> None:
    answer = await ana.post(PATH, json={"name": "  Sale  "})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], made["status"], made["version"]) == ("Sale", "draft", 1)
    assert made["filter"] == {"match": "all", "conditions": []}
    assert made["created_by"] == "Ana"
    (step,) = made["steps"]
    assert (step["position"], step["channel"], step["status"]) == (1, "sms", "draft")
    assert step["time_zone"] == "America/Chicago"
    assert (await ana.get(f"{PATH}/{made['id']}")).json() == made
    assert (await ana.post(PATH, json={})).json()["name"] == "Untitled broadcast"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"broadcast_type": "fax"}, "/broadcast_type"),
        ({"name": "x" * 201}, "/name"),
        ({"name": 7}, "/name"),
        ({"nmae": "x"}, "/nmae"),
    ],
)
async def test_a_broadcast_that_cannot_be_made_is_refused(
    ana: httpx.AsyncClient, dsn: str, body: dict[str, object], pointer: str
) -> None:
    assert _pointers(await ana.post(PATH, json=body)) == [pointer]
    assert count(dsn, "select count(*) from broadcast.broadcasts") == 0


async def test_pages_show_sixty_broadcasts_once_each_the_latest_touched_first(
    ana: httpx.AsyncClient,
) -> None:
    made = [(await ana.post(PATH, json={"name": f"B{each}"})).json() for each in range(60)]
    touched = await _change(ana, made[0], name="B0 again")
    pages, after = [], None
    while True:
        parameters: dict[str, Any] = {"limit": 25} | ({"after": after} if after else {})
        page = (await ana.get(PATH, params=parameters)).json()
        pages.append([each["id"] for each in page["broadcasts"]])
        after = page["next"]
        if after is None:
            break
    assert [len(page) for page in pages] == [25, 25, 10]
    expected = [touched["id"], *(each["id"] for each in reversed(made[1:]))]
    assert [each for page in pages for each in page] == expected


async def test_the_list_narrows_by_status_and_by_name(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    launched = await _draft(ana, body="Hi")
    assert (await _launch(ana, launched, 3)).status_code == 200
    await ana.post(PATH, json={"name": "100% off_"})

    async def names(**parameters: object) -> list[str]:
        found = await ana.get(PATH, params=parameters)  # type: ignore[arg-type]
        return [each["name"] for each in found.json()["broadcasts"]]

    assert await names(status="draft") == ["100% off_"]
    assert await names(status="scheduled") == ["Texas"]
    assert await names(status=["draft", "scheduled"]) == ["100% off_", "Texas"]
    assert await names(search="TEX") == ["Texas"]
    # What means something to LIKE is a letter like any other.
    assert await names(search="%") == ["100% off_"]
    assert await names(search="_") == ["100% off_"]
    assert await names(search="nobody") == []


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({"after": "nonsense"}, "/after"),
        ({"after": "W10="}, "/after"),
        ({"after": "WzEsMl0="}, "/after"),
        ({"after": "é"}, "/after"),
        ({"after": "x" * 301}, "/after"),
        ({"status": "lost"}, "/status/0"),
        ({"limit": 101}, "/limit"),
        ({"search": "x" * 201}, "/search"),
    ],
)
async def test_a_list_that_cannot_be_shown_is_refused(
    ana: httpx.AsyncClient, parameters: dict[str, str | int], pointer: str
) -> None:
    assert _pointers(await ana.get(PATH, params=parameters)) == [pointer]


@pytest.mark.parametrize("thing", ["messages", "recipients"])
async def test_a_page_of_a_broadcast_that_there_is_not_is_refused(
    ana: httpx.AsyncClient, thing: str
) -> None:
    draft = await _to_all(ana)
    answer = await ana.get(f"{PATH}/{draft['id']}/{thing}", params={"after": "nonsense"})
    assert _pointers(answer) == ["/after"]


async def test_a_change_of_what_somebody_else_changed_is_refused(ana: httpx.AsyncClient) -> None:
    draft = (await ana.post(PATH, json={"name": "First"})).json()
    await _change(ana, draft, name="Second")
    stale = await ana.patch(f"{PATH}/{draft['id']}", json={"version": 1, "name": "Third"})
    assert stale.status_code == 409
    assert (await _try_step(ana, draft, body="Third")).status_code == 409
    now = (await ana.get(f"{PATH}/{draft['id']}")).json()
    assert (now["name"], now["version"], now["steps"][0]["body"]) == ("Second", 2, "")


async def test_a_change_touches_only_what_it_gives(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    draft = await _draft(ana, body="Hi", time_zone="Europe/Berlin")
    renamed = await _change(ana, draft, name="Other")
    assert renamed["filter"] == {
        "match": "all",
        "conditions": [{"field": "metadata.state", "operator": "is", "value": "TX"}],
    }
    assert renamed["steps"][0]["body"] == "Hi"
    assert renamed["version"] == draft["version"] + 1


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"name": ""}, ["/name"]),
        ({"name": "   "}, ["/name"]),
        ({"name": "x" * 201}, ["/name"]),
        ({"broadcast_type": "fax"}, ["/broadcast_type"]),
        (
            {"filter": {"match": "all", "conditions": [{"field": "x", "operator": "is"}]}},
            ["/filter/conditions/0/field"],
        ),
        ({"status": "completed"}, ["/status"]),
    ],
)
async def test_a_wrong_change_is_refused_and_changes_nothing(
    ana: httpx.AsyncClient, change: dict[str, object], pointers: list[str]
) -> None:
    draft = (await ana.post(PATH, json={"name": "Mine"})).json()
    answer = await ana.patch(f"{PATH}/{draft['id']}", json={"version": 1, **change})
    assert _pointers(answer) == pointers
    assert (await ana.get(f"{PATH}/{draft['id']}")).json() == draft


def _wall(**ahead: int) -> str:
    """A wall time in Chicago, so far from now."""
    at = utc_now() - timedelta(hours=6) + timedelta(**ahead)
    return at.replace(tzinfo=None, microsecond=0).isoformat()


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"send_mode": "later", "scheduled_for": _wall(days=-2)}, ["/scheduled_for"]),
        ({"send_mode": "later", "scheduled_for": _wall(days=800)}, ["/scheduled_for"]),
        ({"scheduled_for": "9999-12-31T23:59:59"}, ["/scheduled_for"]),
        ({"scheduled_for": "0001-01-01T00:00:00", "time_zone": "Asia/Tokyo"}, ["/scheduled_for"]),
        ({"scheduled_for": _wall(days=2) + "Z"}, ["/scheduled_for"]),
        ({"scheduled_for": _wall(days=2) + "-06:00"}, ["/scheduled_for"]),
        ({"scheduled_for": "soon"}, ["/scheduled_for"]),
        ({"time_zone": "America/Gotham"}, ["/time_zone"]),
        ({"time_zone": "../../etc/passwd"}, ["/time_zone"]),
        ({"time_zone": "America"}, ["/time_zone"]),
        ({"time_zone": "x" * 1_000}, ["/time_zone"]),
        ({"body": "x" * 10_001}, ["/body"]),
        ({"send_mode": "soon"}, ["/send_mode"]),
        ({"channel": "email"}, ["/channel"]),
    ],
)
async def test_a_wrong_change_of_a_step_is_refused_and_changes_nothing(
    ana: httpx.AsyncClient, change: dict[str, object], pointers: list[str]
) -> None:
    draft = (await ana.post(PATH, json={})).json()
    assert _pointers(await _try_step(ana, draft, **change)) == pointers
    assert (await ana.get(f"{PATH}/{draft['id']}")).json() == draft


async def test_a_wall_time_becomes_a_moment_by_its_zone(ana: httpx.AsyncClient) -> None:
    # Berlin is UTC+1 in winter, Kathmandu UTC+5:45 all year.
    year = utc_now().year + 1
    draft = await _to_all(
        ana, send_mode="later", scheduled_for=f"{year}-01-15T09:00:00", time_zone="Europe/Berlin"
    )
    step = draft["steps"][0]
    assert step["scheduled_for"] == f"{year}-01-15T09:00:00"
    assert step["scheduled_at"] == f"{year}-01-15T08:00:00Z"
    moved = (await _change_step(ana, draft, time_zone="Asia/Kathmandu"))["steps"][0]
    assert moved["scheduled_for"] == f"{year}-01-15T09:00:00"
    assert moved["scheduled_at"] == f"{year}-01-15T03:15:00Z"


def _problems(outlook: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["step"], each["pointer"]) for each in outlook["problems"]]


async def test_the_outlook_of_a_new_draft_says_what_is_missing(ana: httpx.AsyncClient) -> None:
    draft = (await ana.post(PATH, json={})).json()
    outlook = await _outlook(ana, draft)
    assert _problems(outlook) == [("audience", "/filter"), ("compose", "/body")]
    assert (outlook["matched"], outlook["will_send"], outlook["segments"]) == (0, 0, 0)
    assert outlook["cost"] == {"amount": "0.00", "currency": "USD"}


async def test_the_outlook_counts_people_segments_and_cost(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    draft = await _draft(ana, body="x" * 161)
    outlook = await _outlook(ana, draft)
    assert outlook["problems"] == []
    assert (outlook["matched"], outlook["will_send"]) == (3, 3)
    # 161 characters are two segments; 3 x 2 x 0.0079 = 0.0474.
    assert outlook["segments"] == 6
    assert outlook["shares"] == [{"segments": 2, "recipients": 3}]
    assert outlook["encoding"] == "GSM-7"
    assert outlook["cost"] == {"amount": "0.05", "currency": "USD"}
    # 200 messages a second, of which 96 % are used.
    span = _moment(outlook["done_at"]) - _moment(outlook["starts_at"])
    assert span == timedelta(milliseconds=15) / 0.96


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_the_outlook_says_how_many_have_no_value_for_a_token(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    draft = await _draft(ana, body="Hi {{ first_name }}")
    outlook = await _outlook(ana, draft)
    assert outlook["missing_tokens"] == [{"channel": "sms", "token": "first_name", "recipients": 1}]
    assert _problems(outlook) == [("compose", "/body")]
    assert "no value for 1 recipient." in outlook["problems"][0]["detail"]
    refused = await _launch(ana, draft, 3)
    assert _pointers(refused) == ["/body"]
    with_fallback = await _change_step(ana, draft, body="Hi {{ first_name | default: 'you' }}")
    assert _problems(await _outlook(ana, with_fallback)) == []


async def test_the_outlook_says_what_is_wrong_with_the_text(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    broken = await _draft(ana, body="Hi {{ first_name ")
    assert ("compose", "/body") in _problems(await _outlook(ana, broken))
    stranger = await _change_step(ana, broken, body="Hi {{ metadata.shoe_size }}")
    assert _problems(await _outlook(ana, stranger)) == [("compose", "/body")]
    long = await _change_step(ana, stranger, body="x" * 1_601)
    assert "1,601 characters" in (await _outlook(ana, long))["problems"][0]["detail"]


async def test_a_schedule_without_a_time_is_a_problem(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    draft = await _draft(ana, body="Hi", send_mode="later")
    assert _problems(await _outlook(ana, draft)) == [("schedule", "/scheduled_for")]
    assert _pointers(await _launch(ana, draft, 3)) == ["/scheduled_for"]


async def test_a_launch_of_other_numbers_than_were_seen_changes_nothing(
    ana: httpx.AsyncClient, people: list[str], dsn: str
) -> None:
    draft = await _draft(ana, body="Hi")
    for wrong in (2, 4, 0):
        answer = await _launch(ana, draft, wrong)
        assert answer.status_code == 409
        assert "3 people would get the SMS now" in answer.json()["detail"]
    stale = await _launch(ana, draft, 3, version=draft["version"] - 1)
    assert stale.status_code == 409
    assert (await ana.get(f"{PATH}/{draft['id']}")).json() == draft
    assert count(dsn, JOBS) == 0
    assert count(dsn, TASKS) == 0


async def test_a_launch_hands_the_broadcast_to_the_queue(
    ana: httpx.AsyncClient, people: list[str], dsn: str
) -> None:
    draft = await _draft(ana, body="Hi")
    launched = (await _launch(ana, draft, 3)).json()
    assert (launched["status"], launched["steps"][0]["status"]) == ("scheduled", "scheduled")
    assert launched["recipients"] == {
        "state": "saving",
        "saved": 0,
        "expected": 3,
        "saved_at": launched["launched_at"],
        "note": None,
    }
    jobs = (await ana.get("/api/v1/queue-services/jobs")).json()["jobs"]
    assert [job["kind"] for job in jobs] == ["broadcast_step"]
    assert jobs[0]["broadcast_step_id"] == draft["steps"][0]["id"]
    assert jobs[0]["idempotency_key"] == f"broadcast-step:{draft['steps'][0]['id']}"
    # One to save the recipients, one to run the step.
    assert count(dsn, TASKS) == 2


async def test_a_launched_broadcast_is_no_draft_any_more(
    ana: httpx.AsyncClient, people: list[str], dsn: str
) -> None:
    draft = await _draft(ana, body="Hi")
    launched = (await _launch(ana, draft, 3)).json()
    path = f"{PATH}/{draft['id']}"
    assert (await _launch(ana, launched, 3)).status_code == 409
    assert (await ana.delete(path)).status_code == 409
    body = {"version": launched["version"], "name": "Late"}
    assert (await ana.patch(path, json=body)).status_code == 409
    assert (await _try_step(ana, launched, body="Late")).status_code == 409
    assert (await ana.get(path)).json() == launched
    assert count(dsn, JOBS) == 1


async def test_a_scheduled_broadcast_waits_for_its_time_and_can_be_called_off(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    draft = await _draft(ana, body="Hi", send_mode="later", scheduled_for=_wall(days=3))
    launched = (await _launch(ana, draft, 3)).json()
    (job,) = (await ana.get("/api/v1/queue-services/jobs")).json()["jobs"]
    assert job["scheduled_at"] == launched["steps"][0]["scheduled_at"]
    path = f"{PATH}/{draft['id']}"
    assert (await ana.post(f"{path}/pause")).json()["status"] == "paused"
    assert (await ana.post(f"{path}/pause")).status_code == 409
    assert (await ana.post(f"{path}/resume")).json()["status"] == "scheduled"
    cancelled = (await ana.post(f"{path}/cancel")).json()
    assert cancelled["status"] == "cancelled"
    assert cancelled["steps"][0]["status"] == "cancelled"
    (job,) = (await ana.get("/api/v1/queue-services/jobs")).json()["jobs"]
    assert job["status"] == "cancelled"
    assert (await ana.post(f"{path}/resume")).status_code == 409
    assert (await ana.post(f"{path}/cancel")).status_code == 409


async def test_a_draft_cannot_be_paused_resumed_or_cancelled_but_deleted(
    ana: httpx.AsyncClient,
) -> None:
    draft = await _to_all(ana)
    path = f"{PATH}/{draft['id']}"
    for move in ("pause", "resume", "cancel"):
        assert (await ana.post(f"{path}/{move}")).status_code == 409
    assert (await ana.delete(path)).status_code == 204
    assert (await ana.get(path)).status_code == 404
    assert (await ana.delete(path)).status_code == 404


async def test_a_preview_shows_what_real_people_would_read(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    draft = await _draft(ana, body="Hi {{ first_name | default: 'you' }}!")
    path = f"{PATH}/{draft['id']}/preview"
    first = (await ana.post(path, json={"limit": 2})).json()
    second = (await ana.post(path, json={"limit": 2, "after": first["next"]})).json()
    assert (len(first["recipients"]), len(second["recipients"])) == (2, 1)
    assert second["next"] is None
    shown = [*first["recipients"], *second["recipients"]]
    assert {each["sms"]["text"] for each in shown} == {"Hi you!", "Hi P1!", "Hi P2!"}
    assert {each["phone_number"] for each in shown} == {
        f"+1512555{each}" for each in (1000, 1001, 1002)
    }
    assert {each["sms"]["segments"] for each in shown} == {1}
    assert {each["email"] for each in shown} == {None}
    unsaved = (await ana.post(path, json={"body": "Hello “you”", "limit": 1})).json()
    assert unsaved["recipients"][0]["sms"]["encoding"] == "UCS-2"
    assert unsaved["recipients"][0]["sms"]["forcing"] == ["“", "”"]


async def test_a_preview_of_a_broken_text_says_what_is_wrong_with_it(
    ana: httpx.AsyncClient, people: list[str]
) -> None:
    draft = await _draft(ana)
    page = (await ana.post(f"{PATH}/{draft['id']}/preview", json={"body": "Hi {{ first"})).json()
    assert page["recipients"] == []
    assert [each["pointer"] for each in page["errors"]] == ["/body"]
    strange = await ana.post(f"{PATH}/{draft['id']}/preview", json={"body": "x", "after": "?"})
    assert _pointers(strange) == ["/after"]


async def test_tracking_of_a_draft_counts_nothing(ana: httpx.AsyncClient) -> None:
    draft = await _to_all(ana)
    tracking = (await ana.get(f"{PATH}/{draft['id']}/tracking")).json()
    assert tracking["status"] == "draft"
    assert (tracking["recipients"], tracking["pending"]) == (0, 0)
    assert (await ana.get(f"{PATH}/{draft['id']}/messages")).json() == {
        "messages": [],
        "next": None,
    }
