"""When a broadcast stops by itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.broadcasts.broadcast import PausedBy
from clarion.broadcasts.kill_switch import (
    Counted,
    Failures,
    Stop,
    decide,
    failure_rate,
    is_candidate,
)

#: Final and nobody's fault but the number's; the text; the account's credentials.
UNKNOWN_NUMBER, FILTERED, CREDENTIALS = "30005", "30007", "20003"


def counted(delivered: int, failed: int, *, on_the_way: int = 0, **others: Any) -> Counted:
    return Counted(
        **{
            "limit": Decimal("0.25"),
            "delivered": delivered,
            "failed": failed,
            "on_the_way": on_the_way,
            **others,
        }
    )


def receipts(code: str, messages: int) -> Failures:
    return Failures(code=code, taken=True, messages=messages)


def refusals(code: str, messages: int) -> Failures:
    return Failures(code=code, taken=False, messages=messages)


def stop_for(given: Counted, *failures: Failures, latest: list[str | None] | None = None) -> Stop:
    stop = decide(given, failures, latest or [])
    assert stop is not None
    return stop


def test_more_than_the_limit_stops_it_and_says_why_and_what_to_do() -> None:
    stop = stop_for(counted(62, 38), receipts(UNKNOWN_NUMBER, 30), receipts("30008", 8))
    assert stop.paused_by is PausedBy.FAILURE_RATE
    assert stop.problem == (
        "Stopped by itself: 38% failed, most of them with “The phone number is unknown or no "
        "longer in use” (30005). These numbers are wrong or no longer in use, so the list may be "
        "old. Correct or leave out such numbers with the filter of the next broadcast. Then resume "
        "it, or cancel it: what has not left yet is still there."
    )


def test_a_reason_that_is_only_the_most_frequent_is_not_called_most() -> None:
    stop = stop_for(
        counted(62, 38), receipts(UNKNOWN_NUMBER, 14), receipts("30008", 12), receipts("", 12)
    )
    assert "38% failed, most often with" in stop.problem


@pytest.mark.parametrize(("delivered", "failed"), [(75, 25), (29, 20), (49, 0), (0, 49)])
def test_the_limit_itself_and_too_few_do_not_stop_it(delivered: int, failed: int) -> None:
    assert decide(counted(delivered, failed), [receipts(UNKNOWN_NUMBER, failed)], []) is None


def test_fifty_are_enough() -> None:
    assert stop_for(counted(30, 20), receipts(UNKNOWN_NUMBER, 20)).paused_by == "failure_rate"


def test_what_was_forgiven_is_not_counted_again() -> None:
    forgiven = {"finished_before": 100, "failed_before": 38}
    assert decide(counted(100, 40, **forgiven), [receipts(UNKNOWN_NUMBER, 40)], []) is None
    again = counted(100, 60, **forgiven)
    assert "37% failed" in stop_for(again, receipts(UNKNOWN_NUMBER, 60)).problem


def test_refusals_do_not_stop_it_while_the_receipts_are_late() -> None:
    """Three of a hundred numbers are wrong, which the provider says at once; of the others nobody
    has heard yet."""
    early = counted(0, 60, on_the_way=1_940)
    assert is_candidate(early)
    assert decide(early, [refusals("21211", 60)], []) is None


def test_many_refusals_stop_it_without_a_receipt() -> None:
    early = counted(0, 60, on_the_way=60)
    assert "50% failed" in stop_for(early, refusals("21211", 60)).problem


def test_the_first_receipts_stop_it_though_most_are_on_the_way() -> None:
    early = counted(25, 25, on_the_way=10_000)
    assert "50% failed" in stop_for(early, receipts(UNKNOWN_NUMBER, 25)).problem


def test_a_few_bad_receipts_beside_refusals_are_no_verdict() -> None:
    early = counted(2, 48, on_the_way=10_000)
    assert decide(early, [refusals("21211", 45), receipts(UNKNOWN_NUMBER, 3)], []) is None


@pytest.mark.parametrize("code", [FILTERED, CREDENTIALS])
def test_what_would_fail_for_everybody_stops_it_after_ten(code: str) -> None:
    stop = stop_for(counted(0, 10), refusals(code, 10), latest=[code] * 10)
    assert stop.paused_by is PausedBy.CONFIGURATION
    assert "10 of the last 10 failed with" in stop.problem
    assert f"({code})" in stop.problem
    assert "Then resume it" in stop.problem


@pytest.mark.parametrize(
    "latest",
    [
        [CREDENTIALS] * 9,
        [CREDENTIALS] * 10 + [None] * 10,
        [UNKNOWN_NUMBER] * 20,
    ],
    ids=["nine", "half of the latest", "not of that kind"],
)
def test_less_than_that_does_not(latest: list[str | None]) -> None:
    failed = sum(code is not None for code in latest)
    assert decide(counted(100, failed), [refusals(CREDENTIALS, failed)], latest) is None


def test_a_resumed_one_is_not_stopped_by_the_failures_from_before() -> None:
    given = counted(0, 15, finished_before=10, failed_before=10)
    assert not is_candidate(given)
    assert decide(given, [refusals(CREDENTIALS, 15)], [CREDENTIALS] * 15) is None


def test_a_reason_without_a_code_has_words_too() -> None:
    problem = stop_for(counted(10, 90), receipts("", 90)).problem
    assert "gave no reason”." in problem


def test_a_hundred_percent_is_only_said_of_all() -> None:
    assert "99% failed" in stop_for(counted(1, 999), receipts(UNKNOWN_NUMBER, 999)).problem
    assert "100% failed" in stop_for(counted(0, 999), receipts(UNKNOWN_NUMBER, 999)).problem


counts = st.integers(0, 5_000)


@given(counts, st.integers(1, 5_000), st.integers(0, 5_000))
def test_with_all_receipts_in_the_rate_is_failed_of_finished(
    delivered: int, refused: int, failed: int
) -> None:
    given_counts = counted(delivered, refused + failed)
    failures = [refusals("21211", refused), receipts(UNKNOWN_NUMBER, failed)]
    expected = (refused + failed) / (delivered + refused + failed)
    assert failure_rate(given_counts, failures) == pytest.approx(expected)


@given(counts, counts, counts, counts)
def test_the_rate_is_a_share(delivered: int, refused: int, failed: int, on_the_way: int) -> None:
    if refused + failed:
        rate = failure_rate(
            counted(delivered, refused + failed, on_the_way=on_the_way),
            [refusals("21211", refused), receipts(UNKNOWN_NUMBER, failed)],
        )
        assert 0 < rate <= 1
