"""Time that passes when nothing is left to do before: what is to happen, in order."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count


class Time:
    def __init__(self, start: datetime) -> None:
        self.now = start
        self._heap: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, moment: datetime, do: Callable[[], None]) -> None:
        """What lies in the past happens now."""
        heapq.heappush(self._heap, (max(moment, self.now), next(self._order), do))

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        self.at(self.now + timedelta(seconds=seconds), do)

    def run(self, *, until: datetime, most: int) -> None:
        """Fails when more than so many things happen: then somebody goes round in circles."""
        for _ in range(most):
            if not self._heap or self._heap[0][0] > until:
                self.now = until
                return
            self.now, _, do = heapq.heappop(self._heap)
            do()
        raise AssertionError(f"still busy at {self.now} after {most} events")
