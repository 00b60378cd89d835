"""*Retry failed*, by a person: what is safe to send again, and why the rest is not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from clarion.compliance.suppression import Suppressed
from clarion.db.queries import rows
from clarion.delivery.message import MessageStatus
from clarion.delivery.settling.store import queries
from clarion.delivery.streams import wake_broadcast
from clarion.kernel.errors import Conflict, NotFound
from clarion.providers.error_codes import ERROR_WORDS, Consequence, explain

if TYPE_CHECKING:
    from datetime import datetime

    from clarion.db.connection import Connection, Row

#: One statement each.
SLICE = 10_000

#: What passes, what somebody has mended, and what another sender may do. Never what is final or
#: nobody knows the outcome of, and no text that would fail again.
_SAFE = frozenset(
    {Consequence.WAIT, Consequence.RETRY, Consequence.CONFIG, Consequence.OTHER_SENDER}
)

SAFE_CODES = tuple(
    sorted(code for code, words in ERROR_WORDS.items() if words.consequence in _SAFE)
)

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
    many; the most frequent first), and why others stay as they are (`left`: words, how many)."""

    retryable: int
    by_code: list[tuple[str, str, int]]
    left: list[tuple[str, int]]


async def preview_retry(connection: Connection, broadcast_id: UUID) -> RetryPreview:
    """Changes nothing. A broadcast that is not there has nothing to retry."""
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
        retryable=again.total(),
        by_code=[(code, explain(code).words, count) for code, count in again.most_common()],
        left=left.most_common(),
    )


async def retry_failed(connection: Connection, broadcast_id: UUID, *, now: datetime) -> int:
    """Sends again what `preview_retry` counts; how many messages wait now.

    A completed broadcast goes on; of a paused one they wait until it is resumed. One that somebody
    else writes at this very moment stays as it is. Raises NotFound, and Conflict for a broadcast
    that was cancelled or has not begun.
    """
    _check(await queries.broadcast_status(connection, id=broadcast_id))
    total, after = 0, UUID(int=0)
    while True:
        held = await rows(
            queries.hold_failed(
                connection,
                broadcast_id=broadcast_id,
                codes=list(SAFE_CODES),
                after=after,
                limit=SLICE,
            )
        )
        if not held:
            break
        ids = [row["id"] for row in held]
        await queries.keep_attempts(connection, ids=ids)
        await queries.wait_anew(connection, ids=ids, due_at=now, now=now)
        total, after = total + len(ids), ids[-1]
    # Last, in the order in which everybody takes these: messages, broadcasts, streams.
    _check(await queries.hold_broadcast(connection, id=broadcast_id))
    if total:
        await queries.reopen(connection, broadcast_ids=[broadcast_id], now=now)
        await wake_broadcast(connection, broadcast_id)
    return total


def _check(broadcast: Row | None) -> None:
    if broadcast is None:
        raise NotFound("There is no such broadcast.")
    if broadcast["status"] not in ("sending", "paused", "completed"):
        raise Conflict(f"Nothing can be sent again: the broadcast is {broadcast['status']}.")
