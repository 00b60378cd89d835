"""Looks up the time zones of numbers that were checked before zones were looked up with them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from clarion.audience.phone_zone import zones_of_number
from clarion.audience.store import queries
from clarion.db.queries import rows

if TYPE_CHECKING:
    from clarion.audience.phone_zone import PhoneZones
    from clarion.db.connection import Database

#: Numbers of one transaction, about a second of work.
_AT_ONCE = 20_000


async def fill_zones(database: Database, *, at_once: int = _AT_ONCE) -> bool:
    """One slice, in one transaction; True when there may be more. Safe from many processes."""
    async with database.as_worker() as connection:
        numbers = await rows(queries.numbers_without_zones(connection, limit=at_once))
        if not numbers:
            return False
        found = await asyncio.to_thread(_looked_up, [row["e164"] for row in numbers])
        await queries.put_zones(
            connection,
            workspace_ids=[row["workspace_id"] for row in numbers],
            raws=[row["raw"] for row in numbers],
            time_zones=[each.zone for each in found],
            candidates=[" ".join(each.candidates) for each in found],
        )
    return len(numbers) == at_once


def _looked_up(e164s: list[str]) -> list[PhoneZones]:
    return [zones_of_number(e164) for e164 in e164s]
