"""The circuit breaker: what opens it, how long it stays open, and what closes it again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.delivery.health.breaker import (
    LONGEST_PAUSE,
    PROBE_HOLDS,
    WELL,
    BreakerState,
    Health,
    Verdict,
    after,
    after_probe_left,
    after_success,
    after_trouble,
    may_send,
    pause_of,
)

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def troubled(times: int, health: Health = WELL, *, now: datetime = NOW) -> Health:
    for _ in range(times):
        health = after_trouble(health, now=now)
    return health


def half_open(openings: int = 1) -> Health:
    return after_probe_left(
        Health(state=BreakerState.OPEN, troubles=10, openings=openings, retry_at=NOW), now=NOW
    )


def test_ten_troubles_in_a_row_open_it_and_nine_do_not() -> None:
    assert may_send(troubled(9), now=NOW) is Verdict.YES
    opened = troubled(10)
    assert (opened.state, opened.openings) == (BreakerState.OPEN, 1)
    assert may_send(opened, now=NOW) is Verdict.NO


def test_a_success_begins_the_count_anew() -> None:
    interrupted = after_success(troubled(9), now=NOW)
    assert interrupted == WELL
    assert troubled(9, interrupted).state is BreakerState.CLOSED


def test_an_opening_lasts_fifteen_seconds_and_then_one_message_may_try() -> None:
    opened = troubled(10)
    assert may_send(opened, now=NOW + timedelta(seconds=14.999)) is Verdict.NO
    assert may_send(opened, now=NOW + timedelta(seconds=15)) is Verdict.PROBE


def test_while_the_probe_is_under_way_nothing_else_leaves() -> None:
    health = half_open()
    assert may_send(health, now=NOW) is Verdict.NO
    assert may_send(health, now=NOW + PROBE_HOLDS - SECOND) is Verdict.NO
    # Its worker is lost: somebody else may try.
    assert may_send(health, now=NOW + PROBE_HOLDS) is Verdict.PROBE


def test_a_probe_that_arrives_closes_it_and_all_is_forgotten() -> None:
    assert after_success(half_open(openings=5), now=NOW) == WELL


def test_a_probe_that_fails_opens_it_for_longer() -> None:
    again = after_trouble(half_open(openings=1), now=NOW)
    assert (again.state, again.openings) == (BreakerState.OPEN, 2)
    assert again.retry_at == NOW + timedelta(seconds=30)


def test_openings_in_a_row_last_twice_as_long_each_up_to_five_minutes() -> None:
    pauses = [pause_of(opening) for opening in range(1, 40)]
    assert pauses[0] == timedelta(seconds=15)
    assert max(pauses) == pauses[-1] == LONGEST_PAUSE == timedelta(minutes=5)
    for former, following in pairwise(pauses):
        assert following == min(2 * former, LONGEST_PAUSE)


def test_jitter_lengthens_an_opening_by_a_fifth_at_most() -> None:
    assert pause_of(1, 1.0) == timedelta(seconds=18)
    longest = after_trouble(half_open(openings=30), now=NOW, jitter=1.0)
    assert longest.retry_at == NOW + timedelta(minutes=6)


def test_late_answers_to_what_left_before_neither_close_nor_lengthen_an_opening() -> None:
    opened = troubled(10)
    later = NOW + 5 * SECOND
    assert after_success(opened, now=later) == opened
    assert troubled(48, opened, now=later) == opened


@pytest.mark.parametrize(
    ("successes", "troubles", "state"),
    [
        (0, 9, BreakerState.CLOSED),
        (0, 10, BreakerState.OPEN),
        (70, 30, BreakerState.CLOSED),  # a provider that fails three in ten is there
        (1, 99, BreakerState.OPEN),
        (0, 0, BreakerState.CLOSED),
    ],
)
def test_a_portion_counts_by_the_run_that_its_mixture_makes_likely(
    successes: int, troubles: int, state: BreakerState
) -> None:
    assert after(WELL, successes=successes, troubles=troubles, now=NOW).state is state


def test_a_portion_of_successes_changes_nothing_of_what_is_well() -> None:
    assert after(WELL, successes=500, troubles=0, now=NOW) == WELL
    assert after(half_open(), successes=0, troubles=0, now=NOW) == half_open()


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from(["answer", "probe", "lost"]), st.booleans()),
        max_size=200,
    )
)
def test_there_is_never_more_than_one_probe_at_a_time(steps: list[tuple[int, str, bool]]) -> None:
    """Workers ask at any time; a probe's answer, or those of older requests, come at any time."""
    health, now = WELL, NOW
    probe_left_at: datetime | None = None
    for seconds, what, arrives in steps:
        now += timedelta(seconds=seconds)
        if what == "probe" and may_send(health, now=now) is Verdict.PROBE:
            assert probe_left_at is None or now >= probe_left_at + PROBE_HOLDS
            health, probe_left_at = after_probe_left(health, now=now), now
        elif what == "answer":
            before = health
            health = after(health, successes=arrives, troubles=not arrives, now=now)
            if before.state is BreakerState.HALF_OPEN:
                assert health.state is not BreakerState.HALF_OPEN
                probe_left_at = None
        assert may_send(health, now=now) is not Verdict.YES or health.state is BreakerState.CLOSED
        # However it came about, it is never shut for longer than the longest pause.
        wait = LONGEST_PAUSE + SECOND
        assert may_send(health, now=now + wait) is not Verdict.NO


@given(
    troubles=st.lists(st.integers(0, 60), max_size=30),
    openings=st.integers(0, 50),
    jitter=st.floats(0, 1),
)
def test_it_always_ends_closed_once_the_provider_is_well(
    troubles: list[int], openings: int, jitter: float
) -> None:
    health, now = Health(openings=openings), NOW
    for each in troubles:
        health = after(health, successes=0, troubles=each, now=now, jitter=jitter)
        now += SECOND
        if may_send(health, now=now) is Verdict.PROBE:
            health = after_probe_left(health, now=now)
    asked = 0
    while health.state is not BreakerState.CLOSED:
        now += 10 * SECOND
        asked += 1
        assert asked < 100
        if may_send(health, now=now) is Verdict.PROBE:
            health = after_success(after_probe_left(health, now=now), now=now)
    assert may_send(health, now=now) is Verdict.YES
    assert asked <= 1.2 * LONGEST_PAUSE / (10 * SECOND) + 1
