"""The queue service: jobs in Clarion's own form."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from clarion.api.bodies import queue_services as bodies
from clarion.api.caller import (
    Caller,
    Now,
    TheClarion,
    TheWorkspace,
    Transaction,
    page_mark,
    uuid_of,
)
from clarion.api.job_texts import with_texts
from clarion.audience.phone import normalise
from clarion.broadcasts.outlook import MAX_CHARACTERS
from clarion.broadcasts.step import StepStatus
from clarion.broadcasts.store import queries as broadcast_queries
from clarion.db.connection import Connection
from clarion.db.queries import rows
from clarion.delivery.store import queries as delivery_queries
from clarion.kernel.channel import Channel
from clarion.kernel.errors import (
    ClarionError,
    Conflict,
    Fault,
    Invalid,
    NotAllowed,
    NotFound,
)
from clarion.kernel.workspace import Workspace
from clarion.queue.job import Job, JobKind, NewJob
from clarion.queue.outside import callback_token
from clarion.queue.service import RUN
from clarion.wiring.clarion import Clarion

router = APIRouter(prefix="/queue-services", tags=["queue-services"])

_EMAIL = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\".]+")
_EMAIL_LONGEST = 254


@router.post("/jobs", status_code=201)
async def create_jobs(
    body: bodies.Submission,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Job | bodies.Jobs:
    """One job, or a batch of up to 1,000: all are taken, or none.

    Without `scheduled_at` a job is due at once. Give `broadcast_step_id` to run a step of a
    scheduled broadcast, else `channel`, `to` and `body` for one message, or `to` and
    `template_id`.
    """
    batch = isinstance(body, bodies.NewJobs)
    given = body.jobs if isinstance(body, bodies.NewJobs) else [body]
    try:
        texts = await with_texts(connection, clarion, workspace, given)
        jobs = _new_jobs(given, texts, clarion, workspace)
        await _check_steps(connection, workspace, jobs)
        made = await clarion.queue.submit(connection, workspace.id, jobs, by=actor.name, now=now)
    except ClarionError as error:
        raise error if batch else _of_one(error) from error
    answers = await job_bodies(connection, made)
    return bodies.Jobs(jobs=answers) if batch else answers[0]


@router.get("/jobs")
async def list_jobs(
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    status: Annotated[list[bodies.JobStatus] | None, Query()] = None,
    after: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> bodies.JobPage:
    """The newest first."""
    found = await clarion.queue.list(
        connection,
        workspace.id,
        statuses=[str(each) for each in status or ()],
        after=page_mark(after),
        limit=limit + 1,
    )
    page = found[:limit]
    return bodies.JobPage(
        jobs=await job_bodies(connection, page),
        next=str(page[-1].id) if len(found) > limit else None,
    )


@router.get("/jobs/{job_id}")
async def get_job(
    job_id: str, clarion: TheClarion, connection: Transaction, workspace: TheWorkspace
) -> bodies.Job:
    job = await clarion.queue.get(connection, workspace.id, uuid_of(job_id, "job"))
    return (await job_bodies(connection, [job]))[0]


@router.post("/jobs/{job_id}/cancel")
async def cancel_job(
    job_id: str, clarion: TheClarion, connection: Transaction, workspace: TheWorkspace, now: Now
) -> bodies.Job:
    """A job that has begun cannot be cancelled any more (409), nor can the one that a launched
    broadcast waits for: cancel the broadcast."""
    waiting = await broadcast_queries.step_of_job(
        connection, workspace_id=workspace.id, job_id=uuid_of(job_id, "job")
    )
    if waiting is not None:
        raise Conflict("A broadcast waits for this job: cancel the broadcast instead.")
    job = await clarion.queue.cancel(connection, workspace.id, uuid_of(job_id, "job"), now=now)
    return (await job_bodies(connection, [job]))[0]


@router.post("/callbacks", status_code=200, include_in_schema=False)
async def called_back(request: Request, clarion: TheClarion) -> Response:
    """An outside queue service says that a job is due. May come twice, late, or out of order: the
    claim of the job lets it run once."""
    job_id = uuid_of(request.query_params.get("job", ""), "job")
    token = request.query_params.get("token", "")
    if not hmac.compare_digest(token.encode(), callback_token(clarion.secret, job_id).encode()):
        raise NotAllowed("This callback does not carry the token that the job was given.")
    async with clarion.database.as_worker() as connection:
        await clarion.engine.defer(connection, RUN, job_ids=[str(job_id)])
    return Response(status_code=200)


def _new_jobs(
    given: Sequence[bodies.NewJob],
    texts: Sequence[bodies.NewJob],
    clarion: Clarion,
    workspace: Workspace,
) -> list[NewJob]:
    """Raises Invalid with every fault of every job."""
    faults: list[Fault] = []
    jobs = []
    for index, (asked, each) in enumerate(zip(given, texts, strict=True)):
        try:
            job = _new_job(each, clarion, workspace, f"/jobs/{index}")
            # The same question is the same job, even if the contact has changed meanwhile.
            jobs.append(replace(job, asked=_asked(asked)))
        except Invalid as error:
            faults += error.faults
    if faults:
        raise Invalid("The jobs were not taken.", faults=faults)
    return jobs


def _asked(given: bodies.NewJob) -> dict[str, Any] | None:
    if given.template_id is None:
        return None
    return given.model_dump(
        mode="json", include={"to", "template_id", "values", "contact_id", "channel"}
    )


async def _check_steps(
    connection: Connection, workspace: Workspace, jobs: Sequence[NewJob]
) -> None:
    """Raises NotFound for a step that is not in this workspace, Conflict for one that waits for
    no job: of a draft, begun, or ended."""
    wanted = {
        UUID(job.payload["step_id"]): f"/jobs/{index}/broadcast_step_id"
        for index, job in enumerate(jobs)
        if job.kind is JobKind.BROADCAST_STEP
    }
    if not wanted:
        return
    found = await rows(
        broadcast_queries.steps_by_ids(connection, workspace_id=workspace.id, ids=list(wanted))
    )
    statuses = {row["id"]: StepStatus(row["status"]) for row in found}
    for step_id, pointer in wanted.items():
        status = statuses.get(step_id)
        if status is None:
            detail = "There is no such step."
            raise NotFound(detail, faults=[Fault(pointer=pointer, detail=detail)])
        if status is not StepStatus.SCHEDULED:
            detail = f"The step cannot be run: {_WHY_NOT[status]}."
            raise Conflict(detail, faults=[Fault(pointer=pointer, detail=detail)])


_WHY_NOT = {
    StepStatus.DRAFT: "its broadcast was not launched",
    StepStatus.LAUNCHING: "it has begun",
    StepStatus.SENDING: "it has begun",
    StepStatus.COMPLETED: "it is completed",
    StepStatus.CANCELLED: "it was cancelled",
}


def _of_one(error: ClarionError) -> ClarionError:
    """The same, pointing into a body that is one job and no batch."""
    faults = [
        Fault(pointer=fault.pointer.removeprefix("/jobs/0"), detail=fault.detail)
        for fault in error.faults
    ]
    return type(error)(error.detail, faults=faults)


def _new_job(given: bodies.NewJob, clarion: Clarion, workspace: Workspace, pointer: str) -> NewJob:
    """Raises Invalid with a fault for the field that is wrong."""
    callback_url = _callback_url(given.callback_url, clarion, pointer)
    common: dict[str, Any] = {
        "scheduled_at": given.scheduled_at,
        "idempotency_key": given.idempotency_key,
        "callback_url": callback_url,
        "metadata": given.metadata,
    }
    if given.broadcast_step_id is not None:
        if given.to or given.body or given.channel:
            raise _wrong(pointer, "broadcast_step_id", "Give a step or a message, not both.")
        try:
            step_id = UUID(given.broadcast_step_id)
        except ValueError as error:
            detail = "There is no such step."
            raise NotFound(
                detail, faults=[Fault(pointer=f"{pointer}/broadcast_step_id", detail=detail)]
            ) from error
        return NewJob(kind=JobKind.BROADCAST_STEP, payload={"step_id": str(step_id)}, **common)
    return NewJob(
        kind=JobKind.MESSAGE,
        payload=message_payload(
            channel=given.channel,
            to=given.to,
            subject=given.subject,
            text=given.body,
            contact_id=given.contact_id,
            region=workspace.phone_region,
            pointer=pointer,
        ),
        **common,
    )


def message_payload(
    *,
    channel: str | None,
    to: str | None,
    subject: str | None,
    text: str | None,
    contact_id: str | None,
    region: str,
    pointer: str = "",
    names: dict[str, str] | None = None,
) -> dict[str, Any]:
    """What the delivery room needs to send one message; `names` are the caller's field names."""
    names = names or {}

    def wrong(field: str, detail: str) -> Invalid:
        return _wrong(pointer, names.get(field, field), detail)

    if channel is None:
        raise wrong("channel", "Choose sms or email.")
    if not to:
        raise wrong("to", "Say to whom.")
    if not text or not text.strip():
        raise wrong("body", "Write a message.")
    payload: dict[str, Any] = {"channel": channel, "contact_id": contact_id}
    if channel == Channel.SMS:
        phone = normalise(to, region)
        if phone.e164 is None:
            raise wrong("to", f"“{to[:40]}” is not a phone number that can get an SMS.")
        if len(text) > MAX_CHARACTERS:
            raise wrong("body", f"An SMS has {MAX_CHARACTERS:,} characters at most.")
        return payload | {"to": phone.e164, "body": text}
    return payload | _email_parts(to.strip(), subject, text, wrong)


