"""How a broadcast is sent, and what came of it, in real Chromium: options, hours, stops, retries.

With CLARION_SCREENSHOTS=folder it leaves pictures there (script/screenshots).
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, StorageState, expect

from support.accessible import no_fault
from support.browser import chromium
from support.processes import RunningClarion, running_clarion

CONTACTS = 600
CHICAGO = "America/Chicago"

#: Patience for a busy machine; nothing waits longer than it must.
SENT_WITHIN = 90_000

NOT_REGISTERED = "30034"
FILTERED = "30007"
LANDLINE = "30006"

WIDTHS = [
    pytest.param({"width": 1440, "height": 900}, id="wide"),
    pytest.param({"width": 390, "height": 844}, id="phone"),
]

Shoot = Callable[[str], None]


@pytest.fixture(scope="module")
def clarion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClarion]:
    with running_clarion(
        tmp_path_factory.mktemp("sending"),
        sample=CONTACTS,
        SANDBOX__LATENCY_MS="5",
        SANDBOX__CALLBACK_DELAY_MS="20",
        SANDBOX__FAILURE_RATE="0",
    ) as running:
        _contacts_are_known(running)
        yield running


@pytest.fixture(scope="module")
def api(clarion: RunningClarion) -> Iterator[httpx.Client]:
    with clarion.client() as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def signed_in(browser: Browser, clarion: RunningClarion) -> StorageState:
    """What a browser keeps of a person who has signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(clarion.sign_in_link)
    page.wait_for_url("**/broadcasts**")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture(params=WIDTHS)
def page(
    request: pytest.FixtureRequest,
    browser: Browser,
    clarion: RunningClarion,
    signed_in: StorageState,
) -> Iterator[Page]:
    with _page(browser, clarion, signed_in, request.param) as opened:
        yield opened


