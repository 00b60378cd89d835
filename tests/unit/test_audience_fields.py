from __future__ import annotations

import pytest

from clarion.audience.contact_table import Column, ContactNames, check_names
from clarion.audience.fields import (
    OPERATORS,
    SPECIAL_FIELDS,
    Field,
    FieldType,
    SeenKey,
    catalogue,
    column_type,
)
from clarion.kernel.errors import Misconfigured
from clarion.kernel.field_path import read_path

_COLUMNS = (
    Column(name="id", sql_type="uuid"),
    Column(name="workspace_id", sql_type="uuid"),
    Column(name="first_name", sql_type="text"),
    Column(name="metadata", sql_type="jsonb"),
    Column(name="settings", sql_type="json"),
    Column(name="created_at", sql_type="timestamp with time zone"),
)

_EMPTY = "is_empty is_not_empty"
_FITS = {
    "text": f"is is_not is_one_of is_none_of contains does_not_contain starts_with {_EMPTY}",
    "number": "is is_not is_one_of is_none_of greater_than at_least less_than at_most between "
    + _EMPTY,
    "date": "on before after between in_last_days in_next_days more_than_days_ago "
    f"anniversary_in_next_days {_EMPTY}",
    "boolean": f"is_true is_false {_EMPTY}",
    "list": f"has_any_of has_all_of has_none_of {_EMPTY}",
    "activity": "in_broadcast not_in_broadcast in_last_days not_in_last_days ever never",
    "segment": "is_in is_not_in",
    "scheduled": "is_true is_false",
}


def seen(value_type: str, contacts: int, *path: str, numeric: bool = False) -> SeenKey:
    return SeenKey(path=path, value_type=FieldType(value_type), contacts=contacts, numeric=numeric)


@pytest.mark.parametrize("field_type", list(FieldType))
def test_each_type_has_its_operators(field_type: FieldType) -> None:
    fitting = {each.id for each in OPERATORS.values() if field_type in each.types}
    assert fitting == set(_FITS[field_type].split())


@pytest.mark.parametrize(
    ("sql_type", "field_type"),
    [
        ("text", "text"),
        ("character varying(80)", "text"),
        ("uuid", "text"),
        ("citext", "text"),
        ("integer", "number"),
        ("bigint", "number"),
        ("numeric(12,2)", "number"),
        ("double precision", "number"),
        ("boolean", "boolean"),
        ("date", "date"),
        ("timestamp(3) with time zone", "date"),
        ("timestamp without time zone", "date"),
        ("text[]", "list"),
        ("numeric(12,2)[]", "list"),
        ("interval", "text"),
    ],
)
def test_a_column_has_the_type_that_people_see_in_it(sql_type: str, field_type: str) -> None:
    assert column_type(sql_type) == field_type


def test_workspace_metadata_and_json_are_no_fields_by_themselves() -> None:
    assert list(catalogue(_COLUMNS, ContactNames(), [])) == [
        ("id",),
        ("first_name",),
        ("created_at",),
    ]


def test_a_key_has_the_type_that_most_contacts_hold_and_counts_them_all() -> None:
    fields = catalogue(
        _COLUMNS, ContactNames(), [seen("text", 3, "age"), seen("number", 40, "age")]
    )
    field = fields["metadata", "age"]
    assert (field.type, field.contacts, field.source) == (FieldType.NUMBER, 43, "metadata")


def mixed(*keys: SeenKey) -> Field:
    return catalogue(_COLUMNS, ContactNames(), keys)["metadata", "age"]


def test_the_kinds_of_values_are_told_and_texts_that_are_numbers_are_texts() -> None:
    field = mixed(
        seen("text", 30, "age"), seen("text", 12, "age", numeric=True), seen("number", 20, "age")
    )
    assert field.type is FieldType.TEXT
    assert field.kinds == {FieldType.TEXT: 42, FieldType.NUMBER: 20}
    assert (field.numeric, field.contacts) == (12, 62)


_COMPARED = {"greater_than", "at_least", "less_than", "at_most", "between"}


@pytest.mark.parametrize(
    ("keys", "is_compared"),
    [
        ([seen("text", 30, "age")], False),
        ([seen("text", 30, "age"), seen("text", 1, "age", numeric=True)], True),
        ([seen("text", 30, "age", numeric=True)], True),
        ([seen("text", 30, "age"), seen("number", 1, "age")], True),
        ([seen("text", 30, "age"), seen("date", 1, "age")], False),
        ([seen("list", 30, "age"), seen("text", 1, "age", numeric=True)], False),
    ],
)
def test_a_text_of_which_some_are_numbers_is_compared_as_one_too(
    keys: list[SeenKey], *, is_compared: bool
) -> None:
    field = mixed(*keys)
    assert {each.id for each in field.operators} & _COMPARED == (
        _COMPARED if is_compared else set()
    )
    assert field.readings == ((FieldType.TEXT, FieldType.NUMBER) if is_compared else (field.type,))


