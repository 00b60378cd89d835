"""Saved audiences in the database: saved, edited, combined, deleted, and used by filters."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from clarion.audience.segments.segment import Combination, Segment
from clarion.audience.segments.tasks import FREEZE_SEGMENT, MEASURE_SEGMENT
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.errors import Conflict, Invalid, NotFound
from support.house import ANA, EVERYBODY, House, build_house
from support.segments import SegmentHouse, in_segment, in_state, segment_house


@pytest.fixture
async def saved(house: House) -> SegmentHouse:
    """Two people in Texas, one in Florida, one in Ohio."""
    for number, (name, state) in enumerate(
        [("Ann", "TX"), ("Ben", "TX"), ("Cid", "FL"), ("Dee", "OH")], start=1
    ):
        await house.add_contact(
            first_name=name,
            metadata={"state": state},
            phone=f"+1512555010{number}",
            contact_id=f"00000000-0000-4000-9000-{number:012}",
        )
    await house.follow()
    return segment_house(house)


async def combined(
    saved: SegmentHouse, name: str, operation: Combination, *segments: Segment
) -> Segment:
    house = saved.house
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await saved.segments.combine(
            connection,
            ANA,
            house.workspace,
            name=name,
            operation=operation,
            segments=[each.id for each in segments],
            now=house.clock.now,
        )


async def test_a_dynamic_segment_is_always_current(saved: SegmentHouse) -> None:
    texas = await saved.create(filter=in_state("TX"))
    assert (texas.kind, texas.freezing, texas.version, texas.created_by) == (
        "dynamic",
        "none",
        1,
        "Ana",
    )
    assert await saved.people(texas) == ["Ann", "Ben"]
    await saved.house.add_contact(first_name="Eve", metadata={"state": "TX"})
    assert await saved.people(texas) == ["Ann", "Ben", "Eve"]


async def test_live_numbers_notice_that_a_segment_has_changed(saved: SegmentHouse) -> None:
    house = saved.house

    async def version() -> tuple[object, ...]:
        async with house.database.as_workspace(house.workspace.id) as connection:
            return await house.audience.version(connection, house.workspace)

    texas = await saved.create(filter=in_state("TX"))
    seen = [await version()]
    house.clock.forward(timedelta(seconds=1))
    await saved.change(texas, filter=in_state("OH"))
    seen.append(await version())
    house.clock.forward(timedelta(seconds=1))
    await saved.freeze(texas)
    seen.append(await version())
    house.clock.forward(timedelta(seconds=1))
    await saved.save(texas)
    seen.append(await version())
    assert len(set(seen)) == 4
    house.clock.forward(timedelta(seconds=1))
    assert await version() == seen[-1]


async def test_a_filter_that_cannot_be_read_is_refused_with_its_place(saved: SegmentHouse) -> None:
    wrong = {"match": "all", "conditions": [{"field": "nowhere", "operator": "is", "value": "x"}]}
    with pytest.raises(Invalid) as raised:
        await saved.create(filter=wrong)
    assert [fault.pointer for fault in raised.value.faults] == ["/filter/conditions/0/field"]
    texas = await saved.create(filter=in_state("TX"))
    with pytest.raises(Invalid):
        await saved.change(texas, filter=wrong)
    assert (await saved.read(texas)).filter == in_state("TX")


async def test_a_segment_that_is_not_there_cannot_be_named(saved: SegmentHouse) -> None:
    texas = await saved.create()
    await saved.delete(texas)
    with pytest.raises(Invalid) as raised:
        await saved.create("Of nothing", in_segment(texas))
    assert [fault.pointer for fault in raised.value.faults] == ["/filter/conditions/0/value/0"]


async def test_a_name_is_taken_whatever_its_case_and_another_one_is_offered(
    saved: SegmentHouse,
) -> None:
    await saved.create("Texas")
    await saved.create("Texas 2")
    with pytest.raises(Conflict) as raised:
        await saved.create("  TEXAS ")
    assert raised.value.detail == ("There is a segment named “TEXAS” already. “TEXAS 3” is free.")
    assert [fault.pointer for fault in raised.value.faults] == ["/name"]
    other = await saved.create("Other")
    with pytest.raises(Conflict):
        await saved.change(other, name="texas")
    assert (await saved.change(other, name="OTHER")).name == "OTHER"


async def test_of_two_who_take_a_name_at_once_one_is_told(saved: SegmentHouse) -> None:
    answers = await asyncio.gather(
        *(saved.create("Texas") for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in answers) == ["Conflict"] * 3 + ["Segment"]


async def test_who_saves_second_is_told_that_somebody_was_first(saved: SegmentHouse) -> None:
    opened = await saved.create(filter=in_state("TX"))
    first = await saved.change(opened, filter=in_state("FL"))
    assert first.version == 2
    with pytest.raises(Conflict) as raised:
        await saved.change(opened, name="Mine")
    assert raised.value.detail == (
        "Somebody has saved “Texas” since you opened it. Open it again and make your change there."
    )
    assert (await saved.change(first, name="Florida")).name == "Florida"


async def test_a_copy_has_the_filter_and_a_name_of_its_own(saved: SegmentHouse) -> None:
    texas = await saved.create(filter=in_state("TX"))
    house = saved.house

    async def copy(name: str | None = None) -> Segment:
        async with house.database.as_workspace(house.workspace.id) as connection:
            return await saved.segments.duplicate(
                connection, ANA, house.workspace, texas.id, name=name, now=house.clock.now
            )

    made = [await copy(), await copy(), await copy("Texans")]
    assert [each.name for each in made] == ["Copy of Texas", "Copy of Texas 2", "Texans"]
    assert [each.filter for each in made] == [in_state("TX")] * 3
    with pytest.raises(Conflict):
        await copy("TEXAS")


async def test_combinations_are_what_they_say(saved: SegmentHouse) -> None:
    south = await saved.create("South", in_state("TX", "FL"))
    east = await saved.create("East", in_state("FL", "OH"))
    union = await combined(saved, "Both", Combination.UNION, south, east)
    middle = await combined(saved, "Middle", Combination.INTERSECTION, south, east)
    only = await combined(saved, "Only south", Combination.DIFFERENCE, south, east)
    assert await saved.people(union) == ["Ann", "Ben", "Cid", "Dee"]
    assert await saved.people(middle) == ["Cid"]
    assert await saved.people(only) == ["Ann", "Ben"]
    await saved.change(east, filter=in_state("OH"))
    assert await saved.people(middle) == []


async def test_a_combination_with_a_segment_that_is_gone_says_which(saved: SegmentHouse) -> None:
    south, gone = await saved.create("South"), await saved.create("Gone")
    await saved.delete(gone)
    with pytest.raises(Invalid) as raised:
        await combined(saved, "Both", Combination.UNION, south, gone)
    assert [fault.pointer for fault in raised.value.faults] == ["/combine/segments/1"]


async def test_pages_go_by_name_and_search_finds_a_part_of_it(saved: SegmentHouse) -> None:
    for name in ("beta", "Alpha", "Gamma", "alphabet"):
        await saved.create(name)
    assert [each.name for each in await saved.listed()] == ["Alpha", "alphabet", "beta", "Gamma"]
    house = saved.house
    names: list[str] = []
    after: str | None = None
    async with house.database.as_workspace(house.workspace.id) as connection:
        while True:
            page = await saved.segments.list(connection, house.workspace, after=after, limit=3)
            names += [each.name for each in page.segments]
            after = page.next
            if after is None:
                break
    assert names == ["Alpha", "alphabet", "beta", "Gamma"]
    assert [each.name for each in await saved.listed(search="PHA")] == ["Alpha", "alphabet"]
    assert await saved.listed(search="%") == []


async def test_a_segment_whose_field_has_vanished_stays_listed_with_the_problem(
    saved: SegmentHouse,
) -> None:
    texas = await saved.create(filter=in_state("TX"))
    made_of_it = await saved.create("Made of it", in_segment(texas))
    assert await saved.measured(texas) == 2
    await saved.house.execute("delete from broadcast.contact_fields")
    listed = {each.name: each for each in await saved.listed()}
    problem = listed["Texas"].problem
    assert problem is not None
    assert "“metadata.state”" in problem
    assert listed["Made of it"].problem is not None
    # Its size stays the one that was known, and whoever measures is not stopped by it.
    assert await saved.measured(texas) == 2
    assert (await saved.change(texas, filter=EVERYBODY)).problem is None
    assert (await saved.read(made_of_it)).problem is None


# --- tasks


async def test_saving_asks_for_the_size_of_it_and_of_what_is_made_of_it(
    saved: SegmentHouse,
) -> None:
    engine = saved.house.engine
    texas = await saved.create(filter=in_state("TX"))
    south = await saved.create("South", in_segment(texas))
    engine.forget()
    changed = await saved.change(texas, filter=in_state("OH"))
    assert [(each.task, each.arguments["segment_id"]) for each in engine.asked] == [
        (MEASURE_SEGMENT, str(texas.id)),
        (MEASURE_SEGMENT, str(south.id)),
    ]
    marks = {each.once for each in engine.asked}
    engine.forget()
    again = await saved.change(changed, filter=in_state("FL"))
    assert marks.isdisjoint({each.once for each in engine.asked})
    engine.forget()
    await saved.change(again, name="Florida")
    assert engine.asked == []


async def test_a_frozen_one_asks_for_its_people_to_be_saved(saved: SegmentHouse) -> None:
    engine = saved.house.engine
    texas = await saved.create(frozen=True)
    assert [(each.task, each.arguments["segment_id"]) for each in engine.asked] == [
        (FREEZE_SEGMENT, str(texas.id))
    ]


async def test_what_another_workspace_asks_for_is_not_there(saved: SegmentHouse) -> None:
    texas = await saved.create("Texas")
    other = uuid4()
    await saved.house.execute(
        "insert into broadcast.workspaces (id, name) values (%s, 'Another business')", other
    )
    foreign = segment_house(
        await build_house(saved.house.database, workspace_id=WorkspaceId(other))
    )
    for doing in (foreign.read, foreign.freeze, foreign.delete, foreign.uses):
        with pytest.raises(NotFound):
            await doing(texas)
    with pytest.raises(NotFound):
        await foreign.change(texas, name="Taken")
    assert await foreign.listed() == []
