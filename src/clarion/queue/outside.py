"""Talks to services over HTTP: hands jobs to an outside queue service, calls submitters back."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

import aiohttp

from clarion.db.queries import rows
from clarion.kernel.channel import Channel
from clarion.queue.job import CallbackState, Job, JobKind, JobStatus
from clarion.queue.service import job_of, queries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from clarion.db.connection import Database

CALLBACK_PATH = "/api/v1/queue-services/callbacks"

_TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)
_HAND_OVERS_AT_ONCE = 8


class OutsideRefused(Exception):
    """The other side did not take it; the engine tries again later."""


def callback_token(secret: str, job_id: UUID) -> str:
    """Proves that a callback for this job comes from whom the job was given to."""
    return hmac.new(secret.encode(), f"queue-job:{job_id}".encode(), hashlib.sha256).hexdigest()


class OutsideQueue:
    """An outside queue service that speaks the simple form (docs/queue-service.md).

    Jobs are handed over as they are: for a broadcast one job per step, never one per message.
    """

    def __init__(
        self, database: Database, *, url: str, secret: str, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._url = url.rstrip("/")
        self._secret = secret
        self._clock = clock

    async def hand_over(self, job_ids: Sequence[str]) -> None:
        """May hand over a job twice when an answer is lost: the claim of a job is what prevents
        that it runs twice."""
        async with self._database.as_worker() as connection:
            found = await rows(
                queries.to_hand_over(connection, ids=[UUID(job_id) for job_id in job_ids])
            )
        jobs = [job_of(row) for row in found]
        limit = asyncio.Semaphore(_HAND_OVERS_AT_ONCE)
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            refused = await asyncio.gather(
                *(self._hand_over_one(session, job, limit) for job in jobs)
            )
        failures = [words for words in refused if words is not None]
        if failures:
            raise OutsideRefused(failures[0])

    async def _hand_over_one(
        self, session: aiohttp.ClientSession, job: Job, limit: asyncio.Semaphore
    ) -> str | None:
        async with limit:
            try:
                async with session.post(
                    f"{self._url}{_form_of(job)}",
                    json=self._request(job),
                    allow_redirects=False,
                ) as response:
                    answer = await response.json(content_type=None)
                    taken = response.ok and isinstance(answer, dict) and bool(answer.get("success"))
                    words = None if taken else f"The queue service answered {response.status}."
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                answer, words = {}, f"The queue service could not be reached: {error}"
        async with self._database.as_worker() as connection:
            if words is None:
                theirs = answer.get("jobId")
                await queries.handed_over(
                    connection,
                    id=job.id,
                    external_id=str(theirs) if theirs is not None else None,
                    now=self._clock(),
                )
            else:
                await queries.not_handed_over(connection, id=job.id, error=words)
        return words

    def _request(self, job: Job) -> dict[str, object]:
        delay = max(0, int((job.scheduled_at - self._clock()).total_seconds() * 1000))
        query = urlencode({"job": str(job.id), "token": callback_token(self._secret, job.id)})
        return {
            **_content(job),
            "contactId": job.payload.get("contact_id") or "",
            "workspaceId": str(job.workspace_id),
            "delay": delay,
            "metadata": {
                "source": "clarion",
                "campaignId": job.payload.get("broadcast_id") or "",
                "callbackEndpoint": f"{CALLBACK_PATH}?{query}",
                "messageId": str(job.id),
                "scheduledTime": job.scheduled_at.isoformat(),
            },
        }


def _is_email(job: Job) -> bool:
    return job.kind is JobKind.MESSAGE and job.payload.get("channel") == Channel.EMAIL


def _form_of(job: Job) -> str:
    return "/api/schedule-email" if _is_email(job) else "/api/schedule-sms"


def _content(job: Job) -> dict[str, str]:
    """What the service would send, so that its own lists say something; it only calls back."""
    if job.kind is not JobKind.MESSAGE:
        return {"phoneNumber": "", "message": _NAMES[job.kind]}
    names = {"phoneNumber": "to", "message": "body"}
    if _is_email(job):
        names = {"to": "to", "subject": "subject", "html": "html"}
    return {theirs: job.payload.get(ours) or "" for theirs, ours in names.items()}


#: What the service shows of a job that is no single message.
_NAMES = {
    JobKind.BROADCAST_STEP: "Clarion broadcast step",
    JobKind.STEP_TEST: "Clarion test message",
}


async def call_back(database: Database, job_id: UUID) -> None:
    """Tell the submitter how the job ended; raises when it could not be told, to be tried again."""
    async with database.as_worker() as connection:
        row = await queries.to_call_back(connection, id=job_id)
    if row is None:
        return
    job = job_of(row)
    if job.callback_url is None:
        return
    body = {
        "jobId": str(job.id),
        "status": job.status,
        "error": job.error,
        "success": job.status is JobStatus.COMPLETED,
        "metadata": job.metadata,
        **({"contactId": job.payload["contact_id"]} if job.payload.get("contact_id") else {}),
    }
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.post(job.callback_url, json=body, allow_redirects=False) as response,
        ):
            status = response.status
    except (aiohttp.ClientError, TimeoutError) as error:
        raise OutsideRefused(f"{job.callback_url} could not be reached: {error}") from error
    if status >= 500 or status == 429:  # noqa: PLR2004 - the two kinds that ask for another try
        raise OutsideRefused(f"{job.callback_url} answered {status}.")
    state = CallbackState.DELIVERED if status < 300 else CallbackState.FAILED  # noqa: PLR2004
    async with database.as_worker() as connection:
        await queries.called_back(connection, id=job.id, state=state)