def _email_parts(
    address: str, subject: str | None, text: str, wrong: Callable[[str, str], Invalid]
) -> dict[str, Any]:
    if len(address) > _EMAIL_LONGEST or not _EMAIL.fullmatch(address):
        raise wrong("to", f"“{address[:60]}” is not an e-mail address.")
    if not subject or not subject.strip():
        raise wrong("subject", "Give the e-mail a subject.")
    if any(character in subject for character in "\r\n\x00"):
        raise wrong("subject", "A subject is one line.")
    return {"to": address.lower(), "subject": subject, "body": "", "html": text}


def _callback_url(url: str | None, clarion: Clarion, pointer: str) -> str | None:
    """Only into the CRM that the settings name: a job must not make Clarion call anybody else."""
    if url is None:
        return None
    base = clarion.settings.crm_callback_base_url
    if not base:
        raise _wrong(
            pointer, "callback_url", "Set CRM_CALLBACK_BASE_URL before you ask to be called back."
        )
    if not url.startswith(f"{base}/"):
        raise _wrong(pointer, "callback_url", f"The address must begin with {base}/.")
    return url


def _wrong(pointer: str, field: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=f"{pointer}/{field}", detail=detail)])


async def job_bodies(connection: Connection, jobs: list[Job]) -> list[bodies.Job]:
    """Jobs with what became of their messages."""
    found = await rows(
        delivery_queries.messages_of_jobs(connection, job_ids=[job.id for job in jobs])
    )
    messages = {row["job_id"]: row for row in found}
    return [_job_body(job, messages.get(job.id)) for job in jobs]


def _job_body(job: Job, message: dict[str, Any] | None) -> bodies.Job:
    payload = job.payload
    return bodies.Job(
        id=str(job.id),
        kind=job.kind.value,
        status=job.status.value,
        channel=payload.get("channel"),
        to=payload.get("to"),
        broadcast_step_id=payload.get("step_id"),
        contact_id=payload.get("contact_id"),
        scheduled_at=job.scheduled_at,
        idempotency_key=job.idempotency_key,
        attempts=job.attempts,
        error=job.error,
        message=bodies.JobMessage(
            id=str(message["id"]),
            status=message["status"],
            provider_id=message["provider_id"],
            error_code=message["error_code"],
            error=message["error_detail"],
        )
        if message is not None
        else None,
        metadata=job.metadata,
        deduplicated=job.deduplicated,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )
