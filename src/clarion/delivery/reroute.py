"""Moves what waits for a sender that cannot send to one that can, slice by slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.delivery.health.breaker import WELL, Verdict, may_send
from clarion.delivery.health.store import read_health
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Database
    from clarion.delivery.lanes import Lane, Lanes

#: Messages in one transaction.
SLICE = 1_000


class Rerouter:
    def __init__(self, database: Database, lanes: Lanes, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._lanes = lanes
        self._clock = clock

    async def reroute(self) -> bool:
        """A slice of each lane whose provider is not reached, while another provider of the channel
        is, and of the lanes that the settings no longer name; whether there may be more."""
        moved = 0
        for channel in Channel:
            if not self._lanes.has(channel):
                continue
            for closed, to in await self._closed(channel):
                async with self._database.as_worker() as connection:
                    moved += await self._lanes.move(connection, closed, to, limit=SLICE)
            async with self._database.as_worker() as connection:
                moved += await self._lanes.retire(connection, channel, limit=SLICE)
        return moved > 0

    async def _closed(self, channel: Channel) -> list[tuple[UUID, list[Lane]]]:
        """Lanes whose provider is not asked at present, each with those that take over: of the
        first tier in which there are some."""
        async with self._database.as_worker() as connection:
            lanes = await self._lanes.of(connection, channel)
            health = await read_health(connection)
        now = self._clock()
        verdicts = {lane.id: may_send(health.get(lane.provider, WELL), now=now) for lane in lanes}
        well = [lane for lane in lanes if verdicts[lane.id] is Verdict.YES]
        to = [lane for lane in well if lane.tier == well[0].tier]
        return [(lane.id, to) for lane in lanes if to and verdicts[lane.id] is Verdict.NO]
