"""Use cases of the queue service: submit, read, cancel, run when due, finish."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from psycopg.types.json import Jsonb

from clarion.db.queries import load_queries, rows
from clarion.kernel.errors import Conflict, Fault, Invalid, NotFound
from clarion.queue.job import (
    FARTHEST,
    MAX_BATCH,
    PAST_TOLERANCE,
    CallbackState,
    Job,
    JobId,
    JobKind,
    JobStatus,
    NewJob,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from clarion.db.connection import Connection, Row
    from clarion.kernel.actor import WorkspaceId
    from clarion.queue.engine import Engine

queries = load_queries(__file__)

RUN = "queue.run"
HAND_OVER = "queue.hand_over"
CALL_BACK = "queue.call_back"


class JobHandler(Protocol):
    """Begins the jobs of one kind, in the transaction that has claimed them; no network in it."""

    async def __call__(
        self, connection: Connection, jobs: Sequence[Job], *, now: datetime
    ) -> None: ...


class QueueService:
    """`external` hands the waiting to an outside service; what runs is the same either way."""

    def __init__(self, engine: Engine, *, external: bool = False) -> None:
        self.engine = engine
        self._external = external
        self._handlers: dict[JobKind, JobHandler] = {}

    def handle(self, kind: JobKind, handler: JobHandler) -> None:
        self._handlers[kind] = handler

    async def submit(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        jobs: Sequence[NewJob],
        *,
        by: str,
        now: datetime,
    ) -> list[Job]:
        """The jobs in the order given, in the caller's transaction.

        Raises Invalid for a time in the past, Conflict when a known idempotency key comes with
        other content; then none is taken. Faults point at "/jobs/3/scheduled_at".
        """
        _check(jobs, now)
        added = await rows(
            queries.add_jobs(
                connection,
                workspace_id=workspace_id,
                kinds=[job.kind for job in jobs],
                payloads=[Jsonb(job.payload) for job in jobs],
                metadatas=[Jsonb(job.metadata) for job in jobs],
                scheduled_ats=[job.scheduled_at or now for job in jobs],
                idempotency_keys=[job.idempotency_key for job in jobs],
                fingerprints=[job.fingerprint for job in jobs],
                callback_urls=[job.callback_url for job in jobs],
                engine="external" if self._external else "built_in",
                created_by=by,
                now=now,
            )
        )
        await self._enqueue(connection, [job_of(row) for row in added], now=now)
        return await self._in_order(connection, workspace_id, jobs, added)

    async def _in_order(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        jobs: Sequence[NewJob],
        added: Sequence[Row],
    ) -> list[Job]:
        keys = [job.idempotency_key for job in jobs if job.idempotency_key is not None]
        known = (
            await rows(queries.jobs_by_keys(connection, workspace_id=workspace_id, keys=keys))
            if keys
            else []
        )
        by_key = {row["idempotency_key"]: row for row in known}
        new_ids = {row["id"] for row in added}
        # INSERT … RETURNING gives the rows in the order of the input, less those left out.
        without_key = (row for row in added if row["idempotency_key"] is None)
        answer = []
        for index, job in enumerate(jobs):
            if job.idempotency_key is None:
                answer.append(job_of(next(without_key)))
                continue
            row = by_key[job.idempotency_key]
            if bytes(row["fingerprint"]) != job.fingerprint:
                detail = f"The idempotency key “{job.idempotency_key}” stands for another job."
                raise Conflict(
                    detail, faults=[Fault(pointer=f"/jobs/{index}/idempotency_key", detail=detail)]
                )
            answer.append(replace(job_of(row), deduplicated=row["id"] not in new_ids))
            new_ids.discard(row["id"])
        return answer

    async def _enqueue(self, connection: Connection, jobs: Sequence[Job], *, now: datetime) -> None:
        """One task per moment, not per job: a batch of a thousand for one time is one task."""
        if not jobs:
            return
        if self._external:
            await self.engine.defer(connection, HAND_OVER, job_ids=[str(job.id) for job in jobs])
            return
        by_time: dict[datetime, list[str]] = {}
        for job in jobs:
            by_time.setdefault(job.scheduled_at, []).append(str(job.id))
        for at, ids in by_time.items():
            await self.engine.defer(connection, RUN, at=at if at > now else None, job_ids=ids)

    async def get(self, connection: Connection, workspace_id: WorkspaceId, job_id: UUID) -> Job:
        row = await queries.get_job(connection, workspace_id=workspace_id, id=job_id)
        if row is None:
            raise NotFound("There is no such job.")
        return job_of(row)

    async def list(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        *,
        statuses: Sequence[str],
        after: UUID | None,
        limit: int,
    ) -> list[Job]:
        found = await rows(
            queries.list_jobs(
                connection,
                workspace_id=workspace_id,
                statuses=list(statuses),
                after=after,
                limit=limit,
            )
        )
        return [job_of(row) for row in found]

    async def hold(self, connection: Connection, job_ids: Sequence[UUID]) -> None:
        """Nobody else begins, ends or cancels these jobs until the transaction ends. For whoever
        changes what a job is about as well: jobs come first."""
        if job_ids:
            await rows(queries.hold_jobs(connection, ids=list(job_ids)))

    async def cancel(
        self, connection: Connection, workspace_id: WorkspaceId, job_id: UUID, *, now: datetime
    ) -> Job:
        """Raises Conflict when the job has begun or ended; cancelling twice is fine."""
        cancelled = await rows(
            queries.cancel_jobs(connection, workspace_id=workspace_id, ids=[job_id], now=now)
        )
        if cancelled:
            return job_of(cancelled[0])
        job = await self.get(connection, workspace_id, job_id)
        if job.status is not JobStatus.CANCELLED:
            raise Conflict(f"The job cannot be cancelled any more: it is {job.status}.")
        return job

    async def give_up(
        self, connection: Connection, workspace_id: UUID, job_id: UUID, *, now: datetime
    ) -> None:
        """Another job has done what this one was for; one that has begun ends by itself."""
        await rows(
            queries.cancel_jobs(connection, workspace_id=workspace_id, ids=[job_id], now=now)
        )

    async def run(self, connection: Connection, job_ids: Sequence[UUID], *, now: datetime) -> None:
        """Begin the jobs that are due and not begun; safe to call any number of times."""
        ids = list(job_ids)
        claimed = [
            job_of(row) for row in await rows(queries.claim_jobs(connection, ids=ids, now=now))
        ]
        for kind in JobKind:
            of_kind = [job for job in claimed if job.kind is kind]
            if of_kind:
                await self._handlers[kind](connection, of_kind, now=now)
        early = await rows(queries.not_yet_due(connection, ids=ids, now=now))
        for row in early:
            await self.engine.defer(
                connection, RUN, at=row["scheduled_at"], job_ids=[str(row["id"])]
            )

    async def finish(
        self, connection: Connection, outcomes: Mapping[UUID, str | None], *, now: datetime
    ) -> None:
        """Each job with what went wrong, or None; whoever wants to be called back will be."""
        if not outcomes:
            return
        finished = await rows(
            queries.finish_jobs(
                connection,
                ids=list(outcomes),
                statuses=[
                    JobStatus.COMPLETED if error is None else JobStatus.FAILED
                    for error in outcomes.values()
                ],
                errors=list(outcomes.values()),
                now=now,
            )
        )
        for row in finished:
            if row["callback_state"] == CallbackState.WAITING:
                await self.engine.defer(connection, CALL_BACK, job_id=str(row["id"]))

    async def find_lost(self, connection: Connection, *, now: datetime, after: timedelta) -> int:
        """Put jobs again whose time passed `after` ago and that nobody began; how many."""
        lost = await rows(queries.overdue_jobs(connection, before=now - after, limit=1_000))
        for task, engine in ((RUN, "built_in"), (HAND_OVER, "external")):
            ids = [str(row["id"]) for row in lost if row["engine"] == engine]
            if ids:
                await self.engine.defer(connection, task, once=f"{task}:lost", job_ids=ids)
        return len(lost)


def _check(jobs: Sequence[NewJob], now: datetime) -> None:
    faults = []
    if len(jobs) > MAX_BATCH:
        faults.append(Fault(pointer="/jobs", detail=f"A batch has {MAX_BATCH:,} jobs at most."))
    for index, job in enumerate(jobs):
        if job.scheduled_at is None:
            continue
        pointer = f"/jobs/{index}/scheduled_at"
        if job.scheduled_at.tzinfo is None:
            faults.append(Fault(pointer=pointer, detail="The time has no offset from UTC."))
        elif job.scheduled_at < now - PAST_TOLERANCE:
            faults.append(Fault(pointer=pointer, detail="This time has passed."))
        elif job.scheduled_at > now + FARTHEST:
            faults.append(Fault(pointer=pointer, detail="Choose a time within the next two years."))
    if faults:
        raise Invalid("The jobs were not taken.", faults=faults)


def job_of(row: dict[str, Any]) -> Job:
    return Job(
        id=JobId(row["id"]),
        workspace_id=row["workspace_id"],
        kind=JobKind(row["kind"]),
        status=JobStatus(row["status"]),
        payload=row["payload"],
        metadata=row["metadata"],
        scheduled_at=row["scheduled_at"],
        idempotency_key=row["idempotency_key"],
        callback_url=row["callback_url"],
        attempts=row["attempts"],
        error=row["error"],
        external_id=row["external_id"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )
