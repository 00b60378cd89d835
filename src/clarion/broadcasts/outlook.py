"""What would happen if a draft were launched now: who, how many segments, what cost, until when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from clarion.broadcasts.broadcast import AudienceMode, Broadcast, SendMode
from clarion.content.cost import Money, sms_cost
from clarion.content.preview import preview
from clarion.content.segments import Encoding, Measure, measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from clarion.audience.audience import Contact, Estimate, LeftOut
    from clarion.content.template import Template

#: Twilio refuses longer texts (error 21617).
MAX_CHARACTERS = 1_600


class WizardStep(StrEnum):
    TYPE = "type"
    AUDIENCE = "audience"
    COMPOSE = "compose"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class WizardProblem:
    """What keeps a draft from being launched, and the step of the wizard where it is mended."""

    step: WizardStep
    pointer: str
    detail: str


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
class Outlook:
    """`done_at` None: not within a year, or nothing is set up to send with. `hours_note` says in
    words what the sending hours do to it, if they do."""

    version: int
    matched: int
    will_send: int
    left_out: Mapping[LeftOut, int]
    measured: Measured
    cost: Money
    missing_tokens: tuple[MissingToken, ...]
    starts_at: datetime
    done_at: datetime | None
    hours_note: str | None
    audience_mode: AudienceMode
    note: str | None
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


def problems_of(
    broadcast: Broadcast,
    *,
    estimate: Estimate | None,
    measured: Measured,
    missing: Sequence[MissingToken],
    now: datetime,
) -> list[WizardProblem]:
    """What is left to do, in the order of the wizard; faults of filter and text come on top."""
    found = []
    if estimate is not None and estimate.sms.reachable == 0:
        detail = (
            "No contact matches this filter."
            if estimate.matched == 0
            else f"None of the {estimate.matched:,} matched contacts can get an SMS."
        )
        found.append(WizardProblem(step=WizardStep.AUDIENCE, pointer="/filter", detail=detail))
    step = broadcast.first_step
    if not step.body.strip():
        found.append(
            WizardProblem(step=WizardStep.COMPOSE, pointer="/body", detail="Write the message.")
        )
    if measured.longest > MAX_CHARACTERS:
        found.append(
            WizardProblem(
                step=WizardStep.COMPOSE,
                pointer="/body",
                detail=f"The longest message has {measured.longest:,} characters; "
                f"an SMS can have {MAX_CHARACTERS:,}.",
            )
        )
    found += [
        WizardProblem(
            step=WizardStep.COMPOSE,
            pointer="/body",
            detail=f"{{{{ {each.token} }}}} has no value for {each.recipients:,} "
            f"{'recipient' if each.recipients == 1 else 'recipients'}. Add a fallback.",
        )
        for each in missing
    ]
    if step.send_mode is SendMode.LATER:
        if step.scheduled_at is None:
            detail = "Choose a date and a time."
        elif step.scheduled_at <= now:
            detail = "This time has passed. Choose a later one, or send immediately."
        else:
            return found
        found.append(
            WizardProblem(step=WizardStep.SCHEDULE, pointer="/scheduled_for", detail=detail)
        )
    return found


def cost_of(segments: int, price_per_segment: Decimal, currency: str) -> Money:
    return Money(
        amount=sms_cost(segments, price_per_segment).quantize(Decimal("0.01")), currency=currency
    )
