"""What the database holds, in memory: rows and the few rules that its statements keep."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from clarion.delivery.message import ClaimedMessage, MessageStatus, Outcome
from clarion.delivery.pace import Booking, Pace, present_share, share_after_throttle
from clarion.kernel.channel import Channel
from clarion.tracking.events import Followed, Reported

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
NEVER = datetime(9000, 1, 1, tzinfo=UTC)

_S = MessageStatus

#: As the trigger of the table has it; `True` only with one retry more.
_MAY_BECOME: dict[MessageStatus, set[MessageStatus]] = {
    _S.PENDING: set(_S),
    _S.SENDING: {_S.SENT, _S.DELIVERED, _S.FAILED, _S.UNCERTAIN, _S.PENDING},
    _S.UNCERTAIN: {_S.SENT, _S.DELIVERED, _S.FAILED, _S.PENDING, _S.UNKNOWN},
    _S.UNKNOWN: {_S.SENT, _S.DELIVERED, _S.FAILED},
    _S.SENT: {_S.DELIVERED, _S.FAILED, _S.NO_RECEIPT},
    _S.NO_RECEIPT: {_S.DELIVERED, _S.FAILED},
    _S.FAILED: {_S.DELIVERED},
}
_ANEW = {_S.SENT, _S.FAILED}

#: Where nothing more is to be done for a message.
ENDS = {_S.DELIVERED, _S.FAILED, _S.SKIPPED, _S.CANCELLED, _S.NO_RECEIPT, _S.UNKNOWN}


@dataclass(slots=True, kw_only=True)
class Message:
    id: UUID
    step: int
    address: str
    body: str
    segments: int
    due_at: datetime
    known: Reported = field(default_factory=lambda: Reported(status=_S.PENDING))
    attempts: int = 0
    retries: int = 0
    checks: int = 0
    claimed_at: datetime | None = None
    touched_at: datetime = LONG_AGO
    earlier: dict[int, Reported] = field(default_factory=dict)
    skipped_because: str | None = None

    @property
    def status(self) -> MessageStatus:
        return self.known.status

    def become(self, known: Reported, *, retries: int | None = None) -> None:
        """Raises AssertionError for a change that the database refuses."""
        before, after = self.status, known.status
        more = (self.retries if retries is None else retries) > self.retries
        legal = (
            before is after
            or after in _MAY_BECOME.get(before, set())
            or (after is _S.PENDING and before in _ANEW and more)
        )
        assert legal, f"{self.id}: {before} cannot become {after}"
        self.known = known
        self.retries = self.retries if retries is None else retries

    def move(self, status: MessageStatus) -> None:
        self.become(replace(self.known, status=status))

    @property
    def claimed(self) -> ClaimedMessage:
        """As a worker holds it; to be read before the attempt is counted."""
        return ClaimedMessage(
            id=self.id,
            workspace_id=UUID(int=1),
            step_id=UUID(int=self.step),
            job_id=None,
            channel=Channel.SMS,
            address=self.address,
            attempts=self.attempts,
            subject=None,
            body=self.body,
            html=None,
            contact=None,
            suppressed=False,
        )

    @property
    def followed(self) -> Followed:
        found = Followed(
            latest=self.known,
            attempts=self.attempts,
            retries=self.retries,
            earlier=dict(self.earlier),
            due_at=self.due_at,
        )
        return found if found.waits_anew else replace(found, due_at=None)

    def answered(
        self, outcome: Outcome, *, attempt: int, claimed_at: datetime | None, now: datetime
    ) -> None:
        """What `write_outcomes` makes of it; `claimed_at` None: it is found out by settling."""
        applies = self.status in (_S.SENDING, _S.UNCERTAIN)
        other_claim = claimed_at is not None and claimed_at != self.claimed_at
        if other_claim or self.status is _S.PENDING:
            if outcome.provider_id is not None and claimed_at is not None:
                known = self.earlier.get(attempt) or Reported(status=outcome.status, sent_at=now)
                self.earlier[attempt] = replace(
                    known, provider_id=known.provider_id or outcome.provider_id
                )
            return
        if not applies and self.status not in (_S.SENT, _S.DELIVERED, _S.FAILED):
            return
        known = replace(
            self.known,
            provider_id=self.known.provider_id or outcome.provider_id,
            sent_at=min(self.known.sent_at or now, now)
            if outcome.status is _S.SENT
            else self.known.sent_at,
        )
        if applies:
            known = replace(
                known,
                status=outcome.status,
                error_code=outcome.error_code,
                failed_at=now if outcome.status is _S.FAILED else known.failed_at,
            )
            self.due_at = outcome.again_at or self.due_at
            self.attempts -= 0 if outcome.counted else 1
        self.become(known)
        self.touched_at = now


@dataclass(slots=True, kw_only=True)
class Lane:
    """A sender's row: its slots before `next_free_at` are given away."""

    rate: float
    segments_rate: float | None
    next_free_at: datetime = LONG_AGO
    kind: int = 0
    share: float = 1.0
    share_at: datetime | None = None

    def pace(self, now: datetime) -> Pace:
        return Pace(
            rate_per_second=self.rate,
            segments_per_second=self.segments_rate,
            share=present_share(self.share, self.share_at, now=now),
        )

    def reserve(self, booking: Booking, *, ahead: timedelta, now: datetime) -> datetime | None:
        """When the first of them may leave; None while it is booked further ahead."""
        if self.next_free_at >= now + ahead:
            return None
        lead = 0.0 if self.kind == booking.kind else booking.lead
        starts_at = max(self.next_free_at + timedelta(seconds=lead), now)
        self.next_free_at = starts_at + timedelta(seconds=booking.total)
        self.kind = booking.kind
        return starts_at

    def slow_down(self, pause: timedelta, *, now: datetime) -> None:
        until = now + pause
        self.share = share_after_throttle(self.share, self.share_at, now=now)
        self.share_at = max(self.share_at or LONG_AGO, until)
        self.next_free_at = max(self.next_free_at, until)


@dataclass(slots=True, kw_only=True)
class Wishes:
    """What is known of an address: until when it may not be written to, by the person's words."""

    stopped_at: datetime | None = None
    started_at: datetime | None = None
    for_good: bool = False

    @property
    def suppressed(self) -> bool:
        if self.for_good:
            return True
        if self.stopped_at is None:
            return False
        return self.started_at is None or self.stopped_at >= self.started_at
