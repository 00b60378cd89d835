"""Why nothing leaves, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from clarion.broadcasts.pace import LanePace
from clarion.broadcasts.read_pace import SenderNow
from clarion.compliance.sending_hours import SendingHours
from clarion.tracking.waits import Wait, wait_of

CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 11, 24, 12, tzinfo=CHICAGO).astimezone(UTC)
SOON = NOON + timedelta(minutes=5)
TWILIO = SenderNow(
    lane_id=uuid4(),
    provider="twilio",
    tier=1,
    pace=LanePace(messages_per_second=Decimal(10)),
    share=Decimal(1),
    share_at=None,
    state="closed",
    retry_at=None,
)
SECOND = replace(TWILIO, lane_id=uuid4())
SPARE = replace(TWILIO, lane_id=uuid4(), provider="sendgrid_fallback", tier=2)


def open_until(sender: SenderNow, until: datetime) -> SenderNow:
    return replace(sender, state="open", retry_at=until)


def wait(
    *senders: SenderNow, now: datetime = NOON, next_try_at: datetime | None = None
) -> Wait | None:
    return wait_of(
        next_try_at=next_try_at,
        senders=senders,
        planned_at=NOON,
        zone=CHICAGO,
        hours=SendingHours(time(8), time(21)),
        now=now,
    )


def test_there_is_nothing_to_say_when_all_is_well() -> None:
    assert wait(TWILIO, SECOND, SPARE) is None


def test_what_is_left_waits_for_its_next_attempt() -> None:
    assert wait(open_until(TWILIO, SOON), next_try_at=SOON) == Wait(
        until=SOON,
        words="What is left has failed before and is tried again, the first of it at 12:05 on "
        "Tue 24 Nov.",
    )


def test_an_attempt_that_is_due_at_night_waits_for_the_morning() -> None:
    night, morning = NOON + timedelta(hours=10), NOON + timedelta(hours=20)
    by_day = wait(TWILIO, next_try_at=night)
    assert by_day is not None
    assert (by_day.until, "08:00 on Wed 25 Nov" in by_day.words) == (morning, True)
    at_night = wait(TWILIO, now=night, next_try_at=night + timedelta(hours=1))
    assert at_night is not None
    assert (at_night.until, at_night.words[:11]) == (morning, "Outside of ")


def test_without_any_sender_on_record_there_is_nothing_to_say_either() -> None:
    assert wait() is None


def test_at_night_it_waits_for_the_morning_whatever_else_there_is() -> None:
    night = NOON + timedelta(hours=10)
    assert wait(open_until(TWILIO, night), now=night) == Wait(
        until=NOON + timedelta(hours=20),
        words="Outside of the sending hours (08:00 to 21:00 in America/Chicago). It goes on at "
        "08:00 on Wed 25 Nov.",
    )


def test_a_provider_that_cannot_be_reached_is_tried_again() -> None:
    assert wait(open_until(TWILIO, SOON)) == Wait(
        until=SOON, words="Twilio cannot be reached; trying again at 12:05."
    )


@pytest.mark.parametrize("state", ["open", "half_open"])
def test_when_its_time_has_come_it_is_tried_now(state: str) -> None:
    due = replace(TWILIO, state=state, retry_at=NOON)
    assert wait(due) == Wait(until=None, words="Twilio cannot be reached; trying again now.")


def test_as_long_as_one_of_the_pool_is_well_it_goes_on() -> None:
    assert wait(open_until(replace(SECOND, provider="other"), SOON), TWILIO) is None


def test_the_first_that_is_tried_again_ends_the_wait() -> None:
    later = open_until(SECOND, SOON + timedelta(minutes=5))
    found = wait(later, open_until(TWILIO, SOON))
    assert found is not None
    assert found.until == SOON


def test_a_spare_sender_takes_over() -> None:
    found = wait(open_until(TWILIO, SOON), SPARE)
    assert found == Wait(
        until=None, words="Twilio cannot be reached; SendGrid takes over meanwhile."
    )


def test_a_second_account_has_no_other_name() -> None:
    found = wait(open_until(TWILIO, SOON), replace(SPARE, provider="twilio_fallback"))
    assert found is not None
    assert found.words == "Twilio cannot be reached; a second sender takes over meanwhile."


def test_a_sender_that_was_too_fast_comes_back() -> None:
    slowed = replace(TWILIO, share=Decimal("0.5"), share_at=NOON)
    assert wait(slowed) == Wait(
        until=None, words="Twilio asked for a slower pace; it comes back by itself."
    )
    assert wait(replace(slowed, share_at=NOON - timedelta(minutes=1))) is None
