"""A turn: which stream is next, which of its messages leave when, on record before they do."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from clarion.compliance.sending_hours import closes_at, next_allowed
from clarion.delivery.complete import complete
from clarion.delivery.health.breaker import Verdict
from clarion.delivery.health.store import take_probe
from clarion.delivery.pace import (
    FARTHEST_AHEAD,
    book,
    first_quantum,
    fits_in_own_limit,
    fits_in_quantum,
    own_limit_seconds,
)
from clarion.delivery.sending.store import (
    BEGINNING,
    Attempt,
    Claimed,
    Stream,
    begin_sending,
    claim,
    end_turn,
    pick_streams,
    put_off,
    reserve,
    take_turn,
)
from clarion.delivery.sending.texts import Text, Texts, look
from clarion.delivery.sending.wire import SLICE
from clarion.delivery.store import job_outcomes
from clarion.delivery.store import queries as ledger
from clarion.delivery.streams import defer_streams

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from uuid import UUID

    from clarion.db.connection import Connection, Database
    from clarion.delivery.message import ClaimedMessage
    from clarion.delivery.sending.breakers import Breakers
    from clarion.delivery.sending.wire import Wire
    from clarion.kernel.message_links import LinkSigner
    from clarion.providers.sending import Providers
    from clarion.queue.service import QueueService

#: For so many seconds a stream's claims go on where the last one ended; then from its beginning
#: again, where those lie that came back.
_GOES_ON = 5.0

_KNOWN_AT_ONCE = 1_000

#: Seconds for which a stream whose turn failed is passed over.
_AVOIDED_FOR = 5.0


class Turn(Enum):
    """Without a slice: nothing is due; the turn was used up otherwise, and the next one is due."""

    NOTHING = "nothing"
    USED = "used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Messages of one stream that are on record as being sent, in the order of their slots.

    `seconds` of the lane are booked for the first of them, from `starts_at` on. `held_since` is a
    time of the steady clock, `claimed_at` stands in the ledger. `ends_at`: after it none of them
    may leave.
    """

    stream: Stream
    attempts: tuple[Attempt, ...]
    seconds: tuple[float, ...]
    starts_at: datetime
    claimed_at: datetime
    held_since: float
    ends_at: datetime | None
    is_probe: bool


class _NotNowError(Exception):
    """Somebody else was faster: what this turn has done is to be undone."""


