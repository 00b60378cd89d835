"""Lists of whom a channel reaches or leaves out: by the index the same as by the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from clarion.audience.audience import REASONS, By, LeftOut
from clarion.audience.index.answers import Answers
from clarion.audience.index.indexes import Indexes, IndexOptions
from clarion.audience.service import Audience
from clarion.compliance.suppression import Suppressed, suppress
from clarion.db.workspaces import get_workspace
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.channel import Channel
from clarion.kernel.clock import utc_now
from clarion.kernel.field_path import read_path
from support.serving import look_at_contacts
from support.watched import EVERYBODY, Watched, where

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from clarion.audience.audience import ContactPage
    from clarion.kernel.workspace import Workspace
    from clarion.wiring.clarion import Clarion

#: Some alone, some shared by several, in more than one spelling, some blank and some no numbers.
PHONES = ("+15125550100", "(512) 555-0100", "+15125550101", None, " ", "12", "+1512555{n:04}")
MAILS = ("ann@b.example", "Ann@B.example", None, "", "no address", "p{n}@b.example")
PRODUCTS = ("Solar", " ", None)
INCOMES = (12, "40", None)


class Lists:
    def __init__(self, clarion: Clarion, workspace: Workspace, indexed: Audience) -> None:
        self.clarion = clarion
        self.workspace = workspace
        self.indexed = indexed

    async def page(self, audience: Audience, document: dict[str, Any], **more: Any) -> ContactPage:
        async with self.clarion.database.as_workspace(self.workspace.id) as connection:
            compiled = await audience.read(connection, self.workspace, document)
            return await audience.page(connection, self.workspace, compiled, **more)

    async def without(
        self,
        audience: Audience,
        document: dict[str, Any],
        field: str,
        channel: Channel = Channel.SMS,
    ) -> int:
        async with self.clarion.database.as_workspace(self.workspace.id) as connection:
            compiled = await audience.read(connection, self.workspace, document)
            return await audience.reachable_without(
                connection, self.workspace, compiled, channel, read_path(field)
            )

    async def by_any(self, audience: Audience, document: dict[str, Any]) -> int:
        async with self.clarion.database.as_workspace(self.workspace.id) as connection:
            compiled = await audience.read(connection, self.workspace, document)
            return await audience.reached_by_any(connection, self.workspace, compiled)


def people(count: int) -> list[dict[str, Any]]:
    return [
        {
            "phone_number": (PHONES[n % len(PHONES)] or "").format(n=n) or None,
            "email": (MAILS[n % len(MAILS)] or "").format(n=n) or None,
            "metadata": {"product": PRODUCTS[n % 3], "income": INCOMES[n // 2 % 3]},
        }
        for n in range(count)
    ]


def add(watched: Watched, some: list[dict[str, Any]]) -> list[str]:
    found = []
    for each in some:
        columns = {name: value for name, value in each.items() if name != "metadata"}
        found += watched.add(each["metadata"], **columns)
    return found


@pytest.fixture
async def lists(clarion: Clarion) -> AsyncIterator[Lists]:
    watched = Watched(clarion)
    ids = add(watched, people(84))
    async with clarion.database.as_workspace(DEFAULT_WORKSPACE) as connection:
        workspace = await get_workspace(connection, DEFAULT_WORKSPACE)
        for channel, addresses in (
            (Channel.SMS, ["+15125550101", "+15125550006"]),
            (Channel.EMAIL, ["p5@b.example"]),
        ):
            await suppress(
                connection,
                workspace.id,
                channel=channel,
                addresses=addresses,
                reason=Suppressed.OPTED_OUT,
                source="test",
                now=utc_now(),
            )
    await look_at_contacts(clarion)
    indexes = Indexes(clarion.database.dsn, clarion.audience.contacts, IndexOptions())
    assert indexes.of(DEFAULT_WORKSPACE).wait_until_ready(20)
    # Some come and some go afterwards, and are in other blocks of the index than the first ones.
    add(watched, people(30))
    watched.execute("delete from public.contacts where id = any (%s::uuid[])", ids[::9])
    watched.execute(
        "update public.contacts set phone_number = '+15125550177' where id = any (%s::uuid[])",
        ids[1:80:16],
    )
    await look_at_contacts(clarion)
    yield Lists(clarion, workspace, Audience(clarion.audience.contacts, utc_now, indexes))
    indexes.close()


PRODUCT = where("metadata.product", "is_empty")


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("document", [EVERYBODY, PRODUCT], ids=["everybody", "some"])
async def test_each_list_is_that_of_the_database_page_after_page(
    lists: Lists, channel: Channel, document: dict[str, Any]
) -> None:
    seen: dict[str, int] = {}
    asks: list[tuple[str, dict[str, Any]]] = [("reached", {"reachable": True})]
    asks += [(reason, {"left_out": reason}) for reason in REASONS[channel]]
    reached = mock.patch.object(
        Answers, "first_reached", autospec=True, side_effect=Answers.first_reached
    )
    left_out = mock.patch.object(
        Answers, "first_left_out", autospec=True, side_effect=Answers.first_left_out
    )
    pages = 0
    with reached as by_reach, left_out as by_reason:
        for name, narrowed in asks:
            after, ids = None, []
            while True:
                asked = {"channel": channel, "limit": 4, "after": after, **narrowed}
                told = await lists.page(lists.indexed, document, **asked)
                assert told == await lists.page(lists.clarion.audience, document, **asked)
                pages += 1
                ids += [contact.id for contact in told.contacts]
                if told.next is None:
                    break
                after = told.next
            assert len(set(ids)) == len(ids)
            seen[name] = len(ids)
        assert by_reach.call_count + by_reason.call_count == pages
    # The list of each reason is as long as its number says.
    async with lists.clarion.database.as_workspace(lists.workspace.id) as connection:
        compiled = await lists.clarion.audience.read(connection, lists.workspace, document)
        estimate = await lists.clarion.audience.estimate(connection, lists.workspace, compiled)
    reach = estimate.sms if channel is Channel.SMS else estimate.email
    assert seen.pop("reached") == reach.reachable > 4
    assert {LeftOut(reason): count for reason, count in seen.items() if count} == reach.left_out
    assert len(reach.left_out) >= 3


@pytest.mark.parametrize("field", ["metadata.product", "metadata.income", "first_name", "email"])
async def test_who_has_no_value_is_counted_as_by_the_database(lists: Lists, field: str) -> None:
    for document in (EVERYBODY, PRODUCT):
        with mock.patch.object(
            Answers, "reached_without", autospec=True, side_effect=Answers.reached_without
        ) as by_index:
            told = await lists.without(lists.indexed, document, field)
        assert by_index.call_count == 1
        assert told == await lists.without(lists.clarion.audience, document, field)
        assert told > 0


@pytest.mark.parametrize("channel", list(Channel))
async def test_who_has_no_value_is_counted_for_each_channel(lists: Lists, channel: Channel) -> None:
    told = await lists.without(lists.indexed, EVERYBODY, "metadata.product", channel)
    assert told == await lists.without(
        lists.clarion.audience, EVERYBODY, "metadata.product", channel
    )


@pytest.mark.parametrize("document", [EVERYBODY, PRODUCT])
async def test_whom_any_channel_reaches_is_counted_once(
    lists: Lists, document: dict[str, Any]
) -> None:
    reached: set[str] = set()
    for channel in Channel:
        page = await lists.page(
            lists.clarion.audience, document, channel=channel, reachable=True, limit=10_000
        )
        assert page.next is None
        reached |= {contact.id for contact in page.contacts}
    with mock.patch.object(
        Answers, "reached_by_any", autospec=True, side_effect=Answers.reached_by_any
    ) as by_index:
        assert await lists.by_any(lists.indexed, document) == len(reached)
    assert by_index.call_count == 1
    assert await lists.by_any(lists.clarion.audience, document) == len(reached)


async def pages_of(lists: Lists, document: dict[str, Any], **asked: Any) -> list[str]:
    """The ids of all pages, which are told alike by the index and by the database."""
    after, ids = None, []
    while True:
        now = {"limit": 4, "after": after, **asked}
        told = await lists.page(lists.indexed, document, **now)
        assert told == await lists.page(lists.clarion.audience, document, **now)
        ids += [contact.id for contact in told.contacts]
        if told.next is None:
            return ids
        after = told.next


@pytest.mark.parametrize("document", [EVERYBODY, PRODUCT], ids=["everybody", "some"])
async def test_whom_which_of_both_channels_reaches(lists: Lists, document: dict[str, Any]) -> None:
    by_one = {
        channel: set(await pages_of(lists, document, channel=channel, reachable=True))
        for channel in Channel
    }
    sms, email = by_one[Channel.SMS], by_one[Channel.EMAIL]
    with mock.patch.object(
        Answers, "first_reached", autospec=True, side_effect=Answers.first_reached
    ) as by_index:
        found = {by: await pages_of(lists, document, by=by) for by in By}
    assert by_index.called
    assert {by: set(ids) for by, ids in found.items()} == {
        By.ANY: sms | email,
        By.BOTH: sms & email,
        By.ONLY_SMS: sms - email,
        By.ONLY_EMAIL: email - sms,
    }
    assert all(found.values())
    assert all(len(ids) == len(set(ids)) for ids in found.values())


@pytest.mark.parametrize("channel", list(Channel))
async def test_who_has_no_value_is_listed_as_counted(lists: Lists, channel: Channel) -> None:
    for field in ("metadata.product", "first_name"):
        ids = await pages_of(lists, EVERYBODY, channel=channel, reachable=True, without=field)
        counted = await lists.without(lists.indexed, EVERYBODY, field, channel)
        assert len(ids) == len(set(ids)) == counted > 0
    # A search narrows them further, and is the database's.
    some = await lists.page(
        lists.indexed, EVERYBODY, channel=channel, reachable=True, without="first_name", search="zz"
    )
    assert some.contacts == ()
