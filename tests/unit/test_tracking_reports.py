from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.delivery.message import MessageStatus
from clarion.providers.events import ProviderStatus
from clarion.tracking.events import Report, Reported, apply_reports

_START = datetime(2026, 11, 24, 9, tzinfo=UTC)


def at(second: int) -> datetime:
    return _START + timedelta(seconds=second)


def report(status: str, second: int, code: str | None = None) -> Report:
    return Report(
        status=ProviderStatus(status),
        provider_id="SM1",
        error_code=code,
        segments=None,
        price=None,
        currency=None,
        at=at(second),
    )


def message(status: str = "sending") -> Reported:
    return Reported(
        status=MessageStatus(status),
        provider_id=None,
        error_code=None,
        segments=None,
        price=None,
        currency=None,
        sent_at=None,
        delivered_at=None,
        failed_at=None,
    )


_reports = st.builds(
    report,
    st.sampled_from(["queued", "sent", "delivered", "failed", "cancelled"]),
    st.integers(0, 3),
    st.sampled_from([None, "30003", "30005"]),
)


@given(st.lists(_reports, min_size=1, max_size=4), st.data())
def test_any_order_any_repetition_and_any_batches_end_alike(
    reports: list[Report], data: st.DataObject
) -> None:
    together = apply_reports(message(), reports)
    repeated = reports + data.draw(st.lists(st.sampled_from(reports), max_size=2))
    for order in list(permutations(repeated))[:: max(1, len(repeated) - 3)]:
        one_by_one = message()
        for each in order:
            one_by_one = apply_reports(one_by_one, [each])
        assert one_by_one == together
        cut = len(order) // 2
        assert apply_reports(apply_reports(message(), order[:cut]), order[cut:]) == together


@pytest.mark.parametrize(
    ("before", "reported", "after"),
    [
        *((before, "queued", "sent") for before in ("pending", "sending", "uncertain")),
        *((before, "sent", "sent") for before in ("pending", "sending", "uncertain", "sent")),
        *(
            (before, "delivered", "delivered")
            for before in ("pending", "sending", "uncertain", "sent", "failed", "delivered")
        ),
        *(
            (before, "failed", "failed")
            for before in ("pending", "sending", "uncertain", "sent", "failed")
        ),
        ("sent", "cancelled", "failed"),
        ("sent", "queued", "sent"),
        ("failed", "sent", "failed"),
        ("delivered", "failed", "delivered"),
        ("delivered", "sent", "delivered"),
        ("skipped", "delivered", "skipped"),
        ("cancelled", "sent", "cancelled"),
    ],
)
def test_a_report_moves_a_message_only_forward(before: str, reported: str, after: str) -> None:
    assert apply_reports(message(before), [report(reported, 1)]).status == after


def test_each_fact_has_the_time_of_its_report() -> None:
    found = apply_reports(message(), [report("delivered", 7), report("sent", 2)])
    assert (found.sent_at, found.delivered_at, found.failed_at) == (at(2), at(7), None)


def test_a_receipt_after_a_failure_takes_the_failure_back() -> None:
    failed = apply_reports(message(), [report("failed", 1, "30003")])
    assert (failed.error_code, failed.failed_at) == ("30003", at(1))
    arrived = apply_reports(failed, [report("delivered", 5)])
    assert (arrived.status, arrived.error_code, arrived.failed_at) == ("delivered", None, None)


def test_of_two_failures_the_earlier_is_the_reason() -> None:
    one, other = report("failed", 1, "30003"), report("failed", 2, "30005")
    for first, second in ((one, other), (other, one)):
        found = apply_reports(apply_reports(message(), [first]), [second])
        assert (found.error_code, found.failed_at) == ("30003", at(1))


def test_the_providers_count_of_segments_replaces_our_estimate() -> None:
    estimated = replace(message("sent"), segments=2)
    billed = Report(
        status=ProviderStatus.DELIVERED,
        provider_id="SM1",
        error_code=None,
        segments=3,
        price=Decimal("0.0237"),
        currency="USD",
        at=at(4),
    )
    found = apply_reports(estimated, [billed, report("sent", 1)])
    assert (found.segments, found.price, found.currency) == (3, Decimal("0.0237"), "USD")


def test_a_report_that_says_nothing_new_changes_nothing() -> None:
    known = apply_reports(message(), [report("sent", 1), report("delivered", 2)])
    assert apply_reports(known, [report("queued", 3), report("sent", 4)]) == known
