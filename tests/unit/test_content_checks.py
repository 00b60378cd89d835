"""What is said about a message while somebody writes it."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.content.check import Check, Severity
from clarion.content.email.checks import check_email
from clarion.content.email.own_html import Footer
from clarion.content.segments import measure
from clarion.content.sms_checks import check_sms
from support.emails import FOOTER, LINKS, blocks, compiled, own, text

WORDS = "<p>" + "These are plain words about a roof. " * 8 + "</p>"


def of_email(document: dict[str, Any], **given: Any) -> dict[str, Check]:
    subject = given.pop("subject", "Your roof")
    footer = given.get("footer", FOOTER)
    mail = compiled(document, subject=subject, **{"preheader": "About it", **given})
    shown = mail.preview({"first_name": "Ann"}, LINKS)
    return {each.kind: each for each in check_email(mail, shown, subject=subject, footer=footer)}


def of_sms(body: str, company: str = "") -> dict[str, Check]:
    return {each.kind: each for each in check_sms(body, measure(body), company=company)}


def link(url: str, label: str = "our page") -> dict[str, Any]:
    return blocks(text(f'{WORDS}<a href="{url}">{label}</a>'))


def image(alt: str) -> dict[str, Any]:
    return {"type": "image", "src": "/images/1", "alt": alt}


def test_a_good_email_is_left_alone() -> None:
    document = blocks(text(WORDS), image("A roof"), text('<a href="https://a.example">See it</a>'))
    assert of_email(document) == {}


@pytest.mark.parametrize(
    ("given", "kind", "pointer"),
    [
        ({"subject": " "}, "no_subject", "/subject"),
        ({"subject": "a" * 61}, "long_subject", "/subject"),
        ({"subject": "READ THIS {{ first_name }}"}, "capitals", "/subject"),
        ({"subject": "Wow!! {{ first_name }}"}, "exclamation_marks", "/subject"),
        ({"subject": "Act now"}, "spam_words", "/subject"),
        ({"preheader": ""}, "no_preheader", "/preheader"),
        ({"footer": Footer(company="", postal_address="")}, "no_postal_address", "/email"),
    ],
)
def test_what_stands_around_an_email(given: dict[str, Any], kind: str, pointer: str) -> None:
    found = of_email(blocks(text(WORDS)), **given)
    assert set(found) == {kind}
    assert found[kind].pointer == pointer
    assert found[kind].detail.endswith((".", "is."))


@pytest.mark.parametrize(
    ("document", "kind", "severity"),
    [
        (blocks(text(WORDS), image(" ")), "image_without_alt", Severity.ADVICE),
        (blocks(text("<p>Look</p>"), image("x")), "few_words_for_images", Severity.ADVICE),
        (blocks(text("Hi")), "few_words", Severity.ADVICE),
        (link("#"), "empty_link", Severity.PROBLEM),
        (link("https://a.example", "<br>"), "link_without_text", Severity.ADVICE),
        (link("http://a.example"), "link_not_https", Severity.ADVICE),
        (link("https://b.example", "www.a.example"), "other_site", Severity.ADVICE),
        (link("https://b.example", "https://a.example/x"), "other_site", Severity.ADVICE),
        (link("https://bit.ly/x"), "shortened_link", Severity.ADVICE),
        (blocks(text("<p>word word word word word</p>" * 4_000)), "too_large", Severity.ADVICE),
        (blocks(text(WORDS + "Free money")), "spam_words", Severity.ADVICE),
    ],
)
def test_what_stands_in_an_email(document: dict[str, Any], kind: str, severity: Severity) -> None:
    found = of_email(document)
    assert {each.kind: each.severity for each in found.values()} == {kind: severity}


@pytest.mark.parametrize(
    "document",
    [
        link("https://www.a.example/x", "a.example"),
        link("https://shop.a.example", "a.example"),
        link("{{ first_name }}", "a.example"),
        link("https://{{ first_name }}.example/x", "a.example"),
        link("mailto:ann@a.example", "ann@a.example"),
        link("https://b.example", "Section 2.1"),
    ],
)
def test_a_link_that_reads_as_it_leads_is_left_alone(document: dict[str, Any]) -> None:
    assert of_email(document) == {}


def test_own_html_is_looked_at_too() -> None:
    found = of_email(own(WORDS + "<a href=''>x</a><img src='https://a.example/i.png'>"))
    assert set(found) == {"empty_link", "image_without_alt"}


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("Hi {{ first_name }}, see you. Reply STOP to opt out", set()),
        ("Hi {{ first_name }}, see you.", {"no_opt_out"}),
        ("{{ stop }} Hi", {"no_opt_out"}),
        ("  ", {"no_text"}),
        ("See https://bit.ly/x. Reply STOP", {"shortened_link"}),
        ("See bit.ly/x. Reply STOP", {"shortened_link"}),
        ("See https://orbit.ly/x. Reply STOP", set()),
        ("See http://a.example/x. Reply STOP", {"link_not_https"}),
        ("Act now. Reply STOP", {"spam_words"}),
        ("ALL OF THIS IS IN CAPITALS. REPLY STOP", {"capitals"}),
        ("x" * 600 + " Reply STOP", {"many_segments"}),
        ("x" * 1_700 + " Reply STOP", {"too_long"}),
    ],
)
def test_what_stands_in_an_sms(body: str, kinds: set[str]) -> None:
    assert set(of_sms(body)) == kinds


def test_an_sms_without_a_name_is_only_advised() -> None:
    assert of_sms("Hi. Reply STOP", "Acme")["no_sender"].severity is Severity.ADVICE
    assert of_sms("ACME here. Reply STOP", "Acme") == {}


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("Hi {{ first_name }} 👋 act now. Act NOW", "spam_words", ["act now", "Act NOW"]),
        ("{{ a }} bit.ly/x and https://t.co/y", "shortened_link", ["https://t.co/y", "bit.ly/x"]),
        ("See {{ a }} http://a.example/x", "link_not_https", ["http://a.example/x"]),
    ],
)
def test_the_words_of_a_check_stand_where_it_says(body: str, kind: str, words: list[str]) -> None:
    places = of_sms(f"{body} Reply STOP")[kind].places
    assert [body[place.start : place.end] for place in places] == words


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Shop", 'The link "Shop" leads nowhere: give it a target.'),
        ("", "A button or link has no text and leads nowhere: give it both."),
    ],
)
def test_a_button_that_leads_nowhere_is_named(label: str, said: str) -> None:
    found = of_email(blocks(text(WORDS), {"type": "button", "label": label, "href": ""}))
    assert found["empty_link"].detail == said


def test_a_check_of_an_email_names_the_block() -> None:
    document = blocks(
        text(WORDS),
        text("<p>Free <b>money</b></p>"),
        {"type": "button", "label": "Go", "href": "http://a.example"},
        {"type": "button", "label": "Nowhere", "href": "#"},
    )
    assert {kind: each.pointer for kind, each in of_email(document).items()} == {
        "spam_words": "/email/blocks/1/html",
        "link_not_https": "/email/blocks/2/href",
        "empty_link": "/email/blocks/3/label",
    }
