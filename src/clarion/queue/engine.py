"""Procrastinate behind our own words: defer a task in the caller's transaction, run a worker."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import procrastinate
from procrastinate import exceptions
from procrastinate.worker import Worker

from clarion.db.connection import with_keepalives

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
    from datetime import datetime

    from psycopg import AsyncConnection

    from clarion.db.connection import Connection

log = logging.getLogger(__name__)

#: Workers say that they live this often; one that is silent for `_STALLED_AFTER` is dead.
_HEARTBEAT = 5.0
_STALLED_AFTER = 20.0

_GRACE = 10

#: Seconds after which a worker that is to stop is told once more.
_TOLD_AGAIN_AFTER = 0.5


class _Patient(procrastinate.BaseRetryStrategy):
    """1, 2, 4 … seconds, five minutes at most, for a day and more: a task is never given up while
    somebody may still mend what is in its way."""

    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate.jobs.Job
    ) -> procrastinate.RetryDecision | None:
        del exception
        if job.attempts >= _MOST_ATTEMPTS:
            return None
        return procrastinate.RetryDecision(
            retry_in={"seconds": min(2 ** min(job.attempts, 10), _LONGEST_PAUSE)}
        )


_MOST_ATTEMPTS = 500
_LONGEST_PAUSE = 300
_RETRY = _Patient()


class Engine(Protocol):
    """Runs named tasks later, on any worker, at least once."""

    async def defer(
        self,
        connection: Connection,
        task: str,
        *,
        at: datetime | None = None,
        once: str | None = None,
        alone: str | None = None,
        **arguments: Any,
    ) -> None:
        """In the transaction of `connection`: nothing is queued if it is rolled back.

        `once`: when a waiting task has the same mark, this one is not needed and left out.
        `alone`: tasks with the same mark never run at the same time, on any worker.
        """
        ...


class ProcrastinateEngine:
    """The built-in engine. Its tables live in the schema `procrastinate`."""

    def __init__(self, dsn: str) -> None:
        self.app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                conninfo=with_keepalives(dsn), min_size=1, max_size=8, configure=_use_schema
            ),
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Holds the connections that a worker needs; none of them is left when it is cancelled
        while they are being made."""
        try:
            await self.app.open_async()
            yield
        finally:
            await self.app.close_async()

    def task(self, name: str, run: Callable[..., Awaitable[None]]) -> None:
        """Register what `name` does; before the worker starts. A failure is tried again with a
        growing pause, since every task is safe to run twice."""

        async def told(**arguments: Any) -> None:
            try:
                await run(**arguments)
            except Exception:
                # Procrastinate tells of a retry in passing only; here it stands with its reason.
                log.exception("%s failed and is tried again", name)
                raise

        self.app.task(name=name, retry=_RETRY)(told)

    async def defer(
        self,
        connection: Connection,
        task: str,
        *,
        at: datetime | None = None,
        once: str | None = None,
        alone: str | None = None,
        **arguments: Any,
    ) -> None:
        if once is not None and await self._is_waiting(connection, once):
            return
        deferrer = self.app.configure_task(
            task,
            allow_unknown=True,
            schedule_at=at,
            queueing_lock=once,
            lock=alone,
            connection=connection,
        )
        try:
            # A savepoint: a mark that is taken must not undo what the caller did before.
            async with connection.transaction():
                await deferrer.defer_async(**arguments)
        except exceptions.AlreadyEnqueued:
            return

    async def _is_waiting(self, connection: Connection, once: str) -> bool:
        """Usually enough; the unique index decides when two ask in the same moment."""
        cursor = await connection.execute(
            "select from procrastinate.procrastinate_jobs"
            " where queueing_lock = %s and status = 'todo'",
            [once],
        )
        return await cursor.fetchone() is not None

    async def work(self, *, concurrency: int) -> None:
        """Run tasks until cancelled; then what runs has ten seconds to end by itself."""
        worker = Worker(
            self.app,
            listen_notify=True,
            concurrency=concurrency,
            install_signal_handlers=False,
            shutdown_graceful_timeout=_GRACE,
            fetch_job_polling_interval=1.0,
            update_heartbeat_interval=_HEARTBEAT,
            stalled_worker_timeout=_STALLED_AFTER,
            delete_jobs="successful",
        )
        run: Callable[[], Coroutine[Any, Any, None]] = worker.run
        stop: Callable[[], None] = worker.stop
        running = asyncio.create_task(run())
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            # One cancel, since a second one would break off the tasks that it lets end by
            # themselves. Where that one is lost, as in the moments of the start it may be, the
            # worker's loop ends by what it was told besides.
            running.cancel()
            while not running.done():
                stop()
                await asyncio.wait({running}, timeout=_TOLD_AGAIN_AFTER)
            raise

    async def revive(self) -> int:
        """Put back the tasks of workers that have died; how many there were."""
        manager = self.app.job_manager
        stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER))
        for job in stalled:
            try:
                await manager.retry_job(job)
            except exceptions.UniqueViolation:
                # One with the same mark waits already, and does the same: what is left of this one
                # is only in its way.
                await manager.finish_job(job, procrastinate.jobs.Status.FAILED, delete_job=True)
        return len(stalled)


async def _use_schema(connection: AsyncConnection[Any]) -> None:
    await connection.execute("set search_path = procrastinate, pg_temp")
    await connection.commit()
