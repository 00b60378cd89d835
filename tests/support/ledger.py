"""What the rooms after the audience leave behind: messages, events, plans, saved people."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from clarion.kernel.actor import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from support.house import House

#: Six in the evening in Chicago, whose days begin at six in the morning by this clock.
NOW = datetime(2026, 11, 24, 0, tzinfo=UTC)


class Ledger:
    """Rows of the ledger as the other rooms write them, one message of each contact at a time."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def broadcast(
        self, *, status: str = "completed", step: str = "completed", workspace: UUID | None = None
    ) -> UUID:
        broadcast_id = uuid4()
        workspace_id = workspace or DEFAULT_WORKSPACE
        await self.house.execute(
            "insert into broadcast.broadcasts"
            " (id, workspace_id, name, broadcast_type, status, created_by)"
            " values (%s, %s, 'Spring', 'sms', %s, 'Ana')",
            broadcast_id,
            workspace_id,
            status,
        )
        await self.house.execute(
            "insert into broadcast.broadcast_steps"
            " (id, workspace_id, broadcast_id, position, channel, time_zone, status)"
            " values (%s, %s, %s, 1, 'sms', 'UTC', %s)",  # one step, with the id of its broadcast
            broadcast_id,
            workspace_id,
            broadcast_id,
            step,
        )
        return broadcast_id

    async def message(
        self,
        contact: str | None,
        broadcast_id: UUID,
        *,
        sent: datetime | None = NOW,
        delivered: datetime | None = None,
        workspace: UUID | None = None,
    ) -> UUID:
        message_id = uuid4()
        await self.house.execute(
            "insert into broadcast.messages (id, workspace_id, broadcast_id, step_id, contact_id,"
            " channel, address, status, sent_at, delivered_at)"
            " values (%s, %s, %s, %s, %s, 'sms', %s, 'delivered', %s, %s)",
            message_id,
            workspace or DEFAULT_WORKSPACE,
            broadcast_id,
            broadcast_id,
            contact,
            str(uuid4()),
            sent,
            delivered,
        )
        return message_id

    async def event(
        self,
        kind: str,
        message_id: UUID | None,
        at: datetime | None,
        *,
        received: datetime = NOW,
        workspace: UUID | None = None,
    ) -> None:
        await self.house.execute(
            "select broadcast.make_event_partitions(%s::date)", received.date()
        )
        await self.house.execute(
            "insert into broadcast.message_events (received_month, workspace_id, event_key, kind,"
            " provider, channel, message_id, occurred_at, received_at, payload)"
            " values (date_trunc('month', %s::timestamptz at time zone 'UTC'), %s, %s, %s, 'fake',"
            " 'sms', %s, %s, %s, '{}')",
            received,
            workspace or DEFAULT_WORKSPACE,
            str(uuid4()),
            kind,
            message_id,
            at,
            received,
        )

    async def recipient(self, contact: str, broadcast_id: UUID, left_out: str | None) -> None:
        await self.house.execute(
            "insert into broadcast.broadcast_recipients"
            " (workspace_id, broadcast_id, contact_id, name, sms_address, sms_left_out, contact)"
            " values (%s, %s, %s, '', %s, %s, '{}')",
            DEFAULT_WORKSPACE,
            broadcast_id,
            contact,
            contact,
            left_out,
        )

    async def segment(
        self, *contacts: str, document: dict[str, Any] | None = None, workspace: UUID | None = None
    ) -> UUID:
        """A frozen one of these contacts, or a dynamic one of this filter."""
        segment_id = uuid4()
        frozen = document is None
        await self.house.execute(
            "insert into broadcast.segments"
            " (id, workspace_id, name, kind, filter, freezing, frozen_at, created_by)"
            " values (%s, %s, %s, %s, %s::jsonb, %s, %s, 'Ana')",
            segment_id,
            workspace or DEFAULT_WORKSPACE,
            f"Segment {segment_id}",
            "frozen" if frozen else "dynamic",
            json.dumps(document or {"match": "all", "conditions": []}),
            "saved" if frozen else "none",
            NOW if frozen else None,
        )
        for contact in contacts:
            await self.house.execute(
                "insert into broadcast.segment_contacts (workspace_id, segment_id, contact_id)"
                " values (%s, %s, %s)",
                workspace or DEFAULT_WORKSPACE,
                segment_id,
                contact,
            )
        return segment_id
