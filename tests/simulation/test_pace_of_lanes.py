"""Workers that share a sender, on a machine that stalls: the sender's pace is never passed.

What sends here is what sends in a worker (`SliceSender`, `Wire`, the booking of slots); the lane's
row is in memory, and time passes when nobody has anything to do.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random, SystemRandom
from typing import Any
from uuid import UUID

import pytest

from clarion.broadcasts.timing.step_time import ANY_HOUR
from clarion.delivery.message import ClaimedMessage, Outcome
from clarion.delivery.pace import (
    AHEAD,
    FARTHEST_AHEAD,
    Booking,
    book,
    first_quantum,
    fits_in_quantum,
)
from clarion.delivery.sending import slices
from clarion.delivery.sending.breakers import Breakers
from clarion.delivery.sending.claim import Slice
from clarion.delivery.sending.slices import SliceSender
from clarion.delivery.sending.store import Attempt, Stream
from clarion.delivery.sending.wire import SLICE, Wire
from clarion.kernel.channel import Channel
from clarion.kernel.mail import Mail
from clarion.providers.sending import Accepted, OutgoingMessage, SendResult, Throttled
from support.simulation.ledger import Lane
from support.simulation.loop import VirtualLoop, run_virtually

RUNS = int(os.environ.get("CLARION_RUNS", "1500"))
PARTS = 2
ONLY = int(os.environ.get("CLARION_SEED", "0"))
FIRST = ONLY or SystemRandom().randrange(1, 10**9)

_START = datetime(2026, 11, 1, 12, tzinfo=UTC)
_LANE, _STREAM = UUID(int=1), UUID(int=2)

#: A claim that is older is given back.
_HOLDS = 40.0


@dataclass
class World:
    """One run, with what was seen in it. `sent` holds when each request left, and its segments."""

    seed: int
    loop: VirtualLoop
    random: Random = field(init=False)
    lane: Lane = field(init=False)
    waiting: deque[Attempt] = field(default_factory=deque)
    sent: list[tuple[float, int]] = field(default_factory=list)
    attempts: Counter[tuple[UUID, int]] = field(default_factory=Counter)
    answered: Counter[UUID] = field(default_factory=Counter)
    lost: set[UUID] = field(default_factory=set)
    claimed_at: dict[UUID, float] = field(default_factory=dict)
    sizes_of: dict[UUID, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random = Random(self.seed)
        # The fast ones take long to live through, and come seldom.
        self.rate = random.choice([1, 2, 3, 5, 10, 40, 100, 400] * 3 + [1_000, 2_000])
        self.lane = Lane(
            rate=float(self.rate),
            segments_rate=random.choice([None, None, 1.0, 3.0, 10.0, 40.0]),
        )
        self.sizes = random.choice([(1,), (1, 2), (1, 1, 1, 4), (3,), (1, 2, 3, 4, 5)])
        self.wild = random.random() < 0.7
        #: Mails of one step leave together where their slots lie close.
        self.mail = Mail(subject=("News",), text=("Hello ", 0)) if random.random() < 0.3 else None
        if self.mail is not None:
            self.lane.segments_rate, self.sizes = None, (1,)
        self.batch_size = random.choice([1, 2, 7, 1_000])
        self.together = 0
        self.too_fast = random.choice([0, 0, 0.02]) if self.wild else 0
        slowest = min(self.rate, (self.lane.segments_rate or self.rate) / max(self.sizes))
        self.people = int(max(10, min(8 * slowest, 200), slowest * 1.5 if slowest >= 1_000 else 0))
        self.waiting.extend(self._message(number) for number in range(self.people))
        self.sizes_of.update((each.message.id, each.segments) for each in self.waiting)

    def _message(self, number: int) -> Attempt:
        return Attempt(
            message=ClaimedMessage(
                id=UUID(int=number + 1),
                workspace_id=UUID(int=0),
                step_id=None,
                job_id=None,
                channel=Channel.SMS,
                address=f"+1512220{number:04d}",
                attempts=0,
                subject=None,
                body="Hi",
                html=None,
                contact=None,
                suppressed=False,
            ),
            body="Hi",
            segments=self.random.choice(self.sizes),
            mail=self.mail,
            values=(str(number),),
        )

    def clock(self) -> datetime:
        return _START + timedelta(seconds=self.loop.time())

    async def pause(self, most: float) -> None:
        await asyncio.sleep(most * self.random.random() ** 3)

    async def stall_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self.random.expovariate(2))
            if self.wild:
                self.loop.stall(self.random.choice([0.005, 0.03, 0.05, 0.2, 1.0, 5.0]))


class Worker:
    """Claims and sends until nothing waits; killed, it takes what it holds with it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._wire = Wire()
        self._sending: dict[asyncio.Task[None], Slice] = {}

    async def run(self) -> None:
        world = self._world
        while len(world.answered) + len(world.lost) < world.people:
            if not self._claims():
                await asyncio.sleep(0.05)
            # The transaction of a turn.
            await world.pause(0.1 if world.wild else 0.005)

    def kill(self) -> None:
        for task, slice_ in self._sending.items():
            task.cancel()
            self._world.lost.update(
                each.message.id
                for each in slice_.attempts
                if not self._world.answered[each.message.id] and each not in self._world.waiting
            )

    def _claims(self) -> bool:
        world, lane, now = self._world, self._world.lane, self._world.clock()
        if lane.next_free_at >= now + AHEAD or _LANE in self._wire.busy_lanes():
            return False
        pace = lane.pace(now)
        limit = min(SLICE, self._wire.room, fits_in_quantum(pace), len(world.waiting))
        if limit <= 0:
            return False
        found = [world.waiting.popleft() for _ in range(limit)]
        quantum = first_quantum(book(pace, [each.segments for each in found]))
        world.waiting.extendleft(reversed(found[quantum:]))
        attempts = found[:quantum]
        booking = book(pace, [each.segments for each in attempts[: self._wire.burst(_LANE, pace)]])
        starts_at = lane.reserve(booking, ahead=FARTHEST_AHEAD, now=now)
        assert starts_at is not None
        stream = Stream(
            id=_STREAM,
            lane_id=_LANE,
            workspace_id=UUID(int=0),
            step_id=None,
            broadcast_id=None,
            channel=Channel.SMS,
            provider="sandbox",
            sender="+15005550006",
            pace=pace,
            body=None,
            time_zone=None,
            planned_at=None,
            max_per_minute=None,
            hours=ANY_HOUR,
        )
        slice_ = Slice(
            stream=stream,
            attempts=tuple(attempts),
            seconds=booking.seconds,
            starts_at=starts_at,
            claimed_at=now,
            held_since=world.loop.time(),
            ends_at=None,
            is_probe=False,
        )
        for each in attempts:
            world.claimed_at[each.message.id] = world.loop.time()
        self._send(slice_)
        return True

    def _send(self, slice_: Slice) -> None:
        world = self._world
        self._wire.hold(_LANE, slice_.stream.pace, len(slice_.attempts))
        sender = SliceSender(
            slice_,
            database=_Rows(world),  # type: ignore[arg-type]
            provider=_Provider(world),  # type: ignore[arg-type]
            wire=self._wire,
            breakers=Breakers(),
            answer=self._answer,
            clock=world.clock,
        )
        task = asyncio.create_task(sender.run())
        self._sending[task] = slice_
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._sending[task]
        if not task.cancelled():
            task.result()

    def _answer(self, slice_: Slice, message: ClaimedMessage, outcome: Outcome) -> None:
        world = self._world
        self._wire.answered(1)
        if outcome.lane_pause is not None:
            world.lane.slow_down(outcome.lane_pause, now=world.clock())
        if not outcome.counted:
            attempt = next(each for each in slice_.attempts if each.message == message)
            # The attempt is given back; the next one is another one here, to tell them apart.
            world.waiting.append(
                replace(attempt, message=replace(message, attempts=message.attempts + 1))
            )
            return
        world.answered[message.id] += 1


