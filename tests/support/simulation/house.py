"""The house: workers that come and go, over rows in memory, deciding by Clarion's own rules.

Nothing is decided here: whose turn it is, when a slot is, what an answer means, whether it is too
late, what a report changes, all that is asked of the modules under test. Here it is only kept, and
broken off at any moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from uuid import UUID

from clarion.broadcasts.late import WhenLate, when_late
from clarion.compliance.sending_hours import SendingHours, next_allowed
from clarion.delivery.health.breaker import (
    WELL,
    Health,
    Verdict,
    after,
    after_probe_left,
    may_send,
)
from clarion.delivery.message import MessageStatus, Outcome, outcome_of, released
from clarion.delivery.pace import (
    AHEAD,
    FARTHEST_AHEAD,
    book,
    first_quantum,
    fits_in_own_limit,
    fits_in_quantum,
    own_limit_seconds,
)
from clarion.delivery.settling.records import is_final
from clarion.delivery.settling.settle import Patience, UncertainMessage, judge
from clarion.delivery.settling.sweep import ASKED_AFTER, CLOSED_AFTER
from clarion.providers.error_codes import explain
from clarion.providers.events import ProviderStatus
from clarion.providers.sending import SendResult, Unavailable
from clarion.tracking.events import Report, follow
from clarion.tracking.followed import _plan
from support.simulation.carrier import Carrier
from support.simulation.ledger import ENDS, LONG_AGO, NEVER, Lane, Message, Wishes
from support.simulation.scenario import Scenario
from support.simulation.time import Time

_S = MessageStatus

_PATIENCE = Patience()

#: The provider's clock and ours may differ by this much (settling asks that far back).
_CLOCKS_DIFFER = timedelta(minutes=2)

_MOMENT = timedelta(seconds=0.01)

#: Of the places at which a worker waits for something, so many are its last.
_DIES_AT = 0.01


class StepStatus(StrEnum):
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


@dataclass(slots=True, kw_only=True)
class Step:
    """With its stream: the whole house has one lane."""

    number: int
    planned_at: datetime
    status: StepStatus = StepStatus.SCHEDULED
    begun_at: datetime | None = None
    due_at: datetime = NEVER
    served_at: datetime = LONG_AGO


@dataclass(slots=True, kw_only=True)
class Worker:
    """`life` counts how often it was started: what an earlier life had in mind is forgotten."""

    number: int
    alive: bool = True
    life: int = 0
    looks_at: datetime = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A request that left for the provider."""

    at: datetime
    message: Message
    attempt: int
    claimed_at: datetime
    slot: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    message: Message
    attempt: int
    at: datetime
    is_probe: bool


