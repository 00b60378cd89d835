"""A broadcast, its steps, and which change of its status is allowed when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NewType
from uuid import UUID

from clarion.broadcasts.step import SendMode, SequenceRules, Step, StepChannel, StepStatus
from clarion.broadcasts.timing.step_time import ZoneMode
from clarion.kernel.errors import Conflict

if TYPE_CHECKING:
    from datetime import datetime

    from clarion.broadcasts.sending_rules import SendingRules
    from clarion.kernel.actor import WorkspaceId
    from clarion.kernel.channel import Channel

BroadcastId = NewType("BroadcastId", UUID)


class BroadcastType(StrEnum):
    """Which channels its steps may use."""

    SMS = "sms"
    EMAIL = "email"
    SMS_EMAIL = "sms_email"

    @property
    def channels(self) -> tuple[Channel, ...]:
        return StepChannel(self.value).channels


class Status(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"


class AudienceMode(StrEnum):
    """When the people who match are saved as recipients: with the launch, or when the time of the
    first step has come. For what is sent at once the two are the same."""

    SAVED_WHEN_SCHEDULED = "saved_when_scheduled"
    RESOLVED_AT_SEND = "resolved_at_send"


class PausedBy(StrEnum):
    """Who paused it. All but a person is the broadcast itself, and `problem` says why."""

    PERSON = "person"
    FAILURE_RATE = "failure_rate"
    CONFIGURATION = "configuration"
    MISSED_TIME = "missed_time"


class Saving(StrEnum):
    NONE = "none"
    SAVING = "saving"
    SAVED = "saved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """`version` grows with each change; `filter` is the JSON form of the filter language.

    `audience_mode_chosen` says that a person has chosen the mode, so that it no longer follows the
    filter. `audience_at` is the moment for which the audience is saved, from which relative dates
    count. Recipients up to the id `discard_up_to` are of an audience that was thrown away.
    """

    id: BroadcastId
    workspace_id: WorkspaceId
    name: str
    broadcast_type: BroadcastType
    status: Status
    filter: dict[str, Any]
    audience_mode: AudienceMode
    audience_mode_chosen: bool
    version: int
    saving: Saving
    saved_up_to: str | None
    saved_recipients: int
    expected_recipients: int | None
    audience_at: datetime | None
    discard_up_to: int | None
    problem: str | None
    paused_by: PausedBy | None
    rules: SendingRules
    sequence: SequenceRules
    created_by: str
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None
    completed_at: datetime | None
    steps: tuple[Step, ...] = ()

    @property
    def first_step(self) -> Step:
        return self.steps[0]

    @property
    def channels(self) -> tuple[Channel, ...]:
        return self.broadcast_type.channels

    @property
    def is_sequence(self) -> bool:
        return len(self.steps) > 1

    @property
    def uses_their_zones(self) -> bool:
        return any(step.zone_mode is ZoneMode.RECIPIENT for step in self.steps)

    @property
    def is_resolved_at_send(self) -> bool:
        return (
            self.audience_mode is AudienceMode.RESOLVED_AT_SEND
            and self.first_step.send_mode is SendMode.LATER
        )

    @property
    def awaits_its_audience(self) -> bool:
        """Launched, and nobody is saved before the time comes."""
        open_ones = (Status.SCHEDULED, Status.SENDING, Status.PAUSED)
        return self.saving is Saving.NONE and self.status in open_ones


#: From where each status can be reached.
_ALLOWED: dict[Status, tuple[Status, ...]] = {
    Status.DRAFT: (),
    Status.SCHEDULED: (Status.DRAFT, Status.PAUSED),
    Status.SENDING: (Status.SCHEDULED, Status.PAUSED),
    Status.PAUSED: (Status.SCHEDULED, Status.SENDING),
    Status.COMPLETED: (Status.SENDING,),
    Status.CANCELLED: (Status.SCHEDULED, Status.SENDING, Status.PAUSED),
    Status.FAILED: (Status.SCHEDULED, Status.SENDING),
}

_IS = {
    Status.DRAFT: "is still a draft",
    Status.SCHEDULED: "is scheduled",
    Status.SENDING: "is being sent",
    Status.PAUSED: "is paused",
    Status.COMPLETED: "is completed",
    Status.CANCELLED: "is cancelled",
    Status.FAILED: "has failed",
}


def check_move(now: Status, to: Status, doing: str) -> None:
    """Raises Conflict, in words, when a broadcast cannot go from `now` to `to`.

    `doing` completes "It cannot be …": "launched", "paused".
    """
    if now not in _ALLOWED[to]:
        raise Conflict(f"The broadcast {_IS[now]}; it cannot be {doing}.")


def check_launch(now: Status) -> None:
    """Raises Conflict for all but a draft: what is paused is resumed, never launched again."""
    if now is not Status.DRAFT:
        raise Conflict(f"The broadcast {_IS[now]}; it cannot be launched.")


def status_after_resume(steps: tuple[Step, ...]) -> Status:
    """Sending again when a step has begun, else waiting for its time again."""
    begun = (StepStatus.LAUNCHING, StepStatus.SENDING, StepStatus.COMPLETED)
    return Status.SENDING if any(step.status in begun for step in steps) else Status.SCHEDULED


def check_retry(now: Status) -> None:
    """Raises Conflict, in words, when nothing of the broadcast can be sent again."""
    if now not in (Status.SENDING, Status.PAUSED, Status.COMPLETED):
        raise Conflict(f"The broadcast {_IS[now]}; nothing of it can be sent again.")


SAVED_AT_SEND = "The audience is saved when the broadcast is sent."


def check_renew(broadcast: Broadcast) -> None:
    """Raises Conflict, in words, when the audience cannot be saved anew."""
    if broadcast.status not in (Status.SCHEDULED, Status.PAUSED):
        raise Conflict(f"The broadcast {_IS[broadcast.status]}; its audience cannot be saved anew.")
    if any(step.status is not StepStatus.SCHEDULED for step in broadcast.steps):
        raise Conflict("A step has begun with the saved audience; it cannot be saved anew.")
    if broadcast.saving is Saving.NONE:
        raise Conflict(f"{SAVED_AT_SEND} Until then it is current.")


def check_drift(broadcast: Broadcast) -> None:
    """Raises Conflict, in words, when there is no saved audience that is still to be sent to."""
    if broadcast.status is Status.DRAFT:
        raise Conflict("The broadcast is still a draft; its audience is not saved yet.")
    if broadcast.awaits_its_audience:
        raise Conflict(f"{SAVED_AT_SEND} Until then it is current.")
    if not any(step.status is StepStatus.SCHEDULED for step in broadcast.steps):
        raise Conflict("No step is still to come, so nothing more is sent to this audience.")
    if broadcast.saving is not Saving.SAVED:
        raise Conflict("The audience is not saved yet; look again in a moment.")


def audience_moved(expected: int, found: int) -> bool:
    """Whether the number that a person confirmed is no longer the one that would be sent to.

    One in a hundred may come or go between the look and the click; in a small audience nobody.
    """
    return abs(found - expected) > expected // 100
