"""What came of a broadcast: numbers, messages, recipients."""

from __future__ import annotations

from collections.abc import Mapping
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
from clarion.api.page_marks import read_mark, write_mark
from clarion.api.tracking_shapes import message_body, story_body, tracking_body
from clarion.broadcasts.audience_mode import expected_now
from clarion.broadcasts.step import LeftReason
from clarion.broadcasts.store import get_broadcast, queries
from clarion.db.queries import rows
from clarion.kernel.channel import Channel
from clarion.tracking import numbers
from clarion.tracking.story import story_of

router = APIRouter(prefix="/broadcasts/{broadcast_id}", tags=["tracking"])

#: The order of the messages of a step.
_BY_ADDRESS = "address"
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
async def list_messages(  # noqa: PLR0917 - query parameters
    broadcast_id: str,
    connection: Transaction,
    workspace: TheWorkspace,
    status: Annotated[list[bodies.MessageStatus] | None, Query()] = None,
    step_id: Annotated[str | None, Query(max_length=100)] = None,
    channel: Channel | None = None,
    search: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str | None, Query(max_length=1_000)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> bodies.MessagePage:
    """In the order in which they were written; those of one step by channel and address."""
    broadcast = await get_broadcast(connection, workspace.id, uuid_of(broadcast_id, "broadcast"))
    asked: dict[str, Any] = {
        "statuses": [str(each) for each in status or ()],
        "channel": channel,
        "search": search,
        "limit": limit + 1,
    }
    if step_id is None:
        found = await numbers.list_messages(
            connection, broadcast.id, after=page_mark(after), **asked
        )
    else:
        mark = read_mark(after, _BY_ADDRESS, is_moment=False)
        found = await numbers.list_messages_of_step(
            connection,
            broadcast.id,
            uuid_of(step_id, "step"),
            after=mark and _channel_and_address(mark[0]),
            **asked,
        )
    page = found[:limit]
    return bodies.MessagePage(
        messages=[message_body(row) for row in page],
        next=_mark_of(page[-1], of_step=step_id is not None) if len(found) > limit else None,
    )


def _mark_of(row: Mapping[str, Any], *, of_step: bool) -> str:
    if not of_step:
        return str(row["id"])
    return write_mark(_BY_ADDRESS, f"{row['channel']} {row['address']}", row["id"])


def _channel_and_address(mark: str) -> tuple[str, str]:
    channel, _, address = mark.partition(" ")
    return channel, address


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
