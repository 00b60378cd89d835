from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.audience.phone import Phone, PhoneProblem, _parsed, normalise, normalise_many
from clarion.audience.phone_zone import PhoneZones

NO_PHONE = Phone(problem=PhoneProblem.NO_PHONE)
INVALID = Phone(problem=PhoneProblem.INVALID_PHONE)


@pytest.mark.parametrize(
    "raw",
    [
        "5125550100",
        "(512) 555-0100",
        "512.555.0100",
        "512 555 0100",
        "1-512-555-0100",
        "+1 (512) 555-0100",
        "+15125550100",
        "  512-555-0100 ",
        "512-555-0100 ext. 22",
        "512-555-0100 x22",
        "tel:+1-512-555-0100",
        "tel:512-555-0100;ext=5;phone-context=+1",
        "cell: 512-555-0100",
        "\uff15\uff11\uff12 555 0100",
    ],
)
def test_an_american_number_is_understood_as_people_type_it(raw: str) -> None:
    assert normalise(raw, "US") == Phone(e164="+15125550100")


@pytest.mark.parametrize("raw", [None, "", "   ", "\t\n", "\u00a0"])
def test_nothing_typed_is_no_phone(raw: str | None) -> None:
    assert normalise(raw, "US") == NO_PHONE


@pytest.mark.parametrize(
    "raw",
    [
        "N/A",
        "-",
        "911",
        "555-0199",
        "000-000-0000",
        "(112) 555-0100",
        "512 055 0100",
        "123456789",
        "+1512555010",
        "5" * 300,
        "call me",
        "+",
        "512-555-01000",
        "+999 123456",
        "\0",
    ],
)
def test_what_is_no_number_is_invalid(raw: str) -> None:
    assert normalise(raw, "US") == INVALID


def test_letters_are_the_keys_of_a_phone() -> None:
    assert normalise("1-800-FLOWERS", "US") == Phone(e164="+18003569377")


def test_a_number_without_a_plus_belongs_to_the_region() -> None:
    assert normalise("07911 123456", "GB") == Phone(e164="+447911123456")
    assert normalise("+44 7911 123456", "US") == Phone(e164="+447911123456")
    assert normalise("07911 123456", "US") == INVALID
    assert normalise("512 555 0100", "no such region") == INVALID


def test_canadian_and_toll_free_numbers_are_numbers_too() -> None:
    assert normalise("(416) 555-0100", "US") == Phone(e164="+14165550100")
    assert normalise("800-555-0199", "US") == Phone(e164="+18005550199")


SEPARATORS = st.sampled_from(["", "-", ".", " ", ") ", "  ", "/", "x"])
NUMBERS = st.tuples(
    st.sampled_from(["", "1", "+1", "+1 ", "1-", "+", "("]),
    st.integers(0, 999),
    SEPARATORS,
    st.integers(0, 999),
    SEPARATORS,
    st.integers(0, 9999),
).map(lambda p: f"{p[0]}{p[1]:03d}{p[2]}{p[3]:03d}{p[4]}{p[5]:04d}")


@settings(max_examples=800, deadline=None)
@given(NUMBERS | st.text(st.sampled_from("0123456789()-+. x"), max_size=18))
def test_the_fast_way_agrees_with_the_library(raw: str) -> None:
    assert normalise(raw, "US") == (_parsed(raw, "US") if raw.strip() else NO_PHONE)


def test_every_area_code_is_judged_as_the_library_judges_it() -> None:
    for area in range(200, 1000):
        for raw in (f"({area}) 555-0123", f"+1{area}2345678"):
            assert normalise(raw, "US") == _parsed(raw, "US"), raw


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_number_or_a_problem(raw: str) -> None:
    phone = normalise(raw, "US")
    assert (phone.e164 is None) != (phone.problem is None)


def test_many_are_normalised_under_the_text_as_given_with_their_zones() -> None:
    austin = Phone(e164="+15125550100", zones=PhoneZones("America/Chicago"))
    assert normalise_many(["(512) 555-0100", "5125550100", "", "(512) 555-0100"], "US") == {
        "(512) 555-0100": austin,
        "5125550100": austin,
        "": NO_PHONE,
    }
