"""A step of a broadcast: on which channel, with which content, when, and for which recipients."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NewType
from uuid import UUID
from zoneinfo import ZoneInfo

from clarion.broadcasts.timing.step_time import ZoneMode
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, time

    from clarion.broadcasts.broadcast import BroadcastId

StepId = NewType("StepId", UUID)


class StepStatus(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LAUNCHING = "launching"
    SENDING = "sending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


#: It can still be changed: nobody has got anything of it.
NOT_BEGUN = (StepStatus.DRAFT, StepStatus.SCHEDULED)


class SendMode(StrEnum):
    NOW = "now"
    LATER = "later"


class StepChannel(StrEnum):
    SMS = "sms"
    EMAIL = "email"
    SMS_EMAIL = "sms_email"

    @property
    def channels(self) -> tuple[Channel, ...]:
        if self is StepChannel.SMS_EMAIL:
            return (Channel.SMS, Channel.EMAIL)
        return (Channel(self.value),)


class BothHow(StrEnum):
    """How a step of both channels reaches a person: on both, on the one they prefer, or on the
    second when the first did not do."""

    BOTH = "both"
    PREFERRED = "preferred"
    SECOND_IF_NEEDED = "second_if_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BothChannels:
    """`first` is tried first, and stands in for a preference that nobody knows. Of
    SECOND_IF_NEEDED the second goes when the first has failed, or `after_hours` after it without
    being opened, clicked or answered."""

    how: BothHow = BothHow.BOTH
    first: Channel = Channel.EMAIL
    after_hours: int = 24

    @property
    def second(self) -> Channel:
        return Channel.SMS if self.first is Channel.EMAIL else Channel.EMAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMail:
    """What an email of the step says. `document` is that of the editor, None before anything is
    written; `text_part` None: made from the document. `from_name` and `reply_to` None: the
    sender's own."""

    subject: str = ""
    preheader: str = ""
    document: Mapping[str, Any] | None = None
    text_part: str | None = None
    from_name: str | None = None
    reply_to: str | None = None


class Did(StrEnum):
    """What a person may have done with a message of an earlier step."""

    REPLIED = "replied"
    CLICKED = "clicked"
    OPENED = "opened"
    GOT_IT = "delivered"


class LeftReason(StrEnum):
    """Why somebody has left the sequence before its end."""

    REPLIED = "replied"
    OPTED_OUT = "opted_out"
    GOAL = "goal"


class Of(StrEnum):
    """With the message of which step: of the one before, or of any before."""

    PREVIOUS = "previous"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """ "Has clicked the previous step", or with `negated` has not."""

    did: Did
    negated: bool = False
    of: Of = Of.PREVIOUS


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCondition:
    """Who gets the step: whoever has done (or not done) all of `only_if`, and, if `still_matches`,
    is still in the audience's filter when the step begins; by each recipient's own clock, when
    that recipient's time comes."""

    only_if: tuple[Deed, ...] = ()
    still_matches: bool = False

    def __bool__(self) -> bool:
        return bool(self.only_if) or self.still_matches


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceRules:
    """What holds for all steps. `goal` is a filter: whoever meets it has got there and leaves the
    sequence, as whoever replies does with `leave_on_reply`."""

    track_opens: bool = True
    track_clicks: bool = True
    leave_on_reply: bool = True
    goal: Mapping[str, Any] | None = None


#: Any day of the week, as the column keeps it: a bit each, 1 Monday … 64 Sunday.
EVERY_DAY = 127


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`scheduled_for` is naive wall time, as the person chose it, on the clock of `time_zone` or of
    each recipient; with `day_number` the step is at `day_time` of that day instead, counted from
    the day of the first step, which is day 1. `weekdays` and the window narrow when it may be.
    `scheduled_at` is the first moment at which any of it is due. `snippets` are the texts that it
    was launched with; None: as they are now.
    """

    id: StepId
    broadcast_id: BroadcastId
    position: int
    name: str = ""
    channel: StepChannel
    both: BothChannels = field(default_factory=BothChannels)
    body: str
    mail: StepMail = field(default_factory=StepMail)
    send_mode: SendMode
    scheduled_for: datetime | None
    day_number: int | None = None
    day_time: time | None = None
    zone_mode: ZoneMode = ZoneMode.ACCOUNT
    window_from: time | None = None
    window_until: time | None = None
    weekdays: int = EVERY_DAY
    condition: StepCondition = field(default_factory=StepCondition)
    scheduled_at: datetime | None
    time_zone: str
    status: StepStatus
    launched_up_to: int
    job_id: UUID | None
    launched_at: datetime | None
    completed_at: datetime | None
    second_done_at: datetime | None = None
    snippets: Mapping[str, str] | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def channels(self) -> tuple[Channel, ...]:
        return self.channel.channels

    @property
    def has_begun(self) -> bool:
        return self.status not in NOT_BEGUN

    @property
    def awaits_second(self) -> bool:
        """Whether messages on the second channel may still be written."""
        return (
            self.channel is StepChannel.SMS_EMAIL
            and self.both.how is BothHow.SECOND_IF_NEEDED
            and self.second_done_at is None
        )


def condition_of(document: Mapping[str, Any] | None) -> StepCondition:
    """As `condition_document` writes it."""
    if document is None:
        return StepCondition()
    return StepCondition(
        only_if=tuple(
            Deed(did=Did(each["did"]), negated=each["negated"], of=Of(each["of"]))
            for each in document.get("only_if", ())
        ),
        still_matches=document.get("still_matches", False),
    )


def condition_document(condition: StepCondition) -> dict[str, Any] | None:
    """As it is kept; None for nothing."""
    if not condition:
        return None
    return {
        "only_if": [
            {"did": each.did.value, "negated": each.negated, "of": each.of.value}
            for each in condition.only_if
        ],
        "still_matches": condition.still_matches,
    }
