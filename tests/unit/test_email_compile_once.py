"""An email is compiled once for each content."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clarion.content.email.compile_once import compile_once
from clarion.kernel.errors import Invalid
from support.emails import FOOTER, LINKS, blocks, text


def test_the_same_content_is_compiled_once() -> None:
    first = compile_once(blocks(text("Hi {{ first_name }}")), subject="A", footer=FOOTER)
    again = compile_once(blocks(text("Hi {{ first_name }}")), subject="A", footer=FOOTER)
    assert again is first


def test_whatever_changes_is_compiled_anew() -> None:
    document = blocks(text("Hi"))
    first = compile_once(document, subject="A", footer=FOOTER)
    others = [
        compile_once(blocks(text("Ho")), subject="A", footer=FOOTER),
        compile_once(document, subject="B", footer=FOOTER),
        compile_once(document, subject="A", footer=replace(FOOTER, company="Other")),
        compile_once(document, subject="A", footer=FOOTER, text_part="Plain"),
        compile_once(document, subject="A", footer=FOOTER, track_opens=True),
    ]
    assert len({id(each) for each in (first, *others)}) == len(others) + 1
    assert "Ho" in others[0].preview({}, LINKS).html


def test_what_is_wrong_is_said_each_time() -> None:
    for _ in range(2):
        with pytest.raises(Invalid):
            compile_once(blocks(text("{{ a")), subject="A", footer=FOOTER)
