"""A CRM that had its contacts before Clarion came, under names of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from clarion.audience.binding import prepare_contact_table, read_contact_table
from clarion.audience.contact_table import ContactNames
from clarion.db.connection import Database
from clarion.db.migrations import migrate
from clarion.kernel.errors import Misconfigured
from support.house import EVERYBODY, House, build_house, number_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_NAMES = ContactNames(
    table="crm.people",
    id="nr",
    workspace=None,
    first_name="given name",
    last_name="surname",
    email="mail",
    phone_number="mobile",
    metadata="extra",
)

_TABLE = """
create schema crm;
create table crm.people (
  nr bigint generated always as identity primary key,
  "given name" varchar(80),
  surname text,
  mail text,
  mobile varchar(40),
  extra jsonb,
  age integer,
  balance numeric(12, 2),
  born date,
  joined timestamptz,
  met timestamp,
  vip boolean,
  tags text[]
);
alter table crm.people enable row level security;
insert into crm.people
  ("given name", surname, mail, mobile, extra, age, balance, born, joined, met, vip, tags)
values
  ('Ann', 'Lee', 'ann@example.com', '512-555-0100', '{"state": "TX"}', 30, 12.50, '1990-05-01',
   '2026-11-24 03:00+00', '2026-11-24 08:00', true, '{a,B}'),
  ('Bob', null, null, '(512) 555-0101', '{"state": "CA"}', 40, -1, '2000-01-31',
   '2026-11-24 07:00+00', null, false, '{}'),
  ('Cy', null, null, '+1 512 555 0100', null, null, null, null, null, null, null, null);
