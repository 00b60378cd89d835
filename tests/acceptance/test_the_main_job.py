"""The main job on real processes: contacts in, filter, launch, each message to its end."""

from __future__ import annotations

import csv
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from support.processes import RunningClarion, running_clarion

pytestmark = pytest.mark.xdist_group("main_job")
CONTACTS = 5_000

#: By construction of the file below: every fifth contact is in Texas, and each of the first 100
#: Texans repeats the number of the one before it.
TEXANS = CONTACTS // 5
REPEATED = 50
WITHOUT_PHONE = 20
BROKEN_PHONE = 30
REACHABLE_TEXANS = TEXANS - REPEATED - WITHOUT_PHONE - BROKEN_PHONE

TEXAS = {
    "match": "all",
    "conditions": [{"field": "metadata.state", "operator": "is", "value": "TX"}],
}


def _phone(number: int) -> str:
    return f"(512) 555-{number:04d}"


def _write_contacts(path: Path) -> None:
    """5,000 rows: messy as people's files are, with numbers that are known in advance."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["First Name", "Last Name", "Email", "Phone", "State", "Product", "Tags"])
        texan = 0
        for index in range(CONTACTS):
            if index % 5:
                row = [f"Zoë {index}", 'O"Neil, Jr.', "", f"+1 214 555 {index:04d}", "CA", "", ""]
                writer.writerow(row)
                continue
            if texan < 2 * REPEATED:
                phone = _phone(texan // 2)
            elif texan < 2 * REPEATED + WITHOUT_PHONE:
                phone = ""
            elif texan < 2 * REPEATED + WITHOUT_PHONE + BROKEN_PHONE:
                phone = "call the office"
            else:
                phone = _phone(texan)
            writer.writerow(
                [f"José {index}", "Ñúñez", f"a{index}@example.com", phone, "TX", "Solar", "a;b"]
            )
            texan += 1
    rows = path.read_text("utf-8").splitlines(keepends=True)
    # Some rows stand twice in the file, as they do in exports.
    random.Random(7).shuffle(repeated := rows[1:11])
    path.write_text("".join([*rows, *repeated]), "utf-8")


@pytest.fixture(scope="module")
def clarion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClarion]:
    folder = tmp_path_factory.mktemp("acceptance")
    with running_clarion(
        folder,
        sample=0,
        SANDBOX__RATE_PER_SECOND="500",
        SANDBOX__LATENCY_MS="5",
        SANDBOX__CALLBACK_DELAY_MS="50",
        SANDBOX__FAILURE_RATE="0",
    ) as running:
        _write_contacts(folder / "contacts.csv")
        yield running


@pytest.fixture(scope="module")
def imported(clarion: RunningClarion) -> str:
    return clarion.command("contacts", "import", "contacts.csv")


def _until(get: Callable[[], Any], done: Callable[[Any], bool], within: float) -> Any:
    """The first answer that is `done`; the last one, when the time is over."""
    deadline = time.monotonic() + within
    while True:
        answer = get()
        if done(answer) or time.monotonic() > deadline:
            return answer
        time.sleep(0.2)


def _ok(response: httpx.Response) -> Any:
    assert response.is_success, response.text
    return response.json()


def _draft(api: httpx.Client, body: str) -> Any:
    made = _ok(api.post("/api/v1/broadcasts", json={"name": "Texas"}))
    address = f"/api/v1/broadcasts/{made['id']}"
    made = _ok(api.patch(address, json={"version": made["version"], "filter": TEXAS}))
    step = made["steps"][0]["id"]
    return _ok(
        api.patch(f"{address}/steps/{step}", json={"version": made["version"], "body": body})
    )


def test_the_import_says_what_it_left_out(imported: str) -> None:
    assert (
        "5,000 contacts added. Left out: 10 repeated rows, 0 that were there already." in imported
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A broadcast to all Texans, and what the provider says of it."""

    broadcast_id: str
    estimate: dict[str, Any]
    tracking: dict[str, Any]
    accepted: list[dict[str, Any]]


@pytest.fixture(scope="module")
def sent(clarion: RunningClarion, imported: str) -> Sent:
    with clarion.client() as api, httpx.Client(base_url=clarion.sandbox_url) as sandbox:
        # For good: what passes would be sent again hours later.
        fates = {"error_codes": {"30006": 0.05, "30007": 0.05}}
        _ok(sandbox.put("/sandbox/settings", json=fates))
        # The numbers of new contacts are checked within moments of the import.
        estimate = _until(
            lambda: _ok(api.post("/api/v1/audience/count", json={"filter": TEXAS})),
            lambda answer: all(
                each["reason"] != "unchecked_phone" for each in answer["sms"]["left_out"]
            ),
            within=30,
        )
        draft = _draft(api, "Hi {{ first_name }}, your {{ metadata.product }} quote is ready.")
        address = f"/api/v1/broadcasts/{draft['id']}"
        _ok(
            api.post(
                f"{address}/launch",
                json={"version": draft["version"], "expected_recipients": REACHABLE_TEXANS},
            )
        )
        tracking = _until(
            lambda: _ok(api.get(f"{address}/tracking")),
            lambda answer: (
                answer["recipients"] == REACHABLE_TEXANS
                and answer["on_the_way"] == 0
                and answer["pending"] == answer["retrying"]
            ),
            within=90,
        )
        return Sent(
            broadcast_id=draft["id"],
            estimate=estimate,
            tracking=tracking,
            accepted=_accepted(sandbox),
        )


