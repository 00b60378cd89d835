"""Takes people's numbers and e-mail addresses out of whatever is about to be written down."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

#: A sign as it stands in an address, encoded once or more often: "%2B", "%252B".
_ENCODED = "%(?:25)*"

# With the blanks and brackets that people write. No country's code begins with 0; "+00:00" does.
_PHONE = re.compile(
    rf"(\+|{_ENCODED}2B)(?=[1-9])(\d(?:(?:[ ().-]|{_ENCODED}(?:20|28|29|2D)){{0,3}}\d){{6,}})",
    re.IGNORECASE,
)
_NOT_DIGITS = re.compile(r"%(?:25)*(?:20|28|29|2D)|\D", re.IGNORECASE)

# Begins only where no address goes on, so that a long text without any is read once.
_EMAIL = re.compile(
    rf"(?<![\w.!#$*+^~%-])"
    rf"((?:(?!{_ENCODED}40)[\w.!#$*+^~%-]|(?<=\w)'(?=\w))+)(@|{_ENCODED}40)([\w-]+\.[\w.-]+)",
    re.IGNORECASE,
)

#: Nobody logs something deeper; what holds itself would go on for ever.
_DEEPEST = 8


def mask(text: str) -> str:
    """ "+15125550101" → "+…01", "ann@example.com" → "a…@example.com"."""
    return _EMAIL.sub(_masked_email, _PHONE.sub(_masked_phone, text))


def masked(value: Any, *, depth: int = 0) -> Any:
    """What JSON can say of any value, with every text in it masked, keys among them."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        # JSON has no word for the others.
        return value if math.isfinite(value) else str(value)
    if depth < _DEEPEST:
        if isinstance(value, Mapping):
            return {mask(str(key)): masked(each, depth=depth + 1) for key, each in value.items()}
        if isinstance(value, AbstractSet) or (
            isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)
        ):
            return [masked(each, depth=depth + 1) for each in value]
    if isinstance(value, bytes | bytearray):
        return mask(bytes(value).decode("utf-8", "replace"))
    return mask(str(value))


def _masked_phone(found: re.Match[str]) -> str:
    return f"{found[1]}…{_NOT_DIGITS.sub('', found[2])[-2:]}"


def _masked_email(found: re.Match[str]) -> str:
    first = found[1][0]
    return f"{first if first.isalnum() else ''}…{found[2]}{found[3]}"
