"""The schema and the reader of filters agree on what is a filter."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from clarion.audience.contact_table import Column, ContactNames
from clarion.audience.fields import (
    OPERATORS,
    SPECIAL_FIELDS,
    Field,
    FieldType,
    Operand,
    Operator,
    SeenKey,
    catalogue,
)
from clarion.audience.filter import MAX_CONDITIONS, MAX_VALUES, SegmentDefinition, read_filter
from clarion.audience.filter_schema import filter_schema
from clarion.kernel.errors import Invalid

# It ships no types.
jsonschema: Any = importlib.import_module("jsonschema")

_FIELDS = catalogue(
    (
        Column(name="name", sql_type="text"),
        Column(name="age", sql_type="integer"),
        Column(name="born", sql_type="date"),
        Column(name="vip", sql_type="boolean"),
        Column(name="tags", sql_type="text[]"),
    ),
    ContactNames(),
    [
        SeenKey(path=("Lead source",), value_type=FieldType.TEXT, contacts=3),
        SeenKey(path=("zip",), value_type=FieldType.TEXT, contacts=3, numeric=True),
    ],
)
_ID = UUID(int=1)
_SEGMENTS = {_ID: SegmentDefinition(id=_ID, name="All", frozen=True, filter={})}
_NAMED = {"field": "name", "operator": "is", "value": "x"}

_OF_THESE_CONTACTS = jsonschema.Draft202012Validator(filter_schema(_FIELDS.values()))
_OF_ANY = jsonschema.Draft202012Validator(filter_schema())


def every(*conditions: object, match: object = "all") -> dict[str, Any]:
    return {"match": match, "conditions": list(conditions)}


def reads(document: Any) -> bool:
    try:
        read_filter(document, _FIELDS, _SEGMENTS)
    except Invalid:
        return False
    return True


#: Values of every shape: some fit, most do not.
_VALUES: list[Any] = [
    None, True, "", " ", "x", "a\x00b", 5, -1, 0, 1.5, 30.0, 36_500, 36_501, "12", " 12 ", "1e3",
    "1_000", "twelve", "2026-11-24", "2026-11-24T10:00", "2026-11-24T10:00:00.5+02:00",
    "2026-11-24T10:00:00Z", "20261124", "24.11.2026", "0001-01-01", "9999-12-31", str(_ID),
    f"{{{_ID}}}", _ID.hex, {}, [], ["x"], ["x", ""], ["x", "y"], [1, 2], ["1", 2.5], [1, 2, 3],
    ["2026-11-24", "2026-11-25T10:00"], [str(_ID)], [str(_ID), "x"], [None], [["x"]],
]  # fmt: skip

_EVERY_FIELD = (*_FIELDS.values(), *SPECIAL_FIELDS.values())


@pytest.mark.parametrize("field", _EVERY_FIELD, ids=lambda field: field.id)
def test_they_agree_on_every_operator_with_every_value(field: Field) -> None:
    taken = 0
    for operator in OPERATORS.values():
        for value in _VALUES if operator in field.operators else (None, "x", 5, [str(_ID)]):
            document = every({"field": field.id, "operator": operator.id, "value": value})
            is_read = reads(document)
            taken += is_read
            assert _OF_THESE_CONTACTS.is_valid(document) is is_read, (operator.id, value)
            if is_read:
                assert _OF_ANY.is_valid(document), (operator.id, value)
    assert taken >= len(field.operators)


@pytest.mark.parametrize(
    "document",
    [
        every(),
        every(match="none"),
        every(_NAMED, every(_NAMED, match="any"), every(every())),
        every({"field": "name", "operator": "is_empty"}),
        every({"field": "name", "operator": "is"}),
        every({"field": 'metadata["Lead source"]', "operator": "is", "value": "Fair"}),
        every({"field": "name", "operator": "is_one_of", "value": ["x"] * MAX_VALUES}),
        every({"field": "name", "operator": "is_one_of", "value": ["x"] * (MAX_VALUES + 1)}),
        every(*[_NAMED] * MAX_CONDITIONS),
        every(*[_NAMED] * (MAX_CONDITIONS + 1)),
        every(match="some"),
        every(match=None),
        every("x"),
        every([]),
        every({}),
        every({"match": "all"}),
        every({"conditions": []}),
        every({"operator": "is", "value": "x"}),
        every({"field": "name", "value": "x"}),
        every({"field": "nobody", "operator": "is", "value": "x"}),
        every({"field": "@opened", "operator": "ever"}),
        every({"field": 5, "operator": "is", "value": "x"}),
        every({"field": "name", "operator": None, "value": "x"}),
        every(every(every({"field": "age", "operator": "is", "value": "old"}))),
        {"match": "all"},
        {"match": "all", "conditions": {}},
        {"conditions": []},
        {},
    ],
)
def test_they_agree_on_documents_of_every_form(document: dict[str, Any]) -> None:
    assert _OF_THESE_CONTACTS.is_valid(document) is reads(document)


def test_without_fields_any_field_may_be_named_with_an_operator_of_some_type() -> None:
    def condition(field: str, operator: str, value: Any) -> dict[str, Any]:
        return every({"field": field, "operator": operator, "value": value})

    assert _OF_ANY.is_valid(condition("whatever", "between", [1, 2]))
    assert _OF_ANY.is_valid(condition("whatever", "between", ["2026-11-24", "2026-11-25"]))
    assert not _OF_ANY.is_valid(condition("whatever", "between", ["a", "b"]))
    assert not _OF_ANY.is_valid(condition("whatever", "ever", None))
    assert not _OF_ANY.is_valid(condition("@sent", "contains", "x"))


@pytest.mark.parametrize("validator", [_OF_ANY, _OF_THESE_CONTACTS])
def test_it_is_a_schema_of_its_draft(validator: Any) -> None:
    assert validator.schema["$schema"] == validator.META_SCHEMA["$id"]
    validator.check_schema(validator.schema)


def test_every_operator_is_in_it_with_its_kind_of_value() -> None:
    """What has an operand needs a value, and what has none takes none."""
    operators: list[Operator] = list(OPERATORS.values())
    for operator in operators:
        for field in _EVERY_FIELD:
            if operator not in field.operators:
                continue
            bare = every({"field": field.id, "operator": operator.id})
            assert _OF_THESE_CONTACTS.is_valid(bare) is (operator.operand is Operand.NONE)


def test_the_documents_show_the_schema_as_it_is() -> None:
    text = (Path(__file__).parents[2] / "docs" / "filters.md").read_text("utf-8")
    examples = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    assert examples[-1] == filter_schema()
    assert all(_OF_ANY.is_valid(example) for example in examples[:-1])


def test_the_documents_name_every_operator_in_the_row_of_its_type() -> None:
    text = (Path(__file__).parents[2] / "docs" / "filters.md").read_text("utf-8")
    for kind in FieldType:
        name = "yes or no" if kind is FieldType.BOOLEAN else kind.value
        (row,) = re.findall(rf"^\| {name} \|.*$", text, re.MULTILINE)
        assert set(re.findall(r"`(\w+)`", row)) == {
            each.id for each in OPERATORS.values() if kind in each.types
        }
