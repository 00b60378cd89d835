from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from clarion.audience.days import anniversaries, days_ago

_CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("now", "days", "met"),
    [
        (datetime(2026, 11, 23, 18, tzinfo=UTC), 0, ["1123"]),
        (datetime(2026, 11, 24, 5, tzinfo=UTC), 0, ["1123"]),  # still the 23rd in Chicago
        (datetime(2026, 12, 30, 18, tzinfo=UTC), 2, ["0101", "1230", "1231"]),
        (datetime(2027, 2, 28, 18, tzinfo=UTC), 0, ["0228"]),
        (datetime(2027, 2, 28, 18, tzinfo=UTC), 1, ["0228", "0229", "0301"]),
        (datetime(2028, 2, 28, 18, tzinfo=UTC), 1, ["0228", "0229"]),
        (datetime(2028, 3, 1, 18, tzinfo=UTC), 0, ["0301"]),
        (datetime(2100, 3, 1, 18, tzinfo=UTC), 0, ["0229", "0301"]),
    ],
)
def test_a_leap_day_is_met_on_the_first_of_march_of_other_years(
    now: datetime, days: int, met: list[str]
) -> None:
    assert anniversaries(days, now=now, zone=_CHICAGO) == met


@pytest.mark.parametrize("days", [366, 36_500])
def test_in_a_year_every_day_comes_round(days: int) -> None:
    now = datetime(2027, 3, 1, 18, tzinfo=UTC)
    assert len(anniversaries(days, now=now, zone=_CHICAGO)) == 366


def test_days_begin_where_the_workspace_is() -> None:
    now = datetime(2026, 11, 1, 7, 30, tzinfo=UTC)  # the hour that comes twice that day
    assert days_ago(0, now=now, zone=_CHICAGO) == datetime(2026, 11, 1, 5, tzinfo=UTC)
    assert days_ago(-1, now=now, zone=_CHICAGO) == datetime(2026, 11, 2, 6, tzinfo=UTC)
