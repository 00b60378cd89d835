"""The steps of a broadcast one after the other: whether their times are in order, and what moving
one of them or all of them makes of the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from clarion.broadcasts.schedule import read_zone
from clarion.broadcasts.time_words import day_and_time
from clarion.broadcasts.timing.due import due_at
from clarion.broadcasts.timing.step_time import (
    LAST_DAY,
    OnDate,
    OnDay,
    StepTime,
    ZoneMode,
    wall_time,
)
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from uuid import UUID
    from zoneinfo import ZoneInfo

_NAMES = {Channel.SMS: "SMS", Channel.EMAIL: "email"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedStep:
    """A step as far as its time goes; its place is its place in the sequence it stands in."""

    id: UUID
    channels: frozenset[Channel]
    time: StepTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All steps in their order. `first_day` is the day from which their day numbers count."""

    first_day: date
    steps: tuple[TimedStep, ...]


class Gravity(StrEnum):
    """A problem keeps the broadcast from being launched, a warning does not."""

    PROBLEM = "problem"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`step` is a place from 0, of the step to be changed; `detail` is for people."""

    gravity: Gravity
    step: int
    detail: str


def first_day_of(steps: Sequence[TimedStep], *, otherwise: date) -> date:
    """The date of the first step; `otherwise` (the day of the launch) when that has none."""
    planned = steps[0].time.planned if steps else None
    return planned.wall.date() if isinstance(planned, OnDate) else otherwise


def check_order(plan: Plan, *, account: ZoneInfo, zones: Iterable[str] = ()) -> list[Finding]:
    """Steps that would be due before an earlier one (problem), and steps that reach people by one
    channel in the same minute (warning): looked at in the account's zone and in `zones`, and told
    once, for the first zone in which it is so."""
    found: dict[tuple[Gravity, int], Finding] = {}
    clocks = [account, *(read_zone(name) for name in dict.fromkeys(zones) if name != account.key)]
    first = plan.steps[0].time.planned if plan.steps else None
    if isinstance(first, OnDay) and first.number != 1:
        detail = f"The first step is day 1, not day {first.number}. Change its day or the order."
        finding = Finding(gravity=Gravity.PROBLEM, step=0, detail=detail)
        found[finding.gravity, finding.step] = finding
    for clock in clocks:
        for finding in _findings(plan, account, clock):
            found.setdefault((finding.gravity, finding.step), finding)
    return sorted(found.values(), key=lambda each: (each.step, each.gravity))


def faults_of(findings: Iterable[Finding]) -> list[Fault]:
    """The problems among them, as faults of a body that lists the steps in their order."""
    return [
        Fault(pointer=f"/steps/{each.step}", detail=each.detail)
        for each in findings
        if each.gravity is Gravity.PROBLEM
    ]


def _findings(plan: Plan, account: ZoneInfo, clock: ZoneInfo) -> Iterator[Finding]:
    moments, shown_by = [], []
    for step in plan.steps:
        zone = clock if step.time.zone_mode is ZoneMode.RECIPIENT else account
        moments.append(due_at(step.time, zone, plan.first_day).moment)
        shown_by.append(zone)
    for later in range(1, len(moments)):
        latest = max(range(later), key=lambda place: moments[place])
        at = day_and_time(moments[later], shown_by[later])
        if moments[later] < moments[latest]:
            before = day_and_time(moments[latest], shown_by[latest])
            whom = "" if clock.key == account.key else f"For people in {clock.key} "
            detail = (
                f"{whom}{'step' if whom else 'Step'} {later + 1} would leave at {at}, before step "
                f"{latest + 1} at {before}. Give it a later time, or change the order."
            )
            yield Finding(gravity=Gravity.PROBLEM, step=later, detail=detail)
        for earlier in range(later):
            shared = plan.steps[earlier].channels & plan.steps[later].channels
            if shared and _minute(moments[earlier]) == _minute(moments[later]):
                by = " and ".join(_NAMES[each] for each in Channel if each in shared)
                detail = (
                    f"Steps {earlier + 1} and {later + 1} leave by {by} in the same minute, at "
                    f"{at}: people get both at once."
                )
                yield Finding(gravity=Gravity.WARNING, step=later, detail=detail)
                break


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def shift(plan: Plan, days: int, *, from_place: int = 0) -> Plan:
    """The step at `from_place` and all after it, so many days later or, below 0, earlier.

    Moving all of them moves their dates, and the day from which day numbers count. Raises Invalid
    when a day number or a date would be none any more.
    """
    # Day numbers count from the first step, and so go along with it.
    first_day = plan.first_day if from_place else _days_later(plan.first_day, days)
    numbers = days if from_place else 0
    steps = [
        replace(step, time=_later(step.time, days=days, numbers=numbers, place=place))
        for place, step in enumerate(plan.steps[from_place:], start=from_place)
    ]
    return Plan(first_day=first_day, steps=(*plan.steps[:from_place], *steps))


def _days_later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError as error:
        raise _unfit(0, "Choose a time within the next two years.") from error


def _later(time: StepTime, *, days: int, numbers: int, place: int) -> StepTime:
    match time.planned:
        case OnDate(wall):
            return time.on(OnDate(datetime.combine(_days_later(wall.date(), days), wall.time())))
        case OnDay(number, at):
            return time.on(OnDay(_fitting(number + numbers, place), at))


def _fitting(number: int, place: int) -> int:
    if not 1 <= number <= LAST_DAY:
        raise _unfit(
            place, f"Step {place + 1} would be day {number}; days go from 1 to {LAST_DAY}."
        )
    return number


def moved_to(plan: Plan, step_id: UUID, *, position: int) -> Plan:
    """The step at `position`, from 1, and the others beside it.

    The times stay where they are in the sequence and each step takes the one of its new place, so
    that what was in order stays so; window, days of the week and zone go along with the step.
    Raises Invalid for a position that there is not.
    """
    place = _place_of(plan, step_id)
    if not 1 <= position <= len(plan.steps):
        raise _unfit(place, f"Choose a position from 1 to {len(plan.steps)}.")
    order = [step for step in plan.steps if step.id != step_id]
    order.insert(position - 1, plan.steps[place])
    steps = tuple(
        replace(step, time=step.time.on(held.time.planned))
        for step, held in zip(order, plan.steps, strict=True)
    )
    return Plan(first_day=plan.first_day, steps=steps)


def moved_to_day(plan: Plan, step_id: UUID, *, day: int) -> Plan:
    """The step on day `day` as it is counted now, at its own time of day, and behind those that are
    not later. All other steps keep the day on which they are.

    Whichever step is the first now has the date, if the first had one, and days are counted from
    it. Raises Invalid for a day that there is not, and for steps that would be before day 1.
    """
    place = _place_of(plan, step_id)
    _fitting(day, place)
    dated = bool(plan.steps) and isinstance(plan.steps[0].time.planned, OnDate)
    on_day = _days_later(plan.first_day, day - 1)
    wall = datetime.combine(on_day, wall_time(plan.steps[place].time, plan.first_day).time())
    others = [
        (step, wall_time(step.time, plan.first_day)) for step in plan.steps if step.id != step_id
    ]
    behind = next((n for n, (_, other) in enumerate(others) if other > wall), len(others))
    order = [*others[:behind], (plan.steps[place], wall), *others[behind:]]
    anchor = plan.steps[0].id
    first_day = order[0][1].date()
    steps = []
    for number, (step, at) in enumerate(order):
        is_dated = isinstance(step.time.planned, OnDate)
        if dated and number == 0:
            is_dated = True
        elif dated and step.id == anchor:
            # It had a date because it was the first; its follower has that part now.
            is_dated = False
        days = (at.date() - first_day).days + 1
        planned = OnDate(at) if is_dated else OnDay(_fitting(days, number), at.time())
        steps.append(replace(step, time=step.time.on(planned)))
    return Plan(first_day=first_day, steps=tuple(steps))


def _place_of(plan: Plan, step_id: UUID) -> int:
    place = next((n for n, step in enumerate(plan.steps) if step.id == step_id), None)
    if place is None:
        raise _unfit(0, "There is no such step.")
    return place


def _unfit(place: int, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=f"/steps/{place}", detail=detail)])
