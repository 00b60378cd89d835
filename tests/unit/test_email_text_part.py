"""The plain text that is made from a mail's HTML."""

from __future__ import annotations

import pytest

from clarion.content.email.marks import Marks
from clarion.content.email.text_part import make_text
from support.emails import LINKS, blocks, compiled, text


def made(html: str) -> str:
    marks = Marks(html)
    return marks.restore(make_text(marks.hide(html), marks)).rstrip("\n")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
        ("<h1>Title</h1><p>x</p>", "Title\n=====\n\nx"),
        ("<h2>Title</h2><p>x</p>", "Title\n-----\n\nx"),
        ('<p>See <a href="https://a.example/?x=1&amp;y=2">this</a>.</p>',
         "See this (https://a.example/?x=1&y=2)."),
        ('<a href="https://a.example">https://a.example</a>', "https://a.example"),
        ('<a href="mailto:ann@a.example">Ann</a>', "Ann (ann@a.example)"),
        ('<a href="tel:+15125550101">+15125550101</a>', "+15125550101"),
        ('<a href="#top">up</a>', "up"),
        ('<a href="https://a.example"><img alt="Our roof"></a>', "Our roof (https://a.example)"),
        ('<a href="https://a.example"><img alt=""></a>', "https://a.example"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>d</p>", "- a\n- b\n  - c\n\nd"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<ul><li><p>a</p></li><li><p>b</p></li></ul>", "- a\n- b"),
        ("a<hr>b", "a\n\n" + "-" * 40 + "\n\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a  b\nc"),
        ("<style>p{}</style>x &amp; y&nbsp;z", "x & y z"),
        ("<p>\n  a\n  b\n</p>", "a b"),
        ("<ul>{% for t in tags %}<li>{{ t }}</li>{% endfor %}</ul>",
         "{% for t in tags %}- {{ t }}\n{% endfor %}"),
        ("", ""),
    ],
)  # fmt: skip
def test_html_as_text(html: str, expected: str) -> None:
    assert made(html) == expected


def test_lines_are_wrapped_between_words_and_never_inside_of_a_placeholder() -> None:
    placeholder = '{{ metadata["a field with a long name"] | default: "something else here" }}'
    words = " ".join(["word"] * 40)
    lines = made(f"<p>{words} {placeholder} https://a.example/{'x' * 90} end</p>").split("\n")
    assert any(placeholder in line for line in lines)
    assert "https://a.example/" + "x" * 90 in lines
    assert all(len(line) <= 78 for line in lines[:-3])
    assert " ".join(lines) == f"{words} {placeholder} https://a.example/{'x' * 90} end"


def test_a_list_item_is_wrapped_beside_its_dash() -> None:
    lines = made(f"<ul><li>{' '.join(['word'] * 30)}</li></ul>").split("\n")
    assert lines[0].startswith("- word")
    assert all(line.startswith("  word") for line in lines[1:])


def test_the_text_of_blocks_has_all_that_they_say() -> None:
    column = [{"id": "c", "type": "image", "src": "/images/1", "alt": "Roof", "href": ""}]
    document = blocks(
        {"type": "heading", "text": "Hi {{ first_name }} & all"},
        text("<p>Text</p>"),
        {"type": "columns", "columns": [{"width": 50, "blocks": column}] * 1 + [
            {"width": 50, "blocks": [{"id": "d", "type": "divider"}]}]},
        {"type": "button", "label": "Go", "href": "https://a.example"},
        {"type": "social", "links": [{"network": "x", "url": "https://x.com/a"}]},
    )  # fmt: skip
    mail = compiled(document)
    assert mail.made_text.split("\n\n") == [
        "Hi {{ first_name }} & all\n" + "=" * 21,
        "Text",
        "Roof",
        "-" * 40,
        "Go (https://a.example)",
        "X (https://x.com/a)",
        "-" * 40,
        "Acme & Co\n1 Main St\nAustin, TX 78701",
        "Unsubscribe ({{ unsubscribe_url }}) · Preferences ({{ preferences_url }})\n",
    ]


def test_the_made_text_can_be_given_back_as_a_text_of_ones_own() -> None:
    document = blocks(text("<p>Hi {{ first_name }}, { {{ a }} } {% if a %}x{% endif %}</p>"))
    contact = {"first_name": "Ann", "a": "1"}
    first = compiled(document)
    again = compiled(document, text_part=first.made_text)
    assert again.preview(contact, LINKS).text == first.preview(contact, LINKS).text
    assert "Hi Ann, { 1 } x" in again.preview(contact, LINKS).text
