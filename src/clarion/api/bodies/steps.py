"""Steps of a broadcast: what they say, when, to whom, and how they are changed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from clarion.api.bodies.shape import Body

StepStatus = Literal["draft", "scheduled", "launching", "sending", "completed", "cancelled"]
SendMode = Literal["now", "later"]
StepChannel = Literal["sms", "email", "sms_email"]
BothHow = Literal["both", "preferred", "second_if_needed"]
ChannelName = Literal["sms", "email"]
ZoneMode = Literal["account", "recipient"]

#: "09:00"
Wall = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["09:00"])]


class Deed(Body):
    """What a person did with the message of the step before (`previous`) or of any step before
    (`any`); with `negated`, did not."""

    did: Literal["replied", "clicked", "opened", "delivered"]
    negated: bool = False
    of: Literal["previous", "any"] = "previous"


class StepCondition(Body):
    """Who gets the step: whoever fulfils all of `only_if` and, with `still_matches`, is in the
    audience's filter when the step begins (by each recipient's own clock: when their time
    comes)."""

    only_if: list[Deed] = Field(default=[], max_length=10)
    still_matches: bool = False


class Step(Body):
    """A step is due at the wall time `scheduled_for` of its own, or, with `day_number`, at
    `day_time` on that day of the sequence (day 1 is the day of the first step): by the clock of
    `time_zone`, or with `zone_mode` `recipient` by that of each recipient. `due_for` is that wall
    time, `scheduled_at` the first moment at which it is due for anybody. Outside the window and on
    days that are no `weekdays` (1 Monday to 7 Sunday) it waits for the next time that fits.

    Of a step on both channels `both_how` says how a person is reached: on both, on the channel
    they prefer, or on the second when the first has failed or was not opened, clicked or answered
    after `second_after_hours`.

    `email` is the document of the editor. `text_part` null: it is made from the document.
    """

    id: str
    position: int
    name: str
    channel: StepChannel
    both_how: BothHow
    first_channel: ChannelName
    second_after_hours: int
    body: str
    subject: str
    preheader: str
    email: dict[str, Any] | None
    text_part: str | None
    from_name: str | None
    reply_to: str | None
    send_mode: SendMode
    scheduled_for: datetime | None
    day_number: int | None
    day_time: str | None
    zone_mode: ZoneMode
    window_from: str | None
    window_until: str | None
    weekdays: list[int]
    condition: StepCondition | None
    due_for: datetime | None
    scheduled_at: datetime | None
    time_zone: str
    status: StepStatus
    launched_at: datetime | None
    completed_at: datetime | None


class StepChange(Body):
    """Only what is given changes; null empties a field that may be empty. `version` is the one of
    the broadcast that was read: a newer one answers 409. `scheduled_for` is wall time without
    offset ("2026-11-24T09:00:00")."""

    version: int
    name: str | None = Field(default=None, max_length=100)
    channel: StepChannel | None = None
    both_how: BothHow | None = None
    first_channel: ChannelName | None = None
    second_after_hours: int | None = None
    body: str | None = Field(default=None, max_length=10_000)
    subject: str | None = Field(default=None, max_length=2_000)
    preheader: str | None = Field(default=None, max_length=2_000)
    email: dict[str, Any] | None = None
    text_part: str | None = Field(default=None, max_length=100_000)
    from_name: str | None = Field(default=None, max_length=200)
    reply_to: str | None = Field(default=None, max_length=320)
    send_mode: SendMode | None = None
    scheduled_for: datetime | None = None
    day_number: int | None = None
    day_time: Wall | None = None
    zone_mode: ZoneMode | None = None
    window_from: Wall | None = None
    window_until: Wall | None = None
    weekdays: list[int] | None = Field(default=None, max_length=7)
    condition: StepCondition | None = None
    time_zone: str | None = Field(default=None, max_length=100)


class StepCommand(Body):
    """`version` is the one of the broadcast that was read: a newer one answers 409."""

    version: int


class StepOrder(Body):
    """All steps of the broadcast by their ids, in the order in which they shall be sent. The times
    stay: what comes to stand at a place is sent when the place says."""

    version: int
    order: list[str] = Field(min_length=1, max_length=50)


class StepEffect(Body):
    """What a change of a step would do, in sentences. `people` are those who are still in the
    sequence and would get the step; null while the audience is not saved."""

    effects: list[str]
    people: int | None
