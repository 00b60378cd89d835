"""A newcomer's walk in real Chromium: from the sign-in link to Tracking with the right numbers.

With CLARION_SCREENSHOTS=folder it leaves a picture of every step there (script/screenshots).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from support.browser import chromium
from support.processes import RunningClarion, running_clarion

CONTACTS = 2_400

#: A broadcast of this size takes a while on a busy machine; nothing waits longer than it must.
SENT_WITHIN = 120_000

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

Shoot = Callable[[str], None]


@pytest.fixture(scope="module")
def clarion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClarion]:
    with running_clarion(
        tmp_path_factory.mktemp("browser"),
        sample=CONTACTS,
        SANDBOX__RATE_PER_SECOND="150",
        SANDBOX__LATENCY_MS="5",
        SANDBOX__CALLBACK_DELAY_MS="400",
        SANDBOX__FAILURE_RATE="0.05",
    ) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def _numbers_are_checked(clarion: RunningClarion) -> None:
    """The worker has looked at the new contacts' numbers; then nothing moves by itself."""
    with clarion.client() as api:
        for _ in range(200):
            answer = api.post(
                "/api/v1/audience/count", json={"filter": {"match": "all", "conditions": []}}
            ).json()
            reasons = [each["reason"] for each in answer["sms"]["left_out"]]
            fields = api.get("/api/v1/audience/fields").json()["fields"]
            if "unchecked_phone" not in reasons and len(fields) > 10:
                return
    raise AssertionError("the numbers of the sample contacts were not checked")


