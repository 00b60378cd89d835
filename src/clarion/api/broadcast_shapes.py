"""Values of the rooms broadcasts and tracking → bodies of the contract."""

from __future__ import annotations

from typing import Any

from clarion.api.bodies import audience as audience_bodies
from clarion.api.bodies import broadcasts as bodies
from clarion.api.bodies import tracking as tracking_bodies
from clarion.api.bodies.shape import Money
from clarion.api.shapes import left_out_bodies
from clarion.broadcasts.broadcast import SAVED_AT_SEND, Broadcast, Saving, Step
from clarion.broadcasts.outlook import Outlook
from clarion.delivery.message import MessageStatus
from clarion.providers.error_codes import explain
from clarion.tracking.numbers import Tracking
from clarion.tracking.story import Story


def step_body(step: Step) -> bodies.Step:
    return bodies.Step(
        id=str(step.id),
        position=step.position,
        channel=step.channel.value,
        body=step.body,
        send_mode=step.send_mode.value,
        scheduled_for=step.scheduled_for,
        scheduled_at=step.scheduled_at,
        time_zone=step.time_zone,
        status=step.status.value,
        launched_at=step.launched_at,
        completed_at=step.completed_at,
    )


def saving_body(broadcast: Broadcast, *, expected: int | None = None) -> bodies.Saving:
    begun = broadcast.saving is not Saving.NONE
    return bodies.Saving(
        state=broadcast.saving.value,
        saved=broadcast.saved_recipients,
        expected=broadcast.expected_recipients if expected is None else expected,
        saved_at=(broadcast.audience_at or broadcast.launched_at) if begun else None,
        note=SAVED_AT_SEND if broadcast.awaits_its_audience else None,
    )


def broadcast_body(broadcast: Broadcast) -> bodies.Broadcast:
    return bodies.Broadcast(
        id=str(broadcast.id),
        name=broadcast.name,
        broadcast_type=broadcast.broadcast_type.value,
        status=broadcast.status.value,
        filter=audience_bodies.Group.model_validate(broadcast.filter),
        audience_mode=broadcast.audience_mode.value,
        version=broadcast.version,
        steps=[step_body(step) for step in broadcast.steps],
        recipients=saving_body(broadcast),
        late_policy=broadcast.rules.late_policy.value,
        max_per_minute=broadcast.rules.max_per_minute,
        stop_at_failure_rate=(
            None
            if broadcast.rules.stop_at_failure_rate is None
            else float(broadcast.rules.stop_at_failure_rate)
        ),
        problem=broadcast.problem,
        paused_by=broadcast.paused_by.value if broadcast.paused_by else None,
        created_by=broadcast.created_by,
        created_at=broadcast.created_at,
        updated_at=broadcast.updated_at,
        launched_at=broadcast.launched_at,
        completed_at=broadcast.completed_at,
    )


def outlook_body(outlook: Outlook) -> bodies.Outlook:
    measured = outlook.measured
    return bodies.Outlook(
        version=outlook.version,
        matched=outlook.matched,
        will_send=outlook.will_send,
        left_out=left_out_bodies({k.value: v for k, v in outlook.left_out.items()}),
        segments=measured.segments,
        shares=[
            bodies.SegmentShare(segments=segments, recipients=people)
            for segments, people in measured.shares.items()
        ],
        encoding=measured.encoding.value if measured.encoding else None,
        cost=Money(amount=outlook.cost.amount, currency=outlook.cost.currency),
        exact=measured.exact,
        measured=measured.measured,
        missing_tokens=[
            bodies.MissingToken(token=each.token, recipients=each.recipients)
            for each in outlook.missing_tokens
        ],
        starts_at=outlook.starts_at,
        done_at=outlook.done_at,
        hours_note=outlook.hours_note,
        audience_mode=outlook.audience_mode.value,
        note=outlook.note,
        problems=[
            bodies.WizardProblem(step=each.step.value, pointer=each.pointer, detail=each.detail)
            for each in outlook.problems
        ],
    )


