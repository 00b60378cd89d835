"""A segment in real Chromium: made from a filter, renamed, used, and kept from deletion."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from support.browser import chromium
from support.processes import RunningClarion, running_clarion

CONTACTS = 1_200

FIELDS_WITHIN = 30.0


@pytest.fixture(scope="module")
def clarion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClarion]:
    with running_clarion(tmp_path_factory.mktemp("segments"), sample=CONTACTS) as running:
        _wait_for_fields(running)
        yield running


@pytest.fixture
def complaints() -> list[str]:
    """What the console complains of."""
    return []


@pytest.fixture
def page(clarion: RunningClarion, complaints: list[str]) -> Iterator[Page]:
    def listen(message: ConsoleMessage) -> None:
        # A name that is taken is refused by the server, and the browser notes the answer.
        if message.type == "error" and "409" not in message.text:
            complaints.append(f"{message.text} {message.location.get('url', '')}")

    with chromium() as browser:
        page = browser.new_page(
            viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="en-US"
        )
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", listen)
        page.goto(clarion.command("token", "--link").strip())
        page.wait_for_url("**/broadcasts**")
        yield page


def _wait_for_fields(clarion: RunningClarion) -> None:
    """The fields of the sample contacts are known, so that a filter can name them."""
    deadline = time.monotonic() + FIELDS_WITHIN
    with clarion.client() as api:
        while time.monotonic() < deadline:
            fields = api.get("/api/v1/audience/fields").json()["fields"]
            if any(each["id"] == "metadata.state" for each in fields):
                return
            # Nothing announces them.
            time.sleep(0.1)
    raise AssertionError("the fields of the sample contacts are not known")


def _in_table(clarion: RunningClarion, *states: str) -> int:
    """Counted another way than Clarion counts: straight from the table, in plain SQL."""
    dsn = (clarion.folder / ".clarion" / "database-url").read_text("utf-8")
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "select count(*) from public.contacts where metadata ->> 'state' = any(%s)",
            [list(states)],
        ).fetchone()
    assert row is not None
    return int(row[0])


def _filter_by_state(page: Page, *states: str) -> None:
    page.get_by_role("combobox", name="Add a condition").fill("State")
    page.get_by_role("option", name=re.compile("^State\\b")).click()
    condition = page.get_by_role("group", name="Condition: State")
    condition.get_by_role("combobox", name="Operator").click()
    page.get_by_role("option", name="is one of").click()
    value = condition.get_by_role("combobox", name="Value")
    for state in states:
        value.fill(state)
        page.get_by_role("option", name=re.compile(rf"^{state}\b")).click()
    value.press("Escape")


def _go_to_segments(page: Page) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Segments").click()
    expect(page.get_by_role("heading", name="Segments", level=1)).to_be_visible()


def _save_as(page: Page, name: str, people: int) -> None:
    page.get_by_role("button", name="Save as segment").click()
    dialog = page.get_by_role("dialog", name="Save as segment")
    dialog.get_by_role("textbox", name="Name").fill(name)
    dialog.get_by_role("button", name=f"Save ({people:,} people now)").click()


def test_a_segment_is_made_renamed_used_and_not_deleted_while_a_broadcast_uses_it(
    page: Page, clarion: RunningClarion, complaints: list[str]
) -> None:
    people = _in_table(clarion, "TX", "FL")
    matched = page.get_by_test_id("matched")
    number = re.compile(rf"^{people:,}\s*of {CONTACTS:,} contacts match")

    _go_to_segments(page)
    page.get_by_role("link", name="New segment").click()
    expect(page.get_by_role("heading", name="New segment", level=1)).to_be_visible()
    _filter_by_state(page, "TX", "FL")
    expect(matched).to_have_text(number)
    _save_as(page, "South", people)

    page.wait_for_url(re.compile(r"/segments/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", name="South", level=1)).to_be_visible()
    expect(matched).to_have_text(number)

    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill("Texas and Florida")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Texas and Florida", level=1)).to_be_visible()

    _go_to_segments(page)
    line = page.get_by_role("row", name=re.compile("^Texas and Florida"))
    expect(line).to_contain_text("Nowhere yet")
    expect(line.get_by_role("cell").nth(5)).to_have_text(f"{people:,}")

    line.get_by_role("link", name="Texas and Florida").click()
    page.get_by_role("button", name="Use in a new broadcast").click()
    expect(page.get_by_role("heading", name="Select Your Audience", level=1)).to_be_visible()
    condition = page.get_by_role("group", name="Condition: Is in segment “Texas and Florida”")
    expect(condition).to_be_visible()
    expect(matched).to_have_text(number)
    page.get_by_role("link", name="Select Broadcast Type").click()
    page.get_by_role("textbox", name="Name").fill("Solar follow-up")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()

    _go_to_segments(page)
    expect(line).to_contain_text("1 place")
    line.get_by_role("button", name="Delete Texas and Florida").click()
    refused = page.get_by_role("dialog", name="“Texas and Florida” is in use")
    expect(refused.get_by_role("link", name="Solar follow-up")).to_be_visible()
    refused.get_by_role("button", name="Keep the segment").click()
    expect(refused).to_be_hidden()
    line.get_by_role("link", name="Texas and Florida").click()
    used = page.get_by_role("region", name="Where it is used")
    expect(used.get_by_role("link", name="Solar follow-up")).to_be_visible()
    assert complaints == []


def test_a_filter_in_a_broadcast_is_saved_under_a_name_that_nobody_has_yet(
    page: Page, clarion: RunningClarion, complaints: list[str]
) -> None:
    with clarion.client() as api:
        document = {
            "match": "all",
            "conditions": [{"field": "metadata.state", "operator": "is", "value": "CA"}],
        }
        api.post("/api/v1/segments", json={"name": "West", "filter": document}).raise_for_status()
    page.get_by_role("button", name="New broadcast").first.click()
    page.get_by_role("link", name="Continue to Select Your Audience").click()
    _filter_by_state(page, "CA", "NV")
    people = _in_table(clarion, "CA", "NV")
    expect(page.get_by_test_id("matched")).to_have_text(re.compile(rf"^{people:,}\s*of"))

    _save_as(page, "West", people)
    dialog = page.get_by_role("dialog", name="Save as segment")
    expect(dialog.get_by_text(re.compile("There is a segment named"))).to_be_visible()
    dialog.get_by_role("textbox", name="Name").fill("California and Nevada")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_role("heading", name="California and Nevada", level=1)).to_be_visible()
    expect(page.get_by_test_id("matched")).to_have_text(re.compile(rf"^{people:,}\s*of"))
    assert complaints == []
