"""What somebody who plans should know of the steps on the calendar, in sentences."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from heapq import nsmallest
from typing import TYPE_CHECKING

from clarion.broadcasts.broadcast import Status
from clarion.broadcasts.managing.calendar_step import end_of
from clarion.broadcasts.plan import timed_steps
from clarion.broadcasts.step import StepChannel
from clarion.broadcasts.time_words import clock_time, day_of, hours_in_words
from clarion.broadcasts.timing.order import Plan, check_order
from clarion.broadcasts.timing.step_time import ZoneMode
from clarion.compliance.sending_hours import CHOSEN_FOR, closes_at, next_inside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from clarion.broadcasts.broadcast import BroadcastId
    from clarion.broadcasts.managing.calendar_step import CalendarStep
    from clarion.broadcasts.step import Step, StepId
    from clarion.compliance.sending_hours import SendingHours

#: So many others are named; of the rest only the number is told.
MOST_NAMED = 5

#: The most steps that a broadcast has, so that among so many neighbours there are others.
_OWN = 50

_BY = {StepChannel.SMS: "SMS", StepChannel.EMAIL: "email", StepChannel.SMS_EMAIL: "SMS or email"}


class WarningKind(StrEnum):
    PASSED = "passed"
    OWN_HOURS = "own_hours"
    SENDING_HOURS = "sending_hours"
    ORDER = "order"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarWarning:
    """`others` are the steps that it conflicts with, the nearest first; `more` are not named."""

    kind: WarningKind
    detail: str
    others: tuple[CalendarStep, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is warned of: `hours` are the workspace's sending hours, `zone` is its own. `within` is
    how near to one another two broadcasts are in conflict; None: on the same day."""

    hours: SendingHours
    zone: ZoneInfo
    within: timedelta | None = None


def warnings_of(
    planned: Sequence[CalendarStep],
    sequences: Mapping[BroadcastId, Sequence[Step]],
    rules: Rules,
    *,
    now: datetime,
) -> dict[StepId, tuple[CalendarWarning, ...]]:
    """Of each step that can still be moved; `sequences` are all steps of the broadcasts."""
    near = _Near(planned, rules)
    order = _order_warnings(planned, sequences, now=now)
    return {
        each.step.id: (
            *_passed(each, now),
            *_own_hours(each),
            *_sending_hours(each, rules.hours),
            *order.get(each.step.id, ()),
            *near.conflicts(each),
        )
        for each in planned
        if each.is_movable
    }


def _passed(each: CalendarStep, now: datetime) -> list[CalendarWarning]:
    if each.broadcast_status is not Status.DRAFT or each.at > now:
        return []
    detail = "This time has passed, and the broadcast is still a draft. Move it to a later one."
    return [CalendarWarning(kind=WarningKind.PASSED, detail=detail)]


def _own_hours(each: CalendarStep) -> list[CalendarWarning]:
    if each.why_moved is None:
        return []
    return [CalendarWarning(kind=WarningKind.OWN_HOURS, detail=each.why_moved)]


def _sending_hours(each: CalendarStep, hours: SendingHours) -> list[CalendarWarning]:
    zone = each.step.zone
    if hours.contain(each.at, zone):
        return []
    whose = (
        "on each recipient's clock"
        if each.step.zone_mode is ZoneMode.RECIPIENT
        else f"({zone.key})"
    )
    said = (
        f"{clock_time(each.at, zone)} {whose} is outside the sending hours "
        f"({hours_in_words(hours)})."
    )
    closes = closes_at(each.at, planned_at=each.at, zone=zone, hours=hours)
    if closes is None or closes - each.at > CHOSEN_FOR:
        # Before it would have to stop the hours have opened.
        said += " It begins then all the same, because the time was chosen."
    else:
        opens = next_inside(closes, zone=zone, hours=hours)
        said += (
            f" It begins then, because the time was chosen; what has not left by "
            f"{clock_time(closes, zone)} waits until {clock_time(opens, zone)} on "
            f"{day_of(opens, zone)}."
        )
    return [CalendarWarning(kind=WarningKind.SENDING_HOURS, detail=said)]


