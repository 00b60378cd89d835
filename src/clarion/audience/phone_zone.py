"""The time zone that a phone number tells of, as far as it does.

An area code says where a number was given out, which is as much as can be known of it. Where an
area lies in several zones only an exchange that is known by itself says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import phonenumbers
from phonenumbers import timezone
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from clarion.audience.zone_tables import agreed, zone_names

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Country code, area code and the exchange, or nearly all of it: the library writes ten exchanges
#: that agree as one.
_KNOWN_EXCHANGE = 6

_AREA = 4

#: No country's code begins with another one's.
_COUNTRIES = frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)

#: Area codes laid over another one, of which the library knows no exchanges: what holds there holds
#: here. 474 is Saskatchewan, which it takes for Manitoba.
_LAID_OVER = {
    "1236": "1250",
    "1257": "1250",
    "1364": "1270",
    "1367": "1418",
    "1448": "1850",
    "1458": "1541",
    "1474": "1306",
    "1581": "1418",
    "1672": "1250",
    "1729": "1423",
    "1778": "1250",
    "1879": "1709",
    "1930": "1812",
    "1986": "1208",
}


@dataclass(frozen=True, slots=True)
class PhoneZones:
    """`zone` is an IANA name. `candidates` are those it may be where that is not certain; none of
    them: the number says nothing, as a toll-free one."""

    zone: str | None = None
    candidates: tuple[str, ...] = ()


_UNKNOWN = PhoneZones()


def zones_of_number(e164: str) -> PhoneZones:
    """Of a valid number."""
    if e164.startswith("+1"):
        return _american(e164[1 : 1 + TIMEZONE_LONGEST_PREFIX])
    country = next((code for code in _codes(e164) if int(code) in _COUNTRIES), None)
    if country is not None and (everywhere := _country(country)).zone is not None:
        return everywhere
    # By the library's own judgement: of a mobile number the digits often say nothing.
    return _one_of(timezone.time_zones_for_number(phonenumbers.parse(e164)))


def _codes(e164: str) -> Iterator[str]:
    return (e164[1:end] for end in range(2, 5))


@cache
def _country(code: str) -> PhoneZones:
    """Most countries have one time, and then it does not matter which number of theirs it is."""
    found = [zones for prefix, zones in TIMEZONE_DATA.items() if prefix.startswith(code)]
    return _one_of(tuple(dict.fromkeys(zone for zones in found for zone in zones)))


@lru_cache(maxsize=100_000)
def _american(digits: str) -> PhoneZones:
    area = digits[:_AREA]
    for length in range(len(digits), _AREA, -1):
        if digits[:length] in TIMEZONE_DATA and length >= _KNOWN_EXCHANGE:
            return _one_of(TIMEZONE_DATA[digits[:length]])
    return _areas().get(area, _UNKNOWN)


@cache
def _areas() -> dict[str, PhoneZones]:
    """What each area code says where the exchange is not known: of one whose known exchanges differ
    nothing for certain, and not what the library falls back to."""
    found: dict[str, dict[str, None]] = {area: {} for area in _LAID_OVER}
    for prefix, zones in TIMEZONE_DATA.items():
        if prefix.startswith("1") and len(prefix) >= _AREA:
            found.setdefault(prefix[:_AREA], {}).update(dict.fromkeys(zones))
    for area, below in _LAID_OVER.items():
        found[area].update(found.get(below, {}))
    return {area: _one_of(tuple(zones)) for area, zones in found.items()}


def _one_of(zones: tuple[str, ...]) -> PhoneZones:
    names = zone_names()
    # Some of the library's names are old ones.
    known = tuple(dict.fromkeys(names[zone.lower()] for zone in zones if zone.lower() in names))
    zone = agreed(known)
    return PhoneZones(zone) if zone else PhoneZones(None, tuple(sorted(known)))
