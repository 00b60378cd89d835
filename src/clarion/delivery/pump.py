"""The pump of a worker: turn after turn it claims what is due and sends each message at its slot.

Any number of pumps run on one database; what they share stands in the rows of streams and lanes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING

import psycopg

from clarion.delivery.sending.answers import Answers
from clarion.delivery.sending.breakers import Breakers
from clarion.delivery.sending.claim import Claimer, Slice, Turn
from clarion.delivery.sending.slices import SliceSender
from clarion.delivery.sending.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from clarion.db.connection import Database
    from clarion.delivery.lanes import Lanes
    from clarion.kernel.message_links import LinkSigner
    from clarion.providers.sending import Providers
    from clarion.queue.service import QueueService

log = logging.getLogger(__name__)

#: Seconds between two looks while nothing is due.
_LOOKS_EVERY = 0.1

_AFTER_TROUBLE = 1.0

#: Seconds after which the database's clock is looked at again.
_CLOCK_HOLDS = 10.0

#: Seconds in which a pump that is asked to stop ends what is under way, and writes the answers.
_STOPS_WITHIN = 8.0


class Pump:
    """`clock` tells the time for all pumps alike; `set_clock` is called now and then to set it.
    `beat` is called once a turn, for whoever watches that it goes on."""

    def __init__(
        self,
        database: Database,
        queue: QueueService,
        lanes: Lanes,
        providers: Providers,
        signer: LinkSigner,
        clock: Callable[[], datetime],
        *,
        set_clock: Callable[[Database], Awaitable[None]] | None = None,
        wire: Wire | None = None,
    ) -> None:
        self._database = database
        self._providers = providers
        self._clock = clock
        self._set_clock = set_clock
        self._wire = wire or Wire()
        self._breakers = Breakers()
        self._answers = Answers(database, queue, lanes, self._wire, self._breakers, clock)
        self._claimer = Claimer(
            database, queue, providers, self._breakers, self._wire, signer, clock
        )
        self._sending: set[asyncio.Task[None]] = set()
        self._clock_set_at = float("-inf")

    async def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Until cancelled. Then nothing more is claimed, what is under way is waited for, what has
        not left is given back, and the answers are written, all within ten seconds."""
        self._wire.stopping.clear()
        turns = asyncio.create_task(self._turns(beat))
        writer = asyncio.create_task(self._answers.write_forever())
        try:
            # Neither of them ends by itself; where one does all the same, its error is ours.
            done, _ = await asyncio.wait({turns, writer}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                await task
        finally:
            self._wire.stopping.set()
            self._wire.eased.set()
            await self._stop(turns, writer)

    async def turn(self) -> bool:
        """One turn; whether there was something to do. What it claims is sent beside."""
        turned = await self._claimer.turn(room=self._wire.room, busy_lanes=self._wire.busy_lanes())
        if isinstance(turned, Turn):
            return turned is Turn.USED
        self._send(turned)
        return True

    async def drain(self) -> None:
        """Until all that is claimed was sent or given back, and its answers are written."""
        while self._sending:
            await asyncio.wait(self._sending)
        await self._answers.write_waiting()

    async def _turns(self, beat: Callable[[], None]) -> None:
        while not self._wire.stopping.is_set():
            beat()
            self._wire.eased.clear()
            try:
                await self._set_clock_now_and_then()
                goes_on = self._wire.room > 0 and await self.turn()
            except Exception as error:
                # The database restarts, or one stream cannot be claimed: that must not end the
                # others, and nothing is lost, since every turn begins at the ledger.
                log.exception("delivery.turn_failed")
                is_away = isinstance(error, psycopg.OperationalError)
                await self._rest(_AFTER_TROUBLE if is_away else _LOOKS_EVERY)
                continue
            if not goes_on:
                await self._rest(_LOOKS_EVERY)

    async def _rest(self, seconds: float) -> None:
        """So long at most, and not when there is room again for what could not be claimed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wire.eased.wait()

    async def _set_clock_now_and_then(self) -> None:
        if self._set_clock is None or time.monotonic() - self._clock_set_at < _CLOCK_HOLDS:
            return
        await self._set_clock(self._database)
        self._clock_set_at = time.monotonic()

    def _send(self, slice_: Slice) -> None:
        stream = slice_.stream
        self._wire.hold(stream.lane_id, stream.pace, len(slice_.attempts))
        sender = SliceSender(
            slice_,
            database=self._database,
            provider=self._providers[stream.provider, stream.channel],
            wire=self._wire,
            breakers=self._breakers,
            answer=self._answers.put,
            clock=self._clock,
        )
        task = asyncio.create_task(sender.run())
        self._sending.add(task)
        task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("delivery.slice_failed", exc_info=task.exception())

    async def _stop(self, turns: asyncio.Task[None], writer: asyncio.Task[None]) -> None:
        try:
            async with asyncio.timeout(_STOPS_WITHIN):
                # A turn is one short transaction; broken off, its rows might be on record as being
                # sent with nobody to send them.
                await asyncio.wait({turns})
                writer.cancel()
                await asyncio.wait({writer})
                await self.drain()
        except TimeoutError:
            log.warning("delivery.stopped_in_the_middle", extra={"slices": len(self._sending)})
        finally:
            for task in (turns, writer, *self._sending):
                task.cancel()
            await asyncio.wait({turns, writer, *self._sending})
