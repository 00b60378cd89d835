"""Names that people give to what they save, and names that are free beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

MAX_NAME = 200

_NUMBERED = re.compile(r"(?P<stem>.*\S) (?P<number>\d{1,6})", re.DOTALL)


def name_of_copy(name: str) -> str:
    return f"Copy of {name}"[:MAX_NAME].rstrip()


def stem_of(name: str) -> str:
    """What `free_name` puts numbers behind."""
    match = _NUMBERED.fullmatch(name)
    return match["stem"] if match else name


def free_name(name: str, taken: Collection[str]) -> str:
    """`name`, or with the first number behind it that nobody has ("Texas 2"), whatever the case."""
    lowered = {each.lower() for each in taken}
    if name.lower() not in lowered:
        return name
    stem, number = stem_of(name), 2
    while True:
        ending = f" {number}"
        wanted = stem[: MAX_NAME - len(ending)].rstrip() + ending
        if wanted.lower() not in lowered:
            return wanted
        number += 1