class Claimer:
    def __init__(
        self,
        database: Database,
        queue: QueueService,
        providers: Providers,
        breakers: Breakers,
        wire: Wire,
        signer: LinkSigner,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._queue = queue
        self._providers = providers
        self._breakers = breakers
        self._wire = wire
        self._clock = clock
        self._texts = Texts(signer)
        self._avoided: dict[UUID, float] = {}
        self._reached: dict[UUID, tuple[float, tuple[datetime, UUID]]] = {}

    async def turn(self, *, room: int, busy_lanes: Collection[UUID]) -> Slice | Turn:
        """One transaction. `room`: so many messages at most; nothing more from `busy_lanes`."""
        held_since = time.monotonic()
        now = self._clock()
        try:
            async with self._database.as_worker() as connection:
                await self._breakers.refresh(connection)
                served = [
                    (provider, channel)
                    for provider, channel in self._providers
                    if self._breakers.verdict(provider, now=now) is not Verdict.NO
                ]
                streams = await pick_streams(connection, served, busy_lanes=busy_lanes, now=now)
                stream, deferred = await self._first_allowed(connection, streams, now=now)
                if stream is None:
                    return Turn.USED if deferred else Turn.NOTHING
                try:
                    return await self._claim(
                        connection, stream, room=room, held_since=held_since, now=now
                    )
                except Exception:
                    # The others go first for a while: whose turn it is stands where it stood.
                    self._avoided[stream.id] = time.monotonic() + _AVOIDED_FOR
                    raise
        except _NotNowError:
            self._breakers.forget()
            return Turn.NOTHING

    async def _first_allowed(
        self, connection: Connection, streams: Sequence[Stream], *, now: datetime
    ) -> tuple[Stream | None, int]:
        """The first whose hours are open and whose turn nobody else has; those before it that wait
        for their hours are put off until then."""
        later: dict[UUID, datetime] = {}
        chosen = None
        self._avoided = {
            id_: until for id_, until in self._avoided.items() if until > time.monotonic()
        }
        for stream in streams:
            if stream.id in self._avoided:
                continue
            opens = _opens(stream, now=now)
            if opens > now:
                later[stream.id] = opens
            elif await take_turn(connection, stream, now=now):
                chosen = stream
                break
        if later:
            await defer_streams(connection, later)
        return chosen, len(later)

    async def _claim(
        self,
        connection: Connection,
        stream: Stream,
        *,
        room: int,
        held_since: float,
        now: datetime,
    ) -> Slice | Turn:
        is_probe = self._breakers.verdict(stream.provider, now=now) is Verdict.PROBE
        depth = self._wire.depth(stream.lane_id)
        limit = 1 if is_probe else min(SLICE, room, depth, fits_in_quantum(stream.pace))
        if stream.max_per_minute is not None:
            limit = min(limit, fits_in_own_limit(stream.max_per_minute))
        text = await self._texts.of(connection, stream)
        found = await self._found(
            connection, stream, with_contacts=text.needs_contact, limit=limit, now=now
        )
        attempts = [_look(stream, text, each.message, now=now) for each in found]
        attempts = attempts[: _within_quantum(stream, attempts)]
        if len(attempts) < limit and len(attempts) == len(found):
            self._reached.pop(stream.id, None)
        elif attempts:
            self._goes_on_after(stream, found[len(attempts) - 1])
        to_send = tuple(each for each in attempts if each.leaves)
        kept = [each for each in attempts if each.later is None]
        if kept:
            await begin_sending(connection, kept, provider=stream.provider, now=now)
        await put_off(connection, [each for each in attempts if each.later is not None])
        await self._finish_unsent(connection, stream, attempts, now=now)
        if stream.max_per_minute is not None and to_send:
            await ledger.use_own_limit(
                connection,
                broadcast_id=stream.broadcast_id,
                seconds=len(to_send) * own_limit_seconds(stream.max_per_minute),
                now=now,
            )
        await end_turn(
            connection,
            stream,
            claimed=len(found),
            asked_for=limit if len(attempts) == len(found) else len(found),
            now=now,
        )
        if not to_send:
            return Turn.USED
        first = book(
            stream.pace,
            [each.segments for each in to_send[: self._wire.burst(stream.lane_id, stream.pace)]],
        )
        # By the clock as it is now: slots that lie before the claim was made would be lost.
        starts_at = await reserve(
            connection, stream.lane_id, first, ahead=FARTHEST_AHEAD, now=self._clock()
        )
        if starts_at is None:
            raise _NotNowError
        if is_probe and not await take_probe(connection, stream.provider, now=now):
            raise _NotNowError
        return Slice(
            stream=stream,
            attempts=to_send,
            seconds=first.seconds,
            starts_at=starts_at,
            claimed_at=now,
            held_since=held_since,
            ends_at=_ends(stream, now=now),
            is_probe=is_probe,
        )

    async def _found(
        self,
        connection: Connection,
        stream: Stream,
        *,
        with_contacts: bool,
        limit: int,
        now: datetime,
    ) -> list[Claimed]:
        _, after = self._reached.get(stream.id, (0.0, BEGINNING))
        while True:
            found = await claim(
                connection,
                stream,
                with_contacts=with_contacts,
                after=after,
                limit=limit,
                now=now,
            )
            if found or after == BEGINNING:
                return found
            after = BEGINNING

    def _goes_on_after(self, stream: Stream, last: Claimed) -> None:
        since, _ = self._reached.get(stream.id, (time.monotonic(), BEGINNING))
        if time.monotonic() - since > _GOES_ON:
            del self._reached[stream.id]
            return
        if len(self._reached) > _KNOWN_AT_ONCE:
            self._reached.clear()
        self._reached[stream.id] = (since, last.place)

    async def _finish_unsent(
        self, connection: Connection, stream: Stream, attempts: Sequence[Attempt], *, now: datetime
    ) -> None:
        """Those who are skipped and those whose text cannot be made have come to their end."""
        unsent = [each.message for each in attempts if not each.leaves and each.later is None]
        with_jobs = [message.id for message in unsent if message.job_id is not None]
        if with_jobs:
            await self._queue.finish(connection, await job_outcomes(connection, with_jobs), now=now)
        if unsent and len(unsent) == len(attempts) and stream.step_id is not None:
            await complete(connection, self._queue, step_ids=[stream.step_id], now=now)


def _within_quantum(stream: Stream, attempts: Sequence[Attempt]) -> int:
    """How many of the claimed rows a turn takes, now that the segments of those that leave are
    known; the others were not touched and have their turn later."""
    segments = [each.segments for each in attempts if each.leaves]
    leave = first_quantum(book(stream.pace, segments))
    for index, attempt in enumerate(attempts):
        if attempt.leaves:
            if leave == 0:
                return index
            leave -= 1
    return len(attempts)


def _look(stream: Stream, text: Text, message: ClaimedMessage, *, now: datetime) -> Attempt:
    """With a time zone of its own the message waits for the hours of that zone."""
    if message.time_zone is not None:
        opens = next_allowed(
            now,
            planned_at=message.due_at or now,
            zone=ZoneInfo(message.time_zone),
            hours=stream.hours,
        )
        if opens > now:
            return Attempt(message=message, later=opens)
    return look(stream, text, message)


def _opens(stream: Stream, *, now: datetime) -> datetime:
    """`now`, or when the hours of the step open; single messages have no hours, and those of a step
    in its recipients' zones each have their own."""
    if stream.time_zone is None or stream.in_their_zones:
        return now
    return next_allowed(
        now,
        planned_at=stream.planned_at or now,
        zone=ZoneInfo(stream.time_zone),
        hours=stream.hours,
    )


def _ends(stream: Stream, *, now: datetime) -> datetime | None:
    if stream.time_zone is None or stream.in_their_zones:
        return None
    return closes_at(
        now,
        planned_at=stream.planned_at or now,
        zone=ZoneInfo(stream.time_zone),
        hours=stream.hours,
    )


#: Nobody waits longer for a text that is stuck at a carrier, and no provider takes less.
_VALIDITY = (timedelta(seconds=60), timedelta(hours=10))


def validity(ends_at: datetime | None, *, now: datetime) -> timedelta | None:
    """How long a provider may try to deliver what leaves now; None: as long as it likes."""
    if ends_at is None:
        return None
    shortest, longest = _VALIDITY
    return min(max(ends_at - now, shortest), longest)
