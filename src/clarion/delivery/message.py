"""A message of the ledger, and what follows from each answer of a provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, assert_never
from zlib import crc32

from clarion.providers.error_codes import Consequence, explain, plan_of
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

    from clarion.compliance.suppression import Suppressed
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
    """Why somebody who was meant gets nothing; the middle two have left the sequence."""

    OPTED_OUT = "opted_out"
    REPLIED = "replied"
    GOAL = "goal"
    CONDITION = "condition"
    NO_LONGER_MATCHES = "no_longer_matches"


#: After so many tries at a provider that cannot be reached a message has failed: after more than
#: twenty minutes, in which nobody is asked while the provider's breaker is open.
MAX_ATTEMPTS = 8

_FIRST_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(minutes=15)

#: Of a pause: what a jitter of 1 adds to it.
_JITTER = 0.25

#: How long a lane waits after "too many requests" without a Retry-After.
THROTTLE_PAUSE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMessage:
    """A row that this worker holds. `body` is the rendered text, or the template until then.

    `attempts` were made before this one. `left`: why the person has left the sequence. `time_zone`:
    of a step in its recipients' zones.
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
    left: str | None = None
    time_zone: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one answer makes of a message. `again_at` set means: pending, to be tried then.

    `counted` false gives the attempt back. `suppress`: nothing more goes to this address, and why.
    `fall_back`: a sender of the next tier may try it at once instead, if there is one.
    `provider_trouble` counts for the provider's circuit breaker. `lane_pause`: the provider says
    that this sender is too fast; for so long nothing leaves on its lane.
    """

    message_id: UUID
    status: MessageStatus
    provider_id: str | None = None
    segments: int | None = None
    error_code: str | None = None
    error_detail: str | None = None
    again_at: datetime | None = None
    counted: bool = True
    suppress: Suppressed | None = None
    fall_back: bool = False
    provider_trouble: bool = False
    lane_pause: timedelta | None = None


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
            return _rejected(message, result, now=now)
        case Throttled():
            return _throttled(message, result, now=now)
        case Unavailable():
            return _unavailable(message, result, now=now)
        case Uncertain():
            return Outcome(
                message_id=message.id,
                status=MessageStatus.UNCERTAIN,
                error_code="uncertain",
                error_detail=result.detail,
                provider_trouble=True,
            )
        case _:
            assert_never(result)


def _rejected(message: ClaimedMessage, result: Rejected, *, now: datetime) -> Outcome:
    """The code decides: nothing was made there, so what passes may be tried again."""
    known = explain(result.code)
    again_at = plan_of(
        result.code, retries_done=message.attempts, now=now, jitter=jitter_of(message.id)
    )
    status = MessageStatus.FAILED if again_at is None else MessageStatus.PENDING
    if known.consequence is Consequence.UNCERTAIN:
        status = MessageStatus.UNCERTAIN
    return Outcome(
        message_id=message.id,
        status=status,
        error_code=result.code,
        error_detail=result.detail,
        again_at=again_at,
        suppress=known.suppress,
        fall_back=known.consequence is Consequence.OTHER_SENDER,
    )


def _throttled(message: ClaimedMessage, result: Throttled, *, now: datetime) -> Outcome:
    """The whole lane waits: as long as the provider asks, or as the code's plan says."""
    planned = plan_of(result.code, retries_done=0, now=now, jitter=jitter_of(message.id))
    pause = result.retry_after or (THROTTLE_PAUSE if planned is None else planned - now)
    return Outcome(
        message_id=message.id,
        status=MessageStatus.PENDING,
        error_code=result.code,
        again_at=now + pause,
        counted=False,
        lane_pause=pause,
    )


def _unavailable(message: ClaimedMessage, result: Unavailable, *, now: datetime) -> Outcome:
    tried = message.attempts + 1
    pause = pause_before(tried + 1) * (1 + _JITTER * jitter_of(message.id, tried))
    last = tried >= MAX_ATTEMPTS
    return Outcome(
        message_id=message.id,
        status=MessageStatus.FAILED if last else MessageStatus.PENDING,
        error_code="unavailable",
        error_detail=result.detail,
        again_at=None if last else now + pause,
        fall_back=True,
        provider_trouble=True,
    )


def pause_before(attempt: int) -> timedelta:
    """10 s before the second attempt, doubled each time, 15 minutes at most."""
    doubled: timedelta = _FIRST_PAUSE * (1 << max(0, attempt - 2))
    return min(doubled, _LONGEST_PAUSE)


def jitter_of(message_id: UUID, attempt: int = 0) -> float:
    """From 0 up to 1, the same whenever it is asked for: who decides twice decides alike."""
    return crc32(message_id.bytes + attempt.to_bytes(4)) / (1 << 32)


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