def _order_warnings(
    planned: Sequence[CalendarStep],
    sequences: Mapping[BroadcastId, Sequence[Step]],
    *,
    now: datetime,
) -> dict[StepId, list[CalendarWarning]]:
    found: dict[StepId, list[CalendarWarning]] = defaultdict(list)
    asked = {each.step.broadcast_id: each for each in planned if each.steps > 1 and each.is_movable}
    for broadcast_id, each in asked.items():
        steps = sequences[broadcast_id]
        plan = Plan(first_day=each.counts_from, steps=timed_steps(steps, at_once=now))
        for finding in check_order(plan, account=steps[0].zone):
            found[steps[finding.step].id].append(
                CalendarWarning(kind=WarningKind.ORDER, detail=finding.detail)
            )
    return found


class _Near:
    """The steps that reach people by a channel, in the order of their moments."""

    def __init__(self, planned: Sequence[CalendarStep], rules: Rules) -> None:
        self._rules = rules
        sent = sorted((each for each in planned if not each.is_cancelled), key=_moment)
        self._by = {
            channel: [each for each in sent if set(channel.channels) & set(each.step.channels)]
            for channel in StepChannel
        }
        self._own: dict[BroadcastId, list[CalendarStep]] = defaultdict(list)
        for each in sent:
            self._own[each.step.broadcast_id].append(each)

    def conflicts(self, each: CalendarStep) -> list[CalendarWarning]:
        """With steps of other broadcasts."""
        steps = self._by[each.step.channel]
        begins, ends = self._reach(each)
        low, high = bisect_left(steps, begins, key=_moment), bisect_left(steps, ends, key=_moment)
        channels = set(each.step.channels)
        own = sum(
            begins <= one.at < ends and bool(channels & set(one.step.channels))
            for one in self._own[each.step.broadcast_id]
        )
        others = high - low - own
        if others == 0:
            return []
        here = bisect_left(steps, each.at, key=_moment)
        around = steps[max(low, here - _OWN - MOST_NAMED) : min(high, here + _OWN + MOST_NAMED)]
        named = nsmallest(
            MOST_NAMED,
            (one for one in around if one.step.broadcast_id != each.step.broadcast_id),
            key=lambda one: abs(one.at - each.at),
        )
        detail = self._detail(each, named, others - len(named))
        return [
            CalendarWarning(
                kind=WarningKind.CONFLICT,
                detail=detail,
                others=tuple(named),
                more=others - len(named),
            )
        ]

    def _reach(self, each: CalendarStep) -> tuple[datetime, datetime]:
        """From the first moment that is near until the first that is not any more."""
        if self._rules.within is not None:
            within = self._rules.within
            return each.at - within, each.at + within + timedelta.resolution
        day = each.at.astimezone(self._rules.zone).date()
        return end_of(day - timedelta(days=1), self._rules.zone), end_of(day, self._rules.zone)

    def _detail(self, each: CalendarStep, named: Sequence[CalendarStep], more: int) -> str:
        zone, within = self._rules.zone, self._rules.within
        if within is None:
            when = f"on {day_of(each.at, zone)}"
        else:
            hours = within // timedelta(hours=1)
            when = f"within {hours} {'hour' if hours == 1 else 'hours'}"
        listed = [self._name(one, with_day=within is not None) for one in named]
        if more:
            listed.append(f"{more:,} more")
        *first, last = listed
        said = f"{', '.join(first)} and {last}" if first else last
        return f"Also {when} by {_BY[each.step.channel]}: {said}."

    def _name(self, each: CalendarStep, *, with_day: bool) -> str:
        step = f", step {each.step.position}" if each.steps > 1 else ""
        on = f" on {day_of(each.at, self._rules.zone)}" if with_day else ""
        name = each.broadcast_name or "Untitled broadcast"
        return f"“{name}”{step} at {clock_time(each.at, self._rules.zone)}{on}"


def _moment(each: CalendarStep) -> datetime:
    return each.at
