from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from clarion.delivery.message import (
    MAX_ATTEMPTS,
    THROTTLE_PAUSE,
    ClaimedMessage,
    MessageStatus,
    outcome_of,
    pause_before,
    released,
    unreadable,
)
from clarion.kernel.channel import Channel
from clarion.providers.sending import (
    Accepted,
    Rejected,
    SendResult,
    Throttled,
    Unavailable,
    Uncertain,
)

_NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def claimed(*, attempts: int = 0) -> ClaimedMessage:
    """`attempts` were made before this one."""
    return ClaimedMessage(
        id=UUID(int=1),
        workspace_id=UUID(int=2),
        step_id=UUID(int=3),
        job_id=None,
        channel=Channel.SMS,
        address="+15125550100",
        attempts=attempts,
        subject=None,
        body="Hello",
        html=None,
        contact={},
        suppressed=False,
    )


def test_accepted_is_sent_with_what_the_provider_told() -> None:
    outcome = outcome_of(claimed(), Accepted(provider_id="SM1", segments=2), now=_NOW)
    assert (outcome.status, outcome.provider_id, outcome.segments) == ("sent", "SM1", 2)
    assert outcome.again_at is None


def test_rejected_has_failed_for_good() -> None:
    outcome = outcome_of(claimed(), Rejected(code="21211", detail="Not a number."), now=_NOW)
    assert (outcome.status, outcome.error_code, outcome.error_detail) == (
        "failed",
        "21211",
        "Not a number.",
    )
    assert (outcome.again_at, outcome.opted_out) == (None, False)


def test_only_the_code_for_unsubscribed_people_says_that_they_opted_out() -> None:
    assert outcome_of(claimed(), Rejected(code="21610", detail=""), now=_NOW).opted_out


@pytest.mark.parametrize(
    ("asked", "pause"), [(timedelta(seconds=7), timedelta(seconds=7)), (None, THROTTLE_PAUSE)]
)
def test_throttled_gives_the_attempt_back_and_slows_the_lane(
    asked: timedelta | None, pause: timedelta
) -> None:
    outcome = outcome_of(claimed(attempts=50), Throttled(code="20429", retry_after=asked), now=_NOW)
    assert (outcome.status, outcome.counted) == ("pending", False)
    assert (outcome.again_at, outcome.lane_pause) == (_NOW + pause, pause)


def test_an_unavailable_provider_is_tried_six_times_with_growing_pauses() -> None:
    pauses = []
    for before in range(MAX_ATTEMPTS - 1):
        outcome = outcome_of(claimed(attempts=before), Unavailable(detail="refused"), now=_NOW)
        assert (outcome.status, outcome.counted) == ("pending", True)
        assert outcome.again_at is not None
        pauses.append((outcome.again_at - _NOW).total_seconds())
    assert pauses == [10, 20, 40, 80, 160]
    sixth = outcome_of(claimed(attempts=MAX_ATTEMPTS - 1), Unavailable(detail="refused"), now=_NOW)
    assert (sixth.status, sixth.error_code, sixth.again_at) == ("failed", "unavailable", None)


def test_pauses_end_at_a_quarter_of_an_hour() -> None:
    assert pause_before(2) == timedelta(seconds=10)
    assert pause_before(8) == timedelta(seconds=640)
    assert pause_before(9) == pause_before(10) == timedelta(minutes=15)


def test_uncertain_is_never_tried_again_by_itself() -> None:
    outcome = outcome_of(claimed(), Uncertain(detail="cut off"), now=_NOW)
    assert (outcome.status, outcome.again_at, outcome.counted) == ("uncertain", None, True)


@pytest.mark.parametrize(
    "result",
    [
        Accepted(provider_id="SM1"),
        Rejected(code="21211", detail=""),
        Throttled(code="20429"),
        Unavailable(detail=""),
        Uncertain(detail=""),
    ],
)
def test_every_answer_is_about_the_message_that_was_handed_over(result: SendResult) -> None:
    assert outcome_of(claimed(), result, now=_NOW).message_id == UUID(int=1)


def test_a_claim_given_back_is_pending_and_costs_no_attempt() -> None:
    outcome = released(claimed())
    assert (outcome.status, outcome.counted, outcome.again_at) == ("pending", False, None)


def test_a_text_that_cannot_be_made_fails_with_its_reason() -> None:
    outcome = unreadable(claimed(), "no first name")
    assert outcome.status is MessageStatus.FAILED
    assert (outcome.error_code, outcome.error_detail) == ("text", "no first name")
