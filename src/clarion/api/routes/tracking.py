"""What came of a broadcast: numbers, messages, recipients."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from clarion.api.bodies import broadcasts as broadcast_bodies
from clarion.api.bodies import tracking as bodies
from clarion.api.bodies.audience import AnyLeftOut
from clarion.api.caller import (
    Now,
    TheClarion,
    TheWorkspace,
    Transaction,
    no_such_page,
    page_mark,
    uuid_of,
)
from clarion.api.tracking_shapes import message_body, story_body, tracking_body
from clarion.broadcasts.audience_mode import expected_now
from clarion.broadcasts.step import LeftReason
from clarion.broadcasts.store import get_broadcast, queries
from clarion.db.queries import rows
from clarion.kernel.channel import Channel
from clarion.tracking import numbers
from clarion.tracking.story import story_of

router = APIRouter(prefix="/broadcasts/{broadcast_id}", tags=["tracking"])

_LARGEST_ID = 2**63 - 1


@router.get("/tracking")
async def get_tracking(
    broadcast_id: str,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Tracking:
    """Recipients, delivered, failed, pending, from the ledger's counters."""
    broadcast = await get_broadcast(connection, workspace.id, uuid_of(broadcast_id, "broadcast"))
    return tracking_body(
        await numbers.read_tracking(
            connection, workspace, broadcast, rate_per_second=clarion.sms_rate, now=now
        ),
        expected=await expected_now(connection, clarion.audience, workspace, broadcast),
    )


@router.get("/messages")
async def list_messages(
    broadcast_id: str,
    connection: Transaction,
    workspace: TheWorkspace,
    status: Annotated[list[bodies.MessageStatus] | None, Query()] = None,
    search: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> bodies.MessagePage:
    broadcast = await get_broadcast(connection, workspace.id, uuid_of(broadcast_id, "broadcast"))
    found = await numbers.list_messages(
        connection,
        broadcast.id,
        statuses=[str(each) for each in status or ()],
        search=search,
        after=page_mark(after),
        limit=limit + 1,
    )
    page = found[:limit]
    return bodies.MessagePage(
        messages=[message_body(row) for row in page],
        next=str(page[-1]["id"]) if len(found) > limit else None,
    )


@router.get("/messages/{message_id}")
async def get_message(
    broadcast_id: str, message_id: str, connection: Transaction, workspace: TheWorkspace
) -> bodies.MessageStory:
    """What happened to one message: attempts and events, in order."""
    broadcast = await get_broadcast(connection, workspace.id, uuid_of(broadcast_id, "broadcast"))
    return story_body(await story_of(connection, broadcast.id, uuid_of(message_id, "message")))


@router.get("/recipients")
async def list_recipients(  # noqa: PLR0917 - query parameters
    broadcast_id: str,
    connection: Transaction,
    workspace: TheWorkspace,
    channel: Channel | None = None,
    left_out: AnyLeftOut | None = None,
    left_reason: LeftReason | None = None,
    reachable: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    search: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str | None, Query(max_length=30)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> broadcast_bodies.RecipientPage:
    """The saved audience: each person as they were at the launch.

    `left_out` narrows to those who get nothing on the channel for that reason, `reachable` to the
    others, `left_reason` to those who have left the sequence so. Without `channel`: the one of the
    broadcast, of both SMS.
    """
    broadcast = await get_broadcast(connection, workspace.id, uuid_of(broadcast_id, "broadcast"))
    asked: dict[str, Any] = {
        "broadcast_id": broadcast.id,
        "channel": channel or broadcast.channels[0],
        "search": search.strip(),
        "after": _read_mark(after),
        "limit": limit + 1,
    }
    if left_reason is not None:
        listed = queries.list_who_left(connection, left_reason=left_reason, **asked)
    elif left_out is not None:
        listed = queries.list_left_out(connection, left_out=left_out, **asked)
    else:
        listed = queries.list_recipients(connection, reachable=reachable, **asked)
    found = await rows(listed)
    page = found[:limit]
    return broadcast_bodies.RecipientPage(
        recipients=[
            broadcast_bodies.Recipient(
                contact_id=row["contact_id"],
                name=row["name"],
                address=row["address"],
                left_out=row["left_out"],
                left_reason=row["left_reason"],
                left_at=row["left_at"],
                time_zone=row["time_zone"],
                contact=row["contact"],
            )
            for row in page
        ],
        next=str(page[-1]["id"]) if len(found) > limit else None,
    )


def _read_mark(after: str | None) -> int:
    if after is None:
        return 0
    if not after.isascii() or not after.isdigit() or int(after) > _LARGEST_ID:
        raise no_such_page()
    return int(after)
