"""A message of the ledger, and what follows from each answer of a provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, assert_never

from clarion.providers.sending import (
    Accepted,
    Rejected,
    SendResult,
    Throttled,
    Unavailable,
    Uncertain,
)

if TYPE_CHECKING:
    from uuid import UUID

    from clarion.kernel.channel import Channel


class MessageStatus(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
    NO_RECEIPT = "no_receipt"
    UNKNOWN = "unknown"


class SkipReason(StrEnum):
    OPTED_OUT = "opted_out"


#: After so many tries at a provider that cannot be reached a message has failed.
MAX_ATTEMPTS = 6

_FIRST_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(minutes=15)

#: How long a lane waits after "too many requests" without a Retry-After.
THROTTLE_PAUSE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMessage:
    """A row that this worker holds. `body` is the rendered text, or the template until then.

    `attempts` were made before this one.
    """

    id: UUID
    workspace_id: UUID
    step_id: UUID | None
    job_id: UUID | None
    channel: Channel
    address: str
    attempts: int
    subject: str | None
    body: str
    html: str | None
    contact: dict[str, Any] | None
    suppressed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one answer makes of a message. `again_at` set means: pending, to be tried then.

    `counted` false gives the attempt back. `opted_out` says that the provider knows of an opt-out.
    """

    message_id: UUID
    status: MessageStatus
    provider_id: str | None = None
    segments: int | None = None
    error_code: str | None = None
    error_detail: str | None = None
    again_at: datetime | None = None
    counted: bool = True
    opted_out: bool = False
    lane_pause: timedelta | None = None


#: Twilio: the recipient has unsubscribed from this sender.
_UNSUBSCRIBED = "21610"


def outcome_of(message: ClaimedMessage, result: SendResult, *, now: datetime) -> Outcome:
    """One consequence for each kind of answer."""
    match result:
        case Accepted():
            return Outcome(
                message_id=message.id,
                status=MessageStatus.SENT,
                provider_id=result.provider_id,
                segments=result.segments,
            )
        case Rejected():
            return Outcome(
                message_id=message.id,
                status=MessageStatus.FAILED,
                error_code=result.code,
                error_detail=result.detail,
                opted_out=result.code == _UNSUBSCRIBED,
            )
        case Throttled():
            pause = result.retry_after or THROTTLE_PAUSE
            return Outcome(
                message_id=message.id,
                status=MessageStatus.PENDING,
                error_code=result.code,
                again_at=now + pause,
                counted=False,
                lane_pause=pause,
            )
        case Unavailable():
            tried = message.attempts + 1
            if tried >= MAX_ATTEMPTS:
                return Outcome(
                    message_id=message.id,
                    status=MessageStatus.FAILED,
                    error_code="unavailable",
                    error_detail=result.detail,
                )
            return Outcome(
                message_id=message.id,
                status=MessageStatus.PENDING,
                error_code="unavailable",
                error_detail=result.detail,
                again_at=now + pause_before(tried + 1),
            )
        case Uncertain():
            return Outcome(
                message_id=message.id,
                status=MessageStatus.UNCERTAIN,
                error_code="uncertain",
                error_detail=result.detail,
            )
        case _:
            assert_never(result)


def pause_before(attempt: int) -> timedelta:
    """10 s before the second attempt, doubled each time, 15 minutes at most."""
    doubled: timedelta = _FIRST_PAUSE * (1 << max(0, attempt - 2))
    return min(doubled, _LONGEST_PAUSE)


def released(message: ClaimedMessage) -> Outcome:
    """The claim is given back before anything was sent."""
    return Outcome(message_id=message.id, status=MessageStatus.PENDING, counted=False)


def unreadable(message: ClaimedMessage, detail: str) -> Outcome:
    """The text could not be made for this person; nobody else is touched by it."""
    return Outcome(
        message_id=message.id,
        status=MessageStatus.FAILED,
        error_code="text",
        error_detail=detail,
    )
