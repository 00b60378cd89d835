"""What a number tells of the time zone, and where it tells nothing for certain."""

from __future__ import annotations

import phonenumbers
import pytest
from phonenumbers import timezone
from phonenumbers.tzdata import TIMEZONE_DATA

from clarion.audience.phone_zone import PhoneZones, _areas, zones_of_number
from clarion.audience.zone_tables import agreed


@pytest.mark.parametrize(
    ("e164", "zone"),
    [
        ("+15125550100", "America/Chicago"),
        ("+12125550100", "America/New_York"),
        ("+13105550100", "America/Los_Angeles"),
        ("+18085550100", "Pacific/Honolulu"),
        ("+16025550100", "America/Phoenix"),
        ("+14165550100", "America/Toronto"),
        ("+17875550100", "America/Puerto_Rico"),
        ("+442079460000", "Europe/London"),
        ("+447911123456", "Europe/London"),
        ("+33612345678", "Europe/Paris"),
        ("+919812345678", "Asia/Kolkata"),
        ("+525512345678", "America/Mexico_City"),
    ],
)
def test_an_area_that_lies_in_one_zone_tells_it(e164: str, zone: str) -> None:
    assert zones_of_number(e164) == PhoneZones(zone)


@pytest.mark.parametrize("e164", ["+18005550199", "+18885550199", "+19005550199", "+15005550006"])
def test_a_number_of_no_place_tells_nothing(e164: str) -> None:
    assert zones_of_number(e164) == PhoneZones()


EAST_OR_CENTRAL = ("America/Chicago", "America/New_York")


@pytest.mark.parametrize(
    ("area", "candidates"),
    [
        ("270", EAST_OR_CENTRAL),  # western Kentucky, which the library takes for New York
        ("364", EAST_OR_CENTRAL),  # the same, laid over it
        ("423", EAST_OR_CENTRAL),  # Chattanooga, which it takes for Chicago
        ("850", EAST_OR_CENTRAL),  # from Tallahassee to Pensacola
        ("448", EAST_OR_CENTRAL),
        ("812", EAST_OR_CENTRAL),
        ("474", ("America/Regina", "America/Winnipeg")),
    ],
)
def test_an_area_in_two_zones_tells_only_which_they_may_be(
    area: str, candidates: tuple[str, ...]
) -> None:
    assert zones_of_number(f"+1{area}5550100") == PhoneZones(None, candidates)


@pytest.mark.parametrize(
    ("digits", "zone"),
    [("1270", "America/Chicago"), ("1423", "America/New_York"), ("1850", "America/Chicago")],
)
def test_an_exchange_that_is_known_by_itself_tells_it_all_the_same(digits: str, zone: str) -> None:
    known = [each for each in TIMEZONE_DATA if each.startswith(digits) and len(each) == 7]
    assert len(known) > 50
    assert {zones_of_number(f"+{exchange}0100") for exchange in known} == {PhoneZones(zone)}


SPLIT = (
    "208 219 250 270 308 418 423 541 574 605 606 620 701 709 775 785 807 812 850 867 879 906 907 "
    "928 986"
)


@pytest.mark.parametrize("area", SPLIT.split())
def test_every_area_that_is_split_is_known_as_such(area: str) -> None:
    assert _areas()[f"1{area}"].zone is None
    assert len(_areas()[f"1{area}"].candidates) > 1


def test_a_mobile_number_of_a_country_with_several_zones_names_them_all() -> None:
    assert zones_of_number("+34612345678") == PhoneZones(None, ("Atlantic/Canary", "Europe/Madrid"))


def test_what_is_certain_is_one_of_those_that_the_library_names() -> None:
    """For an example of every country and kind of number, and for every area of +1."""
    kinds = (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
        phonenumbers.PhoneNumberType.TOLL_FREE,
    )
    numbers = [
        phonenumbers.example_number_for_type(region, kind)
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in kinds
    ] + [phonenumbers.parse(f"+1{area}2345678") for area in range(200, 1000)]
    looked_at = 0
    for number in numbers:
        if number is None or not phonenumbers.is_valid_number(number):
            continue
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        zone = zones_of_number(e164).zone
        if zone is not None:
            theirs = timezone.time_zones_for_number(number)
            assert any(agreed([zone, each]) for each in theirs), e164
            looked_at += 1
    assert looked_at > 700
