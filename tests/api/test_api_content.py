"""Content looked at while somebody writes it: mistakes are part of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from support.emails import blocks, own, text

if TYPE_CHECKING:
    import httpx

EMAIL = "/api/v1/content/email/check"
SMS = "/api/v1/content/sms/check"


async def _checked(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_email_is_shown_for_a_contact(ana: httpx.AsyncClient, dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "update broadcast.workspaces set company_name = 'Acme', postal_address = '1 Main St'"
        )
    body = {
        "email": blocks(
            text("<p>Hi {{ first_name }}, {{ metadata.product | default: 'all' }}</p>"),
            {"type": "button", "label": "Go", "href": "http://a.example"},
        ),
        "subject": "For {{ first_name }} {{ last_name }}",
        "preheader": "About {{ first_name }}",
        "text_part": "Hi",
        "contact": {"first_name": "A & B", "metadata": {}},
    }
    shown = await _checked(ana, EMAIL, body)
    assert shown["subject"] == "For A & B [last name?]"
    assert shown["preheader"] == "About A & B"
    assert "<p>Hi A &amp; B, all</p>" in shown["html"]
    assert "Acme<br>1 Main St" in shown["html"]
    assert shown["text"].startswith("Hi\n\nAcme\n1 Main St\nUnsubscribe: #")
    assert shown["text_made"].startswith("Hi {{ first_name }}, {{ metadata.product | default")
    assert shown["missing"] == ["last_name"]
    assert {each["name"]: each["has_fallback"] for each in shown["tokens"]} == {
        "first_name": False,
        "last_name": False,
        "metadata.product": True,
    }
    assert shown["links"][0] == {"url": "http://a.example", "label": "Go", "number": 0}
    assert [each["kind"] for each in shown["checks"]] == ["few_words", "link_not_https"]
    assert shown["errors"] == []


async def test_what_is_wrong_in_an_email_is_an_answer(ana: httpx.AsyncClient) -> None:
    body = {
        "email": blocks({"type": "button", "label": "{{", "href": "javascript:alert(1)"}),
        "subject": "a\nBcc: b@a.example",
        "reply_to": "nobody",
    }
    shown = await _checked(ana, EMAIL, body)
    assert {each["pointer"] for each in shown["errors"]} == {
        "/email/blocks/0/href",
        "/subject",
        "/reply_to",
    }
    assert shown["html"] == ""


@pytest.mark.parametrize("email", [{}, {"kind": "html"}, {"kind": "blocks", "blocks": "x"}])
async def test_what_is_no_email_is_an_answer_too(
    ana: httpx.AsyncClient, email: dict[str, Any]
) -> None:
    assert (await _checked(ana, EMAIL, {"email": email}))["errors"]


async def test_a_text_that_cannot_be_made_for_the_contact_says_why(ana: httpx.AsyncClient) -> None:
    shown = await _checked(ana, EMAIL, {"email": own("{{ 1 | divided_by: 0 }}"), "subject": "x"})
    assert [each["pointer"] for each in shown["errors"]] == ["/email"]


async def test_an_sms_says_what_makes_it_dear(ana: httpx.AsyncClient) -> None:
    body = "Hi {{ first_name | default: 'you' }} \u2013 \u201cnow\u201d 👋"
    shown = await _checked(ana, SMS, {"body": body})
    assert (shown["encoding"], shown["segments"]) == ("UCS-2", 1)
    assert shown["forcing"][0] == {
        "character": "\u2013",
        "name": "en dash",
        "replacement": "-",
        "is_emoji": False,
    }
    assert shown["replaced"] == "Hi {{ first_name | default: 'you' }} - \"now\" 👋"
    assert [each["kind"] for each in shown["checks"]] == ["no_opt_out"]
    without = await _checked(ana, SMS, {"body": "Hi 👋 you", "without_emoji": True})
    assert without["replaced"] == "Hi you"


async def test_an_sms_that_is_no_template_is_an_answer(ana: httpx.AsyncClient) -> None:
    shown = await _checked(ana, SMS, {"body": "Hi {{ first_name"})
    assert [each["pointer"] for each in shown["errors"]] == ["/body"]
    assert shown["segments"] == 1


async def test_nobody_else_may_ask(nobody: httpx.AsyncClient) -> None:
    assert (await nobody.post(SMS, json={"body": "x"})).status_code == 401
    assert (await nobody.post(EMAIL, json={"email": {}})).status_code == 401
