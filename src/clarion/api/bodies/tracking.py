"""What came of a broadcast: its numbers, its messages, and what happened to each."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from clarion.api.bodies.audience import AnyLeftOutCount
from clarion.api.bodies.broadcasts import Broadcast, BroadcastStatus, PausedBy, Saving
from clarion.api.bodies.shape import Body, DecimalText, Money

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


LeftReason = Literal["replied", "opted_out", "goal"]


class ErrorCount(Body):
    code: str
    words: str
    advice: str
    messages: int


class ChannelLeftOut(Body):
    """Who of the saved audience a channel leaves out, and why."""

    channel: Literal["sms", "email"]
    left_out: list[AnyLeftOutCount]


class LeftCount(Body):
    """Who has left the sequence: answered, opted out, or got where it leads."""

    reason: LeftReason
    contacts: int


class ChannelNumbers(Body):
    """The messages of one channel; the words are those of Tracking."""

    channel: Literal["sms", "email"]
    recipients: int
    delivered: int
    failed: int
    pending: int


class StepNumbers(Body):
    """The messages of a step; none before it begins. `opened` does not count those that only a
    program has opened (`machine_opened`): they may have been read or not."""

    step_id: str
    channels: list[ChannelNumbers]
    messages: int
    delivered: int
    failed: int
    pending: int
    on_the_way: int
    skipped: int
    opened: int
    machine_opened: int
    clicked: int
    replied: int


class Tracking(Body):
    """`recipients` is the sum of delivered, failed, pending, on_the_way, uncertain, skipped,
    cancelled, no_receipt and unknown.

    pending: not yet handed to the provider; `retrying` of them wait for another attempt. `to_retry`
    of the failed are to be sent again by *Retry failed* and are not put back yet.
    on_the_way: the provider has it, no receipt yet. no_receipt: sent, and never confirmed by the
    carrier. uncertain: the provider's answer was lost; being settled. unknown: it could not be
    settled, so it may have arrived. cost is what the segments of all attempts cost by the price of
    the settings. `waiting_note` says why nothing leaves now, or not as usual; `waits_until` when it
    goes on. `done_at` reckons as in the outlook, and not before the last of `retrying` is due; null
    when nothing is left to send, or no end can be told (paused, no sender, more than a year).
    """

    type: Literal["tracking"] = "tracking"
    status: BroadcastStatus
    paused_by: PausedBy | None
    recipients: int
    delivered: int
    failed: int
    pending: int
    retrying: int
    to_retry: int
    on_the_way: int
    no_receipt: int
    uncertain: int
    unknown: int
    skipped: int
    cancelled: int
    left_out: list[AnyLeftOutCount]
    channels: list[ChannelLeftOut]
    by_channel: list[ChannelNumbers]
    left: list[LeftCount]
    steps: list[StepNumbers]
    saving: Saving
    segments: int
    cost: Money
    errors: list[ErrorCount]
    rate_per_second: float
    starts_at: datetime | None
    done_at: datetime | None
    waits_until: datetime | None
    waiting_note: str | None
    launched_at: datetime | None
    completed_at: datetime | None
    counted_at: datetime


class MessageError(Body):
    code: str
    words: str
    advice: str


class Message(Body):
    """`error` is why it failed; of a pending one why it is not sent yet, or how its last attempt
    ended. `retries` is how often it was sent anew after a failure, `next_try_at` when that happens
    next, of a pending one. Of an email the subject is kept, of an SMS the text."""

    id: str
    step_id: str
    channel: Literal["sms", "email"]
    contact_id: str | None
    name: str
    address: str
    status: MessageStatus
    subject: str | None
    body: str | None
    segments: int | None
    error: MessageError | None
    skip_reason: str | None
    provider: str | None
    provider_id: str | None
    attempts: int
    retries: int
    next_try_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    failed_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    replied_at: datetime | None
    updated_at: datetime


class MessagePage(Body):
    messages: list[Message]
    next: str | None


class Attempt(Body):
    """One hand-over to a provider. `detail` is what the provider said, as it said it. `price` is
    what the provider reported that it costs."""

    attempt: int
    status: str
    provider: str | None
    provider_id: str | None
    error: MessageError | None
    detail: str | None
    segments: int | None
    price: DecimalText | None
    currency: str | None
    began_at: datetime | None
    sent_at: datetime | None
    failed_at: datetime | None


class MessageEvent(Body):
    """What a provider reported, when it happened and when it came. `outcome` null: not looked at
    yet. `text` is what the person wrote."""

    kind: Literal["status", "inbound", "opt_out", "opt_in"]
    status: str | None
    attempt: int | None
    provider: str
    provider_id: str | None
    error: MessageError | None
    text: str | None
    at: datetime
    received_at: datetime
    outcome: Literal["applied", "no_change", "unmatched", "superseded"] | None


class MessageStory(Body):
    """What happened to one message: its attempts, the first one first, and the provider's events in
    the order in which they happened."""

    message: Message
    attempts: list[Attempt]
    events: list[MessageEvent]


class RetryReason(Body):
    words: str
    messages: int


class RetryCode(RetryReason):
    code: str


class RetryPreview(Body):
    """What *Retry failed* would send anew, by why it had failed, and what it leaves as it is: who
    may not be written to, what would fail again, and what may have arrived (uncertain, unknown).

    `problem` says why nothing can be sent again at all, if that is so.
    """

    will_retry: int
    reasons: list[RetryCode]
    left_out: int
    left_out_reasons: list[RetryReason]
    problem: str | None


class RetryFailed(Body):
    """`expected` is the number that the person saw: when it has moved, the answer is 409 and
    nothing is sent."""

    expected: int = Field(ge=1)


class Retried(Body):
    """`messages` are sent again; `waiting` of them are pending by now, the others still count as
    failed (`to_retry`) until a worker has put them back. Who opts out meanwhile is left out."""

    messages: int
    waiting: int
    broadcast: Broadcast