@dataclass
class _Provider:
    world: World

    @property
    def batch_size(self) -> int:
        return self.world.batch_size

    async def send(self, message: OutgoingMessage) -> SendResult:
        return (await self._take([message]))[0]

    async def send_batch(self, messages: Sequence[OutgoingMessage]) -> list[SendResult]:
        assert self.world.mail is not None
        assert 1 < len(messages) <= self.batch_size
        self.world.together = max(self.world.together, len(messages))
        return await self._take(messages)

    async def _take(self, messages: Sequence[OutgoingMessage]) -> list[SendResult]:
        world = self.world
        now = world.loop.time()
        for message in messages:
            world.sent.append((now, world.sizes_of[message.message_id]))
            world.attempts[message.message_id, message.attempt] += 1
            assert now - world.claimed_at[message.message_id] <= _HOLDS + 0.5
        await world.pause(8.0 if world.wild and world.random.random() < 0.05 else 0.2)
        if world.random.random() < world.too_fast:
            return [Throttled(code="20429", retry_after=timedelta(seconds=1))] * len(messages)
        return [Accepted(provider_id=str(message.message_id)) for message in messages]


@dataclass
class _Rows:
    """The database, as far as a slice asks it: a moment away."""

    world: World

    @asynccontextmanager
    async def as_worker(self) -> AsyncIterator[_Rows]:
        await self.world.pause(0.3 if self.world.wild else 0.01)
        yield self
        await self.world.pause(0.1 if self.world.wild else 0.01)

    async def execute(self, statement: str) -> None:
        assert "synchronous_commit" in statement


