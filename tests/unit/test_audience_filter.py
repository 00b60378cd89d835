from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from clarion.audience.contact_table import Column, ContactNames
from clarion.audience.fields import HELD_TYPES, OPERATORS, FieldType, SeenKey, catalogue
from clarion.audience.filter import (
    MAX_CONDITIONS,
    MAX_DEPTH,
    MAX_VALUES,
    Condition,
    Group,
    Match,
    read_filter,
)
from clarion.kernel.errors import Fault, Invalid

_FIELDS = catalogue(
    (
        Column(name="name", sql_type="text"),
        Column(name="age", sql_type="integer"),
        Column(name="born", sql_type="date"),
        Column(name="vip", sql_type="boolean"),
        Column(name="tags", sql_type="text[]"),
    ),
    ContactNames(),
    [SeenKey(path=("Lead source",), value_type=FieldType.TEXT, contacts=3)],
)

_FIELD_OF = {"text": "name", "number": "age", "date": "born", "boolean": "vip", "list": "tags"}

_VALUE: dict[str, dict[str, Any]] = {
    "text": {"one": "x", "many": ["x"]},
    "number": {"one": 5, "many": [5], "range": [1, 2]},
    "date": {"one": "2026-11-24", "range": ["2026-11-24", "2026-11-25"], "days": 7},
    "boolean": {},
    "list": {"many": ["x"]},
}


def every(*conditions: object, match: str = "all") -> dict[str, Any]:
    return {"match": match, "conditions": list(conditions)}


def condition(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def faults(document: dict[str, Any]) -> tuple[Fault, ...]:
    with pytest.raises(Invalid) as refused:
        read_filter(document, _FIELDS)
    assert refused.value.faults
    return refused.value.faults


def only_fault(document: dict[str, Any]) -> Fault:
    (fault,) = faults(document)
    return fault


def value_of(field: str, operator: str, value: Any) -> tuple[Any, ...]:
    group = read_filter(every(condition(field, operator, value)), _FIELDS)
    (read,) = group.conditions
    assert isinstance(read, Condition)
    return read.values


@pytest.mark.parametrize("operator", list(OPERATORS.values()), ids=lambda each: each.id)
@pytest.mark.parametrize("field_type", HELD_TYPES)
def test_an_operator_is_taken_for_the_types_it_fits_and_no_other(
    operator: Any, field_type: FieldType
) -> None:
    value = _VALUE[field_type].get(operator.operand)
    document = every(condition(_FIELD_OF[field_type], operator.id, value))
    if field_type in operator.types:
        (read,) = read_filter(document, _FIELDS).conditions
        assert isinstance(read, Condition)
        assert (read.operator, read.reading) == (operator, field_type)
    else:
        fault = only_fault(document)
        assert fault.pointer == "/filter/conditions/0/operator"
        assert "does not fit" in fault.detail


def test_the_fault_of_an_operator_names_those_that_fit() -> None:
    fault = only_fault(every(condition("vip", "contains", "x")))
    assert fault.detail == (
        "“contains” does not fit Vip, which is yes or no. "
        "Use one of: is_true, is_false, is_empty, is_not_empty."
    )


def test_all_faults_of_nested_groups_are_told_each_with_its_place() -> None:
    document = every(
        condition("name", "is", "x"),
        every(
            condition("nobody", "is", "x"),
            every(condition("age", "is", "old"), match="some"),
            match="any",
        ),
        condition("born", "between", ["2026-11-25", "2026-11-24"]),
        "what is this",
    )
    assert [fault.pointer for fault in faults(document)] == [
        "/filter/conditions/1/conditions/0/field",
        "/filter/conditions/1/conditions/1/match",
        "/filter/conditions/1/conditions/1/conditions/0/value",
        "/filter/conditions/2/value",
        "/filter/conditions/3",
    ]


def test_pointers_begin_where_the_caller_says() -> None:
    with pytest.raises(Invalid) as refused:
        read_filter({"match": "all"}, _FIELDS, pointer="")
    assert [fault.pointer for fault in refused.value.faults] == ["/conditions"]


@pytest.mark.parametrize(
    "field", ["nobody", "metadata.nobody", "", "na me", None, 5, 'metadata["Lead Source"]']
)
def test_an_unknown_field_is_a_fault(field: Any) -> None:
    fault = only_fault(every({"field": field, "operator": "is", "value": "x"}))
    assert fault.pointer == "/filter/conditions/0/field"


def test_a_key_with_a_space_is_found() -> None:
    assert value_of('metadata["Lead source"]', "is", "Fair") == ("Fair",)


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    [
        ("name", "is", ""),
        ("name", "is", "   "),
        ("name", "is", None),
        ("name", "is", True),
        ("name", "is", ["x"]),
        ("name", "is", "a\x00b"),
        ("name", "is", "half of a pair: \ud83d"),
        ("name", "is_one_of", []),
        ("name", "is_one_of", "x"),
        ("name", "is_one_of", ["x", "\x00"]),
        ("name", "is_one_of", ["x"] * (MAX_VALUES + 1)),
        ("name", "is_empty", "x"),
        ("vip", "is_true", True),
        ("tags", "has_any_of", []),
        ("age", "is", None),
        ("age", "is", True),
        ("age", "is", "NaN"),
        ("age", "is", float("nan")),
        ("age", "is", "Infinity"),
        ("age", "is", "1e200000"),
        ("age", "is", "1e-200000"),
        ("age", "is", "twelve"),
        ("age", "between", [5, 1]),
        ("age", "between", [5]),
        ("age", "between", [1, 2, 3]),
        ("age", "between", 5),
        ("born", "on", ""),
        ("born", "on", "yesterday"),
        ("born", "on", "2026-02-30"),
        ("born", "on", "9999-12-31"),
        ("born", "on", "9999-12-31T23:59:59.999999+00:00"),
        ("born", "on", "0001-01-01"),
        ("born", "on", 20261124),
        ("born", "between", ["2026-11-24T10:00:00+00:00", "2026-11-24T10:00:00+02:00"]),
        ("born", "in_last_days", -1),
        ("born", "in_last_days", 36_501),
        ("born", "in_last_days", "soon"),
        ("born", "in_last_days", True),
        ("born", "in_last_days", 1.5),
        ("born", "in_last_days", None),
        ("born", "more_than_days_ago", "-1"),
        ("born", "anniversary_in_next_days", [7]),
        ("born", "on", "20261124"),
        ("born", "on", "2026-W48-2"),
        ("age", "is", "1_000"),
        ("age", "is", "٣"),
    ],
)
def test_a_value_that_cannot_be_meant_is_a_fault_of_the_value(
    field: str, operator: str, value: Any
) -> None:
    assert only_fault(every(condition(field, operator, value))).pointer == (
        "/filter/conditions/0/value"
    )


