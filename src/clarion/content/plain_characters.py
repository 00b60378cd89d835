"""Which characters make an SMS dear, and what would say the same for less.

`segments.to_gsm` swaps only look-alikes; here a person has asked for it and sees the result, so
that letters with accents may become the nearest plain ones too.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from clarion.content.grammar import LIQUID
from clarion.content.segments import measure, replacements

_LIQUID = re.compile(f"({LIQUID.pattern})", re.DOTALL)
_LETTERS: Final = {
    "Œ": "OE", "œ": "oe", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ð": "d", "Ð": "D", "Þ": "Th",
    "þ": "th", "\u0131": "i", "ħ": "h", "Ħ": "H", "ŋ": "n", "Ŋ": "N", "ŧ": "t", "Ŧ": "T",
    "ĸ": "k", "ẞ": "SS", "ª": "a", "º": "o", "†": "+", "→": "->", "←": "<-", "≤": "<=",
    "≥": ">=", "≠": "!=", "✓": "+", "✔": "+", "★": "*", "☆": "*", "°": " deg",
}  # fmt: skip
# What belongs to the emoji before it: skin tones, joiners, the mark for colour, keycaps, flags.
_JOINED: Final = frozenset("\u200d\ufe0f\ufe0e\u20e3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forcing:
    """`name` is Unicode's, in small letters. `replacement` is None where nothing says the same;
    `is_emoji`: it can be left out instead, which only a person can decide."""

    character: str
    name: str
    replacement: str | None
    is_emoji: bool


def forcing(text: str) -> tuple[Forcing, ...]:
    """The distinct characters outside of Liquid that force UCS-2, in order of appearance."""
    said = "".join(_LIQUID.split(text)[::2])
    alike = _replacements(said)
    return tuple(
        Forcing(
            character=character,
            name=unicodedata.name(character, f"U+{ord(character):04X}").lower(),
            replacement=alike.get(character),
            is_emoji=_is_emoji(character),
        )
        for character in measure(said).forcing
    )


def replaced(text: str, *, without_emoji: bool = False) -> str:
    """The text with all replacements made, what stands in braces as it was."""
    pieces = _LIQUID.split(text)
    pieces[::2] = [_replaced(piece, without_emoji=without_emoji) for piece in pieces[::2]]
    return "".join(pieces)


def _replaced(said: str, *, without_emoji: bool) -> str:
    for source, target in _replacements(said).items():
        said = said.replace(source, target)
    if not without_emoji:
        return said
    kept = "".join(character for character in said if not _is_emoji(character))
    # Two words that an emoji stood between stay two, and no gap tells of it.
    return re.sub(r"(?<=\S)  +(?=\S)", " ", kept) if kept != said else said


def _replacements(said: str) -> dict[str, str]:
    """Longer spellings first: a letter with its accent written apart is one."""
    found = dict(replacements(said))
    for character in measure(said).forcing:
        if character not in found and (nearest := _nearest(character)) is not None:
            found[character] = nearest
    return dict(sorted(found.items(), key=lambda each: -len(each[0])))


def _nearest(character: str) -> str | None:
    if character in _LETTERS:
        return _LETTERS[character]
    if unicodedata.category(character) == "Mn" and not _is_emoji(character):
        return ""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", character)
        if unicodedata.category(letter) != "Mn"
    )
    is_plain = plain.isascii() and plain.isprintable() and not _is_emoji(character)
    return plain if plain and is_plain else None


def _is_emoji(character: str) -> bool:
    return (
        character in _JOINED
        or "\U0001f000" <= character <= "\U0001faff"
        or "\U000e0020" <= character <= "\U000e007f"
        or "\u2600" <= character <= "\u27bf"
        or character in "\u2b50\u2b55\u231a\u231b\u23e9\u23f0\u23f3"
    )
