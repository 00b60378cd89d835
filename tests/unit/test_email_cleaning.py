"""What people's own HTML may bring into a mail, and what it may not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.content.email.clean import clean_page, clean_rich
from clarion.content.email.marks import Marks
from clarion.kernel.errors import Invalid


def page(html: str) -> str:
    marks = Marks(html)
    return marks.restore(clean_page(html, marks, pointer="/html").body)


def rich(html: str) -> str:
    marks = Marks(html)
    return marks.restore(clean_rich(html, marks, pointer="/html"))


def refused(html: str) -> list[str]:
    marks = Marks(html)
    with pytest.raises(Invalid) as raised:
        clean_page(html, marks, pointer="/html")
    assert {fault.pointer for fault in raised.value.faults} == {"/html"}
    return [fault.detail for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("<p onclick=alert(1)>a</p>", "<p>a</p>"),
        ("<script>alert(1)</script>b", "b"),
        ("<iframe src='https://a.example'></iframe>b", "b"),
        ("<form action='https://a.example'><input name=a>b</form>", "b"),
        ("<svg><script>alert(1)</script></svg>b", "b"),
        (
            "<img src=https://a.example/x.png onerror=alert(1)>",
            '<img src="https://a.example/x.png">',
        ),
        ("<link rel=stylesheet href=https://a.example/x.css>b", "b"),
        ("<meta http-equiv=refresh content='0;url=https://a.example'>b", "b"),
        ("<base href='https://a.example'>b", "b"),
        ("a<!-- <script>alert(1)</script> -->b", "ab"),
        ("a<!--[if mso]><script>x</script><![endif]-->b", "ab"),
        ("a<!-- never closed <script>", "a"),
        ('<p style="color:red;position:fixed">a</p>', '<p style="color:red">a</p>'),
        ('<p style="background:url(https://a.example/x)">a</p>', "<p>a</p>"),
        ('<p style="width:expression(alert(1))">a</p>', "<p>a</p>"),
        ("<body bgcolor=red><p>a</p></body>", '<div bgcolor="red"><p>a</p></div>'),
        ("<html><head><title>t</title></head><body>a</body></html>", "<div>a</div>"),
    ],
)
def test_what_could_do_harm_is_taken_out(given: str, expected: str) -> None:
    assert page(given) == expected


@pytest.mark.parametrize(
    "html",
    [
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='java&#10;script:alert(1)'>x</a>",
        "<a href='vbscript:x'>x</a>",
        "<a href='data:text/html,x'>x</a>",
        "<a href='file:///etc/passwd'>x</a>",
        "<a href='index.html'>x</a>",
        "<a href='//a.example'>x</a>",
        "<img src='data:image/png;base64,AA'>",
        "<img src='x.png'>",
        "<td background='javascript:x'>",
    ],
)
def test_dangerous_and_broken_addresses_are_refused(html: str) -> None:
    assert "address" in refused(f"<table><tr>{html}</tr></table>" if "<td" in html else html)[0]


def test_a_refused_link_is_named() -> None:
    (detail,) = refused("<p>a</p><a href='javascript:alert(1)'>x</a>")
    assert 'href="javascript:alert(1)"' in detail
    assert "https, http, mailto and tel" in detail


@pytest.mark.parametrize(
    "html",
    [
        "Hi {{ first_name | default: 'you' }}!",
        '<a href="{{ metadata.link }}">x</a>',
        '<a href="https://a.example/?n={{ first_name }}&amp;b=1">x</a>',
        '{% if metadata.score > 3 and metadata["a b"] < 5 %}<b>x</b>{% else %}y{% endif %}',
        '<img src="{{ metadata.photo }}" alt="{{ first_name }}">',
        "<ul>{% for tag in metadata.tags %}<li>{{ tag }}</li>{% endfor %}</ul>",
    ],
)
def test_liquid_comes_through_as_it_was(html: str) -> None:
    assert page(html) == html


def test_what_an_editor_has_escaped_in_braces_is_read_as_typed() -> None:
    assert rich("<p>{% if a &gt; 3 %}x{% endif %}</p>") == "<p>{% if a > 3 %}x{% endif %}</p>"
    assert rich("<p>{{ a |&nbsp;default: &quot;b&quot; }}</p>") == '<p>{{ a | default: "b" }}</p>'


def test_a_loop_around_the_rows_of_a_table_stays_there() -> None:
    html = "<table>{% for x in metadata.rows %}<tr><td>{{ x }}</td></tr>{% endfor %}</table>"
    cleaned = page(html)
    assert cleaned.startswith("<table>{% for x in metadata.rows %}")
    assert cleaned.index("{{ x }}") < cleaned.index("{% endfor %}") < cleaned.index("</table>")


@pytest.mark.parametrize(
    ("html", "word"),
    [
        ("<p {% if a %}class='b'{% endif %}>x</p>", "would be lost"),
        ("<{{ tag }}>x", "would be lost"),
        ("<script>{{ a }}</script>", "would be lost"),
        ('<p style="color: {{ metadata.color }}">x</p>', '"style"'),
        ('<p class="{{ a }}">x</p>', '"class"'),
        ("<style>p { color: {{ a }} }</style>", "stylesheet"),
    ],
)
def test_liquid_where_it_cannot_stand_is_refused(html: str, word: str) -> None:
    assert word in refused(html)[0]


@pytest.mark.parametrize(
    ("sheet", "stays"),
    [
        ("@media (max-width: 480px) { p { color: red !important } }", True),
        ("/* note */ p { margin: 0 }", True),
        ("@import 'https://a.example/x.css';", False),
        ("p { background: url(https://a.example/x) }", False),
        ("p { background: u\\72l(https://a.example/x) }", False),
        ("p { background: ur/**/l(https://a.example) }", False),
        ("p { behavior: x }", False),
    ],
)
def test_a_stylesheet_stays_when_it_can_do_no_harm(sheet: str, stays: bool) -> None:  # noqa: FBT001
    marks = Marks(sheet)
    cleaned = clean_page(f"<style>{sheet}</style><p>a</p>", marks, pointer="/html")
    assert bool(cleaned.styles) == stays


def test_a_stylesheet_ends_where_a_browser_would_end_it() -> None:
    marks = Marks("")
    cleaned = clean_page("<style>p { content: '</style ><script>' }</style>a", marks, pointer="")
    assert "<" not in cleaned.styles + cleaned.body


def test_a_text_block_knows_few_tags() -> None:
    assert rich("<h1>a</h1><img src=https://a.example><table><tr><td>b</table>") == "ab"
    assert rich('<span style="color:red;font-size:99px" class=x>a</span>') == (
        '<span style="color:red">a</span>'
    )


_PIECES = st.sampled_from(
    ["<", ">", '"', "'", "=", "&", "<p", "<a href=", "<script>", "</script>", "<style>", "<!--",
     "-->", "javascript:", "onerror=", "alert(1)", "<img src=x ", "<svg>", "<table>", "</a>", "&#",
     "x", " ", "{{ a }}", "{% if a %}", "{% endif %}", "<title>", "<noscript>", "<math>", "]]>",
     "\x00", "`"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=25).map("".join))
@settings(max_examples=400, deadline=None)
def test_no_text_gets_a_script_or_a_handler_through(html: str) -> None:
    marks = Marks(html)
    try:
        cleaned = clean_page(html, marks, pointer="/html").body
    except Invalid:
        return
    for tag in re.findall(r"<([^<>]*)>", cleaned):
        name = re.match(r"/?([a-z0-9]+)", tag)
        assert name
        assert name[1] in {"p", "a", "img", "table", "tbody", "div"}
        attributes = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        assert not any(key.startswith("on") for key in attributes)
        assert "javascript" not in attributes.get("href", "") + attributes.get("src", "")
