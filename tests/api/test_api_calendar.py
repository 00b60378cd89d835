"""The calendar as a caller sees it, and a step that is moved on it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from clarion.kernel.clock import utc_now

if TYPE_CHECKING:
    import httpx

BROADCASTS = "/api/v1/broadcasts"
CALENDAR = "/api/v1/broadcasts/calendar"
CHICAGO = ZoneInfo("America/Chicago")


def in_days(days: int) -> date:
    return utc_now().astimezone(CHICAGO).date() + timedelta(days=days)


async def make(client: httpx.AsyncClient, name: str, days: int, hour: str = "12:00") -> Any:
    """A draft of one SMS so many days from now, by the clock of Chicago."""
    made = (await client.post(BROADCASTS, json={"name": name})).json()
    change = {
        "version": made["version"],
        "body": "Hi",
        "send_mode": "later",
        "scheduled_for": f"{in_days(days)}T{hour}:00",
        "time_zone": "America/Chicago",
    }
    step = made["steps"][0]["id"]
    answer = await client.patch(f"{BROADCASTS}/{made['id']}/steps/{step}", json=change)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ask(client: httpx.AsyncClient, first: int, last: int, **asked: Any) -> Any:
    days = {"from": f"{in_days(first)}", "until": f"{in_days(last)}", **asked}
    answer = await client.get(CALENDAR, params=days)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def in_chicago(ana: httpx.AsyncClient) -> httpx.AsyncClient:
    workspace = (await ana.get("/api/v1/workspace")).json()
    assert workspace["time_zone"] == "America/Chicago"
    return ana


async def test_what_is_planned_stands_where_clocks_show_it(in_chicago: httpx.AsyncClient) -> None:
    spring = await make(in_chicago, "Spring", 3)
    found = await ask(in_chicago, 1, 7)
    assert (found["time_zone"], found["shown_until"]) == ("America/Chicago", None)
    assert (found["sending_from"], found["sending_until"]) == ("08:00", "21:00")
    (step,) = found["steps"]
    wall = f"{in_days(3)}T12:00:00"
    assert (step["shown"], step["local"], step["scheduled_for"]) == (wall, wall, wall)
    at = datetime.fromisoformat(wall).replace(tzinfo=CHICAGO)
    assert datetime.fromisoformat(step["at"]) == at
    assert (step["broadcast_id"], step["version"]) == (spring["id"], spring["version"])
    assert (step["broadcast_status"], step["step_status"]) == ("draft", "draft")
    assert (step["can_move"], step["people"], step["warnings"]) == (True, None, [])


async def test_a_step_is_moved_by_a_change_of_itself(in_chicago: httpx.AsyncClient) -> None:
    await make(in_chicago, "Spring", 3)
    (step,) = (await ask(in_chicago, 1, 7))["steps"]
    address = f"{BROADCASTS}/{step['broadcast_id']}/steps/{step['step_id']}"
    to = {"version": step["version"], "scheduled_for": f"{in_days(5)}T22:30:00"}
    assert (await in_chicago.patch(address, json=to)).status_code == 200
    (moved,) = (await ask(in_chicago, 1, 7))["steps"]
    assert moved["shown"] == f"{in_days(5)}T22:30:00"
    (warning,) = moved["warnings"]
    assert warning["kind"] == "sending_hours"
    assert "outside the sending hours (08:00 to 21:00)" in warning["detail"]
    # Whoever has read it before is told, and nothing is lost.
    assert (await in_chicago.patch(address, json=to)).status_code == 409
    assert (await ask(in_chicago, 1, 7))["steps"] == [moved]


async def test_what_is_in_conflict_is_named_and_compared_apart(
    in_chicago: httpx.AsyncClient,
) -> None:
    spring, winter = await make(in_chicago, "Spring", 3), await make(in_chicago, "Winter", 4)
    assert [each["warnings"] for each in (await ask(in_chicago, 1, 7))["steps"]] == [[], []]
    first, _ = (await ask(in_chicago, 1, 7, within_hours=25))["steps"]
    (warning,) = first["warnings"]
    assert (warning["kind"], warning["more"]) == ("conflict", 0)
    (other,) = warning["others"]
    assert (other["broadcast_name"], other["can_compare"]) == ("Winter", False)
    asked = {"step": spring["steps"][0]["id"], "other": winter["steps"][0]["id"]}
    overlap = await in_chicago.get(f"{CALENDAR}/overlap", params=asked)
    assert overlap.json() == {"people": None, "exact": False}


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"from": "2026-12-01"}, "/until"),
        ({"until": "2026-12-01"}, "/from"),
        ({"from": "tomorrow", "until": "2026-12-01"}, "/from"),
        ({"from": "2026-12-02", "until": "2026-12-01"}, "/until"),
        ({"from": "2026-12-01", "until": "2027-02-01"}, "/until"),
        ({"from": "2999-12-31", "until": "3000-01-01"}, "/until"),
        ({"from": "0001-01-01", "until": "0001-01-02"}, "/from"),
        ({"from": "2026-12-01", "until": "2026-12-01", "within_hours": "0"}, "/within_hours"),
        ({"from": "2026-12-01", "until": "2026-12-01", "week": "1"}, "/week"),
    ],
)
async def test_days_that_there_are_not_are_refused(
    ana: httpx.AsyncClient, asked: dict[str, str], pointer: str
) -> None:
    answer = await ana.get(CALENDAR, params=asked)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


async def test_another_workspace_has_nothing_to_compare(
    ana: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    made = await make(ana, "Spring", 3)
    assert (await ask(stranger, 1, 7))["steps"] == []
    mine = made["steps"][0]["id"]
    for asked in ({"step": mine, "other": mine}, {"step": str(uuid4()), "other": "7"}):
        answer = await stranger.get(f"{CALENDAR}/overlap", params=asked)
        assert answer.status_code == 404
        assert answer.json()["detail"] == "There is no such step."
