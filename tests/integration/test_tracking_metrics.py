"""The figures that operators see are those of the ledger, whoever did the work."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.tracking.metrics.figures import Figures
from clarion.tracking.metrics.store import read_figures
from clarion.tracking.metrics.watch import GOOD_FOR, Watch
from support.serving import OTHER_WORKSPACE, add_workspace, database_down

if TYPE_CHECKING:
    from clarion.db.connection import Database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LANE, SECOND_LANE = UUID(int=3), UUID(int=4)


class Books:
    """Rows as delivery and tracking leave them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def execute(self, statement: str, *parameters: object) -> None:
        async with self.database.as_worker() as connection:
            await connection.execute(statement.encode(), parameters or None)

    async def lane(self, id_: UUID = LANE, *, handed_over: int = 0) -> None:
        await self.execute(
            "insert into broadcast.lanes (id, channel, provider, sender, rate_per_second,"
            " handed_over) values (%s, 'sms', 'twilio', %s, 100, %s)",
            id_,
            f"+1512555{id_.int:04d}",
            handed_over,
        )

    async def step(self, *, status: str = "sending", paused_by: str | None = None) -> UUID:
        """A broadcast of one step, both of one id."""
        id_ = uuid4()
        await self.execute(
            "insert into broadcast.broadcasts (id, workspace_id, name, broadcast_type, status,"
            " created_by, paused_by) values (%s, %s, 'Spring', 'sms', %s, 'Ana', %s)",
            id_,
            DEFAULT_WORKSPACE,
            status,
            paused_by,
        )
        await self.execute(
            "insert into broadcast.broadcast_steps (id, workspace_id, broadcast_id, position,"
            " channel, time_zone, status) values (%s, %s, %s, 1, 'sms', 'UTC', 'sending')",
            id_,
            DEFAULT_WORKSPACE,
            id_,
        )
        return id_

    async def messages(
        self,
        step: UUID,
        status: str,
        count: int,
        *,
        lane: UUID = LANE,
        due: datetime = NOW - timedelta(minutes=3),
        claimed: datetime | None = None,
        failed: datetime | None = None,
        code: str | None = None,
    ) -> None:
        await self.execute(
            "insert into broadcast.messages (workspace_id, broadcast_id, step_id, channel, address,"
            " status, lane_id, due_at, claimed_at, failed_at, error_code)"
            " select %s, %s, %s, 'sms', gen_random_uuid()::text, %s, %s, %s, %s, %s, %s"
            " from generate_series(1, %s)",
            DEFAULT_WORKSPACE,
            step,
            step,
            status,
            lane,
            due,
            claimed,
            failed,
            code,
            count,
        )

    async def stream(
        self, step: UUID | None, *, lane: UUID = LANE, due: datetime = NOW, workspace: UUID
    ) -> None:
        await self.execute(
            "insert into broadcast.streams (workspace_id, lane_id, step_id, due_at)"
            " values (%s, %s, %s, %s)",
            workspace,
            lane,
            step,
            due,
        )

    async def single_messages(self, count: int, *, workspace: UUID) -> None:
        await self.execute(
            "with job as (insert into broadcast.queue_jobs (workspace_id, kind, status, payload,"
            " scheduled_at, fingerprint, engine, created_by)"
            " select %s, 'message', 'running', '{}', %s, '', 'built_in', 'test'"
            " from generate_series(1, %s) returning id)"
            " insert into broadcast.messages (workspace_id, job_id, channel, address, lane_id,"
            " due_at) select %s, id, 'sms', id::text, %s, %s from job",
            workspace,
            NOW,
            count,
            workspace,
            LANE,
            NOW - timedelta(seconds=30),
        )

    async def look(self) -> Figures:
        async with self.database.as_worker() as connection:
            return await read_figures(connection, now=NOW)


@pytest.fixture
async def books(database: Database) -> Books:
    books = Books(database)
    await books.lane()
    return books


