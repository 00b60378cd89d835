"""Several pumps of one house by the real clock, and what arrives at its provider."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from clarion.db.server_time import ServerTime
from clarion.delivery.pump import Pump
from clarion.kernel.channel import Channel
from clarion.providers.sending import Accepted, OutgoingMessage, SendResult
from support.house import SIGNER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.house import House

_PUMPS = 3


class Arrivals:
    """When what arrived at the provider, by one clock for all pumps."""

    def __init__(self, answers_after: float | None) -> None:
        self._answers_after = answers_after
        self.noted: list[tuple[float, OutgoingMessage]] = []

    async def take(self, message: OutgoingMessage) -> SendResult:
        self.noted.append((asyncio.get_running_loop().time(), message))
        # A provider takes its time, and not always the same.
        seconds = self._answers_after
        await asyncio.sleep(len(self.noted) % 7 / 100 if seconds is None else seconds)
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
async def pumps(
    house: House, count: int = _PUMPS, *, answers_after: float | None = None
) -> AsyncIterator[Arrivals]:
    """They pump until the end of the block. `answers_after`: seconds, of the provider."""
    arrivals = Arrivals(answers_after)
    house.provider.answer = arrivals.take
    running = []
    for _ in range(count):
        time = ServerTime()
        pump = Pump(
            house.database,
            house.queue,
            house.lanes,
            {("fake", Channel.SMS): house.provider},
            SIGNER,
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
