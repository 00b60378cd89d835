from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clarion.broadcasts.schedule import check_moment, moment_of, read_zone
from clarion.kernel.errors import Invalid
from clarion.queue.job import FARTHEST

_NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "wall", "moment"),
    [
        ("America/Chicago", "2026-11-24T09:00", "2026-11-24T15:00"),  # standard time, UTC-6
        ("America/Chicago", "2026-07-01T09:00", "2026-07-01T14:00"),  # summer time, UTC-5
        # On 8 March 2026 clocks go from 2:00 to 3:00: 2:30 is sent at 3:30 (UTC-5).
        ("America/Chicago", "2026-03-08T01:59", "2026-03-08T07:59"),
        ("America/Chicago", "2026-03-08T02:30", "2026-03-08T08:30"),
        ("America/Chicago", "2026-03-08T03:30", "2026-03-08T08:30"),
        # On 1 November 2026 they show 1:30 twice: meant is the first time (UTC-5).
        ("America/Chicago", "2026-11-01T01:30", "2026-11-01T06:30"),
        ("America/Chicago", "2026-11-01T02:00", "2026-11-01T08:00"),
        # Berlin: forward on 29 March 2026 at 2:00, back on 25 October 2026 at 3:00.
        ("Europe/Berlin", "2026-03-29T02:15", "2026-03-29T01:15"),
        ("Europe/Berlin", "2026-10-25T02:15", "2026-10-25T00:15"),
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00"),
        ("America/Phoenix", "2026-03-08T02:30", "2026-03-08T09:30"),
        ("Asia/Kolkata", "2026-11-01T01:30", "2026-10-31T20:00"),
        ("UTC", "2026-11-24T09:00", "2026-11-24T09:00"),
    ],
)
def test_a_wall_time_is_one_moment(zone: str, wall: str, moment: str) -> None:
    found = moment_of(datetime.fromisoformat(wall), read_zone(zone))
    assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert found.tzinfo is UTC


def test_a_wall_time_that_carries_a_fold_means_the_first_time_all_the_same() -> None:
    wall = datetime(2026, 11, 1, 1, 30, fold=1)  # noqa: DTZ001 - wall time
    assert moment_of(wall, read_zone("America/Chicago")) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["", "Chicago", "America", "../etc/passwd", "/etc/passwd", "a\x00b"]
)
def test_what_is_no_time_zone_is_refused_at_its_field(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_zone(name)
    assert [fault.pointer for fault in refused.value.faults] == ["/time_zone"]


@pytest.mark.parametrize(
    "late",
    [timedelta(0), timedelta(seconds=-1), timedelta(days=-400), FARTHEST + timedelta(days=1)],
)
def test_the_past_and_the_far_future_are_refused_at_the_date(late: timedelta) -> None:
    with pytest.raises(Invalid) as refused:
        check_moment(_NOW + late, now=_NOW)
    assert [fault.pointer for fault in refused.value.faults] == ["/scheduled_for"]


@pytest.mark.parametrize("ahead", [timedelta(seconds=1), timedelta(days=200), FARTHEST])
def test_a_time_to_come_is_fine(ahead: timedelta) -> None:
    check_moment(_NOW + ahead, now=_NOW)
