"""Addresses that must not be written to: put on the list, and taken off it.

What people wish may be learnt late, twice and in any order; the later wish holds, by the time at
which the person said so. Of two wishes in the same moment the opt-out holds. It is kept beside a
weightier reason, and takes its place where that is lifted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from clarion.db.queries import load_queries, rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection
    from clarion.kernel.actor import WorkspaceId
    from clarion.kernel.channel import Channel

queries = load_queries(__file__)


class Suppressed(StrEnum):
    """The weightiest last: it takes the place of the others, and an opt-out stays beside it."""

    OPTED_OUT = "opted_out"
    INVALID_ADDRESS = "invalid_address"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Why an address (E.164, or lower-case e-mail) gets nothing more, or, with no reason, that the
    person wishes to be written to again. `at` is when they said so, or when it was found."""

    workspace_id: UUID
    channel: Channel
    address: str
    reason: Suppressed | None
    at: datetime
    source: str
    detail: str | None = None

    @property
    def key(self) -> tuple[UUID, Channel, str]:
        return self.workspace_id, self.channel, self.address


async def take_note(connection: Connection, found: Iterable[Found]) -> int:
    """All of them at once, in whatever order they come: how many suppressions began or ended.

    Holds the addresses until the transaction ends; whoever locks messages too locks those first.
    """
    told = list(found)
    if not told:
        return 0
    await rows(
        queries.hold_addresses(
            connection,
            workspace_ids=[each.workspace_id for each in told],
            channels=[each.channel for each in told],
            addresses=[each.address for each in told],
        )
    )
    changed = 0
    wishes = _latest(each for each in told if each.reason is None)
    if wishes:
        changed += await queries.lift(
            connection,
            workspace_ids=[each.workspace_id for each in wishes],
            channels=[each.channel for each in wishes],
            addresses=[each.address for each in wishes],
            ats=[each.at for each in wishes],
            sources=[each.source for each in wishes],
        )
    for reason in Suppressed:
        of_reason = _latest(each for each in told if each.reason is reason)
        if of_reason:
            changed += await queries.suppress(
                connection,
                workspace_ids=[each.workspace_id for each in of_reason],
                channels=[each.channel for each in of_reason],
                addresses=[each.address for each in of_reason],
                reasons=[each.reason for each in of_reason],
                ats=[each.at for each in of_reason],
                sources=[each.source for each in of_reason],
                details=[each.detail for each in of_reason],
            )
    return changed


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
    return await take_note(
        connection,
        [
            Found(
                workspace_id=workspace_id,
                channel=channel,
                address=address,
                reason=reason,
                at=now,
                source=source,
                detail=detail,
            )
            for address in addresses
        ],
    )


async def lift(
    connection: Connection,
    workspace_id: WorkspaceId,
    *,
    channel: Channel,
    addresses: Sequence[str],
    now: datetime,
    source: str = "person",
) -> int:
    """How many opt-outs from before `now`, the time of the person's wish, hold no longer."""
    return await take_note(
        connection,
        [
            Found(
                workspace_id=workspace_id,
                channel=channel,
                address=address,
                reason=None,
                at=now,
                source=source,
            )
            for address in addresses
        ],
    )


def _latest(found: Iterable[Found]) -> list[Found]:
    """One per address, the latest: a statement may not touch a row twice."""
    latest: dict[tuple[UUID, Channel, str], Found] = {}
    for each in sorted(found, key=lambda one: (one.at, one.source, one.detail or "")):
        latest[each.key] = each
    return list(latest.values())
