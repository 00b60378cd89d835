"""*Retry failed*, by a person: what is safe to send again, and why the rest is not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.broadcasts import store as broadcast_store
from clarion.compliance.suppression import Suppressed
from clarion.db.queries import rows
from clarion.delivery.message import MessageStatus
from clarion.delivery.settling.put_back import (
    SAFE_CODES,
    SLICE,
    Retry,
    ask_to_put_back,
    check_status,
    put_back_slice,
)
from clarion.delivery.settling.store import queries
from clarion.kernel.errors import Conflict
from clarion.providers.error_codes import explain

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection
    from clarion.queue.engine import Engine

_SUPPRESSED = {
    Suppressed.OPTED_OUT: "The person has opted out.",
    Suppressed.INVALID_ADDRESS: "The address does not exist.",
    Suppressed.COMPLAINT: "The person has complained.",
}

_NOT_KNOWN = {
    MessageStatus.UNCERTAIN: "It is not known yet whether it went out.",
    MessageStatus.UNKNOWN: "It was never learned whether it went out.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPreview:
    """How many messages would be sent again, why these had failed (`by_code`: code, words, how
    many; the most frequent first), and why others stay as they are (`left`: words, how many).

    `under_way`: what was asked for before is still being put back; None, or so many are to come.
    """

    under_way: int | None
    retryable: int
    by_code: list[tuple[str, str, int]]
    left: list[tuple[str, int]]


async def preview_retry(connection: Connection, broadcast_id: UUID) -> RetryPreview:
    """Changes nothing. A broadcast that is not there has nothing to retry."""
    open_one = await queries.open_retry(connection, broadcast_id=broadcast_id)
    again: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for row in await rows(queries.failed_by_code(connection, broadcast_id=broadcast_id)):
        code, count = row["code"], row["messages"]
        if row["suppressed"] is not None:
            left[_SUPPRESSED[Suppressed(row["suppressed"])]] += count
        elif code in SAFE_CODES:
            again[code] += count
        else:
            left[explain(code or None).words] += count
    for row in await rows(queries.outcome_not_known(connection, broadcast_id=broadcast_id)):
        left[_NOT_KNOWN[MessageStatus(row["status"])]] += row["messages"]
    return RetryPreview(
        under_way=None if open_one is None else open_one["messages"],
        retryable=again.total(),
        by_code=[(code, explain(code).words, count) for code, count in again.most_common()],
        left=left.most_common(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """`messages` are sent again, or fewer where some have opted out or arrived until their turn
    comes; `waiting` of them wait already, the others do within a minute or so."""

    messages: int
    waiting: int


async def retry_failed(
    connection: Connection,
    engine: Engine,
    broadcast_id: UUID,
    *,
    now: datetime,
    slice_size: int = SLICE,
) -> Retried:
    """Sends again what `preview_retry` counts: a slice now, the rest by a task.

    A completed broadcast goes on; of a paused one they wait until it is resumed. What has failed so
    far does not stop it once more, since whoever asks has seen that. Raises NotFound, and Conflict
    for a broadcast that was cancelled or has not begun, or while the last asking is under way.
    """
    check_status(await queries.broadcast_status(connection, id=broadcast_id))
    begun = await queries.begin_retry(connection, broadcast_id=broadcast_id, now=now)
    preview = await preview_retry(connection, broadcast_id)
    if begun is None:
        raise Conflict(under_way_words(preview.under_way or 0))
    await queries.expect_retry(connection, id=begun["id"], messages=preview.retryable)
    retry = Retry(**{**begun, "messages": preview.retryable})
    waiting, ended = await put_back_slice(
        connection, retry, limit=slice_size, now=now, unchanged_since=None
    )
    if waiting:
        await broadcast_store.queries.forgive(connection, id=broadcast_id)
    if not ended:
        await ask_to_put_back(connection, engine, retry.id)
    return Retried(messages=waiting if ended else retry.messages, waiting=waiting)


def under_way_words(messages: int) -> str:
    """Why nothing can be sent again now: so many are still to be put back."""
    return (
        f"Failed messages are being sent again already, {messages:,} are still to come. "
        "Look again when that is done."
    )
