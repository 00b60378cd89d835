"""Takes callbacks in: many at once become one transaction, and each is answered after it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from psycopg import OperationalError

from clarion.tracking.apply import store_events

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from clarion.db.connection import Database
    from clarion.providers.events import ProviderEvent

_AT_ONCE = 500


class Inbox:
    """`put` returns when the events are committed; a provider that hears 200 need not repeat them.

    Run `serve` as a task beside the callers.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._waiting: asyncio.Queue[tuple[Sequence[ProviderEvent], asyncio.Future[None]]] = (
            asyncio.Queue(maxsize=10_000)
        )

    async def put(self, events: Sequence[ProviderEvent]) -> None:
        """Raises what the database raised: then nothing was stored."""
        if not events:
            return
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._waiting.put((events, stored))
        await stored

    async def serve(self) -> None:
        while True:
            portion = [await self._waiting.get()]
            while len(portion) < _AT_ONCE and not self._waiting.empty():
                portion.append(self._waiting.get_nowait())
            await self._store(portion)

    async def _store(
        self, portion: Sequence[tuple[Sequence[ProviderEvent], asyncio.Future[None]]]
    ) -> None:
        # The same event twice in one statement would not meet its own ON CONFLICT twice; the
        # key makes them one here already.
        events = {event.key: event for given, _ in portion for event in given}
        try:
            async with self._database.as_worker() as connection:
                await store_events(connection, list(events.values()), received_at=self._clock())
        except Exception as error:  # noqa: BLE001 - told to each caller, who answers 4xx or 5xx
            if len(portion) > 1 and not isinstance(error, OperationalError):
                # One of them cannot be stored; the others must not be lost with it.
                for one in portion:
                    await self._store([one])
                return
            for _, stored in portion:
                if not stored.done():
                    stored.set_exception(error)
            return
        for _, stored in portion:
            if not stored.done():
                stored.set_result(None)
