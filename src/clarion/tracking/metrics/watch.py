"""Looks at the database for all who ask, at most once in a few seconds, and remembers a minute."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
from psycopg_pool import PoolTimeout

from clarion.tracking.metrics.figures import rates
from clarion.tracking.metrics.store import read_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Database
    from clarion.tracking.metrics.figures import Figures

log = logging.getLogger(__name__)

#: Several scrapers, and several who look at once, cost one look.
GOOD_FOR = 5.0

#: The rate is that of so many seconds, or since the look before, when looks are rarer.
RATE_OVER = timedelta(seconds=60)

#: Scrapers wait about ten seconds.
ANSWERS_WITHIN = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`rates` by lane, messages per second; empty until there were two looks."""

    figures: Figures
    rates: Mapping[UUID, float]


class Watch:
    """Of one process; asks nothing while nobody asks it."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._now = now
        self._clock = clock
        self._looks: deque[Figures] = deque()
        self._seen: Seen | None = None
        self._good_until = clock()
        self._one_at_a_time = asyncio.Lock()

    async def look(self) -> Seen | None:
        """What was seen lately; None when the database cannot tell."""
        async with self._one_at_a_time:
            if self._clock() >= self._good_until:
                self._seen = await self._look_again()
                self._good_until = self._clock() + GOOD_FOR
            return self._seen

    async def _look_again(self) -> Seen | None:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN), self._database.as_worker() as connection:
                figures = await read_figures(connection, now=self._now())
        except (psycopg.Error, PoolTimeout, TimeoutError):
            log.warning("metrics.not_read", exc_info=True)
            return None
        self._looks.append(figures)
        # The oldest that is kept is the youngest that lies a minute back.
        while len(self._looks) > 2 and self._looks[1].read_at <= figures.read_at - RATE_OVER:  # noqa: PLR2004
            self._looks.popleft()
        return Seen(figures=figures, rates=rates(self._looks[0], figures))