@contextmanager
def _page(
    browser: Browser, clarion: RunningClarion, signed_in: StorageState, viewport: dict[str, int]
) -> Iterator[Page]:
    """Signed in; in the end the console must not have complained."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} {message.location.get('url', '')}")

    context = browser.new_context(
        viewport={"width": viewport["width"], "height": viewport["height"]},
        reduced_motion="reduce",
        locale="en-US",
        timezone_id=CHICAGO,
        storage_state=signed_in,
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", listen)
    page.goto(f"{clarion.url}/broadcasts")
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def shoot(page: Page) -> Shoot:
    folder = os.environ.get("CLARION_SCREENSHOTS")
    tag = "phone" if (page.viewport_size or {"width": 0})["width"] < 1000 else "wide"

    def take(picture: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{picture}-{tag}.png")

    return take


@pytest.fixture
def sandbox(clarion: RunningClarion) -> Iterator[Callable[..., None]]:
    """Tells the sandbox how to behave; afterwards all is well again."""

    def behave(**settings: object) -> None:
        address = f"{clarion.sandbox_url}/sandbox/settings"
        httpx.put(address, json=settings, timeout=20).raise_for_status()

    yield behave
    behave(error_codes={}, outage=None)


@pytest.fixture
def hours(api: httpx.Client) -> Iterator[None]:
    """What a test does to the sending hours is undone."""
    yield
    _set_hours(api, "08:00", "21:00")


def _set_hours(api: httpx.Client, opens: str, closes: str) -> None:
    change = {"sending_from": opens, "sending_until": closes}
    api.patch("/api/v1/workspace", json=change).raise_for_status()


def _contacts_are_known(clarion: RunningClarion) -> None:
    """Fields and numbers of the new contacts are read; then nothing moves by itself."""
    everybody = {"filter": {"match": "all", "conditions": []}}
    with clarion.client() as api:
        for _ in range(300):
            reasons = api.post("/api/v1/audience/count", json=everybody).json()["sms"]["left_out"]
            fields = api.get("/api/v1/audience/fields").json()["fields"]
            if len(fields) > 10 and "unchecked_phone" not in [each["reason"] for each in reasons]:
                return
            # Nothing announces them.
            time.sleep(0.1)
    raise AssertionError("the sample contacts are not known")


def _draft(
    api: httpx.Client, name: str, *states: str, rules: dict[str, Any] | None = None, **step: str
) -> dict[str, Any]:
    made = api.post("/api/v1/broadcasts", json={"name": name, "broadcast_type": "sms"}).json()
    path = f"/api/v1/broadcasts/{made['id']}"
    condition = {"field": "metadata.state", "operator": "is_one_of", "value": list(states)}
    document = {"match": "all", "conditions": [condition] if states else []}
    change = {"version": made["version"], "filter": document, **(rules or {})}
    made = api.patch(path, json=change).raise_for_status().json()
    where = f"{path}/steps/{made['steps'][0]['id']}"
    text = {"version": made["version"], "body": "Your quote is ready.", **step}
    made = api.patch(where, json=text).raise_for_status().json()
    return dict(made)


def _launch(api: httpx.Client, draft: dict[str, Any]) -> int:
    """How many it goes to."""
    path = f"/api/v1/broadcasts/{draft['id']}"
    people = api.get(f"{path}/outlook").json()["will_send"]
    launch = {"version": draft["version"], "expected_recipients": people}
    api.post(f"{path}/launch", json=launch).raise_for_status()
    return int(people)


def _open(page: Page, broadcast: dict[str, Any], step: str) -> None:
    origin = re.match(r"https?://[^/]+", page.url)
    assert origin is not None
    page.goto(f"{origin[0]}/broadcasts/{broadcast['id']}/{step}")


def _tile(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Messages by status").get_by_role(
        "button", name=re.compile(rf"^{name} [\d,]+")
    )


def _tomorrow() -> str:
    return f"{datetime.now(ZoneInfo(CHICAGO)) + timedelta(days=1):%Y-%m-%d}"


def _run_sql(clarion: RunningClarion, statement: str, broadcast: dict[str, Any]) -> None:
    dsn = (clarion.folder / ".clarion" / "database-url").read_text("utf-8")
    with psycopg.connect(dsn) as connection:
        assert connection.execute(statement, [broadcast["id"]]).rowcount == 1


def test_options_that_are_chosen_are_said_in_review_with_what_the_night_means(
    page: Page, api: httpx.Client, shoot: Shoot
) -> None:
    draft = _draft(
        api,
        "Evening news",
        "TX",
        send_mode="later",
        scheduled_for=f"{_tomorrow()}T22:30:00",
        time_zone=CHICAGO,
    )
    _open(page, draft, "schedule")
    page.get_by_role("button", name="Sending options").click()
    page.get_by_role("radio", name=re.compile("^At most")).check()
    page.get_by_role("textbox", name="Messages per minute").fill("120")
    page.get_by_role("radio", name="Ask me").check()
    page.get_by_role("textbox", name="Per cent that fail").fill("10")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    no_fault(page)
    shoot("options")
    page.get_by_role("link", name="Continue to Review").click()

    expect(page.get_by_role("heading", name="Review", level=1)).to_be_visible()
    said = page.get_by_role("definition").filter(has_text="At most 120 messages per minute")
    expect(said).to_contain_text("Stops by itself when more than 10% fail")
    expect(said).to_contain_text("If its time is missed: paused until somebody decides")
    note = page.get_by_role("definition").filter(has_text="22:30 in America/Chicago")
    expect(note).to_contain_text("outside the sending hours (08:00 to 21:00)")
    button = page.get_by_role("button", name=re.compile(r"^Schedule [\d,]+ SMS for .* 22:30$"))
    expect(button).to_be_enabled()
    no_fault(page)
    shoot("night")


def test_what_failed_and_is_safe_to_send_again_is_sent_again_and_the_numbers_follow(
    page: Page,
    api: httpx.Client,
    clarion: RunningClarion,
    sandbox: Callable[..., None],
    shoot: Shoot,
) -> None:
    sandbox(error_codes={NOT_REGISTERED: 0.6, FILTERED: 0.4})
    known = _codes(clarion)
    never_stops = {"stop_at_failure_rate": None}
    draft = _draft(api, "Not registered", "TX", "FL", rules=never_stops)
    people = _launch(api, draft)
    _open(page, draft, "tracking")
    expect(_tile(page, "Failed")).to_have_text(f"Failed {people}", timeout=SENT_WITHIN)
    expect(page.get_by_text("Completed").first).to_be_visible(timeout=SENT_WITHIN)
    codes = _codes(clarion) - known
    again, left = codes[NOT_REGISTERED], codes[FILTERED]
    assert again + left == people
    assert min(again, left) > 0
    no_fault(page)

    sandbox(error_codes={})
    page.get_by_role("button", name="Retry failed").click()
    dialog = page.get_by_role("dialog", name="Retry failed messages")
    expect(dialog.get_by_text(f"Send {again} of {people} failed messages again.")).to_be_visible()
    sent_again = dialog.get_by_role("region", name="Sent again")
    expect(sent_again).to_contain_text("The sender number is not registered")
    stay = dialog.get_by_role("region", name=f"Left as they are: {left}")
    expect(stay).to_contain_text("The carrier filtered the message out")
    no_fault(page)
    shoot("retry")
    dialog.get_by_role("button", name=f"Send {again} again").click()

    expect(dialog).to_be_hidden()
    expect(_tile(page, "Delivered")).to_have_text(f"Delivered {again}", timeout=SENT_WITHIN)
    expect(_tile(page, "Failed")).to_have_text(f"Failed {left}")
    expect(_tile(page, "Pending")).to_have_text("Pending 0")
    expect(page.get_by_text("Completed").first).to_be_visible(timeout=SENT_WITHIN)
    page.get_by_role("button", name="Retry failed").click()
    expect(dialog).to_contain_text("None of the failed messages is safe to send again.")


def _codes(clarion: RunningClarion) -> Counter[str]:
    """How often the sandbox has failed a message with each code, by its own list."""
    listed = httpx.get(f"{clarion.sandbox_url}/sandbox/messages?limit=100000", timeout=20).json()
    return Counter(str(each["error_code"]) for each in listed["messages"])


def test_a_message_tells_its_story_attempt_by_attempt(
    page: Page, api: httpx.Client, sandbox: Callable[..., None], shoot: Shoot
) -> None:
    sandbox(error_codes={NOT_REGISTERED: 1})
    draft = _draft(api, "Twice", "NV", rules={"stop_at_failure_rate": None})
    people = _launch(api, draft)
    _open(page, draft, "tracking")
    expect(_tile(page, "Failed")).to_have_text(f"Failed {people}", timeout=SENT_WITHIN)
    sandbox(error_codes={})
    retry = f"/api/v1/broadcasts/{draft['id']}/retry-failed"
    api.post(retry, json={"expected": people}).raise_for_status()
    expect(_tile(page, "Delivered")).to_have_text(f"Delivered {people}", timeout=SENT_WITHIN)

    row = page.get_by_role("table", name="Messages").get_by_role("row").nth(1)
    expect(row).to_contain_text("Delivered")
    opener = row.get_by_role("button", name=re.compile("what happened to this message"))
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="What happened to this message")
    lines = dialog.get_by_role("region", name="What happened").get_by_role("listitem")
    expect(lines.last).to_contain_text("Delivered")
    told = lines.all_inner_texts()
    order = ["Handed to the sandbox", "Not delivered", "Tried again", "Delivered"]
    places = [next(at for at, line in enumerate(told) if words in line) for words in order]
    assert places == sorted(places), told
    failure = lines.filter(has_text="Not delivered")
    expect(failure).to_contain_text("the sender number is not registered")
    expect(failure).to_contain_text(f"({NOT_REGISTERED})")
    expect(dialog.get_by_text("Your quote is ready.")).to_be_visible()
    dialog.get_by_text("Details for the provider").click()
    expect(dialog.get_by_text(re.compile("the sandbox calls it SM")).first).to_be_visible()
    no_fault(page)
    shoot("story")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_broadcast_whose_time_was_missed_asks_whether_it_is_still_to_be_sent(
    page: Page, api: httpx.Client, clarion: RunningClarion, hours: None, shoot: Shoot
) -> None:
    # Whenever this is run, what is resumed may leave at once.
    _set_hours(api, "00:00", "23:59")
    draft = _draft(
        api,
        "Nobody was there",
        "TX",
        rules={"late_policy": "ask"},
        send_mode="later",
        scheduled_for=f"{_tomorrow()}T15:00:00",
        time_zone=CHICAGO,
    )
    people = _launch(api, draft)
    _open(page, draft, "tracking")
    expect(page.get_by_role("region", name="Since you scheduled")).to_be_visible()
    planned = "set scheduled_at = now() - interval '70 minutes'"
    _run_sql(clarion, f"update broadcast.broadcast_steps {planned} where broadcast_id = %s", draft)
    _run_sql(
        clarion,
        f"update broadcast.queue_jobs j {planned} from broadcast.broadcast_steps s"
        " where s.broadcast_id = %s and j.payload ->> 'step_id' = s.id::text",
        draft,
    )
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("It did not start at its time", timeout=SENT_WITHIN)
    expect(alert).to_contain_text("was missed by 1 hour because Clarion was not running")
    expect(alert).to_contain_text(f"{people} messages wait.")
    no_fault(page)
    shoot("missed")
    alert.get_by_role("button", name="Resume").click()
    expect(_tile(page, "Delivered")).to_have_text(f"Delivered {people}", timeout=SENT_WITHIN)


@pytest.mark.parametrize(
    ("code", "title", "advice"),
    [
        (LANDLINE, "Too many messages failed", "Then resume it, or cancel it"),
        (NOT_REGISTERED, "Something must be mended first", "Finish the registration"),
    ],
)
def test_a_broadcast_that_stopped_by_itself_says_why_and_goes_on_when_resumed(
    page: Page,
    api: httpx.Client,
    sandbox: Callable[..., None],
    shoot: Shoot,
    code: str,
    title: str,
    advice: str,
) -> None:
    sandbox(error_codes={code: 1})
    draft = _draft(api, "It stops", rules={"max_per_minute": 1_200})
    _launch(api, draft)
    _open(page, draft, "tracking")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(title, timeout=SENT_WITHIN)
    expect(alert).to_contain_text("Stopped by itself: ")
    expect(alert).to_contain_text(f"({code})")
    expect(alert).to_contain_text(advice)
    expect(page.get_by_role("button", name="Resume")).to_have_count(1)
    no_fault(page)
    shoot("stopped")
    sandbox(error_codes={})
    alert.get_by_role("button", name="Resume").click()
    expect(alert).to_have_count(0)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(_tile(page, "Delivered")).not_to_have_text("Delivered 0")
    api.post(f"/api/v1/broadcasts/{draft['id']}/cancel").raise_for_status()


def test_why_nothing_leaves_outside_of_the_sending_hours_is_said(
    page: Page, api: httpx.Client, clarion: RunningClarion, hours: None, shoot: Shoot
) -> None:
    draft = _draft(api, "Waits for the morning", rules={"max_per_minute": 30})
    _launch(api, draft)
    _open(page, draft, "tracking")
    expect(_tile(page, "Delivered")).not_to_have_text("Delivered 0")
    # Planned three hours ago, and now it is outside of the hours.
    _run_sql(
        clarion,
        "update broadcast.broadcast_steps set scheduled_at = now() - interval '3 hours'"
        " where broadcast_id = %s",
        draft,
    )
    is_morning = datetime.now(UTC).astimezone(ZoneInfo(CHICAGO)).hour < 12
    _set_hours(api, *(("18:00", "19:00") if is_morning else ("05:00", "06:00")))
    note = page.get_by_text(re.compile("^Outside of the sending hours"))
    expect(note).to_contain_text("It goes on at")
    no_fault(page)
    shoot("waiting")
    api.post(f"/api/v1/broadcasts/{draft['id']}/cancel").raise_for_status()


def test_the_sending_hours_are_changed_in_the_settings(
    page: Page, api: httpx.Client, hours: None, shoot: Shoot
) -> None:
    expect(page.get_by_role("heading", name="Broadcasts", level=1)).to_be_visible()
    navigation = page.get_by_role("button", name="Open navigation")
    if navigation.is_visible():
        navigation.click()
    page.get_by_role("link", name="Settings").click()
    form = page.get_by_role("form", name="Sending hours")
    expect(form.get_by_role("status")).to_have_text("Saved")
    form.get_by_label("Until").fill("07:00")
    expect(form.get_by_text("It must be later than the beginning")).to_be_visible()
    expect(form.get_by_role("button", name="Save")).to_be_disabled()
    no_fault(page)
    form.get_by_label("From").fill("09:30")
    form.get_by_label("Until").fill("18:00")
    expect(form.get_by_text(re.compile("^Messages leave from 09:30 until 18:00"))).to_be_visible()
    no_fault(page)
    shoot("hours")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("status")).to_have_text("Saved")
    saved = api.get("/api/v1/workspace").json()
    assert (saved["sending_from"], saved["sending_until"]) == ("09:30", "18:00")

    page.reload()
    expect(form.get_by_label("From")).to_have_value("09:30")
    form.get_by_role("radio", name="At any hour").check()
    expect(form.get_by_label("From")).to_be_disabled()
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("status")).to_have_text("Saved")
    assert api.get("/api/v1/workspace").json()["sending_from"] is None
