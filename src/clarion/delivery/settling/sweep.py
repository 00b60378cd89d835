"""Asks for the receipts that have not come by themselves, and closes what will have none."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clarion.db.queries import rows
from clarion.delivery.settling.records import askable, is_final, report_of
from clarion.delivery.settling.store import queries
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from clarion.db.connection import Connection, Database, Row
    from clarion.delivery.settling.records import Tell
    from clarion.providers.sending import FoundMessage, Providers

log = logging.getLogger(__name__)

#: After the hand-over, each time counted from it. Twilio queues for ten hours at most.
ASKED_AFTER = (
    timedelta(minutes=15),
    timedelta(hours=2),
    timedelta(hours=12),
    timedelta(hours=36),
)

#: Without a receipt from a provider that keeps no records: it tries for three days itself.
CLOSED_UNASKED_AFTER = timedelta(hours=72)

#: Whatever the provider says, or if it says nothing.
CLOSED_AFTER = timedelta(days=7)

#: A question without an answer is asked again after this, by whoever comes first.
_HELD = timedelta(minutes=5)

_IN_FLIGHT = 8

_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Of one round: questions, and rows looked at of each broadcast."""

    questions: int = 200
    looked_at: int = 20_000


class Sweeper:
    """Goes through what is sent and has no end, page by page; any number of workers may.

    Where it is in each broadcast it keeps in memory: a worker that begins anew begins at the
    beginning. A question is held by its row (`updated_at`) while it is asked, so that nobody else
    asks it. `tell` is where reports of providers go: what is learnt here is a report like any.
    """

    def __init__(
        self,
        database: Database,
        providers: Providers,
        clock: Callable[[], datetime],
        *,
        tell: Tell,
        bounds: Bounds | None = None,
    ) -> None:
        self._database = database
        self._providers = providers
        self._clock = clock
        self._tell = tell
        self._bounds = bounds or Bounds()
        self._looked_up_to: dict[UUID, UUID] = {}
        self._direct_up_to: tuple[datetime, UUID] | None = None
        self._began_with = 0

    async def sweep(self) -> bool:
        """One round; whether there is more to ask for now."""
        left = self._bounds.questions
        async with self._database.as_worker() as connection:
            found = await rows(queries.broadcasts_without_receipts(connection))
        ids = [row["id"] for row in found]
        self._looked_up_to = {
            each: up_to for each, up_to in self._looked_up_to.items() if each in ids
        }
        # Each round begins with another broadcast, and ends with the single messages of every
        # workspace if the questions last so long; the next one begins with these.
        places: list[UUID | None] = [*ids, None]
        self._began_with = (self._began_with + 1) % len(places)
        for place in places[self._began_with :] + places[: self._began_with]:
            async with self._database.as_worker() as connection:
                taken = (
                    await self._take_direct(connection, limit=left)
                    if place is None
                    else await self._take(connection, place, limit=left)
                )
            if not await self._ask(taken):
                return False
            left -= len(taken)
            if left <= 0:
                return True
        return False

    async def _take(self, connection: Connection, broadcast_id: UUID, *, limit: int) -> list[Row]:
        """What is to be asked for now on the next page of a broadcast; too old ones are closed."""
        after = self._looked_up_to.get(broadcast_id, _FIRST)
        page = await queries.page_of_sent(
            connection, broadcast_id=broadcast_id, after=after, limit=self._bounds.looked_at
        )
        if not page["seen"]:
            self._looked_up_to.pop(broadcast_id, None)
            return []
        place = {"broadcast_id": broadcast_id, "after": after, "up_to": page["last_id"]}
        common = self._common()
        await queries.close_page(connection, **place, **common, **self._too_old(common["now"]))
        taken = await rows(
            queries.take_page(
                connection, **place, **common, **self._due_now(common["now"]), limit=limit
            )
        )
        if len(taken) == limit:
            self._looked_up_to[broadcast_id] = max(row["id"] for row in taken)
        elif page["seen"] == self._bounds.looked_at:
            self._looked_up_to[broadcast_id] = page["last_id"]
        else:
            self._looked_up_to.pop(broadcast_id, None)
        return taken

    async def _take_direct(self, connection: Connection, *, limit: int) -> list[Row]:
        """The same for messages of no broadcast, in the order in which they were sent."""
        common = self._common()
        now = common["now"]
        after_at, after_id = self._direct_up_to or (now - 100 * CLOSED_AFTER, _FIRST)
        page = await queries.page_of_sent_direct(
            connection,
            after_at=after_at,
            after_id=after_id,
            before=now - ASKED_AFTER[0],
            limit=self._bounds.looked_at,
        )
        self._direct_up_to = None
        if not page["seen"]:
            return []
        place = {
            "after_at": after_at,
            "after_id": after_id,
            "up_to_at": page["last_at"],
            "up_to_id": page["last_id"],
        }
        await queries.close_page_direct(connection, **place, **common, **self._too_old(now))
        taken = await rows(
            queries.take_page_direct(
                connection, **place, **common, **self._due_now(now), limit=limit
            )
        )
        if page["seen"] == self._bounds.looked_at:
            self._direct_up_to = page["last_at"], page["last_id"]
        return taken

    def _common(self) -> dict[str, Any]:
        names, channels = askable(self._providers)
        return {"now": self._clock(), "providers": names, "channels": channels}

    def _too_old(self, now: datetime) -> dict[str, Any]:
        return {"oldest": now - CLOSED_AFTER, "unasked_before": now - CLOSED_UNASKED_AFTER}

    def _due_now(self, now: datetime) -> dict[str, Any]:
        return {"pauses": list(ASKED_AFTER), "untouched_since": now - _HELD}

    async def _ask(self, taken: Sequence[Row]) -> bool:
        """Whether the provider answers; a portion without any answer is the last of the round."""
        for start in range(0, len(taken), _IN_FLIGHT):
            portion = taken[start : start + _IN_FLIGHT]
            found = await asyncio.gather(*(self._fetch(row) for row in portion))
            answered = [
                (row, record)
                for row, record in zip(portion, found, strict=True)
                if record is not None
            ]
            if not answered:
                return False
            await self._write(answered)
        return True

    async def _fetch(self, row: Row) -> FoundMessage | None:
        provider = self._providers[row["provider"], Channel(row["channel"])]
        try:
            return await provider.fetch(row["provider_id"])
        except Exception:
            # One that cannot be read must not keep the others from being asked for.
            log.exception("delivery.fetch_failed", extra={"message_id": str(row["id"])})
            return None

    async def _write(self, answered: Sequence[tuple[Row, FoundMessage]]) -> None:
        now = self._clock()
        async with self._database.as_worker() as connection:
            await self._tell(
                connection,
                [
                    report_of(
                        record,
                        provider=row["provider"],
                        channel=Channel(row["channel"]),
                        message_id=row["id"],
                        attempt=row["attempts"],
                    )
                    for row, record in answered
                    if is_final(record) or record.price is not None
                ],
                received_at=now,
            )
            last = len(ASKED_AFTER) - 1
            await queries.checked(
                connection,
                ids=[row["id"] for row, _ in answered],
                attempts=[row["attempts"] for row, _ in answered],
                checks=[row["checks"] for row, _ in answered],
                closes=[row["checks"] >= last and not is_final(record) for row, record in answered],
                now=now,
            )
