"""What would happen if a draft were launched now: who, how many segments, what cost, until when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from clarion.content.cost import Money, sms_cost
from clarion.content.preview import preview
from clarion.content.segments import Encoding, Measure, measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from clarion.audience.audience import Contact, Reach
    from clarion.broadcasts.broadcast import AudienceMode
    from clarion.broadcasts.step import Step, StepChannel, StepId
    from clarion.content.template import Template
    from clarion.kernel.channel import Channel

#: Twilio refuses longer texts (error 21617).
MAX_CHARACTERS = 1_600


class WizardStep(StrEnum):
    TYPE = "type"
    AUDIENCE = "audience"
    COMPOSE = "compose"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class WizardProblem:
    """What keeps a draft from being launched, and the step of the wizard where it is mended; with
    the step of the sequence, if it is of one."""

    step: WizardStep
    pointer: str
    detail: str
    of_step: StepId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingToken:
    token: str
    recipients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Segments over the audience. With `exact` false they are projected from `measured` people."""

    segments: int
    shares: Mapping[int, int]
    encoding: Encoding | None
    longest: int
    measured: int
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutlook:
    """`messages` is how many would leave on each channel; where a second channel goes only if the
    first has not done, those of the second whom the first does not reach at all. `due_for` is wall
    time. `done_at` None: not within a year, or nothing is set up to send with."""

    step_id: StepId
    position: int
    channel: StepChannel
    people: int
    messages: Mapping[Channel, int]
    measured: Measured
    cost: Money
    missing_tokens: tuple[MissingToken, ...]
    due_for: datetime | None
    starts_at: datetime
    done_at: datetime | None
    hours_note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """`will_send` counts people whom at least one channel of the broadcast reaches. `hours_note`
    says in words what the sending hours do to the first step, if they do. Figures without a step
    are of all steps together."""

    version: int
    matched: int
    will_send: int
    reach: Mapping[Channel, Reach]
    messages: Mapping[Channel, int]
    measured: Measured
    cost: Money
    missing_tokens: tuple[MissingToken, ...]
    starts_at: datetime
    done_at: datetime | None
    hours_note: str | None
    audience_mode: AudienceMode
    note: str | None
    steps: tuple[StepOutlook, ...]
    problems: tuple[WizardProblem, ...]


NOTHING_MEASURED = Measured(segments=0, shares={}, encoding=None, longest=0, measured=0, exact=True)


def measure_audience(
    template: Template, contacts: Sequence[Contact], *, will_send: int
) -> Measured:
    """Render for these people and measure each text; fewer than `will_send` are a sample."""
    if not template.tokens:
        one = measure(template.render({}))
        return _measured([one] * min(will_send, 1), of=will_send, everybody_alike=True)
    measures = [preview(template, contact.row).measure for contact in contacts]
    return _measured(measures, of=will_send, everybody_alike=False)


def _measured(measures: Sequence[Measure], *, of: int, everybody_alike: bool) -> Measured:
    if not measures:
        return NOTHING_MEASURED
    exact = everybody_alike or len(measures) >= of
    shares = Counter(each.segments for each in measures)
    if len(measures) != of:
        shares = _project(shares, of)
    return Measured(
        segments=sum(segments * people for segments, people in shares.items()),
        shares=dict(sorted(shares.items())),
        encoding=(
            Encoding.UCS_2
            if any(each.encoding is Encoding.UCS_2 for each in measures)
            else Encoding.GSM_7
        ),
        longest=max(each.characters for each in measures),
        measured=len(measures),
        exact=exact,
    )


def _project(shares: Counter[int], people: int) -> Counter[int]:
    """The same shares of `people`; what rounding leaves goes to the most frequent."""
    sample = shares.total()
    projected = Counter({segments: count * people // sample for segments, count in shares.items()})
    projected[shares.most_common(1)[0][0]] += people - projected.total()
    return projected


def together(measured: Sequence[Measured]) -> Measured:
    """Of several steps: all their segments."""
    some = [each for each in measured if each.shares]
    if len(some) <= 1:
        return some[0] if some else NOTHING_MEASURED
    shares: Counter[int] = Counter()
    for each in some:
        shares.update(each.shares)
    return Measured(
        segments=sum(each.segments for each in some),
        shares=dict(sorted(shares.items())),
        encoding=(
            Encoding.UCS_2
            if any(each.encoding is Encoding.UCS_2 for each in some)
            else Encoding.GSM_7
        ),
        longest=max(each.longest for each in some),
        measured=max(each.measured for each in some),
        exact=all(each.exact for each in some),
    )


def messages_of(step: Step, reach: Mapping[Channel, int], *, people: int) -> Mapping[Channel, int]:
    """How many messages the step is on each channel; `people` are reached by either."""
    if len(step.channels) == 1 or step.both.how.value == "both":
        return {channel: reach[channel] for channel in step.channels}
    first = reach[step.both.first]
    return {step.both.first: first, step.both.second: people - first}


def cost_of(segments: int, price_per_segment: Decimal, currency: str) -> Money:
    return Money(
        amount=sms_cost(segments, price_per_segment).quantize(Decimal("0.01")), currency=currency
    )