async def test_an_idle_house_has_nothing_to_tell(books: Books) -> None:
    figures = await books.look()
    (lane,) = figures.lanes
    assert (lane.channel, lane.provider, lane.pace, lane.share) == ("sms", "twilio", 100.0, 1.0)
    assert (lane.backlog.waiting, lane.backlog.due, lane.backlog.oldest_due_at) == (0, 0, None)
    assert figures.callbacks_waiting == 0
    assert figures.oldest_callback_at is None
    assert dict(figures.jobs) == {"due": 0, "later": 0, "running": 0}
    for empty in (figures.messages, figures.unsettled, figures.errors, figures.tasks):
        assert dict(empty) == {}


async def test_the_backlog_of_a_lane_is_what_may_leave_through_it(books: Books, dsn: str) -> None:
    add_workspace(dsn)
    await books.lane(SECOND_LANE)
    sending, paused = await books.step(), await books.step(status="paused")
    later = NOW + timedelta(minutes=5)
    await books.messages(sending, "pending", 7)
    await books.messages(sending, "pending", 2, due=later)
    await books.messages(sending, "pending", 4, lane=SECOND_LANE, due=later)
    await books.messages(paused, "pending", 50)
    for step in (sending, paused):
        await books.stream(step, workspace=DEFAULT_WORKSPACE)
    await books.stream(sending, lane=SECOND_LANE, due=later, workspace=DEFAULT_WORKSPACE)
    await books.single_messages(3, workspace=OTHER_WORKSPACE)
    await books.stream(None, workspace=OTHER_WORKSPACE)
    figures = await books.look()
    lanes = {lane.id: lane.backlog for lane in figures.lanes}
    assert (lanes[LANE].waiting, lanes[LANE].due) == (12, 10)
    assert lanes[LANE].oldest_due_at == NOW - timedelta(minutes=3)
    assert (lanes[SECOND_LANE].waiting, lanes[SECOND_LANE].due) == (4, 0)
    assert lanes[SECOND_LANE].oldest_due_at is None
    assert dict(figures.waiting_of_workspaces) == {DEFAULT_WORKSPACE: 13, OTHER_WORKSPACE: 3}


