from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.content.segments import Encoding, measure, replacements, to_gsm

GSM, UCS2 = Encoding.GSM_7, Encoding.UCS_2
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"
FAMILY = "👨‍👩‍👧"


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        ("a" * 160, GSM, 1),
        ("a" * 161, GSM, 2),
        ("a" * 306, GSM, 2),
        ("a" * 307, GSM, 3),
        ("€" + "1" * 158, GSM, 1),
        ("€" + "1" * 159, GSM, 2),
        ("a" * 152 + "€" + "a" * 151, GSM, 2),
        ("a" * 152 + "€" + "a" * 152, GSM, 3),
        ("я" * 70, UCS2, 1),
        ("я" * 71, UCS2, 2),
        ("я" * 134, UCS2, 2),
        ("я" * 135, UCS2, 3),
        ("😜" + "1" * 68, UCS2, 1),
        ("😜" + "1" * 69, UCS2, 2),
        ("я" * 66 + "😀" + "я" * 65, UCS2, 2),
        ("я" * 66 + "😀" + "я" * 66, UCS2, 3),
        ("a" * 1600, GSM, 11),
        ("я" * 1600, UCS2, 24),
        ("🇮🇹" + "1" * 66, UCS2, 1),
        ("🇮🇹" + "1" * 67, UCS2, 2),
    ],
)
def test_the_vectors_of_the_carrier_hold(text: str, encoding: Encoding, segments: int) -> None:
    measured = measure(text)
    assert (measured.encoding, measured.segments) == (encoding, segments)


def test_the_alphabet_is_the_one_of_gsm_03_38() -> None:
    assert len(BASIC) == 127
    assert all(measure(character).units == 1 for character in BASIC)
    assert all(measure(character).units == 2 for character in EXTENSION)
    assert measure(BASIC + EXTENSION).encoding is GSM


@pytest.mark.parametrize(
    "character", ["`", "ç", "á", "\u00a0", "\t", "\u2019", "—", "…", "\x1b", "😀"]
)
def test_what_is_not_in_the_alphabet_forces_the_dear_encoding(character: str) -> None:
    measured = measure(f"ab{character}{character}c")
    assert measured.encoding is UCS2
    assert measured.forcing == (character,)


def test_forcing_characters_come_once_and_in_order() -> None:
    assert measure("“Hé” — “ok”…").forcing == ("“", "”", "—", "…")


def test_an_empty_text_takes_no_segment() -> None:
    measured = measure("")
    assert (measured.segments, measured.units, measured.left_in_segment) == (0, 0, 160)


def test_what_is_left_counts_down_to_a_segment_more() -> None:
    assert measure("a" * 150).left_in_segment == 10
    assert measure("a" * 161).left_in_segment == 145
    assert measure("я" * 71).left_in_segment == 63
    assert measure("a" * 152 + "€" + "a" * 10).left_in_segment == 141


@pytest.mark.parametrize(
    "cluster", ["🇮🇹", FAMILY, "👍🏽", "❤️", "e\u0301\u0301", "1️⃣", "\u1100\u1161"]
)
def test_what_a_reader_sees_as_one_is_not_divided(cluster: str) -> None:
    before = measure("я" * 66 + cluster + "я" * 40)
    size = measure("я" * 40 + cluster).units - 40
    assert before.segments == 2
    assert before.left_in_segment == 67 - size - 40


def test_a_line_break_of_two_characters_may_be_divided() -> None:
    assert measure("я" * 66 + "\r\n" + "я" * 66).segments == 2


def test_flags_in_a_row_are_pairs() -> None:
    flags = measure("🇮🇹" * 40)
    assert (flags.units, flags.segments) == (160, 3)  # 16 flags of 4 units fill a segment


def test_a_cluster_longer_than_a_segment_is_divided_all_the_same() -> None:
    measured = measure("я" + "e" + "\u0301" * 200)
    assert measured.segments == 4


def naive(text: str) -> tuple[str, int, int, int]:
    """Unit by unit, for texts whose clusters are single characters."""
    if all(character in BASIC + EXTENSION for character in text):
        sizes = [2 if character in EXTENSION else 1 for character in text]
        encoding, single, part = "GSM-7", 160, 153
    else:
        sizes = [len(character.encode("utf-16-le")) // 2 for character in text]
        encoding, single, part = "UCS-2", 70, 67
    total = sum(sizes)
    if total <= single:
        return encoding, min(total, 1), total, single - total
    segments, used = 1, 0
    for size in sizes:
        if used + size > part:
            segments, used = segments + 1, 0
        used += size
    return encoding, segments, total, part - used


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(f"a é€[{EXTENSION}яß😀😜"), st.integers(1, 90)), max_size=9
    ).map(lambda runs: "".join(character * count for character, count in runs))
    | st.text(st.sampled_from(BASIC + EXTENSION), max_size=500)
)
def test_the_fast_count_agrees_with_the_naive_one(text: str) -> None:
    measured = measure(text)
    assert naive(text) == (
        measured.encoding,
        measured.segments,
        measured.units,
        measured.left_in_segment,
    )
    assert measured.characters == len(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_a_measure(text: str) -> None:
    measured = measure(text)
    assert measured.left_in_segment >= 0
    assert (measured.segments == 0) == (text == "")
    assert bool(measured.forcing) == (measured.encoding is UCS2)


def test_look_alikes_are_offered_for_what_forces_the_dear_encoding() -> None:
    text = "“Don\u2019t”\u00a0wait \u2013 it\u2019s ½ off…\u200b"
    assert replacements(text) == {
        "“": '"',
        "\u2019": "'",
        "”": '"',
        "\u00a0": " ",
        "\u2013": "-",
        "½": "1/2",
        "…": "...",
        "\u200b": "",
    }
    assert to_gsm(text) == "\"Don't\" wait - it's 1/2 off..."
    assert measure(to_gsm(text)).encoding is GSM


def test_a_name_is_never_spelled_wrongly_to_save_a_cent() -> None:
    assert to_gsm("Siân, 李 伟 😀") == "Siân, 李 伟 😀"
    assert replacements("Siân 😀") == {}


def test_an_accent_written_apart_is_put_on_its_letter_where_that_saves() -> None:
    assert replacements("Rene\u0301e") == {"e\u0301": "é"}
    assert to_gsm("Rene\u0301e") == "Renée"
    assert to_gsm("a\u0301") == "a\u0301"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_the_offered_replacements_are_those_that_are_made(text: str) -> None:
    made = to_gsm(text)
    offered = replacements(text)
    assert (made != text) == bool(offered)
    assert to_gsm(made) == made
    for replacement in offered.values():
        assert not replacement or measure(replacement).encoding is GSM


def test_measuring_is_fast_enough_for_every_recipient() -> None:
    text = "Hi Maria, your quote is ready. Can we talk today at 4? Reply STOP to opt out. " * 2
    started = time.thread_time()
    for _ in range(2_000):
        measure(text)
    # 50,000 a second are asked for, ten times as many measured: a wide margin for a slow machine.
    assert 2_000 / (time.thread_time() - started) > 20_000
