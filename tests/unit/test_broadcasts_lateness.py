"""What a step does whose time was missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clarion.broadcasts.late import LATE_AFTER, WhenLate, when_late, words_of
from clarion.broadcasts.sending_rules import LatePolicy

PLANNED = datetime(2026, 11, 24, 15, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize("policy", LatePolicy)
@pytest.mark.parametrize("late_by", [timedelta(seconds=-1), timedelta(0), LATE_AFTER])
def test_a_quarter_of_an_hour_is_not_late(policy: LatePolicy, late_by: timedelta) -> None:
    assert when_late(PLANNED, now=PLANNED + late_by, policy=policy) is WhenLate.BEGIN


@pytest.mark.parametrize(
    ("policy", "decision"),
    [
        (LatePolicy.CATCH_UP, WhenLate.BEGIN),
        (LatePolicy.SKIP, WhenLate.SKIP),
        (LatePolicy.ASK, WhenLate.ASK),
    ],
)
def test_after_that_the_policy_decides(policy: LatePolicy, decision: WhenLate) -> None:
    now = PLANNED + LATE_AFTER + timedelta(seconds=1)
    assert when_late(PLANNED, now=now, policy=policy) is decision


@pytest.mark.parametrize(
    ("late_by", "words"),
    [
        (timedelta(minutes=16), "16 minutes"),
        (timedelta(hours=1, minutes=59), "1 hour"),
        (timedelta(days=3, hours=2), "3 days"),
    ],
)
def test_the_words_say_what_was_missed_and_what_to_do(late_by: timedelta, words: str) -> None:
    skipped = words_of(WhenLate.SKIP, PLANNED, now=PLANNED + late_by, zone=CHICAGO)
    assert "planned for 09:00 on Tue 24 Nov (America/Chicago)" in skipped
    assert f"{words} later" in skipped
    asked = words_of(WhenLate.ASK, PLANNED, now=PLANNED + late_by, zone=CHICAGO)
    assert f"missed by {words}" in asked
    assert "Resume it" in asked
