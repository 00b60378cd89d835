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


def claimed(*, attempts: int = 0, number: int = 1) -> ClaimedMessage:
    """`attempts` were made before this one."""
    return ClaimedMessage(
        id=UUID(int=number),
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
    assert (outcome.again_at, outcome.provider_trouble) == (None, False)


@pytest.mark.parametrize(
    ("code", "status", "suppressed", "falls_back"),
    [
        ("30006", "failed", None, False),
        ("20003", "failed", None, False),
        ("21617", "failed", None, False),
        ("unheard of", "failed", None, False),
        ("21610", "failed", "opted_out", False),
        ("21211", "failed", "invalid_address", False),
        ("bounce", "failed", "invalid_address", False),
        ("spamreport", "failed", "complaint", False),
        ("21612", "failed", None, True),
        ("30003", "pending", None, False),
        ("30410", "uncertain", None, False),
    ],
)
def test_rejected_has_the_one_consequence_of_its_code(
    code: str, status: str, suppressed: str | None, *, falls_back: bool
) -> None:
    outcome = outcome_of(claimed(), Rejected(code=code, detail="No."), now=_NOW)
    assert (outcome.status, outcome.error_code, outcome.error_detail) == (status, code, "No.")
    assert (outcome.suppress, outcome.fall_back) == (suppressed, falls_back)
    assert (outcome.again_at is not None) == (status == "pending")
    assert (outcome.counted, outcome.provider_trouble, outcome.lane_pause) == (True, False, None)


def test_a_refusal_that_passes_is_tried_again_at_its_times_and_then_has_failed() -> None:
    outcomes = [
        outcome_of(claimed(attempts=before), Rejected(code="30003", detail=""), now=_NOW)
        for before in range(3)
    ]
    assert [each.status for each in outcomes] == ["pending", "pending", "failed"]
    assert [each.again_at for each in outcomes] == [
        _NOW + timedelta(hours=2),
        _NOW + timedelta(hours=8),
        None,
    ]


@pytest.mark.parametrize(
    ("asked", "pause"), [(timedelta(seconds=7), timedelta(seconds=7)), (None, THROTTLE_PAUSE)]
)
def test_throttled_gives_the_attempt_back_and_slows_the_lane(
    asked: timedelta | None, pause: timedelta
) -> None:
    outcome = outcome_of(claimed(attempts=50), Throttled(code="20429", retry_after=asked), now=_NOW)
    assert (outcome.status, outcome.counted) == ("pending", False)
    assert (outcome.again_at, outcome.lane_pause) == (_NOW + pause, pause)
    assert not outcome.provider_trouble


def test_a_full_queue_of_the_sender_holds_its_lane_for_an_hour() -> None:
    outcome = outcome_of(claimed(), Throttled(code="21611"), now=_NOW)
    assert (outcome.lane_pause, outcome.counted) == (timedelta(hours=1), False)
    asked = outcome_of(
        claimed(), Throttled(code="21611", retry_after=timedelta(minutes=5)), now=_NOW
    )
    assert asked.lane_pause == timedelta(minutes=5)


def test_an_unavailable_provider_is_tried_with_growing_pauses_and_somebody_else_may_try() -> None:
    shortest = [10, 20, 40, 80, 160, 320, 640]
    assert len(shortest) == MAX_ATTEMPTS - 1
    for before, pause in enumerate(shortest):
        outcome = outcome_of(claimed(attempts=before), Unavailable(detail="refused"), now=_NOW)
        assert (outcome.status, outcome.counted) == ("pending", True)
        assert (outcome.fall_back, outcome.provider_trouble) == (True, True)
        assert outcome.again_at is not None
        assert pause <= (outcome.again_at - _NOW).total_seconds() < pause * 1.25
    last = outcome_of(claimed(attempts=MAX_ATTEMPTS - 1), Unavailable(detail="refused"), now=_NOW)
    assert (last.status, last.error_code, last.again_at) == ("failed", "unavailable", None)
    assert (last.fall_back, last.provider_trouble) == (True, True)


def test_messages_that_failed_together_do_not_come_back_together() -> None:
    pauses = {
        outcome_of(claimed(number=number), Unavailable(detail=""), now=_NOW).again_at
        for number in range(100)
    }
    assert len(pauses) > 90


def test_pauses_end_at_a_quarter_of_an_hour() -> None:
    assert pause_before(2) == timedelta(seconds=10)
    assert pause_before(8) == timedelta(seconds=640)
    assert pause_before(9) == pause_before(10) == timedelta(minutes=15)


def test_uncertain_is_never_tried_again_by_itself() -> None:
    outcome = outcome_of(claimed(), Uncertain(detail="cut off"), now=_NOW)
    assert (outcome.status, outcome.again_at, outcome.counted) == ("uncertain", None, True)
    assert (outcome.provider_trouble, outcome.fall_back) == (True, False)


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
