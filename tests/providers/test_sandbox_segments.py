"""The sandbox's count of segments, by the vectors of Twilio's own calculator."""

from __future__ import annotations

import pytest

from clarion.providers.sandbox.segments import count_segments

DIGITS = "0123456789" * 17


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" + DIGITS[:158], 1),
        ("€" + DIGITS[:159], 2),
        ("a" * 152 + "€" + "a" * 151, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("😜" + DIGITS[:68], 1),
        ("😜" + DIGITS[:69], 2),
        ("я" * 66 + "😀" + "я" * 65, 2),
        ("я" * 66 + "😀" + "я" * 66, 3),
        ("a" * 1600, 11),
        ("я" * 1600, 24),
        ("🇮🇹" + DIGITS[:66], 1),
        ("🇮🇹" + DIGITS[:67], 2),
    ],
)
def test_a_text_takes_as_many_segments_as_twilio_counts(text: str, segments: int) -> None:
    assert count_segments(text) == segments


@pytest.mark.parametrize("char", "`çáíóúÁ“\u2019\u2013—…\u00a0\t")
def test_a_character_outside_gsm_makes_the_whole_text_ucs2(char: str) -> None:
    assert count_segments("a" * 70 + char) == 2


@pytest.mark.parametrize("char", "\n\r @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!¡ÄÖÑÜ§¿äöñüà")
def test_a_basic_character_takes_one_septet(char: str) -> None:
    assert count_segments("a" * 159 + char) == 1


@pytest.mark.parametrize("char", "\f[\\]^{|}~€")
def test_an_extended_character_takes_two_septets(char: str) -> None:
    assert count_segments("a" * 158 + char) == 1
    assert count_segments("a" * 159 + char) == 2
