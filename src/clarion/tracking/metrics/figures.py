"""What is told of a running Clarion, and what follows from two looks at it. No names, no addresses:
lanes, workspaces and workers by their ids."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingStream:
    """Messages of one step, or single ones of one workspace, that wait for one lane.

    `waiting` and `due` are counted up to a limit, which `is_capped` says was reached. `of_step`:
    how many of the step wait on all lanes; None for single messages. `is_due`: the stream has its
    turn now, which it has not outside the sending hours, or while its own speed limit holds it.
    """

    lane_id: UUID
    workspace_id: UUID
    step_id: UUID | None
    is_due: bool
    of_step: int | None
    waiting: int
    due: int
    oldest_due_at: datetime | None
    is_capped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Messages that have not left. `due`: those that could leave now."""

    waiting: int = 0
    due: int = 0
    oldest_due_at: datetime | None = None

    def and_also(self, other: Backlog) -> Backlog:
        moments = [at for at in (self.oldest_due_at, other.oldest_due_at) if at is not None]
        return Backlog(
            waiting=self.waiting + other.waiting,
            due=self.due + other.due,
            oldest_due_at=min(moments, default=None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFigures:
    """`pace`: messages per second by the settings; `share`: the part of it that is used since the
    provider last said "too fast". `booked`: for so many seconds its slots are given away.
    `handed_over` counts slots since ever."""

    id: UUID
    channel: str
    provider: str
    tier: int
    pace: float
    share: float
    booked: float
    handed_over: int
    backlog: Backlog


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    messages: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One look. Keys are (channel, status), (channel, code), (task, state), (status, paused by)."""

    read_at: datetime
    lanes: Sequence[LaneFigures] = ()
    waiting_of_workspaces: Mapping[UUID, int] = field(default_factory=dict)
    messages: Mapping[tuple[str, str], int] = field(default_factory=dict)
    unsettled: Mapping[tuple[str, str], Unsettled] = field(default_factory=dict)
    errors: Mapping[tuple[str, str], int] = field(default_factory=dict)
    callbacks_waiting: int = 0
    oldest_callback_at: datetime | None = None
    jobs: Mapping[str, int] = field(default_factory=dict)
    tasks: Mapping[tuple[str, str], int] = field(default_factory=dict)
    broadcasts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    workers: Mapping[int, datetime] = field(default_factory=dict)
    breakers: Mapping[str, str] = field(default_factory=dict)
    troubles: Mapping[str, int] = field(default_factory=dict)


def backlog_by_lane(
    streams: Iterable[WaitingStream], paces: Mapping[UUID, float]
) -> dict[UUID, Backlog]:
    """How many wait for each lane.

    Of a step on one lane the step's counter says it. Of a step on several lanes each is counted by
    itself, and what lies beyond the limit of the count is shared out by pace, as the messages were,
    among those that reached it.
    """
    by_step: dict[UUID, list[WaitingStream]] = defaultdict(list)
    found: dict[UUID, Backlog] = defaultdict(Backlog)
    for stream in streams:
        if stream.step_id is not None:
            by_step[stream.step_id].append(stream)
        else:
            found[stream.lane_id] = found[stream.lane_id].and_also(_backlog(stream, 0))
    for together in by_step.values():
        beyond = max(0, (together[0].of_step or 0) - sum(each.waiting for each in together))
        capped = [paces.get(each.lane_id, 1.0) for each in together if each.is_capped]
        shares = _shares(beyond, capped)
        for stream in together:
            more = next(shares) if stream.is_capped else 0
            found[stream.lane_id] = found[stream.lane_id].and_also(_backlog(stream, more))
    return dict(found)


def waiting_by_workspace(streams: Iterable[WaitingStream], *, most: int) -> dict[UUID, int]:
    """The workspaces with the largest backlogs, largest first."""
    by_step: dict[UUID, tuple[UUID, int]] = {}
    found: dict[UUID, int] = defaultdict(int)
    for stream in streams:
        if stream.step_id is None:
            found[stream.workspace_id] += stream.waiting
        else:
            by_step[stream.step_id] = (stream.workspace_id, stream.of_step or 0)
    for workspace_id, waiting in by_step.values():
        found[workspace_id] += waiting
    largest = sorted(found.items(), key=lambda each: (-each[1], each[0]))[:most]
    return {workspace_id: waiting for workspace_id, waiting in largest if waiting}


def rates(before: Figures, now: Figures) -> dict[UUID, float]:
    """Messages handed over per second between two looks; none when they were at the same time."""
    seconds = (now.read_at - before.read_at).total_seconds()
    if seconds <= 0:
        return {}
    known = {lane.id: lane.handed_over for lane in before.lanes}
    return {
        # A lane that is new since then had handed over nothing.
        lane.id: max(0, lane.handed_over - known.get(lane.id, 0)) / seconds
        for lane in now.lanes
    }


def backlog_seconds(lane: LaneFigures, rate: float | None) -> float:
    """How long what is due will take at the rate of the last minute.

    While nothing was handed over, at the pace of the settings: a lane that has just begun.
    """
    if lane.backlog.due == 0:
        return 0.0
    return lane.backlog.due / (rate or lane.pace)


def _backlog(stream: WaitingStream, beyond: int) -> Backlog:
    if not stream.is_due:
        return Backlog(waiting=stream.waiting + beyond)
    return Backlog(
        waiting=stream.waiting + beyond,
        # In order of their times: who comes after a full count of due ones is mostly due too.
        due=stream.due + (beyond if stream.due == stream.waiting else 0),
        oldest_due_at=stream.oldest_due_at,
    )


def _shares(total: int, weights: Sequence[float]) -> Iterator[int]:
    """Whole numbers as the weights are to each other, which add up to `total`."""
    given, so_far, whole = 0, 0.0, sum(weights)
    for weight in weights:
        so_far += weight
        upto = round(total * so_far / whole)
        yield upto - given
        given = upto
