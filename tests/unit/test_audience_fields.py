from __future__ import annotations

import pytest

from clarion.audience.contact_table import Column, ContactNames, check_names
from clarion.audience.fields import OPERATORS, FieldType, SeenKey, catalogue, column_type
from clarion.kernel.errors import Misconfigured

_COLUMNS = (
    Column(name="id", sql_type="uuid"),
    Column(name="workspace_id", sql_type="uuid"),
    Column(name="first_name", sql_type="text"),
    Column(name="metadata", sql_type="jsonb"),
    Column(name="settings", sql_type="json"),
    Column(name="created_at", sql_type="timestamp with time zone"),
)

_FITS = {
    "text": "is is_not is_one_of is_none_of contains does_not_contain starts_with",
    "number": "is is_not is_one_of is_none_of greater_than at_least less_than at_most between",
    "date": "on before after between in_last_days in_next_days",
    "boolean": "is_true is_false",
    "list": "has_any_of has_all_of has_none_of",
}


def seen(value_type: str, contacts: int, *path: str) -> SeenKey:
    return SeenKey(path=path, value_type=FieldType(value_type), contacts=contacts)


@pytest.mark.parametrize("field_type", list(FieldType))
def test_each_type_has_its_operators_and_all_have_is_empty(field_type: FieldType) -> None:
    fitting = {each.id for each in OPERATORS.values() if field_type in each.types}
    assert fitting == {*_FITS[field_type].split(), "is_empty", "is_not_empty"}


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
