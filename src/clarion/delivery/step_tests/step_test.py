"""A test that somebody sends to themselves, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from clarion.kernel.errors import Conflict
from clarion.providers.error_codes import Consequence, explain
from clarion.providers.sending import (
    Accepted,
    Rejected,
    SendResult,
    Throttled,
    Unavailable,
    Uncertain,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.kernel.channel import Channel

MOST_PER_HOUR = 20
HOUR = timedelta(hours=1)

#: Nobody waits longer for a test; afterwards it would only surprise.
WAITS_AT_MOST = timedelta(minutes=10)

#: Not longer than an answer takes, whatever the provider.
LOST_AFTER = timedelta(minutes=2)

KEPT_FOR = timedelta(days=30)

#: Before the subject, so that nobody takes it for the broadcast.
MARK = "[Test] "

WORKER_LOST = (
    "It was on its way when the worker was stopped. It may have arrived; it is not sent again."
)


NOBODY_BEGAN = "It was not sent: nobody was there to send it in time, or it was called off."

NO_ANSWER = "The provider did not answer. It may have arrived; it is not sent again."


class StepTestStatus(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTest:
    """`contact_id`: whom it shows, None for nobody. `error_detail` is a sentence for a person."""

    id: UUID
    channel: Channel
    address: str
    contact_id: str | None
    status: StepTestStatus
    error_code: str | None
    error_detail: str | None
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    failed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What an answer makes of a test. `again_after`: nothing was taken, and it waits so long."""

    status: StepTestStatus
    provider_id: str | None = None
    error_code: str | None = None
    error_detail: str | None = None
    again_after: timedelta | None = None


#: Where a provider does not say how long to wait.
_PAUSE = timedelta(seconds=5)


def ended_by(result: SendResult) -> Ended:
    """A test leaves once: only what the provider has certainly not taken may be tried again, and
    only where it was too fast; of all else the person hears, and may ask for another test."""
    match result:
        case Accepted():
            return Ended(status=StepTestStatus.SENT, provider_id=result.provider_id)
        case Rejected():
            known = explain(result.code)
            unknown = known.consequence is Consequence.UNCERTAIN
            return Ended(
                status=StepTestStatus.UNKNOWN if unknown else StepTestStatus.FAILED,
                error_code=result.code,
                error_detail=f"{known.words} {result.detail}".strip(),
            )
        case Throttled():
            return Ended(status=StepTestStatus.QUEUED, again_after=result.retry_after or _PAUSE)
        case Unavailable():
            return Ended(
                status=StepTestStatus.FAILED,
                error_code="unavailable",
                error_detail=f"The provider could not be reached. {result.detail}".strip(),
            )
        case Uncertain():
            return Ended(
                status=StepTestStatus.UNKNOWN,
                error_code="uncertain",
                error_detail=NO_ANSWER,
            )


def check_limit(asked_at: Sequence[datetime], *, now: datetime) -> None:
    """`asked_at`: when the person has asked for tests, the earliest first. Raises Conflict."""
    lately = [at for at in asked_at if at > now - HOUR]
    if len(lately) < MOST_PER_HOUR:
        return
    wait = lately[-MOST_PER_HOUR] + HOUR - now
    minutes = -(-int(wait.total_seconds()) // 60) or 1
    raise Conflict(
        f"You have sent {MOST_PER_HOUR} tests within an hour, which is the most. The next one can "
        f"leave in {minutes} minute{'' if minutes == 1 else 's'}."
    )
