"""The time by the database's clock: what several hosts agree on to the millisecond."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from clarion.kernel.clock import utc_now

if TYPE_CHECKING:
    from clarion.db.connection import Database

#: Looks of which the quickest answer counts: half of its way is the most that it can be wrong by.
_LOOKS = 4


class ServerTime:
    """Counts on from the last look by this process's own steady clock; before the first one it is
    this host's time."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._when = 0.0

    def __call__(self) -> datetime:
        if self._at is None:
            return utc_now()
        return self._at + timedelta(seconds=time.monotonic() - self._when)

    async def look(self, database: Database) -> None:
        """Raises what a broken database raises; then the last look still counts."""
        quickest = float("inf")
        async with database.as_worker() as connection:
            for _ in range(_LOOKS):
                asked = time.monotonic()
                cursor = await connection.execute("select clock_timestamp() as now")
                row = await cursor.fetchone()
                answered = time.monotonic()
                if row is not None and answered - asked < quickest:
                    quickest = answered - asked
                    at, when = row["now"], asked + quickest / 2
        self._at, self._when = at.astimezone(UTC), when
