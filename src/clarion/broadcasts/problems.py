"""What is left to do before a draft can be launched, in the order of the wizard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.broadcasts.outlook import MAX_CHARACTERS, WizardProblem, WizardStep
from clarion.broadcasts.plan import due_at, first_day, timed_steps
from clarion.broadcasts.step import SendMode
from clarion.broadcasts.timing.order import Gravity, Plan, check_order
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from clarion.audience.audience import Reach
    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.outlook import Measured, MissingToken
    from clarion.broadcasts.step import Step
    from clarion.kernel.errors import Invalid

_A_MESSAGE = {
    (Channel.SMS,): "an SMS",
    (Channel.EMAIL,): "an email",
    (Channel.SMS, Channel.EMAIL): "an SMS or an email",
}


def audience_problems(
    broadcast: Broadcast, reach: Mapping[Channel, Reach], *, will_send: int
) -> list[WizardProblem]:
    if will_send or not reach:
        return []
    matched = next(iter(reach.values())).matched
    detail = (
        "No contact matches this filter."
        if matched == 0
        else f"None of the {matched:,} matched contacts can get {_A_MESSAGE[broadcast.channels]}."
    )
    return [WizardProblem(step=WizardStep.AUDIENCE, pointer="/filter", detail=detail)]


def text_problems(
    step: Step, measured: Measured, missing: Sequence[MissingToken]
) -> list[WizardProblem]:
    """Of a step's own text; what cannot be compiled is told beside."""
    found = []
    if Channel.SMS in step.channels:
        if not step.body.strip():
            found.append(_compose(step, "/body", "Write the message."))
        if measured.longest > MAX_CHARACTERS:
            found.append(
                _compose(
                    step,
                    "/body",
                    f"The longest message has {measured.longest:,} characters; "
                    f"an SMS can have {MAX_CHARACTERS:,}.",
                )
            )
    if Channel.EMAIL in step.channels:
        if not step.mail.subject.strip():
            found.append(_compose(step, "/subject", "Write the subject of the email."))
        if step.mail.document is None:
            found.append(_compose(step, "/email", "Write the email."))
    return found + [
        _compose(
            step,
            "/body" if each.channel is Channel.SMS else "/email",
            f"{{{{ {each.token} }}}} has no value for {each.recipients:,} "
            f"{'recipient' if each.recipients == 1 else 'recipients'}. Add a fallback.",
        )
        for each in missing
    ]


def time_problems(broadcast: Broadcast, *, now: datetime) -> list[WizardProblem]:
    """Steps without a time, with one that has passed, and out of order."""
    found = []
    day_1 = first_day(broadcast.steps, begins_at=now)
    for step in broadcast.steps:
        due = due_at(step, step.zone, day_1)
        detail = None
        if step.send_mode is SendMode.LATER and due is None:
            detail = "Choose a date and a time."
        elif due is not None and due <= now:
            detail = "This time has passed. Choose a later one" + (
                ", or send immediately." if step.position == 1 else "."
            )
        if detail is not None:
            found.append(_problem(WizardStep.SCHEDULE, step, "/scheduled_for", detail))
    if not found:
        found += _order_problems(broadcast, day_1, now=now)
    return found


def _order_problems(broadcast: Broadcast, day_1: date, *, now: datetime) -> list[WizardProblem]:
    """Of steps that all have their time. What is sent at once is due now."""
    timed = timed_steps(broadcast.steps, at_once=now)
    findings = check_order(Plan(first_day=day_1, steps=timed), account=broadcast.first_step.zone)
    return [
        _problem(WizardStep.SCHEDULE, broadcast.steps[each.step], "/scheduled_for", each.detail)
        for each in findings
        if each.gravity is Gravity.PROBLEM
    ]


def from_faults(step: WizardStep, error: Invalid, of: Step | None = None) -> list[WizardProblem]:
    """Each fault of what cannot be read, at its place."""
    pointers = [(fault.pointer, fault.detail) for fault in error.faults] or [("", error.detail)]
    return [
        WizardProblem(
            step=step, pointer=pointer, detail=detail, of_step=None if of is None else of.id
        )
        for pointer, detail in pointers
    ]


def _compose(step: Step, pointer: str, detail: str) -> WizardProblem:
    return _problem(WizardStep.COMPOSE, step, pointer, detail)


def _problem(at: WizardStep, step: Step, pointer: str, detail: str) -> WizardProblem:
    return WizardProblem(step=at, pointer=pointer, detail=detail, of_step=step.id)
