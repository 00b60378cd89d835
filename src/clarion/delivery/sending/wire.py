"""What one worker has claimed and has on its way: bounded, and known to all of its parts."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from clarion.delivery.pace import fits_in_quantum, slot_seconds

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from clarion.delivery.pace import Pace

#: Messages that one worker may hold unless its settings say otherwise: claimed, and their answers
#: not written yet.
IN_FLIGHT = 2_000

#: Requests of one worker that are under way at one provider, as many as its connections; unless the
#: settings say otherwise.
ON_THE_WAY = 64

#: At most so many rows in one claim.
SLICE = 500

#: Turns of a lane that may wait for their slots in one worker.
_TURNS_AHEAD = 4

#: However slow a provider is, so many messages of a lane may wait for a place.
_LEAST_DEPTH = 8


class Wire:
    """Counts are of this worker alone; the pace that all share stands in the lanes' rows."""

    def __init__(self, *, in_flight: int = IN_FLIGHT, on_the_way: int = ON_THE_WAY) -> None:
        self._in_flight = in_flight
        self._on_the_way = on_the_way
        self._held = 0
        self._unsent: Counter[UUID] = Counter()
        self._most_unsent: dict[UUID, int] = {}
        self._places: dict[str, asyncio.Semaphore] = {}
        self._paused_until: dict[UUID, datetime] = {}
        self._bursts: dict[UUID, int] = {}
        self._depths: dict[UUID, int] = {}
        self.stopping = asyncio.Event()
        #: Set when a turn may claim what the one before could not.
        self.eased = asyncio.Event()

    @property
    def room(self) -> int:
        """How many more messages may be claimed."""
        return self._in_flight - self._held

    def hold(self, lane_id: UUID, pace: Pace, messages: int) -> None:
        """They are claimed."""
        self._held += messages
        self._unsent[lane_id] += messages
        self._most_unsent[lane_id] = min(
            SLICE // 2, _TURNS_AHEAD * fits_in_quantum(pace), self.depth(lane_id)
        )

    def left(self, lane_id: UUID, messages: int = 1) -> None:
        """They wait for no slot any more: on their way, or given back."""
        most, before = self._most_unsent[lane_id], self._unsent[lane_id]
        self._unsent[lane_id] = before - messages
        if before - messages < most <= before:
            self.eased.set()
        if before == messages:
            del self._unsent[lane_id]

    def answered(self, messages: int) -> None:
        """What became of them is written."""
        if self.room <= 0:
            self.eased.set()
        self._held -= messages

    def busy_lanes(self) -> list[UUID]:
        """Lanes of which this worker has enough in its hands."""
        return [
            lane_id
            for lane_id, unsent in self._unsent.items()
            if unsent >= self._most_unsent[lane_id]
        ]

    def places(self, provider: str) -> asyncio.Semaphore:
        """One for each request that may be under way at the provider."""
        places = self._places.get(provider)
        if places is None:
            places = self._places[provider] = asyncio.Semaphore(self._on_the_way)
        return places

    def depth(self, lane_id: UUID) -> int:
        """How many messages may be claimed and wait: as many as lately found a place in time. Where
        the provider answers slower than we claim, the rest would only be given back."""
        return self._depths.get(lane_id, SLICE)

    def overstayed(self, lane_id: UUID) -> None:
        """What was claimed found no place at the provider in time."""
        self._depths[lane_id] = max(_LEAST_DEPTH, self.depth(lane_id) // 2)

    def placed(self, lane_id: UUID) -> None:
        """All that was claimed found its place in time: more may be claimed."""
        if lane_id in self._depths:
            self._depths[lane_id] = min(SLICE, 2 * self._depths[lane_id])

    def pause(self, lane_id: UUID, *, until: datetime) -> None:
        """The provider has said "too fast": what waits for a slot on this lane is given back."""
        self._paused_until[lane_id] = max(until, self._paused_until.get(lane_id, until))

    def is_paused(self, lane_id: UUID, *, now: datetime) -> bool:
        until = self._paused_until.get(lane_id)
        if until is None:
            return False
        if now < until:
            return True
        del self._paused_until[lane_id]
        return False

    def burst(self, lane_id: UUID, pace: Pace) -> int:
        """How many slots of the lane this worker books at once: as many as it lately used in time.
        Where the lane is faster than the worker, the rest would be given away for nothing. Never
        fewer than lie within the time that a message may be late."""
        least = max(1, int(pace.may_be_late / slot_seconds(pace)))
        return min(SLICE, max(least, self._bursts.get(lane_id, SLICE)))

    def missed(self, lane_id: UUID, *, used: int) -> None:
        """Of a burst only so many slots were used before one was missed."""
        self._bursts[lane_id] = max(1, used)

    def kept(self, lane_id: UUID) -> None:
        """A burst was used in time: the next one may be larger."""
        self._bursts[lane_id] = min(SLICE, 2 * self._bursts.get(lane_id, SLICE))
