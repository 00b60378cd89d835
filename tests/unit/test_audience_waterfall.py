from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.audience.audience import REASONS, Freshness, LeftOut, Reach
from clarion.audience.fields import OPERATORS, Field, FieldType
from clarion.audience.filter import EVERYBODY, Condition, Group, Match
from clarion.audience.waterfall import Narrowing, left_after, narrowings, waterfall_of
from clarion.audience.why import explain, parts_of
from clarion.kernel.channel import Channel

_FRESH = Freshness(source="database", as_of=datetime(2026, 11, 24, tzinfo=UTC))


def condition(*path: str) -> Condition:
    return Condition(
        field=Field(
            path=path, source="metadata" if len(path) > 1 else "column", type=FieldType.TEXT
        ),
        operator=OPERATORS["is_empty"],
        values=(),
        reading=FieldType.TEXT,
    )


A, B, C = condition("a"), condition("metadata", "b"), condition("metadata", "b", "c")


def test_a_group_that_matches_all_narrows_with_each_of_its_conditions() -> None:
    inner = Group(match=Match.ANY, conditions=(B, C))
    assert narrowings(Group(match=Match.ALL, conditions=(A, inner, C))) == (
        Narrowing(pointer="/conditions/0", group=Group(match=Match.ALL, conditions=(A,))),
        Narrowing(pointer="/conditions/1", group=Group(match=Match.ALL, conditions=(A, inner))),
        Narrowing(pointer="/conditions/2", group=Group(match=Match.ALL, conditions=(A, inner, C))),
    )


@pytest.mark.parametrize("match", [Match.ANY, Match.NONE])
def test_any_other_group_is_one_step(match: Match) -> None:
    group = Group(match=match, conditions=(A, B))
    assert narrowings(group) == (Narrowing(pointer="", group=group),)


@pytest.mark.parametrize("match", list(Match))
def test_a_group_without_conditions_has_no_step(match: Match) -> None:
    assert narrowings(Group(match=match, conditions=())) == ()


def test_who_is_left_is_who_passes_this_step_and_all_before() -> None:
    # 5 fail the first step, 3 the second, nobody the third, and 2 pass all.
    assert left_after({0: 5, 1: 3, 3: 2}, 3) == [5, 2, 2]
    assert left_after({}, 2) == [0, 0]
    assert left_after({0: 7}, 0) == []


_counts = st.integers(0, 1_000_000)


@given(
    passed=st.lists(_counts, min_size=1, max_size=9),
    shares=st.lists(_counts, min_size=5, max_size=5),
)
def test_left_and_lost_always_add_up(passed: list[int], shares: list[int]) -> None:
    conditions = (A,) * (len(passed) - 1)
    steps = narrowings(Group(match=Match.ALL, conditions=conditions))
    by_place = dict(enumerate(passed))
    total = sum(passed)
    # What is left after the filter is spread over the reasons; the rest is reached.
    reach = {}
    for channel, reasons in REASONS.items():
        rest, left_out = passed[-1], {}
        for reason, share in zip(reasons, shares, strict=False):
            left_out[reason] = min(share, rest)
            rest -= left_out[reason]
        reach[channel] = Reach(
            reachable=rest, left_out={each: count for each, count in left_out.items() if count}
        )
    fall = waterfall_of(
        total=total,
        narrowed=list(zip(steps, left_after(by_place, len(steps)), strict=True)),
        reach=reach,
        freshness=_FRESH,
    )
    before = total
    for step in fall.steps:
        assert step.left + step.lost == before
        assert step.left >= 0
        assert step.lost >= 0
        before = step.left
    assert fall.matched == before == passed[-1]
    for channel, channel_steps in fall.channels.items():
        assert [step.reason for step in channel_steps] == list(REASONS[channel])
        before = fall.matched
        for channel_step in channel_steps:
            assert channel_step.left + channel_step.lost == before
            before = channel_step.left
        assert before == reach[channel].reachable


def test_a_channel_goes_down_by_its_reasons_in_their_order() -> None:
    fall = waterfall_of(
        total=10,
        narrowed=[],
        reach={
            Channel.EMAIL: Reach(
                reachable=4, left_out={LeftOut.NO_EMAIL: 3, LeftOut.DUPLICATE_EMAIL: 3}
            )
        },
        freshness=_FRESH,
    )
    assert fall.matched == 10
    assert [(each.reason.value, each.left, each.lost) for each in fall.channels[Channel.EMAIL]] == [
        ("no_email", 7, 3),
        ("invalid_email", 7, 0),
        ("opted_out", 7, 0),
        ("duplicate_email", 4, 3),
    ]


# --- why


def test_the_parts_of_a_filter_have_pointers_a_group_before_its_own() -> None:
    inner = Group(match=Match.NONE, conditions=(B, EVERYBODY))
    group = Group(match=Match.ALL, conditions=(A, inner, C))
    assert list(parts_of(group)) == [
        ("", group),
        ("/conditions/0", A),
        ("/conditions/1", inner),
        ("/conditions/1/conditions/0", B),
        ("/conditions/1/conditions/1", EVERYBODY),
        ("/conditions/2", C),
    ]


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ({"a": 7, "metadata": {"b": {"c": ["x"]}}}, [7, {"c": ["x"]}, ["x"]]),
        ({"a": None, "metadata": {"b": "c"}}, [None, "c", None]),
        ({"a": "", "metadata": None}, ["", None, None]),
        ({}, [None, None, None]),
    ],
)
def test_a_condition_tells_what_the_contact_holds_and_a_group_nothing(
    row: dict[str, object], values: list[object]
) -> None:
    group = Group(match=Match.ALL, conditions=(A, B, C))
    pointers = [pointer for pointer, _ in parts_of(group)]
    told = explain(group, pointers, [True, False, True, False], row)
    assert [(each.pointer, each.met) for each in told] == list(
        zip(pointers, [True, False, True, False], strict=True)
    )
    assert [each.value for each in told] == [None, *values]
