"""Sending hours: nothing leaves outside of them that nobody has asked for."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.compliance.sending_hours import (
    CHOSEN_FOR,
    EVERY_DAY,
    SendingHours,
    closes_at,
    is_allowed,
    next_allowed,
    next_inside,
)

CHICAGO = ZoneInfo("America/Chicago")
DAY = SendingHours(time(8), time(21))
ANY_HOUR = SendingHours(None, None)


def at(text: str, zone: ZoneInfo = CHICAGO, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


NOON = at("2026-11-23T12:00")


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-11-23T08:00", "2026-11-23T08:00"),
        ("2026-11-23T20:59:59", "2026-11-23T20:59:59"),
        ("2026-11-23T21:00", "2026-11-24T08:00"),
        ("2026-11-24T03:00", "2026-11-24T08:00"),
        ("2026-11-24T07:59:59", "2026-11-24T08:00"),
    ],
)
def test_what_was_planned_for_noon_leaves_within_the_hours(now: str, leaves: str) -> None:
    assert next_allowed(at(now), planned_at=NOON, zone=CHICAGO, hours=DAY) == at(leaves)


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-11-23T23:10", "2026-11-23T23:10"),
        ("2026-11-24T01:09:59", "2026-11-24T01:09:59"),
        ("2026-11-24T01:10", "2026-11-24T08:00"),
    ],
)
def test_who_chooses_an_hour_outside_gets_it_for_two_hours(now: str, leaves: str) -> None:
    planned_at = at("2026-11-23T23:10")
    assert next_allowed(at(now), planned_at=planned_at, zone=CHICAGO, hours=DAY) == at(leaves)


def test_a_time_that_lies_within_the_hours_chooses_no_hour_outside() -> None:
    planned_at = at("2026-11-23T20:59")
    leaves = next_allowed(at("2026-11-23T21:30"), planned_at=planned_at, zone=CHICAGO, hours=DAY)
    assert leaves == at("2026-11-24T08:00")


def test_without_hours_anything_leaves_at_any_time_and_without_end() -> None:
    night = at("2026-11-24T03:00")
    assert next_allowed(night, planned_at=NOON, zone=CHICAGO, hours=ANY_HOUR) == night
    assert closes_at(night, planned_at=NOON, zone=CHICAGO, hours=ANY_HOUR) is None


@pytest.mark.parametrize(
    ("planned", "now", "closes"),
    [
        ("2026-11-23T12:00", "2026-11-23T12:30", "2026-11-23T21:00"),
        ("2026-11-23T12:00", "2026-11-23T22:00", "2026-11-24T21:00"),
        ("2026-11-23T23:10", "2026-11-23T23:30", "2026-11-24T01:10"),
        # The hours open before the two hours are over, and then they hold.
        ("2026-11-23T07:00", "2026-11-23T07:30", "2026-11-23T21:00"),
    ],
)
def test_the_end_is_told(planned: str, now: str, closes: str) -> None:
    end = closes_at(at(now), planned_at=at(planned), zone=CHICAGO, hours=DAY)
    assert end == at(closes)


def test_an_opening_that_the_clock_leaves_out_is_the_moment_of_the_change() -> None:
    """On 8 March 2026 there is no 02:30 in Chicago: after 01:59 comes 03:00."""
    leaves = next_allowed(
        at("2026-03-08T01:00"),
        planned_at=at("2026-03-07T12:00"),
        zone=CHICAGO,
        hours=SendingHours(time(2, 30), time(21)),
    )
    assert leaves == at("2026-03-08T03:00")


def test_a_closing_that_the_clock_shows_twice_is_kept_both_times() -> None:
    """On 1 November 2026 the hour from 01:00 comes twice: 01:30 is reached, and reached again."""
    hours = SendingHours(time(0, 30), time(1, 30))
    planned_at = at("2026-10-31T01:00")
    first = closes_at(at("2026-11-01T01:10"), planned_at=planned_at, zone=CHICAGO, hours=hours)
    assert first == at("2026-11-01T01:30")
    again = next_allowed(at("2026-11-01T01:45"), planned_at=planned_at, zone=CHICAGO, hours=hours)
    assert again == at("2026-11-01T01:00", fold=1)


def test_a_night_with_a_clock_change_is_an_hour_shorter() -> None:
    evening = at("2026-03-07T21:00")
    noon = at("2026-03-07T12:00")
    assert next_allowed(evening, planned_at=noon, zone=CHICAGO, hours=DAY) - evening == timedelta(
        hours=10
    )


def test_a_day_that_a_zone_leaves_out_has_no_hours() -> None:
    """Samoa went from 29 December 2011 straight to the 31st."""
    apia = ZoneInfo("Pacific/Apia")
    now = at("2011-12-29T22:00", apia)
    noon = at("2011-12-29T12:00", apia)
    opens = next_allowed(now, planned_at=noon, zone=apia, hours=DAY)
    assert opens == at("2011-12-31T08:00", apia)
    assert opens - now == timedelta(hours=10)


@pytest.mark.parametrize(
    ("opens", "closes"),
    [(time(8), None), (None, time(21)), (time(21), time(8)), (time(8), time(8))],
)
def test_hours_that_never_open_are_refused(opens: time | None, closes: time | None) -> None:
    with pytest.raises(ValueError, match="Sending hours"):
        SendingHours(opens, closes)


WEEKEND = frozenset({6, 7})


def test_days_of_the_week_close_and_open_at_midnight() -> None:
    weekend = SendingHours(None, None, WEEKEND)
    friday = at("2026-11-27T15:00")
    opens = next_inside(friday, zone=CHICAGO, hours=weekend)
    assert opens == at("2026-11-28T00:00")
    assert closes_at(opens, planned_at=opens, zone=CHICAGO, hours=weekend) == at("2026-11-30T00:00")


def test_hours_of_some_days_open_on_those_days_only() -> None:
    weekend = SendingHours(time(10), time(18), WEEKEND)
    for now, leaves in (
        ("2026-11-27T12:00", "2026-11-28T10:00"),
        ("2026-11-28T18:00", "2026-11-29T10:00"),
        ("2026-11-29T18:00", "2026-12-05T10:00"),
        ("2026-11-28T12:00", "2026-11-28T12:00"),
    ):
        assert next_inside(at(now), zone=CHICAGO, hours=weekend) == at(leaves)


def test_nobody_chooses_an_hour_within_hours_that_hold_for_everybody() -> None:
    """`next_allowed` lets a planned time outside pass, `next_inside` does not."""
    night = at("2026-11-23T23:10")
    assert next_allowed(night, planned_at=night, zone=CHICAGO, hours=DAY) == night
    assert next_inside(night, zone=CHICAGO, hours=DAY) == at("2026-11-24T08:00")


@pytest.mark.parametrize("days", [set(), {0}, {8}, {1, 9}])
def test_days_that_there_are_not_are_refused(days: set[int]) -> None:
    with pytest.raises(ValueError, match="day of the week"):
        SendingHours(None, None, frozenset(days))


zones = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "America/Chicago",
            "America/Phoenix",
            "America/St_Johns",
            "Australia/Lord_Howe",
            "Europe/Berlin",
            "Asia/Kolkata",
            "Africa/Casablanca",
            "Pacific/Apia",
            "UTC",
        )
    ]
)
minutes = st.integers(0, 24 * 60 - 1).map(lambda n: time(n // 60, n % 60))
some_hours = st.tuples(minutes, minutes).filter(lambda pair: pair[0] != pair[1])
some_days = st.just(EVERY_DAY) | st.frozensets(st.integers(1, 7), min_size=1)
hours_of_day = st.builds(
    lambda pair, days: SendingHours(min(pair), max(pair), days), some_hours, some_days
)
# Around the days on which clocks are changed, and any other.
days_of_change = [
    datetime(2026, 3, 8, tzinfo=UTC),
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 4, 5, tzinfo=UTC),
    datetime(2026, 10, 4, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2011, 12, 30, tzinfo=UTC),
]
near_a_change = st.tuples(
    st.sampled_from(days_of_change), st.integers(-48 * 3600, 48 * 3600), st.integers(0, 999_999)
).map(lambda given: given[0] + timedelta(seconds=given[1], microseconds=given[2]))
any_time = st.datetimes(datetime(2024, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the bounds are naive by contract
moments = near_a_change | any_time
delays = st.timedeltas(timedelta(hours=-6), timedelta(days=2))


def is_inside(local: datetime, hours: SendingHours) -> bool:
    """Said once more, by the fields alone."""
    if local.isoweekday() not in hours.weekdays:
        return False
    return hours.opens is None or hours.closes is None or hours.opens <= local.time() < hours.closes


@given(moments, delays, zones, hours_of_day | st.just(ANY_HOUR))
def test_the_answer_is_allowed_and_never_in_the_past(
    now: datetime, late_by: timedelta, zone: ZoneInfo, hours: SendingHours
) -> None:
    planned_at = now - late_by
    leaves = next_allowed(now, planned_at=planned_at, zone=zone, hours=hours)
    assert leaves >= now
    inside = is_inside(leaves.astimezone(zone), hours)
    chosen_outside = not is_inside(planned_at.astimezone(zone), hours)
    assert inside or (chosen_outside and planned_at <= leaves < planned_at + CHOSEN_FOR)


@settings(deadline=None)
@given(moments, delays, zones, hours_of_day)
def test_nothing_earlier_would_have_been_allowed(
    now: datetime, late_by: timedelta, zone: ZoneInfo, hours: SendingHours
) -> None:
    """Looked at minute by minute, as openings, changes and plans come on whole minutes here."""
    now = now.replace(second=0, microsecond=0)
    planned_at = (now - late_by).replace(second=0, microsecond=0)
    leaves = next_allowed(now, planned_at=planned_at, zone=zone, hours=hours)
    earlier = now
    while earlier < leaves:
        assert not is_allowed(earlier, planned_at=planned_at, zone=zone, hours=hours)
        earlier += timedelta(minutes=1)


@settings(deadline=None)
@given(moments, delays, zones, hours_of_day)
def test_until_the_end_all_is_allowed_and_at_the_end_nothing(
    now: datetime, late_by: timedelta, zone: ZoneInfo, hours: SendingHours
) -> None:
    now = now.replace(second=0, microsecond=0)
    planned_at = (now - late_by).replace(second=0, microsecond=0)
    moment = next_allowed(now, planned_at=planned_at, zone=zone, hours=hours)
    end = closes_at(now, planned_at=planned_at, zone=zone, hours=hours)
    assert end is not None
    assert moment < end
    assert not is_allowed(end, planned_at=planned_at, zone=zone, hours=hours)
    while moment < end:
        assert is_allowed(moment, planned_at=planned_at, zone=zone, hours=hours)
        moment += timedelta(minutes=1)
