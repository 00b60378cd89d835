"""How the whole workspace narrows to an audience, condition by condition, and on to each channel.

Pure: which filters are to be counted, and what follows from the counts, wherever they are counted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from clarion.audience.audience import REASONS, Freshness, LeftOut, Reach
from clarion.audience.filter import Group, Match

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarion.kernel.channel import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """`group` is the filter up to and with the part at `pointer` ("" is the filter itself)."""

    pointer: str
    group: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallStep:
    """`lost` met every part before this one; `left` meet this one too."""

    pointer: str
    left: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStep:
    reason: LeftOut
    left: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """`total` counts all contacts of the workspace. The last `left` of a channel is its reach."""

    total: int
    steps: tuple[WaterfallStep, ...]
    channels: Mapping[Channel, tuple[ChannelStep, ...]]
    freshness: Freshness

    @property
    def matched(self) -> int:
        return self.steps[-1].left if self.steps else self.total


def narrowings(group: Group) -> tuple[Narrowing, ...]:
    """What is counted, each a part of the one before.

    Only a group that matches all narrows with each of its conditions; any other is one step. A
    group without conditions takes nobody away and has no step.
    """
    if not group.conditions:
        return ()
    if group.match is not Match.ALL:
        return (Narrowing(pointer="", group=group),)
    return tuple(
        Narrowing(
            pointer=f"/conditions/{place}",
            group=replace(group, conditions=group.conditions[: place + 1]),
        )
        for place in range(len(group.conditions))
    )


def left_after(passed: Mapping[int, int], steps: int) -> list[int]:
    """How many are left after each step. `passed` says how many contacts pass so many steps in a
    row from the first on, and no more."""
    return [
        sum(contacts for place, contacts in passed.items() if place > step) for step in range(steps)
    ]


def waterfall_of(
    *,
    total: int,
    narrowed: Sequence[tuple[Narrowing, int]],
    reach: Mapping[Channel, Reach],
    freshness: Freshness,
) -> Waterfall:
    """`narrowed` gives each narrowing with how many are left, `reach` that of who is left last."""
    lefts = [total, *(left for _, left in narrowed)]
    return Waterfall(
        total=total,
        steps=tuple(
            WaterfallStep(pointer=narrowing.pointer, left=left, lost=before - left)
            for (narrowing, _), (before, left) in zip(narrowed, pairwise(lefts), strict=True)
        ),
        channels={channel: _down_to(reach[channel], channel) for channel in reach},
        freshness=freshness,
    )


def _down_to(reach: Reach, channel: Channel) -> tuple[ChannelStep, ...]:
    left = reach.matched
    steps = []
    for reason in REASONS[channel]:
        lost = reach.left_out.get(reason, 0)
        left -= lost
        steps.append(ChannelStep(reason=reason, left=left, lost=lost))
    return tuple(steps)
