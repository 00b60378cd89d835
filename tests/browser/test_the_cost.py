"""Compose knows the person and the cost: previews, characters, missing values, checks; and Tracking
tells each channel of a broadcast. In real Chromium.

With CLARION_SCREENSHOTS=folder it leaves pictures there (script/screenshots).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from support.accessible import no_fault
from support.browser import chromium
from support.processes import RunningClarion, running_clarion

CONTACTS = 300
CHICAGO = "America/Chicago"
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
#: Not everybody has a code. With the apostrophe nobody's text fits into one segment.
CODE = "metadata.campaign_code"
BODY = (
    f"Hi {{{{ first_name }}}} ({{{{ {CODE} }}}}), it\u2019s time: act now and book a visit. "
    "Reply STOP to opt out of it."
)
DOCUMENT = {
    "kind": "blocks",
    "style": {},
    "blocks": [
        {
            "id": "a",
            "type": "text",
            "html": "<p>Your code is {{ metadata.campaign_code }}, your roof is next.</p>",
        }
    ],
}

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


def _draft(api: httpx.Client) -> dict[str, Any]:
    """On both channels, with a text that costs more than it should."""
    sender = {"company_name": "Acme Roofs", "postal_address": "1 Main Street, Austin"}
    api.patch("/api/v1/workspace", json=sender).raise_for_status()
    made = api.post("/api/v1/broadcasts", json={"broadcast_type": "sms_email", "name": "Roofs"})
    draft: dict[str, Any] = made.json()
    step = {
        "version": draft["version"],
        "body": BODY,
        "subject": "For {{ first_name | default: 'you' }}",
        "preheader": "Your roof",
        "email": DOCUMENT,
    }
    path = f"/api/v1/broadcasts/{draft['id']}/steps/{draft['steps'][0]['id']}"
    changed = api.patch(path, json=step)
    changed.raise_for_status()
    return draft


def test_the_person_and_the_cost(
    page: Page, api: httpx.Client, clarion: RunningClarion, shoot: Shoot
) -> None:
    draft = _draft(api)
    path = f"/api/v1/broadcasts/{draft['id']}"
    (foreseen,) = api.get(f"{path}/outlook").json()["steps"]
    page.goto(f"{clarion.url}/broadcasts/{draft['id']}/compose")

    sms = page.get_by_role("region", name="SMS", exact=True)
    message = sms.get_by_role("textbox", name="Message")
    expect(sms.locator("mark")).to_have_text("\u2019")
    dearer = foreseen["dearer"]
    assert dearer["recipients"] > 0
    expect(sms).to_contain_text(f"makes {dearer['recipients']} messages cost")
    expect(sms.get_by_role("list", name="Segments per person")).to_contain_text("two")
    no_fault(page)
    shoot("compose-cost")

    # The same person on both channels, by one stepper.
    stepper = sms.get_by_role("group", name="Read as")
    email = page.get_by_role("region", name="Email", exact=True)
    email.get_by_role("tab", name="Preview").click()
    of_email = email.get_by_role("group", name="Read as")
    bubble = sms.get_by_role("region", name="Preview")
    stepper.get_by_role("button", name="Next recipient").click()
    expect(stepper).to_contain_text("2 of")
    expect(of_email).to_contain_text("2 of")
    stepper.get_by_label("Find a recipient").fill("ann")
    expect(stepper).to_contain_text("found")
    expect(of_email).to_contain_text("found")
    stepper.get_by_label("Find a recipient").fill("")
    expect(stepper).not_to_contain_text("found")
    sms.get_by_role("button", name="Show the longest").click()
    longest = api.post(
        f"{path}/preview", json={"contact_id": foreseen["longest_contact_id"], "channel": "sms"}
    ).json()["recipients"][0]
    expect(bubble).to_contain_text(longest["sms"]["text"])
    stepper.get_by_role("button", name="Previous recipient").click()

    # An edit is followed by both previews.
    inbox = email.get_by_role("group", name="In the mailbox")
    page.get_by_role("textbox", name="Subject").fill("New roof")
    expect(inbox).to_contain_text("New roof")
    shoot("compose-email-preview")

    # A check leads to its words.
    checks = sms.get_by_role("region", name="Checks of the SMS")
    checks.get_by_role("button", name="Go to \u201cact now\u201d").click()
    selected = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    assert message.evaluate(selected) == "act now"

    # Who lacks the name, and what stands there instead.
    missing = {each["channel"]: each for each in foreseen["missing_tokens"]}
    lacking = sms.get_by_role("button", name=re.compile("show who they are"))
    expect(lacking).to_contain_text(f"{missing['sms']['recipients']}")
    lacking.click()
    people = page.get_by_role("dialog", name=f"Without {CODE}").get_by_role("table")
    expect(people.get_by_role("row")).to_have_count(min(50, missing["sms"]["recipients"]) + 1)
    no_fault(page)
    page.keyboard.press("Escape")
    sms.get_by_role("button", name="Add a fallback").click()
    expect(message).to_have_value(re.compile('default: "there"'))
    email.get_by_role("button", name="Add a fallback").click()
    expect(page.get_by_role("button", name="Add a fallback")).to_have_count(0)

    # One click makes it plain, one brings it back; the field stays where it is.
    place = "e => e.getBoundingClientRect().top + window.scrollY"
    top = message.evaluate(place)
    sms.get_by_role("button", name="Replace all").click()
    expect(message).to_have_value(re.compile("it's time"))
    expect(sms.locator("mark")).to_have_count(0)
    sms.get_by_role("button", name="Undo").click()
    expect(message).to_have_value(re.compile("it\u2019s time"))
    sms.get_by_role("button", name="Replace all").click()
    expect(sms).to_contain_text("All characters are plain now")
    assert message.evaluate(place) == top

    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    no_fault(page)
    shoot("compose-cost-small")
    page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
    expect(page.get_by_role("complementary")).to_contain_text("Ready to review and send")

    # Each channel of what was sent.
    ready = api.get(path).json()
    outlook = api.get(f"{path}/outlook").json()
    assert outlook["problems"] == []
    launch = {"version": ready["version"], "expected_recipients": outlook["will_send"]}
    api.post(f"{path}/launch", json=launch).raise_for_status()
    page.goto(f"{clarion.url}/broadcasts/{draft['id']}/tracking")
    by_channel = {each["channel"]: each["messages"] for each in outlook["messages"]}
    tile = page.get_by_role("button", name=re.compile("^Recipients"))
    expect(tile).to_contain_text(f"SMS {by_channel['sms']}")
    expect(tile).to_contain_text(f"Email {by_channel['email']}")
    messages = page.get_by_role("region", name="Messages")
    messages.get_by_label("Channel").select_option("Email")
    expect(messages.get_by_role("table")).to_contain_text("@")
    expect(messages.get_by_role("table")).not_to_contain_text("+1")
    no_fault(page)
    shoot("tracking-channels")
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    no_fault(page)
    shoot("tracking-channels-small")
