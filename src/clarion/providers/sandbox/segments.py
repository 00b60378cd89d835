"""Counts the segments of an SMS as the network does (GSM 03.38 and 3GPP 23.040).

The sandbox plays the vendor, so it counts by itself and does not ask the content room.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BASIC = (
    "\n\r !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    "¡£¤¥§¿ÄÅÆÉÑÖØÜßàäåæÇèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ"
)
_EXTENDED = "\f[\\]^{|}~€"
_GSM = re.compile(f"[{re.escape(_BASIC + _EXTENDED)}]*")
_EXTENDED_ONE = re.compile(f"[{re.escape(_EXTENDED)}]")

_GSM_SINGLE, _GSM_PART = 160, 153
_UCS2_SINGLE, _UCS2_PART = 70, 67
_BEYOND_BMP = 0xFFFF


def count_segments(body: str) -> int:
    """How many segments the text takes; an empty one takes one."""
    if _GSM.fullmatch(body):
        doubles = len(_EXTENDED_ONE.findall(body))
        if len(body) + doubles <= _GSM_SINGLE:
            return 1
        if not doubles:
            return -(-len(body) // _GSM_PART)
        return _filled((2 if char in _EXTENDED else 1 for char in body), _GSM_PART)
    doubles = sum(ord(char) > _BEYOND_BMP for char in body)
    if len(body) + doubles <= _UCS2_SINGLE:
        return 1
    if not doubles:
        return -(-len(body) // _UCS2_PART)
    return _filled((2 if ord(char) > _BEYOND_BMP else 1 for char in body), _UCS2_PART)


def _filled(units: Iterable[int], part: int) -> int:
    """Parts needed when no character of two units may be cut in the middle."""
    parts, used = 1, 0
    for size in units:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts
