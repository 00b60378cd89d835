"""Follows the contacts: which keys and which phone numbers have appeared since the last look."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from clarion.audience.phone import normalise_many
from clarion.audience.store import AudienceStore, queries
from clarion.db.queries import rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from clarion.db.connection import Connection, Database, Row
    from clarion.kernel.workspace import Workspace

FOLLOWER = "catalogue"

#: Numbers checked in one transaction: each portion is found by one pass over the contacts, so few
#: and large ones; about two seconds of work.
NUMBERS_AT_ONCE = 50_000

#: After more than this (each up to a thousand contacts) counting anew is faster.
_MOST_CHANGES = 50

_RECOUNT_AFTER = timedelta(hours=1)


async def follow(
    database: Database, store: AudienceStore, workspace: Workspace, *, now: datetime
) -> bool:
    """Deal with what has changed; True when there may be more to do at once.

    One transaction each call, safe from many processes: the follower's row is locked, and whoever
    finds it locked has nothing to do.
    """
    async with database.as_worker() as connection:
        await queries.add_follower(connection, workspace_id=workspace.id, follower=FOLLOWER)
        position = await queries.take_follower(
            connection, workspace_id=workspace.id, follower=FOLLOWER
        )
        if position is None:
            return False
        if position["counted_at"] is None:
            return await _read_everything(connection, store, workspace, now=now)
        unseen = await rows(
            queries.unseen_changes(connection, workspace_id=workspace.id, seen=position["seen"])
        )
        changes = [change for change in unseen if change["id"] is not None]
        if not changes:
            return False
        old_count = now - position["counted_at"] > _RECOUNT_AFTER
        if (
            old_count
            or len(changes) > _MOST_CHANGES
            or any(change["operation"] == "truncate" for change in changes)
        ):
            return await _read_everything(connection, store, workspace, now=now)
        await _read_changed(connection, store, workspace, changes)
        await _move(connection, workspace, seen=unseen[0]["snapshot"])
        return True


async def _read_everything(
    connection: Connection, store: AudienceStore, workspace: Workspace, *, now: datetime
) -> bool:
    """Numbers in portions first; the keys, and with them what was seen, when all are checked.

    What was seen is the very snapshot in which the keys were counted: no change is left out and
    none is counted twice.
    """
    if await _check_numbers(connection, store, workspace, ids=None):
        return True
    before: str = await queries.current_snapshot(connection)
    keys, seen = await store.look_for_keys(connection, workspace.id, None)
    await queries.forget_seen_keys(connection, workspace_id=workspace.id)
    await store.put_seen_keys(connection, workspace.id, keys, add=False)
    await _move(connection, workspace, seen=seen or before, counted_at=now)
    return True


async def _read_changed(
    connection: Connection, store: AudienceStore, workspace: Workspace, changes: Sequence[Row]
) -> None:
    inserted = _ids(changes, "insert")
    updated = _ids(changes, "update")
    for ids, add in ((inserted, True), (updated, False)):
        if ids:
            keys, _ = await store.look_for_keys(connection, workspace.id, ids)
            await store.put_seen_keys(connection, workspace.id, keys, add=add)
    while await _check_numbers(connection, store, workspace, ids=inserted + updated):
        pass


def _ids(changes: Sequence[Row], operation: str) -> list[str]:
    return [
        contact_id
        for change in changes
        if change["operation"] == operation
        for contact_id in change["contact_ids"]
    ]


async def _check_numbers(
    connection: Connection,
    store: AudienceStore,
    workspace: Workspace,
    *,
    ids: Sequence[str] | None,
) -> bool:
    raws = await store.unchecked_numbers(connection, workspace.id, ids=ids, limit=NUMBERS_AT_ONCE)
    if not raws:
        return False
    # In a thread: seconds of pure computing must not hold the other jobs of the worker.
    numbers = await asyncio.to_thread(normalise_many, raws, workspace.phone_region)
    await store.put_phone_numbers(connection, workspace.id, numbers)
    return len(raws) == NUMBERS_AT_ONCE


async def _move(
    connection: Connection, workspace: Workspace, *, seen: str, counted_at: datetime | None = None
) -> None:
    await queries.move_follower(
        connection,
        workspace_id=workspace.id,
        follower=FOLLOWER,
        seen=seen,
        counted_at=counted_at,
    )
