"""What a change of a step does to whom, in sentences that are read before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.broadcasts.plan import wall_of
from clarion.broadcasts.time_words import wall_words
from clarion.broadcasts.timing.step_time import ZoneMode, weekdays_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from clarion.broadcasts.step import Step

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """`people` are still in the sequence; None while the audience is not saved."""

    sentences: tuple[str, ...]
    people: int | None


def effects_of(
    before: Sequence[Step],
    after: Sequence[Step],
    *,
    day_1: tuple[date, date],
    people: int | None,
) -> Effects:
    """`day_1` before and after the change. Steps that were not touched are not spoken of."""
    known = {step.id: step for step in before}
    whom = "" if people is None else f" to {people:,} {'person' if people == 1 else 'people'}"
    sentences: list[str] = []
    for step in after:
        was = known.get(step.id)
        if was is None:
            sentences.append(f"{_name(step)} is added: it goes out {_when(step, day_1[1])}{whom}.")
            continue
        if _when(was, day_1[0]) != _when(step, day_1[1]):
            sentences.append(
                f"{_name(step)} goes out {_when(step, day_1[1])}{whom}, "
                f"instead of {_when(was, day_1[0])}."
            )
        if _within(was) != _within(step):
            sentences.append(f"{_name(step)} is sent {_within(step)}, instead of {_within(was)}.")
        if was.channel is not step.channel or was.both != step.both:
            sentences.append(f"{_name(step)} goes {_how(step)} instead of {_how(was)}{whom}.")
        if (was.body, was.mail) != (step.body, step.mail):
            sentences.append(f"{_name(step)} says something else{whom}; nobody has got it yet.")
        if was.condition != step.condition:
            sentences.append(f"Who gets s{_name(step)[1:]} is decided anew when it begins.")
    left = [step for step in before if step.id not in {each.id for each in after}]
    sentences += [f"{_name(step)} is not sent{whom}." for step in left]
    return Effects(sentences=tuple(sentences), people=people)


def _name(step: Step) -> str:
    return f"Step {step.position}" + (f" ({step.name})" if step.name else "")


def _when(step: Step, day_1: date) -> str:
    wall = wall_of(step, day_1)
    if wall is None:
        return "at once"
    whose = "in each recipient's time zone"
    clock = whose if step.zone_mode is ZoneMode.RECIPIENT else f"({step.time_zone})"
    return f"{wall_words(wall)} {clock}"


def _within(step: Step) -> str:
    """The hours and days of the week at which it may leave."""
    hours = (
        "at any hour"
        if step.window_from is None or step.window_until is None
        else f"from {step.window_from:%H:%M} to {step.window_until:%H:%M}"
    )
    days = [_WEEKDAYS[day - 1] for day in sorted(weekdays_of(step.weekdays))]
    return f"{hours} on {'any day' if len(days) == len(_WEEKDAYS) else _listed(days)}"


def _listed(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _how(step: Step) -> str:
    return {"sms": "by SMS", "email": "by email", "sms_email": "by SMS and email"}[step.channel]
