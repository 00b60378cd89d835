"""Broadcasts, their steps, what they will do and what came of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from clarion.api.bodies.audience import AnyLeftOut, AnyLeftOutCount, Group
from clarion.api.bodies.content import ForcingCharacter
from clarion.api.bodies.shape import Body, Money
from clarion.api.bodies.steps import Step, StepChannel

BroadcastType = Literal["sms", "email", "sms_email"]
BroadcastStatus = Literal[
    "draft", "scheduled", "sending", "paused", "completed", "cancelled", "failed"
]
AudienceMode = Literal["saved_when_scheduled", "resolved_at_send"]
LatePolicy = Literal["catch_up", "skip", "ask"]
PausedBy = Literal["person", "failure_rate", "configuration", "missed_time"]
WizardStep = Literal["type", "audience", "compose", "schedule"]


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
    """`late_policy` is what a step does whose time was missed by more than 15 minutes: catch up
    within the sending hours, skip, or pause and ask. `max_per_minute` null: as fast as the senders
    allow. `stop_at_failure_rate` is the share (0.25 is 25%) of failed messages above which it
    stops by itself; null: never. `paused_by` other than a person: `problem` says why, and what to
    do about it.
    """

    id: str
    name: str
    broadcast_type: BroadcastType
    status: BroadcastStatus
    filter: Group
    audience_mode: AudienceMode
    version: int
    steps: list[Step]
    recipients: Saving
    late_policy: LatePolicy
    max_per_minute: int | None
    stop_at_failure_rate: float | None
    track_opens: bool
    track_clicks: bool
    leave_on_reply: bool
    goal: Group | None
    problem: str | None
    paused_by: PausedBy | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None
    completed_at: datetime | None


class NewBroadcast(Body):
    name: str = Field(default="", max_length=200)
    broadcast_type: BroadcastType = "sms"


class BroadcastChange(Body):
    """Only what is given changes. `version` is the one that was read: a newer one answers 409.

    A draft can be changed; of a launched broadcast that has not ended, only how it is sent
    (`late_policy`, `max_per_minute`, `stop_at_failure_rate`; null for no limit, for never).
    """

    version: int
    name: str | None = Field(default=None, min_length=1, max_length=200)
    broadcast_type: BroadcastType | None = None
    filter: Group | None = None
    audience_mode: AudienceMode | None = None
    late_policy: LatePolicy | None = None
    max_per_minute: int | None = Field(default=None, examples=[600])
    stop_at_failure_rate: float | None = Field(default=None, examples=[0.25])
    track_opens: bool | None = None
    track_clicks: bool | None = None
    leave_on_reply: bool | None = None
    goal: Group | None = None


class MissingToken(Body):
    """How many whom the channel reaches have no value for a field that its text needs."""

    channel: Literal["sms", "email"]
    token: str
    recipients: int


class SegmentShare(Body):
    segments: int
    recipients: int


class SegmentChange(Body):
    """`recipients` messages take `segments` segments, and would take `would_take`."""

    segments: int
    would_take: int
    recipients: int


class Dearer(Body):
    """What the characters that force UCS-2 add over the audience: `segments` more for `recipients`
    people. `without_emoji`: they are spared only if emoji are left out, too."""

    recipients: int
    segments: int
    cost: Money
    changes: list[SegmentChange]
    without_emoji: bool


class ChannelReach(Body):
    """Whom a channel of the broadcast reaches."""

    channel: Literal["sms", "email"]
    reachable: int
    left_out: list[AnyLeftOutCount]


class ChannelMessages(Body):
    channel: Literal["sms", "email"]
    messages: int


class StepOutlook(Body):
    """A step of the sequence: how many would get it, of the audience of this moment and if nobody
    leaves before. `forcing` are the characters of its SMS that force UCS-2, and `dearer` what they
    cost; null where it is nothing. `longest_contact_id` is who gets the longest SMS. `due_for` is
    wall time; null: at once, or no time is chosen yet."""

    step_id: str
    position: int
    channel: StepChannel
    people: int
    messages: list[ChannelMessages]
    segments: int
    shares: list[SegmentShare]
    encoding: Literal["GSM-7", "UCS-2"] | None
    cost: Money
    forcing: list[ForcingCharacter]
    dearer: Dearer | None
    longest_contact_id: str | None
    missing_tokens: list[MissingToken]
    due_for: datetime | None
    starts_at: datetime
    done_at: datetime | None
    hours_note: str | None


class Outlook(Body):
    """The rail of a draft: what would happen if it were launched now. `will_send` counts people
    whom at least one channel reaches; `left_out` of a broadcast on one channel adds up with it to
    `matched`, of one on both it is empty, and `channels` says it for each. Figures of messages are
    of all steps together; `steps` has them one by one.

    `problems` name what is missing, by the step of the wizard at which it is mended.
    `exact` is false when segments were measured on a sample of `measured` recipients. `note` says
    that the people are the ones of this moment, and others may get it, if that is so. `done_at`
    reckons with the pace of the senders, what others have waiting and the sending hours; null: not
    within a year, or there is nothing to send with. `hours_note` says what the sending hours do to
    it, if anything.
    """

    type: Literal["outlook"] = "outlook"
    version: int
    matched: int
    will_send: int
    left_out: list[AnyLeftOutCount]
    channels: list[ChannelReach]
    messages: list[ChannelMessages]
    segments: int
    shares: list[SegmentShare]
    encoding: Literal["GSM-7", "UCS-2"] | None
    cost: Money
    exact: bool
    measured: int
    missing_tokens: list[MissingToken]
    starts_at: datetime
    done_at: datetime | None
    hours_note: str | None
    audience_mode: AudienceMode
    note: str | None
    steps: list[StepOutlook]
    problems: list[WizardProblem]


class WizardProblem(Body):
    """`of_step` is the step of the sequence that it is about, if it is about one."""

    step: WizardStep
    pointer: str
    detail: str
    of_step: str | None


class Launch(Body):
    """`expected_recipients` is the number that the person saw on the button: when the audience
    has moved by more than 1 % since, the answer is 409 and nothing is sent."""

    version: int
    expected_recipients: int


class Recipient(Body):
    """`contact` is the person as they were when the broadcast was launched. `address` and
    `left_out` are of the channel that was asked for; `left_reason` says why the person has left
    the sequence, if so."""

    contact_id: str
    name: str
    address: str | None
    left_out: AnyLeftOut | None
    left_reason: Literal["replied", "opted_out", "goal"] | None
    left_at: datetime | None
    time_zone: str | None
    contact: dict[str, Any]


class RecipientPage(Body):
    recipients: list[Recipient]
    next: str | None
