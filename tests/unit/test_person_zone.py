"""The zone of a person, from what is known of them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clarion.audience.person_zone import PersonZone, ZoneSource, person_zone
from clarion.audience.phone_zone import PhoneZones
from clarion.audience.zone_tables import agreed, plain, state_zones, zip_zones, zone_names

DENVER = PhoneZones("America/Denver")


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("America/New_York", "America/New_York"),
        ("america/new_york", "America/New_York"),
        ("  America/New York ", "America/New_York"),
        ("US/Eastern", "America/New_York"),
        ("EST", "America/New_York"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("CST6CDT", "America/Chicago"),
        ("Pacific", "America/Los_Angeles"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Stockholm", "Europe/Stockholm"),
        ("UTC", "UTC"),
    ],
)
@pytest.mark.parametrize("key", ["time_zone", "timezone", "tz"])
def test_what_is_said_outright_comes_first(key: str, said: str, zone: str) -> None:
    found = person_zone({key: said, "zip": "90001", "state": "HI"}, DENVER)
    assert found == PersonZone(zone=zone, source=ZoneSource.METADATA)


@pytest.mark.parametrize("said", ["MST", "IST", "-06:00", "Chicagoland", "", 5, None, ["EST"], {}])
def test_what_means_no_zone_or_two_is_passed_over(said: object) -> None:
    assert person_zone({"time_zone": said}) == PersonZone()
    known = person_zone({"time_zone": said, "tz": "EST"})
    assert known == PersonZone(zone="America/New_York", source=ZoneSource.METADATA)


def test_then_the_number_then_the_zip_code_then_the_state() -> None:
    metadata = {"zip": "90001", "state": "HI"}
    assert person_zone(metadata, DENVER) == PersonZone(
        zone="America/Denver", source=ZoneSource.PHONE
    )
    assert person_zone(metadata, PhoneZones(None, ("America/Denver", "America/Phoenix"))) == (
        PersonZone(zone="America/Los_Angeles", source=ZoneSource.ZIP)
    )
    assert person_zone({"zip": "99999999", "state": "HI"}) == (
        PersonZone(zone="Pacific/Honolulu", source=ZoneSource.STATE)
    )


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("10001", "America/New_York"),
        ("02139", "America/New_York"),
        (2139, "America/New_York"),
        (501, "America/New_York"),
        (60601.0, "America/Chicago"),
        ("60601-1234", "America/Chicago"),
        ("606011234", "America/Chicago"),
        (" 60601 ", "America/Chicago"),
        ("32501", "America/Chicago"),  # Pensacola
        ("33101", "America/New_York"),
        ("37201", "America/Chicago"),  # Nashville
        ("37901", "America/New_York"),  # Knoxville
        ("42001", "America/Chicago"),  # Paducah
        ("40201", "America/New_York"),  # Louisville
        ("46201", "America/New_York"),  # Indianapolis
        ("47701", "America/Chicago"),  # Evansville
        ("57701", "America/Denver"),  # Rapid City
        ("79901", "America/Denver"),  # El Paso
        ("75201", "America/Chicago"),
        ("83701", "America/Boise"),
        ("83814", "America/Los_Angeles"),  # Coeur d'Alene
        ("85001", "America/Phoenix"),
        ("96701", "Pacific/Honolulu"),
        ("96799", "Pacific/Pago_Pago"),
        ("99501", "America/Anchorage"),
        ("99546", "America/Adak"),
        ("00901", "America/Puerto_Rico"),
    ],
)
@pytest.mark.parametrize("key", ["zip", "zip_code", "postal_code"])
def test_a_zip_code_tells_its_zone(key: str, code: object, zone: str) -> None:
    assert person_zone({key: code}) == PersonZone(zone=zone, source=ZoneSource.ZIP)


@pytest.mark.parametrize(
    "code",
    ["2139", "606", "K1A 0B1", "sixty", "", "60601-12", "09012", 60601.5, 500, 100_000, True, None],
)
def test_what_is_no_american_zip_code_tells_nothing(code: object) -> None:
    assert person_zone({"zip": code}) == PersonZone()


def test_a_beginning_that_two_zones_share_names_both() -> None:
    assert person_zone({"zip": "32401"}) == PersonZone(
        candidates=("America/Chicago", "America/New_York")
    )


@pytest.mark.parametrize(
    ("state", "zone"),
    [
        ("CA", "America/Los_Angeles"),
        ("ca", "America/Los_Angeles"),
        ("New York", "America/New_York"),
        ("Washington, D.C.", "America/New_York"),
        ("Puerto Rico", "America/Puerto_Rico"),
        ("Nova Scotia", "America/Halifax"),
        ("AB", "America/Edmonton"),
    ],
)
def test_a_state_of_one_zone_tells_it(state: str, zone: str) -> None:
    assert person_zone({"state": state}) == PersonZone(zone=zone, source=ZoneSource.STATE)


SPLIT = "AK AZ FL ID IN KS KY MI NE NV ND OR SD TN TX BC ON QC SK NL NU Texas"


@pytest.mark.parametrize("state", SPLIT.split())
def test_a_state_in_two_zones_names_them(state: str) -> None:
    found = person_zone({"state": state})
    assert found.zone is None
    assert len(found.candidates) > 1


@pytest.mark.parametrize(
    ("metadata", "e164", "zone"),
    [
        # Five digits of Madrid are a ZIP code of North Carolina.
        ({"zip": "28001"}, "+34612345678", None),
        ({"zip": "28001"}, "+18005550199", "America/New_York"),
        ({"zip": "28001"}, None, "America/New_York"),
        ({"zip": "28001", "country": "Spain"}, None, None),
        ({"zip": "28001", "country": "USA"}, None, "America/New_York"),
        ({"zip": "28001", "country": "  "}, None, "America/New_York"),
        ({"state": "WA", "country": "Australia"}, None, None),
        ({"state": "MB", "zip": "28001", "country": "Canada"}, None, "America/Winnipeg"),
        ({"time_zone": "Europe/Madrid"}, "+34612345678", "Europe/Madrid"),
    ],
)
def test_places_of_other_countries_are_not_read_as_american(
    metadata: dict[str, Any], e164: str | None, zone: str | None
) -> None:
    assert person_zone(metadata, None, e164).zone == zone


@pytest.mark.parametrize("metadata", [None, [], ["time_zone"], "time_zone", 5, True, {}])
def test_without_metadata_only_the_number_is_asked(metadata: object) -> None:
    assert person_zone(metadata) == PersonZone()
    assert person_zone(metadata, DENVER).zone == "America/Denver"


def test_the_candidates_of_the_number_go_before_those_of_the_place() -> None:
    split = PhoneZones(None, ("America/Chicago", "America/New_York"))
    assert person_zone({"state": "TX"}, split).candidates == split.candidates


def test_every_zone_of_the_tables_is_one_and_known_by_its_own_name() -> None:
    zones = set(zone_names().values())
    for table in (state_zones(), zip_zones()):
        zones |= {zone for several in table.values() for zone in several}
    for zone in zones:
        assert ZoneInfo(zone).key == zone
        assert zone_names()[plain(zone)] == zone
    for name in [*zone_names(), *state_zones()]:
        assert name == plain(name)


def test_zones_agree_whose_clocks_do() -> None:
    assert agreed(["Europe/Guernsey", "Europe/Jersey", "Europe/London"]) == "Europe/London"
    assert agreed(["America/Detroit", "America/New_York"]) == "America/New_York"
    assert agreed(["America/Denver", "America/Phoenix"]) is None
    assert agreed(["Europe/London", "Africa/Casablanca"]) is None
    assert agreed([]) is None
