"""Addresses that must not be written to: put on the list, and taken off it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from clarion.db.queries import load_queries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from clarion.db.connection import Connection
    from clarion.kernel.actor import WorkspaceId
    from clarion.kernel.channel import Channel

queries = load_queries(__file__)


class Suppressed(StrEnum):
    OPTED_OUT = "opted_out"
    INVALID_ADDRESS = "invalid_address"
    COMPLAINT = "complaint"


async def suppress(
    connection: Connection,
    workspace_id: WorkspaceId,
    *,
    channel: Channel,
    addresses: Sequence[str],
    reason: Suppressed,
    source: str,
    now: datetime,
    detail: str | None = None,
) -> int:
    """How many of the addresses (E.164, or lower-case e-mail) the list did not know so before.

    `now` is when the person asked, or when the reason was found.
    """
    count: int = await queries.suppress(
        connection,
        workspace_id=workspace_id,
        channel=channel,
        addresses=list(addresses),
        reason=reason,
        source=source,
        detail=detail,
        now=now,
    )
    return count


async def lift(
    connection: Connection,
    workspace_id: WorkspaceId,
    *,
    channel: Channel,
    addresses: Sequence[str],
    now: datetime,
) -> int:
    """How many opt-outs from before `now`, the time of the person's wish, hold no longer."""
    count: int = await queries.lift(
        connection, workspace_id=workspace_id, channel=channel, addresses=list(addresses), now=now
    )
    return count