def test_the_estimate_gives_each_reason_why_somebody_is_left_out(sent: Sent) -> None:
    assert sent.estimate["matched"] == TEXANS
    assert sent.estimate["total"] == CONTACTS
    assert sent.estimate["sms"]["reachable"] == REACHABLE_TEXANS
    left_out = {each["reason"]: each["contacts"] for each in sent.estimate["sms"]["left_out"]}
    assert left_out == {
        "no_phone": WITHOUT_PHONE,
        "invalid_phone": BROKEN_PHONE,
        "duplicate_number": REPEATED,
    }


def test_everybody_reachable_gets_it_once_and_the_numbers_are_the_providers(sent: Sent) -> None:
    tracking = sent.tracking
    assert tracking["recipients"] == REACHABLE_TEXANS
    assert (tracking["on_the_way"], tracking["uncertain"]) == (0, 0)
    # Who could not be reached for a reason that passes is tried again in some hours; so long it is
    # not completed.
    again = tracking["retrying"]
    assert tracking["pending"] == again
    assert tracking["status"] == ("sending" if again else "completed")

    by_number = Counter(message["to"] for message in sent.accepted)
    assert len(by_number) == REACHABLE_TEXANS
    assert set(by_number.values()) == {1}
    ends = Counter(message["status"] for message in sent.accepted)
    assert ends["delivered"] == tracking["delivered"]
    assert ends["undelivered"] == tracking["failed"] + again
    assert ends["delivered"] + ends["undelivered"] == REACHABLE_TEXANS
    assert tracking["failed"] > 0
    assert sum(each["messages"] for each in tracking["errors"]) == tracking["failed"]
    bodies = {message["body"] for message in sent.accepted}
    assert "Hi José 2500, your Solar quote is ready." in bodies


def test_a_later_change_of_a_contact_does_not_change_history(
    clarion: RunningClarion, sent: Sent
) -> None:
    with clarion.client() as api:
        address = f"/api/v1/broadcasts/{sent.broadcast_id}/recipients"
        recipient = _ok(api.get(address, params={"search": "José 2500"}))["recipients"][0]
        _execute(
            clarion, "update public.contacts set first_name = 'Renamed' where first_name like 'J%'"
        )
        after = _ok(api.get(address, params={"search": "José 2500"}))["recipients"][0]
    assert after == recipient
    assert after["contact"]["first_name"] == "José 2500"


def test_a_scheduled_broadcast_waits_for_its_time_and_can_be_cancelled(
    clarion: RunningClarion, imported: str
) -> None:
    with clarion.client() as api, httpx.Client(base_url=clarion.sandbox_url) as sandbox:
        before = len(_accepted(sandbox))
        draft = _draft(api, "Later, {{ first_name }}.")
        address = f"/api/v1/broadcasts/{draft['id']}"
        step = draft["steps"][0]["id"]
        draft = _ok(
            api.patch(
                f"{address}/steps/{step}",
                json={
                    "version": draft["version"],
                    "send_mode": "later",
                    "scheduled_for": f"{time.gmtime().tm_year + 1}-03-01T09:00:00",
                    "time_zone": "America/Chicago",
                },
            )
        )
        launched = _ok(
            api.post(
                f"{address}/launch",
                json={"version": draft["version"], "expected_recipients": REACHABLE_TEXANS},
            )
        )
        assert launched["status"] == "scheduled"
        saved = _until(
            lambda: _ok(api.get(address)),
            lambda answer: answer["recipients"]["state"] == "saved",
            within=30,
        )
        assert saved["recipients"]["saved"] == TEXANS
        jobs = _ok(api.get("/api/v1/queue-services/jobs", params={"status": "scheduled"}))["jobs"]
        assert [job["broadcast_step_id"] for job in jobs] == [step]

        assert _ok(api.post(f"{address}/cancel"))["status"] == "cancelled"
        assert _ok(api.get(f"/api/v1/queue-services/jobs/{jobs[0]['id']}"))["status"] == "cancelled"
        assert len(_accepted(sandbox)) == before


def _accepted(sandbox: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        after = {"after": found[-1]["seq"]} if found else {}
        page = _ok(sandbox.get("/sandbox/messages", params={"limit": 1000, **after}))
        if not page["messages"]:
            return found
        found += page["messages"]


def _execute(clarion: RunningClarion, statement: str) -> None:
    dsn = (clarion.folder / ".clarion" / "database-url").read_text("utf-8")
    with psycopg.connect(dsn) as connection:
        connection.execute(statement.encode())
