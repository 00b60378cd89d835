"""The day that a step gets which is to follow another one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest

from clarion.broadcasts.broadcast import BroadcastId
from clarion.broadcasts.plan import day_after
from clarion.broadcasts.step import SendMode, Step, StepChannel, StepId, StepStatus
from clarion.broadcasts.timing.step_time import LAST_DAY, ZoneMode

DAY_1 = date(2026, 11, 20)
NEW_YORK = "America/New_York"

#: On November 22.
THIRD_DAY = Step(
    id=StepId(UUID(int=1)),
    broadcast_id=BroadcastId(UUID(int=2)),
    position=2,
    channel=StepChannel.SMS,
    body="Hello",
    send_mode=SendMode.LATER,
    scheduled_for=None,
    day_number=3,
    day_time=time(10),
    scheduled_at=None,
    time_zone="UTC",
    status=StepStatus.DRAFT,
    launched_up_to=0,
    job_id=None,
    launched_at=None,
    completed_at=None,
)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_it_is_a_day_later_at_the_same_hour() -> None:
    assert day_after(THIRD_DAY, DAY_1) == (4, time(10))
    assert day_after(THIRD_DAY, DAY_1, not_before=at(21, 0)) == (4, time(10))


def test_after_one_that_is_sent_at_once_it_is_the_second_day_at_nine() -> None:
    at_once = replace(THIRD_DAY, send_mode=SendMode.NOW, day_number=None, day_time=None)
    assert day_after(at_once, DAY_1) == (2, time(9))


def test_a_date_before_the_first_day_counts_from_the_first() -> None:
    early = replace(
        THIRD_DAY, day_number=None, day_time=None, scheduled_for=at(1, 8).replace(tzinfo=None)
    )
    assert day_after(early, DAY_1) == (2, time(8))


def test_two_years_are_the_end() -> None:
    assert day_after(replace(THIRD_DAY, day_number=LAST_DAY), DAY_1) == (LAST_DAY, time(10))


@pytest.mark.parametrize(
    ("not_before", "number"),
    [(at(25, 9, 59), 6), (at(25, 10), 6), (at(25, 10, 1), 7)],
)
def test_a_day_that_is_over_is_left_out(not_before: datetime, number: int) -> None:
    assert day_after(THIRD_DAY, DAY_1, not_before=not_before) == (number, time(10))


def test_the_clock_is_that_of_whoever_has_the_hour_first() -> None:
    # 9:30 in New York is 4:30 of the next day where a day begins first.
    not_before = at(25, 14, 30)
    in_new_york = replace(THIRD_DAY, time_zone=NEW_YORK)
    assert day_after(in_new_york, DAY_1, not_before=not_before) == (6, time(10))
    for_each = replace(in_new_york, zone_mode=ZoneMode.RECIPIENT)
    assert day_after(for_each, DAY_1, not_before=not_before) == (7, time(10))
