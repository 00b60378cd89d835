"""Sends a test: on record before it leaves, at a slot of its sender, and once at most."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from clarion.db.queries import rows
from clarion.db.workspaces import get_workspace
from clarion.delivery.pace import FARTHEST_AHEAD, Pace, book, present_share
from clarion.delivery.sending.store import queries as lane_queries
from clarion.delivery.sending.store import reserve
from clarion.delivery.step_tests.service import ask_to_send
from clarion.delivery.step_tests.step_test import (
    KEPT_FOR,
    LOST_AFTER,
    NOBODY_BEGAN,
    WAITS_AT_MOST,
    WORKER_LOST,
    Ended,
    StepTestStatus,
    ended_by,
)
from clarion.delivery.step_tests.store import queries
from clarion.delivery.step_tests.text import StepText, text_of
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.channel import Channel
from clarion.kernel.errors import ClarionError
from clarion.providers.sending import OutgoingMessage, SendResult, Uncertain

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from clarion.audience.service import Audience
    from clarion.db.connection import Connection, Database, Row
    from clarion.delivery.lanes import Lanes
    from clarion.providers.sending import Providers
    from clarion.queue.service import QueueService

log = logging.getLogger(__name__)

#: The sender is booked: so much later it is asked again.
_ASKS_AGAIN = timedelta(seconds=1)

#: Slots that may be missed one after the other before the test is given up.
_TRIES = 20

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    """A message's place on a lane: it leaves at `at`, or a moment later."""

    lane_id: UUID
    pace: Pace
    segments: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A test that is on record as being sent."""

    provider: str
    message: OutgoingMessage
    slot: _Slot


class StepTestSender:
    def __init__(
        self,
        database: Database,
        queue: QueueService,
        lanes: Lanes,
        audience: Audience,
        providers: Providers,
        clock: Callable[[], datetime],
        *,
        base_url: str,
    ) -> None:
        self._database = database
        self._queue = queue
        self._lanes = lanes
        self._audience = audience
        self._providers = providers
        self._clock = clock
        self._base_url = base_url

    async def send(self, test_id: UUID) -> None:
        """Safe to run twice: what a former run has begun is not sent once more."""
        async with self._database.as_worker() as connection:
            ready = await self._claim(connection, test_id)
        if ready is None:
            return
        if await self._wait_for(ready.slot):
            ended = ended_by(await self._hand_over(ready))
        else:
            ended = _failed("busy", "The sender was too busy to take it. Send the test again.")
        async with self._database.as_worker() as connection:
            await self._write(connection, test_id, ready, ended)

    async def find_lost(self) -> None:
        """Tests whose worker has died on the way are called unknown; those that nobody began (their
        job was cancelled) have failed."""
        now = self._clock()
        async with self._database.as_worker() as connection:
            lost = await rows(
                queries.give_up(
                    connection, before=now - LOST_AFTER, detail=WORKER_LOST, limit=_AT_ONCE
                )
            )
            await self._finish(connection, lost, WORKER_LOST)
            # Later than the task itself would say so.
            late = await rows(
                queries.give_up_waiting(
                    connection,
                    before=now - WAITS_AT_MOST - LOST_AFTER,
                    detail=NOBODY_BEGAN,
                    limit=_AT_ONCE,
                    now=now,
                )
            )
            await self._finish(connection, late, NOBODY_BEGAN)

    async def forget_old(self) -> None:
        before = self._clock() - KEPT_FOR
        async with self._database.as_worker() as connection:
            while await queries.forget_old(connection, before=before, limit=_AT_ONCE) == _AT_ONCE:
                pass

    async def _claim(self, connection: Connection, test_id: UUID) -> _Ready | None:
        """None when nothing is to be sent now."""
        row = await queries.hold_test(connection, id=test_id)
        if row is None or row["status"] not in (StepTestStatus.QUEUED, StepTestStatus.SENDING):
            return None
        if row["status"] == StepTestStatus.SENDING:
            # This task runs alone: the run before was broken off, and may have sent it.
            await self._end(
                connection,
                test_id,
                Ended(
                    status=StepTestStatus.UNKNOWN,
                    error_code="uncertain",
                    error_detail=WORKER_LOST,
                ),
            )
            return None
        if row["created_at"] < self._clock() - WAITS_AT_MOST:
            await self._end(
                connection, test_id, _failed("busy", "It waited too long for a free sender.")
            )
            return None
        try:
            text = await self._text(connection, row)
        except ClarionError as error:
            await self._end(connection, test_id, _failed("text", error.detail))
            return None
        return await self._begin(connection, row, text)

    async def _begin(self, connection: Connection, row: Row, text: StepText) -> _Ready | None:
        channel = Channel(row["channel"])
        lane = await self._lane(connection, channel, row["address"])
        if lane is None or (lane["provider"], channel) not in self._providers:
            detail = "No sender is set up for it any more."
            await self._end(connection, row["id"], _failed("sender", detail))
            return None
        pace = _pace(lane, now=self._clock())
        slot = await self._book(connection, lane["id"], pace, text.segments)
        if slot is None:
            at = self._clock() + _ASKS_AGAIN
            await ask_to_send(self._queue, connection, row["id"], at=at)
            return None
        await queries.begin_test(
            connection, id=row["id"], provider=lane["provider"], now=self._clock()
        )
        message = OutgoingMessage(
            message_id=row["id"],
            attempt=1,
            channel=channel,
            to=row["address"],
            body=text.body,
            mail=text.mail,
            headers=text.headers,
            sender=lane["sender"],
        )
        return _Ready(provider=lane["provider"], message=message, slot=slot)

    async def _text(self, connection: Connection, row: Row) -> StepText:
        """Raises ClarionError with the reason in words."""
        workspace = await get_workspace(connection, WorkspaceId(row["workspace_id"]))
        contact: dict[str, Any] = {}
        if row["contact_id"] is not None:
            found = await self._audience.rows_by_ids(connection, workspace, [row["contact_id"]])
            contact = found.get(row["contact_id"], {})
        return await text_of(
            connection,
            step_id=row["step_id"],
            channel=Channel(row["channel"]),
            body=row["body"],
            contact=contact,
            base_url=self._base_url,
        )

    async def _lane(self, connection: Connection, channel: Channel, address: str) -> Row | None:
        lanes = await self._lanes.of(connection, channel)
        pool = [lane for lane in lanes if lane.tier == lanes[0].tier]
        if not pool:
            return None
        found: Row | None = await queries.lane_of_address(
            connection,
            address=address,
            lane_ids=[lane.id for lane in pool],
            weights=[float(lane.rate_per_second) for lane in pool],
        )
        return found

    async def _book(
        self, connection: Connection, lane_id: UUID, pace: Pace, segments: int
    ) -> _Slot | None:
        """None while the lane is booked further ahead."""
        at = await reserve(
            connection,
            lane_id,
            book(pace, [segments]),
            ahead=FARTHEST_AHEAD,
            now=self._clock(),
        )
        return None if at is None else _Slot(lane_id=lane_id, pace=pace, segments=segments, at=at)

    async def _wait_for(self, slot: _Slot) -> bool:
        """Whether a slot has come; one that is missed is booked anew, as those of messages are."""
        coming: _Slot | None = slot
        for _ in range(_TRIES):
            if coming is None:
                await asyncio.sleep(_ASKS_AGAIN.total_seconds())
            else:
                await asyncio.sleep(max(0.0, (coming.at - self._clock()).total_seconds()))
                late = (self._clock() - coming.at).total_seconds()
                if late <= coming.pace.may_be_late:
                    return True
            async with self._database.as_worker() as connection:
                coming = await self._book(connection, slot.lane_id, slot.pace, slot.segments)
        return False

    async def _hand_over(self, ready: _Ready) -> SendResult:
        provider = self._providers[ready.provider, ready.message.channel]
        try:
            return await provider.send(ready.message)
        except Exception as error:
            # Whatever broke, the request may have left.
            log.exception("delivery.test_failed", extra={"test_id": str(ready.message.message_id)})
            return Uncertain(detail=f"{type(error).__name__}: {error}")

    async def _write(
        self, connection: Connection, test_id: UUID, ready: _Ready, ended: Ended
    ) -> None:
        if ended.again_after is None:
            await self._end(connection, test_id, ended)
            return
        now = self._clock()
        await queries.wait_again(connection, id=test_id)
        await lane_queries.slow_lane(
            connection, lane_id=ready.slot.lane_id, until=now + ended.again_after, now=now
        )
        await ask_to_send(self._queue, connection, test_id, at=now + ended.again_after)

    async def _end(self, connection: Connection, test_id: UUID, ended: Ended) -> None:
        row = await queries.end_test(
            connection,
            id=test_id,
            status=ended.status,
            provider_id=ended.provider_id,
            error_code=ended.error_code,
            error_detail=ended.error_detail,
            now=self._clock(),
        )
        if row is not None:
            await self._finish(connection, [row], ended.error_detail)

    async def _finish(self, connection: Connection, ended: list[Row], error: str | None) -> None:
        jobs = {row["job_id"]: error for row in ended if row["job_id"] is not None}
        await self._queue.finish(connection, jobs, now=self._clock())


def _failed(code: str, words: str) -> Ended:
    return Ended(status=StepTestStatus.FAILED, error_code=code, error_detail=words)


def _pace(lane: Row, *, now: datetime) -> Pace:
    segments = lane["segments_per_second"]
    return Pace(
        rate_per_second=float(lane["rate_per_second"]),
        segments_per_second=None if segments is None else float(segments),
        share=present_share(float(lane["share"]), lane["share_at"], now=now),
    )
