"""A provider with a mind of its own: takes messages, loses answers, tells late, twice or never."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from clarion.providers.error_codes import Consequence, explain
from clarion.providers.events import ProviderStatus
from clarion.providers.sending import (
    Accepted,
    FoundMessage,
    Rejected,
    SendResult,
    Throttled,
    Unavailable,
    Uncertain,
)
from clarion.tracking.events import Report
from support.simulation.scenario import Scenario
from support.simulation.time import Time

STOPPED = "21610"

#: Refusals at the door, each with another consequence.
_REFUSALS = ("21211", "21612", "21611", "30001", "21614")

#: Ends of what was taken, those that are worth another attempt among them.
_ENDS = ("30003", "30005", "30006", "30007", "30008", "30017", "30022", "30023")

_FINAL = (ProviderStatus.DELIVERED, ProviderStatus.FAILED)


@dataclass(slots=True, kw_only=True)
class Record:
    """A message that the provider has taken, with all that it will ever say of it."""

    sid: str
    message_id: UUID
    attempt: int
    to: str
    body: str
    created_at: datetime
    listed_at: datetime
    life: list[tuple[datetime, ProviderStatus, str | None]] = field(default_factory=list)

    def shown(self, now: datetime) -> FoundMessage:
        status, code = ProviderStatus.QUEUED, None
        for at, then, why in self.life:
            if at <= now:
                status, code = then, why
        return FoundMessage(
            provider_id=self.sid,
            to=self.to,
            body=self.body,
            status=status,
            created_at=self.created_at,
            error_code=code,
        )

    @property
    def end(self) -> tuple[ProviderStatus, str | None]:
        _, status, code = self.life[-1]
        return status, code

    def has_failed(self, now: datetime) -> bool:
        return self.shown(now).status is ProviderStatus.FAILED


def _refused(code: str) -> SendResult:
    """As the reader of Twilio's answers has it."""
    if explain(code).consequence is Consequence.WAIT:
        return Throttled(code=code)
    return Rejected(code=code, detail="Refused.")


class Carrier:
    def __init__(
        self, time: Time, scenario: Scenario, tell: Callable[[UUID, Report], None]
    ) -> None:
        self._time = time
        self._scenario = scenario
        self._random = Random(f"{scenario.seed} carrier")
        self._tell = tell
        self.records: list[Record] = []
        self.stopped: set[str] = set()

    @property
    def is_out(self) -> bool:
        now = self._time.now
        return any(start <= now < end for start, end in self._scenario.outages)

    def latency(self) -> float:
        """Seconds until the answer; seldom so long that it is no longer waited for."""
        return self._random.choice([0.01, 0.05, 0.05, 0.2, 1.0, 12.0])

    def receive(  # noqa: PLR0911 - one for each answer
        self, message_id: UUID, attempt: int, to: str, body: str
    ) -> SendResult:
        """The request arrives; what the sender will hear, if it still listens."""
        weather, random = self._scenario.weather, self._random
        if self.is_out:
            if random.random() < 0.5:
                return Unavailable(detail="No connection could be made.")
            return Uncertain(detail="The provider did not answer in time.")
        if to in self.stopped:
            return Rejected(code=STOPPED, detail="Unsubscribed.")
        if random.random() < weather.too_fast:
            wait = random.choice([None, timedelta(seconds=random.randint(1, 5))])
            return Throttled(code="20429", retry_after=wait)
        if random.random() < weather.server_errors:
            return Uncertain(detail="Twilio answered 503.")
        if random.random() < weather.refusals:
            return _refused(random.choice(_REFUSALS))
        record = self._take(message_id, attempt, to, body)
        if random.random() < weather.lost_answers:
            return Uncertain(detail="The connection broke before the answer.")
        return Accepted(provider_id=record.sid, segments=1)

    def find(self, *, to: str, since: datetime) -> list[FoundMessage] | None:
        if self.is_out:
            return None
        now = self._time.now
        return [
            each.shown(now)
            for each in self.records
            if each.to == to and each.created_at >= since and each.listed_at <= now
        ]

    def fetch(self, sid: str) -> FoundMessage | None:
        if self.is_out:
            return None
        return next(each for each in self.records if each.sid == sid).shown(self._time.now)

    def _take(self, message_id: UUID, attempt: int, to: str, body: str) -> Record:
        weather, random, now = self._scenario.weather, self._random, self._time.now
        record = Record(
            sid=f"SM{len(self.records):032x}",
            message_id=message_id,
            attempt=attempt,
            to=to,
            body=body,
            created_at=now,
            # The list of what was taken lags behind, seldom by minutes.
            listed_at=now + timedelta(seconds=min(random.expovariate(1 / 20), 180)),
        )
        late = random.random() < weather.late
        at = now + timedelta(seconds=random.expovariate(1))
        record.life.append((at, ProviderStatus.SENT, None))
        if random.random() >= weather.without_end:
            at += timedelta(hours=random.expovariate(1 / 8)) if late else timedelta(seconds=2)
            fails = random.random() < weather.undelivered
            record.life.append(
                (at, ProviderStatus.FAILED, random.choice(_ENDS))
                if fails
                else (at, ProviderStatus.DELIVERED, None)
            )
        self.records.append(record)
        for at, status, code in record.life:
            self._report(record, at, status, code)
        return record

    def _report(
        self, record: Record, at: datetime, status: ProviderStatus, code: str | None
    ) -> None:
        """It tells in a while, in a long while, twice, or not at all."""
        weather, random = self._scenario.weather, self._random
        if random.random() < weather.dropped:
            return
        for _ in range(2 if random.random() < weather.doubled else 1):
            far = random.random() < weather.late
            delay = timedelta(seconds=random.expovariate(1 / (3 * 3600 if far else 0.5)))
            report = Report(
                status=status,
                provider_id=record.sid,
                error_code=code,
                segments=None,
                price=None,
                currency=None,
                at=at + delay,
                attempt=record.attempt,
                provider="twilio",
            )
            self._time.at(at + delay, lambda report=report: self._tell(record.message_id, report))  # type: ignore[misc]