async def test_a_large_backlog_is_exact_although_only_its_beginning_is_counted(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clarion.tracking.metrics.store.MOST_OF_STREAM", 10)
    step = await books.step()
    await books.messages(step, "pending", 137)
    await books.stream(step, workspace=DEFAULT_WORKSPACE)
    (lane,) = (await books.look()).lanes
    assert (lane.backlog.waiting, lane.backlog.due) == (137, 137)


async def test_messages_are_told_by_status_and_what_is_open_since_when(books: Books) -> None:
    step = await books.step()
    await books.messages(step, "delivered", 5)
    await books.messages(step, "sending", 2, claimed=NOW - timedelta(seconds=4))
    await books.messages(step, "uncertain", 1, claimed=NOW - timedelta(hours=2))
    await books.messages(step, "uncertain", 3, claimed=NOW - timedelta(hours=1))
    figures = await books.look()
    assert dict(figures.messages) == {
        ("sms", "delivered"): 5,
        ("sms", "sending"): 2,
        ("sms", "uncertain"): 4,
    }
    uncertain = figures.unsettled["sms", "uncertain"]
    assert (uncertain.messages, uncertain.oldest_at) == (4, NOW - timedelta(hours=2))
    assert figures.unsettled["sms", "sending"].messages == 2


async def test_errors_are_those_of_the_last_hour(books: Books) -> None:
    step = await books.step()
    lately = NOW - timedelta(minutes=59)
    await books.messages(step, "failed", 3, code="30007", failed=lately)
    await books.messages(step, "failed", 1, code=None, failed=NOW)
    await books.messages(step, "failed", 9, code="30007", failed=NOW - timedelta(minutes=61))
    assert dict((await books.look()).errors) == {("sms", "30007"): 3, ("sms", ""): 1}


async def test_callbacks_lag_as_long_as_the_oldest_that_is_not_applied(books: Books) -> None:
    for minutes, applied in ((9, True), (4, False), (2, False)):
        await books.execute(
            "insert into broadcast.message_events (id, received_month, workspace_id, event_key,"
            " kind, provider, channel, received_at, applied_at, payload)"
            " values (%s, date_trunc('month', current_date), %s, %s, 'status', 'twilio', 'sms',"
            " %s, %s, '{}')",
            # Ids go up with the time of receipt, and only by chance within one millisecond.
            UUID(int=60 - minutes),
            DEFAULT_WORKSPACE,
            str(minutes),
            NOW - timedelta(minutes=minutes),
            NOW if applied else None,
        )
    figures = await books.look()
    assert figures.callbacks_waiting == 2
    assert figures.oldest_callback_at == NOW - timedelta(minutes=4)


async def test_jobs_tasks_workers_breakers_and_broadcasts_are_told(books: Books) -> None:
    for status, at in (
        ("scheduled", NOW),
        ("scheduled", NOW + timedelta(days=1)),
        ("scheduled", NOW + timedelta(days=2)),
        ("running", NOW),
        ("completed", NOW),
    ):
        await books.execute(
            "insert into broadcast.queue_jobs (workspace_id, kind, status, payload, scheduled_at,"
            " fingerprint, engine, created_by)"
            " values (%s, 'message', %s, '{}', %s, '', 'built_in', 'test')",
            DEFAULT_WORKSPACE,
            status,
            at,
        )
    await books.execute(
        "insert into procrastinate.procrastinate_workers (last_heartbeat) values (%s), (%s)",
        NOW - timedelta(seconds=3),
        NOW - timedelta(hours=2),
    )
    await books.execute(
        "insert into procrastinate.procrastinate_jobs (queue_name, task_name, status, scheduled_at)"
        " values ('default', 'queue.run', 'todo', null), ('default', 'queue.run', 'todo', %s),"
        " ('default', 'queue.run', 'doing', null), ('default', 'queue.run', 'failed', null)",
        NOW + timedelta(hours=1),
    )
    await books.execute(
        "insert into broadcast.provider_health (provider, state, troubles, retry_at)"
        " values ('twilio', 'open', 12, %s)",
        NOW,
    )
    await books.step()
    await books.step(status="paused", paused_by="failure_rate")
    await books.step(status="completed")
    figures = await books.look()
    assert dict(figures.jobs) == {"due": 1, "later": 2, "running": 1}
    assert dict(figures.tasks) == {
        ("queue.run", "waiting"): 1,
        ("queue.run", "later"): 1,
        ("queue.run", "running"): 1,
    }
    assert list(figures.workers.values()) == [NOW - timedelta(seconds=3)]
    assert dict(figures.breakers) == {"twilio": "open"}
    assert dict(figures.troubles) == {"twilio": 12}
    assert dict(figures.broadcasts) == {("sending", ""): 1, ("paused", "failure_rate"): 1}


class Time:
    """Of one process: seconds that the test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def watch(database: Database, time: Time) -> Watch:
    return Watch(database, time.now, clock=time)


async def test_several_scrapers_cost_one_look(watch: Watch, time: Time, books: Books) -> None:
    first, second = await asyncio.gather(watch.look(), watch.look())
    assert first is not None
    assert first is second
    time.seconds += GOOD_FOR - 0.1
    assert await watch.look() is first
    time.seconds += 0.1
    assert await watch.look() is not first


async def test_the_rate_is_that_of_the_last_minute(watch: Watch, time: Time, books: Books) -> None:
    handed_over = {0: 0, 15: 1_500, 30: 3_000, 60: 3_000, 90: 3_000, 120: 3_000}
    seen: dict[int, float | None] = {}
    for seconds, count in handed_over.items():
        time.seconds = seconds
        await books.execute("update broadcast.lanes set handed_over = %s", count)
        look = await watch.look()
        assert look is not None
        seen[seconds] = look.rates.get(LANE)
    assert seen == {0: None, 15: 100.0, 30: 100.0, 60: 50.0, 90: 0.0, 120: 0.0}


async def test_a_database_that_is_gone_is_told_and_asked_again_later(
    watch: Watch, time: Time, books: Books, dsn: str
) -> None:
    with database_down(dsn):
        assert await watch.look() is None
    assert await watch.look() is None
    time.seconds += GOOD_FOR
    assert await watch.look() is not None
