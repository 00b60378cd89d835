"""Sends what a turn has claimed: each message at its slot, or not at all."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import deque
from typing import TYPE_CHECKING

from clarion.delivery.health.breaker import Verdict
from clarion.delivery.message import Outcome, outcome_of, released
from clarion.delivery.pace import FARTHEST_AHEAD, book
from clarion.delivery.sending.claim import validity
from clarion.delivery.sending.store import reserve
from clarion.providers.sending import OutgoingMessage, SendResult, Uncertain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from clarion.db.connection import Database
    from clarion.delivery.message import ClaimedMessage
    from clarion.delivery.sending.breakers import Breakers
    from clarion.delivery.sending.claim import Slice
    from clarion.delivery.sending.store import Attempt
    from clarion.delivery.sending.wire import Wire
    from clarion.providers.sending import Provider

log = logging.getLogger(__name__)

#: A claim older than this many seconds is given back instead of sent: after a minute the sweep
#: calls such rows uncertain, and what is uncertain must not leave any more.
_CLAIM_HOLDS = 40.0

#: Mails that may leave together are gathered for this part of the time that each may be late: the
#: rest is for what a busy worker needs to hand them over.
_GATHERS = 0.8

#: Seconds from the claim in which a message has left or is given back. In between, nobody looks for
#: a pause or a cancellation; they hold within two seconds all the same, however slow the provider.
_LEAVES_WITHIN = 1.5


class SliceSender:
    """One slice, once. `answer` takes what became of each message, in any order."""

    def __init__(
        self,
        slice_: Slice,
        *,
        database: Database,
        provider: Provider,
        wire: Wire,
        breakers: Breakers,
        answer: Callable[[Slice, ClaimedMessage, Outcome], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._slice = slice_
        self._stream = slice_.stream
        self._database = database
        self._provider = provider
        self._most = provider.batch_size
        self._wire = wire
        self._breakers = breakers
        self._answer = answer
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._places = wire.places(slice_.stream.provider)
        self._unsent = deque(slice_.attempts)
        #: Times of the loop's clock, for the first of the unsent.
        self._slots: deque[float] = deque()
        self._used = self._missed = 0
        #: Tasks at the provider, each with how many messages it has.
        self._under_way: dict[asyncio.Task[None], int] = {}
        self._changed = asyncio.Event()
        # From the end of the claim: a database that is slow to commit must not use up the time.
        self._leaves_until = self._loop.time() + _LEAVES_WITHIN
        self._allot(slice_.starts_at, slice_.seconds)

    async def run(self) -> None:
        """Until each message has left or was given back. Cancelled, it leaves those that are on
        their way to be settled later."""
        try:
            while self._unsent or self._under_way:
                if not self._unsent:
                    self._changed.clear()
                    await self._changed.wait()
                elif self._must_give_back():
                    self._give_back()
                elif self._loop.time() >= self._leaves_until:
                    self._wire.overstayed(self._stream.lane_id)
                    self._give_back()
                elif self._slots:
                    await self._next()
                else:
                    await self._book()
        finally:
            for task in self._under_way:
                task.cancel()
            # Only when it was broken off: nobody answers for these any more.
            self._wire.left(self._stream.lane_id, len(self._unsent))
            self._wire.answered(len(self._unsent) + sum(self._under_way.values()))

    def _allot(self, starts_at: datetime, seconds: tuple[float, ...]) -> None:
        slot = self._loop.time() + (starts_at - self._clock()).total_seconds()
        self._used = self._missed = 0
        for each in seconds:
            self._slots.append(slot)
            slot += each

    def _must_give_back(self) -> bool:
        now = self._clock()
        if self._wire.stopping.is_set() or self._wire.is_paused(self._stream.lane_id, now=now):
            return True
        if time.monotonic() - self._slice.held_since > _CLAIM_HOLDS:
            return True
        if self._slice.is_probe:
            return False
        return self._breakers.verdict(self._stream.provider, now=now) is Verdict.NO

    def _give_back(self) -> None:
        self._wire.left(self._stream.lane_id, len(self._unsent))
        for attempt in self._unsent:
            self._answer(self._slice, attempt.message, released(attempt.message))
        self._unsent.clear()

    async def _next(self) -> None:
        """The first of the unsent, at its slot, as soon as there is a place; and with it those of
        the same mail whose slots come so soon that none of them will be late."""
        wait = self._slots[self._together() - 1] - self._loop.time()
        has_waited = wait > 0 or self._places.locked()
        if wait > 0:
            await asyncio.sleep(wait)
        if not await self._place():
            return
        while self._slots and self._is_late(self._slots[0]):
            self._slots.popleft()
        if not self._slots or (has_waited and self._must_give_back()):
            self._places.release()
            return
        leaving = self._take()
        task = asyncio.create_task(self._leave(leaving))
        self._under_way[task] = len(leaving)
        task.add_done_callback(self._done)
        if not self._unsent:
            self._wire.placed(self._stream.lane_id)

    def _together(self) -> int:
        """How many of the next are worth waiting for, so that one request carries them."""
        if self._most == 1:
            return 1
        until = self._slots[0] + _GATHERS * self._stream.pace.may_be_late
        return self._count_alike(until)

    def _take(self) -> list[tuple[Attempt, float]]:
        """The first, and those after it whose slots have come."""
        count = 1 if self._most == 1 else self._count_alike(self._loop.time())
        return [(self._unsent.popleft(), self._slots.popleft()) for _ in range(count)]

    def _count_alike(self, until: float) -> int:
        """Of the first unsent, how many have one mail and their slots by then; at least one."""
        mail = self._unsent[0].mail
        if mail is None:
            return 1
        count = 1
        for attempt, slot in itertools.islice(
            zip(self._unsent, self._slots, strict=False), 1, self._most
        ):
            if attempt.mail is not mail or slot > until:
                break
            count += 1
        return count

    async def _place(self) -> bool:
        """Whether there was one while there was time."""
        if not self._places.locked():
            return await self._places.acquire()
        try:
            async with asyncio.timeout_at(self._leaves_until):
                return await self._places.acquire()
        except TimeoutError:
            return False

    def _is_late(self, slot: float) -> bool:
        """Then the slot is lost, and who waited for it takes a later one or is booked anew."""
        late = self._loop.time() - slot > self._stream.pace.may_be_late
        self._missed += late
        return late

    async def _book(self) -> None:
        if self._missed:
            self._wire.missed(self._stream.lane_id, used=self._used)
        else:
            self._wire.kept(self._stream.lane_id)
        burst = self._wire.burst(self._stream.lane_id, self._stream.pace)
        coming = list(itertools.islice(self._unsent, burst))
        booking = book(self._stream.pace, [each.segments for each in coming])
        starts_at = None
        try:
            async with self._database.as_worker() as connection:
                # A booking that is lost with the server's memory is of a second that is over when
                # it is back: nothing has to reach the disk before the slots are used.
                await connection.execute("set local synchronous_commit = off")
                starts_at = await reserve(
                    connection,
                    self._stream.lane_id,
                    booking,
                    ahead=FARTHEST_AHEAD,
                    now=self._clock(),
                )
        except Exception:
            log.exception("delivery.booking_failed", extra={"lane_id": str(self._stream.lane_id)})
        if starts_at is None:
            # The others have booked the lane: it does without us.
            self._give_back()
        else:
            self._allot(starts_at, booking.seconds)

    async def _leave(self, leaving: list[tuple[Attempt, float]]) -> None:
        try:
            attempts: list[Attempt] = []
            for attempt, slot in leaving:
                (self._unsent if self._is_late(slot) else attempts).append(attempt)
            if not attempts:
                return
            self._used += len(attempts)
            self._wire.left(self._stream.lane_id, len(attempts))
            results = await self._hand_over(attempts)
        finally:
            self._places.release()
        now = self._clock()
        for attempt, result in zip(attempts, results, strict=True):
            outcome = outcome_of(attempt.message, result, now=now)
            if outcome.lane_pause is not None:
                self._wire.pause(self._stream.lane_id, until=now + outcome.lane_pause)
            self._answer(self._slice, attempt.message, outcome)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        self._changed.set()

    async def _hand_over(self, attempts: Sequence[Attempt]) -> Sequence[SendResult]:
        messages = [self._outgoing(each) for each in attempts]
        try:
            if len(messages) == 1:
                return [await self._provider.send(messages[0])]
            return await self._provider.send_batch(messages)
        except Exception as error:
            # Whatever broke, the request may have left: only the provider's records can tell.
            ids = [str(each.message_id) for each in messages]
            log.exception("delivery.send_failed", extra={"message_ids": ids})
            return [Uncertain(detail=f"{type(error).__name__}: {error}")] * len(messages)

    def _outgoing(self, attempt: Attempt) -> OutgoingMessage:
        message = attempt.message
        return OutgoingMessage(
            message_id=message.id,
            attempt=message.attempts + 1,
            channel=message.channel,
            to=message.address,
            body=attempt.body or "",
            subject=message.subject,
            html=message.html,
            mail=attempt.mail,
            values=attempt.values,
            headers=attempt.headers,
            sender=self._stream.sender,
            validity=validity(self._slice.ends_at, now=self._clock()),
        )
