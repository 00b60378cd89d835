"""The rules of saved audiences that need no database."""

from __future__ import annotations

from uuid import UUID

import pytest

from clarion.audience.segments.segment import (
    Combination,
    check_cycle,
    combine,
    ids_in,
    in_words,
    made_of,
    problem_in,
    read_name,
    segments_in,
)
from clarion.kernel.errors import Fault, Invalid
from clarion.kernel.names import MAX_NAME, free_name, name_of_copy

A, B, C, D = (UUID(int=number) for number in range(1, 5))
NAMES = {A: "Texas", B: "South", C: "Everywhere", D: "Others"}


def named(*ids: UUID, operator: str = "is_in") -> dict[str, object]:
    return {"field": "@segment", "operator": operator, "value": [str(each) for each in ids]}


def group(*conditions: object, match: str = "all") -> dict[str, object]:
    return {"match": match, "conditions": list(conditions)}


def test_the_segments_of_a_filter_are_found_at_any_depth_with_their_places() -> None:
    document = group(
        named(A, B),
        {"field": "first_name", "operator": "is", "value": str(D)},
        group(named(C, operator="is_not_in"), match="none"),
    )
    assert list(segments_in(document, "/filter")) == [
        ("/filter/conditions/0/value/0", A),
        ("/filter/conditions/0/value/1", B),
        ("/filter/conditions/2/conditions/0/value/0", C),
    ]
    assert ids_in(document) == {A, B, C}


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {"match": "all", "conditions": 7},
        group({"field": "@segment", "operator": "is_in", "value": "x"}),
        group({"field": "@segment", "operator": "is_in", "value": ["no id", None]}),
    ],
)
def test_what_is_no_filter_names_no_segment(document: object) -> None:
    assert ids_in(document) == frozenset()


def test_a_combination_is_a_filter_of_its_own() -> None:
    assert combine(Combination.UNION, [A, B, C]) == group(named(A, B, C))
    assert combine(Combination.INTERSECTION, [A, B]) == group(named(A), named(B))
    assert combine(Combination.DIFFERENCE, [A, B, C]) == group(
        named(A), named(B, C, operator="is_not_in")
    )


@pytest.mark.parametrize(
    ("segments", "pointer"),
    [([], "/combine/segments"), ([A], "/combine/segments"), ([A, B, A], "/combine/segments/2")],
)
def test_a_combination_is_of_two_different_segments_at_least(
    segments: list[UUID], pointer: str
) -> None:
    with pytest.raises(Invalid) as raised:
        combine(Combination.UNION, segments)
    assert [fault.pointer for fault in raised.value.faults] == [pointer]


def test_a_segment_that_names_itself_is_refused_at_the_place() -> None:
    with pytest.raises(Invalid) as raised:
        check_cycle(A, group(named(B, A)), NAMES, {A: [], B: []})
    (fault,) = raised.value.faults
    assert fault.pointer == "/filter/conditions/0/value/1"
    assert fault.detail == "A segment cannot be made of itself."


def test_a_cycle_over_others_is_refused_with_its_way() -> None:
    needs = {A: [], B: [C], C: [D, A], D: []}
    with pytest.raises(Invalid) as raised:
        check_cycle(A, group(named(D), named(B)), NAMES, needs)
    (fault,) = raised.value.faults
    assert fault.pointer == "/filter/conditions/1/value/0"
    assert fault.detail == (
        "A segment cannot be made of itself: “South” is made of “Everywhere” is made of “Texas”."
    )


def test_what_is_no_cycle_passes_even_beside_one() -> None:
    # Two ways to the same segment, and a cycle of others that this one has no part in.
    check_cycle(A, group(named(B, C)), NAMES, {A: [], B: [D], C: [D], D: []})
    check_cycle(A, group(named(B)), NAMES, {A: [], B: [C], C: [B]})
    check_cycle(A, group(named(UUID(int=99))), NAMES, {A: [B], B: []})


def test_made_of_goes_through_all_and_leaves_the_segment_itself_out() -> None:
    needs = {A: [], B: [A], C: [B], D: []}
    assert made_of(A, needs) == {B, C}
    assert made_of(C, needs) == set()


def test_a_name_has_no_white_space_to_spare() -> None:
    assert read_name("  Texas \n leads ") == "Texas leads"
    assert read_name("x" * MAX_NAME) == "x" * MAX_NAME


@pytest.mark.parametrize("name", ["", " \t", "x" * (MAX_NAME + 1)])
def test_a_name_is_neither_empty_nor_endless(name: str) -> None:
    with pytest.raises(Invalid) as raised:
        read_name(name)
    assert [fault.pointer for fault in raised.value.faults] == ["/name"]


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("Texas", [], "Texas"),
        ("Texas", ["Texas leads"], "Texas"),
        ("Texas", ["TEXAS"], "Texas 2"),
        ("texas", ["Texas", "Texas 2", "TEXAS 3"], "texas 4"),
        ("Texas 2", ["Texas", "Texas 2"], "Texas 3"),
        ("2024", ["2024"], "2024 2"),
    ],
)
def test_a_free_name_is_found_whatever_the_case(name: str, taken: list[str], free: str) -> None:
    assert free_name(name, taken) == free


def test_a_free_name_and_a_copy_are_no_longer_than_a_name_may_be() -> None:
    longest = "x" * MAX_NAME
    assert free_name(longest, [longest]) == "x" * (MAX_NAME - 2) + " 2"
    assert name_of_copy(longest) == "Copy of " + "x" * (MAX_NAME - 8)


def test_lists_are_written_as_a_person_would() -> None:
    assert [in_words(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_a_problem_says_the_first_faults_once_each() -> None:
    faults = [Fault(pointer=f"/{n}", detail=f"{n // 2}.") for n in range(10)]
    assert problem_in(Invalid("Wrong.", faults=faults)) == "0. 1. 2. And 2 more."
    assert problem_in(Invalid("Wrong.")) == "Wrong."
