from __future__ import annotations

from decimal import Decimal
from typing import Any

from clarion.audience.audience import Contact
from clarion.broadcasts.outlook import NOTHING_MEASURED, cost_of, measure_audience
from clarion.content.segments import Encoding
from clarion.content.template import compile_template


def contact(number: int, **row: Any) -> Contact:
    return Contact(
        id=str(number),
        first_name=None,
        last_name=None,
        phone_number=None,
        email=None,
        metadata={},
        row=row,
        columns={},
    )


def named(*names: str) -> list[Contact]:
    return [contact(number, first_name=name) for number, name in enumerate(names)]


_GREETING = compile_template("Hi {{ first_name }}")  # three characters and the name


def test_a_text_without_tokens_is_measured_once_for_all() -> None:
    measured = measure_audience(compile_template("x" * 161), [], will_send=1_000_000)
    assert measured.segments == 2_000_000
    assert measured.shares == {2: 1_000_000}
    assert (measured.longest, measured.exact) == (161, True)


def test_everybody_is_measured_when_everybody_is_there() -> None:
    # 160 characters are one segment of GSM-7, 161 are two (of 153).
    measured = measure_audience(_GREETING, named("x" * 157, "x" * 158, "Ann"), will_send=3)
    assert measured.segments == 1 + 2 + 1
    assert measured.shares == {1: 2, 2: 1}
    assert (measured.longest, measured.measured, measured.exact) == (161, 3, True)
    assert measured.encoding is Encoding.GSM_7


def test_one_name_beyond_gsm_makes_the_whole_of_another_encoding() -> None:
    measured = measure_audience(_GREETING, named("Ann", "Łukasz"), will_send=2)
    assert measured.encoding is Encoding.UCS_2


def test_a_sample_is_projected_onto_all_and_adds_up() -> None:
    # Of three measured two have one segment: of ten that is 6 (rounded down) and 3, and the one
    # that is left over goes to the more frequent.
    measured = measure_audience(_GREETING, named("Ann", "Bob", "x" * 158), will_send=10)
    assert measured.shares == {1: 7, 2: 3}
    assert measured.segments == 7 + 6
    assert (measured.measured, measured.exact) == (3, False)


def test_nobody_to_measure_is_nothing() -> None:
    assert measure_audience(_GREETING, [], will_send=0) == NOTHING_MEASURED
    assert measure_audience(compile_template("Hello"), [], will_send=0) == NOTHING_MEASURED


def test_a_missing_value_is_measured_as_it_is_shown() -> None:
    # Measured is the text with its gap: Hi [first name?]
    assert measure_audience(_GREETING, [contact(1)], will_send=1).longest == 16


def test_costs_are_rounded_once_at_the_end() -> None:
    assert cost_of(1_000, Decimal("0.0079"), "USD").amount == Decimal("7.90")
    assert cost_of(1, Decimal("0.0079"), "USD").amount == Decimal("0.01")
    assert cost_of(0, Decimal("0.0079"), "EUR").currency == "EUR"


def test_what_characters_cost_is_told_by_how_many_segments_they_add() -> None:
    # With the quote 70 characters are one segment; in plain ones 160 are.
    text = compile_template("{{ first_name }}”" + "x" * 60)
    plain = compile_template("{{ first_name }}'" + "x" * 60)
    people = named("a" * 9, "a" * 10, "a" * 80, "a" * 110)
    measured = measure_audience(text, people, will_send=4, plain=plain)
    # 70, 71, 141 and 171 characters of UCS-2, of which 67 fit into each of several segments.
    assert measured.shares == {1: 1, 2: 1, 3: 2}
    # In plain characters the first three take one segment, and 171 two of 153.
    assert measured.dearer == {(2, 1): 1, (3, 1): 1, (3, 2): 1}
    assert measured.spared == 1 + 2 + 1
    assert measured.longest_of == "3"


def test_a_name_beyond_gsm_stays_dear_in_plain_characters() -> None:
    text = compile_template("{{ first_name }}”" + "x" * 69)
    plain = compile_template("{{ first_name }}'" + "x" * 69)
    measured = measure_audience(text, named("Łu", "Lu"), will_send=2, plain=plain)
    assert measured.dearer == {(2, 1): 1}


def test_what_is_spared_is_projected_with_the_sample() -> None:
    text, plain = compile_template("{{ first_name }}”"), compile_template("{{ first_name }}'")
    measured = measure_audience(text, named("x", "x" * 70), will_send=10, plain=plain)
    assert measured.shares == {1: 5, 2: 5}
    assert measured.dearer == {(2, 1): 5}
    alike = measure_audience(
        compile_template("”" * 71), [], will_send=1_000, plain=compile_template("'" * 71)
    )
    assert (alike.dearer, alike.longest_of) == ({(2, 1): 1_000}, None)


def test_without_plain_characters_nothing_is_spared() -> None:
    measured = measure_audience(_GREETING, named("x" * 158), will_send=1)
    assert (measured.dearer, measured.spared) == ({}, 0)
