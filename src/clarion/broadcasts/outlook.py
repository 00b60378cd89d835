"""What would happen if a draft were launched now: who, how many segments, what cost, until when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from clarion.content.cost import Money, sms_cost
from clarion.content.segments import Encoding, Measure, measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from clarion.audience.audience import Contact, Reach
    from clarion.broadcasts.broadcast import AudienceMode
    from clarion.broadcasts.step import Step, StepChannel, StepId
    from clarion.content.plain_characters import Forcing
    from clarion.content.template import Template
    from clarion.kernel.channel import Channel

_Share = TypeVar("_Share")

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
    """Of how many whom the channel reaches the text cannot be made."""

    channel: Channel
    token: str
    recipients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Segments over the audience. With `exact` false they are projected from `measured` people.

    `dearer` counts the people whose message takes more segments than the text in plain characters
    would: by (segments now, segments then). `longest_of` is the contact whose message is `longest`,
    where it is not the same for all.
    """

    segments: int
    shares: Mapping[int, int]
    encoding: Encoding | None
    longest: int
    measured: int
    exact: bool
    dearer: Mapping[tuple[int, int], int] = field(default_factory=dict)
    longest_of: str | None = None

    @property
    def spared(self) -> int:
        """Segments that the plain characters would spare."""
        return sum((now - then) * people for (now, then), people in self.dearer.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutlook:
    """`messages` is how many would leave on each channel; where a second channel goes only if the
    first has not done, those of the second whom the first does not reach at all.

    `forcing` are the characters of the SMS that force UCS-2, `saving` what it would cost less
    without them (with `leaves_out_emoji` without its emoji, too); None where it has none. `due_for`
    is wall time. `done_at` None: not within a year, or nothing is set up to send with.
    """

    step_id: StepId
    position: int
    channel: StepChannel
    people: int
    messages: Mapping[Channel, int]
    measured: Measured
    cost: Money
    forcing: tuple[Forcing, ...]
    saving: Money | None
    leaves_out_emoji: bool
    missing_tokens: tuple[MissingToken, ...]
    due_for: datetime | None
    starts_at: datetime
    done_at: datetime | None
    hours_note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """`will_send` counts people whom at least one channel of the broadcast reaches. `hours_note`
    says in words what the sending hours do to the first step, if they do. Figures without a step
    are of all steps together. `snippets` are those with which the texts were checked."""

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
    snippets: Mapping[str, str] = field(default_factory=dict)


NOTHING_MEASURED = Measured(segments=0, shares={}, encoding=None, longest=0, measured=0, exact=True)


def measure_audience(
    template: Template,
    contacts: Sequence[Contact],
    *,
    will_send: int,
    plain: Template | None = None,
) -> Measured:
    """Render for these people and measure each text; fewer than `will_send` are a sample. `plain`
    is the same text in plain characters: measured along, to tell what the others cost."""
    if not template.tokens:
        one = _measure_for(template, plain, {})
        return _measured([one] * min(will_send, 1), of=will_send, everybody_alike=True)
    each = [_measure_for(template, plain, contact.row) for contact in contacts]
    measured = _measured(each, of=will_send, everybody_alike=False)
    if not each:
        return measured
    longest = max(range(len(each)), key=lambda place: each[place][0].characters)
    return replace(measured, longest_of=contacts[longest].id)


def _measure_for(
    template: Template, plain: Template | None, contact: Mapping[str, Any]
) -> tuple[Measure, int]:
    """With the segments of the text in plain characters."""
    now = measure(template.fill(contact).text)
    if plain is None or now.encoding is Encoding.GSM_7:
        return now, now.segments
    return now, measure(plain.fill(contact).text).segments


def _measured(
    measures: Sequence[tuple[Measure, int]], *, of: int, everybody_alike: bool
) -> Measured:
    if not measures:
        return NOTHING_MEASURED
    exact = everybody_alike or len(measures) >= of
    pairs = Counter((each.segments, then) for each, then in measures)
    if len(measures) != of:
        pairs = _project(pairs, of)
    shares: Counter[int] = Counter()
    for (segments, _), people in pairs.items():
        shares[segments] += people
    return Measured(
        segments=sum(segments * people for segments, people in shares.items()),
        shares=dict(sorted(shares.items())),
        encoding=(
            Encoding.UCS_2
            if any(each.encoding is Encoding.UCS_2 for each, _ in measures)
            else Encoding.GSM_7
        ),
        longest=max(each.characters for each, _ in measures),
        measured=len(measures),
        exact=exact,
        dearer={pair: people for pair, people in sorted(pairs.items()) if pair[0] > pair[1]},
    )


def _project(shares: Counter[_Share], people: int) -> Counter[_Share]:
    """The same shares of `people`; what rounding leaves goes to the most frequent."""
    sample = shares.total()
    projected = Counter({share: count * people // sample for share, count in shares.items()})
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