def _open(
    browser: Browser, clarion: RunningClarion, viewport: dict[str, int]
) -> tuple[Page, list[str]]:
    """A page signed in by a fresh link, and what its console complains of."""
    _numbers_are_checked(clarion)
    context = browser.new_context(
        viewport={"width": viewport["width"], "height": viewport["height"]},
        reduced_motion="reduce",
        locale="en-US",
        timezone_id="America/Chicago",
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def listen(message: ConsoleMessage) -> None:
        # A date in the past is refused by the server, and the browser notes the answer.
        if message.type == "error" and "422" not in message.text:
            complaints.append(f"{message.text} {message.location.get('url', '')}")

    page.on("console", listen)
    page.goto(clarion.command("token", "--link").strip())
    page.wait_for_url("**/broadcasts**")
    return page, complaints


def _camera(page: Page, tag: str) -> Shoot:
    folder = os.environ.get("CLARION_SCREENSHOTS")

    def shoot(name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{name}-{tag}.png")

    return shoot


def _number(text: str | None) -> int:
    found = re.search(r"[\d,]+", text or "")
    assert found is not None, text
    return int(found[0].replace(",", ""))


def _no_sideways_scroll(page: Page) -> None:
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"] if page.viewport_size else False


def _continue(page: Page, to: str) -> None:
    page.get_by_role("link", name=f"Continue to {to}").click()
    expect(page.get_by_role("heading", name=to, level=1)).to_be_visible()


def _begin(page: Page, name: str, shoot: Shoot) -> None:
    shoot("broadcasts")
    page.get_by_role("button", name="New broadcast").first.click()
    expect(page.get_by_role("heading", name="Select Broadcast Type", level=1)).to_be_visible()
    expect(page.get_by_role("radio", name="SMS", exact=True)).to_be_checked()
    expect(page.get_by_role("radio", name="Email", exact=True)).to_be_enabled()
    page.get_by_role("textbox", name="Name").fill(name)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    shoot("type")


def _filter_texas_and_florida(page: Page) -> None:
    page.get_by_role("combobox", name="Add a condition").fill("State")
    page.get_by_role("option", name=re.compile("^State\\b")).click()
    condition = page.get_by_role("group", name="Condition: State")
    condition.get_by_role("combobox", name="Operator").click()
    page.get_by_role("option", name="is one of").click()
    value = condition.get_by_role("combobox", name="Value")
    for state in ("TX", "FL"):
        value.fill(state)
        page.get_by_role("option", name=re.compile(rf"^{state}\b")).click()
    value.press("Escape")


def _insert_first_name(page: Page) -> None:
    page.get_by_role("button", name="Insert field").click()
    dialog = page.get_by_role("dialog", name="Insert field")
    dialog.get_by_role("combobox", name="Field").fill("First name")
    page.get_by_role("option", name=re.compile("^First name\\b")).click()
    dialog.get_by_role("textbox", name="If it is missing, write").fill("there")
    dialog.get_by_role("button", name="Insert", exact=True).click()


def _tile(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"^{name} [\d,]+"))


def _tile_number(page: Page, name: str) -> int:
    return _number(_tile(page, name).get_attribute("aria-label") or _tile(page, name).inner_text())


def _summary(clarion: RunningClarion) -> Any:
    return httpx.get(f"{clarion.sandbox_url}/sandbox/summary", timeout=20).json()


def _expected_texans_and_floridians(clarion: RunningClarion) -> int:
    """Counted another way than Clarion counts: straight from the table, in plain SQL."""
    dsn = (clarion.folder / ".clarion" / "database-url").read_text("utf-8")
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "select count(*) from public.contacts where metadata ->> 'state' in ('TX', 'FL')"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_the_whole_wizard_ends_on_tracking_with_the_providers_numbers(
    browser: Browser, clarion: RunningClarion
) -> None:
    page, complaints = _open(browser, clarion, WIDE)
    shoot = _camera(page, "wide")
    before = _summary(clarion)
    _begin(page, "Solar follow-up, Texas and Florida", shoot)

    _continue(page, "Select Your Audience")
    matched = page.get_by_test_id("matched")
    expect(matched).to_have_text(re.compile(r"2,400\s*of 2,400 contacts match"))
    _filter_texas_and_florida(page)
    expected = _expected_texans_and_floridians(clarion)
    expect(matched).to_have_text(re.compile(rf"{expected:,}\s*of 2,400 contacts match"))
    expect(page.get_by_text("State is TX or FL")).to_be_visible()
    shoot("audience")

    # Nobody presses anything: the number follows the contacts.
    _add_texan(clarion)
    expect(matched).to_have_text(re.compile(rf"{expected + 1:,}\s*of 2,401 contacts match"))

    _continue(page, "Estimated Audience")
    reachable = _number(
        page.get_by_role("button", name=re.compile("^Reachable by SMS")).inner_text()
    )
    assert 0 < reachable < expected
    shoot("estimate")
    page.get_by_role("button", name=re.compile("^Opted out")).click()
    people = page.get_by_role("dialog").get_by_role("table", name="People")
    expect(people.get_by_role("row").nth(1)).to_be_visible()
    shoot("left-out")
    page.keyboard.press("Escape")

    _continue(page, "Compose")
    message = page.get_by_role("textbox", name="Message")
    message.fill("Hi ")
    _insert_first_name(page)
    message.press("End")
    message.press_sequentially(", your {{ metadata.product }} quote is ready. Reply STOP to end.")
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("quote is ready")
    first = preview.inner_text()
    page.get_by_role("button", name="Next recipient").click()
    expect(preview).not_to_have_text(first)
    rail = page.get_by_role("complementary", name="What will happen")
    expect(rail).to_contain_text("$")
    shoot("compose")

    _continue(page, "Schedule Your Broadcast")
    shoot("schedule")
    page.get_by_role("radio", name="Schedule for later").click()
    page.get_by_label("Date").fill("2020-01-15")
    page.get_by_label("Date").press("Tab")
    page.get_by_label("Time", exact=True).fill("09:00")
    page.get_by_label("Time", exact=True).press("Tab")
    expect(page.get_by_role("alert").first).to_contain_text("passed")
    page.get_by_role("radio", name="Send immediately").click()

    _continue(page, "Review")
    send = page.get_by_role("button", name=f"Send {reachable:,} SMS now")
    expect(send).to_be_enabled()
    shoot("review")
    send.click()

    page.wait_for_url("**/tracking**")
    expect(_tile(page, "Recipients")).to_have_text(re.compile(f"{reachable:,}"))
    expect(_tile(page, "Delivered")).not_to_have_text(re.compile(r"^\D*0\D*$"))
    shoot("tracking")
    expect(page.get_by_text("Completed").first).to_be_visible(timeout=SENT_WITHIN)
    expect(_tile(page, "Pending")).to_have_text(re.compile(r"^\D*0\D*$"), timeout=SENT_WITHIN)
    expect(_tile(page, "On the way")).to_have_count(0, timeout=SENT_WITHIN)
    shoot("tracking-completed")

    after = _summary(clarion)
    delivered = after["statuses"]["delivered"] - before["statuses"].get("delivered", 0)
    failed = after["statuses"]["undelivered"] - before["statuses"].get("undelivered", 0)
    assert delivered + failed == reachable
    expect(_tile(page, "Delivered")).to_have_text(f"Delivered {delivered:,}")
    expect(_tile(page, "Failed")).to_have_text(f"Failed {failed:,}")

    _tile(page, "Failed").click()
    messages = page.get_by_role("table", name="Messages")
    expect(messages.get_by_role("row").nth(1)).to_contain_text("Failed")
    shoot("tracking-failed")

    page.get_by_role("button", name="Use dark colours").click()
    page.get_by_role("button", name="Use light colours").wait_for()
    page.evaluate("window.scrollTo(0, 0)")
    shoot("tracking-dark")
    page.get_by_role("link", name="Select Your Audience").click()
    expect(page.get_by_role("heading", name="Select Your Audience", level=1)).to_be_visible()
    expect(page.get_by_role("table", name="Matched contacts")).to_be_visible()
    shoot("audience-dark")
    assert complaints == []


def test_the_same_walk_at_phone_width_repeats_a_large_number_before_it_sends(
    browser: Browser, clarion: RunningClarion
) -> None:
    page, complaints = _open(browser, clarion, PHONE)
    shoot = _camera(page, "phone")
    _begin(page, "Everybody", shoot)
    _no_sideways_scroll(page)
    for step, picture in (
        ("Select Your Audience", "audience"),
        ("Estimated Audience", "estimate"),
        ("Compose", "compose"),
    ):
        _continue(page, step)
        _no_sideways_scroll(page)
        if step == "Compose":
            page.get_by_role("textbox", name="Message").fill("We are closed on Thursday.")
            expect(page.get_by_role("region", name="Preview")).to_contain_text("closed on Thursday")
        shoot(picture)
    _continue(page, "Schedule Your Broadcast")
    _no_sideways_scroll(page)
    shoot("schedule")
    _continue(page, "Review")
    _no_sideways_scroll(page)
    button = page.get_by_role("button", name=re.compile(r"^Send [\d,]+ SMS now$"))
    expect(button).to_be_enabled()
    number = _number(button.inner_text())
    assert number > 1_000
    shoot("review")
    button.click()
    dialog = page.get_by_role("dialog")
    confirm = dialog.get_by_role("button", name=re.compile(r"^Send [\d,]+ SMS now$"))
    expect(confirm).to_be_disabled()
    shoot("confirm")
    dialog.get_by_role("textbox").fill(str(number))
    confirm.click()

    page.wait_for_url("**/tracking**")
    expect(_tile(page, "Recipients")).to_have_text(re.compile(f"{number:,}"))
    _no_sideways_scroll(page)
    shoot("tracking")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    shoot("paused")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    cancel = page.get_by_role("button", name=re.compile(r"^Cancel the [\d,]+ messages"))
    expect(cancel).to_be_disabled()
    page.get_by_role("dialog").get_by_role("textbox").fill(str(_number(cancel.inner_text())))
    shoot("cancel")
    cancel.click()
    expect(page.get_by_text("Cancelled").first).to_be_visible()
    expect(_tile(page, "Pending")).to_have_text(re.compile(r"^\D*0\D*$"))
    assert complaints == []


def _add_texan(clarion: RunningClarion) -> None:
    dsn = (clarion.folder / ".clarion" / "database-url").read_text("utf-8")
    with psycopg.connect(dsn) as connection:
        connection.execute(
            """
            insert into public.contacts (first_name, phone_number, metadata)
            values ('Newcomer', null, '{"state": "TX"}')
            """
        )
