"""Checks of an SMS: what carriers block, what costs more, and what people are owed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from clarion.content.check import SHORTENERS, Check, advice, place_of, problem, site_of, spam_words
from clarion.content.grammar import LIQUID
from clarion.content.segments import Encoding

if TYPE_CHECKING:
    from clarion.content.segments import Measure

_OPT_OUT = re.compile(r"\b(stop|unsubscribe|opt[ -]?out)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w@./-])((?:[a-z0-9-]+\.)+[a-z]{2,})/\S+", re.IGNORECASE)
_MANY_SEGMENTS: Final = 4
_MOST_CHARACTERS: Final = 1_600


def check_sms(body: str, measured: Measure, *, company: str, pointer: str = "/body") -> list[Check]:
    """`measured` is the text for one person, or with placeholders in their places."""
    # As long as before, so that each word keeps its place.
    said = LIQUID.sub(lambda match: " " * len(match[0]), body)
    if not body.strip():
        return [problem("no_text", "The message says nothing yet.", pointer)]
    found: list[Check] = []
    if not _OPT_OUT.search(said):
        detail = 'Nobody is told how to leave: add "Reply STOP to opt out".'
        found.append(advice("no_opt_out", detail, pointer))
    if company and company.casefold() not in said.casefold():
        detail = f'Nothing says who writes: name "{company}", so that people know the number.'
        found.append(advice("no_sender", detail, pointer))
    found += _links(said, pointer)
    found += spam_words(said, pointer, with_places=True) + _length(measured, pointer)
    letters = [letter for letter in said if letter.isalpha()]
    if len(letters) > 20 and all(letter.isupper() for letter in letters):  # noqa: PLR2004
        detail = "All of it is in capitals, which reads as shouting and is often filtered."
        found.append(advice("capitals", detail, pointer))
    return found


def _links(said: str, pointer: str) -> list[Check]:
    found: list[Check] = []
    addresses = list(_ADDRESS.finditer(said))
    # Blanked out as long as they are: what is left keeps its place.
    others = _ADDRESS.sub(lambda match: " " * len(match[0]), said)
    sites = [(site_of(address[0]), address) for address in addresses]
    sites += [(match[1].lower(), match) for match in _BARE.finditer(others)]
    short = {site: place_of(match) for site, match in sites if site in SHORTENERS}
    if short:
        detail = (
            f"Carriers block short links of {', '.join(sorted(short))}: use a link of your own "
            "site."
        )
        found.append(advice("shortened_link", detail, pointer, tuple(short.values())))
    plain = tuple(place_of(each) for each in addresses if each[0].lower().startswith("http://"))
    if plain:
        detail = 'A link begins with "http://": many phones warn of it. Use "https://".'
        found.append(advice("link_not_https", detail, pointer, plain))
    return found


def _length(measured: Measure, pointer: str) -> list[Check]:
    if measured.characters > _MOST_CHARACTERS:
        detail = f"Carriers refuse messages of more than {_MOST_CHARACTERS:,} characters."
        return [problem("too_long", detail, pointer)]
    if measured.segments >= _MANY_SEGMENTS:
        detail = f"It takes {measured.segments} segments, each of which is paid for."
        if measured.encoding is Encoding.UCS_2:
            detail += " Without the characters that force Unicode it would take fewer."
        return [advice("many_segments", detail, pointer)]
    return []
