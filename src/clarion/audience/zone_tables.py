"""What names, ZIP codes and states say about time zones.

The database has the same as constants (broadcast.zone_names(), zip_zones(), state_zones()); a
migration that changes one of them changes the file too.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FOLDER = Path(__file__).parent / "zone_data"

# Written the same way in the database, whose own lower() depends on its locale.
_PLAIN = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ ", "abcdefghijklmnopqrstuvwxyz_")

#: Two zones are one as far as sending goes when their clocks agree over these three years, looked
#: at each midnight and noon in UTC.
_LOOKED_AT = tuple(
    datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=12 * half_days)
    for half_days in range(2 * 3 * 365)
)

#: Of zones that agree, the one by which people know it.
_CHIEF = frozenset(
    {
        "America/Chicago",
        "America/Curacao",
        "America/Denver",
        "America/Los_Angeles",
        "America/New_York",
        "Asia/Almaty",
        "Europe/Helsinki",
        "Europe/London",
        "Europe/Oslo",
        "Europe/Rome",
    }
)


def plain(text: str) -> str:
    """As the tables write names: without blanks around it, in small letters, "_" for a blank."""
    return text.strip().translate(_PLAIN)


@cache
def zone_names() -> dict[str, str]:
    """The canonical zone of each spelling, which is `plain`."""
    return {row["name"]: row["time_zone"] for row in _rows("zone_names")}


@cache
def state_zones() -> dict[str, tuple[str, ...]]:
    """The zones of each state, territory and province by its `plain` name and code."""
    return {row["name"]: tuple(row["zones"].split()) for row in _rows("state_zones")}


@cache
def zip_zones() -> dict[str, tuple[str, ...]]:
    """The zones of each beginning of a ZIP code: its three digits, or all five of one that differs
    from its neighbours."""
    zones = {}
    for row in _rows("zip_zones"):
        first, last = row["from"], row["to"]
        for number in range(int(first), int(last) + 1):
            zones[f"{number:0{len(first)}d}"] = tuple(row["zones"].split())
    return zones


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def agreed(zones: Iterable[str]) -> str | None:
    """The one zone that all of these come to; None for zones whose clocks differ, and for none."""
    names = tuple(zones)
    if not names or len({_offsets(name) for name in names}) > 1:
        return None
    return next((name for name in names if name in _CHIEF), names[0])


@cache
def _offsets(zone: str) -> tuple[timedelta | None, ...]:
    clock = ZoneInfo(zone)
    return tuple(moment.astimezone(clock).utcoffset() for moment in _LOOKED_AT)
