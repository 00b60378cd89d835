"""Conditions on what is known outside the contacts: activity, segments, scheduled broadcasts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from clarion.audience.contact_table import Column, ContactNames
from clarion.audience.fields import SPECIAL_FIELDS, Activity, catalogue
from clarion.audience.filter import (
    MAX_CONDITIONS,
    MAX_DEPTH,
    MAX_VALUES,
    ActivityCondition,
    Condition,
    Group,
    Match,
    ScheduledCondition,
    SegmentCondition,
    SegmentDefinition,
    SegmentInFilter,
    names_segments,
    read_filter,
)
from clarion.kernel.errors import Fault, Invalid

_FIELDS = catalogue(
    (Column(name="name", sql_type="text"), Column(name="@sent", sql_type="text")),
    ContactNames(),
    [],
)
_ONE, _OTHER = UUID(int=1), UUID(int=2)
_NAMED = {"field": "name", "operator": "is", "value": "x"}


def every(*conditions: object) -> dict[str, Any]:
    return {"match": "all", "conditions": list(conditions)}


def condition(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def in_segment(*numbers: int, operator: str = "is_in") -> dict[str, Any]:
    return condition("@segment", operator, [str(UUID(int=number)) for number in numbers])


def segment(number: int, *conditions: object, frozen: bool = False) -> SegmentDefinition:
    return SegmentDefinition(
        id=UUID(int=number), name=f"S{number}", frozen=frozen, filter=every(*conditions)
    )


def read(document: dict[str, Any], *segments: SegmentDefinition) -> Group:
    return read_filter(document, _FIELDS, {each.id: each for each in segments})


def only(document: dict[str, Any], *segments: SegmentDefinition) -> Any:
    (part,) = read(every(document), *segments).conditions
    return part


def faults(document: dict[str, Any], *segments: SegmentDefinition) -> list[Fault]:
    with pytest.raises(Invalid) as refused:
        read(document, *segments)
    return list(refused.value.faults)


@pytest.mark.parametrize("activity", list(Activity))
@pytest.mark.parametrize(
    ("operator", "value", "broadcasts", "days", "negated"),
    [
        ("in_broadcast", [str(_ONE), str(_OTHER), str(_ONE)], (_ONE, _OTHER), None, False),
        ("not_in_broadcast", [str(_ONE)], (_ONE,), None, True),
        ("in_last_days", 30, None, 30, False),
        ("not_in_last_days", "30", None, 30, True),
        ("ever", None, None, None, False),
        ("never", None, None, None, True),
    ],
)
def test_activity_is_of_broadcasts_or_days_or_ever(
    activity: Activity,
    operator: str,
    value: Any,
    broadcasts: Any,
    days: int | None,
    *,
    negated: bool,
) -> None:
    assert only(condition(f"@{activity}", operator, value)) == ActivityCondition(
        activity=activity, broadcasts=broadcasts, days=days, negated=negated
    )


def test_a_column_that_is_called_like_a_special_field_is_written_in_brackets() -> None:
    assert isinstance(only(condition("@sent", "ever")), ActivityCondition)
    column = only(condition('["@sent"]', "is", "x"))
    assert isinstance(column, Condition)
    assert column.field is _FIELDS["@sent",]


@pytest.mark.parametrize(("operator", "negated"), [("is_true", False), ("is_false", True)])
def test_whoever_gets_a_scheduled_broadcast(operator: str, *, negated: bool) -> None:
    assert only(condition("@scheduled", operator)) == ScheduledCondition(negated=negated)


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (condition("@opened", "ever"), "/field"),
        (condition("@sent", "is_empty"), "/operator"),
        (condition("@sent", "is_in", [str(_ONE)]), "/operator"),
        (condition("@segment", "in_broadcast", [str(_ONE)]), "/operator"),
        (condition("@scheduled", "ever"), "/operator"),
        (condition("@scheduled", "is_true", value=True), "/value"),
        (condition("@sent", "ever", 3), "/value"),
        (condition("@sent", "in_last_days"), "/value"),
        (condition("@sent", "in_broadcast", []), "/value"),
        (condition("@sent", "in_broadcast", str(_ONE)), "/value"),
        (condition("@sent", "in_broadcast", [str(_ONE)] * (MAX_VALUES + 1)), "/value"),
        (condition("@sent", "in_broadcast", [str(_ONE), "spring"]), "/value/1"),
        (condition("@sent", "in_broadcast", [7]), "/value/0"),
        (condition("@sent", "in_broadcast", [f"{{{_ONE}}}"]), "/value/0"),
        (condition("@segment", "is_in", None), "/value"),
        (condition("@segment", "is_in", ["Texans"]), "/value/0"),
    ],
)
def test_what_cannot_be_meant_is_a_fault_of_its_place(
    document: dict[str, Any], pointer: str
) -> None:
    (fault,) = faults(every(_NAMED, document))
    assert fault.pointer == f"/filter/conditions/1{pointer}"


def test_the_operators_that_fit_are_named() -> None:
    (fault,) = faults(every(condition("@segment", "is", "x")))
    assert fault.detail == (
        "“is” does not fit Segment, which is a segment. Use one of: is_in, is_not_in."
    )


def test_a_segment_stands_for_its_filter_and_a_frozen_one_for_its_people() -> None:
    part = only(
        in_segment(1, 2, operator="is_not_in"), segment(1, _NAMED), segment(2, _NAMED, frozen=True)
    )
    assert part == SegmentCondition(
        segments=(
            SegmentInFilter(id=_ONE, name="S1", group=read(every(_NAMED))),
            SegmentInFilter(id=_OTHER, name="S2", group=None),
        ),
        negated=True,
    )


def test_a_segment_that_no_longer_exists_is_told_at_its_place() -> None:
    assert faults(every(in_segment(1, 7)), segment(1)) == [
        Fault(pointer="/filter/conditions/0/value/1", detail="This segment no longer exists.")
    ]


def test_segments_may_name_segments() -> None:
    part = only(in_segment(1), segment(1, in_segment(2)), segment(2, _NAMED))
    inner = part.segments[0].group.conditions[0].segments[0].group
    assert inner == read(every(_NAMED))


@pytest.mark.parametrize(
    ("segments", "chain"),
    [
        ([segment(1, in_segment(1))], "“S1” → “S1”"),
        ([segment(1, in_segment(2)), segment(2, in_segment(1))], "“S1” → “S2” → “S1”"),
        (
            [
                segment(1, in_segment(2)),
                segment(2, every(in_segment(3))),
                segment(3, in_segment(2)),
            ],
            "“S2” → “S3” → “S2”",
        ),
    ],
)
def test_a_segment_that_contains_itself_is_refused_with_the_way_round(
    segments: list[SegmentDefinition], chain: str
) -> None:
    (fault,) = faults(every(_NAMED, in_segment(1)), *segments)
    assert fault.pointer == "/filter/conditions/1/value/0"
    assert fault.detail.endswith(f"contains itself: {chain}.")


def test_a_segment_may_be_named_twice_without_containing_itself() -> None:
    twice = [segment(1, in_segment(3)), segment(2, in_segment(3)), segment(3, _NAMED)]
    read(every(in_segment(1), in_segment(2, 3)), *twice)


def test_a_frozen_segment_holds_people_and_so_contains_nothing() -> None:
    read(every(in_segment(1)), segment(1, in_segment(1), frozen=True))


def test_what_is_wrong_in_a_segment_is_told_where_it_is_named_with_the_way_there() -> None:
    wrong = condition("gone", "is", "x")
    (fault,) = faults(
        every(in_segment(1)), segment(1, in_segment(2)), segment(2, every(wrong), _NAMED)
    )
    assert fault == Fault(
        pointer="/filter/conditions/0/value/0",
        detail="The segment “S1” → “S2” cannot be used: The contacts have no field “gone”.",
    )


def test_the_groups_of_segments_count_for_the_depth() -> None:
    chain = [segment(number, in_segment(number + 1)) for number in range(1, MAX_DEPTH)]
    last = segment(MAX_DEPTH, _NAMED)
    read(every(in_segment(2)), *chain, last)
    (fault,) = faults(every(in_segment(1)), *chain, last)
    assert fault.pointer == "/filter/conditions/0/value/0"
    assert f"{MAX_DEPTH} deep" in fault.detail


def test_the_conditions_of_segments_count_each_time_that_they_are_named() -> None:
    half = segment(1, *[_NAMED] * (MAX_CONDITIONS // 2 - 1))
    read(every(in_segment(1), in_segment(1)), half)
    (fault,) = faults(every(in_segment(1), in_segment(1), _NAMED), half)
    assert fault.pointer == "/filter/conditions/2"
    more = segment(1, *[_NAMED] * (MAX_CONDITIONS // 2))
    (fault,) = faults(every(in_segment(1), in_segment(1)), more)
    assert fault.pointer == "/filter/conditions/1/value/0"


def test_each_of_several_segments_counts() -> None:
    many = [segment(number) for number in range(1, MAX_CONDITIONS + 2)]
    read(every(in_segment(*range(1, MAX_CONDITIONS + 1))), *many)
    (fault,) = faults(every(in_segment(*range(1, MAX_CONDITIONS + 2))), *many)
    assert fault.pointer == "/filter/conditions/0/value"


def test_segments_that_name_each_other_many_times_over_are_refused_soon() -> None:
    """Each names the next ten times: 10⁶ conditions, if anybody read them all."""
    many = [segment(number, *[in_segment(number + 1)] * 10) for number in range(1, MAX_DEPTH - 1)]
    found = faults(every(in_segment(1)), *many, segment(MAX_DEPTH - 1, _NAMED))
    assert {fault.pointer for fault in found} == {"/filter/conditions/0/value/0"}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (every(_NAMED), False),
        (every(condition("name", "is", "@segment")), False),
        (every(every(every(in_segment(1)))), True),
        ({"match": "all"}, False),
        ({"match": "all", "conditions": [None, 3, "@segment"]}, False),
    ],
)
def test_whether_segments_are_named_at_all(document: dict[str, Any], *, expected: bool) -> None:
    assert names_segments(document) is expected


def test_every_special_field_has_its_operators() -> None:
    assert all(field.operators for field in SPECIAL_FIELDS.values())
    assert read(every()).match is Match.ALL
