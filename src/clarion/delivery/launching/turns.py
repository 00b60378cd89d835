"""Which zones' turn it is, of a step that asks something of each person when their time comes.

A step at nine o'clock by everybody's own clock is spread over a day. Whether somebody has replied,
clicked, met the goal or still matches is decided at their nine o'clock, not at the first one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from clarion.broadcasts.timing.step_time import ZoneMode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from clarion.broadcasts.step import Step

#: Before every moment: where the launch begins.
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def goes_by_turns(step: Step, *, has_goal: bool) -> bool:
    """The first step asks after no goal: whoever has got there before it begins is not asked."""
    asks = bool(step.condition.only_if) or step.condition.still_matches
    return step.zone_mode is ZoneMode.RECIPIENT and (asks or (has_goal and step.position > 1))


def turns_of(moments: Iterable[datetime], *, now: datetime) -> list[datetime]:
    """Up to when the launch is done, and each moment that it awaits; what is past is one turn."""
    moments = set(moments)
    past = [moment for moment in moments if moment <= now]
    turns = [*([max(past)] if past else []), *sorted(moments.difference(past))]
    return [_BEGINNING, *(turns or [now])]


def not_in_turn(moments: Mapping[str, datetime], turns: Sequence[datetime]) -> list[str]:
    """The zones that were looked at before, or are not due yet, while the first turn is written.
    A zone that is not known here is in every turn: nobody is forgotten, and nobody is written to
    twice."""
    done, due = turns[:2]
    return [zone for zone, moment in moments.items() if not done < moment <= due]
