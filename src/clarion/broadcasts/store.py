"""The SQL of the broadcasts room: rows in, values out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from clarion.broadcasts.broadcast import (
    AudienceMode,
    Broadcast,
    BroadcastId,
    BroadcastType,
    PausedBy,
    Saving,
    Status,
)
from clarion.broadcasts.sending_rules import LatePolicy, SendingRules
from clarion.broadcasts.step import (
    BothChannels,
    BothHow,
    SendMode,
    SequenceRules,
    Step,
    StepChannel,
    StepId,
    StepMail,
    StepStatus,
    condition_document,
    condition_of,
)
from clarion.broadcasts.timing.step_time import ZoneMode
from clarion.db.queries import load_queries, rows
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.channel import Channel
from clarion.kernel.errors import NotFound

if TYPE_CHECKING:
    from uuid import UUID

    from clarion.db.connection import Connection, Row

queries = load_queries(__file__)


async def get_broadcast(
    connection: Connection,
    workspace_id: WorkspaceId,
    broadcast_id: UUID,
    *,
    lock: bool = False,
) -> Broadcast:
    """With its steps. Raises NotFound; with `lock` nobody else changes it meanwhile."""
    ask = queries.lock_broadcast if lock else queries.get_broadcast
    row = await ask(connection, workspace_id=workspace_id, id=broadcast_id)
    if row is None:
        raise NotFound("There is no such broadcast.")
    steps = await rows(queries.steps_of(connection, broadcast_ids=[broadcast_id]))
    return broadcast_of(row, tuple(step_of(step) for step in steps))


async def get_step(connection: Connection, step_id: UUID) -> Step:
    row = await queries.get_step(connection, id=step_id)
    if row is None:
        raise NotFound("There is no such step.")
    return step_of(row)


def broadcast_of(row: Row, steps: tuple[Step, ...]) -> Broadcast:
    return Broadcast(
        id=BroadcastId(row["id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        name=row["name"],
        broadcast_type=BroadcastType(row["broadcast_type"]),
        status=Status(row["status"]),
        filter=row["filter"],
        audience_mode=AudienceMode(row["audience_mode"]),
        audience_mode_chosen=row["audience_mode_chosen"],
        version=row["version"],
        saving=Saving(row["saving"]),
        saved_up_to=row["saved_up_to"],
        saved_recipients=row["saved_recipients"],
        expected_recipients=row["expected_recipients"],
        audience_at=row["audience_at"],
        discard_up_to=row["discard_up_to"],
        problem=row["problem"],
        paused_by=PausedBy(row["paused_by"]) if row["paused_by"] else None,
        rules=SendingRules(
            late_policy=LatePolicy(row["late_policy"]),
            max_per_minute=row["max_per_minute"],
            stop_at_failure_rate=row["stop_at_failure_rate"],
        ),
        sequence=SequenceRules(
            track_opens=row["track_opens"],
            track_clicks=row["track_clicks"],
            leave_on_reply=row["leave_on_reply"],
            goal=row["goal"],
        ),
        created_by=row["created_by"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        launched_at=row["launched_at"],
        completed_at=row["completed_at"],
        steps=steps,
    )


def step_of(row: Row) -> Step:
    return Step(
        id=StepId(row["id"]),
        broadcast_id=BroadcastId(row["broadcast_id"]),
        position=row["position"],
        name=row["name"],
        channel=StepChannel(row["channel"]),
        both=BothChannels(
            how=BothHow(row["both_how"]),
            first=Channel(row["first_channel"]),
            after_hours=row["second_after_hours"],
        ),
        body=row["body"],
        mail=StepMail(
            subject=row["subject"],
            preheader=row["preheader"],
            document=row["email"],
            text_part=row["text_part"],
            from_name=row["from_name"],
            reply_to=row["reply_to"],
        ),
        send_mode=SendMode(row["send_mode"]),
        scheduled_for=row["scheduled_for"],
        day_number=row["day_number"],
        day_time=row["day_time"],
        zone_mode=ZoneMode(row["zone_mode"]),
        window_from=row["window_from"],
        window_until=row["window_until"],
        weekdays=row["weekdays"],
        condition=condition_of(row["condition"]),
        scheduled_at=row["scheduled_at"],
        time_zone=row["time_zone"],
        status=StepStatus(row["status"]),
        launched_up_to=row["launched_up_to"],
        job_id=row["job_id"],
        launched_at=row["launched_at"],
        completed_at=row["completed_at"],
        second_done_at=row["second_done_at"],
        snippets=row["snippets"],
    )


def columns_of(step: Step) -> dict[str, Any]:
    """What `change_step` writes of it."""
    condition = condition_document(step.condition)
    return {
        "id": step.id,
        "name": step.name,
        "channel": step.channel,
        "both_how": step.both.how,
        "first_channel": step.both.first,
        "second_after_hours": step.both.after_hours,
        "body": step.body,
        "subject": step.mail.subject,
        "preheader": step.mail.preheader,
        "email": None if step.mail.document is None else Jsonb(dict(step.mail.document)),
        "text_part": step.mail.text_part,
        "from_name": step.mail.from_name,
        "reply_to": step.mail.reply_to,
        "send_mode": step.send_mode,
        "scheduled_for": step.scheduled_for,
        "day_number": step.day_number,
        "day_time": step.day_time,
        "zone_mode": step.zone_mode,
        "window_from": step.window_from,
        "window_until": step.window_until,
        "weekdays": step.weekdays,
        "condition": None if condition is None else Jsonb(condition),
        "time_zone": step.time_zone,
        "scheduled_at": step.scheduled_at,
    }
