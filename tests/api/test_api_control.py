"""The workspace's hours, how a broadcast is sent, and what came of each message, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from clarion.api import identity
from clarion.kernel.actor import DEFAULT_WORKSPACE, Actor, Role
from clarion.kernel.clock import utc_now
from support.serving import client_of, count

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI

    from clarion.wiring.settings import Settings

WORKSPACE = "/api/v1/workspace"
PATH = "/api/v1/broadcasts"


def _pointers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_messages_leave_from_eight_to_nine_until_somebody_says_otherwise(
    ana: httpx.AsyncClient,
) -> None:
    found = (await ana.get(WORKSPACE)).json()
    assert (found["sending_from"], found["sending_until"]) == ("08:00", "21:00")
    assert found["time_zone"] == "America/Chicago"
    me = (await ana.get("/api/v1/me")).json()["workspace"]
    assert (me["sending_from"], me["sending_until"]) == ("08:00", "21:00")


async def test_an_admin_changes_the_hours(ana: httpx.AsyncClient) -> None:
    later = await ana.patch(WORKSPACE, json={"sending_from": "09:30"})
    assert later.status_code == 200
    assert (later.json()["sending_from"], later.json()["sending_until"]) == ("09:30", "21:00")
    any_hour = await ana.patch(WORKSPACE, json={"sending_from": None, "sending_until": None})
    assert any_hour.json()["sending_from"] is None
    assert (await ana.get(WORKSPACE)).json() == any_hour.json()
    back = await ana.patch(WORKSPACE, json={"sending_from": "00:00", "sending_until": "23:59"})
    assert (back.json()["sending_from"], back.json()["sending_until"]) == ("00:00", "23:59")


WRONG_HOURS: list[tuple[dict[str, Any], str]] = [
    ({"sending_from": "8"}, "/sending_from"),
    ({"sending_from": "24:00"}, "/sending_from"),
    ({"sending_until": "9 pm"}, "/sending_until"),
    ({"sending_until": ""}, "/sending_until"),
    ({"sending_until": "08:00"}, "/sending_until"),
    ({"sending_from": "22:00"}, "/sending_until"),
    ({"sending_from": None}, "/sending_from"),
    ({"sending_until": None}, "/sending_until"),
    ({"sending_from": 8}, "/sending_from"),
    ({"time_zone": "UTC"}, "/time_zone"),
]


@pytest.mark.parametrize(("change", "pointer"), WRONG_HOURS)
async def test_hours_that_cannot_be_kept_are_refused(
    ana: httpx.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    before = (await ana.get(WORKSPACE)).json()
    assert _pointers(await ana.patch(WORKSPACE, json=change)) == [pointer]
    assert (await ana.get(WORKSPACE)).json() == before


async def test_an_agent_reads_the_hours_and_changes_none(app: FastAPI, settings: Settings) -> None:
    agent = Actor(workspace_id=DEFAULT_WORKSPACE, id="bo", name="Bo", role=Role.AGENT)
    token = identity.sign(
        agent, secret=settings.secret.get_secret_value(), now=utc_now(), lasts=timedelta(hours=1)
    )
    async with client_of(app, authorization=f"Bearer {token}") as bo:
        assert (await bo.get(WORKSPACE)).status_code == 200
        refused = await bo.patch(WORKSPACE, json={"sending_from": None, "sending_until": None})
        assert refused.status_code == 403
        assert "admin" in refused.json()["detail"]
        assert (await bo.get(WORKSPACE)).json()["sending_from"] == "08:00"


async def test_one_workspace_changes_its_own_hours_only(
    ana: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    changed = await stranger.patch(WORKSPACE, json={"sending_from": "10:00"})
    assert changed.json()["sending_from"] == "10:00"
    assert (await ana.get(WORKSPACE)).json()["sending_from"] == "08:00"


async def _draft(ana: httpx.AsyncClient) -> Any:
    return (await ana.post(PATH, json={"name": "Spring"})).json()


async def _patch(ana: httpx.AsyncClient, draft: dict[str, Any], **change: Any) -> httpx.Response:
    return await ana.patch(f"{PATH}/{draft['id']}", json={"version": draft["version"], **change})


async def test_how_a_broadcast_is_sent_can_be_set_and_unset(ana: httpx.AsyncClient) -> None:
    draft = await _draft(ana)
    assert (draft["late_policy"], draft["max_per_minute"]) == ("catch_up", None)
    assert (draft["stop_at_failure_rate"], draft["paused_by"]) == (0.25, None)
    rules = {"late_policy": "skip", "max_per_minute": 600, "stop_at_failure_rate": 0.1}
    changed = (await _patch(ana, draft, **rules)).json()
    assert {name: changed[name] for name in rules} == rules
    renamed = (await _patch(ana, changed, name="Autumn")).json()
    assert {name: renamed[name] for name in rules} == rules
    unset = await _patch(ana, renamed, max_per_minute=None, stop_at_failure_rate=None)
    assert (unset.json()["max_per_minute"], unset.json()["stop_at_failure_rate"]) == (None, None)
    assert unset.json()["late_policy"] == "skip"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"late_policy": "later"}, "/late_policy"),
        ({"late_policy": None}, "/late_policy"),
        ({"max_per_minute": 0}, "/max_per_minute"),
        ({"max_per_minute": 1.5}, "/max_per_minute"),
        ({"max_per_minute": 10**30}, "/max_per_minute"),
        ({"stop_at_failure_rate": 0}, "/stop_at_failure_rate"),
        ({"stop_at_failure_rate": 25}, "/stop_at_failure_rate"),
        ({"stop_at_failure_rate": "much"}, "/stop_at_failure_rate"),
    ],
)
async def test_a_wrong_rule_is_refused_at_its_place(
    ana: httpx.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    draft = await _draft(ana)
    assert _pointers(await _patch(ana, draft, **change)) == [pointer]
    assert (await ana.get(f"{PATH}/{draft['id']}")).json() == draft


async def test_the_outlook_says_when_it_is_done_and_what_the_night_does(
    ana: httpx.AsyncClient,
) -> None:
    draft = await _draft(ana)
    path = f"{PATH}/{draft['id']}/steps/{draft['steps'][0]['id']}"
    tomorrow = (utc_now() + timedelta(days=1)).date()
    await ana.patch(
        path,
        json={
            "version": draft["version"],
            "body": "Hi",
            "send_mode": "later",
            "time_zone": "America/Chicago",
            "scheduled_for": f"{tomorrow}T23:10:00",
        },
    )
    outlook = (await ana.get(f"{PATH}/{draft['id']}/outlook")).json()
    assert outlook["done_at"] == outlook["starts_at"]  # nobody is there to get it
    assert outlook["hours_note"] == (
        "23:10 in America/Chicago is outside the sending hours (08:00 to 21:00). It is sent then "
        "because you chose it."
    )


class Ledger:
    """Messages of a broadcast, as the sending leaves them behind."""

    def __init__(self, dsn: str, broadcast: dict[str, Any]) -> None:
        self.dsn = dsn
        self.broadcast = broadcast

    def execute(self, statement: str, *parameters: Any) -> Any:
        with psycopg.connect(self.dsn) as connection:
            cursor = connection.execute(statement.encode(), parameters)
            return cursor.fetchone() if cursor.description else None

    def stands(self, status: str, step: str) -> None:
        self.execute(
            "update broadcast.broadcasts set status = %s where id = %s",
            status,
            self.broadcast["id"],
        )
        self.execute(
            "update broadcast.broadcast_steps set status = %s where broadcast_id = %s",
            step,
            self.broadcast["id"],
        )

    def lane(self) -> str:
        (lane,) = self.execute(
            "insert into broadcast.lanes (channel, provider, sender, rate_per_second)"
            " values ('sms', 'sandbox', '+15005550006', 10)"
            " on conflict (channel, provider, sender) do update set in_use = true"
            " returning id::text"
        )
        return str(lane)

    def message(self, address: str, status: str, *, code: str | None = None) -> str:
        (message,) = self.execute(
            "insert into broadcast.messages (workspace_id, broadcast_id, step_id, channel, address,"
            " status, error_code, attempts, provider, lane_id, segments)"
            " values (%s, %s, %s, 'sms', %s, %s, %s, 1, 'sandbox', %s, 1) returning id::text",
            DEFAULT_WORKSPACE,
            self.broadcast["id"],
            self.broadcast["steps"][0]["id"],
            address,
            status,
            code,
            self.lane(),
        )
        return str(message)


@pytest.fixture
async def ledger(ana: httpx.AsyncClient, dsn: str) -> Ledger:
    """Of a broadcast that is completed: one arrived, three failed, of one nobody knows."""
    kept = Ledger(dsn, await _draft(ana))
    kept.stands("completed", "completed")
    kept.message("+15125550101", "delivered")
    kept.message("+15125550102", "failed", code="30008")
    kept.message("+15125550103", "failed", code="30008")
    kept.message("+15125550104", "failed", code="30006")
    kept.message("+15125550105", "unknown")
    return kept


async def test_retrying_says_beforehand_what_it_would_send(
    ana: httpx.AsyncClient, ledger: Ledger
) -> None:
    preview = (await ana.get(f"{PATH}/{ledger.broadcast['id']}/retry-failed")).json()
    assert (preview["will_retry"], preview["left_out"], preview["problem"]) == (2, 2, None)
    assert [(each["code"], each["messages"]) for each in preview["reasons"]] == [("30008", 2)]
    assert [each["messages"] for each in preview["left_out_reasons"]] == [1, 1]


async def test_retrying_sends_the_number_that_was_seen(
    ana: httpx.AsyncClient, ledger: Ledger, dsn: str
) -> None:
    path = f"{PATH}/{ledger.broadcast['id']}/retry-failed"
    pending = "select count(*) from broadcast.messages where status = 'pending'"
    moved = await ana.post(path, json={"expected": 3})
    assert moved.status_code == 409
    assert "2 can be sent again now, not 3" in moved.json()["detail"]
    assert count(dsn, pending) == 0
    answer = await ana.post(path, json={"expected": 2})
    assert answer.status_code == 200
    assert answer.json()["messages"] == 2
    assert answer.json()["broadcast"]["status"] == "sending"
    assert count(dsn, pending) == 2
    again = await ana.post(path, json={"expected": 2})
    assert again.status_code == 409
    assert _pointers(await ana.post(path, json={"expected": 0})) == ["/expected"]


async def test_nothing_of_a_draft_or_a_cancelled_broadcast_is_sent_again(
    ana: httpx.AsyncClient, ledger: Ledger
) -> None:
    path = f"{PATH}/{ledger.broadcast['id']}/retry-failed"
    ledger.stands("cancelled", "cancelled")
    preview = (await ana.get(path)).json()
    assert preview["will_retry"] == 0
    assert preview["problem"] == ("The broadcast is cancelled; nothing of it can be sent again.")
    refused = await ana.post(path, json={"expected": 2})
    assert (refused.status_code, refused.json()["detail"]) == (409, preview["problem"])


async def test_while_failed_messages_are_put_back_nobody_asks_again_and_tracking_says_so(
    ana: httpx.AsyncClient, ledger: Ledger
) -> None:
    path = f"{PATH}/{ledger.broadcast['id']}"
    ledger.execute(
        "insert into broadcast.retries (workspace_id, broadcast_id, messages, put_back, asked_at)"
        " values (%s, %s, 5, 3, now())",
        DEFAULT_WORKSPACE,
        ledger.broadcast["id"],
    )
    preview = (await ana.get(f"{path}/retry-failed")).json()
    assert preview["will_retry"] == 0
    assert "2 are still to come" in preview["problem"]
    refused = await ana.post(f"{path}/retry-failed", json={"expected": 2})
    assert (refused.status_code, refused.json()["detail"]) == (409, preview["problem"])
    found = (await ana.get(f"{path}/tracking")).json()
    assert (found["failed"], found["to_retry"]) == (3, 2)


async def test_tracking_shows_each_number_apart(ana: httpx.AsyncClient, ledger: Ledger) -> None:
    ledger.message("+15125550106", "no_receipt")
    ledger.message("+15125550107", "uncertain")
    ledger.message("+15125550108", "sent")
    found = (await ana.get(f"{PATH}/{ledger.broadcast['id']}/tracking")).json()
    numbers = {
        name: found[name]
        for name in (
            "delivered", "failed", "pending", "on_the_way", "no_receipt", "uncertain", "unknown",
            "skipped", "cancelled",
        )
    }  # fmt: skip
    assert numbers == {
        "delivered": 1,
        "failed": 3,
        "pending": 0,
        "on_the_way": 1,
        "no_receipt": 1,
        "uncertain": 1,
        "unknown": 1,
        "skipped": 0,
        "cancelled": 0,
    }
    assert found["recipients"] == sum(numbers.values())
    assert (found["retrying"], found["waits_until"], found["waiting_note"]) == (0, None, None)


async def test_a_message_that_waits_for_a_retry_says_how_its_last_attempt_ended(
    ana: httpx.AsyncClient, ledger: Ledger
) -> None:
    path = f"{PATH}/{ledger.broadcast['id']}/messages"
    listed = (await ana.get(path, params={"status": "failed"})).json()["messages"]
    told = {each["address"]: each["error"] for each in listed}
    retried = await ana.post(f"{PATH}/{ledger.broadcast['id']}/retry-failed", json={"expected": 2})
    assert retried.json()["waiting"] == 2
    ledger.message("+15125550106", "pending", code="20429")
    found = (await ana.get(path, params={"status": "pending"})).json()["messages"]
    errors = {each["address"]: each["error"] for each in found}
    refused = errors.pop("+15125550106")
    assert refused["code"] == "20429"
    assert errors == {address: told[address] for address in ("+15125550102", "+15125550103")}
    assert errors["+15125550102"]["code"] == "30008"
    one = (await ana.get(f"{path}/{found[0]['id']}")).json()
    assert one["message"]["error"] == found[0]["error"]


@pytest.mark.parametrize("status", ["no_receipt", "unknown", "failed"])
async def test_messages_are_listed_by_each_status(
    ana: httpx.AsyncClient, ledger: Ledger, status: str
) -> None:
    ledger.message("+15125550106", "no_receipt")
    path = f"{PATH}/{ledger.broadcast['id']}/messages"
    found = (await ana.get(path, params={"status": status})).json()["messages"]
    assert {each["status"] for each in found} == {status}
    assert len(found) == (3 if status == "failed" else 1)


async def test_a_message_tells_what_happened_to_it(ana: httpx.AsyncClient, ledger: Ledger) -> None:
    message = ledger.message("+15125550109", "failed", code="30005")
    ledger.execute(
        "insert into broadcast.message_attempts"
        " (message_id, attempt, workspace_id, provider, provider_id, status, error_code,"
        " error_detail, segments, price, currency)"
        " values (%s, 1, %s, 'sandbox', 'SM1', 'failed', '30008', 'as it was said', 2, 0.0158,"
        " 'USD')",
        message,
        DEFAULT_WORKSPACE,
    )
    ledger.execute("update broadcast.messages set attempts = 2, retries = 1 where id = %s", message)
    ledger.execute(
        "insert into broadcast.message_events (workspace_id, received_month, event_key, kind,"
        " provider, channel, message_id, status, error_code, payload)"
        " values (%s, date_trunc('month', current_date), 'a', 'status', 'sandbox', 'sms', %s,"
        " 'failed', '30005', '{}')",
        DEFAULT_WORKSPACE,
        message,
    )
    story = (await ana.get(f"{PATH}/{ledger.broadcast['id']}/messages/{message}")).json()
    assert story["message"]["id"] == message
    assert (story["message"]["retries"], story["message"]["next_try_at"]) == (1, None)
    first, second = story["attempts"]
    assert (first["attempt"], first["status"], first["segments"], first["price"]) == (
        1,
        "failed",
        2,
        "0.015800",
    )
    assert (first["error"]["code"], first["detail"]) == ("30008", "as it was said")
    assert (second["attempt"], second["error"]["code"]) == (2, "30005")
    (event,) = story["events"]
    assert (event["kind"], event["status"], event["outcome"]) == ("status", "failed", None)
    assert event["error"]["words"] == second["error"]["words"]


async def test_a_pending_message_says_when_it_is_tried_next_and_why(
    ana: httpx.AsyncClient, ledger: Ledger
) -> None:
    message = ledger.message("+15125550109", "pending", code="unavailable")
    path = f"{PATH}/{ledger.broadcast['id']}/messages"
    (found,) = (await ana.get(path, params={"status": "pending"})).json()["messages"]
    assert found["id"] == message
    assert found["next_try_at"] is not None
    assert found["error"]["code"] == "unavailable"


async def test_a_message_is_found_under_its_own_broadcast_only(
    ana: httpx.AsyncClient, ledger: Ledger
) -> None:
    message = ledger.message("+15125550109", "sent")
    other = await _draft(ana)
    for broadcast, wanted in ((other["id"], message), (ledger.broadcast["id"], uuid4())):
        answer = await ana.get(f"{PATH}/{broadcast}/messages/{wanted}")
        assert answer.status_code == 404
        assert answer.json()["detail"] == "There is no such message."
