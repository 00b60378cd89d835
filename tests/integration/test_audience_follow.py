from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from clarion.audience.audience import LeftOut
from clarion.audience.fields import FieldType
from clarion.audience.follow import follow
from support.house import EVERYBODY, House, number_of, within

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def keys(house: House) -> dict[str, tuple[str, int]]:
    """Key → its type and how many have it."""
    async with house.database.as_workspace(house.workspace.id) as connection:
        fields = await house.audience.fields(connection, house.workspace)
    return {
        "/".join(field.path[1:]): (field.type.value, field.contacts)
        for field in fields.values()
        if field.source == "metadata"
    }


async def changes(house: House) -> list[tuple[str, int]]:
    return [
        (row["operation"], row["ids"])
        for row in await house.rows(
            "select operation, cardinality(contact_ids) as ids from broadcast.contact_changes"
            " order by id"
        )
    ]


async def unchecked(house: House) -> int:
    async with house.database.as_workspace(house.workspace.id) as connection:
        compiled = await house.audience.read(connection, house.workspace, EVERYBODY)
        estimate = await house.audience.estimate(connection, house.workspace, compiled)
    return estimate.sms.left_out.get(LeftOut.UNCHECKED_PHONE, 0)


@pytest.fixture
async def outside(dsn: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """The CRM's own connection, which knows nothing of Clarion."""
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        yield connection


async def test_every_way_of_writing_contacts_is_noticed(
    house: House, outside: psycopg.AsyncConnection[Any]
) -> None:
    await outside.set_autocommit(True)
    await outside.execute("insert into contacts (first_name) values ('Ann'), ('Bob')")
    await outside.execute("update contacts set first_name = 'Bo' where first_name = 'Bob'")
    await outside.execute("update contacts set first_name = 'X' where first_name = 'nobody'")
    async with (
        outside.cursor() as cursor,
        cursor.copy("copy contacts (first_name) from stdin") as c,
    ):
        for number in range(2_500):
            await c.write_row([f"Person {number}"])
    await outside.execute("delete from contacts where first_name = 'Ann'")
    await outside.execute("truncate contacts")
    noticed = await changes(house)
    copied = [ids for operation, ids in noticed[2:-2]]
    assert noticed[:2] == [("insert", 2), ("update", 1)]
    assert (sum(copied), max(copied)) == (2_500, 1_000)
    assert noticed[-2:] == [("delete", 1), ("truncate", 0)]


async def test_what_was_there_before_is_read_as_a_whole(house: House) -> None:
    await house.add_contact(phone="5125550100", metadata={"state": "TX", "in": {"depth": 1}})
    assert await keys(house) == {}
    assert await unchecked(house) == 1
    await house.follow()
    assert await keys(house) == {"state": ("text", 1), "in/depth": ("number", 1)}
    assert await unchecked(house) == 0


async def test_a_key_that_comes_tomorrow_is_offered_tomorrow(house: House) -> None:
    await house.add_contact(metadata={"state": "TX"})
    await house.follow()
    house.clock.forward(timedelta(minutes=5))
    await house.add_contact(metadata={"state": "CA", "Lead source": "Fair"}, phone="5125550100")
    await house.follow()
    assert await keys(house) == {"Lead source": ("text", 1), "state": ("text", 2)}
    assert await unchecked(house) == 0


async def test_a_key_and_a_number_that_come_by_an_update_are_noticed(house: House) -> None:
    await house.add_contact()
    await house.follow()
    await house.execute(
        """update public.contacts set phone_number = '5125550100', metadata = '{"age": 7}'"""
    )
    await house.follow()
    assert (await keys(house), await unchecked(house)) == ({"age": ("number", 1)}, 0)


async def test_contacts_are_counted_once_however_often_one_looks(house: House) -> None:
    for _ in range(3):
        await house.add_contact(metadata={"state": "TX"})
    for _ in range(4):
        await house.follow()
    assert await keys(house) == {"state": ("text", 3)}


async def test_contacts_that_come_while_the_first_count_is_due_are_counted_once(
    house: House,
) -> None:
    await house.add_contact(metadata={"state": "TX"})
    async with house.database.as_worker() as connection:
        await house.audience.store.seen_keys(connection, house.workspace.id)
    await house.follow()
    # An hour later all is counted anew, with a backlog longer than one reading.
    house.clock.forward(timedelta(hours=2))
    for _ in range(60):
        await house.add_contact(metadata={"state": "TX"})
    await house.follow()
    assert await keys(house) == {"state": ("text", 61)}


@pytest.mark.parametrize(
    ("held", "field_type"),
    [
        (["x", "y"], "text"),
        ([1, 2.5], "number"),
        ([True], "boolean"),
        ([["a"], []], "list"),
        (["2026-11-24", "2026-11-24T10:00:00Z"], "date"),
        (["2026-11-24", "soon", "later"], "text"),
        ([1, 2, "three"], "number"),
    ],
)
async def test_a_key_has_the_type_of_most_of_its_values(
    house: House, held: list[Any], field_type: str
) -> None:
    for value in held:
        await house.add_contact(metadata={"k": value})
    await house.follow()
    assert await keys(house) == {"k": (field_type, len(held))}


async def test_texts_that_read_as_numbers_are_told_apart(house: House) -> None:
    await house.follow()
    for value in ["78701", " 7.5 ", "-1e3", ".5", "78701-1234", "1,000", "0x10", "½", "7" * 50]:
        await house.add_contact(metadata={"zip": value})
    await house.add_contact(metadata={"zip": 78701})
    await house.follow()
    async with house.database.as_workspace(house.workspace.id) as connection:
        fields = await house.audience.fields(connection, house.workspace)
    field = fields["metadata", "zip"]
    assert field.kinds == {FieldType.TEXT: 9, FieldType.NUMBER: 1}
    assert (field.type, field.numeric) == (FieldType.TEXT, 5)


async def test_keys_are_found_four_levels_deep(house: House) -> None:
    deep: dict[str, Any] = {"v": 1, "in": {"v": "x", "in": {"v": True, "in": {"v": ["x"]}}}}
    await house.add_contact(metadata=deep)
    await house.add_contact(metadata={"in": {"in": {"in": {"v": None, "in": {"too": "deep"}}}}})
    await house.add_contact(metadata={"in": "flat here", "list": [{"v": 1}]})
    await house.follow()
    assert await keys(house) == {
        "v": ("number", 1),
        "in": ("text", 1),
        "list": ("list", 1),
        "in/v": ("text", 1),
        "in/in/v": ("boolean", 1),
        "in/in/in/v": ("list", 1),
    }


async def test_keys_with_odd_names_are_offered_as_they_are(house: House) -> None:
    odd = ["Lead source", "größe", 'say "hi"', "it's", "a.b", "a\x1fb", "100%", "{}", ""]
    await house.add_contact(metadata=dict.fromkeys(odd, "x"))
    await house.follow()
    assert set(await keys(house)) == set(odd)


async def test_empty_values_make_no_key(house: House) -> None:
    await house.add_contact(metadata={"a": None, "b": "", "c": {}, "d": {"e": None}})
    await house.follow()
    assert await keys(house) == {}


async def test_after_a_truncate_all_is_counted_anew(house: House) -> None:
    await house.add_contact(metadata={"old": 1})
    await house.follow()
    await house.execute("delete from public.contacts")
    async with await psycopg.AsyncConnection.connect(house.database.dsn) as crm:
        await crm.execute("truncate contacts")
    await house.add_contact(metadata={"new": 1})
    await house.follow()
    assert await keys(house) == {"new": ("number", 1)}


async def test_a_transaction_that_commits_late_is_not_missed(
    house: House, outside: psycopg.AsyncConnection[Any]
) -> None:
    await house.follow()
    # Opened first, so its change has the lower id; committed last.
    await outside.execute(
        """insert into contacts (phone_number, metadata) values ('5125550101', '{"late": 1}')"""
    )
    await house.add_contact(phone="5125550100", metadata={"early": 1})
    await house.follow()
    assert set(await keys(house)) == {"early"}
    await outside.commit()
    await house.follow()
    assert set(await keys(house)) == {"late", "early"}
    assert await unchecked(house) == 0


async def test_two_followers_at_once_count_once(house: House) -> None:
    await house.follow()
    for number in range(20):
        await house.add_contact(phone=number_of(100 + number), metadata={"state": "TX"})
    await within(30, *(house.follow() for _ in range(4)))
    await house.follow()
    assert await keys(house) == {"state": ("text", 20)}
    assert await unchecked(house) == 0


async def test_who_finds_another_follower_at_work_has_nothing_to_do(house: House) -> None:
    await house.follow()
    await house.add_contact(metadata={"state": "TX"})
    async with house.database.as_worker() as connection:
        await connection.execute("select from broadcast.change_followers for update")
        assert not await follow(
            house.database, house.audience.store, house.workspace, now=house.clock.now
        )
    await house.follow()
    assert set(await keys(house)) == {"state"}


async def test_contacts_of_unknown_businesses_do_not_disturb_the_crm(
    house: House, outside: psycopg.AsyncConnection[Any]
) -> None:
    """The CRM may know more workspaces than Clarion, in a table that has no foreign key to it."""
    await outside.execute("alter table contacts drop constraint contacts_workspace_id_fkey")
    await outside.execute("alter table contacts alter workspace_id drop not null")
    await outside.execute(
        "insert into contacts (workspace_id) values (gen_random_uuid()), (null), (default)"
    )
    await outside.execute("update contacts set first_name = 'Ann'")
    await outside.execute("delete from contacts")
    await outside.commit()
    assert await changes(house) == [("insert", 1), ("update", 1), ("delete", 1)]
