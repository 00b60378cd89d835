"""A message tried out in real Chromium: files attached, a test sent to oneself, what became of it.

With CLARION_SCREENSHOTS=folder it leaves pictures there (script/screenshots).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from support.accessible import no_fault
from support.browser import chromium
from support.processes import RunningClarion, running_clarion

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

HTML = "<p>Dear {{ first_name | default: 'friend' }}, your roof check is due.</p>"


@pytest.fixture(scope="module")
def clarion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClarion]:
    with running_clarion(tmp_path_factory.mktemp("trying"), sample=60) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def _draft(api: httpx.Client) -> Any:
    made = api.post(
        "/api/v1/broadcasts", json={"name": "Roof checks", "broadcast_type": "sms_email"}
    ).json()
    content = {
        "body": "Hi {{ first_name | default: 'there' }}, your roof check is due.",
        "subject": "Your roof check",
        "email": {"kind": "html", "html": HTML},
    }
    path = f"/api/v1/broadcasts/{made['id']}/steps/{made['steps'][0]['id']}"
    return api.patch(path, json={"version": made["version"], **content}).raise_for_status().json()


def _shoot(page: Page, picture: str) -> None:
    folder = os.environ.get("CLARION_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{picture}.png", full_page=True)


def test_a_message_is_tried_out_before_it_is_sent(
    browser: Browser, clarion: RunningClarion, tmp_path: Path
) -> None:
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} {message.location.get('url', '')}")

    offer = tmp_path / "Angebot für Zoë.pdf"
    offer.write_bytes(b"%PDF-1.7 " + b"x" * 700_000)
    program = tmp_path / "setup.exe"
    program.write_bytes(b"MZ")
    context = browser.new_context(
        viewport={"width": WIDE["width"], "height": WIDE["height"]},
        reduced_motion="reduce",
        locale="en-US",
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", listen)
    page.goto(clarion.command("token", "--link").strip().splitlines()[-1])
    page.wait_for_url("**/broadcasts**")
    with clarion.client() as api:
        made = _draft(api)
        origin = re.match(r"https?://[^/]+", page.url)
        assert origin is not None
        page.goto(f"{origin[0]}/broadcasts/{made['id']}/compose")

        files = page.get_by_role("region", name="Attachments")
        expect(files).to_contain_text("Up to 5 files, 5.1 MB together")
        with page.expect_file_chooser() as chosen:
            files.get_by_role("button", name="Attach files").press("Enter")
        chosen.value.set_files([offer, program])
        expect(files.get_by_role("listitem")).to_have_text(re.compile("Angebot für Zoë.pdf0.7 MB"))
        expect(files.get_by_role("alert")).to_contain_text("mailboxes refuse .exe files")
        expect(files).to_contain_text("0.7 MB of 5.1 MB · 1 of 5 files")

        email = page.get_by_role("region", name="Email", exact=True)
        email.get_by_role("button", name="Send a test to me").press("Enter")
        form = page.get_by_role("dialog", name="Send a test to me")
        form.get_by_role("textbox", name="Your e-mail address").fill("ana@clarion.example")
        no_fault(page)
        _shoot(page, "trying-form-wide")
        form.get_by_role("button", name="Send this email to me").press("Enter")
        expect(form).to_be_hidden()
        said = email.get_by_role("status").filter(has_text="ana@clarion.example")
        expect(said).to_have_text(re.compile(r"^(Sent|Delivered) to ana@clarion\.example$"))

        # The address is known from now on; the number of the SMS is asked for.
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        sms = page.get_by_role("region", name="SMS", exact=True)
        sms.get_by_role("button", name="Send a test to me").click()
        form.get_by_role("textbox", name="Your mobile number").fill("+1 512 555 0177")
        no_fault(page)
        _shoot(page, "trying-form-phone")
        form.get_by_role("button", name="Send this SMS to me").click()
        expect(sms.get_by_role("status").filter(has_text="+15125550177")).to_have_text(
            re.compile(r"^(Sent|Delivered) to \+15125550177$")
        )
        no_fault(page)
        _shoot(page, "trying-phone")
        page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
        page.reload()
        expect(said).to_have_text(re.compile(r"^(Sent|Delivered) to ana@clarion\.example$"))
        no_fault(page)
        _shoot(page, "trying-wide")

        files.get_by_role("button", name="Remove Angebot für Zoë.pdf").press("Enter")
        expect(files.get_by_role("listitem")).to_have_count(0)
        expect(files.get_by_role("button", name="Attach files")).to_be_focused()
        path = f"/api/v1/broadcasts/{made['id']}/steps/{made['steps'][0]['id']}"
        channels = [each["channel"] for each in api.get(f"{path}/tests").json()["tests"]]
    context.close()
    assert complaints == []
    assert channels == ["sms", "email"]
