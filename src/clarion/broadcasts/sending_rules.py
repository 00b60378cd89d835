"""How a broadcast is sent: its own pace, what stops it, what follows when its time was missed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from clarion.broadcasts.broadcast import Status
from clarion.kernel.errors import Conflict, Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

#: More than any sender's pace, and small enough for the column.
MOST_PER_MINUTE = 10_000_000

#: What the column keeps of a share.
_KEPT = Decimal("0.001")


class LatePolicy(StrEnum):
    """What a step does that begins more than a quarter of an hour after its time."""

    CATCH_UP = "catch_up"
    SKIP = "skip"
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingRules:
    """`max_per_minute` None: as fast as the senders allow. `stop_at_failure_rate` is the share of
    failed messages above which the broadcast stops by itself, None: it never does."""

    late_policy: LatePolicy = LatePolicy.CATCH_UP
    max_per_minute: int | None = None
    stop_at_failure_rate: Decimal | None = Decimal("0.25")


#: While it waits or runs the rules are read anew at each step, so a change of them is harmless.
_CHANGEABLE = (Status.DRAFT, Status.SCHEDULED, Status.SENDING, Status.PAUSED)


def check_rules_can_change(status: Status) -> None:
    """Raises Conflict, in words, for a broadcast that has ended."""
    if status not in _CHANGEABLE:
        raise Conflict("The broadcast has ended; how it is sent cannot be changed any more.")


def with_changes(rules: SendingRules, change: Mapping[str, Any]) -> SendingRules:
    """`change` holds what is given, by the names of the rules, None among it. Raises Invalid with
    each place that is wrong."""
    faults = []
    given = dict(change)
    if "late_policy" in given:
        policy = given["late_policy"]
        if policy in [each.value for each in LatePolicy]:
            given["late_policy"] = LatePolicy(policy)
        else:
            faults.append(Fault(pointer="/late_policy", detail="Choose catch_up, skip or ask."))
    limit = given.get("max_per_minute")
    if limit is not None and not 1 <= limit <= MOST_PER_MINUTE:
        detail = f"Give a whole number from 1 to {MOST_PER_MINUTE:,}, or none for no limit."
        faults.append(Fault(pointer="/max_per_minute", detail=detail))
    rate = given.get("stop_at_failure_rate")
    if rate is not None:
        # Compared before it is rounded: what is not a number is neither above nor below.
        if 0 < rate <= 1 and (kept := Decimal(str(rate)).quantize(_KEPT)) > 0:
            given["stop_at_failure_rate"] = kept
        else:
            detail = "Give a share from 0.001 to 1 (0.25 is 25%), or none never to stop."
            faults.append(Fault(pointer="/stop_at_failure_rate", detail=detail))
    if faults:
        raise Invalid(faults[0].detail, faults=faults)
    return replace(rules, **given)
