"""The numbers of the Tracking screen, from the counters and the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clarion.broadcasts import store as broadcast_store
from clarion.broadcasts.broadcast import Broadcast, Status
from clarion.broadcasts.outlook import cost_of
from clarion.broadcasts.pace import Pace, course_of, latest_end, seconds_for
from clarion.broadcasts.read_pace import pace_of, senders_of
from clarion.broadcasts.step import LeftReason, Step, StepStatus
from clarion.compliance.sending_hours import hours_of
from clarion.db.queries import rows
from clarion.delivery.message import MessageStatus
from clarion.kernel.channel import Channel
from clarion.providers.error_codes import explain
from clarion.tracking.store import queries
from clarion.tracking.waits import Wait, wait_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from clarion.broadcasts.step import StepId
    from clarion.content.cost import Money
    from clarion.db.connection import Connection, Row
    from clarion.kernel.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCount:
    code: str
    words: str
    advice: str
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNumbers:
    """`messages` by channel and status; the others count messages that people did something with.
    `machine_opened` are those that a program fetched, which may have been read or not."""

    step_id: StepId
    messages: Mapping[tuple[Channel, MessageStatus], int]
    opened: int
    machine_opened: int
    clicked: int
    replied: int

    def count(self, *statuses: MessageStatus, channel: Channel | None = None) -> int:
        return sum(
            count
            for (of, status), count in self.messages.items()
            if status in statuses and channel in (None, of)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """`messages` by status, of all steps; what has no message yet is not counted, see
    `broadcast.saving`.

    `left_out` by channel and reason. `left` counts who has left the sequence, by reason. `segments`
    are those of all attempts, also of the ones that were followed by another. `retrying` are
    pending messages that wait for their next attempt; `to_retry` failed ones that somebody has
    asked to send again and that are not put back yet. `wait` says why nothing leaves now, or not as
    usual.
    """

    broadcast: Broadcast
    messages: Mapping[MessageStatus, int]
    steps: tuple[StepNumbers, ...]
    retrying: int
    to_retry: int
    left_out: Mapping[Channel, Mapping[str, int]]
    left: Mapping[LeftReason, int]
    segments: int
    cost: Money
    errors: tuple[ErrorCount, ...]
    rate_per_second: float
    starts_at: datetime | None
    done_at: datetime | None
    wait: Wait | None
    counted_at: datetime

    def count(self, *statuses: MessageStatus) -> int:
        return sum(self.messages.get(status, 0) for status in statuses)


async def read_tracking(
    connection: Connection,
    workspace: Workspace,
    broadcast: Broadcast,
    *,
    now: datetime,
    rate_per_second: Decimal = Decimal(0),
) -> Tracking:
    """`rate_per_second` is the pace of the settings, for while no worker has put it on record."""
    counted = await rows(
        queries.counts_of_broadcast(connection, broadcast_id=broadcast.id, now=now)
    )
    messages: Counter[MessageStatus] = Counter()
    for row in counted:
        messages[MessageStatus(row["status"])] += int(row["messages"])
    segments = sum(int(row["segments"]) for row in counted)
    segments += await queries.segments_of_attempts(connection, broadcast_id=broadcast.id)
    left_out: dict[Channel, dict[str, int]] = {channel: {} for channel in broadcast.channels}
    for row in await rows(
        broadcast_store.queries.left_out_counts(connection, broadcast_id=broadcast.id)
    ):
        left_out[Channel(row["channel"])][row["reason"]] = int(row["contacts"])
    failed = (
        await rows(queries.errors_of_broadcast(connection, broadcast_id=broadcast.id))
        if messages[MessageStatus.FAILED]
        else []
    )
    retrying = _retrying(counted)
    to_retry = min(
        max((int(row["to_retry"]) for row in counted), default=0), messages[MessageStatus.FAILED]
    )
    ahead = await _look_ahead(
        connection,
        workspace,
        broadcast,
        left=messages[MessageStatus.PENDING] + to_retry + _unwritten(broadcast, counted, left_out),
        retrying=retrying,
        segments_each=_segments_each(counted),
        rate_per_second=rate_per_second,
        now=now,
    )
    return Tracking(
        broadcast=broadcast,
        messages=messages,
        steps=await _steps(connection, broadcast, counted),
        retrying=retrying.messages,
        to_retry=to_retry,
        left_out=left_out,
        left=await _left(connection, broadcast),
        segments=segments,
        cost=cost_of(segments, workspace.sms_price_per_segment, workspace.currency),
        errors=tuple(_error(row["code"], row["messages"]) for row in failed),
        rate_per_second=ahead.rate_per_second,
        starts_at=min(
            (step.scheduled_at for step in broadcast.steps if step.scheduled_at), default=None
        ),
        done_at=ahead.done_at,
        wait=ahead.wait,
        counted_at=now,
    )


async def _steps(
    connection: Connection, broadcast: Broadcast, counted: Sequence[Row]
) -> tuple[StepNumbers, ...]:
    engaged = {
        row["step_id"]: row
        for row in await rows(queries.engagement_of_steps(connection, broadcast_id=broadcast.id))
    }
    nothing = dict.fromkeys(("opened", "machine_opened", "clicked", "replied"), 0)
    return tuple(
        StepNumbers(
            step_id=step.id,
            messages={
                (Channel(row["channel"]), MessageStatus(row["status"])): int(row["messages"])
                for row in counted
                if row["step_id"] == step.id
            },
            **{name: int(engaged.get(step.id, nothing)[name]) for name in nothing},
        )
        for step in broadcast.steps
    )


async def _left(connection: Connection, broadcast: Broadcast) -> dict[LeftReason, int]:
    """Nobody leaves what has one step."""
    if not broadcast.is_sequence:
        return {}
    found = await rows(broadcast_store.queries.left_counts(connection, broadcast_id=broadcast.id))
    return {LeftReason(row["reason"]): int(row["contacts"]) for row in found}


def _unwritten(
    broadcast: Broadcast, counted: Sequence[Row], left_out: Mapping[Channel, Mapping[str, int]]
) -> int:
    """Saved people whose messages of the step that begins are not written yet; who is left out
    never gets one. Of a step on both channels about."""
    step = _current(broadcast)
    if step is None or step.status is StepStatus.SENDING:
        return 0
    reached = max(
        broadcast.saved_recipients - sum(left_out[channel].values()) for channel in step.channels
    )
    written = sum(int(row["messages"]) for row in counted if row["step_id"] == step.id)
    return max(0, reached - written)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Retrying:
    """Pending messages that wait for their next attempt, and when the first and last are due."""

    messages: int = 0
    next_at: datetime | None = None
    last_at: datetime | None = None


def _retrying(counted: list[dict[str, Any]]) -> _Retrying:
    if not counted:
        return _Retrying()
    row = counted[0]
    return _Retrying(
        messages=int(row["retrying"]), next_at=row["next_due_at"], last_at=row["last_due_at"]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ahead:
    rate_per_second: float = 0.0
    done_at: datetime | None = None
    wait: Wait | None = None


async def _look_ahead(
    connection: Connection,
    workspace: Workspace,
    broadcast: Broadcast,
    *,
    left: int,
    retrying: _Retrying,
    segments_each: Decimal,
    rate_per_second: Decimal,
    now: datetime,
) -> _Ahead:
    """For what is scheduled or being sent; nothing is foretold of what is paused.

    What waits for its next attempt is reckoned as if it were all due with the last of it.
    """
    step = _current(broadcast)
    if step is None or step.scheduled_at is None or not left:
        return _Ahead()
    hours = hours_of(workspace)
    senders = [each for channel in step.channels for each in await senders_of(connection, channel)]
    pace = await pace_of(
        connection,
        senders,
        steps=broadcast.steps,
        messages=left,
        rate_per_second=rate_per_second,
        now=now,
    )
    sending = broadcast.status is Status.SENDING
    wait = (
        wait_of(
            senders,
            planned_at=step.scheduled_at,
            zone=step.zone,
            hours=hours,
            next_try_at=retrying.next_at if retrying.messages == left else None,
            now=now,
        )
        if sending
        else None
    )
    begins_at = max(now, step.scheduled_at, wait.until if wait and wait.until else now)
    portions = [(begins_at, left)]
    if retrying.last_at is not None:
        portions.append((max(begins_at, retrying.last_at), retrying.messages))
    courses = [
        course_of(
            at,
            seconds_for(
                {segments_each: messages}, pace, max_per_minute=broadcast.rules.max_per_minute
            ),
            planned_at=step.scheduled_at,
            zone=step.zone,
            hours=hours,
        )
        for at, messages in portions
    ]
    waits = wait is not None and wait.until is not None
    return _Ahead(
        rate_per_second=(
            _rate(pace, segments_each, broadcast.rules.max_per_minute)
            if sending and not waits
            else 0.0
        ),
        done_at=latest_end(courses),
        wait=wait,
    )


def _current(broadcast: Broadcast) -> Step | None:
    """The step that is being sent, else the first that is still to come."""
    if broadcast.status not in (Status.SCHEDULED, Status.SENDING):
        return None
    begun = (StepStatus.LAUNCHING, StepStatus.SENDING)
    return next(
        (step for step in broadcast.steps if step.status in begun),
        next((step for step in broadcast.steps if step.status is StepStatus.SCHEDULED), None),
    )


def _segments_each(counted: list[dict[str, Any]]) -> Decimal:
    """Of the messages that are with the provider; one before the first is."""
    taken = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.NO_RECEIPT)
    those = [row for row in counted if row["status"] in taken]
    messages = sum(int(row["messages"]) for row in those)
    segments = sum(int(row["segments"]) for row in those)
    return max(Decimal(1), Decimal(segments) / messages) if messages else Decimal(1)


def _rate(pace: Pace, segments_each: Decimal, max_per_minute: int | None) -> float:
    rate = pace.rate(segments_each)
    return float(rate if max_per_minute is None else min(rate, Decimal(max_per_minute) / 60))


def _error(code: str, messages: int) -> ErrorCount:
    words = explain(code or None)
    return ErrorCount(code=code, words=words.words, advice=words.advice, messages=messages)


async def list_messages(
    connection: Connection,
    broadcast_id: UUID,
    *,
    statuses: list[str],
    search: str,
    channel: Channel | None = None,
    after: UUID | None,
    limit: int,
) -> list[dict[str, Any]]:
    """In the order in which they were written; `after` is the id of the last of the page before."""
    return await rows(
        queries.list_messages(
            connection,
            broadcast_id=broadcast_id,
            statuses=statuses,
            channel=channel or "",
            search=search.strip(),
            after=after or UUID(int=0),
            limit=limit,
        )
    )


async def list_messages_of_step(
    connection: Connection,
    broadcast_id: UUID,
    step_id: UUID,
    *,
    statuses: list[str],
    search: str,
    channel: Channel | None = None,
    after: tuple[str, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """By channel and address; `after` is those of the last of the page before."""
    after_channel, after_address = after or ("", "")
    return await rows(
        queries.list_messages_of_step(
            connection,
            broadcast_id=broadcast_id,
            step_id=step_id,
            statuses=statuses,
            channel=channel or "",
            search=search.strip(),
            after_channel=after_channel,
            after_address=after_address,
            limit=limit,
        )
    )
