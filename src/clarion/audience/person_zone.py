"""The time zone of a person: what is said of it outright, else what the number, the ZIP code or the
state tells of it.

broadcast.person_zone says the same in SQL, over as many people as there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from clarion.audience.zone_tables import agreed, plain, state_zones, zip_zones, zone_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarion.audience.phone_zone import PhoneZones

_ZONE_KEYS = ("time_zone", "timezone", "tz")
_ZIP_KEYS = ("zip", "zip_code", "postal_code")

_ZIP = re.compile(r"([0-9]{5})(?:[- ]?[0-9]{4})?")

_LOWEST_ZIP = 501
_HIGHEST_ZIP = 99_950

_UNITED_STATES = frozenset(
    {"us", "usa", "u.s.", "u.s.a.", "united_states", "united_states_of_america"}
)
_CANADA = frozenset({"ca", "can", "canada"})


class ZoneSource(StrEnum):
    METADATA = "metadata"
    PHONE = "phone"
    ZIP = "zip"
    STATE = "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonZone:
    """`zone` is an IANA name; None: not known for certain, and the account's holds. Then
    `candidates` are those it may be, as far as anything is known."""

    zone: str | None = None
    source: ZoneSource | None = None
    candidates: tuple[str, ...] = ()


def person_zone(
    metadata: object, phone: PhoneZones | None = None, e164: str | None = None
) -> PersonZone:
    """`metadata` as JSON is read; only an object says anything, by the keys of its first level.

    ZIP code and state are asked only of who may be American: not when the number is one of another
    country, where five digits are a place of their own, and not when `country` names another one.
    """
    said: Mapping[str, object] = metadata if isinstance(metadata, Mapping) else {}
    for value in _values(said, _ZONE_KEYS):
        if (name := _word(value)) in zone_names():
            return PersonZone(zone=zone_names()[name], source=ZoneSource.METADATA)
    if phone is not None and phone.zone is not None:
        return PersonZone(zone=phone.zone, source=ZoneSource.PHONE)
    candidates = phone.candidates if phone is not None else ()
    if e164 is not None and not e164.startswith("+1"):
        return PersonZone(candidates=candidates)
    for source, zones in _places(said):
        if (zone := agreed(zones)) is not None:
            return PersonZone(zone=zone, source=source)
        candidates = candidates or zones
    return PersonZone(candidates=candidates)


def _places(said: Mapping[str, object]) -> Iterator[tuple[ZoneSource, tuple[str, ...]]]:
    country = _word(said.get("country"))
    in_states = country in _UNITED_STATES or not country
    if in_states:
        for value in _values(said, _ZIP_KEYS):
            code = _zip_code(value)
            zones = zip_zones().get(code) or zip_zones().get(code[:3])
            if zones is not None:
                yield ZoneSource.ZIP, zones
    if in_states or country in _CANADA:
        zones = state_zones().get(_word(said.get("state")))
        if zones is not None:
            yield ZoneSource.STATE, zones


def _values(said: Mapping[str, object], keys: tuple[str, ...]) -> Iterator[object]:
    return (said[key] for key in keys if key in said)


def _word(value: object) -> str:
    return plain(value) if isinstance(value, str) else ""


def _zip_code(value: object) -> str:
    """Its five digits; "" for what is none. A number has lost the zeros it began with."""
    if isinstance(value, str):
        match = _ZIP.fullmatch(value.strip())
        return match[1] if match else ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    if _LOWEST_ZIP <= value <= _HIGHEST_ZIP and value == int(value):
        return f"{int(value):05d}"
    return ""
