"""The words, consequences and retries of error codes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clarion.compliance.suppression import Suppressed
from clarion.providers.error_codes import ERROR_WORDS, Consequence, ErrorWords, explain, plan_of

ALL = [*ERROR_WORDS.values(), explain(None), explain("99999")]

#: What the vendors' pages say of each code, in our words: one consequence each.
EXPECTED = {
    "config": "20003 20404 21212 21603 21606 21607 21408 21608 21609 21701 21702 21703 21704 21705"
    " 21706 21707 21708 21709 21710 21711 21712 30002 30010 30012 30032 30033 30034 30035"
    " 35111 35114 35115 35117 35118 35125"
    " dropped_quota sendgrid_401 sendgrid_403 sendgrid_404 sendgrid_405"
    " smtp_530 smtp_534 smtp_535 smtp_538 smtp_5.7.8 smtp_5.7.9 smtp_5.7.11 smtp_sender"
    " smtp_5.7.20 smtp_5.7.21 smtp_5.7.22 smtp_5.7.23 smtp_5.7.25 smtp_5.7.26",
    "wait": "20429 21611 30001 30017 30022 30023 30027 30025 30026 63018 63038"
    " deferred sendgrid_429 smtp_421 smtp_slow",
    "uncertain": "20500 20503 30410 uncertain",
    "final": "21201 21604 21614 21635 30006 63024 dropped"
    " smtp_550 smtp_551 smtp_553 smtp_554 smtp_556 smtp_500 smtp_5.7.0 smtp_5.7.1 smtp_5.7.7"
    " smtp_5.6.7 smtp_address",
    "suppress": "21211 21610 30004 bounce dropped_bounced dropped_unsubscribed unsubscribe"
    " group_unsubscribe dropped_spam_report spamreport dropped_invalid"
    " smtp_5.1.1 smtp_5.1.2 smtp_5.1.3 smtp_5.1.6 smtp_5.1.10 smtp_5.2.1",
    "other_sender": "21612",
    "content": "21617 21602 21620 21623 30007 63016 dropped_spam_content sendgrid_400 sendgrid_413"
    " text smtp_5.3.4 smtp_5.2.3 smtp_mail",
    "retry": "30003 30005 30008 30047 30450 blocked unavailable"
    " smtp_4.2.2 smtp_5.2.2 smtp_552 smtp_450 smtp_451 smtp_452 smtp_454 smtp_455 smtp_400",
}

#: Why an address is written to no more.
SUPPRESSED = {
    Suppressed.OPTED_OUT: "21610 30004 dropped_unsubscribed unsubscribe group_unsubscribe",
    Suppressed.COMPLAINT: "spamreport dropped_spam_report",
    Suppressed.INVALID_ADDRESS: "21211 bounce dropped_bounced dropped_invalid"
    " smtp_5.1.1 smtp_5.1.2 smtp_5.1.3 smtp_5.1.6 smtp_5.1.10 smtp_5.2.1",
}

#: Hours after the failure at which a message is sent again by itself.
PAUSES: dict[str, list[float]] = {
    "30003": [2, 8],
    "30005": [1],
    "30008": [1],
    "30047": [1],
    "30450": [1],
    "21611": [1],
    "30001": [0.5, 2, 6],
    "30017": [0.5, 2, 6],
    "30022": [0.5, 2, 6],
    "blocked": [1, 6],
    "deferred": [1, 6],
    "smtp_4.2.2": [4, 24],
    "smtp_5.2.2": [4, 24],
    "smtp_552": [4, 24],
    "smtp_400": [0.25, 1, 6],
    "smtp_450": [0.25, 1, 6],
    "smtp_451": [0.25, 1, 6],
    "smtp_452": [0.25, 1, 6],
    "smtp_454": [0.25, 1, 6],
    "smtp_455": [0.25, 1, 6],
}
SPREAD = {"30001", "30017", "30022", "blocked", "deferred"} | {
    code for code in PAUSES if code.startswith("smtp_")
}
NEXT_DAY = ["30023", "30027", "63038"]

_NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)


def pauses_of(code: str, jitter: float) -> list[float]:
    """In hours, until no retry is left."""
    found: list[float] = []
    while due := plan_of(code, retries_done=len(found), now=_NOW, jitter=jitter):
        found.append((due - _NOW).total_seconds() / 3600)
        assert len(found) < 10
    return found


@pytest.mark.parametrize(
    ("code", "consequence"),
    [(code, consequence) for consequence, codes in EXPECTED.items() for code in codes.split()],
)
def test_a_code_has_one_consequence(code: str, consequence: str) -> None:
    assert explain(code).consequence == consequence


def test_no_code_is_listed_that_nobody_expects_and_none_twice() -> None:
    listed = [code for codes in EXPECTED.values() for code in codes.split()]
    assert len(set(listed)) == len(listed)
    assert set(listed) == set(ERROR_WORDS)


def test_what_suppresses_an_address_says_why_and_nothing_else_does() -> None:
    expected = {code: reason for reason, codes in SUPPRESSED.items() for code in codes.split()}
    found = {code: words.suppress for code, words in ERROR_WORDS.items() if words.suppress}
    assert found == expected
    assert set(found) == set(EXPECTED["suppress"].split())


@pytest.mark.parametrize("code", PAUSES)
def test_a_passing_trouble_is_tried_again_after_its_pauses_and_not_for_ever(code: str) -> None:
    assert pauses_of(code, jitter=0.0) == PAUSES[code]
    with_jitter = pauses_of(code, jitter=0.5)
    assert with_jitter == [each * (1.25 if code in SPREAD else 1) for each in PAUSES[code]]


def test_nothing_else_is_sent_again_by_itself() -> None:
    planned = {code for code in ERROR_WORDS if plan_of(code, retries_done=0, now=_NOW, jitter=0)}
    assert planned == {*PAUSES, *NEXT_DAY}
    for code in (None, "", "99999", "30410"):
        assert plan_of(code, retries_done=0, now=_NOW, jitter=0) is None


@pytest.mark.parametrize("code", NEXT_DAY)
@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-11-24 18:00", "2026-11-25 08:00"),
        ("2026-11-25 07:59", "2026-11-25 08:00"),
        ("2026-11-25 08:00", "2026-11-26 08:00"),
        # The day on which the clocks of California go back, and the one on which they go ahead.
        ("2026-11-01 06:30", "2026-11-01 07:00"),
        ("2026-11-01 07:30", "2026-11-02 08:00"),
        ("2027-03-14 12:00", "2027-03-15 07:00"),
    ],
)
def test_a_limit_of_the_day_waits_for_the_carriers_midnight(
    code: str, now: str, midnight: str
) -> None:
    failed_at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    due = plan_of(code, retries_done=0, now=failed_at, jitter=0)
    assert due == datetime.fromisoformat(midnight).replace(tzinfo=UTC)
    assert due.astimezone(ZoneInfo("America/Los_Angeles")).hour == 0
    late = plan_of(code, retries_done=0, now=failed_at, jitter=0.999)
    assert late is not None
    assert due < late < due + timedelta(minutes=30)


@pytest.mark.parametrize("code", [None, "", "99999", "no such code"])
def test_a_code_that_nobody_listed_is_final_and_has_words(code: str | None) -> None:
    assert explain(code).consequence is Consequence.FINAL
    assert explain(code).words


@pytest.mark.parametrize("words", ALL)
def test_words_and_advice_are_sentences_without_codes(words: ErrorWords) -> None:
    for sentence in (words.words, words.advice):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert not re.search(r"\b[236]\d{4}\b", sentence)
        assert len(sentence) < 140
