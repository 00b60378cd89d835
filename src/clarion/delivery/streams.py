"""Streams: what waits on one lane and belongs together has its turns in common.

A stream's `due_at` is never later than the first of its messages that wait. Whoever makes a
message wait lowers it in the same transaction, after the message was written: messages, their
counts, streams, lanes is the order in which everybody takes them. Only the turn of a stream raises
it, while it holds the stream's row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.delivery.store import queries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection


async def wake_streams(connection: Connection, message_ids: Sequence[UUID]) -> None:
    """In the transaction that made these messages wait, after they were written."""
    if message_ids:
        await queries.wake_streams(connection, ids=list(message_ids))


async def touch_streams(
    connection: Connection,
    *,
    workspace_id: UUID,
    lane_ids: Sequence[UUID],
    due_at: datetime,
    step_id: UUID | None = None,
) -> None:
    """The same for messages of one step (None: single ones) that were written to these lanes."""
    await queries.touch_streams(
        connection,
        workspace_id=workspace_id,
        lane_ids=list(lane_ids),
        due_at=due_at,
        step_id=step_id,
    )


async def wake_broadcast(connection: Connection, broadcast_id: UUID) -> None:
    """All that waits of a broadcast, whatever its streams say."""
    await queries.wake_steps(connection, broadcast_id=broadcast_id)


async def find_forgotten(connection: Connection) -> None:
    """Every stream with a message that is due earlier than the stream says; those of the steps that
    are being sent, and of single messages."""
    await queries.wake_steps(connection, broadcast_id=None)
    await queries.wake_direct(connection)


async def defer_streams(connection: Connection, due_ats: dict[UUID, datetime]) -> None:
    """Nothing of these streams may be sent before."""
    await queries.defer_streams(connection, ids=list(due_ats), due_ats=list(due_ats.values()))
