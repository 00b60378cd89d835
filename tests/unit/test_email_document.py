"""Which documents are emails, and at which place the others are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.content.email.document import Blocks, OwnHtml, read_document
from clarion.kernel.errors import Invalid
from support.emails import blocks

ONE_OF_EACH: tuple[dict[str, Any], ...] = (
    {"type": "heading", "text": "Hi {{ first_name }}", "level": 2, "align": "center"},
    {"type": "text", "html": "<p>Text</p>"},
    {"type": "image", "src": "/images/0190-ab", "alt": "A roof", "width": 50},
    {"type": "button", "label": "Go", "href": "{{ metadata.link }}", "color": None},
    {
        "type": "columns",
        "columns": [
            {"width": 40, "blocks": [{"id": "l", "type": "spacer", "height": 8}]},
            {"width": 60, "blocks": [{"id": "r", "type": "divider", "color": "#ccc"}]},
        ],
    },
    {"type": "social", "links": [{"network": "x", "url": "https://x.com/acme"}]},
    {"type": "html", "html": "<table></table>"},
    {"type": "footer", "html": "<p>Bye</p>"},
)


def faults(document: object) -> dict[str, str]:
    with pytest.raises(Invalid) as raised:
        read_document(document)
    return {fault.pointer: fault.detail for fault in raised.value.faults}


def test_each_type_of_block_is_read_with_its_defaults() -> None:
    read = read_document(blocks(*ONE_OF_EACH, width=640))
    assert isinstance(read, Blocks)
    assert read.style.width == 640
    assert read.style.text_color == "#222222"
    assert [block.type for block in read.blocks] == [each["type"] for each in ONE_OF_EACH]
    assert [block.id for block in read.every_block()][5:7] == ["l", "r"]
    image = read.blocks[2].values
    assert (image["width"], image["align"], image["href"]) == (50, "center", "")


def test_own_html_is_read() -> None:
    read = read_document({"kind": "html", "html": "<p>x</p>"})
    assert read == OwnHtml(html="<p>x</p>", pointer="/email/html")


@pytest.mark.parametrize(
    ("block", "pointer"),
    [
        ({"type": "heading", "text": "x", "level": 4}, "level"),
        ({"type": "heading", "text": "x", "level": True}, "level"),
        ({"type": "heading"}, "text"),
        ({"type": "heading", "text": 5}, "text"),
        ({"type": "heading", "text": "x", "size": 9}, "size"),
        ({"type": "heading", "text": "x", "a/b~": 9}, "a~1b~0"),
        ({"type": "text", "html": "x", "align": "justify"}, "align"),
        ({"type": "image", "src": "https://a.example/x.png", "width": 9}, "width"),
        ({"type": "image", "src": "data:image/png;base64,AA"}, "src"),
        ({"type": "image", "src": ""}, "src"),
        ({"type": "image", "src": "/images/../secret"}, "src"),
        ({"type": "image", "src": "mailto:a@b.example"}, "src"),
        ({"type": "button", "label": "x", "href": "javascript:alert(1)"}, "href"),
        ({"type": "button", "label": "x", "href": " Java\tScript:alert(1)"}, "href"),
        ({"type": "button", "label": "x", "href": "www.example.com"}, "href"),
        ({"type": "button", "label": "x", "href": "//evil.example"}, "href"),
        ({"type": "button", "label": "x", "href": "https:"}, "href"),
        ({"type": "button", "label": "x", "href": "data:{{ first_name }}"}, "href"),
        ({"type": "button", "label": "x", "href": "https://a", "color": "red"}, "color"),
        ({"type": "button", "label": "x", "href": "https://a", "full_width": 1}, "full_width"),
        ({"type": "spacer", "height": 121}, "height"),
        ({"type": "spacer", "height": float("nan")}, "height"),
        ({"type": "divider", "color": "#12345"}, "color"),
        (
            {"type": "social", "links": [{"network": "myspace", "url": "https://a"}]},
            "links/0/network",
        ),
        ({"type": "social", "links": "x"}, "links"),
        ({"type": "marquee"}, "type"),
        ({"type": ["heading"]}, "type"),
        ({"type": "divider", "id": ""}, "id"),
        ({"type": "columns", "columns": [{"width": 50, "blocks": []}]}, "columns"),
        (
            {"type": "columns", "columns": [{"width": 90, "blocks": []}] * 2},
            "columns",
        ),
        (
            {
                "type": "columns",
                "columns": [
                    {"width": 50, "blocks": [{"id": "f", "type": "footer", "html": ""}]},
                    {"width": 50, "blocks": []},
                ],
            },
            "columns/0/blocks/0/type",
        ),
    ],
)
def test_a_wrong_block_is_named_by_its_place(block: dict[str, Any], pointer: str) -> None:
    document = blocks({"type": "divider"}, block)
    assert list(faults(document)) == [f"/email/blocks/1/{pointer}"]


def test_all_that_is_wrong_is_told_at_once() -> None:
    document = blocks(
        {"type": "heading"}, {"type": "heading", "text": "x", "level": 9}, font="comic"
    )
    document["blocks"][1]["id"] = "b0"
    assert set(faults(document)) == {
        "/email/style/font",
        "/email/blocks/0/text",
        "/email/blocks/1/id",
        "/email/blocks/1/level",
    }


@pytest.mark.parametrize("document", [None, [], "x", {}, {"kind": "pdf"}, {"kind": []}])
def test_what_is_no_email_is_refused(document: object) -> None:
    assert faults(document)


def test_there_are_limits_to_blocks_and_length() -> None:
    assert "/email/blocks" in faults(blocks(*[{"type": "divider"}] * 201))
    long = faults(blocks(*[{"type": "text", "html": "x" * 300_000}] * 2))
    assert long == {"/email": "An email may have 500,000 characters at most."}
    assert "/email/html" in faults({"kind": "html", "html": "x" * 500_001})


def test_blocks_in_columns_count_too() -> None:
    column = {"width": 50, "blocks": [{"id": f"c{n}", "type": "divider"} for n in range(150)]}
    other = {"width": 50, "blocks": [{"id": f"d{n}", "type": "divider"} for n in range(60)]}
    found = faults(blocks({"type": "columns", "columns": [column, other]}))
    assert list(found.values()) == ["An email has 200 blocks at most."]
