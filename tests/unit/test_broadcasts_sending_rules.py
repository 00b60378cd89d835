"""How a broadcast is sent, as a person sets it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from clarion.broadcasts.broadcast import Status
from clarion.broadcasts.sending_rules import (
    MOST_PER_MINUTE,
    LatePolicy,
    SendingRules,
    check_rules_can_change,
    with_changes,
)
from clarion.kernel.errors import Conflict, Invalid

RULES = SendingRules(
    late_policy=LatePolicy.ASK, max_per_minute=60, stop_at_failure_rate=Decimal("0.1")
)


def test_what_is_not_given_stays_and_none_means_none() -> None:
    assert with_changes(RULES, {}) == RULES
    changed = with_changes(RULES, {"max_per_minute": None, "stop_at_failure_rate": None})
    assert changed == SendingRules(
        late_policy=LatePolicy.ASK, max_per_minute=None, stop_at_failure_rate=None
    )


@pytest.mark.parametrize(
    ("given", "kept"), [(1, Decimal(1)), (0.3, Decimal("0.3")), (0.0014, Decimal("0.001"))]
)
def test_a_share_is_kept_to_a_tenth_of_a_percent(given: float, kept: Decimal) -> None:
    assert with_changes(RULES, {"stop_at_failure_rate": given}).stop_at_failure_rate == kept


WRONG: list[tuple[str, Any]] = [
    ("late_policy", "never"),
    ("late_policy", None),
    ("max_per_minute", 0),
    ("max_per_minute", -5),
    ("max_per_minute", MOST_PER_MINUTE + 1),
    ("stop_at_failure_rate", 0),
    ("stop_at_failure_rate", 0.0004),
    ("stop_at_failure_rate", -0.2),
    ("stop_at_failure_rate", 1.1),
    ("stop_at_failure_rate", float("nan")),
    ("stop_at_failure_rate", float("inf")),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_what_is_wrong_is_named(name: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        with_changes(RULES, {name: value})
    assert [fault.pointer for fault in refused.value.faults] == [f"/{name}"]


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        with_changes(RULES, {"max_per_minute": 0, "stop_at_failure_rate": 7, "late_policy": "x"})
    assert {fault.pointer for fault in refused.value.faults} == {
        "/late_policy",
        "/max_per_minute",
        "/stop_at_failure_rate",
    }


@pytest.mark.parametrize("status", Status)
def test_rules_change_until_the_broadcast_has_ended(status: Status) -> None:
    if status in (Status.COMPLETED, Status.CANCELLED, Status.FAILED):
        with pytest.raises(Conflict, match="has ended"):
            check_rules_can_change(status)
    else:
        check_rules_can_change(status)