"""


@pytest.fixture
async def crm(empty_dsn: str) -> AsyncIterator[House]:
    with psycopg.connect(empty_dsn) as connection:
        connection.execute(_TABLE)
    migrate(empty_dsn, contacts_table=_NAMES.table)
    prepare_contact_table(empty_dsn, _NAMES)
    prepare_contact_table(empty_dsn, _NAMES)  # any number of times
    database = Database(empty_dsn)
    await database.open()
    yield await build_house(database, names=_NAMES, slice_size=2)
    await database.close()


async def names(house: House, *conditions: dict[str, Any]) -> list[str | None]:
    async with house.database.as_workspace(house.workspace.id) as connection:
        compiled = await house.audience.read(
            connection, house.workspace, {"match": "all", "conditions": list(conditions)}
        )
        page = await house.audience.page(connection, house.workspace, compiled)
    return [contact.first_name for contact in page.contacts]


async def test_its_columns_and_keys_are_the_fields(crm: House) -> None:
    await crm.follow()
    async with crm.database.as_workspace(crm.workspace.id) as connection:
        fields = await crm.audience.fields(connection, crm.workspace)
    assert {field.id: field.type.value for field in fields.values()} == {
        "nr": "number",
        '["given name"]': "text",
        "surname": "text",
        "mail": "text",
        "mobile": "text",
        "age": "number",
        "balance": "number",
        "born": "date",
        "joined": "date",
        "met": "date",
        "vip": "boolean",
        "tags": "list",
        "extra.state": "text",
    }


@pytest.mark.parametrize(
    ("field", "operator", "value", "people"),
    [
        ('["given name"]', "starts_with", "an", ["Ann"]),
        ("age", "at_least", 40, ["Bob"]),
        ("age", "is_empty", None, ["Cy"]),
        ("balance", "between", [-1, 12.5], ["Ann", "Bob"]),
        ("balance", "is_not", 12.5, ["Bob", "Cy"]),
        ("born", "on", "1990-05-01", ["Ann"]),
        ("born", "before", "2000-01-31", ["Ann"]),
        ("born", "is_empty", None, ["Cy"]),
        # 3:00 UTC is 21:00 of the day before in Chicago, 7:00 UTC is 1:00 of the day itself.
        ("joined", "on", "2026-11-24", ["Bob"]),
        ("joined", "before", "2026-11-24", ["Ann"]),
        ("met", "after", "2026-11-24T07:59:59", ["Ann"]),
        ("met", "after", "2026-11-24T14:00:00Z", []),
        ("vip", "is_true", None, ["Ann"]),
        ("vip", "is_false", None, ["Bob"]),
        ("vip", "is_empty", None, ["Cy"]),
        ("tags", "has_all_of", ["A", "b"], ["Ann"]),
        ("tags", "has_none_of", ["a"], ["Bob", "Cy"]),
        ("tags", "is_empty", None, ["Bob", "Cy"]),
        ("extra.state", "is_not", "TX", ["Bob", "Cy"]),
        ("nr", "greater_than", 1, ["Bob", "Cy"]),
    ],
)
async def test_each_type_of_column_is_compared_as_itself(
    crm: House, field: str, operator: str, value: Any, people: list[str]
) -> None:
    await crm.follow()
    condition = {"field": field, "operator": operator, "value": value}
    assert await names(crm, condition) == people


async def test_the_estimate_and_the_saved_audience_agree(crm: House) -> None:
    await crm.follow()
    async with crm.database.as_workspace(crm.workspace.id) as connection:
        compiled = await crm.audience.read(connection, crm.workspace, EVERYBODY)
        estimate = await crm.audience.estimate(connection, crm.workspace, compiled)
    assert (estimate.sms.reachable, dict(estimate.sms.left_out)) == (2, {"duplicate_number": 1})
    await crm.launched('Hi {{ ["given name"] }}')
    saved = await crm.rows(
        "select contact_id, name, sms_address, sms_left_out from broadcast.broadcast_recipients"
        " order by id"
    )
    assert [tuple(row.values()) for row in saved] == [
        ("1", "Ann Lee", number_of(100), None),
        ("2", "Bob", number_of(101), None),
        ("3", "Cy", number_of(100), "duplicate_number"),
    ]


async def test_somebody_new_is_noticed_and_an_order_of_ten_comes_after_nine(crm: House) -> None:
    await crm.follow()
    async with await psycopg.AsyncConnection.connect(crm.database.dsn) as connection:
        for number in range(4, 12):
            await connection.execute(
                'insert into crm.people ("given name", mobile, extra) values (%s, %s, %s)',
                [f"P{number}", f"51255502{number:02}", '{"size": 3}'],
            )
    await crm.follow()
    async with crm.database.as_workspace(crm.workspace.id) as connection:
        fields = await crm.audience.fields(connection, crm.workspace)
        assert ("extra", "size") in fields
        compiled = await crm.audience.read(connection, crm.workspace, EVERYBODY)
        found, after = [], None
        while True:
            page = await crm.audience.page(
                connection, crm.workspace, compiled, after=after, limit=4
            )
            found += [contact.id for contact in page.contacts]
            if (after := page.next) is None:
                break
    assert found == [str(number) for number in range(1, 12)]


async def test_no_contact_was_changed_and_others_still_see_none(crm: House) -> None:
    async with await psycopg.AsyncConnection.connect(crm.database.dsn) as connection:
        cursor = await connection.execute(
            "select relrowsecurity, relforcerowsecurity from pg_class"
            " where oid = 'crm.people'::regclass"
        )
        assert await cursor.fetchone() == (True, False)
        cursor = await connection.execute(
            "select count(*), (select count(*) from pg_trigger"
            " where tgrelid = 'crm.people'::regclass and not tgisinternal) from crm.people"
        )
        assert await cursor.fetchone() == (3, 4)
        cursor = await connection.execute(
            "select polname::text, polroles::regrole[]::text from pg_policy"
            " where polrelid = 'crm.people'::regclass order by 1"
        )
        assert await cursor.fetchall() == [
            ("clarion_every_workspace", "{clarion_worker}"),
            ("clarion_own_workspace", "{clarion_app}"),
        ]


async def test_a_wrong_name_is_told_before_anything_is_prepared(empty_dsn: str) -> None:
    with psycopg.connect(empty_dsn) as connection:
        connection.execute("create table people (id bigint primary key, name text)")
    migrate(empty_dsn, contacts_table="people")
    with pytest.raises(Misconfigured, match="has no column workspace_id"):
        prepare_contact_table(empty_dsn, ContactNames(table="people"))
    with psycopg.connect(empty_dsn) as connection:
        row = connection.execute(
            "select count(*) from pg_trigger where not tgisinternal and"
            " tgrelid = 'people'::regclass"
        ).fetchone()
    assert row == (0,)


async def test_a_table_that_is_gone_is_told(database: Database) -> None:
    async with database.as_worker() as connection:
        with pytest.raises(Misconfigured, match="There is no table"):
            await read_contact_table(connection, ContactNames(table="public.nobody"))
