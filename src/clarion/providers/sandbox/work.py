"""Work with a time: a heap of jobs, done by a fixed number of workers when they are due."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

Job: TypeAlias = Callable[[], Awaitable[None]]

_log = logging.getLogger(__name__)


class WorkQueue:
    """Jobs run in the order of their times, at most `workers` at once.

    A waiting job is one entry of a heap; nothing else is kept per job.
    """

    def __init__(self, *, workers: int) -> None:
        self._heap: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._wake = asyncio.Event()
        self._ready: asyncio.Queue[Job] = asyncio.Queue(maxsize=2 * workers)
        self._workers = workers
        self._running = 0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def waiting(self) -> int:
        """Jobs not finished yet."""
        return len(self._heap) + self._ready.qsize() + self._running

    def push(self, job: Job, *, after_ms: float) -> None:
        due = asyncio.get_running_loop().time() + after_ms / 1000
        entry = (due, next(self._order), job)
        heapq.heappush(self._heap, entry)
        if self._heap[0] is entry:
            self._wake.set()

    def clear(self) -> None:
        """Forget what has not begun."""
        self._heap.clear()

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._feed()),
            *(asyncio.create_task(self._work()) for _ in range(self._workers)),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _feed(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            wait = self._heap[0][0] - loop.time() if self._heap else None
            if wait is not None and wait <= 0:
                await self._ready.put(heapq.heappop(self._heap)[2])
                continue
            self._wake.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _work(self) -> None:
        while True:
            job = await self._ready.get()
            self._running += 1
            try:
                await job()
            except Exception:  # noqa: BLE001
                # A worker that dies would make the sandbox quietly stop reporting.
                _log.exception("sandbox.job_failed")
            finally:
                self._running -= 1
