"""*Retry failed*: what would be sent again, and sending it."""

from __future__ import annotations

from fastapi import APIRouter

from clarion.api.bodies import tracking as bodies
from clarion.api.broadcast_shapes import broadcast_body
from clarion.api.caller import Now, TheClarion, TheWorkspace, Transaction, uuid_of
from clarion.broadcasts.broadcast import check_retry
from clarion.broadcasts.store import get_broadcast
from clarion.delivery.settling.retry import preview_retry, retry_failed, under_way_words
from clarion.kernel.errors import Conflict

router = APIRouter(prefix="/broadcasts/{broadcast_id}/retry-failed", tags=["tracking"])


@router.get("")
async def preview_retry_failed(
    broadcast_id: str, connection: Transaction, workspace: TheWorkspace
) -> bodies.RetryPreview:
    """How many failed messages would be sent again, and why the others would not."""
    broadcast = await get_broadcast(connection, workspace.id, uuid_of(broadcast_id, "broadcast"))
    preview = await preview_retry(connection, broadcast.id)
    problem = None if preview.under_way is None else under_way_words(preview.under_way)
    try:
        check_retry(broadcast.status)
    except Conflict as error:
        problem = error.detail
    return bodies.RetryPreview(
        will_retry=0 if problem else preview.retryable,
        reasons=[
            bodies.RetryCode(code=code, words=words, messages=messages)
            for code, words, messages in preview.by_code
        ],
        left_out=sum(messages for _, messages in preview.left),
        left_out_reasons=[
            bodies.RetryReason(words=words, messages=messages) for words, messages in preview.left
        ],
        problem=problem,
    )


@router.post("")
async def retry_failed_messages(
    broadcast_id: str,
    body: bodies.RetryFailed,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Retried:
    """Sends again what is safe to send again; 409 when that is not the number that was seen. Of
    many the first wait at once, the others within a minute or so."""
    # Not held: whoever makes messages wait takes these first and their broadcast last.
    broadcast = await get_broadcast(connection, workspace.id, uuid_of(broadcast_id, "broadcast"))
    check_retry(broadcast.status)
    retried = await retry_failed(connection, clarion.engine, broadcast.id, now=now)
    # It is undone with this transaction where the number is another one.
    _check_number(retried.messages, body.expected)
    changed = await get_broadcast(connection, workspace.id, broadcast.id)
    return bodies.Retried(
        messages=retried.messages,
        waiting=retried.waiting,
        broadcast=broadcast_body(changed, now=now),
    )


def _check_number(found: int, expected: int) -> None:
    if found != expected:
        raise Conflict(
            f"The messages have moved: {found:,} can be sent again now, not {expected:,}. "
            "Look again before you send them."
        )
