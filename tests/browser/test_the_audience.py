"""The audience in real Chromium: values beside the filter, order, why, the file, what has moved."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from support.browser import chromium
from support.processes import RunningClarion, running_clarion

CONTACTS = 1_200

TEXAS = {"field": "metadata.state", "operator": "is", "value": "TX"}


@pytest.fixture(scope="module")
def clarion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClarion]:
    with running_clarion(tmp_path_factory.mktemp("audience"), sample=CONTACTS) as running:
        yield running


@pytest.fixture
def page(clarion: RunningClarion) -> Iterator[Page]:
    with chromium() as browser:
        page = browser.new_page(
            viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="en-US"
        )
        page.set_default_timeout(20_000)
        page.goto(clarion.command("token", "--link").strip())
        page.wait_for_url("**/broadcasts**")
        yield page


def _broadcast(clarion: RunningClarion, *conditions: dict[str, Any], **step: str) -> str:
    """A draft with this filter and, if given, this step; its id."""
    with clarion.client() as api:
        made = api.post(
            "/api/v1/broadcasts", json={"name": "Texas", "broadcast_type": "sms"}
        ).json()
        path = f"/api/v1/broadcasts/{made['id']}"
        document = {"match": "all", "conditions": list(conditions)}
        made = api.patch(path, json={"version": made["version"], "filter": document}).json()
        if step:
            where = f"{path}/steps/{made['steps'][0]['id']}"
            api.patch(where, json={"version": made["version"], **step}).raise_for_status()
    return str(made["id"])


def _open(page: Page, clarion: RunningClarion, broadcast: str, step: str) -> None:
    origin = re.match(r"https?://[^/]+", page.url)
    assert origin is not None
    page.goto(f"{origin[0]}/broadcasts/{broadcast}/{step}")


def _in_table(clarion: RunningClarion, state: str = "") -> int:
    """Counted another way than Clarion counts: straight from the table, in plain SQL."""
    with psycopg.connect(_dsn(clarion)) as connection:
        row = connection.execute(
            "select count(*) from public.contacts where %s = '' or metadata ->> 'state' = %s",
            [state, state],
        ).fetchone()
    assert row is not None
    return int(row[0])


def _dsn(clarion: RunningClarion) -> str:
    return (clarion.folder / ".clarion" / "database-url").read_text("utf-8")


def test_a_value_beside_the_filter_becomes_a_condition_with_the_number_it_announced(
    page: Page, clarion: RunningClarion
) -> None:
    _open(page, clarion, _broadcast(clarion), "audience")
    texas = _in_table(clarion, "TX")
    value = page.get_by_role("button", name=f"TX, {texas:,} contacts")
    value.click()
    expect(value).to_have_attribute("aria-pressed", "true")
    matched = page.get_by_test_id("matched")
    expect(matched).to_have_text(
        re.compile(rf"^{texas:,}\s*of {_in_table(clarion):,} contacts match")
    )
    expect(page.get_by_role("group", name="Condition: State")).to_be_visible()


def test_the_people_are_sorted_searched_explained_and_taken_as_a_file(
    page: Page, clarion: RunningClarion
) -> None:
    texas = _in_table(clarion, "TX")
    _open(page, clarion, _broadcast(clarion, TEXAS), "audience")
    people = page.get_by_role("table", name="Matched contacts")
    people.get_by_role("button", name="Name", exact=True).click()
    expect(people.get_by_role("columnheader", name="Name")).to_have_attribute(
        "aria-sort", "ascending"
    )
    page.wait_for_url("**sort=first_name**")

    person = people.get_by_role("row").nth(1).get_by_role("button")
    person.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("In the audience", exact=True)).to_be_visible()
    expect(dialog.get_by_text("holds TX")).to_be_visible()
    page.keyboard.press("Escape")

    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == texas + 1


def test_somebody_who_does_not_match_is_found_and_told_why(
    page: Page, clarion: RunningClarion
) -> None:
    with psycopg.connect(_dsn(clarion)) as connection:
        connection.execute(
            """
            insert into public.contacts (first_name, last_name, metadata)
            values ('Zebulon', 'Outsider', '{"state": "NV"}')
            """
        )
    _open(page, clarion, _broadcast(clarion, TEXAS), "audience")
    page.get_by_role("button", name="Check a person").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("searchbox").fill("Zebulon")
    dialog.get_by_role("button", name=re.compile("Zebulon Outsider")).click()
    expect(dialog.get_by_text("Not in the audience")).to_be_visible()
    expect(dialog.get_by_text("Not met · holds NV")).to_be_visible()


def test_the_waterfall_leads_from_all_contacts_to_the_reachable(
    page: Page, clarion: RunningClarion
) -> None:
    total = _in_table(clarion)
    texas = _in_table(clarion, "TX")
    _open(page, clarion, _broadcast(clarion, TEXAS), "estimate")
    falls = page.get_by_role("table", name="From all contacts to those who match")
    expect(falls.get_by_role("row").nth(1)).to_contain_text(f"{total:,}")
    expect(falls.get_by_role("row").nth(2)).to_contain_text(f"\N{MINUS SIGN}{total - texas:,}")
    falls.get_by_role("button", name=re.compile("^Out at")).click()
    listed = page.get_by_role("dialog").get_by_role("table", name="People")
    expect(listed.get_by_role("row").nth(1)).to_be_visible()


def test_what_has_moved_since_the_audience_was_saved_is_listed_and_saved_anew(
    page: Page, clarion: RunningClarion
) -> None:
    never = {"field": "metadata.state", "operator": "is", "value": "Nowhere"}
    with psycopg.connect(_dsn(clarion)) as connection:
        _newcomer(connection, "First")
    broadcast = _broadcast(
        clarion,
        never,
        body="Hello",
        send_mode="later",
        scheduled_for=f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}T09:00:00",
        time_zone="UTC",
    )
    _open(page, clarion, broadcast, "review")
    page.get_by_role("button", name=re.compile("^Schedule 1 SMS")).click()
    since = page.get_by_role("region", name="Since you scheduled")
    expect(since).to_contain_text("Nothing has changed")
    with psycopg.connect(_dsn(clarion)) as connection:
        _newcomer(connection, "Second")
    page.reload()
    since.get_by_role("button", name=re.compile("^1 joined")).click()
    expect(page.get_by_role("dialog").get_by_text("Second")).to_be_visible()
    page.keyboard.press("Escape")
    since.get_by_role("button", name="Save the audience anew").click()
    expect(since).to_contain_text("Nothing has changed: the 2 saved people")


def _newcomer(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute(
        """
        insert into public.contacts (first_name, phone_number, metadata)
        values (%s, '+1512555' || (1000 + floor(random() * 8000))::int, '{"state": "Nowhere"}')
        """,
        [name],
    )