@dataclass(kw_only=True)
class House:
    time: Time
    scenario: Scenario
    random: Random
    lane: Lane
    steps: list[Step]
    workers: list[Worker]
    messages: dict[UUID, Message] = field(default_factory=dict)
    wishes: dict[str, Wishes] = field(default_factory=dict)
    health: Health = WELL
    paused: bool = False
    cancelled: bool = False
    own_free_at: datetime = LONG_AGO
    departures: list[Departure] = field(default_factory=list)
    opt_outs: list[tuple[datetime, str, bool]] = field(default_factory=list)
    stops: list[tuple[datetime, bool]] = field(default_factory=list)
    _reports: list[tuple[UUID, Report]] = field(default_factory=list)
    _sending: int = 0
    _paused_until: datetime = LONG_AGO
    _settles: bool = False

    def open(self, carrier: Carrier) -> None:
        """Sets everything going."""
        self.carrier = carrier
        self.hours = SendingHours(self.scenario.opens, self.scenario.closes)
        time, scenario = self.time, self.scenario
        for step in self.steps:
            time.at(step.planned_at, lambda step=step: self._begin(step))  # type: ignore[misc]
        for at in scenario.crashes:
            time.at(at, lambda: self._crash(self.random.choice(self.workers)))
        for start, end in scenario.away:
            time.at(start, self._leave)
            time.at(end, self._come_back)
        for start, end in scenario.pauses:
            time.at(start, lambda: self._pause(is_paused=True))
            time.at(end, lambda: self._pause(is_paused=False))
        if scenario.cancelled_at is not None:
            time.at(scenario.cancelled_at, self._cancel)

    # --- who is there

    @property
    def is_away(self) -> bool:
        now = self.time.now
        return any(start <= now < end for start, end in self.scenario.away)

    def _later(self, worker: Worker, seconds: float, do: Callable[[], None]) -> None:
        """What a worker does when it has waited, if it still lives then."""
        life = worker.life

        def resumed() -> None:
            if not worker.alive or worker.life != life:
                return
            if self._is_killed():
                self._crash(worker)
                return
            do()

        self.time.after(seconds, resumed)

    def _is_killed(self) -> bool:
        return bool(self.scenario.crashes) and self.random.random() < _DIES_AT

    def _crash(self, worker: Worker) -> None:
        if not worker.alive:
            return
        worker.alive = False
        self.time.after(self.random.uniform(0.5, 5), lambda: self._start(worker))

    def _start(self, worker: Worker) -> None:
        if worker.alive or self.is_away:
            return
        worker.alive, worker.life, worker.looks_at = True, worker.life + 1, NEVER
        self._wake()
        self._settle_soon()
        self._apply_soon()

    def _leave(self) -> None:
        for worker in self.workers:
            worker.alive = False

    def _come_back(self) -> None:
        if self.is_away:
            return
        for worker in self.workers:
            self._start(worker)
        for step in self.steps:
            if step.status is StepStatus.SCHEDULED and step.planned_at <= self.time.now:
                self._begin(step)
        for message in self.messages.values():
            if message.status is _S.SENT:
                self._look_for_receipt(message)

    # --- the broadcast

    def _begin(self, step: Step) -> None:
        """Its job runs, now or when somebody is there again."""
        now = self.time.now
        if step.status is not StepStatus.SCHEDULED or self.is_away:
            return
        if self.cancelled:
            step.status = StepStatus.CANCELLED
            return
        decision = when_late(step.planned_at, now=now, policy=self.scenario.policy)
        if decision is WhenLate.SKIP:
            step.status = StepStatus.SKIPPED
            return
        if decision is WhenLate.ASK:
            self._pause(is_paused=True)
            # A person decides, in their own time.
            self.time.after(self.random.uniform(60, 20_000), lambda: self._pause(is_paused=False))
        step.status, step.begun_at = StepStatus.SENDING, now
        for person in range(self.scenario.people):
            address = address_of(person)
            id_ = UUID(int=(step.number << 64) | (person + 1) << 8 | self.scenario.seed << 80)
            self.messages[id_] = Message(
                id=id_,
                step=step.number,
                address=address,
                body=self.scenario.bodies[step.number],
                segments=self.scenario.segments[person],
                due_at=now,
            )
            if self._may_not_write(address):
                self._skip(self.messages[id_])
        step.due_at = now
        self._wake()

    def _pause(self, *, is_paused: bool) -> None:
        if self.cancelled:
            return
        self.paused = is_paused
        self.stops.append((self.time.now, is_paused))
        if not is_paused:
            self._wake()

    def _cancel(self) -> None:
        self.cancelled = True
        for step in self.steps:
            if step.status is StepStatus.SCHEDULED:
                step.status = StepStatus.CANCELLED
        self._cancel_pending()

    def _cancel_pending(self) -> None:
        for message in self.messages.values():
            if message.status is _S.PENDING:
                message.move(_S.CANCELLED)

    def _may_not_write(self, address: str) -> bool:
        return address in self.wishes and self.wishes[address].suppressed

    def _skip(self, message: Message) -> None:
        message.skipped_because = "opted_out"
        message.move(_S.SKIPPED)

    # --- the pump

    def _wake(self) -> None:
        for worker in self.workers:
            if worker.alive:
                self._look(worker, self.time.now + _MOMENT * self.random.random() * 10)

    def _look(self, worker: Worker, at: datetime) -> None:
        """At most one look lies ahead of each worker."""
        if worker.looks_at <= at:
            return
        worker.looks_at = at
        self._later(
            worker, (at - self.time.now).total_seconds(), lambda: self._look_now(worker, at)
        )

    def _look_now(self, worker: Worker, at: datetime) -> None:
        if worker.looks_at != at:
            return
        worker.looks_at = NEVER
        if self._turn(worker):
            self._look(worker, self.time.now + _MOMENT)
            return
        due = [step.due_at for step in self.steps if step.status is StepStatus.SENDING]
        coming = min(due, default=NEVER)
        if coming == NEVER or self.paused or self.cancelled:
            return
        coming = max(coming, self.lane.next_free_at - AHEAD, self.own_free_at)
        if self.health.retry_at is not None:
            coming = max(coming, self.health.retry_at)
        self._look(worker, max(coming, self.time.now + 10 * _MOMENT))

    def _turn(self, worker: Worker) -> bool:
        """Whether there was something to do."""
        now = self.time.now
        verdict = may_send(self.health, now=now)
        if self.paused or self.cancelled or verdict is Verdict.NO or self.own_free_at > now:
            return False
        if self.lane.next_free_at >= now + AHEAD:
            return False
        waiting = [
            step for step in self.steps if step.status is StepStatus.SENDING and step.due_at <= now
        ]
        for step in sorted(waiting, key=lambda step: step.served_at):
            opens = self._opens(step)
            if opens > now:
                step.due_at = opens
                continue
            self._claim(worker, step, is_probe=verdict is Verdict.PROBE)
            return True
        return bool(waiting)

    def _opens(self, step: Step) -> datetime:
        return next_allowed(
            self.time.now,
            planned_at=step.planned_at,
            zone=self.scenario.zone,
            hours=self.hours,
        )

    def _claim(self, worker: Worker, step: Step, *, is_probe: bool) -> None:
        now, own = self.time.now, self.scenario.own_limit
        pace = self.lane.pace(now)
        limit = 1 if is_probe else fits_in_quantum(pace)
        if own is not None:
            limit = min(limit, fits_in_own_limit(own))
        pending = self._pending(step)
        due = [each for each in pending if each.due_at <= now][:limit]
        step.served_at = now
        leaving = []
        for message in due:
            if self._may_not_write(message.address):
                self._skip(message)
            else:
                leaving.append(message)
        leaving = leaving[: first_quantum(book(pace, [each.segments for each in leaving]))]
        claims = []
        for message in leaving:
            claims.append(
                Claim(message=message, attempt=message.attempts + 1, at=now, is_probe=is_probe)
            )
            message.move(_S.SENDING)
            message.attempts += 1
            message.claimed_at = now
        left = self._pending(step)
        step.due_at = left[0].due_at if left else NEVER
        if not claims:
            return
        if own is not None:
            self.own_free_at = max(self.own_free_at, now) + timedelta(
                seconds=len(claims) * own_limit_seconds(own)
            )
        booking = book(pace, [each.segments for each in leaving])
        starts_at = self.lane.reserve(booking, ahead=FARTHEST_AHEAD, now=now)
        assert starts_at is not None
        if is_probe:
            self.health = after_probe_left(self.health, now=now)
        self._settle_soon()
        slot = starts_at
        for claim, seconds in zip(claims, booking.seconds, strict=True):
            late = self.random.uniform(0, pace.may_be_late)
            wait = (slot - now).total_seconds() + late
            self._later(worker, wait, lambda c=claim, s=slot: self._depart(worker, c, s))  # type: ignore[misc]
            slot += timedelta(seconds=seconds)

    def _pending(self, step: Step) -> list[Message]:
        found = [
            each
            for each in self.messages.values()
            if each.step == step.number and each.status is _S.PENDING
        ]
        return sorted(found, key=lambda each: (each.due_at, each.id))

    def _depart(self, worker: Worker, claim: Claim, slot: datetime) -> None:
        now = self.time.now
        message = claim.message
        verdict = may_send(self.health, now=now)
        if self._paused_until > now or (verdict is Verdict.NO and not claim.is_probe):
            self._answer(worker, claim, released(message.claimed))
            return
        self.departures.append(
            Departure(
                at=now, message=message, attempt=claim.attempt, claimed_at=claim.at, slot=slot
            )
        )
        latency = self.carrier.latency()
        arrives = latency * self.random.random()

        def arrive() -> None:
            result = self.carrier.receive(message.id, claim.attempt, message.address, message.body)
            back = 0.0 if isinstance(result, Unavailable) else latency - arrives
            self._later(worker, back, lambda: self._hear(worker, claim, result))

        # It is on the line: whether the worker lives on is of no matter to it.
        self.time.after(arrives, arrive)

    def _hear(self, worker: Worker, claim: Claim, result: SendResult) -> None:
        # As it was when it was claimed, whatever has become of the row since.
        held = replace(claim.message.claimed, attempts=claim.attempt - 1)
        outcome = outcome_of(held, result, now=self.time.now)
        if outcome.lane_pause is not None:
            self._paused_until = max(self._paused_until, self.time.now + outcome.lane_pause)
        self._answer(worker, claim, outcome)

    def _answer(self, worker: Worker, claim: Claim, outcome: Outcome) -> None:
        self._later(
            worker,
            self.random.choice([0.03, 0.05, 0.3]),
            lambda: self._write(claim, outcome),
        )

    def _write(self, claim: Claim, outcome: Outcome) -> None:
        now, message = self.time.now, claim.message
        message.answered(outcome, attempt=claim.attempt, claimed_at=claim.at, now=now)
        if outcome.suppress is not None:
            self._never_again(message.address)
        if outcome.lane_pause is not None:
            self.lane.slow_down(outcome.lane_pause, now=now)
        if outcome.counted:
            trouble = int(outcome.provider_trouble)
            self.health = after(
                self.health,
                successes=1 - trouble,
                troubles=trouble,
                now=now,
                jitter=self.random.random(),
            )
        self._moved(message)

    def _moved(self, message: Message) -> None:
        """What follows when a message has got another status."""
        if message.status is _S.PENDING:
            if self.cancelled:
                message.move(_S.CANCELLED)
                return
            step = self.steps[message.step]
            step.due_at = min(step.due_at, message.due_at)
            self._wake()
        elif message.status is _S.SENT:
            self._look_for_receipt(message)
        elif message.status is _S.UNCERTAIN:
            self._settle_soon()

    # --- what nobody has answered for

    def _settle_soon(self) -> None:
        if self._settles or not any(worker.alive for worker in self.workers):
            return
        open_ = [
            each for each in self.messages.values() if each.status in (_S.SENDING, _S.UNCERTAIN)
        ]
        if not open_:
            return
        oldest = min(each.claimed_at for each in open_ if each.claimed_at is not None)
        pause = 15.0 if self.time.now - oldest < timedelta(minutes=10) else 900.0
        self._settles = True
        self.time.after(pause, self._settle)

    def _settle(self) -> None:
        self._settles = False
        if any(worker.alive for worker in self.workers):
            for message in list(self.messages.values()):
                self._settle_one(message)
        self._settle_soon()

    def _settle_one(self, message: Message) -> None:
        now, claimed_at = self.time.now, message.claimed_at
        if claimed_at is None:
            return
        if message.status is _S.SENDING and claimed_at < now - _PATIENCE.claim:
            message.move(_S.UNCERTAIN)
        if message.status is not _S.UNCERTAIN:
            return
        found = self.carrier.find(to=message.address, since=claimed_at - _CLOCKS_DIFFER)
        judgement = judge(
            UncertainMessage(
                id=message.id,
                address=message.address,
                body=message.body,
                attempts=message.attempts,
                claimed_at=claimed_at,
            ),
            found,
            taken_by_others={
                each.provider_id
                for other in self.messages.values()
                for each in (other.known, *other.earlier.values())
                if each.provider_id is not None
            },
            now=now,
            patience=_PATIENCE,
        )
        if judgement is not None:
            message.answered(judgement.outcome, attempt=message.attempts, claimed_at=None, now=now)
            if judgement.record is not None and is_final(judgement.record):
                self._learn(message, judgement.record.status, judgement.record.error_code)
            self._moved(message)
        elif claimed_at < now - _PATIENCE.open:
            message.move(_S.UNKNOWN)

    def _learn(self, message: Message, status: ProviderStatus, code: str | None) -> None:
        self.tell(
            message.id,
            Report(
                status=status,
                provider_id=message.known.provider_id,
                error_code=code,
                segments=None,
                price=None,
                currency=None,
                at=self.time.now,
                attempt=message.attempts,
                provider="twilio",
            ),
        )

    # --- receipts

    def _look_for_receipt(self, message: Message) -> None:
        sent_at = message.known.sent_at
        assert sent_at is not None
        checks, attempts = message.checks, message.attempts
        pause = ASKED_AFTER[checks] if checks < len(ASKED_AFTER) else CLOSED_AFTER
        delay = timedelta(seconds=self.random.uniform(1, 60))
        self.time.at(sent_at + pause + delay, lambda: self._ask(message, checks, attempts))

    def _ask(self, message: Message, checks: int, attempts: int) -> None:
        if (message.checks, message.attempts) != (checks, attempts) or self.is_away:
            return
        if message.status is not _S.SENT or message.known.sent_at is None:
            return
        now = self.time.now
        if now - message.known.sent_at > CLOSED_AFTER:
            self._close(message)
            return
        record = None
        if message.known.provider_id is not None:
            record = self.carrier.fetch(message.known.provider_id)
        if record is None:
            self.time.after(300, lambda: self._ask(message, checks, attempts))
            return
        message.checks += 1
        if is_final(record):
            self._learn(message, record.status, record.error_code)
        elif message.checks == len(ASKED_AFTER):
            self._close(message)
            return
        self._look_for_receipt(message)

    def _close(self, message: Message) -> None:
        arrived = any(each.status is _S.DELIVERED for each in message.earlier.values())
        message.move(_S.DELIVERED if arrived else _S.NO_RECEIPT)

    # --- what providers and people tell

    def tell(self, message_id: UUID, report: Report) -> None:
        """A callback; nobody asks for it again when nobody is there to take it."""
        if self.is_away:
            return
        self._reports.append((message_id, report))
        self._apply_soon()

    def say(self, address: str, word: str, said_at: datetime) -> None:
        """STOP and START, which the house hears of now."""
        wishes = self.wishes.setdefault(address, Wishes())
        before = wishes.suppressed
        if word == "STOP":
            wishes.stopped_at = max(wishes.stopped_at or said_at, said_at)
        else:
            wishes.started_at = max(wishes.started_at or said_at, said_at)
        if wishes.suppressed is not before:
            self.opt_outs.append((self.time.now, address, wishes.suppressed))

    def _never_again(self, address: str) -> None:
        wishes = self.wishes.setdefault(address, Wishes())
        if not wishes.suppressed:
            self.opt_outs.append((self.time.now, address, True))
        wishes.for_good = True

    def _apply_soon(self) -> None:
        self.time.after(self.random.uniform(0.2, 1.0), self._apply)

    def _apply(self) -> None:
        if not any(worker.alive for worker in self.workers):
            return
        told, self._reports = self._reports, []
        self.random.shuffle(told)
        of_message: dict[UUID, list[Report]] = {}
        for message_id, report in told:
            of_message.setdefault(message_id, []).append(report)
        for message_id, reports in of_message.items():
            self._apply_to(self.messages[message_id], reports)

    def _apply_to(self, message: Message, reports: list[Report]) -> None:
        before = message.followed
        reports = [self._with_its_own_id(message, each) for each in reports]
        may_again = not self.cancelled and not self._may_not_write(message.address)
        planned_at = self.steps[message.step].planned_at
        after_ = follow(before, reports, _plan(message.id, planned_at) if may_again else None)
        began_to_wait = after_.waits_anew and not before.waits_anew
        message.earlier = dict(after_.earlier)
        if after_.due_at is not None:
            message.due_at = after_.due_at
        if after_.retries > message.retries:
            message.checks = 0
        was = message.status
        message.become(after_.latest, retries=after_.retries)
        for report in reports:
            if report.status is ProviderStatus.FAILED and explain(report.error_code).suppress:
                self._never_again(message.address)
        if began_to_wait or message.status is not was:
            self._moved(message)

    def _with_its_own_id(self, message: Message, report: Report) -> Report:
        """As the ledger has it: an id of the provider belongs to one message, and stays with the
        one that was the first to be told of it."""
        taken = report.provider_id is not None and any(
            each is not message
            and report.provider_id
            in {known.provider_id for known in (each.known, *each.earlier.values())}
            for each in self.messages.values()
            if each.address == message.address
        )
        return replace(report, provider_id=None) if taken else report

    @property
    def all_ended(self) -> bool:
        return all(each.status in ENDS for each in self.messages.values())


def address_of(person: int) -> str:
    return f"+1512220{person:04d}"