async def _live(world: World) -> None:
    stalls = asyncio.create_task(world.stall_now_and_then())
    workers = [Worker(world) for _ in range(world.random.randint(1, 3))]
    running = [asyncio.create_task(worker.run()) for worker in workers]
    if world.wild and len(workers) > 1 and world.random.random() < 0.4:
        await asyncio.sleep(world.random.uniform(0, 5))
        running.pop().cancel()
        workers.pop().kill()
    async with asyncio.timeout(3_600):
        await asyncio.gather(*running)
    stalls.cancel()


def most_within(span: float, sent: list[tuple[float, int]], *, by_segments: bool) -> int:
    most = held = first = 0
    for at, segments in sent:
        held += segments if by_segments else 1
        while at - sent[first][0] >= span - 1e-9:
            held -= sent[first][1] if by_segments else 1
            first += 1
        most = max(most, held)
    return most


def faults_of(seed: int) -> list[str]:
    world = World(seed, VirtualLoop())

    async def reserve(
        _: Any, __: UUID, booking: Booking, *, ahead: timedelta, now: datetime
    ) -> datetime | None:
        return world.lane.reserve(booking, ahead=ahead, now=now)

    class Steady:
        """The steady clock, for the module that sends."""

        @staticmethod
        def monotonic() -> float:
            return world.loop.time()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "reserve", reserve)
        patch.setattr(slices, "time", Steady)
        run_virtually(world.loop, _live(world))
    faults = []
    fullest = most_within(1.0, world.sent, by_segments=False)
    if fullest > world.rate:
        faults.append(f"{fullest} in a second, at {world.rate} per second")
    segments = world.lane.segments_rate
    if segments is not None:
        fullest = most_within(1.0, world.sent, by_segments=True)
        if fullest > max(segments, *world.sizes, 1):
            faults.append(f"{fullest} segments in a second, at {segments} per second")
    twice = [key for key, times in world.attempts.items() if times > 1]
    faults += [f"left twice for one attempt: {key}" for key in twice]
    faults += [f"answered twice: {key}" for key, times in world.answered.items() if times > 1]
    if not world.wild:
        lasts = world.sent[-1][0] - world.sent[0][0]
        cost = book(world.lane.pace(_START), [size for _, size in world.sent]).total
        if lasts > 1.5 * cost + 1.5:
            faults.append(f"slow: {lasts:.1f} s instead of {cost:.1f}")
        # Of a fast lane, many slots lie within the time that a mail may be late.
        if world.mail is not None and world.rate >= 1_000 and world.batch_size > 1:
            wanted = min(world.batch_size, 50)
            if world.together < wanted:
                faults.append(f"{world.together} left together, not {wanted}")
    return faults


@pytest.mark.parametrize("part", range(PARTS))
def test_the_pace_of_a_sender_is_never_passed(part: int) -> None:
    for seed in range(FIRST, FIRST + 1) if ONLY else range(FIRST + part, FIRST + RUNS, PARTS):
        try:
            faults = faults_of(seed)
        except Exception as error:
            error.add_note(f"To replay it: CLARION_SEED={seed} script/test tests/simulation")
            raise
        assert not faults, "\n".join([*faults, f"CLARION_SEED={seed} script/test tests/simulation"])
