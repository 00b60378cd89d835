"""Steps in their order: what is out of it, and what moving makes of them."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.broadcasts.timing.order import (
    Finding,
    Gravity,
    Plan,
    TimedStep,
    check_order,
    faults_of,
    first_day_of,
    moved_to,
    moved_to_day,
    shift,
)
from clarion.broadcasts.timing.step_time import (
    LAST_DAY,
    OnDate,
    OnDay,
    StepTime,
    ZoneMode,
    wall_time,
)
from clarion.compliance.sending_hours import SendingHours
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid

CHICAGO = ZoneInfo("America/Chicago")
#: A Monday.
FIRST = date(2026, 11, 23)
SMS = frozenset({Channel.SMS})
EMAIL = frozenset({Channel.EMAIL})
BOTH = SMS | EMAIL


def dated(day: int, hour: int = 9) -> OnDate:
    return OnDate(datetime.combine(FIRST + timedelta(days=day - 1), time(hour)))


def step(
    number: int,
    planned: OnDate | OnDay,
    channels: frozenset[Channel] = SMS,
    *,
    mode: ZoneMode = ZoneMode.ACCOUNT,
    hours: SendingHours | None = None,
) -> TimedStep:
    step_time = StepTime(planned=planned, hours=hours or SendingHours(None, None), zone_mode=mode)
    return TimedStep(id=UUID(int=number), channels=channels, time=step_time)


def plan_of(*steps: TimedStep) -> Plan:
    return Plan(first_day=FIRST, steps=steps)


def planned(plan: Plan) -> list[OnDate | OnDay]:
    return [each.time.planned for each in plan.steps]


def ids(plan: Plan) -> list[int]:
    return [each.id.int for each in plan.steps]


THREE = plan_of(step(1, dated(1)), step(2, OnDay(3, time(9))), step(3, OnDay(5, time(9))))


def gravities(findings: list[Finding]) -> list[tuple[str, int]]:
    return [(each.gravity.value, each.step) for each in findings]


def test_the_first_day_is_that_of_the_first_step_or_of_the_launch() -> None:
    assert first_day_of(THREE.steps, otherwise=date(2020, 1, 1)) == FIRST
    assert first_day_of([step(1, OnDay(1, time(9)))], otherwise=FIRST) == FIRST
    assert first_day_of([], otherwise=FIRST) == FIRST


def test_steps_in_order_have_nothing_to_be_said_about() -> None:
    assert check_order(THREE, account=CHICAGO, zones=["Pacific/Apia"]) == []
    assert check_order(plan_of(), account=CHICAGO) == []


def test_a_step_before_the_one_before_it_is_a_problem() -> None:
    plan = plan_of(step(1, dated(4)), step(2, dated(3)), step(3, dated(3, 10)))
    findings = check_order(plan, account=CHICAGO)
    assert gravities(findings) == [("problem", 1), ("problem", 2)]
    assert findings[0].detail == (
        "Step 2 would leave at 09:00 on Wed 25 Nov (America/Chicago), before step 1 at 09:00 on "
        "Thu 26 Nov (America/Chicago). Give it a later time, or change the order."
    )
    assert [fault.pointer for fault in faults_of(findings)] == ["/steps/1", "/steps/2"]


def test_a_first_step_that_is_not_day_1_is_a_problem() -> None:
    findings = check_order(plan_of(step(1, OnDay(2, time(9)))), account=CHICAGO)
    assert gravities(findings) == [("problem", 0)]


def test_a_person_further_east_may_be_ahead_of_the_accounts_time() -> None:
    """At 9:00 in Chicago it is 10:00 in New York: the second step is over there already."""
    plan = plan_of(step(1, dated(1)), step(2, dated(1), EMAIL, mode=ZoneMode.RECIPIENT))
    assert check_order(plan, account=CHICAGO) == []
    found = check_order(plan, account=CHICAGO, zones=["America/New_York", "America/Denver"])
    assert gravities(found) == [("problem", 1)]
    assert found[0].detail.startswith(
        "For people in America/New_York step 2 would leave at 09:00 on Mon 23 Nov"
    )


@pytest.mark.parametrize(
    ("one", "other", "by"),
    [(SMS, SMS, "SMS"), (SMS, BOTH, "SMS"), (BOTH, EMAIL, "email"), (BOTH, BOTH, "SMS and email")],
)
def test_the_same_minute_on_the_same_channel_is_a_warning(
    one: frozenset[Channel], other: frozenset[Channel], by: str
) -> None:
    findings = check_order(
        plan_of(step(1, dated(1), one), step(2, dated(1), other)), account=CHICAGO
    )
    assert gravities(findings) == [("warning", 1)]
    assert f"leave by {by} in the same minute, at 09:00 on Mon 23 Nov" in findings[0].detail
    assert faults_of(findings) == []


def test_the_same_minute_on_two_channels_is_fine() -> None:
    assert (
        check_order(plan_of(step(1, dated(1), SMS), step(2, dated(1), EMAIL)), account=CHICAGO)
        == []
    )


def test_two_days_that_both_wait_for_monday_meet_there() -> None:
    office = SendingHours(time(8), time(17), frozenset(range(1, 6)))
    plan = plan_of(step(1, dated(6), hours=office), step(2, dated(7), hours=office))
    assert gravities(check_order(plan, account=CHICAGO)) == [("warning", 1)]


def test_moving_all_moves_dates_and_keeps_day_numbers() -> None:
    moved = shift(THREE, 7)
    assert planned(moved) == [dated(8), OnDay(3, time(9)), OnDay(5, time(9))]
    assert moved.first_day == FIRST + timedelta(days=7)


def test_moving_the_later_ones_leaves_the_others_alone() -> None:
    moved = shift(THREE, 2, from_place=1)
    assert planned(moved) == [dated(1), OnDay(5, time(9)), OnDay(7, time(9))]
    assert moved.first_day == FIRST


@pytest.mark.parametrize(("days", "place"), [(-3, 1), (LAST_DAY, 1)])
def test_a_day_that_there_is_not_is_refused_at_its_step(days: int, place: int) -> None:
    with pytest.raises(Invalid) as refused:
        shift(THREE, days, from_place=1)
    assert [fault.pointer for fault in refused.value.faults] == [f"/steps/{place}"]


def test_a_shift_out_of_the_calendar_is_refused() -> None:
    with pytest.raises(Invalid):
        shift(THREE, 10_000_000)


def test_a_step_takes_the_time_of_its_new_place() -> None:
    hours = SendingHours(time(8), time(20))
    plan = plan_of(THREE.steps[0], THREE.steps[1], step(3, OnDay(5, time(14)), hours=hours))
    moved = moved_to(plan, UUID(int=3), position=1)
    assert ids(moved) == [3, 1, 2]
    assert planned(moved) == planned(plan)
    assert moved.steps[0].time.hours == hours


@pytest.mark.parametrize("position", [0, 4, -1])
def test_a_position_that_there_is_not_is_refused(position: int) -> None:
    with pytest.raises(Invalid, match="position from 1 to 3"):
        moved_to(THREE, UUID(int=1), position=position)


def test_a_step_that_there_is_not_is_refused() -> None:
    with pytest.raises(Invalid, match="no such step"):
        moved_to(THREE, UUID(int=9), position=1)
    with pytest.raises(Invalid, match="no such step"):
        moved_to_day(THREE, UUID(int=9), day=1)


def test_a_step_that_is_moved_to_a_day_stands_behind_what_is_not_later() -> None:
    moved = moved_to_day(THREE, UUID(int=2), day=5)
    assert ids(moved) == [1, 3, 2]
    assert planned(moved) == [dated(1), OnDay(5, time(9)), OnDay(5, time(9))]


def test_when_the_first_step_goes_back_the_next_has_the_date_and_is_day_1() -> None:
    moved = moved_to_day(THREE, UUID(int=1), day=4)
    assert ids(moved) == [2, 1, 3]
    assert moved.first_day == FIRST + timedelta(days=2)
    assert planned(moved) == [dated(3), OnDay(2, time(9)), OnDay(3, time(9))]


def test_when_the_first_step_stays_first_on_another_day_the_others_keep_theirs() -> None:
    moved = moved_to_day(THREE, UUID(int=1), day=2)
    assert moved.first_day == FIRST + timedelta(days=1)
    assert planned(moved) == [dated(2), OnDay(2, time(9)), OnDay(4, time(9))]


@pytest.mark.parametrize("day", [0, LAST_DAY + 1])
def test_a_day_out_of_range_is_refused(day: int) -> None:
    with pytest.raises(Invalid, match="days go from 1 to 730"):
        moved_to_day(THREE, UUID(int=2), day=day)


hours_of_day = st.integers(0, 23).map(time)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """In order, the first with a date or as day 1."""
    days = sorted(
        draw(st.lists(st.tuples(st.integers(1, 40), hours_of_day), min_size=1, max_size=7))
    )
    start = days[0][0] - 1
    steps = []
    for number, (day, at) in enumerate(days, start=1):
        on_day = OnDay(day - start, at)
        on_date = OnDate(datetime.combine(FIRST + timedelta(days=day - start - 1), at))
        steps.append(step(number, on_date if draw(st.booleans()) else on_day))
    return plan_of(*steps)


def wall_times(plan: Plan) -> dict[int, datetime]:
    return {each.id.int: wall_time(each.time, plan.first_day) for each in plan.steps}


@given(plans(), st.integers(-400, 400))
def test_what_is_moved_there_and_back_is_as_it_was(plan: Plan, days: int) -> None:
    moved = shift(plan, days)
    assert shift(moved, -days) == plan
    before = wall_times(plan)
    assert wall_times(moved) == {n: at + timedelta(days=days) for n, at in before.items()}


@settings(deadline=None)
@given(plans(), st.data())
def test_steps_that_change_places_stay_in_order(plan: Plan, data: st.DataObject) -> None:
    moving = data.draw(st.sampled_from(plan.steps))
    position = data.draw(st.integers(1, len(plan.steps)))
    moved = moved_to(plan, moving.id, position=position)
    assert ids(moved)[position - 1] == moving.id.int
    assert Counter(ids(moved)) == Counter(ids(plan))
    assert planned(moved) == planned(plan)
    others = [n for n in ids(plan) if n != moving.id.int]
    assert [n for n in ids(moved) if n != moving.id.int] == others


@settings(deadline=None)
@given(plans(), st.data())
def test_a_step_that_changes_its_day_leaves_the_others_on_theirs(
    plan: Plan, data: st.DataObject
) -> None:
    moving = data.draw(st.sampled_from(plan.steps))
    day = data.draw(st.integers(1, 60))
    moved = moved_to_day(plan, moving.id, day=day)
    expected = wall_times(plan)
    expected[moving.id.int] = datetime.combine(
        FIRST + timedelta(days=day - 1), expected[moving.id.int].time()
    )
    assert wall_times(moved) == expected
    assert list(wall_times(moved).values()) == sorted(expected.values())
    assert moved.first_day == min(expected.values()).date()
    dated_first = isinstance(plan.steps[0].time.planned, OnDate)
    if dated_first:
        assert isinstance(moved.steps[0].time.planned, OnDate)
    problems = [
        each for each in check_order(moved, account=CHICAGO) if each.gravity is Gravity.PROBLEM
    ]
    assert problems == []
