"""The calendar in real Chromium: steps are dragged by mouse and by keyboard, and moved on a phone.

With CLARION_SCREENSHOTS=folder it leaves pictures there (script/screenshots).
"""

from __future__ import annotations

import os
import re
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

CHICAGO = "America/Chicago"
WIDE = {"width": 1440, "height": 1000}

Shoot = Callable[[str], None]


@pytest.fixture(scope="module")
def clarion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClarion]:
    with running_clarion(tmp_path_factory.mktemp("calendar"), sample=40) as running:
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
def page(browser: Browser, clarion: RunningClarion) -> Iterator[Page]:
    """Signed in; in the end the console must not have complained."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # That somebody else was faster is told on the screen, too.
        if message.type == "error" and "409 (Conflict)" not in message.text:
            complaints.append(f"{message.text} {message.location.get('url', '')}")

    context = browser.new_context(
        viewport={"width": WIDE["width"], "height": WIDE["height"]},
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

    def take(picture: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"calendar-{picture}.png")

    return take


#: In the middle of next month, so that all days of the walk stand in one month.
TODAY = datetime.now(ZoneInfo(CHICAGO)).date()
NEXT_MONTH = (TODAY.replace(day=1) + timedelta(days=31)).replace(day=1)


def day(number: int) -> date:
    return NEXT_MONTH.replace(day=number)


def said(when: date) -> str:
    """Fri 27 Nov, with the year when it is not this one."""
    year = "" if when.year == TODAY.year else f" {when.year}"
    return f"{when:%a} {when.day} {when:%b}{year}"


def make(
    api: httpx.Client,
    name: str,
    on: date,
    hour: str = "10:00",
    *,
    steps: int = 1,
    kind: str = "sms",
) -> Any:
    made = api.post("/api/v1/broadcasts", json={"name": name, "broadcast_type": kind}).json()
    path = f"/api/v1/broadcasts/{made['id']}"
    for place in range(steps):
        if place:
            made = api.post(f"{path}/steps", json={"version": made["version"]}).json()
        change = {"version": made["version"], "body": "Your roof check is due."}
        if place == 0:
            change |= {"send_mode": "later", "scheduled_for": f"{on}T{hour}:00"}
        step = made["steps"][place]["id"]
        made = api.patch(f"{path}/steps/{step}", json=change).raise_for_status().json()
    return made


def times(api: httpx.Client, broadcast: Any) -> list[str]:
    """What clocks show when each of its steps is due."""
    found = api.get(f"/api/v1/broadcasts/{broadcast['id']}").json()
    return [step["due_for"] for step in found["steps"]]


def launch(api: httpx.Client, broadcast: Any) -> None:
    path = f"/api/v1/broadcasts/{broadcast['id']}"
    outlook = api.get(f"{path}/outlook").json()
    assert outlook["problems"] == []
    told = {"version": outlook["version"], "expected_recipients": outlook["will_send"]}
    api.post(f"{path}/launch", json=told).raise_for_status()


def cell(page: Page, on: date, hour: int | None = None) -> Locator:
    at = "" if hour is None else f'[data-hour="{hour}"]'
    return page.locator(f'td[data-date="{on}"]{at}')


def drag(page: Page, what: Locator, onto: Locator) -> None:
    onto.scroll_into_view_if_needed()
    what.scroll_into_view_if_needed()
    start, end = what.bounding_box(), onto.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 20, start["y"] + 20)
    page.mouse.down()
    page.mouse.move(start["x"] + 30, start["y"] + 30, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=8)
    expect(onto).to_have_attribute("data-over", "true")
    page.mouse.up()


def test_steps_are_moved_by_mouse_by_keyboard_and_on_a_phone(
    page: Page, api: httpx.Client, shoot: Shoot
) -> None:
    spring = make(api, "Spring offer", day(14), steps=2)
    winter = make(api, "Winter tyres", day(16))
    early = make(api, "Early birds", day(20), "05:30", kind="email")
    coming = make(api, "Roof checks", day(22), kind="sms")
    launch(api, coming)
    # The second step goes out a day after the first.
    assert times(api, spring) == [f"{day(14)}T10:00:00", f"{day(15)}T10:00:00"]

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Calendar").click()
    month = page.get_by_role("table", name="Month")
    expect(month.locator("[aria-current=date]")).to_contain_text("Today")
    # Weeks begin on a Sunday where this language is spoken.
    expect(month.get_by_role("columnheader").first).to_have_text("SunSunday")
    page.get_by_role("button", name="Next month").click()
    expect(page.get_by_role("heading", name=f"{NEXT_MONTH:%B %Y}")).to_be_visible()
    expect(cell(page, day(14)).get_by_role("listitem")).to_contain_text("10:00Spring offer")
    expect(cell(page, day(20))).to_contain_text("Outside sending hours")
    expect(cell(page, day(22))).to_contain_text(re.compile(r"Scheduled · \d+ people"))
    no_fault(page)
    shoot("month-wide")

    # By mouse: the first step, and the second counts its days from it.
    drag(page, cell(page, day(14)).get_by_role("listitem"), cell(page, day(16)))
    moved = page.get_by_role("alert").filter(has_text="Spring offer")
    expect(moved).to_contain_text(f"Spring offer, Step 1 is now on {said(day(16))} 10:00.")
    expect(moved).to_contain_text("1 later step has moved along.")
    assert times(api, spring) == [f"{day(16)}T10:00:00", f"{day(17)}T10:00:00"]
    warnings = page.get_by_role("region", name="2 warnings")
    expect(warnings).to_contain_text("by SMS: “Winter tyres” at 10:00.")
    expect(warnings).to_contain_text("05:30 (America/Chicago) is outside the sending hours")
    no_fault(page)
    shoot("conflict-wide")
    moved.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("alert").filter(has_text="is back on")).to_be_visible()
    assert times(api, spring) == [f"{day(14)}T10:00:00", f"{day(15)}T10:00:00"]

    # By keyboard: a week and a day later, and each day is said.
    page.get_by_role("button", name="Move Winter tyres").focus()
    page.keyboard.press("Space")
    spoken = page.get_by_role("status").filter(has_text="Winter tyres")
    expect(spoken).to_contain_text(f"Winter tyres picked up from {said(day(16))} 10:00.")
    page.keyboard.press("ArrowDown")
    expect(spoken).to_contain_text(f"Winter tyres would go to {said(day(23))} 10:00.")
    page.keyboard.press("ArrowRight")
    expect(spoken).to_contain_text(f"Winter tyres would go to {said(day(24))} 10:00.")
    page.keyboard.press("Space")
    expect(cell(page, day(24))).to_contain_text("Winter tyres")
    expect(page.get_by_role("alert").filter(has_text="Winter tyres is now on")).to_be_visible()
    assert times(api, winter) == [f"{day(24)}T10:00:00"]

    # What was launched moves after a last look.
    drag(page, cell(page, day(22)).get_by_role("listitem"), cell(page, day(21)))
    asked = page.get_by_role("dialog", name="Move Roof checks")
    expect(asked.get_by_role("listitem")).to_contain_text(
        f"Step 1 goes out on {day(21):%a} {day(21).day} {day(21):%b} at 10:00"
    )
    no_fault(page)
    shoot("launched-wide")
    assert times(api, coming) == [f"{day(22)}T10:00:00"]
    asked.get_by_role("button", name=f"Move to {said(day(21))} 10:00").click()
    expect(cell(page, day(21))).to_contain_text("Roof checks")
    expect(asked).to_be_hidden()
    # It stands where it was put while it is saved.
    expect(page.get_by_role("alert").filter(has_text="Roof checks is now on")).to_be_visible()
    assert times(api, coming) == [f"{day(21)}T10:00:00"]

    # In the week: to another day and hour.
    cell(page, day(20)).get_by_role("button", name=re.compile("show the week")).click()
    week = page.get_by_role("table", name="Week")
    expect(week).to_be_visible()
    drag(page, cell(page, day(20), 5).get_by_role("listitem"), cell(page, day(20), 9))
    expect(page.get_by_role("alert").filter(has_text="Early birds is now on")).to_be_visible()
    assert times(api, early) == [f"{day(20)}T09:30:00"]
    no_fault(page)
    shoot("week-wide")

    # Somebody else was faster: it says so, and shows what there is now.
    held = api.get(f"/api/v1/broadcasts/{early['id']}").json()
    address = f"/api/v1/broadcasts/{early['id']}/steps/{held['steps'][0]['id']}"
    other = {"version": held["version"], "scheduled_for": f"{day(20)}T14:00:00"}
    api.patch(address, json=other).raise_for_status()
    drag(page, cell(page, day(20), 9).get_by_role("listitem"), cell(page, day(20), 11))
    refused = page.get_by_role("alert").filter(has_text="Early birds was not moved.")
    expect(refused).to_contain_text("changed elsewhere")
    expect(cell(page, day(20), 14)).to_contain_text("Early birds")

    # On a phone: days one after the other, and a form instead of a drag.
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{page.url.split('?')[0]}?date={NEXT_MONTH}")
    on_day = page.get_by_role("region", name=said(day(24)))
    expect(on_day).to_contain_text("Winter tyres")
    no_fault(page)
    shoot("phone")
    on_day.get_by_role("button", name="Move Winter tyres").click()
    form = page.get_by_role("dialog", name="Move Winter tyres")
    form.get_by_label("Date").fill(f"{day(25)}")
    form.get_by_label("Date").press("Tab")
    form.get_by_label("Time").fill("16:45")
    no_fault(page)
    shoot("phone-move")
    form.get_by_role("button", name=f"Move to {said(day(25))} 16:45").click()
    expect(page.get_by_role("region", name=said(day(25)))).to_contain_text("16:45Winter tyres")
    expect(page.get_by_role("alert").filter(has_text="Winter tyres is now on")).to_be_visible()
    assert times(api, winter) == [f"{day(25)}T16:45:00"]
    page.set_viewport_size({"width": 320, "height": 640})
    no_fault(page)
    page.get_by_role("link", name="Winter tyres").click()
    expect(page.get_by_role("heading", name="Schedule Your Broadcast", level=1)).to_be_visible()
    expect(page.get_by_label("Time", exact=True)).to_have_value("16:45")
