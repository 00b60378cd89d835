"""Makes failed messages wait again that somebody wants to be sent once more, slice by slice."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from clarion.db.queries import rows
from clarion.delivery.settling.store import queries
from clarion.delivery.streams import wake_broadcast
from clarion.kernel.errors import Conflict, NotFound
from clarion.providers.error_codes import ERROR_WORDS, Consequence

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from clarion.db.connection import Connection, Database, Row
    from clarion.queue.engine import Engine

log = logging.getLogger(__name__)

PUT_BACK = "delivery.put_back"

#: One transaction each, of about half a second.
SLICE = 10_000

#: What passes, what somebody has mended, and what another sender may do. Never what is final or
#: nobody knows the outcome of, and no text that would fail again.
_SAFE = frozenset(
    {Consequence.WAIT, Consequence.RETRY, Consequence.CONFIG, Consequence.OTHER_SENDER}
)

SAFE_CODES = tuple(
    sorted(code for code, words in ERROR_WORDS.items() if words.consequence in _SAFE)
)

_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Somebody's asking. At most `messages` are put back, `put_back` of them are, up to the id
    `up_to`; the caller holds its row."""

    id: UUID
    broadcast_id: UUID
    messages: int
    put_back: int
    up_to: UUID | None
    asked_at: datetime


async def put_back_slice(
    connection: Connection,
    retry: Retry,
    *,
    limit: int,
    now: datetime,
    unchanged_since: datetime | None,
) -> tuple[int, bool]:
    """How many messages wait now, and whether these were the last.

    Each message is passed once, in the order of the ids: what fails anew lies behind and is not
    taken again. `unchanged_since` leaves out what something has happened to later, None nothing.
    Raises NotFound, and Conflict for a broadcast of which nothing can be sent again; then the
    transaction is to be undone.
    """
    # In the order in which everybody takes these: messages, broadcasts, steps, streams.
    limit = min(limit, retry.messages - retry.put_back)
    held = await rows(
        queries.hold_failed(
            connection,
            broadcast_id=retry.broadcast_id,
            codes=list(SAFE_CODES),
            after=retry.up_to or _FIRST,
            unchanged_since=unchanged_since,
            limit=limit,
        )
    )
    ids = [row["id"] for row in held]
    if ids:
        await queries.keep_attempts(connection, ids=ids)
        await queries.wait_anew(connection, ids=ids, due_at=now, now=now)
    check_status(await queries.hold_broadcast(connection, id=retry.broadcast_id))
    if ids:
        await queries.forgive_put_back(connection, id=retry.broadcast_id, messages=len(ids))
        await queries.reopen(connection, broadcast_ids=[retry.broadcast_id], now=now)
        await wake_broadcast(connection, retry.broadcast_id)
    ended = not ids or retry.put_back + len(ids) == retry.messages
    await queries.put_back(
        connection,
        id=retry.id,
        messages=len(ids),
        up_to=ids[-1] if ids else None,
        ended=ended,
        now=now,
    )
    return len(ids), ended


def check_status(broadcast: Row | None) -> None:
    """Raises NotFound and Conflict as `put_back_slice`."""
    if broadcast is None:
        raise NotFound("There is no such broadcast.")
    if broadcast["status"] not in ("sending", "paused", "completed"):
        raise Conflict(f"Nothing can be sent again: the broadcast is {broadcast['status']}.")


async def ask_to_put_back(connection: Connection, engine: Engine, retry_id: UUID) -> None:
    mark = f"{PUT_BACK}:{retry_id}"
    await engine.defer(connection, PUT_BACK, once=mark, alone=mark, retry_id=str(retry_id))


class PuttingBack:
    """The rest of what was asked for, after the slice of the request itself."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        clock: Callable[[], datetime],
        *,
        slice_size: int = SLICE,
    ) -> None:
        self._database = database
        self._engine = engine
        self._clock = clock
        self._slice = slice_size

    async def put_back(self, retry_id: UUID) -> None:
        """Until all are put back, a slice in each transaction; may run twice, on several workers:
        the row of the asking is the lock, and says how far it is."""
        while not await self._is_done(retry_id):
            pass

    async def _is_done(self, retry_id: UUID) -> bool:
        now = self._clock()
        try:
            async with self._database.as_worker() as connection:
                row = await queries.hold_retry(connection, id=retry_id)
                if row is None:
                    return True
                retry = Retry(**row)
                _, ended = await put_back_slice(
                    connection,
                    retry,
                    limit=self._slice,
                    now=now,
                    unchanged_since=retry.asked_at,
                )
        except Conflict:
            # Cancelled meanwhile: this slice is undone, and what has failed stays as it is.
            async with self._database.as_worker() as connection:
                await queries.end_retry(connection, id=retry_id, now=now)
            return True
        if ended:
            log.info(
                "delivery.put_back",
                extra={"broadcast_id": retry.broadcast_id, "messages": retry.messages},
            )
        return ended

    async def find_idle(self) -> None:
        """Ask again for whatever is not done with: nothing waits for a task that was lost."""
        async with self._database.as_worker() as connection:
            for row in await rows(queries.open_retries(connection)):
                await ask_to_put_back(connection, self._engine, row["id"])
