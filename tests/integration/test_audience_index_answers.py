"""What the index tells beside the number: people known from elsewhere, values, pages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from clarion.audience.filter import Group, Match
from clarion.audience.index import among, fields
from clarion.audience.index.answers import Answers, Asked, Void
from clarion.audience.index.indexes import Indexes, IndexOptions
from clarion.audience.service import Audience
from clarion.db.workspaces import get_workspace
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.clock import utc_now
from support.ledger import Ledger
from support.serving import look_at_contacts
from support.watched import EVERYBODY, Watched, where

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from clarion.audience.audience import Facets
    from clarion.audience.index.index import Index
    from clarion.kernel.workspace import Workspace
    from clarion.wiring.clarion import Clarion
    from support.house import House


async def test_messages_answers_segments_and_plans_count_as_in_the_database(house: House) -> None:
    ledger, now = Ledger(house), utc_now()
    people = await house.add_people(8)
    done = await ledger.broadcast()
    waiting = await ledger.broadcast(status="scheduled", step="scheduled")
    for place, contact in enumerate(people[:5]):
        sent = now - timedelta(days=10 * place)
        message = await ledger.message(
            contact, done, sent=sent, delivered=sent if place % 2 else None
        )
        if place < 2:
            await ledger.event("inbound", message, now - timedelta(hours=1))
    await ledger.message("nobody's id", done, sent=now)
    await ledger.recipient(people[6], waiting, None)
    await ledger.recipient(people[7], waiting, "no_phone")
    segment = await ledger.segment(*people[2:4])
    async with Watched(house) as watched:
        numbers = await watched.agrees(
            where("@sent", "ever"),
            where("@sent", "never"),
            where("@sent", "in_last_days", 15),
            where("@sent", "not_in_last_days", 15),
            where("@delivered", "in_broadcast", [str(done)]),
            where("@delivered", "not_in_broadcast", [str(done)]),
            where("@replied", "ever"),
            where("@clicked", "ever"),
            where("@segment", "is_in", [str(segment)]),
            where("@segment", "is_not_in", [str(segment)]),
            where("@scheduled", "is_true"),
            where("@scheduled", "is_false"),
        )
        found = [each.matched for each in numbers]
        assert found == [5, 3, 2, 6, 2, 6, 2, 0, 2, 6, 1, 7]


class Seen:
    """An audience that asks its index, and one that does not."""

    def __init__(self, clarion: Clarion, workspace: Workspace, indexed: Audience) -> None:
        self.clarion = clarion
        self.workspace = workspace
        self.indexed = indexed

    async def by_both(self, method: str, document: dict[str, Any], **more: Any) -> tuple[Any, Any]:
        found = []
        for audience in (self.indexed, self.clarion.audience):
            async with self.clarion.database.as_workspace(self.workspace.id) as connection:
                asked: Any = document
                if method != "waterfall":
                    asked = await audience.read(connection, self.workspace, document)
                found.append(
                    await getattr(audience, method)(connection, self.workspace, asked, **more)
                )
        return found[0], found[1]

    async def facets(
        self, document: dict[str, Any], audience: Audience | None = None, **more: Any
    ) -> Facets | None:
        asking = audience or self.indexed
        async with self.clarion.database.as_workspace(self.workspace.id) as connection:
            compiled = await asking.read(connection, self.workspace, document)
        assert compiled.asked is not None
        return await asking.facets(self.workspace, compiled.asked, **more)

    async def values(self, field: str, **more: Any) -> tuple[Any, Any]:
        found = []
        for audience in (self.indexed, self.clarion.audience):
            async with self.clarion.database.as_workspace(self.workspace.id) as connection:
                found.append(await audience.values(connection, self.workspace, field, **more))
        return found[0], found[1]


@pytest.fixture
async def seen(clarion: Clarion) -> AsyncIterator[Seen]:
    watched = Watched(clarion)
    for number in range(120):
        watched.add(
            {
                "state": ("TX", "FL", "NY", None)[number % 4],
                "tags": ["vip", "new"][: number % 3],
                "income": number,
            },
            first_name=f"Ann {number}",
            phone_number=f"+151255501{number % 50:02}",
        )
    await look_at_contacts(clarion)
    indexes = Indexes(clarion.database.dsn, clarion.audience.contacts, IndexOptions())
    assert indexes.of(DEFAULT_WORKSPACE).wait_until_ready(20)
    async with clarion.database.as_workspace(DEFAULT_WORKSPACE) as connection:
        workspace = await get_workspace(connection, DEFAULT_WORKSPACE)
    yield Seen(clarion, workspace, Audience(clarion.audience.contacts, utc_now, indexes))
    indexes.close()


RICH_TEXANS: dict[str, Any] = {
    "match": "all",
    "conditions": [
        {"field": "metadata.state", "operator": "is_one_of", "value": ["tx", "FL"]},
        {"field": "metadata.income", "operator": "at_least", "value": 40},
        {
            "match": "none",
            "conditions": [{"field": "metadata.tags", "operator": "has_any_of", "value": ["vip"]}],
        },
    ],
}


async def test_the_waterfall_is_that_of_the_database(seen: Seen) -> None:
    for document in (EVERYBODY, RICH_TEXANS, where("metadata.state", "is", "TX", match="none")):
        told, truth = await seen.by_both("waterfall", document)
        assert (told.freshness.source, truth.freshness.source) == ("index", "database")
        assert (told.total, told.steps, told.channels) == (truth.total, truth.steps, truth.channels)


async def test_pages_by_the_index_are_those_of_the_database(seen: Seen) -> None:
    after = None
    read: list[str] = []
    while True:
        told, truth = await seen.by_both("page", RICH_TEXANS, limit=7, after=after)
        assert told == truth
        read += [contact.id for contact in told.contacts]
        if told.next is None:
            break
        after = told.next
    assert len(set(read)) == len(read) == 13


async def test_the_values_of_a_field_are_those_of_the_database(seen: Seen) -> None:
    for field in ("metadata.state", "metadata.tags", "first_name"):
        for search in ("", "n", "ann 1", "x"):
            told, truth = await seen.values(field, search=search, limit=9)
            assert told == truth, (field, search)


async def test_facets_are_counts_of_the_rest_of_the_filter_with_each_value(seen: Seen) -> None:
    facets = await seen.facets(RICH_TEXANS)
    assert facets is not None
    by_field = {facet.path[-1]: facet for facet in facets.fields}
    for value, contacts in by_field["state"].values:
        chosen = {
            "match": "all",
            "conditions": [
                {"field": "metadata.state", "operator": "is", "value": value},
                *RICH_TEXANS["conditions"][1:],
            ],
        }
        _, truth = await seen.by_both("matched", chosen)
        assert contacts == truth.matched
    assert {value for value, _ in by_field["state"].values} == {"TX", "FL", "NY"}
    # Nothing with "vip" is left by the group, which is no condition on the field alone.
    assert by_field["tags"].values == ()
    _, matched = await seen.by_both("matched", RICH_TEXANS)
    assert by_field["tags"].empty == matched.matched


async def test_facets_of_the_fields_in_sight_are_those_of_all_fields(seen: Seen) -> None:
    everything = await seen.facets(RICH_TEXANS)
    assert everything is not None
    assert {facet.path for facet in everything.fields} == set(everything.countable)
    state = ("metadata", "state")
    some = await seen.facets(RICH_TEXANS, of={state, ("metadata", "nobody has it")})
    assert some is not None
    assert some.fields == tuple(each for each in everything.fields if each.path == state)
    assert set(some.countable) == set(everything.countable)
    nothing = await seen.facets(RICH_TEXANS, of=set())
    assert nothing is not None
    assert nothing.fields == ()


async def test_facets_of_few_and_of_many_contacts_are_counted_alike(seen: Seen) -> None:
    """The ones by what each contact has, the others by the bitmaps of the values."""
    told = []
    for values_for_looking in (0, 1_000):
        with (
            mock.patch.object(fields, "_FEW_VALUES", values_for_looking),
            mock.patch.object(among, "_FEW", 0),
        ):
            told.append(await seen.facets(RICH_TEXANS))
    assert told[0] is not None
    assert told[1] is not None
    assert told[0].fields == told[1].fields
    assert any(facet.values for facet in told[0].fields)


async def test_where_no_index_tells_there_are_no_facets(seen: Seen) -> None:
    assert await seen.facets(RICH_TEXANS, seen.clarion.audience) is None


async def test_facets_that_nobody_waits_for_are_not_counted(seen: Seen) -> None:
    assert seen.indexed.indexes is not None
    answers = Answers(index_of(seen))
    counted: list[object] = []
    count = fields.CodedField.count_values

    def counting(held: Any, some: Any) -> Any:
        counted.append(held)
        return count(held, some)

    with mock.patch.object(fields.CodedField, "count_values", counting):
        with pytest.raises(Void):
            answers.facets(asked_of_everybody(seen), is_void=lambda: len(counted) == 2)
        assert len(counted) == 2
        assert len(answers.countable()) > 2


def index_of(seen: Seen) -> Index:
    assert seen.indexed.indexes is not None
    index = seen.indexed.indexes.of(DEFAULT_WORKSPACE).index
    assert index is not None
    return index


def asked_of_everybody(seen: Seen) -> Asked:
    return Asked(
        group=Group(match=Match.ALL, conditions=()),
        zone=seen.workspace.zone,
        now=utc_now(),
        outside={},
        lowered={},
    )


async def test_a_number_is_right_at_once_after_a_change(seen: Seen) -> None:
    """Whoever has just added a contact counts it: the index is given the time to read it."""
    watched = Watched(seen.clarion)
    for number in range(5):
        watched.add({"state": "TX"})
        told, truth = await seen.by_both("matched", where("metadata.state", "is", "TX"))
        assert told.matched == truth.matched == 31 + number
        assert told.freshness.source == "index"
        assert told.reach is not None


async def test_an_index_that_fails_to_answer_leaves_it_to_the_database(
    seen: Seen, caplog: pytest.LogCaptureFixture
) -> None:
    with mock.patch.object(Answers, "reach", side_effect=ZeroDivisionError):
        told, truth = await seen.by_both("matched", where("metadata.state", "is", "TX"))
    assert told.matched == truth.matched == 30
    assert told.freshness.source == "database"
    assert told.freshness.reason == "The index of the contacts could not answer."
    assert "audience.index_answer_failed" in caplog.messages


async def test_kept_answers_never_outlive_what_they_were_asked_of(seen: Seen) -> None:
    watched = Watched(seen.clarion)
    indexes = seen.indexed.indexes
    assert indexes is not None
    keeper = indexes.of(DEFAULT_WORKSPACE)
    watched.add({"state": "FL"})
    told, truth = await seen.by_both("matched", where("metadata.state", "is", "FL"))
    assert told.matched == truth.matched == 31

    def twice(answers: Answers, asked: Asked) -> tuple[int, int]:
        return answers.count(asked), answers.count(asked)

    async with seen.clarion.database.as_workspace(seen.workspace.id) as connection:
        compiled = await seen.indexed.read(
            connection, seen.workspace, where("metadata.state", "is_not", "FL")
        )
    assert compiled.asked is not None
    assert keeper.tell(compiled.asked, twice, zone=seen.workspace.zone)[0] == (90, 90)
