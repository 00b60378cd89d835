"""How a contact's values read in a text, and when there is nothing to read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal

#: Where a value is found: ("first_name",) or ("metadata", "Lead source").
Path = tuple[str, ...]


def step(value: object, key: object) -> object:
    """One step down a path: a key of a mapping, a place in a list, the size of either or a text.

    Raises LookupError where there is nothing. A mapping's own keys always win: `metadata.size` is
    the field named "size", never the number of fields.
    """
    if isinstance(value, Mapping):
        return value[key]
    if isinstance(value, str):
        if key == "size":
            return len(value)
        raise LookupError(key)
    if isinstance(value, Sequence):
        if key == "size":
            return len(value)
        place = {"first": 0, "last": -1}.get(key, key) if isinstance(key, str) else key
        if isinstance(place, int):
            return value[place]
    raise LookupError(key)


def lookup(contact: Mapping[str, object], path: Path) -> object:
    """The value at the path, None where there is none."""
    value: object = contact
    try:
        for key in path:
            value = value[key] if isinstance(value, dict) else step(value, key)
    except LookupError:
        return None
    return value


def has_value(value: object) -> bool:
    """None, a blank text and an empty list are no value; False and 0 are."""
    if isinstance(value, str):
        return bool(value) and not value.isspace()
    if value is None:
        return False
    if isinstance(value, list | tuple | dict):
        return len(value) > 0
    return True


def printed(value: object) -> str:  # noqa: PLR0911 -- one per kind of value
    """The value as a reader of the message wants to see it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | time):
        return _moment(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {printed(item)}" for key, item in value.items())
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes | range):
        return ", ".join(printed(item) for item in value if has_value(item))
    return str(value)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ""
    if value.is_integer():
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def _moment(value: date | time) -> str:
    if isinstance(value, time):
        return _clock(value)
    day = f"{value:%B} {value.day}, {value.year}"
    return f"{day}, {_clock(value.time())}" if isinstance(value, datetime) else day


def _clock(value: time) -> str:
    return f"{value.hour % 12 or 12}:{value:%M} {'AM' if value.hour < 12 else 'PM'}"  # noqa: PLR2004
