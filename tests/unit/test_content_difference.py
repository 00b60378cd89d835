"""What has changed between two contents, told so that either one can be read out of it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.content.difference import (
    BlockChange,
    Difference,
    Part,
    PartKind,
    difference,
    text_difference,
)
from clarion.content.plain_text import plain_text
from clarion.content.template_content import Content
from clarion.kernel.channel import Channel

SAME, REMOVED, ADDED = PartKind.SAME, PartKind.REMOVED, PartKind.ADDED


def mail(*blocks: dict[str, Any], **document: Any) -> Content:
    email = {"kind": "blocks", "style": {}, "blocks": list(blocks), **document}
    return Content(channel=Channel.EMAIL, subject="S", email=email)


def heading(block_id: str, text: str, **more: Any) -> dict[str, Any]:
    return {"id": block_id, "type": "heading", "text": text, "level": 1, **more}


def columns(block_id: str, *parts: list[dict[str, Any]]) -> dict[str, Any]:
    held = [{"width": 100 // len(parts), "blocks": part} for part in parts]
    return {"id": block_id, "type": "columns", "columns": held}


def changes(found: Difference) -> list[tuple[str, str]]:
    return [(each.change.value, each.id) for each in found.blocks]


def test_the_words_that_have_changed_are_told_and_the_others_are_kept() -> None:
    assert text_difference("Hi Ann, see you at 9.", "Hi Ann, see you at noon.") == (
        Part(SAME, "Hi Ann, see you at "),
        Part(REMOVED, "9"),
        Part(ADDED, "noon"),
        Part(SAME, "."),
    )


def test_lines_that_nobody_has_touched_are_not_taken_apart() -> None:
    assert text_difference("one\ntwo\nthree\n", "one\nthree\nfour\n") == (
        Part(SAME, "one\n"),
        Part(REMOVED, "two\n"),
        Part(SAME, "three\n"),
        Part(ADDED, "four\n"),
    )


def test_a_long_passage_is_replaced_as_a_whole() -> None:
    before, after = "a " * 2_000, "b " * 2_000
    assert text_difference(before, after) == (Part(REMOVED, before), Part(ADDED, after))


@given(st.text(alphabet="ab .\n{}é", max_size=60), st.text(alphabet="ab .\n{}é", max_size=60))
def test_both_texts_can_be_read_out_of_their_difference(before: str, after: str) -> None:
    parts = text_difference(before, after)
    assert "".join(each.text for each in parts if each.kind is not ADDED) == before
    assert "".join(each.text for each in parts if each.kind is not REMOVED) == after
    assert all(each.text for each in parts)
    kinds = [each.kind for each in parts]
    assert all(one is not other for one, other in pairwise(kinds))


def test_equal_contents_differ_in_nothing() -> None:
    one = mail(heading("a", "Hello"), columns("c", [heading("d", "x")]))
    assert difference(one, one) == Difference(fields=(), blocks=())


def test_of_a_text_only_the_fields_that_changed_are_told() -> None:
    before = Content(channel=Channel.EMAIL, subject="Old", preheader="p", body="<p>Hi</p>")
    after = Content(channel=Channel.EMAIL, subject="New", preheader="p", body="<p>Hi</p>")
    (field,) = difference(before, after).fields
    assert field.field == "subject"
    assert field.parts == (Part(REMOVED, "Old"), Part(ADDED, "New"))


def test_blocks_are_added_removed_and_changed_in_the_order_of_the_later_document() -> None:
    before = mail(heading("a", "One"), heading("b", "Two"), heading("c", "Three"))
    after = mail(heading("a", "One"), heading("n", "New"), heading("c", "Third"))
    found = difference(before, after)
    assert changes(found) == [("removed", "b"), ("added", "n"), ("changed", "c")]
    assert found.blocks[0].fields[0].parts == (Part(REMOVED, "Two"),)
    assert found.blocks[1].fields[0].parts == (Part(ADDED, "New"),)
    (field,) = found.blocks[2].fields
    assert field.field == "text"
    assert field.parts == (Part(REMOVED, "Three"), Part(ADDED, "Third"))


def test_a_block_that_is_elsewhere_has_moved_whether_it_changed_or_not() -> None:
    before = mail(heading("a", "One"), heading("b", "Two"), heading("c", "Three"))
    after = mail(heading("c", "Third"), heading("a", "One"), heading("b", "Two"))
    (moved,) = difference(before, after).blocks
    assert (moved.change, moved.id, moved.has_moved) == (BlockChange.CHANGED, "c", True)
    after = mail(heading("c", "Three"), heading("a", "One"), heading("b", "Two"))
    assert changes(difference(before, after)) == [("moved", "c")]


def test_a_block_in_another_column_has_moved() -> None:
    before = mail(columns("c", [heading("a", "A"), heading("b", "B")], []))
    after = mail(columns("c", [heading("a", "A")], [heading("b", "B")]))
    assert changes(difference(before, after)) == [("moved", "b")]


def test_what_stands_in_columns_is_told_by_itself() -> None:
    before = mail(columns("c", [heading("a", "Here")], [heading("b", "There")]))
    after = mail(columns("c", [heading("a", "Here")], [heading("b", "Elsewhere")]))
    assert changes(difference(before, after)) == [("changed", "b")]


def test_another_width_of_the_columns_is_a_change_of_their_block() -> None:
    before = mail({"id": "c", "type": "columns", "columns": [{"width": 50, "blocks": []}]})
    after = mail({"id": "c", "type": "columns", "columns": [{"width": 40, "blocks": []}]})
    (block,) = difference(before, after).blocks
    assert [(each.field, each.parts) for each in block.fields] == [
        ("widths", (Part(REMOVED, "[50]"), Part(ADDED, "[40]")))
    ]


def test_settings_are_replaced_and_told_by_their_names() -> None:
    before = mail(heading("a", "x", level=1), style={"background": "#fff", "width": 600})
    after = mail(heading("a", "x", level=2), style={"background": "#eee", "width": 600})
    found = difference(before, after)
    (style,) = found.fields
    assert style.field == "style.background"
    assert "".join(each.text for each in style.parts if each.kind is not REMOVED) == "#eee"
    (level,) = found.blocks[0].fields
    assert (level.field, level.parts) == ("level", (Part(REMOVED, "1"), Part(ADDED, "2")))


def test_of_rich_text_a_person_reads_the_words() -> None:
    before = mail({"id": "t", "type": "text", "html": "<p>Hi <b>Ann</b> &amp; Bo</p>"})
    after = mail({"id": "t", "type": "text", "html": "<p>Hi <b>Ann</b> &amp; Cy</p>"})
    (field,) = difference(before, after).blocks[0].fields
    assert field.parts == (Part(SAME, "Hi Ann & "), Part(REMOVED, "Bo"), Part(ADDED, "Cy"))


def test_another_markup_of_the_same_words_is_shown_as_markup() -> None:
    before = mail({"id": "t", "type": "text", "html": "<p>Hi</p>"})
    after = mail({"id": "t", "type": "text", "html": "<p><b>Hi</b></p>"})
    (field,) = difference(before, after).blocks[0].fields
    whole = "".join(each.text for each in field.parts if each.kind is not REMOVED)
    assert whole == "<p><b>Hi</b></p>"


def test_blocks_become_html_of_ones_own() -> None:
    before = mail(heading("a", "One"))
    after = Content(
        channel=Channel.EMAIL, subject="S", email={"kind": "html", "html": "<p>Hello</p>"}
    )
    found = difference(before, after)
    assert changes(found) == [("removed", "a")]
    assert [each.field for each in found.fields] == ["email.kind", "email.html"]


@pytest.mark.parametrize(
    "blocks",
    [None, "text", [None, 7], [{}], [{"columns": "x"}], [{"columns": [1, {"blocks": None}]}]],
)
def test_a_document_of_another_form_is_compared_without_falling_over(blocks: object) -> None:
    odd = Content(channel=Channel.EMAIL, subject="S", email={"kind": "blocks", "blocks": blocks})
    assert difference(odd, odd) == Difference(fields=(), blocks=())
    difference(odd, mail(heading("a", "One")))
    difference(mail(heading("a", "One")), odd)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("<ul><li>a</li><li>b &lt; c</li></ul>", "a\nb < c"),
        ("Best<br>Ann", "Best\nAnn"),
        ("<style>p { color: red }</style><p>Seen</p>", "Seen"),
        ("3 < 4", "3 < 4"),
    ],
)
def test_the_text_of_html_is_what_a_person_reads(markup: str, text: str) -> None:
    assert plain_text(markup) == text