@pytest.mark.parametrize(
    ("field", "operator", "value", "read"),
    [
        ("name", "is", 78701, ("78701",)),
        ("name", "is_one_of", ["TX", "tx"], ("TX", "tx")),
        ("name", "is_one_of", ["x"] * MAX_VALUES, ("x",) * MAX_VALUES),
        ("name", "is_empty", None, ()),
        ("age", "is", " 12.50 ", (Decimal("12.50"),)),
        ("age", "between", [1, 1], (Decimal(1), Decimal(1))),
        ("age", "at_least", 1.1, (Decimal("1.1"),)),
        ("born", "on", "2026-11-24", (date(2026, 11, 24),)),
        ("born", "after", "2026-11-24T10:00:00Z", (datetime(2026, 11, 24, 10, tzinfo=UTC),)),
        ("born", "in_last_days", "30", (30,)),
        ("born", "in_next_days", 0, (0,)),
        ("born", "more_than_days_ago", 365.0, (365,)),
        ("born", "on", "2026-11-24 10:00", (datetime(2026, 11, 24, 10),)),  # noqa: DTZ001
        ("tags", "has_all_of", ["a", "b"], ("a", "b")),
    ],
)
def test_a_value_is_read_as_its_field_means_it(
    field: str, operator: str, value: Any, read: tuple[Any, ...]
) -> None:
    assert value_of(field, operator, value) == read


def test_groups_may_be_nested_so_deep_and_no_deeper() -> None:
    document = every(condition("name", "is", "x"))
    for _ in range(MAX_DEPTH - 1):
        document = every(document)
    read_filter(document, _FIELDS)
    fault = only_fault(every(document))
    assert fault.pointer == "/filter" + "/conditions/0" * MAX_DEPTH


def test_a_filter_has_a_limited_number_of_conditions_over_all_groups() -> None:
    half = [condition("name", "is", "x")] * (MAX_CONDITIONS // 2)
    read_filter(every(every(*half), every(*half)), _FIELDS)
    fault = only_fault(every(every(*half), every(*half, condition("name", "is", "x"))))
    assert fault.pointer == f"/filter/conditions/1/conditions/{MAX_CONDITIONS // 2}"


@pytest.mark.parametrize("match", [None, "ALL", "", [], {}, 1])
def test_a_group_says_how_it_matches(match: Any) -> None:
    assert only_fault({"match": match, "conditions": []}).pointer == "/filter/match"


@pytest.mark.parametrize("conditions", [None, "name", {}, 3])
def test_a_group_has_a_list_of_conditions(conditions: Any) -> None:
    assert only_fault({"match": "all", "conditions": conditions}).pointer == "/filter/conditions"


def test_what_was_read_is_the_document() -> None:
    document = every(condition("name", "is_not", "x"), every(match="none"), match="any")
    group = read_filter(document, _FIELDS)
    assert group.match is Match.ANY
    first, second = group.conditions
    assert isinstance(first, Condition)
    assert first.field is _FIELDS["name",]
    assert second == Group(match=Match.NONE, conditions=())
