"""What is wrong with a message, or could be better: each check explains itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

#: Services whose short links carriers block, since nobody can see where they lead.
SHORTENERS: Final = frozenset({
    "bit.ly", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "rb.gy", "rebrand.ly",
    "shorturl.at", "short.io", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "v.gd",
})  # fmt: skip

# Few, and only what no honest message needs: a long list would blame every second sale.
_SPAMMY: Final = (
    "100% free", "act now", "click here", "double your", "earn extra cash", "free money",
    "guaranteed approval", "make money fast", "no catch", "no credit check", "no obligation",
    "once in a lifetime", "risk-free", "risk free", "this is not spam", "winner",
    "you have been selected",
)  # fmt: skip
_SPAM = re.compile("|".join(rf"\b{re.escape(phrase)}\b" for phrase in _SPAMMY), re.IGNORECASE)
_MOST_QUOTED: Final = 3


class Severity(StrEnum):
    """A problem has to be mended before the launch; advice is a matter of judgement."""

    PROBLEM = "problem"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Counted in Unicode code points of the field's text, `end` behind the last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`detail` says what is wrong and what to do; `pointer` is the field that it is about, and
    `places` are the words in it, where it is about some."""

    kind: str
    severity: Severity
    detail: str
    pointer: str
    places: tuple[Place, ...] = ()


def problem(kind: str, detail: str, pointer: str) -> Check:
    return Check(kind=kind, severity=Severity.PROBLEM, detail=detail, pointer=pointer)


def advice(kind: str, detail: str, pointer: str, places: tuple[Place, ...] = ()) -> Check:
    return Check(kind=kind, severity=Severity.ADVICE, detail=detail, pointer=pointer, places=places)


def place_of(match: re.Match[str]) -> Place:
    return Place(start=match.start(), end=match.end())


def spam_words(text: str, pointer: str, *, with_places: bool = False) -> list[Check]:
    """`with_places` only for a text that stands in the field just so."""
    matches = list(_SPAM.finditer(text))
    found = dict.fromkeys(match[0].lower() for match in matches)
    if not found:
        return []
    quoted = ", ".join(f'"{phrase}"' for phrase in list(found)[:_MOST_QUOTED])
    detail = f"Filters for spam know {quoted} well: say it in your own words."
    places = tuple(map(place_of, matches)) if with_places else ()
    return [advice("spam_words", detail, pointer, places)]


def site_of(address: str) -> str:
    """The site's name without "www.", or nothing where there is none."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
