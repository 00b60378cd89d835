"""What the calendar warns of, and which days it shows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from clarion.broadcasts.broadcast import BroadcastId, Status
from clarion.broadcasts.managing.calendar_step import CalendarStep, Span, calendar_step
from clarion.broadcasts.managing.calendar_warnings import (
    MOST_NAMED,
    CalendarWarning,
    Rules,
    WarningKind,
    warnings_of,
)
from clarion.broadcasts.step import SendMode, Step, StepChannel, StepId, StepStatus
from clarion.broadcasts.timing.step_time import ZoneMode, bits_of
from clarion.compliance.sending_hours import SendingHours
from clarion.kernel.errors import Invalid

CHICAGO = ZoneInfo("America/Chicago")
#: A Monday, 6:00 in Chicago.
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MONDAY = date(2026, 11, 23)
DAYTIME = SendingHours(time(8), time(21))


def on(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """Wall time; day 0 is the Monday."""
    return datetime.combine(MONDAY + timedelta(days=day), time(hour, minute))


def step(broadcast: int, position: int = 1, **given: Any) -> Step:
    values: dict[str, Any] = {
        "channel": StepChannel.SMS,
        "body": "",
        "send_mode": SendMode.LATER,
        "scheduled_for": None,
        "scheduled_at": None,
        "time_zone": "America/Chicago",
        "status": StepStatus.DRAFT,
        "launched_up_to": 0,
        "job_id": None,
        "launched_at": None,
        "completed_at": None,
        **given,
    }
    return Step(
        id=StepId(UUID(int=broadcast * 100 + position)),
        broadcast_id=BroadcastId(UUID(int=broadcast)),
        position=position,
        **values,
    )


def planned(*steps: Step, name: str = "", **row: Any) -> list[CalendarStep]:
    """All steps of one broadcast, as the store would give them."""
    known = {
        "name": name or f"Broadcast {steps[0].broadcast_id.int}",
        "status": "draft",
        "version": 1,
        "launched_at": None,
        "archived": False,
        "people": None,
        "people_saved": False,
        **row,
    }
    return [
        calendar_step({**known, "id": each.id, "scheduled_at": each.scheduled_at}, steps, now=NOW)
        for each in steps
    ]


def warned(
    *broadcasts: list[CalendarStep],
    hours: SendingHours = DAYTIME,
    zone: ZoneInfo = CHICAGO,
    within: timedelta | None = None,
) -> dict[int, list[CalendarWarning]]:
    """By the number of the step: the broadcast's times a hundred, and its position."""
    everything = [each for steps in broadcasts for each in steps]
    sequences = {steps[0].step.broadcast_id: [each.step for each in steps] for steps in broadcasts}
    rules = Rules(hours=hours, zone=zone, within=within)
    found = warnings_of(everything, sequences, rules, now=NOW)
    return {each.int: list(warnings) for each, warnings in found.items()}


def only(found: list[CalendarWarning]) -> tuple[WarningKind, str]:
    (warning,) = found
    return warning.kind, warning.detail


# --- the days


