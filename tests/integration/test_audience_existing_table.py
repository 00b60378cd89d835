"""A CRM that had its contacts before Clarion came, under names of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from clarion.audience.binding import prepare_contact_table, read_contact_table
from clarion.audience.contact_table import ContactNames
from clarion.audience.csv_contacts import ContactRow
from clarion.audience.exports.service import Exports, stream
from clarion.audience.exports.write import ExportWriter
from clarion.audience.import_contacts import import_contacts
from clarion.broadcasts.drift import DriftKind, drift_page, read_drift
from clarion.db.connection import Database
from clarion.db.migrations import migrate
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid, Misconfigured
from support.house import ANA, EVERYBODY, House, build_house, number_of

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


@pytest.mark.parametrize(
    ("field", "upwards"),
    [
        ("nr", ["Ann", "Bob", "Cy"]),
        ('["given name"]', ["Ann", "Bob", "Cy"]),
        ("surname", ["Ann", "Bob", "Cy"]),
        ("mail", ["Ann", "Bob", "Cy"]),
        ("age", ["Ann", "Bob", "Cy"]),
        ("balance", ["Bob", "Ann", "Cy"]),
        ("born", ["Ann", "Bob", "Cy"]),
        ("joined", ["Ann", "Bob", "Cy"]),
        ("met", ["Ann", "Bob", "Cy"]),
        ("vip", ["Bob", "Ann", "Cy"]),
        ("tags", ["Ann", "Bob", "Cy"]),
        ("extra.state", ["Bob", "Ann", "Cy"]),
    ],
)
async def test_each_type_of_column_is_sorted_by_page_for_page(
    crm: House, field: str, upwards: list[str]
) -> None:
    await crm.follow()
    async with crm.database.as_workspace(crm.workspace.id) as connection:
        compiled = await crm.audience.read(connection, crm.workspace, EVERYBODY)
        for descending in (False, True):
            found, after = [], None
            while True:
                page = await crm.audience.page(
                    connection,
                    crm.workspace,
                    compiled,
                    after=after,
                    limit=1,
                    sort_by=field,
                    descending=descending,
                )
                found += [str(contact.first_name) for contact in page.contacts]
                if (after := page.next) is None:
                    break
            # Who has a value comes first either way, then the others by their id.
            there = await crm.value(
                f"select count({_COLUMNS.get(field, field)})::int from crm.people"  # noqa: S608
            )
            valued, empty = upwards[:there], upwards[there:]
            assert found == (valued[::-1] + empty[::-1] if descending else upwards)


#: Where the field's id is no SQL.
_COLUMNS = {'["given name"]': '"given name"', "extra.state": "extra ->> 'state'"}


async def test_a_contact_of_a_table_with_numbers_for_ids_is_explained(crm: House) -> None:
    await crm.follow()
    async with crm.database.as_workspace(crm.workspace.id) as connection:
        told = await crm.audience.why(connection, crm.workspace, EVERYBODY, "3")
        fall = await crm.audience.waterfall(connection, crm.workspace, EVERYBODY)
    keeper = told.channels[Channel.SMS].kept_by
    assert keeper is not None
    assert (keeper.id, keeper.name) == ("1", "Ann Lee")
    assert (fall.total, fall.channels[Channel.EMAIL][-1].left) == (3, 1)


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


def _people(*first_names: str) -> list[ContactRow]:
    return [
        ContactRow(
            line=line, first_name=name, last_name=None, email=None, phone_number=None, metadata={}
        )
        for line, name in enumerate(first_names, start=2)
    ]


async def test_contacts_are_imported_into_it(crm: House, empty_dsn: str) -> None:
    imported = import_contacts(empty_dsn, _NAMES, crm.workspace.id, _people("Zed", "Zoë"))
    assert (imported.added, imported.known) == (2, 0)
    await crm.follow()
    assert await names(
        crm, {"field": '["given name"]', "operator": "starts_with", "value": "z"}
    ) == [
        "Zed",
        "Zoë",
    ]


async def test_what_a_rule_of_it_forbids_is_told_and_nothing_is_imported(
    crm: House, empty_dsn: str
) -> None:
    with psycopg.connect(empty_dsn) as connection:
        connection.execute('create unique index on crm.people ("given name")')
    for bad, why in (("Ann", "already exists"), ("x" * 81, "too long")):
        with pytest.raises(Invalid, match=f"crm.people takes none of it: .*{why}"):
            import_contacts(empty_dsn, _NAMES, crm.workspace.id, _people("Zed", bad))
    await crm.follow()
    assert await names(crm, {"field": '["given name"]', "operator": "is", "value": "zed"}) == []


async def test_a_table_that_is_gone_is_told(database: Database) -> None:
    async with database.as_worker() as connection:
        with pytest.raises(Misconfigured, match="There is no table"):
            await read_contact_table(connection, ContactNames(table="public.nobody"))


async def test_its_columns_are_exported_as_people_write_them(crm: House) -> None:
    await crm.follow()
    exports = Exports(crm.audience, crm.engine)
    async with crm.database.as_workspace(crm.workspace.id) as connection:
        asked = await exports.ask(
            connection,
            ANA,
            crm.workspace,
            document=EVERYBODY,
            columns=None,
            excel=False,
            now=crm.clock.now,
        )
    writer = ExportWriter(crm.database, crm.audience, crm.engine, crm.clock, slice_size=2)
    await writer.write(asked.id)
    async with crm.database.as_workspace(crm.workspace.id) as connection:
        done = await exports.finished(connection, crm.workspace, asked.id, now=crm.clock.now)
    pieces = stream(crm.database, crm.workspace.id, done, packed=False)
    text = b"".join([piece async for piece in pieces]).decode()
    assert text.split("\r\n") == [
        "Nr,Given name,Surname,Mail,Mobile,Age,Balance,Born,Joined,Met,Vip,Tags,State",
        (
            "1,Ann,Lee,ann@example.com,512-555-0100,30,12.50,1990-05-01,"
            "2026-11-23 21:00:00,2026-11-24 08:00:00,true,a; B,TX"
        ),
        "2,Bob,,,(512) 555-0101,40,'-1.00,2000-01-31,2026-11-24 01:00:00,,false,,CA",
        "3,Cy,,,'+1 512 555 0100,,,,,,,,",
        "",
    ]


async def test_its_drift_is_told(crm: House) -> None:
    await crm.follow()
    due = (crm.clock.now + timedelta(days=1)).replace(tzinfo=None)
    broadcast = await crm.launch(await crm.draft(scheduled_for=due, time_zone="UTC"))
    await crm.saver.save(crm.workspace.id, broadcast.id)
    async with await psycopg.AsyncConnection.connect(crm.database.dsn) as owner:
        await owner.execute("delete from crm.people where nr = 1")
        await owner.execute("update crm.people set mobile = '5125550109' where nr = 2")
        await owner.execute("insert into crm.people (\"given name\") values ('P4'), ('P5')")
    await crm.follow()
    saved = await crm.read(broadcast)
    async with crm.database.as_workspace(crm.workspace.id) as connection:
        drift = await read_drift(connection, crm.audience, crm.workspace, saved, now=crm.clock.now)
        page = await drift_page(
            connection,
            crm.audience,
            crm.workspace,
            saved,
            DriftKind.JOINED,
            after="4",
            limit=9,
            now=crm.clock.now,
        )
    assert (drift.saved, drift.joined, drift.left, drift.changed_number) == (3, 2, 1, 1)
    assert [(each.contact_id, each.name) for each in page.contacts] == [("5", "P5")]
