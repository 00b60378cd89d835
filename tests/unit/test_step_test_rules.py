"""What an answer makes of a test send, and how many an hour takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clarion.delivery.step_tests.step_test import (
    MOST_PER_HOUR,
    StepTestStatus,
    check_limit,
    ended_by,
)
from clarion.kernel.errors import Conflict
from clarion.providers.sending import (
    Accepted,
    Rejected,
    SendResult,
    Throttled,
    Unavailable,
    Uncertain,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("result", "status", "words"),
    [
        (Accepted(provider_id="SM1"), StepTestStatus.SENT, None),
        (Rejected(code="21211", detail="Invalid 'To'"), StepTestStatus.FAILED, "Invalid 'To'"),
        (Unavailable(detail="Connection refused."), StepTestStatus.FAILED, "Connection refused."),
        (Uncertain(detail="timeout"), StepTestStatus.UNKNOWN, "not sent again"),
    ],
)
def test_each_answer_ends_a_test_in_one_way(
    result: SendResult, status: StepTestStatus, words: str | None
) -> None:
    ended = ended_by(result)
    assert ended.status is status
    assert ended.again_after is None
    if words is None:
        assert ended.error_detail is None
    else:
        assert words in (ended.error_detail or "")


def test_only_what_was_too_fast_waits_for_another_try() -> None:
    ended = ended_by(Throttled(code="20429", retry_after=timedelta(seconds=7)))
    assert (ended.status, ended.again_after) == (StepTestStatus.QUEUED, timedelta(seconds=7))


def test_the_twenty_first_test_of_an_hour_is_refused_with_the_time_of_the_next() -> None:
    asked = [NOW - timedelta(minutes=50) + timedelta(seconds=n) for n in range(MOST_PER_HOUR)]
    check_limit(asked[1:], now=NOW)
    with pytest.raises(Conflict, match=r"20 tests within an hour.* in 10 minutes\."):
        check_limit(asked, now=NOW)
    check_limit(asked, now=NOW + timedelta(minutes=10, seconds=1))
    with pytest.raises(Conflict, match=r"in 1 minute\."):
        check_limit(asked, now=NOW + timedelta(minutes=9, seconds=30))
