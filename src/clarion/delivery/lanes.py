"""Lanes: the senders of the settings with their pace, the same for every workspace and worker."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from clarion.db.queries import load_queries, rows
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from clarion.db.connection import Connection, Row

queries = load_queries(__file__)

#: What the ledger keeps of a rate.
_KEPT = Decimal("0.001")

#: Streams that one call looks at for something to move.
_STREAMS_AT_ONCE = 20

#: Tier 1 is the pool; what is fallen back to has a higher one.
POOL = 1
FALLBACK = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSpec:
    """A sender as the settings name it: messages per second, and segments of SMS per second.

    `segments_per_second` None: its segments are not paced.
    """

    channel: Channel
    provider: str
    sender: str
    rate_per_second: Decimal
    segments_per_second: Decimal | None = None
    tier: int = POOL


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A sender as the ledger has it. `in_use`: the settings name it."""

    id: UUID
    channel: Channel
    provider: str
    sender: str
    rate_per_second: Decimal
    segments_per_second: Decimal | None
    tier: int
    in_use: bool


class Lanes:
    """The lanes that the settings of this process name.

    The rows follow the settings of the process that started last: each process compares once per
    channel, and writes only where something differs. From then on it answers from memory.
    """

    def __init__(self, specs: Sequence[LaneSpec]) -> None:
        self._specs: dict[Channel, dict[tuple[str, str], LaneSpec]] = {}
        for spec in specs:
            self._specs.setdefault(spec.channel, {})[spec.provider, spec.sender] = spec
        self._known: dict[Channel, list[Lane]] = {}

    def has(self, channel: Channel) -> bool:
        return channel in self._specs

    def specs(self, channel: Channel) -> list[LaneSpec]:
        """What the settings say, without a look at the ledger."""
        return list(self._specs.get(channel, {}).values())

    async def of(self, connection: Connection, channel: Channel) -> list[Lane]:
        """The lanes of a channel, the pool first; none when the settings name no sender for it.

        Makes or changes the rows when the settings differ from them, as a worker, and holds the
        channel's lanes until the transaction ends; otherwise neither writes nor locks.
        """
        known = self._known.get(channel)
        if known is not None:
            return known
        found = await _lanes_of(connection, channel)
        if not self._as_the_settings(found, channel):
            # Not kept: this transaction may yet be undone. The next look finds them as they are.
            return self._named(await self._put(connection, channel), channel)
        self._known[channel] = self._named(found, channel)
        return self._known[channel]

    async def fallback_of(self, connection: Connection, lane_id: UUID) -> Lane | None:
        """A lane of the next tier of the same channel, of several the one that is free first."""
        row = await queries.fallback_lane(connection, lane_id=lane_id)
        return None if row is None else _lane(row)

    async def move(
        self, connection: Connection, lane_id: UUID, to: Sequence[Lane], *, limit: int = 1_000
    ) -> int:
        """Gives up to `limit` waiting messages of one stream of a lane to other lanes.

        Of several each address has the one that a launch would give it. Says how many were moved;
        what somebody else holds stays for later. Repeat, a transaction each, until it says 0, and
        again in the next round.
        """
        seen: list[UUID] = []
        while to and len(seen) < _STREAMS_AT_ONCE:
            stream = await queries.waiting_stream(connection, lane_id=lane_id, seen=seen)
            if stream is None:
                break
            seen.append(stream["id"])
            moved = await queries.move_waiting(
                connection,
                lane_id=lane_id,
                workspace_id=stream["workspace_id"],
                step_id=stream["step_id"],
                lane_ids=[lane.id for lane in to],
                weights=[float(lane.rate_per_second) for lane in to],
                limit=limit,
            )
            if moved["messages"] < limit and await queries.hold_stream_if_free(
                connection, id=stream["id"]
            ):
                # In a statement of its own: it sees what was added before the stream was held.
                await queries.stream_moved_away(connection, id=stream["id"])
            if moved["messages"]:
                count: int = moved["messages"]
                return count
        return 0

    async def retire(self, connection: Connection, channel: Channel, *, limit: int = 1_000) -> int:
        """Moves up to `limit` messages that wait on lanes out of use to the lanes in use.

        While the channel has no lane in use they stay where they are. Says how many were moved.
        """
        lanes = await _lanes_of(connection, channel)
        pool = [lane for lane in lanes if lane.in_use]
        first = [lane for lane in pool if lane.tier == pool[0].tier]
        for lane in lanes:
            if not lane.in_use:
                moved = await self.move(connection, lane.id, first, limit=limit)
                if moved:
                    return moved
        return 0

    def _as_the_settings(self, found: Sequence[Lane], channel: Channel) -> bool:
        specs = self._specs.get(channel, {})
        in_use = {(lane.provider, lane.sender): lane for lane in found if lane.in_use}
        return in_use.keys() == specs.keys() and all(
            (lane.rate_per_second, lane.segments_per_second, lane.tier) == _paces(specs[key])
            for key, lane in in_use.items()
        )

    async def _put(self, connection: Connection, channel: Channel) -> list[Lane]:
        specs = self._specs.get(channel, {}).values()
        # One after the other: two processes that start together would wait for each other's rows.
        await queries.hold_lanes(connection, channel=channel)
        await queries.put_lanes(
            connection,
            channel=channel,
            providers=[spec.provider for spec in specs],
            senders=[spec.sender for spec in specs],
            rates=[_paces(spec)[0] for spec in specs],
            segment_rates=[_paces(spec)[1] for spec in specs],
            tiers=[spec.tier for spec in specs],
        )
        return await _lanes_of(connection, channel)

    def _named(self, lanes: Sequence[Lane], channel: Channel) -> list[Lane]:
        specs = self._specs.get(channel, {})
        return [lane for lane in lanes if (lane.provider, lane.sender) in specs]


async def _lanes_of(connection: Connection, channel: Channel) -> list[Lane]:
    return [_lane(row) for row in await rows(queries.lanes_of(connection, channel=channel))]


def _paces(spec: LaneSpec) -> tuple[Decimal, Decimal | None, int]:
    segments = spec.segments_per_second
    return (
        spec.rate_per_second.quantize(_KEPT),
        None if segments is None else segments.quantize(_KEPT),
        spec.tier,
    )


def _lane(row: Row) -> Lane:
    return Lane(
        id=row["id"],
        channel=Channel(row["channel"]),
        provider=row["provider"],
        sender=row["sender"],
        rate_per_second=row["rate_per_second"],
        segments_per_second=row["segments_per_second"],
        tier=row["tier"],
        in_use=row["in_use"],
    )
