"""Templates and the list of broadcasts in real Chromium: taken, changed, used, copied.

With CLARION_SCREENSHOTS=folder it leaves pictures there (script/screenshots).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from support.accessible import no_fault
from support.browser import chromium
from support.processes import RunningClarion, running_clarion

if TYPE_CHECKING:
    from collections.abc import Callable

    Shoot = Callable[[str], None]

TEXT = "Hi {{ first_name }}, see you on Friday. Reply STOP to opt out."


@pytest.fixture(scope="module")
def clarion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClarion]:
    with running_clarion(tmp_path_factory.mktemp("templates"), sample=50) as running:
        yield running


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def _open(
    browser: Browser,
    clarion: RunningClarion,
    complaints: list[str],
    *,
    name: str = "Ana",
    width: int = 1440,
    dark: bool = False,
) -> Page:
    def listen(message: ConsoleMessage) -> None:
        # What somebody else saved first is refused, and the browser notes the answer.
        if message.type == "error" and "409" not in message.text:
            complaints.append(f"{message.text} {message.location.get('url', '')}")

    context = browser.new_context(
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
        locale="en-US",
        color_scheme="dark" if dark else "light",
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", listen)
    page.goto(clarion.command("token", "--link", "--name", name).strip())
    page.wait_for_url("**/broadcasts**")
    return page


def _camera(page: Page, tag: str) -> Shoot:
    folder = os.environ.get("CLARION_SCREENSHOTS")

    def shoot(name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{name}-{tag}.png")

    return shoot


def _go(page: Page, to: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=to).click()
    expect(page.get_by_role("heading", name=to, level=1)).to_be_visible()


def _in_view(page: Page, view: str) -> None:
    # The radio itself is not drawn; its label is.
    page.get_by_role("radiogroup").get_by_text(view, exact=True).click()


def _heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_a_template_is_taken_changed_brought_back_and_used(
    browser: Browser, clarion: RunningClarion
) -> None:
    complaints: list[str] = []
    page = _open(browser, clarion, complaints)
    shoot = _camera(page, "wide")

    _go(page, "Templates")
    # Other tests of this server may have made some: an empty list is not to be relied upon.
    expect(page.get_by_role("heading", name="Templates", exact=True)).to_be_visible()
    no_fault(page)
    page.get_by_role("radiogroup", name="Which templates").get_by_text("Library").click()
    expect(page.get_by_role("list", name="Library").get_by_role("listitem")).to_have_count(15)
    no_fault(page)
    shoot("library")
    page.get_by_role("button", name="Use Appointment reminder", exact=True).click()

    _heading(page, "Appointment reminder")
    expect(page.get_by_text("Still to fill in: [Company]")).to_be_visible()
    message = page.get_by_role("textbox", name="Message")
    message.fill(TEXT)
    no_fault(page)
    page.get_by_role("button", name="Save version 2").click()
    versions = page.get_by_role("region", name="Versions")
    expect(versions.get_by_text("Version 2 (current)")).to_be_visible()
    expect(page.get_by_text("Still to fill in")).to_be_hidden()
    shoot("template")

    versions.get_by_role("button", name="Compare version 1 with the current one").click()
    drawer = page.get_by_role("dialog", name="Since version 1")
    expect(drawer.locator("del").first).to_be_visible()
    no_fault(page)
    shoot("difference")
    drawer.get_by_role("button", name="Restore version 1 as version 3").click()
    expect(versions.get_by_text("Restored from version 1")).to_be_visible()
    expect(message).to_have_value(re.compile("Company"))
    message.fill(TEXT)
    page.get_by_role("button", name="Save version 4").click()
    expect(versions.get_by_text("Version 4 (current)")).to_be_visible()

    page.get_by_role("button", name="Use in a new broadcast").click()
    _heading(page, "Select Your Audience")
    page.get_by_role("link", name="Compose").first.click()
    expect(page.get_by_role("textbox", name="Message")).to_have_value(TEXT)

    # The other way round: a message that begins as a template.
    page.get_by_role("textbox", name="Message").fill("Something else")
    page.get_by_role("button", name="Use a template").click()
    dialog = page.get_by_role("dialog", name="Use a template")
    no_fault(page)
    shoot("choose-template")
    dialog.get_by_role("button", name=re.compile("^Appointment reminder")).click()
    expect(dialog.get_by_text("takes the place of what you have written")).to_be_visible()
    no_fault(page)
    dialog.get_by_role("button", name="Replace what I have written").click()
    expect(page.get_by_role("textbox", name="Message")).to_have_value(TEXT)
    replaced = page.get_by_role("alert").filter(has_text="is in the message")
    replaced.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Something else")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert complaints == []


def test_an_email_with_a_snippet_is_written_and_used(
    browser: Browser, clarion: RunningClarion
) -> None:
    complaints: list[str] = []
    page = _open(browser, clarion, complaints)
    shoot = _camera(page, "wide")

    # A piece of text that messages share.
    _go(page, "Templates")
    page.get_by_role("radiogroup", name="Kind").get_by_text("Snippets").click()
    page.get_by_role("button", name="New snippet").click()
    drawer = page.get_by_role("dialog", name="New snippet")
    drawer.get_by_role("textbox", name="Name").fill("Opening hours")
    drawer.get_by_role("textbox", name="Text").fill("Monday to Friday, 9 to 5")
    no_fault(page)
    drawer.get_by_role("button", name="Save snippet").click()
    expect(page.get_by_role("list", name="Snippets")).to_contain_text("Monday to Friday, 9 to 5")
    no_fault(page)
    shoot("snippets")

    # An email of blocks, with the snippet picked into its first text.
    page.goto(f"{clarion.url}/templates/new?channel=email")
    _heading(page, "New template")
    page.get_by_role("textbox", name="Name").fill("Hours by mail")
    page.get_by_role("textbox", name="Subject").fill("When we are open")
    page.locator("[data-type=text] [data-act=select]").first.click()
    page.get_by_role("button", name="Insert field into the text").click()
    picker = page.get_by_role("dialog", name="Insert field into the text")
    picker.get_by_role("radiogroup", name="What to insert").get_by_text("A snippet").click()
    no_fault(page)
    shoot("insert-snippet")
    picker.get_by_role("button", name=re.compile("^Opening hours")).click()
    page.get_by_role("tab", name="Preview").click()
    frame = page.frame_locator("iframe").first
    expect(frame.get_by_text("Monday to Friday, 9 to 5")).to_be_visible()
    no_fault(page)
    shoot("template-email")
    page.get_by_role("button", name="Save template").click()
    _heading(page, "Hours by mail")

    # In a broadcast by email.
    page.get_by_role("button", name="Use in a new broadcast").click()
    _heading(page, "Select Your Audience")
    page.get_by_role("link", name="Compose").first.click()
    expect(page.get_by_role("textbox", name="Subject")).to_have_value("When we are open")
    page.get_by_role("tab", name="Preview").click()
    expect(frame.get_by_text("Monday to Friday, 9 to 5")).to_be_visible()
    no_fault(page)
    shoot("compose-email-from-template")
    page.set_viewport_size({"width": 390, "height": 844})
    no_fault(page)
    _camera(page, "phone")("compose-email-from-template")

    # Where it is used it is not deleted.
    page.goto(f"{clarion.url}/templates?view=snippets")
    page.get_by_role("button", name=re.compile("^Opening hours")).click()
    drawer = page.get_by_role("dialog", name="Opening hours")
    # By the template, and by the draft that was made of it.
    expect(drawer.get_by_role("link", name="Hours by mail")).to_have_count(2)
    no_fault(page)
    _camera(page, "phone")("snippet")
    assert complaints == []


def test_a_sequence_begins_a_broadcast_and_is_kept(
    browser: Browser, clarion: RunningClarion
) -> None:
    complaints: list[str] = []
    page = _open(browser, clarion, complaints)
    shoot = _camera(page, "wide")
    phone = _camera(page, "phone")

    # From the first step of the wizard.
    draft = _draft(clarion, "Quotes of May", "Hi")
    page.goto(f"{clarion.url}/broadcasts/{draft}/type")
    page.get_by_role("button", name="Start from a sequence").click()
    dialog = page.get_by_role("dialog", name="Start from a sequence")
    expect(dialog.get_by_role("list", name="Sequences").get_by_role("button")).to_have_count(5)
    no_fault(page)
    shoot("start-from-sequence")
    dialog.get_by_role("button", name="Use Follow up on a quote").click()
    expect(dialog.get_by_text("take the place of all that this broadcast says")).to_be_visible()
    no_fault(page)
    dialog.get_by_role("button", name="Replace the 1 step").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("radio", name="SMS & Email")).to_be_checked()

    # Kept under a name of one's own.
    page.get_by_role("link", name="Schedule Your Broadcast").first.click()
    timeline = page.get_by_role("region", name="Sequence")
    expect(timeline.get_by_role("heading", name="Day 10")).to_be_visible()
    timeline.get_by_role("button", name="Save this sequence").click()
    naming = page.get_by_role("dialog", name="Save this sequence")
    no_fault(page)
    shoot("save-sequence")
    naming.get_by_role("button", name="Save sequence").click()
    expect(page.get_by_text("Quotes of May is among your sequences")).to_be_visible()

    # And begun from there.
    page.goto(f"{clarion.url}/templates?view=sequences")
    own = page.get_by_role("region", name="Your sequences")
    expect(own.get_by_text("4 steps over 10 days")).to_be_visible()
    no_fault(page)
    shoot("sequences")
    own.get_by_role("button", name="Actions for Quotes of May").click()
    page.get_by_role("menuitem", name="Rename").click()
    renaming = page.get_by_role("dialog", name="Rename Quotes of May")
    renaming.get_by_role("textbox", name="Name").fill("Quotes")
    renaming.get_by_role("button", name="Save").click()
    use = own.get_by_role("button", name="Use in a new broadcast: Quotes", exact=True)
    expect(use).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    no_fault(page)
    phone("sequences")
    page.set_viewport_size({"width": 320, "height": 640})
    no_fault(page)
    use.click()
    _heading(page, "Select Your Audience")
    expect(page.get_by_text("Quotes", exact=True).first).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize(("width", "dark"), [(390, False), (320, True)])
def test_templates_fit_a_phone(
    browser: Browser, clarion: RunningClarion, width: int, *, dark: bool
) -> None:
    complaints: list[str] = []
    _save_from_library(clarion, "email-newsletter", f"News {width}")
    page = _open(browser, clarion, complaints, width=width, dark=dark)
    shoot = _camera(page, "dark-phone" if dark else "phone")
    page.goto(f"{clarion.url}/templates?q=News+{width}")
    link = page.get_by_role("link", name=f"News {width}")
    expect(link).to_be_visible()
    no_fault(page)
    shoot("templates")
    link.click()
    _heading(page, f"News {width}")
    expect(page.get_by_text("A tip from our support team")).to_be_visible()
    no_fault(page)
    shoot("template-email")
    page.goto(f"{clarion.url}/templates/new")
    _heading(page, "New template")
    page.get_by_role("textbox", name="Name").fill(f"Mine {width}")
    page.get_by_role("textbox", name="Message").fill("Hi")
    no_fault(page)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save template").press("Enter")
    _heading(page, f"Mine {width}")
    assert complaints == []


def test_broadcasts_are_copied_archived_and_edited_by_two(
    browser: Browser, clarion: RunningClarion
) -> None:
    complaints: list[str] = []
    draft = _draft(clarion, "Autumn offer", TEXT)
    page = _open(browser, clarion, complaints)
    shoot = _camera(page, "wide")
    line = page.get_by_role("row", name=re.compile("^Autumn offer"))
    line.get_by_role("button", name="Actions for Autumn offer").click()
    expect(page.get_by_role("menuitem", name="Delete draft")).to_be_visible()
    shoot("broadcast-actions")
    page.get_by_role("menuitem", name="Duplicate only the content").click()
    _heading(page, "Select Your Audience")
    expect(page.get_by_text("Copy of Autumn offer")).to_be_visible()

    _go(page, "Broadcasts")
    page.get_by_role("combobox", name="Order").click()
    page.get_by_role("option", name="Name, A to Z").click()
    page.get_by_role("searchbox", name="Search broadcasts").fill("autumn")
    names = page.get_by_role("table", name="Broadcasts").get_by_role("link")
    expect(names).to_have_text(["Autumn offer", "Copy of Autumn offer"])
    no_fault(page)
    shoot("broadcast-order")
    line.get_by_role("button", name="Actions for Autumn offer").click()
    page.get_by_role("menuitem", name="Archive").click()
    expect(names).to_have_text(["Copy of Autumn offer"])
    _in_view(page, "Archive")
    expect(names).to_have_text(["Autumn offer"])
    no_fault(page)

    page.goto(f"{clarion.url}/broadcasts/{draft}/compose")
    _heading(page, "Compose")
    other = _open(browser, clarion, complaints, name="Maria")
    other.goto(f"{clarion.url}/broadcasts/{draft}/compose")
    expect(other.get_by_text("Ana is editing this too.")).to_be_visible()
    no_fault(other)
    _camera(other, "wide")("two-people")
    # Ana is told when her page says the next time that it is open.
    page.reload()
    expect(page.get_by_text("Maria is editing this too.")).to_be_visible()
    assert complaints == []


def test_the_list_of_broadcasts_fits_a_phone(browser: Browser, clarion: RunningClarion) -> None:
    complaints: list[str] = []
    _draft(clarion, "Spring offer", TEXT)
    page = _open(browser, clarion, complaints, width=390)
    expect(page.get_by_role("link", name="Spring offer")).to_be_visible()
    no_fault(page)
    _camera(page, "phone")("broadcast-list")
    page.set_viewport_size({"width": 320, "height": 800})
    no_fault(page)
    assert complaints == []


def _draft(clarion: RunningClarion, name: str, body: str) -> str:
    with clarion.client() as api:
        made: dict[str, Any] = api.post("/api/v1/broadcasts", json={"name": name}).json()
        step = f"/api/v1/broadcasts/{made['id']}/steps/{made['steps'][0]['id']}"
        api.patch(step, json={"version": made["version"], "body": body}).raise_for_status()
    return str(made["id"])


def _save_from_library(clarion: RunningClarion, key: str, name: str) -> None:
    with clarion.client() as api:
        body = {"from_library": key, "name": name}
        api.post("/api/v1/templates", json=body).raise_for_status()
