"""What this worker knows of the providers' health: read often, since all workers share it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from clarion.delivery.health.breaker import WELL, Verdict, may_send
from clarion.delivery.health.store import read_health, record

if TYPE_CHECKING:
    from datetime import datetime

    from clarion.db.connection import Connection
    from clarion.delivery.health.breaker import Health

#: Seconds for which what was read counts.
_FRESH = 1.0


class Breakers:
    def __init__(self) -> None:
        self._known: dict[str, Health] = {}
        self._read_at = float("-inf")

    async def refresh(self, connection: Connection) -> None:
        if time.monotonic() - self._read_at > _FRESH:
            self._known = await read_health(connection)
            self._read_at = time.monotonic()

    def forget(self) -> None:
        """What was read may be wrong by now; the next turn reads it anew."""
        self._read_at = float("-inf")

    def verdict(self, provider: str, *, now: datetime) -> Verdict:
        return may_send(self._known.get(provider, WELL), now=now)

    async def count(
        self,
        connection: Connection,
        provider: str,
        *,
        successes: int,
        troubles: int,
        detail: str | None,
        now: datetime,
    ) -> None:
        """A portion of answers. Costs nothing while all is well: most portions say just that."""
        if troubles == 0 and self._known.get(provider, WELL) == WELL:
            return
        self._known[provider] = await record(
            connection, provider, successes=successes, troubles=troubles, detail=detail, now=now
        )
