from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.delivery.pace import (
    QUANTUM,
    Booking,
    Pace,
    book,
    first_quantum,
    fits_in_own_limit,
    fits_in_quantum,
    own_limit_seconds,
    present_share,
    share_after_throttle,
    slot_seconds,
)

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)


class Lane:
    """Slots as the lane's row gives them away, one booking after the other."""

    def __init__(self) -> None:
        self.free_at = 0.0
        self.kind = 0
        self.slots: list[tuple[float, int]] = []

    def give(self, booking: Booking, segments: list[int]) -> None:
        at = self.free_at + (0.0 if booking.kind == self.kind else booking.lead)
        for seconds, count in zip(booking.seconds, segments, strict=True):
            self.slots.append((at, count))
            at += seconds
        self.free_at, self.kind = at, booking.kind

    def most_within(self, seconds: float) -> tuple[int, int]:
        """Of messages and of segments, in any stretch that is shorter than this."""
        messages = segments = first = held = 0
        for index, (at, count) in enumerate(self.slots):
            held += count
            while at - self.slots[first][0] >= seconds - 1e-9:
                held -= self.slots[first][1]
                first += 1
            messages = max(messages, index - first + 1)
            segments = max(segments, held)
        return messages, segments


@pytest.mark.parametrize("rate", [1, 2, 3, 10, 50, 225, 999, 1_000, 1_001, 5_000])
def test_no_second_holds_more_than_the_rate_however_late_they_leave(rate: int) -> None:
    pace = Pace(rate_per_second=rate)
    lane = Lane()
    for _ in range(12):
        ones = [1] * fits_in_quantum(pace)
        lane.give(book(pace, ones), ones)
    # What leaves within a second has its slots within this time.
    messages, _ = lane.most_within(1.0 + pace.may_be_late)
    assert messages <= rate
    used = len(lane.slots) / lane.free_at
    assert used > rate * (0.95 if rate < 1_000 else 0.79)


@settings(max_examples=300, deadline=None)
@given(
    limit=st.integers(min_value=1, max_value=120),
    turns=st.lists(
        st.lists(st.integers(min_value=1, max_value=11), min_size=1, max_size=30),
        min_size=2,
        max_size=12,
    ),
)
def test_no_second_holds_more_segments_in_whatever_order(
    limit: int, turns: list[list[int]]
) -> None:
    pace = Pace(rate_per_second=500, segments_per_second=limit)
    lane = Lane()
    for turn in turns:
        fitting = [min(count, limit) for count in turn]
        taken = fitting[: first_quantum(book(pace, fitting))]
        lane.give(book(pace, taken), taken)
    messages, segments = lane.most_within(1.0 + pace.may_be_late)
    assert segments <= limit
    assert messages <= 500


def test_a_text_of_more_segments_than_a_second_allows_takes_its_own_time() -> None:
    pace = Pace(rate_per_second=10, segments_per_second=1)
    assert book(pace, [3]).seconds == pytest.approx((3 / 0.96,))


def test_where_segments_are_not_paced_a_long_text_costs_no_more() -> None:
    pace = Pace(rate_per_second=10)
    assert len(set(book(pace, [1, 9]).seconds)) == 1


def test_texts_of_one_length_use_up_what_fits_whole_into_a_second() -> None:
    booking = book(Pace(rate_per_second=500, segments_per_second=20), [9] * 2)
    assert booking.total == pytest.approx(1 / 0.96)  # two of nine, and not a part of one


def test_a_slowed_lane_costs_more() -> None:
    whole = slot_seconds(Pace(rate_per_second=10))
    assert slot_seconds(Pace(rate_per_second=10, share=0.25)) == pytest.approx(4 * whole)


@pytest.mark.parametrize(("rate", "fits"), [(0.5, 1), (1, 1), (4, 1), (40, 9), (400, 96)])
def test_a_turn_is_a_quarter_second_and_at_least_one(rate: float, fits: int) -> None:
    pace = Pace(rate_per_second=rate)
    assert fits_in_quantum(pace) == fits
    assert fits == 1 or fits * slot_seconds(pace) <= QUANTUM


def test_a_turn_ends_where_its_segments_are_used_up() -> None:
    pace = Pace(rate_per_second=100, segments_per_second=10)
    assert first_quantum(book(pace, [1, 1, 1, 1, 1])) == 2
    assert first_quantum(book(pace, [9, 1, 1])) == 1
    assert first_quantum(book(pace, [])) == 0


@pytest.mark.parametrize("limit", [1, 7, 60, 599, 6_000, 60_000])
def test_no_minute_holds_more_than_the_limit_of_a_broadcast(limit: int) -> None:
    """Turns follow each other as soon as they may, and take all that they may."""
    taken, at = [], 0.0
    while at < 300:
        taken.append((at, fits_in_own_limit(limit)))
        at += taken[-1][1] * own_limit_seconds(limit)
    for index, (start, _) in enumerate(taken):
        in_the_minute = sum(count for when, count in taken[index:] if when - start < 60)
        assert in_the_minute <= limit
    whole = sum(count for when, count in taken if when < 240)
    assert whole >= limit * 4 * 0.9


# --- too fast


def test_a_share_grows_back_and_never_beyond_the_whole() -> None:
    shares = [present_share(0.5, NOW, now=NOW + timedelta(seconds=n)) for n in range(-5, 30)]
    assert shares[:6] == [0.5] * 6  # not before the pause is over
    assert shares[15] == pytest.approx(1.0)
    assert shares[-1] == 1.0
    assert all(later >= earlier for earlier, later in pairwise(shares))
    assert present_share(0.2, None, now=NOW) == 1.0


def test_too_fast_halves_what_it_has_grown_to_but_not_for_each_answer() -> None:
    assert share_after_throttle(1.0, None, now=NOW) == 0.5
    grown = share_after_throttle(0.5, NOW - timedelta(seconds=4), now=NOW)
    assert grown == pytest.approx(0.35)
    assert share_after_throttle(0.5, NOW + timedelta(seconds=1), now=NOW) == 0.5
    assert share_after_throttle(0.01, NOW, now=NOW) == 0.01
