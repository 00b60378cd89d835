"""Values of the tracking room → bodies of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.api.bodies import tracking as bodies
from clarion.api.bodies.shape import Money
from clarion.api.broadcast_shapes import saving_body
from clarion.api.shapes import any_left_out_bodies
from clarion.delivery.message import MessageStatus
from clarion.providers.error_codes import explain
from clarion.tracking.numbers import StepNumbers, Tracking
from clarion.tracking.story import Story

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clarion.kernel.channel import Channel


def tracking_body(tracking: Tracking, *, expected: int | None = None) -> bodies.Tracking:
    """`expected` is how many match now, of a broadcast that awaits its audience."""
    count = tracking.count
    left_out = [
        bodies.ChannelLeftOut(channel=channel.value, left_out=any_left_out_bodies(dict(reasons)))
        for channel, reasons in tracking.left_out.items()
    ]
    return bodies.Tracking(
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
        left_out=left_out[0].left_out if len(left_out) == 1 else [],
        channels=left_out,
        by_channel=_by_channel(tracking.broadcast.channels, tracking.steps),
        left=[
            bodies.LeftCount(reason=reason.value, contacts=contacts)
            for reason, contacts in tracking.left.items()
        ],
        steps=[
            _step_numbers(numbers, step.channels)
            for numbers, step in zip(tracking.steps, tracking.broadcast.steps, strict=True)
        ],
        saving=saving_body(tracking.broadcast, expected=expected),
        segments=tracking.segments,
        cost=Money(amount=tracking.cost.amount, currency=tracking.cost.currency),
        errors=[
            bodies.ErrorCount(
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


def _by_channel(
    channels: Iterable[Channel], steps: Sequence[StepNumbers]
) -> list[bodies.ChannelNumbers]:
    def count(channel: Channel, *statuses: MessageStatus) -> int:
        return sum(step.count(*statuses, channel=channel) for step in steps)

    return [
        bodies.ChannelNumbers(
            channel=channel.value,
            recipients=count(channel, *MessageStatus),
            delivered=count(channel, MessageStatus.DELIVERED),
            failed=count(channel, MessageStatus.FAILED),
            pending=count(channel, MessageStatus.PENDING, MessageStatus.SENDING),
        )
        for channel in channels
    ]


def _step_numbers(step: StepNumbers, channels: Iterable[Channel]) -> bodies.StepNumbers:
    count = step.count
    return bodies.StepNumbers(
        step_id=str(step.step_id),
        channels=_by_channel(channels, [step]),
        messages=count(*MessageStatus),
        delivered=count(MessageStatus.DELIVERED),
        failed=count(MessageStatus.FAILED),
        pending=count(MessageStatus.PENDING, MessageStatus.SENDING),
        on_the_way=count(MessageStatus.SENT),
        skipped=count(MessageStatus.SKIPPED),
        opened=step.opened,
        machine_opened=step.machine_opened,
        clicked=step.clicked,
        replied=step.replied,
    )


#: Where the code says why it is so; of a pending message, why it was not taken before.
_WITH_ERROR = (
    MessageStatus.FAILED,
    MessageStatus.UNCERTAIN,
    MessageStatus.UNKNOWN,
    MessageStatus.PENDING,
)


def message_body(row: dict[str, Any]) -> bodies.Message:
    status = MessageStatus(row["status"])
    tried = row["attempts"] > 0 or row["retries"] > 0
    waits = status is MessageStatus.PENDING and tried
    return bodies.Message(
        id=str(row["id"]),
        step_id=str(row["step_id"]),
        channel=row["channel"],
        contact_id=row["contact_id"],
        name=row["name"],
        address=row["address"],
        status=status.value,
        subject=row["subject"],
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
        opened_at=row["opened_at"],
        clicked_at=row["clicked_at"],
        replied_at=row["replied_at"],
        updated_at=row["updated_at"],
    )


def _last_error(row: dict[str, Any]) -> bodies.MessageError | None:
    """Of one that waits to be tried again: why it was not taken, or how its last attempt ended."""
    if row["error_code"] is not None or row["last_status"] != MessageStatus.FAILED:
        return _error_body(row["error_code"], MessageStatus.PENDING)
    return _error_body(row["last_error_code"], MessageStatus.FAILED)


def _error_body(code: str | None, status: MessageStatus) -> bodies.MessageError | None:
    """A failure without a code has words too; of the others only what is known is said."""
    if status not in _WITH_ERROR or (code is None and status is not MessageStatus.FAILED):
        return None
    words = explain(code)
    return bodies.MessageError(code=code or "", words=words.words, advice=words.advice)


def story_body(story: Story) -> bodies.MessageStory:
    return bodies.MessageStory(
        message=message_body(story.message),
        attempts=[_attempt_body(row) for row in story.attempts],
        events=[_event_body(row) for row in story.events],
    )


def _attempt_body(row: dict[str, Any]) -> bodies.Attempt:
    return bodies.Attempt(
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


def _event_body(row: dict[str, Any]) -> bodies.MessageEvent:
    code = row["error_code"]
    words = explain(code) if code else None
    return bodies.MessageEvent(
        kind=row["kind"],
        status=row["status"],
        attempt=row["attempt"],
        provider=row["provider"],
        provider_id=row["provider_id"],
        error=(
            bodies.MessageError(code=code, words=words.words, advice=words.advice)
            if words
            else None
        ),
        text=row["content"],
        at=row["at"],
        received_at=row["received_at"],
        outcome=row["outcome"],
    )
