"""Saved audiences over time: frozen in slices by a task, and measured day by day."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from clarion.audience.segments.segment import Freezing, SegmentKind
from clarion.audience.segments.tasks import FREEZE_SEGMENT, MEASURE_SEGMENT
from clarion.kernel.errors import Conflict, Invalid
from support.house import ANA, EVERYBODY, House, within
from support.segments import SegmentHouse, in_segment, in_state, segment_house
from support.serving import until
from support.whole import whole

if TYPE_CHECKING:
    from clarion.audience.segments.segment import Segment
    from clarion.wiring.settings import Settings


@pytest.fixture
async def saved(house: House) -> SegmentHouse:
    return segment_house(house, slice_size=3)


async def add_texans(saved: SegmentHouse, count: int, *, first: int = 1) -> list[str]:
    ids = [
        await saved.house.add_contact(
            first_name=f"Person {number}",
            metadata={"state": "TX"},
            contact_id=f"00000000-0000-4000-9000-{number:012}",
        )
        for number in range(first, first + count)
    ]
    await saved.house.follow()
    return ids


async def broken_off(saved: SegmentHouse, segment: Segment, *, after_slices: int) -> None:
    """The task as it dies: some slices are committed, the next one is not."""
    for _ in range(after_slices):
        async with saved.house.database.as_worker() as connection:
            assert await saved.freezer._save_slice(connection, saved.house.workspace.id, segment.id)
    with suppress(psycopg.errors.DivisionByZero):
        async with saved.house.database.as_worker() as connection:
            await saved.freezer._save_slice(connection, saved.house.workspace.id, segment.id)
            await connection.execute("select 1 / 0")


# --- frozen


@pytest.mark.parametrize("count", [0, 2, 3, 7])
async def test_the_people_are_saved_in_slices_whatever_their_number(
    saved: SegmentHouse, count: int
) -> None:
    ids = await add_texans(saved, count)
    await saved.house.add_contact(first_name="Dee", metadata={"state": "OH"})
    await saved.house.add_contact(first_name="Tex", metadata={"state": "TX"})
    await saved.house.execute("delete from public.contacts where first_name = 'Tex'")
    await saved.house.follow()
    texas = await saved.create(filter=in_state("TX"), frozen=True)
    assert (texas.kind, texas.freezing, texas.contacts) == ("frozen", "saving", 0)
    done = await saved.save(texas)
    assert (done.freezing, done.contacts, done.version) == ("saved", count, texas.version)
    assert await saved.saved(texas) == ids


async def test_a_task_that_died_goes_on_where_it_was(saved: SegmentHouse) -> None:
    ids = await add_texans(saved, 8)
    texas = await saved.create(filter=in_state("TX"), frozen=True)
    await broken_off(saved, texas, after_slices=1)
    between = await saved.read(texas)
    assert (between.freezing, between.contacts) == ("saving", 3)
    assert await saved.saved(texas) == ids[:3]
    # Who comes before the place where it goes on came too late.
    await saved.house.add_contact(
        metadata={"state": "TX"}, contact_id="00000000-0000-4000-8000-000000000000"
    )
    done = await saved.save(texas)
    assert (done.freezing, done.contacts) == ("saved", 8)
    assert await saved.saved(texas) == ids


async def test_two_tasks_at_once_save_everybody_once(saved: SegmentHouse) -> None:
    ids = await add_texans(saved, 10)
    texas = await saved.create(filter=in_state("TX"), frozen=True)
    await within(20, saved.save(texas), saved.save(texas), saved.save(texas))
    assert (await saved.read(texas)).contacts == 10
    assert await saved.saved(texas) == ids


async def test_frozen_people_stay_as_they_were(saved: SegmentHouse) -> None:
    await add_texans(saved, 2)
    texas = await saved.save(await saved.create(filter=in_state("TX"), frozen=True))
    live = await saved.create("Live", in_state("TX"))
    await saved.house.execute(
        "update public.contacts set metadata = '{\"state\": \"OH\"}' where first_name = 'Person 1'"
    )
    await add_texans(saved, 1, first=3)
    assert await saved.people(live) == ["Person 2", "Person 3"]
    assert await saved.people(texas) == ["Person 1", "Person 2"]


async def test_until_all_are_saved_it_is_those_who_match_and_never_a_part(
    saved: SegmentHouse,
) -> None:
    await add_texans(saved, 5)
    texas = await saved.create(filter=in_state("TX"), frozen=True)
    await broken_off(saved, texas, after_slices=1)
    assert len(await saved.people(texas)) == 5
    await saved.save(texas)
    assert len(await saved.people(texas)) == 5


async def test_freezing_keeps_the_people_of_that_moment(saved: SegmentHouse) -> None:
    await add_texans(saved, 4)
    live = await saved.create(filter=in_state("TX"))
    frozen = await saved.freeze(live)
    assert (frozen.kind, frozen.freezing, frozen.version) == ("frozen", "saving", 2)
    assert frozen.frozen_at == saved.house.clock.now
    frozen = await saved.save(frozen)
    await add_texans(saved, 1, first=9)
    assert len(await saved.people(frozen)) == 4
    with pytest.raises(Conflict, match="is frozen already"):
        await saved.freeze(frozen)
    with pytest.raises(Conflict, match="holds the people as they were"):
        await saved.change(frozen, filter=EVERYBODY)
    assert (await saved.change(frozen, name="Texas in May")).name == "Texas in May"


async def test_what_cannot_be_read_cannot_be_frozen(saved: SegmentHouse) -> None:
    await add_texans(saved, 1)
    texas = await saved.create(filter=in_state("TX"))
    await saved.house.execute("delete from broadcast.contact_fields")
    with pytest.raises(Invalid):
        await saved.freeze(texas)
    assert (await saved.read(texas)).kind is SegmentKind.DYNAMIC


async def test_days_count_from_the_freezing_in_the_last_slice_too(saved: SegmentHouse) -> None:
    ids = await add_texans(saved, 5)
    await saved.house.execute(
        "update public.contacts set created_at = %s", saved.house.clock.now - timedelta(days=2)
    )
    recent = {
        "match": "all",
        "conditions": [{"field": "created_at", "operator": "in_last_days", "value": 3}],
    }
    segment = await saved.create(filter=recent, frozen=True)
    await broken_off(saved, segment, after_slices=1)
    saved.house.clock.forward(timedelta(days=10))
    await saved.save(segment)
    assert await saved.saved(segment) == ids


async def test_a_frozen_segment_needs_what_it_was_made_of_until_it_is_saved(
    saved: SegmentHouse,
) -> None:
    await add_texans(saved, 2)
    texas = await saved.create(filter=in_state("TX"))
    frozen = await saved.create("Frozen", in_segment(texas), frozen=True)
    with pytest.raises(Conflict):
        await saved.delete(texas)
    frozen = await saved.save(frozen)
    await saved.delete(texas)
    assert frozen.problem is None
    assert len(await saved.people(frozen)) == 2


async def test_nobody_changes_a_filter_from_which_people_are_being_saved(
    saved: SegmentHouse,
) -> None:
    await add_texans(saved, 4)
    texas = await saved.create(filter=in_state("TX"))
    south = await saved.create("South", in_segment(texas))
    frozen = await saved.create("Frozen", in_segment(south), frozen=True)
    with pytest.raises(Conflict, match="“Frozen” are being saved from this segment"):
        await saved.change(texas, filter=EVERYBODY)
    await saved.save(frozen)
    texas = await saved.change(texas, filter=EVERYBODY)
    broadcast = await saved.house.draft(filter=in_segment(south))
    await saved.house.execute(
        "update broadcast.broadcasts set saving = 'saving' where id = %s", broadcast.id
    )
    with pytest.raises(Conflict, match="“Spring” are being saved from this segment"):
        await saved.change(texas, filter=in_state("OH"))


async def test_the_copy_of_a_frozen_segment_has_the_same_people(saved: SegmentHouse) -> None:
    ids = await add_texans(saved, 4)
    texas = await saved.save(await saved.create(filter=in_state("TX"), frozen=True))
    await add_texans(saved, 1, first=9)
    house = saved.house
    async with house.database.as_workspace(house.workspace.id) as connection:
        copy = await saved.segments.duplicate(
            connection, ANA, house.workspace, texas.id, now=house.clock.now
        )
    copy = await saved.save(copy)
    assert (copy.name, copy.freezing, copy.contacts) == ("Copy of Texas", Freezing.SAVED, 4)
    assert await saved.saved(copy) == ids
    await saved.delete(texas)
    assert len(await saved.people(copy)) == 4


async def test_deleting_while_the_people_are_being_saved_ends_it(saved: SegmentHouse) -> None:
    await add_texans(saved, 5)
    texas = await saved.create(filter=in_state("TX"), frozen=True)
    await broken_off(saved, texas, after_slices=1)
    await saved.delete(texas)
    await saved.freezer.save(saved.house.workspace.id, texas.id)
    assert await saved.saved(texas) == []


# --- sizes


async def test_each_measure_is_kept_and_the_newest_is_the_size(saved: SegmentHouse) -> None:
    await add_texans(saved, 2)
    texas = await saved.create(filter=in_state("TX"))
    assert (texas.contacts, texas.measured_at) == (None, None)
    assert await saved.measured(texas) == 2
    saved.house.clock.forward(timedelta(hours=1))
    await add_texans(saved, 3, first=3)
    assert await saved.measured(texas) == 5
    measured = await saved.read(texas)
    assert (measured.measured_at, measured.version) == (saved.house.clock.now, 1)
    assert await _sizes(saved, texas) == [2, 5]
    assert await _sizes(saved, texas, days=0) == [5]


async def _sizes(saved: SegmentHouse, segment: Segment, *, days: int = 90) -> list[int]:
    house = saved.house
    async with house.database.as_workspace(house.workspace.id) as connection:
        sizes = await saved.segments.sizes(
            connection, house.workspace, segment.id, days=days, now=house.clock.now
        )
    return [each.contacts for each in sizes]


async def test_a_size_of_an_older_filter_is_not_written(
    saved: SegmentHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_texans(saved, 2)
    texas = await saved.create(filter=in_state("TX"))
    store = saved.house.audience.store
    count = store.count

    async def edited_meanwhile(*arguments: Any) -> int:
        await saved.change(texas, filter=in_state("OH"))
        return await count(*arguments)

    monkeypatch.setattr(store, "count", edited_meanwhile)
    assert not await saved.measurer.measure(saved.house.workspace.id, texas.id)
    monkeypatch.undo()
    assert (await saved.read(texas)).contacts is None
    assert await saved.measured(texas) == 0


async def test_a_frozen_segment_is_measured_once(saved: SegmentHouse) -> None:
    await add_texans(saved, 4)
    texas = await saved.save(await saved.create(filter=in_state("TX"), frozen=True))
    assert await _sizes(saved, texas) == [4]
    saved.house.clock.forward(timedelta(days=1))
    assert not await saved.measurer.measure(saved.house.workspace.id, texas.id)
    await saved.measurer.find_work()
    assert MEASURE_SEGMENT not in saved.house.engine.tasks()
    async with saved.house.database.as_workspace(saved.house.workspace.id) as connection:
        with pytest.raises(Conflict, match="its size does not change"):
            await saved.segments.measure(connection, saved.house.workspace, texas.id)


async def test_every_dynamic_segment_is_measured_once_a_day(saved: SegmentHouse) -> None:
    """The day is the workspace's: 23:30 in Chicago is the next day in London."""
    engine, clock = saved.house.engine, saved.house.clock
    clock.now = datetime(2026, 11, 24, 4, tzinfo=UTC)
    texas, other = await saved.create("Texas"), await saved.create("Other")
    await saved.measured(texas)

    async def asked() -> set[str]:
        engine.forget()
        await saved.measurer.find_work()
        return {each.arguments["segment_id"] for each in engine.asked}

    assert await asked() == {str(other.id)}
    await saved.measured(other)
    clock.now = datetime(2026, 11, 24, 5, 59, tzinfo=UTC)
    assert await asked() == set()
    clock.now = datetime(2026, 11, 24, 6, tzinfo=UTC)
    assert await asked() == {str(texas.id), str(other.id)}