def test_an_operator_reads_a_field_as_its_own_type_where_it_can() -> None:
    text = mixed(seen("text", 30, "age", numeric=True))
    assert text.reading_of(OPERATORS["is"]) is FieldType.TEXT
    assert text.reading_of(OPERATORS["is_empty"]) is FieldType.TEXT
    assert text.reading_of(OPERATORS["between"]) is FieldType.NUMBER
    assert text.reading_of(OPERATORS["before"]) is None


@pytest.mark.parametrize(
    ("keys", "note"),
    [
        ([seen("number", 40, "age")], None),
        ([seen("text", 40, "age")], None),
        (
            [seen("number", 3_688, "age"), seen("text", 312, "age", numeric=True)],
            "312 of 4,000 hold text; it counts as a number where it can be read as one.",
        ),
        (
            [seen("date", 8, "age"), seen("text", 1, "age"), seen("number", 2, "age")],
            (
                "2 of 11 hold a number and 1 holds text; "
                "they count as a date where it can be read as one."
            ),
        ),
        (
            [seen("text", 9, "age"), seen("boolean", 1, "age")],
            "1 of 10 holds yes or no; it counts as text.",
        ),
        (
            [seen("text", 1_000, "age"), seen("text", 500, "age", numeric=True)],
            "500 of 1,500 can be read as a number, and be compared as one.",
        ),
        (
            [seen("list", 9, "age"), seen("text", 1, "age")],
            "1 of 10 holds text; it counts as a list of one.",
        ),
    ],
)
def test_a_note_says_what_comes_of_values_of_several_types(
    keys: list[SeenKey], note: str | None
) -> None:
    assert mixed(*keys).note == note


def test_what_is_known_outside_the_contacts_cannot_be_mistaken_for_a_column() -> None:
    assert list(SPECIAL_FIELDS) == [
        "@sent", "@delivered", "@clicked", "@replied", "@segment", "@scheduled"
    ]  # fmt: skip
    columns = (Column(name="@sent", sql_type="text"),)
    field = catalogue(columns, ContactNames(), [])["@sent",]
    assert field.id == '["@sent"]'
    assert read_path(field.id) == field.path
    assert not any(each.is_held for each in SPECIAL_FIELDS.values())
    assert all(each.label for each in SPECIAL_FIELDS.values())


def test_a_key_that_nobody_holds_any_more_is_not_offered() -> None:
    assert ("metadata", "old") not in catalogue(_COLUMNS, ContactNames(), [seen("text", 0, "old")])


def test_columns_come_before_keys_and_keys_are_in_order() -> None:
    keys = [seen("text", 1, "zeta"), seen("text", 1, "alpha"), seen("text", 1, "alpha", "b")]
    assert list(catalogue(_COLUMNS, ContactNames(), keys))[3:] == [
        ("metadata", "alpha"),
        ("metadata", "alpha", "b"),
        ("metadata", "zeta"),
    ]


def test_the_metadata_column_may_have_another_name() -> None:
    columns = (Column(name="nr", sql_type="bigint"), Column(name="extra", sql_type="jsonb"))
    fields = catalogue(
        columns, ContactNames(id="nr", metadata="extra"), [seen("text", 2, "Lead source")]
    )
    field = fields["extra", "Lead source"]
    assert (field.id, field.label) == ('extra["Lead source"]', "Lead source")


@pytest.mark.parametrize(
    ("path", "label"),
    [(("lead_source",), "Lead source"), (("address", "zip_code"), "Address / zip code")],
)
def test_a_label_reads_as_a_person_would_write_it(path: tuple[str, ...], label: str) -> None:
    fields = catalogue(_COLUMNS, ContactNames(), [seen("text", 1, *path)])
    assert fields["metadata", *path].label == label


def test_all_missing_columns_are_named_at_once_with_their_settings() -> None:
    names = ContactNames(phone_number="mobile", email="mail")
    with pytest.raises(Misconfigured) as refused:
        check_names(names, (*_COLUMNS, Column(name="last_name", sql_type="text")))
    assert refused.value.detail == (
        "public.contacts has no column mail (set CONTACTS__EMAIL), "
        "mobile (set CONTACTS__PHONE_NUMBER)."
    )


def test_a_missing_table_is_named() -> None:
    with pytest.raises(Misconfigured, match=r"no table crm\.people"):
        check_names(ContactNames(table="crm.people"), ())
