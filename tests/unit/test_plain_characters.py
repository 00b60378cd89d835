"""Characters that make an SMS dear, and what stands for them."""

# ruff: noqa: RUF001 -- they are what is looked for

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.content.plain_characters import forcing, replaced
from clarion.content.segments import Encoding, measure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“It’s” – now…", "\"It's\" - now..."),
        ("a\u00a0b\u200bc", "a bc"),
        ("Siân, Łukasz, Ștefan", "Sian, Lukasz, Stefan"),
        ("e\u0301t\u00e9, a\u0302", "été, a"),
        ("José is in GSM", "José is in GSM"),
        ("5 ≤ 6 → ok ½", "5 <= 6 -> ok 1/2"),
        ("Hi 👋 there", "Hi 👋 there"),
        ("Привет 你好", "Привет 你好"),
        ("{{ a | default: “x” }} – {% if b == '…' %}–{% endif %}",
         "{{ a | default: “x” }} - {% if b == '…' %}-{% endif %}"),
    ],
)  # fmt: skip
def test_what_says_the_same_is_put_in_its_place(text: str, expected: str) -> None:
    assert replaced(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi 👋 there", "Hi there"),
        ("Hi 👩🏽\u200d🚀!", "Hi !"),
        ("Go ❤\ufe0f", "Go "),
        ("🇨🇭a  b", "a b"),
        ("a  b", "a  b"),
        ("{{ a | default: '👋' }}", "{{ a | default: '👋' }}"),
    ],
)
def test_emoji_go_only_when_somebody_says_so(text: str, expected: str) -> None:
    assert replaced(text, without_emoji=True) == expected


def test_each_character_is_named_once_with_its_replacement() -> None:
    found = forcing("“a” “b” {{ x | default: '–' }} ☕ 你")
    assert [(each.character, each.replacement, each.is_emoji) for each in found] == [
        ("“", '"', False),
        ("”", '"', False),
        ("☕", None, True),
        ("你", None, False),
    ]
    assert found[0].name == "left double quotation mark"
    assert forcing("plain") == ()


@given(st.text(max_size=80))
def test_replacing_never_makes_a_text_dearer_and_once_is_enough(text: str) -> None:
    once = replaced(text)
    assert replaced(once) == once
    assert len(forcing(once)) <= len(forcing(text))


@given(st.text(alphabet="aé“”‘’–—…\u00a0ŁâŐ½ ", max_size=200))
def test_what_has_replacements_alone_fits_the_cheap_alphabet(text: str) -> None:
    assert measure(replaced(text)).encoding is Encoding.GSM_7
