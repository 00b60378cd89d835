"""A job of the queue service, and the rules for taking it in."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

JobId = NewType("JobId", UUID)

#: A time that lies this far back still means "now": clocks differ, and requests take a moment.
PAST_TOLERANCE = timedelta(minutes=1)

#: Nothing is planned further ahead: by then the audience and the law are others.
FARTHEST = timedelta(days=730)

MAX_BATCH = 1_000


class JobKind(StrEnum):
    MESSAGE = "message"
    BROADCAST_STEP = "broadcast_step"
    STEP_TEST = "step_test"


class JobStatus(StrEnum):
    SCHEDULED = "scheduled"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CallbackState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """`payload` is what the handler of the kind understands. `scheduled_at` None means now.
    `asked` is what the caller asked for, where the payload was made from it."""

    kind: JobKind
    payload: dict[str, Any]
    scheduled_at: datetime | None = None
    idempotency_key: str | None = None
    callback_url: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Any] | None = None

    @property
    def fingerprint(self) -> bytes:
        """Equal for two requests that ask for the same thing."""
        same = {
            "kind": self.kind,
            "payload": self.payload if self.asked is None else self.asked,
            # The same moment, whichever offset it was written with.
            "at": self.scheduled_at.astimezone(UTC).isoformat() if self.scheduled_at else None,
            "callback_url": self.callback_url,
            "metadata": self.metadata,
        }
        return hashlib.sha256(json.dumps(same, sort_keys=True, default=str).encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`deduplicated` says that this submission found the job already made."""

    id: JobId
    workspace_id: UUID
    kind: JobKind
    status: JobStatus
    payload: dict[str, Any]
    metadata: dict[str, Any]
    scheduled_at: datetime
    idempotency_key: str | None
    callback_url: str | None
    attempts: int
    error: str | None
    external_id: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    deduplicated: bool = False
