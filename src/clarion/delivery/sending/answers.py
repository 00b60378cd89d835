"""Writes what became of a worker's messages: in portions, each with all that follows from it."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import psycopg

from clarion.compliance.suppression import suppress
from clarion.delivery.complete import complete
from clarion.delivery.message import MessageStatus
from clarion.delivery.sending.store import queries
from clarion.delivery.store import job_outcomes, write_outcomes
from clarion.delivery.streams import wake_streams
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.stopping import stop_if_cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from clarion.db.connection import Connection, Database
    from clarion.delivery.lanes import Lanes
    from clarion.delivery.message import ClaimedMessage, Outcome
    from clarion.delivery.sending.breakers import Breakers
    from clarion.delivery.sending.claim import Slice
    from clarion.delivery.sending.store import Stream
    from clarion.delivery.sending.wire import Wire
    from clarion.queue.service import QueueService

log = logging.getLogger(__name__)

#: Answers are written in portions, so that a crash leaves few of them uncertain.
_AT_ONCE = 500

#: Seconds in which a portion gathers: a handful of transactions per second, and not one per answer.
_GATHERS = 0.05

#: Seconds until a portion that the database did not take is tried again.
_AFTER_TROUBLE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one message of a slice."""

    slice: Slice
    message: ClaimedMessage
    outcome: Outcome

    @property
    def stream(self) -> Stream:
        return self.slice.stream


class Answers:
    def __init__(
        self,
        database: Database,
        queue: QueueService,
        lanes: Lanes,
        wire: Wire,
        breakers: Breakers,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._queue = queue
        self._lanes = lanes
        self._wire = wire
        self._breakers = breakers
        self._clock = clock
        self._waiting: deque[Answer] = deque()
        self._arrived = asyncio.Event()

    def put(self, slice_: Slice, message: ClaimedMessage, outcome: Outcome) -> None:
        self._waiting.append(Answer(slice=slice_, message=message, outcome=outcome))
        self._arrived.set()

    async def write_forever(self) -> None:
        """Until cancelled. What the database does not take now is kept and tried again."""
        while True:
            await self._arrived.wait()
            if len(self._waiting) < _AT_ONCE and not self._wire.stopping.is_set():
                await asyncio.sleep(_GATHERS)
            try:
                await self.write_waiting()
            except Exception:
                log.exception("delivery.answers_not_written", extra={"waiting": len(self._waiting)})
                stop_if_cancelled()
                await asyncio.sleep(_AFTER_TROUBLE)
            stop_if_cancelled()

    async def write_waiting(self) -> None:
        """All that is there. Raises what a database raises that cannot be reached; nothing is lost
        by it."""
        while self._waiting:
            portion = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
            try:
                await self._write_what_can_be(portion)
            except BaseException:
                # Written or not: to write an answer once more changes nothing, since it counts
                # for the very claim that it answers.
                self._waiting.extendleft(reversed(portion))
                raise
            self._wire.answered(len(portion))
        self._arrived.clear()

    async def _write_what_can_be(self, portion: Sequence[Answer]) -> None:
        """One answer that the ledger refuses must not keep the others from being written."""
        try:
            async with self._database.as_worker() as connection:
                await self._write(connection, portion)
        except (psycopg.IntegrityError, psycopg.DataError):
            if len(portion) == 1:
                # Its message stays as it was on its way, and is settled by the provider's records.
                log.exception(
                    "delivery.answer_refused",
                    extra={"message_id": str(portion[0].message.id)},
                )
                return
            half = len(portion) // 2
            await self._write_what_can_be(portion[:half])
            await self._write_what_can_be(portion[half:])

    async def _write(self, connection: Connection, portion: Sequence[Answer]) -> None:
        now = self._clock()
        moved_to = await self._fallbacks(connection, portion)
        outcomes = [
            each.outcome if lane_id is None else _falling_back(each.outcome, now=now)
            for each, lane_id in zip(portion, moved_to, strict=True)
        ]
        await write_outcomes(
            connection,
            outcomes,
            claims=[(each.message.attempts + 1, each.slice.claimed_at) for each in portion],
            lane_ids=moved_to,
            now=now,
        )
        await self._suppress(connection, portion, now=now)
        with_jobs = [each.message.id for each in portion if each.message.job_id is not None]
        if with_jobs:
            await self._queue.finish(connection, await job_outcomes(connection, with_jobs), now=now)
        steps = {each.stream.step_id for each in portion if each.stream.step_id is not None}
        if steps:
            await complete(connection, self._queue, step_ids=steps, now=now)
        await wake_streams(
            connection,
            [each.message_id for each in outcomes if each.status is MessageStatus.PENDING],
        )
        await self._slow_down(connection, portion, now=now)
        await self._count(connection, portion, now=now)

    async def _fallbacks(
        self, connection: Connection, portion: Sequence[Answer]
    ) -> list[UUID | None]:
        """Where each message waits from now on that another sender may try; None: where it was."""
        known: dict[UUID, UUID | None] = {}
        for each in portion:
            lane_id = each.stream.lane_id
            if each.outcome.fall_back and lane_id not in known:
                lane = await self._lanes.fallback_of(connection, lane_id)
                known[lane_id] = None if lane is None else lane.id
        return [known[each.stream.lane_id] if each.outcome.fall_back else None for each in portion]

    async def _suppress(
        self, connection: Connection, portion: Sequence[Answer], *, now: datetime
    ) -> None:
        for each in portion:
            if each.outcome.suppress is not None:
                await suppress(
                    connection,
                    WorkspaceId(each.message.workspace_id),
                    channel=each.message.channel,
                    addresses=[each.message.address],
                    reason=each.outcome.suppress,
                    source=f"provider:{each.outcome.error_code}",
                    now=now,
                )

    async def _slow_down(
        self, connection: Connection, portion: Sequence[Answer], *, now: datetime
    ) -> None:
        pauses: dict[UUID, timedelta] = {}
        for each in portion:
            pause = each.outcome.lane_pause
            if pause is not None:
                lane_id = each.stream.lane_id
                pauses[lane_id] = max(pause, pauses.get(lane_id, pause))
        for lane_id in sorted(pauses):
            await queries.slow_lane(
                connection, lane_id=lane_id, until=now + pauses[lane_id], now=now
            )

    async def _count(
        self, connection: Connection, portion: Sequence[Answer], *, now: datetime
    ) -> None:
        """For the breakers: answers of any kind, and calls that got none. What was given back or
        held off for its pace says nothing of the provider's health."""
        by_provider: dict[str, list[Outcome]] = defaultdict(list)
        for each in portion:
            if each.outcome.counted:
                by_provider[each.stream.provider].append(each.outcome)
        for provider in sorted(by_provider):
            told = by_provider[provider]
            troubles = [each for each in told if each.provider_trouble]
            await self._breakers.count(
                connection,
                provider,
                successes=len(told) - len(troubles),
                troubles=len(troubles),
                detail=troubles[-1].error_detail if troubles else None,
                now=now,
            )


def _falling_back(outcome: Outcome, *, now: datetime) -> Outcome:
    """The next sender tries at once; this attempt counts, and nothing ends by it."""
    return replace(
        outcome,
        status=MessageStatus.PENDING,
        again_at=now,
        suppress=None,
        fall_back=False,
    )