def tracking_body(tracking: Tracking, *, expected: int | None = None) -> tracking_bodies.Tracking:
    """`expected` is how many match now, of a broadcast that awaits its audience."""
    count = tracking.count
    return tracking_bodies.Tracking(
        status=tracking.broadcast.status.value,
        paused_by=tracking.broadcast.paused_by.value if tracking.broadcast.paused_by else None,
        recipients=count(*MessageStatus),
        delivered=count(MessageStatus.DELIVERED),
        failed=count(MessageStatus.FAILED),
        pending=count(MessageStatus.PENDING, MessageStatus.SENDING),
        retrying=tracking.retrying,
        to_retry=tracking.to_retry,
        on_the_way=count(MessageStatus.SENT),
        no_receipt=count(MessageStatus.NO_RECEIPT),
        uncertain=count(MessageStatus.UNCERTAIN),
        unknown=count(MessageStatus.UNKNOWN),
        skipped=count(MessageStatus.SKIPPED),
        cancelled=count(MessageStatus.CANCELLED),
        left_out=left_out_bodies(dict(tracking.left_out)),
        saving=saving_body(tracking.broadcast, expected=expected),
        segments=tracking.segments,
        cost=Money(amount=tracking.cost.amount, currency=tracking.cost.currency),
        errors=[
            tracking_bodies.ErrorCount(
                code=each.code, words=each.words, advice=each.advice, messages=each.messages
            )
            for each in tracking.errors
        ],
        rate_per_second=tracking.rate_per_second,
        starts_at=tracking.starts_at,
        done_at=tracking.done_at,
        waits_until=tracking.wait.until if tracking.wait else None,
        waiting_note=tracking.wait.words if tracking.wait else None,
        launched_at=tracking.broadcast.launched_at,
        completed_at=tracking.broadcast.completed_at,
        counted_at=tracking.counted_at,
    )


#: Where the code says why it is so; of a pending message, why it was not taken before.
_WITH_ERROR = (
    MessageStatus.FAILED,
    MessageStatus.UNCERTAIN,
    MessageStatus.UNKNOWN,
    MessageStatus.PENDING,
)


def message_body(row: dict[str, Any]) -> tracking_bodies.Message:
    status = MessageStatus(row["status"])
    tried = row["attempts"] > 0 or row["retries"] > 0
    waits = status is MessageStatus.PENDING and tried
    return tracking_bodies.Message(
        id=str(row["id"]),
        contact_id=row["contact_id"],
        name=row["name"],
        address=row["address"],
        status=status.value,
        body=row["body"],
        segments=row["segments"],
        error=_last_error(row) if waits else _error_body(row["error_code"], status),
        skip_reason=row["skip_reason"],
        provider=row["provider"],
        provider_id=row["provider_id"],
        attempts=row["attempts"],
        retries=row["retries"],
        next_try_at=row["due_at"] if waits else None,
        sent_at=row["sent_at"],
        delivered_at=row["delivered_at"],
        failed_at=row["failed_at"],
        updated_at=row["updated_at"],
    )


def _last_error(row: dict[str, Any]) -> tracking_bodies.MessageError | None:
    """Of one that waits to be tried again: why it was not taken, or how its last attempt ended."""
    if row["error_code"] is not None or row["last_status"] != MessageStatus.FAILED:
        return _error_body(row["error_code"], MessageStatus.PENDING)
    return _error_body(row["last_error_code"], MessageStatus.FAILED)


def _error_body(code: str | None, status: MessageStatus) -> tracking_bodies.MessageError | None:
    """A failure without a code has words too; of the others only what is known is said."""
    if status not in _WITH_ERROR or (code is None and status is not MessageStatus.FAILED):
        return None
    words = explain(code)
    return tracking_bodies.MessageError(code=code or "", words=words.words, advice=words.advice)


def story_body(story: Story) -> tracking_bodies.MessageStory:
    return tracking_bodies.MessageStory(
        message=message_body(story.message),
        attempts=[_attempt_body(row) for row in story.attempts],
        events=[_event_body(row) for row in story.events],
    )


def _attempt_body(row: dict[str, Any]) -> tracking_bodies.Attempt:
    return tracking_bodies.Attempt(
        attempt=row["attempt"],
        status=row["status"],
        provider=row["provider"],
        provider_id=row["provider_id"],
        error=_error_body(row["error_code"], MessageStatus(row["status"])),
        detail=row["error_detail"],
        segments=row["segments"],
        price=row["price"],
        currency=row["currency"],
        began_at=row["claimed_at"],
        sent_at=row["sent_at"],
        failed_at=row["failed_at"],
    )


def _event_body(row: dict[str, Any]) -> tracking_bodies.MessageEvent:
    code = row["error_code"]
    words = explain(code) if code else None
    return tracking_bodies.MessageEvent(
        kind=row["kind"],
        status=row["status"],
        attempt=row["attempt"],
        provider=row["provider"],
        provider_id=row["provider_id"],
        error=(
            tracking_bodies.MessageError(code=code, words=words.words, advice=words.advice)
            if words
            else None
        ),
        text=row["content"],
        at=row["at"],
        received_at=row["received_at"],
        outcome=row["outcome"],
    )
