"""The simple form of the queue service that CRMs already call, field for field."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter

from clarion.api.bodies.queue_services import Scheduled, ScheduleEmail, ScheduleSms, SimpleJob
from clarion.api.caller import Caller, Now, TheClarion, TheWorkspace, Transaction, uuid_of
from clarion.api.routes.queue_services import message_payload
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Fault, Invalid
from clarion.queue.job import JobKind, NewJob

router = APIRouter(prefix="/api", tags=["queue-services (simple form)"])


@router.post("/schedule-sms")
async def schedule_sms(
    body: ScheduleSms,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> Scheduled:
    """`delay` is in milliseconds; absent means now."""
    payload = message_payload(
        channel=Channel.SMS,
        to=body.phoneNumber,
        subject=None,
        text=body.message,
        contact_id=body.contactId,
        region=workspace.phone_region,
        names={"to": "phoneNumber", "body": "message"},
    )
    job = _job(payload, body.delay, body.metadata, clarion.settings.crm_callback_base_url, now)
    made, *_ = await clarion.queue.submit(connection, workspace.id, [job], by=actor.name, now=now)
    return Scheduled(success=True, jobId=str(made.id), message="SMS scheduled")


@router.post("/schedule-email")
async def schedule_email(
    body: ScheduleEmail,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> Scheduled:
    payload = message_payload(
        channel=Channel.EMAIL,
        to=body.to,
        subject=body.subject,
        text=body.html,
        contact_id=body.contactId,
        region=workspace.phone_region,
        names={"body": "html"},
    )
    job = _job(payload, body.delay, body.metadata, clarion.settings.crm_callback_base_url, now)
    made, *_ = await clarion.queue.submit(connection, workspace.id, [job], by=actor.name, now=now)
    return Scheduled(success=True, jobId=str(made.id), message="Email scheduled")


@router.get("/job-status/{job_id}")
async def job_status(
    job_id: str, clarion: TheClarion, connection: Transaction, workspace: TheWorkspace
) -> SimpleJob:
    job = await clarion.queue.get(connection, workspace.id, uuid_of(job_id, "job"))
    return SimpleJob(
        jobId=str(job.id),
        status=job.status,
        scheduledTime=job.scheduled_at,
        error=job.error,
        metadata=job.metadata,
    )


def _job(
    payload: dict[str, Any], delay: int | None, metadata: dict[str, Any], base: str, now: datetime
) -> NewJob:
    return NewJob(
        kind=JobKind.MESSAGE,
        payload=payload,
        scheduled_at=now + timedelta(milliseconds=delay) if delay else None,
        callback_url=_callback_url(metadata.get("callbackEndpoint"), base),
        metadata=metadata,
    )


def _callback_url(endpoint: object, base: str) -> str | None:
    """The endpoint on the CRM that the settings name; without one nobody is called back."""
    if endpoint is None or endpoint == "" or not base:
        return None
    text = str(endpoint)
    if not text.startswith("/") or text.startswith("//") or urlsplit(text).netloc:
        detail = "The callback endpoint is a path that begins with one slash."
        raise Invalid(detail, faults=[Fault(pointer="/metadata/callbackEndpoint", detail=detail)])
    return base + text
