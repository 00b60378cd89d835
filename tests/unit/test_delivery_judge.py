from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from clarion.delivery.settling.settle import Patience, UncertainMessage, judge
from clarion.providers.events import ProviderStatus
from clarion.providers.sending import FoundMessage

_CLAIMED = datetime(2026, 11, 24, 9, tzinfo=UTC)
_PATIENCE = Patience(claim=timedelta(seconds=60), silence=timedelta(minutes=5))
_EARLY = _CLAIMED + timedelta(minutes=5) - timedelta(seconds=1)
_LATE = _CLAIMED + timedelta(minutes=5)


def record(provider_id: str, *, body: str | None = "Hello", **others: Any) -> FoundMessage:
    return FoundMessage(
        **{
            "provider_id": provider_id,
            "to": "+15125550100",
            "body": body,
            "status": ProviderStatus.SENT,
            "created_at": _CLAIMED,
            **others,
        }
    )


def judged(
    found: list[FoundMessage] | None,
    *,
    now: datetime,
    body: str | None = "Hello",
    others: tuple[str, ...] = (),
) -> tuple[str, str | None] | None:
    judgement = judge(
        UncertainMessage(
            id=UUID(int=1), address="+15125550100", body=body, attempts=1, claimed_at=_CLAIMED
        ),
        found,
        taken_by_others=others,
        now=now,
        patience=_PATIENCE,
    )
    if judgement is None:
        return None
    return judgement.outcome.status.value, judgement.outcome.provider_id


@pytest.mark.parametrize(
    ("found", "others", "early", "late"),
    [
        (None, (), None, None),
        ([], (), None, ("pending", None)),
        ([record("SM1")], (), ("sent", "SM1"), ("sent", "SM1")),
        ([record("SM1")], ("SM1",), None, ("pending", None)),
        ([record("SM1"), record("SM2")], ("SM1",), ("sent", "SM2"), ("sent", "SM2")),
        ([record("SM1", body="Other")], (), None, ("pending", None)),
        ([record("SM1", body=None)], (), ("sent", "SM1"), ("sent", "SM1")),
        ([record("SM1", status=ProviderStatus.QUEUED)], (), ("sent", "SM1"), ("sent", "SM1")),
        ([record("SM1", status=ProviderStatus.FAILED)], (), ("sent", "SM1"), ("sent", "SM1")),
        (
            [record("SM1", status=ProviderStatus.CANCELLED)],
            (),
            ("sent", "SM1"),
            ("sent", "SM1"),
        ),
    ],
    ids=[
        "the provider could not be asked",
        "nothing found",
        "found",
        "another message's",
        "another message's and ours",
        "other text",
        "text not told",
        "still queued",
        "failed there",
        "cancelled there",
    ],
)
def test_the_records_decide_and_silence_does_only_when_patience_is_over(
    found: list[FoundMessage] | None,
    others: tuple[str, ...],
    early: tuple[str, str | None] | None,
    late: tuple[str, str | None] | None,
) -> None:
    assert judged(found, others=others, now=_EARLY) == early
    assert judged(found, others=others, now=_LATE) == late


def test_of_two_records_that_fit_the_first_is_ours() -> None:
    second = record("SM2", created_at=_CLAIMED + timedelta(seconds=9))
    assert judged([second, record("SM1")], now=_EARLY) == ("sent", "SM1")


def test_how_it_ended_there_is_told_by_the_record_and_not_by_the_outcome() -> None:
    """So that a retry or an opt-out follows from it as from a callback."""
    found = record("SM1", status=ProviderStatus.FAILED, segments=2, error_code="30003")
    judgement = judge(
        UncertainMessage(id=UUID(int=1), address="", body="Hello", attempts=1, claimed_at=_CLAIMED),
        [found],
        taken_by_others=(),
        now=_EARLY,
        patience=_PATIENCE,
    )
    assert judgement is not None
    assert (judgement.outcome.segments, judgement.outcome.error_code) == (2, None)
    assert judgement.record is found


def test_one_that_never_left_may_be_sent_at_once_and_its_attempt_counts() -> None:
    judgement = judge(
        UncertainMessage(id=UUID(int=1), address="", body="Hello", attempts=1, claimed_at=_CLAIMED),
        [],
        taken_by_others=(),
        now=_LATE,
        patience=_PATIENCE,
    )
    assert judgement is not None
    outcome = judgement.outcome
    assert (outcome.again_at, outcome.counted, judgement.record) == (_LATE, True, None)
