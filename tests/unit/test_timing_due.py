"""When a step is due: in every zone, on every kind of day, within its window and weekdays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from clarion.broadcasts.schedule import moment_of
from clarion.broadcasts.timing.due import MovedBy, due_at, first_moment, moments_by_zone
from clarion.broadcasts.timing.step_time import OnDate, OnDay, StepTime, ZoneMode, wall_time
from clarion.compliance.sending_hours import EVERY_DAY, SendingHours, next_inside
from clarion.kernel.errors import Invalid

CHICAGO = ZoneInfo("America/Chicago")
NEW_YORK = ZoneInfo("America/New_York")
MONDAY_TO_FRIDAY = frozenset(range(1, 6))
TODAY = date(2026, 11, 23)

ZONES = sorted(available_timezones() - {"Factory", "localtime"})


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(
    text: str,
    *,
    window: tuple[time, time] | None = None,
    weekdays: frozenset[int] = EVERY_DAY,
    mode: ZoneMode = ZoneMode.ACCOUNT,
) -> StepTime:
    opens, closes = window or (None, None)
    hours = SendingHours(opens, closes, weekdays)
    return StepTime(planned=OnDate(wall(text)), hours=hours, zone_mode=mode)


@pytest.mark.parametrize(
    ("first_day", "number", "day"),
    [
        ("2026-11-23", 1, "2026-11-23"),
        ("2026-11-23", 3, "2026-11-25"),
        ("2028-02-28", 2, "2028-02-29"),
        ("2028-02-29", 2, "2028-03-01"),
        ("2027-02-28", 2, "2027-03-01"),
        ("2028-02-29", 366, "2029-02-28"),
        ("2026-12-31", 2, "2027-01-01"),
    ],
)
def test_days_are_counted_from_the_first_one(first_day: str, number: int, day: str) -> None:
    step_time = StepTime(planned=OnDay(number, time(9, 30)))
    found = wall_time(step_time, date.fromisoformat(first_day))
    assert found == datetime.combine(date.fromisoformat(day), time(9, 30))


def test_a_date_is_what_it_is_whatever_the_first_day() -> None:
    assert wall_time(at("2028-02-29T09:00"), TODAY) == wall("2028-02-29T09:00")


def test_a_day_behind_the_end_of_the_calendar_is_refused() -> None:
    with pytest.raises(Invalid):
        wall_time(StepTime(planned=OnDay(3, time(9))), date.max)
    with pytest.raises(Invalid):
        due_at(StepTime(planned=OnDate(datetime.max)), CHICAGO, TODAY)  # noqa: DTZ901 - wall time
    mondays = at("9999-12-31T09:00", weekdays=frozenset({1}))
    with pytest.raises(Invalid):
        due_at(mondays, ZoneInfo("UTC"), TODAY)


def test_a_step_without_window_leaves_at_its_wall_time() -> None:
    due = due_at(at("2026-11-28T23:30"), CHICAGO, TODAY)
    assert due.moment == utc("2026-11-29T05:30")
    assert (due.wall, due.moved_by, due.why) == (wall("2026-11-28T23:30"), None, None)


@pytest.mark.parametrize(
    ("planned", "leaves", "moved_by"),
    [
        ("2026-11-24T09:00", "2026-11-24T09:00", None),
        ("2026-11-24T16:59", "2026-11-24T16:59", None),
        ("2026-11-24T17:00", "2026-11-25T08:00", MovedBy.WINDOW),
        ("2026-11-24T07:59", "2026-11-24T08:00", MovedBy.WINDOW),
        # Thanksgiving week: from Friday evening to Monday morning.
        ("2026-11-27T18:00", "2026-11-30T08:00", MovedBy.WINDOW),
        ("2026-11-28T12:00", "2026-11-30T08:00", MovedBy.WEEKDAY),
        ("2026-11-29T23:59", "2026-11-30T08:00", MovedBy.WEEKDAY),
    ],
)
def test_what_lies_outside_waits_for_the_next_hour_that_is_allowed(
    planned: str, leaves: str, moved_by: MovedBy | None
) -> None:
    step_time = at(planned, window=(time(8), time(17)), weekdays=MONDAY_TO_FRIDAY)
    due = due_at(step_time, CHICAGO, TODAY)
    assert due.moment.astimezone(CHICAGO).replace(tzinfo=None) == wall(leaves)
    assert due.moved_by is moved_by
    assert (due.why is None) == (moved_by is None)


def test_what_moved_it_is_said_in_words() -> None:
    office = {"window": (time(8), time(17)), "weekdays": MONDAY_TO_FRIDAY}
    evening = due_at(at("2026-11-24T21:05", window=(time(8), time(17))), CHICAGO, TODAY)
    assert evening.why == (
        "21:05 is outside the hours of this step (08:00 to 17:00). "
        "It leaves at 08:00 on Wed 25 Nov (America/Chicago)."
    )
    saturday = due_at(at("2026-11-28T12:00", **office), CHICAGO, TODAY)  # type: ignore[arg-type]
    assert saturday.why == (
        "On a Saturday (Sat 28 Nov) this step is not sent. "
        "It leaves at 08:00 on Mon 30 Nov (America/Chicago)."
    )
    spring = due_at(at("2027-03-14T02:30"), CHICAGO, TODAY)
    assert spring.moved_by is MovedBy.CLOCK_CHANGE
    assert spring.why == (
        "Clocks in America/Chicago leave out 02:30 on Sun 14 Mar. "
        "It leaves at 03:30 on Sun 14 Mar (America/Chicago)."
    )


@pytest.mark.parametrize(
    ("zone", "planned", "window", "leaves"),
    [
        # The window opens at 02:30, which clocks leave out: it opens as they jump to 03:00.
        ("America/Chicago", "2027-03-14T00:10", (2, 30, 21), "2027-03-14T08:00"),
        # 02:30 is shown as 03:30, which is past a window that ends at 03:00.
        ("America/Chicago", "2027-03-14T02:30", (1, 0, 3), "2027-03-15T06:00"),
        # 01:30 comes twice: meant is the first.
        ("America/Chicago", "2026-11-01T01:30", (0, 0, 21), "2026-11-01T06:30"),
        # Lord Howe puts its clocks forward by half an hour, from 02:00 to 02:30.
        ("Australia/Lord_Howe", "2026-10-04T02:15", (1, 0, 21), "2026-10-03T15:45"),
        ("Australia/Lord_Howe", "2026-10-04T00:30", (2, 10, 21), "2026-10-03T15:30"),
    ],
)
def test_days_on_which_clocks_change(
    zone: str, planned: str, window: tuple[int, int, int], leaves: str
) -> None:
    hour, minute, until = window
    step_time = at(planned, window=(time(hour, minute), time(until)))
    assert due_at(step_time, ZoneInfo(zone), TODAY).moment == utc(leaves)


def test_a_day_that_a_zone_left_out_is_the_day_after() -> None:
    """Samoa went from Thursday 29 December 2011 straight to Saturday the 31st."""
    apia = ZoneInfo("Pacific/Apia")
    due = due_at(at("2011-12-30T10:00"), apia, TODAY)
    assert due.moment.astimezone(apia).replace(tzinfo=None) == wall("2011-12-31T10:00")
    assert due.moved_by is MovedBy.CLOCK_CHANGE
    fridays = due_at(at("2011-12-30T10:00", weekdays=frozenset({5})), apia, TODAY)
    assert fridays.moment.astimezone(apia).replace(tzinfo=None) == wall("2012-01-06T00:00")


def test_the_only_hour_of_the_week_may_fall_out() -> None:
    """On Sunday 14 March 2027 there is no time from 02:00 to 03:00 in Chicago."""
    step_time = at("2027-03-13T12:00", window=(time(2), time(2, 45)), weekdays=frozenset({7}))
    due = due_at(step_time, CHICAGO, TODAY)
    assert due.moment.astimezone(CHICAGO).replace(tzinfo=None) == wall("2027-03-21T02:00")


def test_each_zone_has_its_own_moment() -> None:
    step_time = at("2026-11-24T09:00", mode=ZoneMode.RECIPIENT)
    names = ["America/New_York", "America/Los_Angeles", "Mars/Olympus", "America/New_York"]
    moments = moments_by_zone(step_time, names, TODAY, account=CHICAGO)
    assert moments == {
        "America/New_York": utc("2026-11-24T14:00"),
        "America/Chicago": utc("2026-11-24T15:00"),
        "America/Los_Angeles": utc("2026-11-24T17:00"),
        "Mars/Olympus": utc("2026-11-24T15:00"),
    }
    begins = first_moment(step_time, names, TODAY, account=CHICAGO)
    assert begins == utc("2026-11-24T14:00")


def test_in_the_accounts_time_all_zones_have_the_same_moment() -> None:
    names = ["Pacific/Kiritimati", "America/New_York"]
    moments = moments_by_zone(at("2026-11-24T09:00"), names, TODAY, account=CHICAGO)
    assert moments == dict.fromkeys([*names, "America/Chicago"], utc("2026-11-24T15:00"))


# Where clocks are changed or a day is left out, and any other time.
_CHANGES = [
    datetime(2026, 3, 8),  # noqa: DTZ001 - wall times
    datetime(2026, 3, 29),  # noqa: DTZ001
    datetime(2026, 4, 5),  # noqa: DTZ001
    datetime(2026, 10, 4),  # noqa: DTZ001
    datetime(2026, 10, 25),  # noqa: DTZ001
    datetime(2026, 11, 1),  # noqa: DTZ001
    datetime(2028, 2, 29),  # noqa: DTZ001
    datetime(2011, 12, 30),  # noqa: DTZ001
]
near_a_change = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes),
    st.sampled_from(_CHANGES),
    st.integers(-36 * 60, 36 * 60),
)
any_wall = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001
    datetime(2045, 1, 1),  # noqa: DTZ001
).map(lambda moment: moment.replace(second=0, microsecond=0, fold=0))
walls = near_a_change | any_wall
zones = st.sampled_from(ZONES).map(ZoneInfo) | st.sampled_from(
    ["America/Chicago", "Australia/Lord_Howe", "Pacific/Apia", "America/Havana", "Asia/Beirut"]
).map(ZoneInfo)
minutes_of_day = st.integers(0, 24 * 60 - 1).map(lambda n: time(n // 60, n % 60))
windows = st.tuples(minutes_of_day, minutes_of_day).filter(lambda pair: pair[0] != pair[1])
some_weekdays = st.frozensets(st.integers(1, 7), min_size=1)
hours_of_step = st.builds(
    lambda window, days: SendingHours(min(window), max(window), days),
    windows,
    some_weekdays | st.just(EVERY_DAY),
) | some_weekdays.map(lambda days: SendingHours(None, None, days))


def shown(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def is_inside(local: datetime, hours: SendingHours) -> bool:
    """Said once more, by the fields alone."""
    if local.isoweekday() not in hours.weekdays:
        return False
    return hours.opens is None or hours.closes is None or hours.opens <= local.time() < hours.closes


@settings(deadline=None, max_examples=150)
@given(walls, zones, hours_of_step)
@example(datetime(2011, 12, 30, 10), ZoneInfo("Pacific/Apia"), SendingHours(time(9), time(10)))  # noqa: DTZ001
def test_it_is_due_at_the_first_allowed_minute_and_never_before_its_time(
    planned: datetime, zone: ZoneInfo, hours: SendingHours
) -> None:
    due = due_at(StepTime(planned=OnDate(planned), hours=hours), zone, TODAY)
    minute = moment_of(planned, zone)
    assert due.moment >= minute
    while not is_inside(shown(minute, zone), hours):
        minute += timedelta(minutes=1)
    assert due.moment == minute
    untouched = shown(due.moment, zone) == planned
    assert (due.why is None) == (due.moved_by is None) == untouched


@settings(deadline=None)
@given(walls, zones)
def test_without_a_window_it_is_the_moment_of_its_wall_time(
    planned: datetime, zone: ZoneInfo
) -> None:
    due = due_at(StepTime(planned=OnDate(planned)), zone, TODAY)
    assert due.moment == moment_of(planned, zone)


@settings(deadline=None)
@given(walls, st.integers(0, 3 * 24 * 60), zones, hours_of_step | st.just(SendingHours(None, None)))
def test_of_two_times_that_clocks_show_the_earlier_is_not_due_later(
    planned: datetime, minutes: int, zone: ZoneInfo, hours: SendingHours
) -> None:
    later = planned + timedelta(minutes=minutes)
    for each in (planned, later):
        assume(shown(moment_of(each, zone), zone) == each)
    first = due_at(StepTime(planned=OnDate(planned), hours=hours), zone, TODAY)
    second = due_at(StepTime(planned=OnDate(later), hours=hours), zone, TODAY)
    assert first.moment <= second.moment


@settings(deadline=None)
@given(walls, zones, hours_of_step)
def test_what_was_moved_is_not_moved_again(
    planned: datetime, zone: ZoneInfo, hours: SendingHours
) -> None:
    step_time = StepTime(planned=OnDate(planned), hours=hours)
    moment = due_at(step_time, zone, TODAY).moment
    assert next_inside(moment, zone=zone, hours=hours) == moment
    local = moment.astimezone(zone)
    # The second time that clocks show an hour has no wall time of its own.
    assume(local.fold == 0)
    again = due_at(step_time.on(OnDate(local.replace(tzinfo=None))), zone, TODAY)
    assert (again.moment, again.moved_by) == (moment, None)


@settings(deadline=None, max_examples=10)
@given(walls, hours_of_step)
def test_all_zones_of_the_world_at_once(planned: datetime, hours: SendingHours) -> None:
    step_time = StepTime(planned=OnDate(planned), hours=hours, zone_mode=ZoneMode.RECIPIENT)
    moments = moments_by_zone(step_time, ZONES, TODAY, account=CHICAGO)
    assert moments.keys() == set(ZONES)
    for name, moment in moments.items():
        assert is_inside(shown(moment, ZoneInfo(name)), hours)
        assert moment.tzinfo is UTC
    assert first_moment(step_time, ZONES, TODAY, account=CHICAGO) == min(moments.values())
