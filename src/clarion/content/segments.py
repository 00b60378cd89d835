"""How many SMS segments a text takes, in which encoding, and what forces the dear one.

GSM 03.38 counts septets (160 in one segment, 153 in each of several), UCS-2 counts UTF-16 units
(70 and 67): the header that joins parts takes six bytes. Fills greedily as Twilio does: an escape
pair and a character that a reader sees as one are never divided between two segments.
https://github.com/TwilioDevEd/message-segment-calculator
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_BASIC = (
    "\n\r !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    "¡£¤¥§¿ÄÅÆÉÑÖØÜßàäåæÇèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ"
)
_EXTENSION = "\f[\\]^{|}~€"
_GSM_CHARACTERS = frozenset(_BASIC + _EXTENSION)

_NOT_GSM = re.compile(f"[^{re.escape(_BASIC + _EXTENSION)}]")
_ESCAPED = re.compile(f"[{re.escape(_EXTENSION)}]")

_GSM_SINGLE, _GSM_PART = 160, 153
_UCS2_SINGLE, _UCS2_PART = 70, 67

# Scripts in which every character stands alone and takes one unit. A text of these alone needs no
# search for clusters; that is nearly every UCS-2 text that a person writes without emoji.
_STANDALONE = re.compile(
    "[\n -~\u00a0-\u02ff\u0370-\u0482\u048a-\u058f\u2010-\u2027\u2030-\u205e\u20a0-\u20bf"
    "\u2100-\u218f\u3041-\u3096\u30a0-\u30ff\u4e00-\u9fff\uac00-\ud7a3]*"
)
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")

_JOINER = "\u200d"


class Encoding(StrEnum):
    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """The size of one rendered text.

    `characters` are Unicode code points (Twilio's limit of 1,600 counts these), `units` septets or
    UTF-16 units, `left_in_segment` units before one segment more is needed. `forcing` names the
    distinct characters outside GSM-7 in order of appearance. An empty text takes no segment.
    """

    characters: int
    encoding: Encoding
    segments: int
    units: int
    left_in_segment: int
    forcing: tuple[str, ...] = ()


def measure(text: str) -> Measure:
    if _NOT_GSM.search(text) is None:
        return _measure_gsm(text)
    return _measure_ucs2(text)


def _measure_gsm(text: str) -> Measure:
    characters = len(text)
    septets = characters + len(_ESCAPED.findall(text))
    if septets <= _GSM_SINGLE:
        segments = 1 if septets else 0
        left = _GSM_SINGLE - septets
    elif septets == characters:
        segments = -(-septets // _GSM_PART)
        left = segments * _GSM_PART - septets
    else:
        segments, left = _fill_gsm(text)
    return Measure(
        characters=characters,
        encoding=Encoding.GSM_7,
        segments=segments,
        units=septets,
        left_in_segment=left,
    )


def _fill_gsm(text: str) -> tuple[int, int]:
    """(segments, septets left in the last); one step per segment, not per character."""
    septets = _ESCAPED.sub("\x1b.", text)
    start = segments = 0
    while len(septets) - start > _GSM_PART:
        # An escape in the last place would be parted from the character it announces.
        start += _GSM_PART - (septets[start + _GSM_PART - 1] == "\x1b")
        segments += 1
    return segments + 1, _GSM_PART - (len(septets) - start)


def _measure_ucs2(text: str) -> Measure:
    characters = len(text)
    units = characters + len(_ASTRAL.findall(text))
    if units <= _UCS2_SINGLE:
        segments, left = 1, _UCS2_SINGLE - units
    elif _STANDALONE.fullmatch(text):
        segments = -(-units // _UCS2_PART)
        left = segments * _UCS2_PART - units
    else:
        segments, left = _fill_ucs2(text)
    return Measure(
        characters=characters,
        encoding=Encoding.UCS_2,
        segments=segments,
        units=units,
        left_in_segment=left,
        forcing=tuple(dict.fromkeys(_NOT_GSM.findall(text))),
    )


def _fill_ucs2(text: str) -> tuple[int, int]:
    """(segments, units left in the last); one step per segment, not per character."""
    start = segments = 0
    while True:
        end = _furthest_end(text, start)
        segments += 1
        if end == len(text):
            return segments, _UCS2_PART - _units(text[start:])
        start = _cluster_start(text, start, end)


def _furthest_end(text: str, start: int) -> int:
    """Where the segment that begins at `start` is full, clusters left aside."""
    chunk = text[start : start + _UCS2_PART]
    units = _units(chunk)
    end = start + len(chunk)
    while units > _UCS2_PART:
        end -= 1
        units -= 2 if text[end] > "\uffff" else 1
    return end


def _units(text: str) -> int:
    return len(text) + len(_ASTRAL.findall(text))


def _cluster_start(text: str, start: int, end: int) -> int:
    """Where the character that a reader sees at `end` begins (Unicode annex 29, without the rule
    for Indic vowels); `end` itself when no segment could hold that character whole.

    A line break of two characters counts as two, as it does for Twilio.
    """
    for index in range(end, start, -1):
        if not _joins(text, index):
            return index
    return end


def _joins(text: str, index: int) -> bool:
    before, here = text[index - 1], text[index]
    if before in "\r\n" or here in "\r\n":
        return False
    if _extends(here):
        return True
    if before == _JOINER:
        return here > "\u203b" and unicodedata.category(here) == "So"
    if _is_flag_letter(here):
        # Flags are pairs of letters: the third letter in a row starts a new one.
        run = index
        while run and _is_flag_letter(text[run - 1]):
            run -= 1
        return (index - run) % 2 == 1
    return _is_one_syllable(before, here)


@lru_cache(maxsize=4096)
def _extends(character: str) -> bool:
    return (
        character in "\u200c\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= character <= "\U000e007f"  # the letters of England's flag
        or unicodedata.category(character) in {"Mn", "Me", "Mc"}
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _is_one_syllable(before: str, here: str) -> bool:
    """Korean letters written one by one, which a phone draws as one syllable."""
    if "\u1100" <= before <= "\u115f":
        return "\u1100" <= here <= "\u11a7" or "\uac00" <= here <= "\ud7a3"
    if "\u11a8" <= here <= "\u11ff":
        return "\u1160" <= before <= "\u11ff" or "\uac00" <= before <= "\ud7a3"
    if "\u1160" <= here <= "\u11a7":
        open_syllable = "\uac00" <= before <= "\ud7a3" and (ord(before) - 0xAC00) % 28 == 0
        return open_syllable or "\u1160" <= before <= "\u11a7"
    return False


def _look_alikes() -> dict[str, str]:
    """Character outside GSM-7 → what reads the same inside it.

    Letters with accents are left alone: a name is not to be spelled wrongly to save a cent.
    """
    alike: dict[str, str] = {}
    for target, sources in (
        ('"', "\u201c\u201d\u201e\u201f\u2033\u2036\u275d\u275e\u301d\u301e\u00ab\u00bb"),
        ("'", "`\u00b4\u2018\u2019\u201a\u201b\u2032\u2035\u2039\u203a\u02b9\u02bb\u02bc\u02c8"),
        ("-", "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63"),
        (" ", "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"),
        (" ", "\u202f\u205f\u3000"),
        ("\n", "\u0085\u2028\u2029\v"),
        ("", "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"),
        ("", "\u2066\u2067\u2068\u2069"),
        ("*", "\u2022\u2219\u22c5\u00b7\u2217\u25cf"),
        ("/", "\u2044\u2215"),
        ("!", "\u01c3"),
        ("x", "\u00d7"),
        (".", "\u2024"),
        ("..", "\u2025"),
        ("...", "\u2026"),
        ("!!", "\u203c"),
        ("1/2", "\u00bd"),
        ("1/4", "\u00bc"),
        ("3/4", "\u00be"),
        ("(c)", "\u00a9"),
        ("(R)", "\u00ae"),
        ("TM", "\u2122"),
        ("No.", "\u2116"),
        ("fi", "\ufb01"),
        ("fl", "\ufb02"),
        ("ff", "\ufb00"),
    ):
        alike |= dict.fromkeys(sources, target)
    # The wide forms that East Asian keyboards type, and the small ones.
    alike |= {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F) if code != ord("`")}
    return {source: target for source, target in alike.items() if source not in _GSM_CHARACTERS}


_LOOK_ALIKES = _look_alikes()
_LOOK_ALIKES_BY_CODE = str.maketrans(_LOOK_ALIKES)
_DECOMPOSED = re.compile("[A-Za-z][\u0300-\u036f]+")


def replacements(text: str) -> dict[str, str]:
    """What to put in place of what, for all that forces UCS-2 and has a look-alike in GSM-7.

    Keys come in order of appearance; a key is one character, or a letter with its accent written
    apart ("e" and U+0301). A value may be empty: the character can't be seen.
    """
    found: dict[int, tuple[str, str]] = {}
    for match in _DECOMPOSED.finditer(text):
        composed = _composed(match)
        if composed != match[0]:
            found[match.start()] = (match[0], composed)
    for match in _NOT_GSM.finditer(text):
        if match[0] in _LOOK_ALIKES:
            found[match.start()] = (match[0], _LOOK_ALIKES[match[0]])
    return dict(found[position] for position in sorted(found))


def to_gsm(text: str) -> str:
    """The text with all `replacements` made; what has no look-alike stays as it is."""
    if _NOT_GSM.search(text) is None:
        return text
    return _DECOMPOSED.sub(_composed, text).translate(_LOOK_ALIKES_BY_CODE)


def _composed(match: re.Match[str]) -> str:
    composed = unicodedata.normalize("NFC", match[0])
    return composed if composed in _GSM_CHARACTERS else match[0]
