from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from clarion.audience.audience import REASONS, LeftOut
from clarion.compliance.suppression import Suppressed, suppress
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid
from clarion.kernel.field_path import read_path
from support.house import EVERYBODY, House, number_of

if TYPE_CHECKING:
    from clarion.audience.audience import Contact, Estimate


async def estimate(house: House, document: dict[str, Any] = EVERYBODY) -> Estimate:
    async with house.database.as_workspace(house.workspace.id) as connection:
        compiled = await house.audience.read(connection, house.workspace, document)
        return await house.audience.estimate(connection, house.workspace, compiled)


async def pages(house: House, limit: int, **choice: Any) -> list[Contact]:
    """All pages, one after the other."""
    found: list[Contact] = []
    after: str | None = None
    async with house.database.as_workspace(house.workspace.id) as connection:
        compiled = await house.audience.read(connection, house.workspace, EVERYBODY)
        while True:
            page = await house.audience.page(
                connection, house.workspace, compiled, after=after, limit=limit, **choice
            )
            assert len(page.contacts) <= limit
            found += page.contacts
            if page.next is None:
                return found
            assert len(page.contacts) == limit
            after = page.next


async def values(house: House, field: str, search: str = "") -> list[tuple[str, int]]:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await house.audience.values(connection, house.workspace, field, search=search)


async def opt_out(house: House, *addresses: str) -> None:
    async with house.database.as_worker() as connection:
        await suppress(
            connection,
            house.workspace.id,
            channel=Channel.SMS,
            addresses=addresses,
            reason=Suppressed.OPTED_OUT,
            source="test",
            now=house.clock.now,
        )


def contact_id(number: int) -> str:
    return f"00000000-0000-4000-9000-{number:012}"


async def fill(house: House) -> None:
    """Ten contacts: three are reached, and for each reason somebody is not."""
    for number, phone in enumerate(
        [
            "(512) 555-0100",  # reached
            None,
            "   ",
            "+1 512 555 0100",  # the first one's number
            "512.555.0101",  # reached
            "12",  # no number
            "512-555-0102",  # opted out
            "5125550102",  # the same person once more: opted out beats duplicate
            "512 555 0103",  # reached
            "+15125550103",  # the number before
        ]
    ):
        await house.add_contact(phone=phone, contact_id=contact_id(number))
    await opt_out(house, number_of(102))


async def test_everybody_is_reached_or_left_out_for_one_reason(house: House) -> None:
    await fill(house)
    await house.follow()
    found = await estimate(house)
    assert found.sms.reachable == 3
    assert dict(found.sms.left_out) == {
        LeftOut.NO_PHONE: 2,
        LeftOut.INVALID_PHONE: 1,
        LeftOut.OPTED_OUT: 2,
        LeftOut.DUPLICATE_NUMBER: 2,
    }
    assert found.matched == found.total == 10


async def test_numbers_that_nobody_has_checked_are_told_as_such(house: House) -> None:
    await fill(house)
    found = await estimate(house)
    assert dict(found.sms.left_out) == {LeftOut.NO_PHONE: 2, LeftOut.UNCHECKED_PHONE: 8}
    assert (found.sms.reachable, found.matched) == (0, 10)


async def test_an_empty_audience_has_no_numbers(house: House) -> None:
    found = await estimate(house)
    assert (found.matched, found.total, dict(found.sms.left_out)) == (0, 0, {})


async def test_total_counts_all_and_matched_the_filter(house: House) -> None:
    await fill(house)
    await house.follow()
    document = {
        "match": "all",
        "conditions": [{"field": "phone_number", "operator": "contains", "value": "555"}],
    }
    found = await estimate(house, document)
    assert (found.matched, found.total) == (7, 10)
    async with house.database.as_workspace(house.workspace.id) as connection:
        compiled = await house.audience.read(connection, house.workspace, document)
        matched = await house.audience.matched(connection, house.workspace, compiled)
    assert (matched.matched, matched.total) == (7, 10)


async def test_who_is_left_out_is_shown_by_reason_and_the_lowest_id_keeps_a_number(
    house: House,
) -> None:
    await fill(house)
    await house.follow()
    shown = {
        reason: [contact.id for contact in await pages(house, 1, left_out=reason)]
        for reason in REASONS[Channel.SMS]
    }
    assert shown == {
        LeftOut.NO_PHONE: [contact_id(1), contact_id(2)],
        LeftOut.UNCHECKED_PHONE: [],
        LeftOut.INVALID_PHONE: [contact_id(5)],
        LeftOut.OPTED_OUT: [contact_id(6), contact_id(7)],
        LeftOut.DUPLICATE_NUMBER: [contact_id(3), contact_id(9)],
    }
    reached = await pages(house, 2, reachable=True)
    assert [contact.id for contact in reached] == [contact_id(0), contact_id(4), contact_id(8)]
    assert [contact.address for contact in reached] == [
        number_of(100),
        number_of(101),
        number_of(103),
    ]


