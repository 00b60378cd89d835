"""Sends slices of a step or of a lane: claim and commit, then the wire, then the answers."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from clarion.compliance.suppression import Suppressed, suppress
from clarion.content.template import Template, compile_template
from clarion.db.queries import rows
from clarion.delivery.complete import complete
from clarion.delivery.launch import SEND_DIRECT, SEND_STEP
from clarion.delivery.message import (
    ClaimedMessage,
    Outcome,
    SkipReason,
    outcome_of,
    released,
    unreadable,
)
from clarion.delivery.store import (
    Attempt,
    Slots,
    begin_sending,
    claimed,
    job_outcomes,
    queries,
    write_outcomes,
)
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.errors import Invalid
from clarion.providers.sending import OutgoingMessage, Provider, SendResult, Uncertain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from clarion.db.connection import Connection, Database
    from clarion.kernel.channel import Channel
    from clarion.queue.service import QueueService

log = logging.getLogger(__name__)

#: At most so many rows in one claim, and never more than the lane lets leave in this time: a pause
#: or a cancel then takes effect at once for all that has not been claimed.
SLICE = 500
_SLICE_SPAN = timedelta(seconds=1)

#: A lane is booked no further ahead than this.
_AHEAD = timedelta(seconds=2)

#: Requests of one slice on the wire at the same time.
IN_FLIGHT = 48

#: A claim older than this is given back instead of sent: after a minute the sweep calls such rows
#: uncertain, and what is uncertain must not leave any more.
_CLAIM_HOLDS = 40.0

#: Answers are written in portions, so that a crash leaves few of them uncertain.
_ANSWERS_AT_ONCE = 100

#: A task gives way to the others after so long, and asks for itself again.
_TURN = 5.0


class Sender:
    def __init__(
        self,
        database: Database,
        queue: QueueService,
        providers: dict[Channel, Provider],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._queue = queue
        self._providers = providers
        self._clock = clock
        self._templates: dict[UUID, tuple[str, Template]] = {}

    async def send_step(self, step_id: UUID, number: int) -> None:
        await self._turn(
            {"step_id": step_id},
            task=SEND_STEP,
            mark=f"{SEND_STEP}:{step_id}:{number}",
            arguments={"step_id": str(step_id), "number": number},
        )

    async def send_direct(self, lane_id: UUID) -> None:
        await self._turn(
            {"lane_id": lane_id},
            task=SEND_DIRECT,
            mark=f"{SEND_DIRECT}:{lane_id}",
            arguments={"lane_id": str(lane_id)},
        )

    async def _turn(
        self, scope: dict[str, UUID], *, task: str, mark: str, arguments: dict[str, Any]
    ) -> None:
        """Slices until nothing is due or the turn is over; then ask again if there is more."""
        ends = time.monotonic() + _TURN
        while time.monotonic() < ends:
            if not await self._slice(scope):
                break
        async with self._database.as_worker() as connection:
            ask = queries.waiting_of_step if "step_id" in scope else queries.waiting_direct
            left = await ask(connection, **scope)
            if left["waiting"]:
                await self._queue.engine.defer(
                    connection,
                    task,
                    at=max(left["next_due_at"], self._clock() + timedelta(milliseconds=250)),
                    once=mark,
                    alone=mark,
                    **arguments,
                )
            elif "step_id" in scope:
                await complete(connection, self._queue, step_id=scope["step_id"], now=self._clock())

    async def _slice(self, scope: dict[str, UUID]) -> bool:
        """Claim, send and write one slice; False when nothing could be claimed."""
        held_since = time.monotonic()
        async with self._database.as_worker() as connection:
            attempts, slots = await self._claim(connection, scope)
        if not attempts:
            return False
        to_send = [each for each in attempts if each.body is not None]
        if slots is not None and to_send:
            await self._send(to_send, slots, held_since)
        return True

    async def _claim(
        self, connection: Connection, scope: dict[str, UUID]
    ) -> tuple[list[Attempt], Slots | None]:
        now = self._clock()
        lane = await self._lane_of(connection, scope)
        if lane is None:
            return [], None
        within_span = int(lane["rate_per_second"] * int(_SLICE_SPAN.total_seconds()))
        limit = max(1, min(SLICE, within_span))
        ask = queries.claim_of_step if "step_id" in scope else queries.claim_direct
        found = [claimed(row) for row in await rows(ask(connection, **scope, now=now, limit=limit))]
        if not found:
            return [], None
        reserved = await queries.reserve_slots(
            connection, lane_id=lane["id"], messages=len(found), now=now, ahead=_AHEAD
        )
        if reserved is None:
            return [], None
        attempts = [self._prepare(message) for message in found]
        provider = self._providers[found[0].channel]
        await begin_sending(connection, attempts, provider=provider.name, now=now)
        unsent = [each.message.id for each in attempts if each.body is None]
        if unsent:
            await self._queue.finish(connection, await job_outcomes(connection, unsent), now=now)
        return attempts, Slots(
            starts_at=reserved["starts_at"], rate_per_second=reserved["rate_per_second"]
        )

    async def _lane_of(
        self, connection: Connection, scope: dict[str, UUID]
    ) -> dict[str, Any] | None:
        if "lane_id" in scope:
            row = await queries.lane(connection, lane_id=scope["lane_id"])
        else:
            row = await queries.lane_of_step(connection, step_id=scope["step_id"])
        return dict(row) if row is not None else None

    def _prepare(self, message: ClaimedMessage) -> Attempt:
        """The last look before the wire: opted out since? can the text be made?"""
        if message.suppressed:
            return Attempt(message=message, skipped=SkipReason.OPTED_OUT)
        if message.contact is None:
            return Attempt(message=message, body=message.body)
        try:
            return Attempt(message=message, body=self._template(message).render(message.contact))
        except Invalid as error:
            return Attempt(message=message, failed=unreadable(message, error.detail))

    def _template(self, message: ClaimedMessage) -> Template:
        """Compiled once per step; the text of a step that has begun does not change."""
        if message.step_id is None:
            return compile_template(message.body)
        known = self._templates.get(message.step_id)
        if known is None or known[0] != message.body:
            known = (message.body, compile_template(message.body))
            self._templates = {message.step_id: known}
        return known[1]

    async def _send(self, attempts: Sequence[Attempt], slots: Slots, held_since: float) -> None:
        """Each at its slot, a bounded number in flight; answers are written as they come in."""
        in_flight = asyncio.Semaphore(IN_FLIGHT)
        answers: asyncio.Queue[tuple[ClaimedMessage, Outcome]] = asyncio.Queue()
        offset = (slots.starts_at - self._clock()).total_seconds()
        first_slot = asyncio.get_running_loop().time() + max(0.0, offset)
        spacing = 1.0 / float(slots.rate_per_second)
        throttled = asyncio.Event()

        async def one(index: int, attempt: Attempt) -> None:
            wait = first_slot + index * spacing - asyncio.get_running_loop().time()
            if wait > 0:
                await asyncio.sleep(wait)
            async with in_flight:
                late = time.monotonic() - held_since > _CLAIM_HOLDS
                if late or throttled.is_set():
                    outcome = released(attempt.message)
                else:
                    outcome = outcome_of(
                        attempt.message, await self._hand_over(attempt), now=self._clock()
                    )
                if outcome.lane_pause is not None:
                    throttled.set()
            answers.put_nowait((attempt.message, outcome))

        writer = asyncio.create_task(self._write(answers, len(attempts)))
        try:
            async with asyncio.TaskGroup() as group:
                for index, attempt in enumerate(attempts):
                    group.create_task(one(index, attempt))
            await writer
        finally:
            # Cancelled in the middle: what has an answer is written, the rest is settled later.
            writer.cancel()

    async def _hand_over(self, attempt: Attempt) -> SendResult:
        message = attempt.message
        try:
            return await self._providers[message.channel].send(
                OutgoingMessage(
                    message_id=message.id,
                    attempt=message.attempts + 1,
                    channel=message.channel,
                    to=message.address,
                    body=attempt.body or "",
                    subject=message.subject,
                    html=message.html,
                )
            )
        except Exception as error:
            # Whatever broke, the request may have left: only the provider's records can tell.
            log.exception("delivery.send_failed", extra={"message_id": str(message.id)})
            return Uncertain(detail=f"{type(error).__name__}: {error}")

    async def _write(
        self, answers: asyncio.Queue[tuple[ClaimedMessage, Outcome]], expected: int
    ) -> None:
        written = 0
        while written < expected:
            portion = [await answers.get()]
            while len(portion) < _ANSWERS_AT_ONCE and not answers.empty():
                portion.append(answers.get_nowait())
            await self._write_portion(portion)
            written += len(portion)

    async def _write_portion(self, portion: Sequence[tuple[ClaimedMessage, Outcome]]) -> None:
        now = self._clock()
        outcomes = [outcome for _, outcome in portion]
        async with self._database.as_worker() as connection:
            await write_outcomes(connection, outcomes, now=now)
            for message, outcome in portion:
                if outcome.opted_out:
                    await suppress(
                        connection,
                        WorkspaceId(message.workspace_id),
                        channel=message.channel,
                        addresses=[message.address],
                        reason=Suppressed.OPTED_OUT,
                        source=f"provider:{outcome.error_code}",
                        now=now,
                    )
            pauses = [each.lane_pause for each in outcomes if each.lane_pause is not None]
            if pauses:
                await queries.slow_lane_of(
                    connection, message_id=outcomes[0].message_id, until=now + max(pauses)
                )
            with_jobs = [message.id for message, _ in portion if message.job_id is not None]
            if with_jobs:
                await self._queue.finish(
                    connection, await job_outcomes(connection, with_jobs), now=now
                )
