"""Use cases of the broadcasts room; each runs in the caller's transaction."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from clarion.audience.segments.store import put_uses
from clarion.broadcasts import control
from clarion.broadcasts.audience_mode import ask_to_save, default_mode
from clarion.broadcasts.broadcast import (
    AudienceMode,
    Broadcast,
    BroadcastType,
    Status,
    audience_moved,
    check_launch,
)
from clarion.broadcasts.frozen_snippets import freeze_snippets
from clarion.broadcasts.plan import plan
from clarion.broadcasts.sending_rules import check_rules_can_change, with_changes
from clarion.broadcasts.sequence import SequenceEditor
from clarion.broadcasts.step import SendMode, StepChannel
from clarion.broadcasts.store import get_broadcast, queries
from clarion.broadcasts.submit_step import submit_step
from clarion.broadcasts.timing.step_time import ZoneMode
from clarion.kernel.errors import Conflict, Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from clarion.audience.service import Audience
    from clarion.broadcasts.outlook import Outlook
    from clarion.broadcasts.step import SequenceRules
    from clarion.db.connection import Connection
    from clarion.kernel.actor import Actor
    from clarion.kernel.workspace import Workspace
    from clarion.queue.service import QueueService

log = logging.getLogger(__name__)

CANCEL_PENDING, RESUME = control.CANCEL_PENDING, control.RESUME


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastChange:
    """What is None stays as it is; `version` is the one that the caller has read. `rules` are those
    SendingRules that change, by name; they can be changed while it is being sent. `sequence` are
    the SequenceRules that change."""

    version: int
    name: str | None = None
    broadcast_type: BroadcastType | None = None
    filter: Mapping[str, Any] | None = None
    audience_mode: AudienceMode | None = None
    rules: Mapping[str, Any] = field(default_factory=dict)
    sequence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def of_rules_only(self) -> bool:
        others = (self.name, self.broadcast_type, self.filter, self.audience_mode)
        return bool(self.rules) and not self.sequence and all(each is None for each in others)


class Broadcasts:
    def __init__(self, audience: Audience, queue: QueueService) -> None:
        self.steps = SequenceEditor(queue)
        self._audience = audience
        self._queue = queue

    async def create(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        *,
        name: str,
        broadcast_type: BroadcastType,
        now: datetime,
    ) -> Broadcast:
        row = await queries.add_broadcast(
            connection,
            workspace_id=workspace.id,
            name=name.strip() or "Untitled broadcast",
            broadcast_type=broadcast_type,
            created_by=actor.name,
            now=now,
        )
        await queries.add_step(
            connection,
            workspace_id=workspace.id,
            broadcast_id=row["id"],
            channel=StepChannel(broadcast_type.value),
            time_zone=workspace.time_zone,
            send_mode=SendMode.NOW,
            day_number=None,
            day_time=None,
            zone_mode=ZoneMode.ACCOUNT,
        )
        return await get_broadcast(connection, workspace.id, row["id"])

    async def change(
        self,
        connection: Connection,
        workspace: Workspace,
        broadcast_id: UUID,
        change: BroadcastChange,
        *,
        now: datetime,
    ) -> Broadcast:
        """Raises Conflict when it is no draft (of rules only: when it has ended) or was changed
        since; Invalid for what is wrong."""
        if change.of_rules_only:
            return await self._change_rules(connection, workspace, broadcast_id, change, now=now)
        draft = await self._draft(connection, workspace, broadcast_id, change.version)
        if change.name is not None and not change.name.strip():
            detail = "Give the broadcast a name."
            raise Invalid(detail, faults=[Fault(pointer="/name", detail=detail)])
        rules = with_changes(draft.rules, change.rules)
        # Only the goal may be emptied.
        given = {k: v for k, v in change.sequence.items() if v is not None or k == "goal"}
        sequence = replace(draft.sequence, **given)
        if sequence.goal is not None:
            await self._read_goal(connection, workspace, sequence.goal)
        mode = change.audience_mode
        if change.filter is not None:
            await self._audience.read(connection, workspace, change.filter)
            if mode is None and not draft.audience_mode_chosen:
                mode = await default_mode(connection, workspace.id, change.filter)
        await queries.change_broadcast(
            connection,
            id=broadcast_id,
            name=change.name.strip() if change.name is not None else None,
            broadcast_type=change.broadcast_type,
            filter=Jsonb(dict(change.filter)) if change.filter is not None else None,
            audience_mode=mode,
            mode_chosen=change.audience_mode is not None,
            **asdict(rules),
            **_columns_of(sequence),
            now=now,
        )
        if change.broadcast_type not in (None, draft.broadcast_type):
            await queries.put_step_channels(
                connection, broadcast_id=broadcast_id, channel=change.broadcast_type
            )
        if change.filter is not None or "goal" in change.sequence:
            wanted = draft.filter if change.filter is None else change.filter
            await put_uses(
                connection, workspace.id, wanted, sequence.goal, broadcast_id=broadcast_id
            )
        return await get_broadcast(connection, workspace.id, broadcast_id)

    async def _read_goal(
        self, connection: Connection, workspace: Workspace, goal: Mapping[str, Any]
    ) -> None:
        """Raises Invalid, at /goal, for a filter that cannot be read."""
        try:
            await self._audience.read(connection, workspace, goal)
        except Invalid as error:
            raise Invalid(
                error.detail,
                faults=[
                    Fault(
                        pointer=f"/goal{fault.pointer.removeprefix('/filter')}", detail=fault.detail
                    )
                    for fault in error.faults
                ],
            ) from error

    async def _change_rules(
        self,
        connection: Connection,
        workspace: Workspace,
        broadcast_id: UUID,
        change: BroadcastChange,
        *,
        now: datetime,
    ) -> Broadcast:
        broadcast = await get_broadcast(connection, workspace.id, broadcast_id, lock=True)
        check_rules_can_change(broadcast.status)
        _check_version(broadcast, change.version)
        rules = with_changes(broadcast.rules, change.rules)
        await queries.set_rules(connection, id=broadcast_id, **asdict(rules), now=now)
        return await get_broadcast(connection, workspace.id, broadcast_id)

    async def delete(
        self, connection: Connection, workspace: Workspace, broadcast_id: UUID
    ) -> None:
        broadcast = await get_broadcast(connection, workspace.id, broadcast_id, lock=True)
        if broadcast.status is not Status.DRAFT:
            raise Conflict("Only a draft can be deleted; what was sent stays as history.")
        await queries.delete_broadcast(connection, id=broadcast_id)

    async def launch(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        broadcast_id: UUID,
        *,
        version: int,
        expected_recipients: int,
        outlook: Outlook,
        now: datetime,
    ) -> Broadcast:
        """Hand the broadcast to the queue service, for now or for its time.

        `outlook` was worked out in this same transaction. Raises Invalid with each problem of it,
        Conflict when the audience has moved since the person looked.
        """
        broadcast = await get_broadcast(connection, workspace.id, broadcast_id, lock=True)
        check_launch(broadcast.status)
        _check_version(broadcast, version)
        if outlook.problems:
            raise Invalid(
                "The broadcast cannot be sent yet.",
                faults=[
                    Fault(pointer=each.pointer, detail=each.detail) for each in outlook.problems
                ],
            )
        if audience_moved(expected_recipients, outlook.will_send):
            what = "the SMS" if broadcast.broadcast_type is BroadcastType.SMS else "it"
            raise Conflict(
                f"The audience has changed: {outlook.will_send:,} people would get {what} now, "
                f"not {expected_recipients:,}. Look again before you send."
            )
        await freeze_snippets(connection, broadcast.steps, outlook.snippets)
        await queries.expect_recipients(
            connection, id=broadcast_id, expected_recipients=outlook.matched
        )
        await queries.set_status(
            connection,
            id=broadcast_id,
            status=Status.SCHEDULED,
            launched_at=now,
            completed_at=None,
            problem=None,
            paused_by=None,
            now=now,
        )
        log.info(
            "broadcasts.launched",
            extra={
                "broadcast_id": broadcast_id,
                "workspace_id": workspace.id,
                "recipients": outlook.will_send,
            },
        )
        moments = plan(broadcast.steps, now=now)
        for step in broadcast.steps:
            await submit_step(
                connection,
                self._queue,
                workspace,
                broadcast,
                step,
                moments[step.id],
                by=actor.name,
                now=now,
            )
        if not broadcast.is_resolved_at_send:
            await queries.begin_saving(connection, id=broadcast_id, now=now)
            await ask_to_save(self._queue.engine, connection, workspace.id, broadcast_id)
        return await get_broadcast(connection, workspace.id, broadcast_id)

    async def pause(
        self, connection: Connection, workspace: Workspace, broadcast_id: UUID, *, now: datetime
    ) -> Broadcast:
        return await control.pause(connection, workspace, broadcast_id, now=now)

    async def resume(
        self, connection: Connection, workspace: Workspace, broadcast_id: UUID, *, now: datetime
    ) -> Broadcast:
        return await control.resume(connection, self._queue, workspace, broadcast_id, now=now)

    async def cancel(
        self, connection: Connection, workspace: Workspace, broadcast_id: UUID, *, now: datetime
    ) -> Broadcast:
        return await control.cancel(connection, self._queue, workspace, broadcast_id, now=now)

    async def _draft(
        self, connection: Connection, workspace: Workspace, broadcast_id: UUID, version: int
    ) -> Broadcast:
        broadcast = await get_broadcast(connection, workspace.id, broadcast_id, lock=True)
        if broadcast.status is not Status.DRAFT:
            raise Conflict("Only a draft can be changed; this broadcast was launched.")
        _check_version(broadcast, version)
        return broadcast


def _columns_of(sequence: SequenceRules) -> dict[str, Any]:
    goal = sequence.goal
    return {**asdict(sequence), "goal": None if goal is None else Jsonb(dict(goal))}


def _check_version(broadcast: Broadcast, version: int) -> None:
    if broadcast.version != version:
        raise Conflict("The broadcast was changed elsewhere since you opened it.")
