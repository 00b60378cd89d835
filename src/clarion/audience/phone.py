"""Turns what people type for a phone number into E.164, or says that it is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import phonenumbers

from clarion.audience.phone_zone import PhoneZones, zones_of_number

if TYPE_CHECKING:
    from collections.abc import Iterable


class PhoneProblem(StrEnum):
    NO_PHONE = "no_phone"
    INVALID_PHONE = "invalid_phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """Either a number ("+15125550100") or the reason why there is none.

    `zones` is None until they are looked up, and of what is no number.
    """

    e164: str | None = None
    problem: PhoneProblem | None = None
    zones: PhoneZones | None = None


_NONE = Phone(problem=PhoneProblem.NO_PHONE)
_INVALID = Phone(problem=PhoneProblem.INVALID_PHONE)

# The ways in which nearly all American numbers are written.
_AMERICAN = re.compile(
    r" *(?:\+?1[ .-]?)?(?:\(([2-9][0-9]{2})\)|([2-9][0-9]{2}))[ .-]?"
    r"([2-9][0-9]{2})[ .-]?([0-9]{4}) *"
)


def _american_numbers() -> re.Pattern[str]:
    """The library's own pattern of American numbers that are neither toll-free nor premium.

    The United States come first among the countries of +1, so that a number of this pattern is
    valid there whatever the others' patterns say.
    """
    metadata = phonenumbers.PhoneMetadata.metadata_for_region("US")
    fixed = metadata.fixed_line if metadata else None
    pattern = fixed.national_number_pattern if fixed else None
    return re.compile(pattern or "(?!)")


_AMERICAN_NUMBER = _american_numbers()


def normalise(raw: str | None, region: str) -> Phone:
    """`region` is the ISO 3166 country that a number without "+" belongs to ("US").

    An extension is dropped: messages reach the main number. Letters are read as the keys of a
    phone (1-800-FLOWERS) and a leading "tel:" is understood.
    """
    if raw is None or not raw.strip():
        return _NONE
    if region == "US" and (match := _AMERICAN.fullmatch(raw)):
        national = "".join(part for part in match.groups() if part)
        if _AMERICAN_NUMBER.fullmatch(national):
            return Phone(e164=f"+1{national}")
    return _parsed(raw, region)


def _parsed(raw: str, region: str) -> Phone:
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return _INVALID
    if not phonenumbers.is_valid_number(number):
        return _INVALID
    return Phone(e164=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def normalise_many(raws: Iterable[str], region: str) -> dict[str, Phone]:
    """Each distinct text once, under the text as it was given; numbers with their time zones."""
    return {raw: _with_zones(normalise(raw, region)) for raw in dict.fromkeys(raws)}


def _with_zones(phone: Phone) -> Phone:
    if phone.e164 is None:
        return phone
    return Phone(e164=phone.e164, zones=zones_of_number(phone.e164))