@pytest.mark.parametrize("limit", [1, 3, 10, 11])
async def test_pages_show_everybody_once_in_the_order_of_ids(house: House, limit: int) -> None:
    await fill(house)
    found = [contact.id for contact in await pages(house, limit)]
    assert found == [contact_id(number) for number in range(10)]


async def test_a_page_mark_of_somebody_else_is_refused(house: House) -> None:
    async def ask(after: str) -> None:
        async with house.database.as_workspace(house.workspace.id) as connection:
            compiled = await house.audience.read(connection, house.workspace, EVERYBODY)
            await house.audience.page(connection, house.workspace, compiled, after=after)

    for mark in ("7", "", "a\x00b"):
        with pytest.raises(Invalid) as refused:
            await ask(mark)
        assert [fault.pointer for fault in refused.value.faults] == ["/after"]


async def test_a_contact_comes_with_its_whole_row(house: House) -> None:
    await house.add_contact(first_name="Zoë", metadata={"tags": ["a"]}, email="zoe@example.com")
    (contact,) = await pages(house, 5)
    assert (contact.first_name, contact.email) == ("Zoë", "zoe@example.com")
    assert contact.metadata == contact.row["metadata"] == {"tags": ["a"]}
    assert contact.row["first_name"] == "Zoë"


async def test_values_that_begin_with_the_search_come_first_then_the_frequent(
    house: House,
) -> None:
    cities = ["Austin", "Austin", "San Austin", "San Austin", "San Austin", "austere", "", "Boston"]
    for city in cities:
        await house.add_contact(metadata={"city": city})
    await house.add_contact(metadata={"city": None})
    await house.follow()
    assert await values(house, "metadata.city", "AUST") == [
        ("Austin", 2),
        ("austere", 1),
        ("San Austin", 3),
    ]
    assert [value for value, _ in await values(house, "metadata.city")] == [
        "San Austin",
        "Austin",
        "Boston",
        "austere",
    ]


@pytest.mark.parametrize("search", ["%", "_", "\\", "'"])
async def test_a_search_has_no_special_characters(house: House, search: str) -> None:
    await house.add_contact(metadata={"city": f"a{search}b"})
    await house.add_contact(metadata={"city": "axb"})
    await house.follow()
    assert await values(house, "metadata.city", search) == [(f"a{search}b", 1)]


async def test_the_values_of_a_list_are_its_elements(house: House) -> None:
    await house.add_contact(metadata={"tags": ["vip", "new"]})
    await house.add_contact(metadata={"tags": ["vip"]})
    await house.add_contact(metadata={})
    await house.follow()
    assert await values(house, "metadata.tags") == [("vip", 2), ("new", 1)]


async def test_the_values_of_an_unknown_field_are_refused(house: House) -> None:
    with pytest.raises(Invalid):
        await values(house, "metadata.nobody")


async def test_those_without_a_value_are_counted_among_the_reached_only(house: House) -> None:
    await house.add_contact(phone=number_of(100), metadata={"city": "Austin"})
    await house.add_contact(phone=number_of(101), metadata={"city": " "})
    await house.add_contact(phone=number_of(102), metadata={"city": "\u00a0\n"})
    await house.add_contact(phone=number_of(103))
    await house.add_contact(phone=None)
    await house.follow()
    async with house.database.as_workspace(house.workspace.id) as connection:
        compiled = await house.audience.read(connection, house.workspace, EVERYBODY)
        without = await house.audience.reachable_without(
            connection, house.workspace, compiled, Channel.SMS, read_path("metadata.city")
        )
    assert without == 3


async def test_the_version_changes_with_whatever_changes_the_numbers(house: House) -> None:
    async def version() -> tuple[object, ...]:
        async with house.database.as_workspace(house.workspace.id) as connection:
            return await house.audience.version(connection, house.workspace)

    seen = {await version()}
    assert {await version()} == seen
    await house.add_contact(phone="5125550100")
    seen.add(await version())
    await house.follow()
    seen.add(await version())
    await opt_out(house, number_of(100))
    seen.add(await version())
    await house.execute("update broadcast.suppressions set lifted_at = now()")
    seen.add(await version())
    assert len(seen) == 5