async def test_what_a_lost_task_has_left_is_asked_for_again(saved: SegmentHouse) -> None:
    texas = await saved.create(frozen=True)
    saved.house.engine.forget()
    await saved.measurer.find_work()
    assert [(each.task, each.arguments["segment_id"]) for each in saved.house.engine.asked] == [
        (FREEZE_SEGMENT, str(texas.id))
    ]


async def test_of_old_days_the_last_size_stays(saved: SegmentHouse) -> None:
    texas, other = await saved.create("Texas"), await saved.create("Other")
    now = saved.house.clock.now = datetime(2026, 11, 24, 18, tzinfo=UTC)
    moments = {
        # 12 November in Chicago, then 11 November, which the 12th is in London already.
        datetime(2026, 11, 12, 15, tzinfo=UTC): 1,
        datetime(2026, 11, 12, 20, tzinfo=UTC): 2,
        datetime(2026, 11, 12, 5, tzinfo=UTC): 3,
        # A day of which only a part is more than a week ago, and one of this week.
        now - timedelta(days=7, hours=2): 4,
        now - timedelta(days=7, hours=1): 5,
        now - timedelta(days=7) + timedelta(hours=1): 6,
        now - timedelta(hours=2): 7,
        now - timedelta(hours=1): 8,
    }
    for at, contacts in moments.items():
        await saved.house.execute(
            "insert into broadcast.segment_sizes values (%s, %s, %s, %s)",
            saved.house.workspace.id,
            texas.id,
            at,
            contacts,
        )
    await saved.house.execute(
        "insert into broadcast.segment_sizes values (%s, %s, %s, 9)",
        saved.house.workspace.id,
        other.id,
        datetime(2026, 11, 12, 15, tzinfo=UTC),
    )
    await saved.measurer.find_work()
    assert await _sizes(saved, texas) == [3, 2, 5, 6, 7, 8]
    assert await _sizes(saved, other) == [9]


async def test_a_worker_measures_and_freezes_what_is_saved(settings: Settings) -> None:
    async with whole(settings) as up:
        made = {}
        for name, frozen in (("Live", False), ("Frozen", True)):
            answer = await up.client.post(
                "/api/v1/segments", json={"name": name, "filter": EVERYBODY, "frozen": frozen}
            )
            assert answer.status_code == 201, answer.text
            made[name] = f"/api/v1/segments/{answer.json()['id']}"

        async def read(name: str) -> dict[str, Any]:
            segment: dict[str, Any] = (await up.client.get(made[name])).json()
            return segment

        async with up.working():
            live = await until(lambda: read("Live"), lambda each: each["measured_at"] is not None)
            kept = await until(lambda: read("Frozen"), lambda each: each["freezing"] == "saved")
    assert (live["contacts"], kept["contacts"]) == (0, 0)
