from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from clarion.broadcasts.broadcast import (
    BroadcastId,
    Status,
    audience_moved,
    check_move,
    status_after_resume,
)
from clarion.broadcasts.step import SendMode, Step, StepChannel, StepId, StepStatus
from clarion.kernel.errors import Conflict

_MOVES = {
    ("draft", "scheduled"),
    ("scheduled", "sending"),
    ("scheduled", "paused"),
    ("scheduled", "cancelled"),
    ("scheduled", "failed"),
    ("sending", "paused"),
    ("sending", "completed"),
    ("sending", "cancelled"),
    ("sending", "failed"),
    ("paused", "scheduled"),
    ("paused", "sending"),
    ("paused", "cancelled"),
}


@pytest.mark.parametrize("to", list(Status))
@pytest.mark.parametrize("now", list(Status))
def test_a_broadcast_goes_only_where_it_can(now: Status, to: Status) -> None:
    if (now, to) in _MOVES:
        check_move(now, to, "moved")
        return
    with pytest.raises(Conflict) as refused:
        check_move(now, to, "moved")
    assert refused.value.detail.endswith("; it cannot be moved.")


def test_the_refusal_says_how_it_stands() -> None:
    with pytest.raises(Conflict, match="The broadcast is being sent; it cannot be launched"):
        check_move(Status.SENDING, Status.SCHEDULED, "launched")


def step(status: StepStatus) -> Step:
    return Step(
        id=StepId(uuid4()),
        broadcast_id=BroadcastId(uuid4()),
        position=1,
        channel=StepChannel.SMS,
        body="",
        send_mode=SendMode.NOW,
        scheduled_for=None,
        scheduled_at=datetime(2026, 11, 24, tzinfo=UTC),
        time_zone="UTC",
        status=status,
        launched_up_to=0,
        job_id=None,
        launched_at=None,
        completed_at=None,
    )


@pytest.mark.parametrize(
    ("statuses", "after"),
    [
        (["scheduled"], "scheduled"),
        (["launching"], "sending"),
        (["sending"], "sending"),
        (["completed", "scheduled"], "sending"),
        (["scheduled", "scheduled"], "scheduled"),
    ],
)
def test_a_broadcast_is_resumed_to_where_its_steps_are(statuses: list[str], after: str) -> None:
    steps = tuple(step(StepStatus(status)) for status in statuses)
    assert status_after_resume(steps) == after


@pytest.mark.parametrize(
    ("expected", "found", "moved"),
    [
        (0, 0, False),
        (5, 6, True),
        (99, 98, True),
        (100, 101, False),
        (100, 98, True),
        (10_000, 10_100, False),
        (10_000, 9_899, True),
    ],
)
def test_one_in_a_hundred_may_come_or_go(expected: int, found: int, *, moved: bool) -> None:
    assert audience_moved(expected, found) is moved
