"""When a broadcast will be finished."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from clarion.broadcasts.pace import USED, Course, LanePace, Pace, course_of, seconds_for
from clarion.broadcasts.time_words import hours_note
from clarion.compliance.sending_hours import SendingHours
from clarion.delivery import pace as delivery

CHICAGO = ZoneInfo("America/Chicago")
DAY = SendingHours(time(8), time(21))
ANY_HOUR = SendingHours(None, None)
ONE = Decimal(1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


def pace(*rates: int, waiting: int = 0) -> Pace:
    return Pace(
        lanes=tuple(LanePace(messages_per_second=Decimal(rate)) for rate in rates), waiting=waiting
    )


def course(begins: str, hours: float, *, planned: str | None = None) -> Course:
    return course_of(
        at(begins),
        Decimal(hours) * 3600,
        planned_at=at(planned or begins),
        zone=CHICAGO,
        hours=DAY,
    )


@pytest.mark.parametrize("rate", [1, 10, 999, 1_000, 5_000])
def test_the_part_of_the_pace_that_is_used_is_the_one_of_the_sending(rate: int) -> None:
    seconds = seconds_for({ONE: 1_000}, pace(rate), max_per_minute=None)
    slot = delivery.slot_seconds(delivery.Pace(rate_per_second=rate))
    assert seconds is not None
    assert float(seconds) == pytest.approx(1_000 * slot, rel=1e-3)


def test_the_own_limit_is_used_as_the_sending_does() -> None:
    seconds = seconds_for({ONE: 1_000}, pace(100), max_per_minute=60)
    assert seconds is not None
    assert float(seconds) == pytest.approx(1_000 * delivery.own_limit_seconds(60), rel=1e-3)


def test_the_senders_of_a_channel_work_together() -> None:
    assert seconds_for({ONE: 9_600}, pace(10), max_per_minute=None) == 1_000
    assert seconds_for({ONE: 9_600}, pace(10, 30), max_per_minute=None) == 250


def test_segments_slow_a_sender_down_only_where_they_are_more_than_it_may() -> None:
    lane = LanePace(messages_per_second=Decimal(10), segments_per_second=Decimal(12))
    together = Pace(lanes=(lane,))
    # One segment: ten a second. Three: four a second.
    assert seconds_for({ONE: 960}, together, max_per_minute=None) == 100
    assert seconds_for({Decimal(3): 960}, together, max_per_minute=None) == 250
    assert seconds_for({ONE: 960, Decimal(3): 960}, together, max_per_minute=None) == 350


def test_what_others_have_waiting_comes_on_top() -> None:
    alone = seconds_for({ONE: 96}, pace(10), max_per_minute=None)
    beside = seconds_for({ONE: 96}, pace(10, waiting=192), max_per_minute=None)
    assert (alone, beside) == (Decimal(10), Decimal(30))


def test_the_slower_of_the_two_limits_decides() -> None:
    slow = seconds_for({ONE: 600}, pace(100), max_per_minute=60)
    assert slow == 600 / USED
    assert seconds_for({ONE: 600}, pace(1), max_per_minute=600) == 600 / USED


def test_nobody_to_send_to_takes_no_time_and_without_a_sender_there_is_no_end() -> None:
    assert seconds_for({ONE: 0}, pace(10), max_per_minute=None) == 0
    assert seconds_for({ONE: 5}, Pace(lanes=()), max_per_minute=None) is None


def test_without_hours_it_runs_through() -> None:
    start = at("2026-11-23T20:00")
    through = course_of(start, Decimal(7_200), planned_at=start, zone=CHICAGO, hours=ANY_HOUR)
    assert through == Course(starts_at=start, done_at=start + timedelta(hours=2))


def test_what_is_done_before_the_evening_does_not_pause() -> None:
    assert course("2026-11-23T09:00", 12) == Course(
        starts_at=at("2026-11-23T09:00"), done_at=at("2026-11-23T21:00")
    )


def test_it_pauses_over_night_and_goes_on() -> None:
    # Twelve hours on the first day, thirteen on the second, five on the third.
    found = course("2026-11-23T09:00", 30)
    assert found.done_at == at("2026-11-25T13:00")
    assert found.pauses == (
        (at("2026-11-23T21:00"), at("2026-11-24T08:00")),
        (at("2026-11-24T21:00"), at("2026-11-25T08:00")),
    )


def test_a_chosen_hour_outside_lasts_two_hours() -> None:
    found = course("2026-11-23T23:00", 3)
    assert found.starts_at == at("2026-11-23T23:00")
    assert found.pauses == ((at("2026-11-24T01:00"), at("2026-11-24T08:00")),)
    assert found.done_at == at("2026-11-24T09:00")


def test_what_begins_late_in_the_night_starts_in_the_morning() -> None:
    found = course("2026-11-23T23:00", 1, planned="2026-11-23T15:00")
    assert (found.starts_at, found.done_at) == (at("2026-11-24T08:00"), at("2026-11-24T09:00"))
    assert found.pauses == ()


def test_a_night_in_which_the_clock_is_changed_is_counted_as_it_is() -> None:
    found = course("2026-03-07T20:00", 2)
    assert found.done_at == at("2026-03-08T09:00")
    assert found.done_at - at("2026-03-07T20:00") == timedelta(hours=12)


def test_what_takes_longer_than_anybody_plans_has_no_end() -> None:
    assert course("2026-11-23T09:00", 24 * 300).done_at is None
    assert course("2026-11-23T09:00", 24 * 500).done_at is None


@pytest.mark.parametrize(
    ("begins", "now", "lasts", "note"),
    [
        ("2026-11-23T09:00", "2026-11-23T09:00", 1, None),
        (
            "2026-11-23T23:10",
            "2026-11-23T23:10",
            1,
            (
                "23:10 in America/Chicago is outside the sending hours (08:00 to 21:00). It is "
                "sent now because you chose it."
            ),
        ),
        (
            "2026-11-23T23:10",
            "2026-11-23T12:00",
            3,
            (
                "23:10 in America/Chicago is outside the sending hours (08:00 to 21:00). It is "
                "sent then because you chose it. It will pause at 01:10 and go on at 08:00 on "
                "Tue 24 Nov."
            ),
        ),
        (
            "2026-11-23T20:00",
            "2026-11-23T20:00",
            2,
            "It will pause at 21:00 and go on at 08:00 on Tue 24 Nov.",
        ),
        (
            "2026-11-23T20:00",
            "2026-11-23T20:00",
            20,
            (
                "It will pause at 21:00 and go on at 08:00 on Tue 24 Nov, and so each night until "
                "it is done."
            ),
        ),
    ],
)
def test_the_hours_are_told_in_words(begins: str, now: str, lasts: int, note: str | None) -> None:
    found = hours_note(course(begins, lasts), now=at(now), zone=CHICAGO, hours=DAY)
    assert found == note


def test_without_hours_there_is_nothing_to_tell() -> None:
    assert (
        hours_note(
            course("2026-11-23T20:00", 2), now=at("2026-11-23T20:00"), zone=CHICAGO, hours=ANY_HOUR
        )
        is None
    )
