"""Snippets in texts: found, escaped, measured with what stands around them, refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.content.email.checks import check_email
from clarion.content.snippet_tag import MOST_USES, liquid_as_html, names_in, spelled_out
from clarion.content.snippets.snippet import LONGEST_SNIPPET, check_name, check_text, those_in
from clarion.content.template import MissingValue, compile_template
from clarion.kernel.errors import Invalid
from support.emails import FOOTER, LINKS, blocks, compiled, own, text

ANN: dict[str, Any] = {"first_name": "Ann <b>", "metadata": {}}
SNIPPETS = {
    "hours": "Mon to Fri\n9 & 5",
    "bye": 'Yours, {{ metadata.agent | default: "Bo & Co" }}',
    "needs": "Dear {{ first_name }}",
    "choice": "{% if first_name %}Hi {{ first_name }}\n{% endif %}",
    "site": "https://a.example/{{ metadata.page }}",
    "out": "{{ unsubscribe_url }}",
}


_QUOTED = (
    "Line 1, column 1: Write the snippet's name in quotation marks: "
    "\"{% render 'opening_hours' %}\"."
)


def complaint(source: str, snippets: dict[str, str] | None = None) -> str:
    with pytest.raises(Invalid) as raised:
        compile_template(source, pointer="/body", snippets=snippets or SNIPPETS)
    (fault,) = raised.value.faults
    assert fault.pointer == "/body"
    return fault.detail


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% render 'hours' %}", "Mon to Fri\n9 & 5"),
        ('Open: {% render "hours" %}.', "Open: Mon to Fri\n9 & 5."),
        ("a {%- render 'hours' -%} b", "aMon to Fri\n9 & 5b"),
        ("{% render 'needs' %}, {% render 'bye' %}", "Dear Ann <b>, Yours, Bo & Co"),
        ("{% if first_name %}{% render 'needs' %}{% endif %}", "Dear Ann <b>"),
        ("{% for n in (1..3) %}{% render 'hours' %}{% endfor %}", "Mon to Fri\n9 & 5" * 3),
        ("{% render 'choice' %}!", "Hi Ann <b>\n!"),
    ],
)
def test_a_text_says_what_its_snippets_say(source: str, expected: str) -> None:
    assert compile_template(source, snippets=SNIPPETS).render(ANN) == expected


def test_the_fields_of_a_snippet_are_fields_of_the_text() -> None:
    template = compile_template("{% render 'needs' %} {% render 'bye' %}", snippets=SNIPPETS)
    assert {token.name: token.has_fallback for token in template.tokens} == {
        "first_name": False,
        "metadata.agent": True,
    }
    assert template.missing({}) == ("first_name",)
    with pytest.raises(MissingValue):
        template.render({})
    guarded = compile_template(
        "{% if first_name %}{% render 'needs' %}{% endif %}", snippets=SNIPPETS
    )
    assert guarded.render({}) == ""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "Hi\n{% render 'ours' %}",
            'Line 2, column 1: There is no snippet "ours". Did you mean "hours"?',
        ),
        (
            "{% render 'zzz' %}",
            (
                'Line 1, column 1: There is no snippet "zzz". Make it under Templates, Snippets, '
                "or take it out of the text."
            ),
        ),
        (
            "{% render hours %}",
            _QUOTED,
        ),
        (
            "{% render 'hours' for metadata.tags %}",
            _QUOTED,
        ),
        (
            "{% render 'hours' %}" * (MOST_USES + 1),
            "Line 1, column 2001: A text may use snippets 100 times at most.",
        ),
    ],
)
def test_what_cannot_be_found_is_told_with_its_place(source: str, expected: str) -> None:
    assert complaint(source) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("  ", "Write what the snippet says."),
        (
            "{% render 'hours' %}",
            'A snippet cannot hold another one: write out what "hours" says instead.',
        ),
        (
            "{% assign a = 1 %}{{ a }}",
            "A snippet cannot give anything a name: take assign and capture out of it.",
        ),
        (
            "x" * (LONGEST_SNIPPET + 1),
            "Line 1, column 2001: The text has 2,001 characters; 2,000 is the most.",
        ),
        ("Hi {{ first", 'Line 1, column 4: "{{" is opened and never closed with "}}".'),
    ],
)
def test_what_a_snippet_may_not_say(given: str, expected: str) -> None:
    with pytest.raises(Invalid) as raised:
        check_text(given)
    (fault,) = raised.value.faults
    assert (fault.pointer, fault.detail) == ("/text", expected)


@pytest.mark.parametrize("name", ["", "Hours", "two words", "_a", "a__b", "a" * 61, "ä", "a'"])
def test_a_name_is_one_that_a_text_can_hold(name: str) -> None:
    with pytest.raises(Invalid) as raised:
        check_name(name)
    assert raised.value.faults[0].pointer == "/name"


def test_a_good_name_is_kept_without_spaces_around_it() -> None:
    assert check_name(" opening_hours-2 ") == "opening_hours-2"


def test_in_an_email_it_is_text_with_its_lines() -> None:
    mail = compiled(
        blocks(
            {"type": "heading", "text": "{% render 'hours' %}"},
            text("<p>{% render 'needs' %} {% render &quot;bye&quot; %}</p>"),
            text("<p>{% if first_name %}{% render 'hours' %}{% endif %}</p>"),
        ),
        subject="{% render 'hours' %}",
        preheader="{% render 'choice' %}",
        snippets=SNIPPETS,
    )
    shown = mail.preview(ANN, LINKS)
    assert shown.subject == "Mon to Fri 9 & 5"
    assert shown.html.count("Mon to Fri<br>\n9 &amp; 5") == 2
    assert "Dear Ann &lt;b&gt; Yours, Bo &amp; Co" in shown.html
    assert "Ann <b>" not in shown.html
    assert shown.preheader == "Hi Ann <b> "
    assert "Dear Ann <b> Yours, Bo & Co" in shown.text
    assert "Mon to Fri\n9 & 5" in shown.text
    assert {token.name for token in mail.tokens} == {"first_name", "metadata.agent"}


def test_a_link_may_be_one_and_is_judged_as_a_whole() -> None:
    document = own(
        "<p><a href=\"{% render 'site' %}\">Look</a> <a href=\"{% render 'evil' %}\">x</a></p>"
    )
    snippets = {**SNIPPETS, "evil": 'javascript:alert(1)"><script>'}
    page = compiled(document, snippets=snippets).preview({"metadata": {"page": 'a"b'}}, LINKS).html
    assert 'href="https://a.example/a%22b"' in page
    assert '<a href="#">x</a>' in page
    assert "<script" not in page


def test_a_snippet_that_stands_alone_keeps_its_line_in_the_text_part() -> None:
    mail = compiled(
        blocks(text("<p>One</p><p>{% render 'bye' %}</p><p>Two</p>")), snippets=SNIPPETS
    )
    lines = mail.preview({}, LINKS).text.splitlines()
    assert lines[:5] == ["One", "", "Yours, Bo & Co", "", "Two"]


def test_each_place_of_an_email_that_names_an_unknown_one_is_told() -> None:
    with pytest.raises(Invalid) as raised:
        compiled(
            blocks(
                text("<p>{% render 'no' %}</p>"), {"type": "heading", "text": "{% render 'no' %}"}
            ),
            text_part="{% render 'no' %}",
        )
    assert [fault.pointer for fault in raised.value.faults] == [
        "/email/blocks/0/html",
        "/email/blocks/1/text",
    ]
    with pytest.raises(Invalid) as raised:
        compiled(blocks(text("<p>Hi</p>")), subject="{% render 'no' %}")
    assert raised.value.faults[0].pointer == "/subject"


def test_words_in_snippets_count_for_the_checks() -> None:
    snippets = {"spam": "Act now, this is free money for all of you today"}
    mail = compiled(blocks(text("<p>{% render 'spam' %}</p>")), snippets=snippets)
    found = check_email(mail, mail.preview({}, LINKS), subject="Hello", footer=FOOTER)
    assert {"spam_words"} <= {each.kind for each in found}
    assert "few_words" not in {each.kind for each in found}
    assert spelled_out("Hi {% render 'spam' %} {% render 'no' %}", snippets) == (
        "Hi Act now, this is free money for all of you today {% render 'no' %}"
    )


def test_html_around_a_snippet_keeps_its_placeholders() -> None:
    assert liquid_as_html(SNIPPETS["bye"] + "\n<") == (
        'Yours, {{ metadata.agent | default: "Bo & Co" }}<br>\n&lt;'
    )


def test_those_that_a_text_names() -> None:
    assert names_in("{% render 'a' %}{%- render \"b-c\" -%}{{ render }} render 'd'") == {"a", "b-c"}
    kept = those_in({"hours": "9 to 5", "other": "x"}, "", '{"html": "{% render \\"hours\\" %}"}')
    assert kept == {"hours": "9 to 5"}
