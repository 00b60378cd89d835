"""Several pumps on one database, by the real clock: the pace of a lane is theirs together."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from clarion.db.server_time import ServerTime
from clarion.delivery.pump import Pump
from clarion.kernel.channel import Channel
from clarion.providers.sending import Accepted
from support.house import House, build_house

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from clarion.db.connection import Database
    from clarion.providers.sending import OutgoingMessage, SendResult

_PUMPS = 3


class Arrivals:
    """When what arrived at the provider, by one clock for all pumps."""

    def __init__(self) -> None:
        self.noted: list[tuple[float, OutgoingMessage]] = []

    async def take(self, message: OutgoingMessage) -> SendResult:
        self.noted.append((asyncio.get_running_loop().time(), message))
        # A provider takes its time, and not always the same.
        await asyncio.sleep(len(self.noted) % 7 / 100)
        return Accepted(provider_id=f"SM{message.message_id.hex}-{message.attempt}")

    def most_in_a_second(self, weights: Sequence[int] | None = None) -> int:
        """Of messages, or of what they weigh, in any window of one second."""
        times = [at for at, _ in self.noted]
        of_each = weights or [1] * len(times)
        most = first = held = 0
        for index, at in enumerate(times):
            held += of_each[index]
            while times[first] <= at - 1.0:
                held -= of_each[first]
                first += 1
            most = max(most, held)
        return most

    async def all_of(self, count: int) -> None:
        async with asyncio.timeout(90):
            while len(self.noted) < count:  # noqa: ASYNC110 - the pumps tell nobody
                await asyncio.sleep(0.05)


@asynccontextmanager
async def pumps(house: House) -> AsyncIterator[Arrivals]:
    """They pump until the end of the block."""
    arrivals = Arrivals()
    house.provider.answer = arrivals.take
    running = []
    for _ in range(_PUMPS):
        time = ServerTime()
        pump = Pump(
            house.database,
            house.queue,
            house.lanes,
            {("fake", Channel.SMS): house.provider},
            time,
            set_clock=time.look,
        )
        running.append(asyncio.create_task(pump.run()))
    try:
        yield arrivals
    finally:
        for task in running:
            task.cancel()
        await asyncio.wait(running)


async def test_no_window_of_a_second_holds_more_than_the_rate(database: Database) -> None:
    house = await build_house(database, rate=Decimal(50))
    await house.add_people(160)
    await house.launched()
    async with pumps(house) as arrivals:
        await arrivals.all_of(160)
    assert arrivals.most_in_a_second() <= 50
    assert set(house.provider.times_sent_to().values()) == {1}


async def test_a_rate_that_one_worker_cannot_use_up_is_kept_all_the_same(
    database: Database,
) -> None:
    """At such a rate a message misses its slot by many slots, and is booked anew."""
    house = await build_house(database, rate=Decimal(400))
    await house.add_people(1_200)
    await house.launched()
    async with pumps(house) as arrivals:
        await arrivals.all_of(1_200)
    assert arrivals.most_in_a_second() <= 400
    assert set(house.provider.times_sent_to().values()) == {1}


@pytest.mark.parametrize(
    ("segments_per_second", "lengths"), [(40, (2, 2, 2)), (40, (1, 3, 1)), (9, (4, 4, 1))]
)
async def test_no_window_of_a_second_holds_more_segments(
    database: Database, segments_per_second: int, lengths: tuple[int, ...]
) -> None:
    house = await build_house(
        database, rate=Decimal(500), segments_per_second=Decimal(segments_per_second)
    )
    people = segments_per_second * 2
    await house.add_people(people)
    await house.execute(
        "update public.contacts set first_name = repeat("
        "'x', (%s::int[])[1 + (right(phone_number, 4)::int %% 3)] * 153 - 10)",
        list(lengths),
    )
    await house.launched("{{ first_name }}")
    async with pumps(house) as arrivals:
        await arrivals.all_of(people)
    weights = [-(-len(message.body) // 153) for _, message in arrivals.noted]
    assert {len(message.body) for _, message in arrivals.noted} == {
        each * 153 - 10 for each in lengths
    }
    assert arrivals.most_in_a_second(weights) <= segments_per_second
