"""Makes messages wait that had left already, and brings back to life what they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.db.queries import rows
from clarion.delivery.settling.store import queries
from clarion.delivery.streams import wake_streams

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection


async def send_anew(connection: Connection, message_ids: Sequence[UUID], *, now: datetime) -> None:
    """They leave again as soon as their lanes let them, as a new attempt; the last one is kept.

    The caller holds the messages and has decided that sending them again is right.
    """
    ids = list(message_ids)
    if not ids:
        return
    await queries.keep_attempts(connection, ids=ids)
    await queries.wait_anew(connection, ids=ids, due_at=now, now=now)
    await go_on_with(connection, ids, now=now)


async def go_on_with(connection: Connection, message_ids: Sequence[UUID], *, now: datetime) -> None:
    """In the transaction that made these messages wait: somebody comes for them."""
    ids = list(message_ids)
    if not ids:
        return
    broadcasts = await rows(queries.hold_broadcasts(connection, ids=ids))
    if broadcasts:
        await queries.reopen(connection, broadcast_ids=[each["id"] for each in broadcasts], now=now)
    await wake_streams(connection, ids)