def test_a_span_is_whole_days_by_the_clock_of_the_account() -> None:
    # On 1 November clocks go back: the day has 25 hours.
    span = Span(date(2026, 11, 1), date(2026, 11, 1), CHICAGO)
    assert (span.begins, span.ends) == (
        datetime(2026, 11, 1, 5, tzinfo=UTC),
        datetime(2026, 11, 2, 6, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("days", "detail"),
    [
        (0, "The last day comes before the first. Give a later one."),
        (63, "These are 63 days; a calendar shows 62 at most."),
    ],
)
def test_a_span_of_no_days_or_too_many_is_refused(days: int, detail: str) -> None:
    with pytest.raises(Invalid) as refused:
        Span(MONDAY, MONDAY + timedelta(days=days - 1), CHICAGO)
    assert [(each.pointer, each.detail) for each in refused.value.faults] == [("/until", detail)]
    assert Span(MONDAY, MONDAY + timedelta(days=61), CHICAGO).first == MONDAY


# --- a step on the calendar


def test_days_of_a_sequence_are_counted_from_its_first_step() -> None:
    first, second = planned(
        step(1, scheduled_for=on(2)), step(1, 2, day_number=3, day_time=time(16, 30))
    )
    assert (first.at, first.counts_from) == (datetime(2026, 11, 25, 15, tzinfo=UTC), on(2).date())
    assert second.at == datetime(2026, 11, 27, 22, 30, tzinfo=UTC)


def test_days_of_what_was_sent_at_once_are_counted_from_its_launch() -> None:
    launched_at = datetime(2026, 11, 21, 2, tzinfo=UTC)  # the 20th in Chicago
    at_once = step(1, send_mode=SendMode.NOW, status=StepStatus.COMPLETED, scheduled_at=launched_at)
    later = step(1, 2, day_number=5, day_time=time(9), status=StepStatus.SCHEDULED)
    first, second = planned(at_once, later, status="sending", launched_at=launched_at)
    assert first.at == launched_at
    assert second.at == datetime(2026, 11, 24, 15, tzinfo=UTC)
    assert [first.is_movable, second.is_movable] == [False, True]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("of_step", StepStatus)
def test_what_has_begun_or_ended_stays_where_it_is(status: Status, of_step: StepStatus) -> None:
    (one,) = planned(step(1, scheduled_for=on(1), status=of_step), status=status)
    is_open = status in ("draft", "scheduled", "sending", "paused")
    assert one.is_movable == (is_open and of_step in ("draft", "scheduled"))


def test_in_recipients_zones_it_stands_at_its_own_wall_time() -> None:
    (one,) = planned(
        step(
            1,
            scheduled_for=on(1),
            zone_mode=ZoneMode.RECIPIENT,
            scheduled_at=datetime(2026, 11, 23, 19, tzinfo=UTC),
        )
    )
    assert one.at == datetime(2026, 11, 24, 15, tzinfo=UTC)


# --- hours


def test_a_step_in_good_time_has_no_warning() -> None:
    assert warned(planned(step(1, scheduled_for=on(1)))) == {101: []}


@pytest.mark.parametrize(
    ("hour", "said"),
    [
        # It may go on for two hours, and it is over before the hours open.
        (
            22,
            (
                "22:00 (America/Chicago) is outside the sending hours (08:00 to 21:00). It "
                "begins then, because the time was chosen; what has not left by 00:00 waits "
                "until 08:00 on Wed 25 Nov."
            ),
        ),
        (
            5,
            (
                "05:00 (America/Chicago) is outside the sending hours (08:00 to 21:00). It "
                "begins then, because the time was chosen; what has not left by 07:00 waits "
                "until 08:00 on Tue 24 Nov."
            ),
        ),
        # By the time it would have to wait the hours have opened.
        (
            7,
            (
                "07:00 (America/Chicago) is outside the sending hours (08:00 to 21:00). It begins "
                "then all the same, because the time was chosen."
            ),
        ),
    ],
)
def test_a_time_outside_the_sending_hours_says_until_when_the_rest_waits(
    hour: int, said: str
) -> None:
    found = warned(planned(step(1, scheduled_for=on(1, hour))))
    assert only(found[101]) == (WarningKind.SENDING_HOURS, said)


@pytest.mark.parametrize(("hour", "is_outside"), [(8, False), (20, False), (21, True)])
def test_the_hours_begin_with_their_first_minute_and_end_before_their_last(
    hour: int, *, is_outside: bool
) -> None:
    assert bool(warned(planned(step(1, scheduled_for=on(1, hour))))[101]) == is_outside


def test_hours_count_by_the_clock_of_the_step() -> None:
    berlin = step(1, scheduled_for=on(1, 9), time_zone="Europe/Berlin")
    assert warned(planned(berlin)) == {101: []}
    theirs = step(1, scheduled_for=on(1, 22), zone_mode=ZoneMode.RECIPIENT)
    assert only(warned(planned(theirs))[101])[1].startswith(
        "22:00 on each recipient's clock is outside the sending hours"
    )


def test_without_sending_hours_the_night_is_like_the_day() -> None:
    night = planned(step(1, scheduled_for=on(1, 3)))
    assert warned(night, hours=SendingHours(None, None)) == {101: []}


def test_what_its_own_window_or_days_of_the_week_move_is_told() -> None:
    # The fifth day is a Saturday, and the next one that is allowed begins at its midnight.
    weekend = step(1, scheduled_for=on(5), weekdays=bits_of(range(1, 6)))
    moved = (
        "On a Saturday (Sat 28 Nov) this step is not sent. "
        "It leaves at 00:00 on Mon 30 Nov (America/Chicago)."
    )
    any_hour = SendingHours(None, None)
    assert only(warned(planned(weekend), hours=any_hour)[101]) == (WarningKind.OWN_HOURS, moved)
    kinds = [each.kind for each in warned(planned(weekend))[101]]
    assert kinds == [WarningKind.OWN_HOURS, WarningKind.SENDING_HOURS]


def test_a_draft_whose_time_has_passed_is_told_and_what_was_launched_is_not() -> None:
    yesterday = step(1, scheduled_for=on(-1))
    assert only(warned(planned(yesterday))[101])[0] is WarningKind.PASSED
    waiting = step(1, scheduled_for=on(-1), status=StepStatus.SCHEDULED)
    assert warned(planned(waiting, status="paused")) == {101: []}


# --- order


def test_steps_out_of_order_are_told_at_the_later_one() -> None:
    found = warned(planned(step(1, scheduled_for=on(3)), step(1, 2, scheduled_for=on(1))))
    assert found[101] == []
    kind, said = only(found[102])
    assert kind is WarningKind.ORDER
    assert said.startswith("Step 2 would leave at 09:00 on Tue 24 Nov (America/Chicago), before")


def test_what_was_sent_at_once_is_before_what_follows() -> None:
    launched_at = NOW - timedelta(hours=1)
    at_once = step(1, send_mode=SendMode.NOW, status=StepStatus.SENDING, scheduled_at=launched_at)
    later = step(1, 2, scheduled_for=on(0, 6, 30), status=StepStatus.SCHEDULED)
    found = warned(
        planned(at_once, later, status="sending", launched_at=launched_at),
        hours=SendingHours(None, None),
    )
    assert found == {102: []}


# --- conflicts


def test_two_broadcasts_on_one_channel_and_day_name_each_other() -> None:
    spring = planned(step(1, scheduled_for=on(1)), name="Spring")
    winter = planned(step(2, scheduled_for=on(1, 17)), name="Winter")
    found = warned(spring, winter)
    assert only(found[101]) == (
        WarningKind.CONFLICT,
        "Also on Tue 24 Nov by SMS: “Winter” at 17:00.",
    )
    assert found[201][0].others == tuple(spring)


@pytest.mark.parametrize(
    ("first", "second", "is_near"),
    [
        ("sms", "email", False),
        ("sms", "sms_email", True),
        ("sms_email", "email", True),
        ("email", "email", True),
    ],
)
def test_only_a_shared_channel_is_a_conflict(first: str, second: str, *, is_near: bool) -> None:
    one = planned(step(1, scheduled_for=on(1), channel=StepChannel(first)))
    other = planned(step(2, scheduled_for=on(1), channel=StepChannel(second)))
    found = warned(one, other)
    assert [bool(found[101]), bool(found[201])] == [is_near, is_near]


def test_a_day_ends_at_midnight_of_the_account() -> None:
    late = planned(step(1, scheduled_for=on(1, 20)))
    early = planned(step(2, scheduled_for=on(2, 8)))
    assert warned(late, early) == {101: [], 201: []}
    # 20:00 in Chicago is the next day in Berlin.
    in_berlin = warned(late, early, zone=ZoneInfo("Europe/Berlin"))
    assert only(in_berlin[101])[0] is WarningKind.CONFLICT


@pytest.mark.parametrize(("hours", "is_near"), [(11, False), (12, True)])
def test_within_hours_counts_over_midnight_and_both_ways(hours: int, *, is_near: bool) -> None:
    late = planned(step(1, scheduled_for=on(1, 20)), name="Spring")
    early = planned(step(2, scheduled_for=on(2, 8)))
    found = warned(late, early, within=timedelta(hours=hours))
    assert [bool(found[101]), bool(found[201])] == [is_near, is_near]
    if is_near:
        assert only(found[201])[1] == (
            "Also within 12 hours by SMS: “Spring” at 20:00 on Tue 24 Nov."
        )


def test_steps_of_one_broadcast_are_no_conflict_and_are_named_by_their_place() -> None:
    sequence = planned(
        step(1, scheduled_for=on(1)), step(1, 2, scheduled_for=on(1, 12)), name="Spring"
    )
    assert warned(sequence) == {101: [], 102: []}
    found = warned(sequence, planned(step(2, scheduled_for=on(1, 13))))
    assert only(found[201])[1] == (
        "Also on Tue 24 Nov by SMS: “Spring”, step 2 at 12:00 and “Spring”, step 1 at 09:00."
    )


def test_what_was_cancelled_is_in_nobodys_way_and_what_was_sent_is() -> None:
    coming = planned(step(1, scheduled_for=on(1)))
    cancelled = planned(
        step(2, scheduled_for=on(1), status=StepStatus.CANCELLED), status="cancelled"
    )
    sent = planned(step(3, scheduled_for=on(1), status=StepStatus.COMPLETED), status="completed")
    assert warned(coming, cancelled) == {101: []}
    # Nothing can be done about what is over.
    assert list(warned(coming, sent)) == [101]
    assert warned(coming, sent)[101][0].others == tuple(sent)


def test_of_many_the_nearest_are_named_and_the_rest_is_counted() -> None:
    here = planned(step(1, scheduled_for=on(1, 12)))
    others = [planned(step(2 + n, scheduled_for=on(1, 8, n))) for n in range(60)]
    nearer = planned(step(90, scheduled_for=on(1, 12, 30)), name="Next")
    (warning,) = warned(here, *others, nearer)[101]
    assert len(warning.others) == MOST_NAMED
    assert warning.more == 61 - MOST_NAMED
    assert warning.others[0].broadcast_name == "Next"
    assert warning.detail.endswith("and 56 more.")
