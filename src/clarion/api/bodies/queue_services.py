"""The queue service: Clarion's own form, and the simple one that CRMs already call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from clarion.api.bodies.shape import Body
from clarion.queue.job import FARTHEST

#: Two years in milliseconds, as far ahead as a job may lie.
_LONGEST_DELAY = FARTHEST // timedelta(milliseconds=1)

JobStatus = Literal["scheduled", "running", "completed", "failed", "cancelled"]


class NewJob(Body):
    """One message, or one broadcast step. `scheduled_at` (with offset) absent means now.

    Instead of `subject` and `body` a message may name a saved template (`template_id`): it is
    rendered at once, from the contact of `contact_id` if given, and from `values` before it.

    A job with an `idempotency_key` that is known already is not made again: the answer shows the
    first one with `deduplicated` true; the same key with other content is refused (409).
    """

    channel: Literal["sms", "email"] | None = None
    to: str | None = None
    subject: str | None = Field(default=None, max_length=500)
    body: str | None = Field(default=None, max_length=100_000)
    template_id: str | None = None
    values: dict[str, Any] = Field(default_factory=dict)
    broadcast_step_id: str | None = None
    contact_id: str | None = None
    scheduled_at: datetime | None = None
    idempotency_key: str | None = Field(default=None, min_length=1, max_length=200)
    callback_url: str | None = Field(default=None, max_length=2_000)
    metadata: dict[str, Any] = Field(default_factory=dict)


class JobMessage(Body):
    """What became of the message of the job."""

    id: str
    status: str
    provider_id: str | None
    error_code: str | None
    error: str | None


class Job(Body):
    id: str
    kind: Literal["message", "broadcast_step", "step_test"]
    status: JobStatus
    channel: Literal["sms", "email"] | None
    to: str | None
    broadcast_step_id: str | None
    contact_id: str | None
    scheduled_at: datetime
    idempotency_key: str | None
    attempts: int
    error: str | None
    message: JobMessage | None
    metadata: dict[str, Any]
    deduplicated: bool = False
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class NewJobs(Body):
    jobs: list[NewJob] = Field(min_length=1, max_length=1_000)


#: One job, or a batch: whoever names `jobs` means a batch, and hears what is wrong with that.
Submission = Annotated[
    Annotated[NewJobs, Tag("NewJobs")] | Annotated[NewJob, Tag("NewJob")],
    Discriminator(
        lambda body: "NewJobs" if isinstance(body, dict) and "jobs" in body else "NewJob"
    ),
]


class Jobs(Body):
    jobs: list[Job]


class JobPage(Body):
    jobs: list[Job]
    next: str | None


class Simple(BaseModel):
    """The simple form's callers send more than its write-ups show: unknown fields are kept out
    without a word, as that service does. Their ids may be numbers."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


Metadata = Annotated[dict[str, Any], BeforeValidator(lambda given: {} if given is None else given)]


class ScheduleSms(Simple):
    phoneNumber: str  # noqa: N815 - the wire contract's name
    message: str
    contactId: str | None = None  # noqa: N815
    workspaceId: str | None = None  # noqa: N815
    delay: int | None = Field(default=None, ge=0, le=_LONGEST_DELAY)
    metadata: Metadata = {}


class ScheduleEmail(Simple):
    to: str
    subject: str
    html: str
    contactId: str | None = None  # noqa: N815
    workspaceId: str | None = None  # noqa: N815
    delay: int | None = Field(default=None, ge=0, le=_LONGEST_DELAY)
    metadata: Metadata = {}


class Scheduled(Simple):
    success: bool
    jobId: str  # noqa: N815
    message: str


class SimpleJob(Simple):
    jobId: str  # noqa: N815
    status: str
    scheduledTime: datetime  # noqa: N815
    error: str | None
    metadata: dict[str, Any]
