"""A sequence of SMS and emails in real Chromium: made, dragged, scheduled, changed while it runs.

With CLARION_SCREENSHOTS=folder it leaves pictures there (script/screenshots).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from support.accessible import no_fault
from support.browser import chromium
from support.processes import RunningClarion, running_clarion

CONTACTS = 400
CHICAGO = "America/Chicago"

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 320, "height": 640}

Shoot = Callable[[str], None]


@pytest.fixture(scope="module")
def clarion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClarion]:
    with running_clarion(tmp_path_factory.mktemp("sequence"), sample=CONTACTS) as running:
        _numbers_are_checked(running)
        yield running


@pytest.fixture(scope="module")
def api(clarion: RunningClarion) -> Iterator[httpx.Client]:
    with clarion.client() as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(
    request: pytest.FixtureRequest, browser: Browser, clarion: RunningClarion
) -> Iterator[Page]:
    """Signed in; in the end the console must not have complained."""
    viewport: dict[str, int] = getattr(request, "param", WIDE)
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} {message.location.get('url', '')}")

    context = browser.new_context(
        viewport={"width": viewport["width"], "height": viewport["height"]},
        reduced_motion="reduce",
        locale="en-US",
        timezone_id=CHICAGO,
    )
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", listen)
    opened.goto(clarion.command("token", "--link").strip().splitlines()[-1])
    opened.wait_for_url("**/broadcasts**")
    yield opened
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


def _numbers_are_checked(clarion: RunningClarion) -> None:
    """Then nothing moves by itself."""
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


def _in_days(days: int) -> date:
    return (datetime.now(ZoneInfo(CHICAGO)) + timedelta(days=days)).date()


def _said(day: date) -> str:
    """Fri 27 Nov"""
    return f"{day:%a} {day.day} {day:%b}"


def _broadcast(page: Page, api: httpx.Client) -> Any:
    found = re.search(r"/broadcasts/([^/]+)/", page.url)
    assert found is not None
    return api.get(f"/api/v1/broadcasts/{found[1]}").json()


def _saved(page: Page) -> None:
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def _continue(page: Page, to: str) -> None:
    page.get_by_role("link", name=f"Continue to {to}").click()
    expect(page.get_by_role("heading", name=to, level=1)).to_be_visible()


def _write_email(page: Page, subject: str, html: str) -> None:
    part = page.get_by_role("region", name="Email", exact=True)
    part.get_by_role("textbox", name="Subject").fill(subject)
    part.get_by_role("button", name=re.compile("HTML")).click()
    part.get_by_role("textbox", name="HTML of the email").fill(html)


def _steps(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Steps of the sequence").get_by_role("link")


def _choose_channel(page: Page, name: str) -> None:
    page.get_by_role("radiogroup", name="Channel").get_by_text(name, exact=True).click()
    expect(page.get_by_role("radio", name=name, exact=True)).to_be_checked()


def _compose_three_steps(page: Page) -> None:
    page.get_by_role("textbox", name="Message").fill("Your roof check is due.")
    _write_email(page, "Your roof check", "<p>Your roof check is due.</p>")
    page.get_by_role("button", name="Add a step").click()
    expect(_steps(page)).to_have_count(2)
    expect(_steps(page).nth(1)).to_have_attribute("aria-current", "page")
    page.get_by_role("textbox", name="Name of the step").fill("Reminder")
    _choose_channel(page, "SMS")
    page.get_by_role("textbox", name="Message").fill("There is still time to book.")
    expect(page.get_by_role("region", name="Email", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Duplicate").click()
    expect(_steps(page)).to_have_count(3)
    expect(_steps(page).nth(2)).to_have_attribute("aria-current", "page")
    page.get_by_role("textbox", name="Name of the step").fill("Last call")
    _choose_channel(page, "Both")
    page.get_by_role("radio", name=re.compile("^One first")).check()
    expect(
        page.get_by_text("Email first, SMS if that fails or gets no reaction in 24 hours.")
    ).to_be_visible()
    _write_email(page, "Last call", "<p>Last call.</p>")
    _saved(page)


def _rows(page: Page) -> list[str]:
    """What stands at the handles, from top to bottom."""
    handles = page.get_by_role("region", name="Sequence").get_by_role(
        "button", name=re.compile("^Move Step")
    )
    return [each.get_attribute("aria-label") or "" for each in handles.all()]


def _drag_onto(page: Page, handle: Locator, target: Locator) -> None:
    # Both in sight, and neither so near to an edge that the page scrolls by itself.
    page.get_by_role("heading", name="3 steps").evaluate("each => each.scrollIntoView()")
    start, end = handle.bounding_box(), target.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + 20, start["y"] - 20, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=8)
    expect(target).to_have_attribute("data-over", "true")
    page.mouse.up()


def test_a_sequence_is_made_by_keyboard_and_by_drag_and_changed_while_it_runs(
    page: Page, api: httpx.Client, shoot: Shoot
) -> None:
    begins = _in_days(2)
    page.get_by_role("button", name="New broadcast").first.click()
    page.get_by_role("radio", name="SMS & Email", exact=True).check()
    page.get_by_role("textbox", name="Name").fill("Roof checks")
    _saved(page)
    no_fault(page)

    _continue(page, "Select Your Audience")
    _continue(page, "Estimated Audience")
    either = page.get_by_role("button", name=re.compile("^Reached by either"))
    expect(either).to_be_visible()
    outlook = api.get(f"/api/v1/broadcasts/{_broadcast(page, api)['id']}/outlook").json()
    people = outlook["will_send"]
    by_channel = {each["channel"]: each["reachable"] for each in outlook["channels"]}
    assert max(by_channel.values()) < people <= CONTACTS
    expect(either).to_contain_text(f"{people}")
    either.click()
    reached = page.get_by_role("dialog", name="Reached by either")
    expect(reached.get_by_role("table", name="People").get_by_role("row").nth(1)).to_be_visible()
    reached.get_by_label("Reached by").select_option("Reached only by email")
    expect(page.get_by_role("dialog", name="Reached only by email")).to_be_visible()
    no_fault(page)
    page.keyboard.press("Escape")

    _continue(page, "Compose")
    _compose_three_steps(page)
    no_fault(page)
    shoot("sequence-compose")

    _continue(page, "Schedule Your Broadcast")
    page.get_by_role("radio", name="Schedule for later").check()
    page.get_by_label("Date").fill(f"{begins}")
    page.get_by_label("Date").press("Tab")
    timeline = page.get_by_role("region", name="Sequence")
    expect(timeline.get_by_role("table", name="Calendar of the sequence")).to_be_visible()
    _saved(page)
    # Nothing moves any more.
    expect(page.get_by_role("complementary")).to_contain_text("Ready to review and send")
    expect(page.locator("[data-stale]")).to_have_count(0)
    assert _rows(page) == ["Move Step 1", "Move Step 2, Reminder", "Move Step 3, Last call"]

    # By drag: the last call goes out on day 7.
    day_7 = begins + timedelta(days=6)
    handle = timeline.get_by_role("button", name="Move Step 3, Last call")
    _drag_onto(page, handle, timeline.locator(f'td[data-date="{day_7}"]'))
    expect(timeline.get_by_role("heading", name="Day 7")).to_contain_text(_said(day_7))

    # By keyboard: the reminder a day later, and each way is said.
    reminder = timeline.get_by_role("button", name="Move Step 2, Reminder")
    reminder.focus()
    page.keyboard.press("Space")
    spoken = page.get_by_role("status").filter(has_text="Step 2, Reminder")
    expect(spoken).to_contain_text("Step 2, Reminder picked up.")
    page.keyboard.press("ArrowRight")
    expect(spoken).to_contain_text(f"would go to day 3, {_said(begins + timedelta(days=2))}")
    page.keyboard.press("Space")
    expect(timeline.get_by_role("heading", name="Day 3")).to_be_visible()

    # By keyboard, too: the last two change places, and the days stay.
    timeline.get_by_role("button", name="Move Step 3, Last call").focus()
    page.keyboard.press("Space")
    spoken = page.get_by_role("status").filter(has_text="Step 3, Last call")
    expect(spoken).to_contain_text("picked up")
    page.keyboard.press("ArrowUp")
    expect(spoken).to_contain_text("would go to place 2 of 3")
    page.keyboard.press("Space")
    expect(timeline.get_by_role("button", name="Move Step 2, Last call")).to_be_visible()
    expect(timeline.get_by_role("button", name="Move Step 3, Reminder")).to_be_visible()
    assert [step["day_number"] for step in _broadcast(page, api)["steps"]] == [None, 3, 7]

    timeline.get_by_role("button", name="Edit Step 3, Reminder").click()
    panel = page.get_by_role("dialog", name="Step 3, Reminder")
    panel.get_by_role("button", name="Add a condition").click()
    expect(panel.get_by_text("Only who has not replied to the step before.")).to_be_visible()
    panel.get_by_role("radio", name=re.compile("Each recipient.s own clock")).check()
    no_fault(page)
    shoot("sequence-step")
    panel.get_by_role("button", name="Done").click()
    expect(panel).to_be_hidden()
    _saved(page)
    expect(timeline.get_by_text("Only who has not replied to the step before.")).to_be_visible()
    expect(timeline.get_by_text(re.compile("on each recipient.s clock"))).to_be_visible()
    no_fault(page)
    shoot("sequence-schedule")

    _continue(page, "Review")
    steps = page.get_by_role("definition").filter(has_text="Step 3, Reminder")
    expect(steps).to_contain_text(re.compile(f"{_said(day_7)} 9:00 on each recipient.s clock"))
    schedule = page.get_by_role("button", name=f"Schedule 3 steps to {people} people")
    expect(schedule).to_be_enabled()
    no_fault(page)
    shoot("sequence-review")
    schedule.click()

    page.wait_for_url("**/tracking**")
    table = page.get_by_role("table", name="Steps")
    row = table.get_by_role("row").filter(has_text="Last call")
    expect(row).to_contain_text(_said(begins + timedelta(days=2)))
    row.get_by_role("button", name="Change Step 2, Last call").click()
    panel = page.get_by_role("dialog", name="Step 2, Last call")
    panel.get_by_role("textbox", name="Day", exact=True).fill("5")
    see = panel.get_by_role("button", name="See what changes")
    expect(see).to_be_enabled()
    see.click()
    moved = begins + timedelta(days=4)
    expect(panel.get_by_text(re.compile(r"^What changes for \d+ people$"))).to_be_visible()
    expect(panel.get_by_role("listitem")).to_have_text(
        re.compile(rf"^Step 2 \(Last call\) goes out on {_said(moved)} at 09:00")
    )
    no_fault(page)
    shoot("sequence-change")
    assert [step["day_number"] for step in _broadcast(page, api)["steps"]] == [None, 3, 7]
    panel.get_by_role("button", name="Save the change").click()
    expect(panel).to_be_hidden()
    expect(row).to_contain_text(_said(moved))
    assert [step["day_number"] for step in _broadcast(page, api)["steps"]] == [None, 5, 7]
    no_fault(page)
    shoot("sequence-tracking")

    # One more step while it runs, and one less; each says first what it comes to.
    page.get_by_role("button", name="Add a step").click()
    asked = page.get_by_role("dialog", name="Add a step")
    expect(asked).to_contain_text("a day after the last step")
    no_fault(page)
    asked.get_by_role("button", name="Add the step").click()
    panel = page.get_by_role("dialog", name="Step 4")
    expect(panel.get_by_role("textbox", name="Day", exact=True)).to_have_value("8")
    panel.get_by_role("button", name="Remove").click()
    asked = page.get_by_role("dialog", name="Remove Step 4")
    expect(asked.get_by_text(re.compile(r"^\d+ people still in the sequence"))).to_be_visible()
    no_fault(page)
    shoot("sequence-remove")
    assert [step["day_number"] for step in _broadcast(page, api)["steps"]] == [None, 5, 7, 8]
    asked.get_by_role("button", name="Remove step 4").click()
    expect(asked).to_be_hidden()
    expect(table.get_by_role("row")).to_have_count(4)
    assert [step["day_number"] for step in _broadcast(page, api)["steps"]] == [None, 5, 7]


def _sequence(api: httpx.Client) -> dict[str, Any]:
    made = api.post(
        "/api/v1/broadcasts", json={"name": "Roof checks", "broadcast_type": "sms_email"}
    ).json()
    path = f"/api/v1/broadcasts/{made['id']}"
    email = {"kind": "html", "html": "<p>Your roof check is due.</p>"}
    for place in range(3):
        if place > 0:
            made = api.post(f"{path}/steps", json={"version": made["version"]}).json()
        change = {
            "version": made["version"],
            "body": "Your roof check is due.",
            "subject": "Your roof check",
            "email": email,
        }
        where = f"{path}/steps/{made['steps'][place]['id']}"
        made = api.patch(where, json=change).raise_for_status().json()
    return dict(made)


@pytest.mark.parametrize(
    "page", [pytest.param(PHONE, id="phone"), pytest.param(SMALLEST, id="smallest")], indirect=True
)
def test_a_sequence_fits_a_phone_in_light_and_dark(
    page: Page, api: httpx.Client, shoot: Shoot
) -> None:
    made = _sequence(api)
    origin = re.match(r"https?://[^/]+", page.url)
    assert origin is not None
    for step, waits_for in (
        ("compose", "HTML of the email"),
        ("schedule", "Calendar of the sequence"),
        ("review", "Step 3"),
        (f"schedule?edit={made['steps'][1]['id']}", "On a day of the sequence"),
    ):
        page.goto(f"{origin[0]}/broadcasts/{made['id']}/{step}")
        shown = (
            page.get_by_label(waits_for)
            .or_(page.get_by_role("table", name=waits_for))
            .or_(page.get_by_text(waits_for, exact=True))
        )
        expect(shown.first).to_be_visible()
        expect(page.get_by_role("complementary")).not_to_contain_text("Counting")
        no_fault(page)
        shoot(f"sequence-{step.split('?')[0]}-{'panel' if '?' in step else 'page'}")
    page.keyboard.press("Escape")
    page.get_by_role("banner").get_by_role("button", name="Use dark colours").click()
    expect(page.get_by_role("table", name="Calendar of the sequence")).to_be_visible()
    no_fault(page)
