"""The pages behind the links of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from clarion.kernel.actor import DEFAULT_WORKSPACE
from support.serving import count

if TYPE_CHECKING:
    from uuid import UUID

    import httpx

    from clarion.wiring.clarion import Clarion

ADDRESS = "ann@a.example"
STOPPED = "select count(*) from broadcast.message_events where kind = 'opt_out' and address = %s"


@pytest.fixture
async def token(ana: httpx.AsyncClient, clarion: Clarion, dsn: str) -> str:
    """Of an email to Ann."""
    broadcast = (await ana.post("/api/v1/broadcasts", json={"broadcast_type": "email"})).json()
    await ana.patch(
        f"/api/v1/broadcasts/{broadcast['id']}/steps/{broadcast['steps'][0]['id']}",
        json={
            "version": broadcast["version"],
            "subject": "Hello",
            "email": {
                "kind": "html",
                "html": '<p>Hi {{ first_name }}, <a href="https://shop.example/?a=1">see</a></p>',
            },
        },
    )
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "with person as (insert into broadcast.broadcast_recipients"
            " (workspace_id, broadcast_id, contact_id, name, sms_left_out, email_address,"
            "  email_left_out, contact)"
            " values (%(workspace)s, %(broadcast)s, 'ann', 'Ann', 'no_phone', %(address)s, null,"
            '  \'{"first_name": "Ann"}\') returning id)'
            " insert into broadcast.messages (workspace_id, broadcast_id, step_id, recipient_id,"
            "  channel, address) select %(workspace)s, %(broadcast)s, %(step)s, id, 'email',"
            "  %(address)s from person returning id",
            {
                "workspace": DEFAULT_WORKSPACE,
                "broadcast": broadcast["id"],
                "step": broadcast["steps"][0]["id"],
                "address": ADDRESS,
            },
        ).fetchone()
    assert row is not None
    message_id: UUID = row[0]
    return clarion.signer.token(message_id)


async def test_looking_at_the_page_changes_nothing_and_one_click_does(
    nobody: httpx.AsyncClient, token: str, dsn: str
) -> None:
    page = await nobody.get(f"/m/{token}/unsubscribe")
    assert page.status_code == 200
    assert ADDRESS in page.text
    assert '<form method="post">' in page.text
    assert count(dsn, STOPPED, [ADDRESS]) == 0
    # As a mail program does it: no cookie, no origin, a body of its own, and no redirect.
    clicked = await nobody.post(
        f"/m/{token}/unsubscribe", data={"List-Unsubscribe": "One-Click"}, follow_redirects=False
    )
    assert clicked.status_code == 200
    assert "no more emails" in clicked.text
    assert count(dsn, STOPPED, [ADDRESS]) == 1


async def test_preferences_are_kept_per_channel(
    nobody: httpx.AsyncClient, token: str, dsn: str
) -> None:
    page = await nobody.get(f"/m/{token}/preferences")
    assert 'value="email" checked' in page.text
    assert 'value="sms"' not in page.text
    saved = await nobody.post(f"/m/{token}/preferences", data={})
    assert saved.status_code == 200
    assert 'value="email" checked' not in saved.text
    assert count(dsn, STOPPED, [ADDRESS]) == 1


async def test_a_click_leads_to_the_link_of_the_mail_and_is_told(
    nobody: httpx.AsyncClient, token: str, dsn: str
) -> None:
    answer = await nobody.get(f"/m/{token}/to/0", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://shop.example/?a=1")
    assert count(dsn, "select count(*) from broadcast.message_events where kind = 'click'") == 1
    for other in ("1", "-1", "0?url=https://evil.example"):
        found = await nobody.get(f"/m/{token}/to/{other}", follow_redirects=False)
        assert found.headers.get("location", "https://shop.example/?a=1") == (
            "https://shop.example/?a=1"
        )
        assert found.status_code in (302, 404, 422)


async def test_the_picture_comes_for_everybody_and_tells_of_known_messages_only(
    nobody: httpx.AsyncClient, token: str, dsn: str
) -> None:
    opens = "select count(*) from broadcast.message_events where kind = 'open'"
    for known, told in ((token, 1), ("x" * 38, 1)):
        answer = await nobody.get(f"/m/{known}/open.gif")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
        assert "no-store" in answer.headers["cache-control"]
        assert count(dsn, opens) == told


async def test_the_mail_is_shown_without_any_power_over_this_site(
    nobody: httpx.AsyncClient, token: str
) -> None:
    answer = await nobody.get(f"/m/{token}/view")
    assert answer.status_code == 200
    assert "Hi Ann" in answer.text
    assert answer.headers["content-security-policy"].startswith("sandbox")


@pytest.mark.parametrize("page", ["unsubscribe", "preferences", "view", "to/0"])
async def test_a_token_that_was_not_made_here_finds_nothing(
    nobody: httpx.AsyncClient, token: str, page: str
) -> None:
    for wrong in (token[:-4] + "AAAA", "x", "%00", "a" * 500):
        assert (await nobody.get(f"/m/{wrong}/{page}")).status_code == 404
