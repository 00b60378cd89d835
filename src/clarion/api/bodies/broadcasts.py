"""Broadcasts, their steps, what they will do and what came of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from clarion.api.bodies.audience import Group, LeftOut, LeftOutCount
from clarion.api.bodies.shape import Body, Fault, Money

BroadcastType = Literal["sms", "email", "sms_email"]
BroadcastStatus = Literal[
    "draft", "scheduled", "sending", "paused", "completed", "cancelled", "failed"
]
StepStatus = Literal["draft", "scheduled", "launching", "sending", "completed", "cancelled"]
SendMode = Literal["now", "later"]
AudienceMode = Literal["saved_when_scheduled", "resolved_at_send"]
MessageStatus = Literal[
    "pending",
    "sending",
    "sent",
    "delivered",
    "failed",
    "skipped",
    "uncertain",
    "cancelled",
    "no_receipt",
    "unknown",
]
WizardStep = Literal["type", "audience", "compose", "schedule"]


class Step(Body):
    """`scheduled_for` is the wall time in `time_zone`; `scheduled_at` the same moment in UTC."""

    id: str
    position: int
    channel: Literal["sms", "email"]
    body: str
    send_mode: SendMode
    scheduled_for: datetime | None
    scheduled_at: datetime | None
    time_zone: str
    status: StepStatus
    launched_at: datetime | None
    completed_at: datetime | None


class Saving(Body):
    """How far the matched contacts are saved with the broadcast.

    `expected` is what was seen at the launch; of a launched broadcast that awaits its time to save
    them, Tracking gives the number that matches now. `saved_at` is the moment for which they are
    saved. `note` says, for people, when they will be.
    """

    state: Literal["none", "saving", "saved"]
    saved: int
    expected: int | None
    saved_at: datetime | None
    note: str | None


class Broadcast(Body):
    id: str
    name: str
    broadcast_type: BroadcastType
    status: BroadcastStatus
    filter: Group
    audience_mode: AudienceMode
    version: int
    steps: list[Step]
    recipients: Saving
    problem: str | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None
    completed_at: datetime | None


class BroadcastLine(Body):
    """A broadcast as the list shows it; the counts are zero before it is launched."""

    id: str
    name: str
    broadcast_type: BroadcastType
    status: BroadcastStatus
    scheduled_at: datetime | None
    updated_at: datetime
    launched_at: datetime | None
    recipients: int
    delivered: int
    failed: int
    pending: int


class BroadcastPage(Body):
    broadcasts: list[BroadcastLine]
    next: str | None


class NewBroadcast(Body):
    name: str = Field(default="", max_length=200)
    broadcast_type: BroadcastType = "sms"


class BroadcastChange(Body):
    """Only what is given changes. `version` is the one that was read: a newer one answers 409."""

    version: int
    name: str | None = Field(default=None, min_length=1, max_length=200)
    broadcast_type: BroadcastType | None = None
    filter: Group | None = None
    audience_mode: AudienceMode | None = None


class StepChange(Body):
    """`scheduled_for` is wall time without offset ("2026-11-24T09:00:00"), read in `time_zone`."""

    version: int
    body: str | None = Field(default=None, max_length=10_000)
    send_mode: SendMode | None = None
    scheduled_for: datetime | None = None
    time_zone: str | None = None


class MissingToken(Body):
    token: str
    recipients: int


class SegmentShare(Body):
    segments: int
    recipients: int


class Outlook(Body):
    """The rail of a draft: what would happen if it were launched now.

    `problems` name what is missing, by the step of the wizard at which it is mended.
    `exact` is false when segments were measured on a sample of `measured` recipients. `note` says
    that the people are the ones of this moment, and others may get it, if that is so.
    """

    type: Literal["outlook"] = "outlook"
    version: int
    matched: int
    will_send: int
    left_out: list[LeftOutCount]
    segments: int
    shares: list[SegmentShare]
    encoding: Literal["GSM-7", "UCS-2"] | None
    cost: Money
    exact: bool
    measured: int
    missing_tokens: list[MissingToken]
    starts_at: datetime
    done_at: datetime
    audience_mode: AudienceMode
    note: str | None
    problems: list[WizardProblem]


class WizardProblem(Body):
    step: WizardStep
    pointer: str
    detail: str


class Launch(Body):
    """`expected_recipients` is the number that the person saw on the button: when the audience
    has moved by more than 1 % since, the answer is 409 and nothing is sent."""

    version: int
    expected_recipients: int


class ErrorCount(Body):
    code: str
    words: str
    advice: str
    messages: int


class Tracking(Body):
    """`recipients` = delivered + failed + pending + on_the_way + uncertain + skipped + cancelled.

    pending: not yet handed to the provider. on_the_way: the provider has it, no receipt yet.
    uncertain: the provider's answer was lost; being settled. cost is what the sent segments cost
    by the price of the settings.
    """

    type: Literal["tracking"] = "tracking"
    status: BroadcastStatus
    recipients: int
    delivered: int
    failed: int
    pending: int
    on_the_way: int
    uncertain: int
    skipped: int
    cancelled: int
    left_out: list[LeftOutCount]
    saving: Saving
    segments: int
    cost: Money
    errors: list[ErrorCount]
    rate_per_second: float
    starts_at: datetime | None
    done_at: datetime | None
    launched_at: datetime | None
    completed_at: datetime | None
    counted_at: datetime


class MessageError(Body):
    code: str
    words: str
    advice: str


class Message(Body):
    id: str
    contact_id: str | None
    name: str
    address: str
    status: MessageStatus
    body: str | None
    segments: int | None
    error: MessageError | None
    skip_reason: str | None
    provider: str | None
    provider_id: str | None
    attempts: int
    sent_at: datetime | None
    delivered_at: datetime | None
    failed_at: datetime | None
    updated_at: datetime


class MessagePage(Body):
    messages: list[Message]
    next: str | None


class Recipient(Body):
    """`contact` is the person as they were when the broadcast was launched."""

    contact_id: str
    name: str
    address: str | None
    left_out: LeftOut | None
    contact: dict[str, Any]


class RecipientPage(Body):
    recipients: list[Recipient]
    next: str | None


class AskPreview(Body):
    """`body` null previews the saved message. `after` steps through the real recipients."""

    body: str | None = Field(default=None, max_length=10_000)
    after: str | None = None
    limit: int = Field(default=5, ge=1, le=50)


class RecipientPreview(Body):
    contact_id: str
    name: str
    address: str
    text: str
    characters: int
    encoding: Literal["GSM-7", "UCS-2"]
    segments: int
    left_in_segment: int
    forcing: list[str]
    missing: list[str]


class PreviewPage(Body):
    """`errors` is what is wrong with the template itself; then `recipients` is empty."""

    recipients: list[RecipientPreview]
    next: str | None
    errors: list[Fault]
