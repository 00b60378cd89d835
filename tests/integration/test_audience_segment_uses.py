"""Where segments are used: kept with each filter, and held by the database."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from clarion.audience.segments.service import SegmentChange
from clarion.broadcasts.broadcast import Broadcast
from clarion.broadcasts.service import BroadcastChange
from clarion.kernel.errors import Conflict, Invalid
from support.house import EVERYBODY, House, within
from support.segments import SegmentHouse, in_segment, in_state, segment_house


@pytest.fixture
async def saved(house: House) -> SegmentHouse:
    """Two people in Texas, one in Ohio."""
    for number, (name, state) in enumerate([("Ann", "TX"), ("Ben", "TX"), ("Dee", "OH")], start=1):
        await house.add_contact(
            first_name=name,
            metadata={"state": state},
            phone=f"+1512555010{number}",
            contact_id=f"00000000-0000-4000-9000-{number:012}",
        )
    await house.follow()
    return segment_house(house)


async def uses_in_database(house: House) -> set[tuple[UUID, UUID]]:
    """(what names it, the segment)."""
    return {
        (row["by"], row["segment_id"])
        for row in await house.rows(
            "select coalesce(broadcast_id, used_by_segment_id) as by, segment_id"
            " from broadcast.segment_uses"
        )
    }


async def test_uses_move_with_the_filters_of_segments(saved: SegmentHouse) -> None:
    texas, ohio = await saved.create("Texas"), await saved.create("Ohio")
    both = await saved.create("Both", in_segment(texas, ohio))
    assert await uses_in_database(saved.house) == {(both.id, texas.id), (both.id, ohio.id)}
    assert await saved.uses(texas) == [("Both", None)]
    assert (await saved.read(texas)).uses == 1
    changed = await saved.change(both, filter=in_segment(ohio))
    assert await uses_in_database(saved.house) == {(both.id, ohio.id)}
    await saved.change(changed, name="Ohioans")
    assert await saved.uses(ohio) == [("Ohioans", None)]
    await saved.delete(both)
    assert await uses_in_database(saved.house) == set()


async def change_filter(house: House, broadcast: Broadcast, document: dict[str, Any]) -> Broadcast:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await house.broadcasts.change(
            connection,
            house.workspace,
            broadcast.id,
            BroadcastChange(version=broadcast.version, filter=document),
            now=house.clock.now,
        )


async def test_uses_move_with_the_filter_of_a_broadcast(saved: SegmentHouse) -> None:
    house = saved.house
    texas, ohio = await saved.create("Texas"), await saved.create("Ohio")
    draft = await house.draft(filter=in_segment(texas))
    assert await saved.uses(texas) == [("Spring", "draft")]
    draft = await change_filter(house, draft, in_segment(ohio))
    assert (await saved.uses(texas), await saved.uses(ohio)) == ([], [("Spring", "draft")])
    async with house.database.as_workspace(house.workspace.id) as connection:
        await house.broadcasts.delete(connection, house.workspace, draft.id)
    assert await uses_in_database(house) == set()


async def test_a_filter_that_is_refused_moves_no_use(saved: SegmentHouse) -> None:
    house = saved.house
    texas = await saved.create("Texas")
    draft = await house.draft(filter=in_segment(texas))
    wrong = in_segment(texas)
    wrong["conditions"].append({"field": "nowhere", "operator": "is", "value": "x"})
    with pytest.raises(Invalid):
        await change_filter(house, draft, wrong)
    assert await uses_in_database(house) == {(draft.id, texas.id)}


@pytest.mark.parametrize("status", ["completed", "cancelled", "failed"])
async def test_a_broadcast_that_has_ended_needs_its_segments_no_more(
    saved: SegmentHouse, status: str
) -> None:
    house = saved.house
    texas = await saved.create(filter=in_state("TX"))
    kept = await house.draft(filter=in_segment(texas))
    ended = await house.launch(await house.draft(filter=in_segment(texas)))
    assert await uses_in_database(house) == {(kept.id, texas.id), (ended.id, texas.id)}
    await house.execute(
        "update broadcast.broadcasts set status = %s where id = %s", status, ended.id
    )
    assert await uses_in_database(house) == {(kept.id, texas.id)}


async def test_a_broadcast_to_a_segment_writes_to_its_people(saved: SegmentHouse) -> None:
    house = saved.house
    texas = await saved.create(filter=in_state("TX"))
    broadcast = await house.launched(filter=in_segment(texas))
    await house.send(broadcast)
    assert sorted(await house.statuses()) == ["+15125550101", "+15125550102"]


async def test_deleting_one_in_use_is_refused_with_each_place(saved: SegmentHouse) -> None:
    texas = await saved.create("Texas")
    await saved.create("South", in_segment(texas))
    await saved.create("East", in_segment(texas, operator="is_not_in"))
    await saved.house.draft(filter=in_segment(texas))
    with pytest.raises(Conflict) as raised:
        await saved.delete(texas)
    assert raised.value.detail == (
        "“Texas” is used by the broadcast “Spring”, the segment “East” and the segment “South”. "
        "Take it out there first."
    )
    assert [(fault.pointer, fault.detail) for fault in raised.value.faults] == [
        ("/broadcasts/0", "Used by the broadcast “Spring”."),
        ("/segments/0", "Used by the segment “East”."),
        ("/segments/1", "Used by the segment “South”."),
    ]
    assert (await saved.read(texas)).uses == 3


async def test_the_database_itself_refuses_to_delete_one_in_use(saved: SegmentHouse) -> None:
    texas = await saved.create("Texas")
    south = await saved.create("South", in_segment(texas))
    with pytest.raises(psycopg.errors.IntegrityError):
        await saved.house.execute("delete from broadcast.segments where id = %s", texas.id)
    await saved.house.execute("delete from broadcast.segments where id = %s", south.id)
    await saved.house.execute("delete from broadcast.segments where id = %s", texas.id)
    assert await saved.listed() == []


async def test_deleting_and_using_at_once_leaves_no_filter_without_its_segment(
    saved: SegmentHouse,
) -> None:
    house = saved.house
    for _ in range(5):
        texas = await saved.create("Texas")
        draft = await house.draft()
        deleted, used = await within(
            10,
            _outcome(saved.delete(texas)),
            _outcome(change_filter(house, draft, in_segment(texas))),
        )
        assert (deleted is None) != (used is None)
        if used is None:
            assert await uses_in_database(house) == {(draft.id, texas.id)}
            await change_filter(house, await house.read(draft), EVERYBODY)
            await saved.delete(texas)
        else:
            assert (await house.read(draft)).filter == EVERYBODY


async def _outcome(doing: Any) -> Exception | None:
    try:
        await doing
    except (Conflict, Invalid) as error:
        return error
    return None


async def test_the_segment_of_another_workspace_cannot_be_named_even_past_the_service(
    saved: SegmentHouse,
) -> None:
    texas = await saved.create("Texas")
    other = uuid4()
    await saved.house.execute(
        "insert into broadcast.workspaces (id, name) values (%s, 'Another business')", other
    )
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await saved.house.execute(
            "insert into broadcast.segment_uses (workspace_id, segment_id, used_by_segment_id)"
            " values (%s, %s, broadcast.new_id())",
            other,
            texas.id,
        )


# --- cycles


async def test_a_segment_cannot_be_made_of_itself_by_any_way(saved: SegmentHouse) -> None:
    texas = await saved.create("Texas")
    south = await saved.create("South", in_segment(texas))
    everywhere = await saved.create("Everywhere", in_segment(south))
    for named in (texas, south, everywhere):
        with pytest.raises(Invalid) as raised:
            await saved.change(texas, filter=in_segment(named))
        assert [fault.pointer for fault in raised.value.faults] == ["/filter/conditions/0/value/0"]
        assert "cannot be made of itself" in raised.value.detail
    assert (await saved.read(texas)).filter == EVERYBODY


async def test_of_two_who_would_close_a_circle_at_once_the_second_is_refused(
    saved: SegmentHouse,
) -> None:
    house = saved.house
    texas, south = await saved.create("Texas"), await saved.create("South")
    async with house.database.as_workspace(house.workspace.id) as connection:
        await saved.segments.change(
            connection,
            house.workspace,
            texas.id,
            SegmentChange(version=1, filter=in_segment(south)),
            now=house.clock.now,
        )
        second = asyncio.create_task(saved.change(south, filter=in_segment(texas)))
        await _somebody_waits(house)
    with pytest.raises(Invalid) as raised:
        await second
    assert "cannot be made of itself" in raised.value.detail
    assert await uses_in_database(house) == {(texas.id, south.id)}


async def _somebody_waits(house: House) -> None:
    """Until somebody does, in this database."""
    waiting = 0
    async with asyncio.timeout(10):
        while not waiting:
            waiting = await house.value(
                "select count(*) from pg_locks where locktype = 'advisory' and not granted"
                " and database = (select oid from pg_database where datname = current_database())"
            )


async def test_who_saves_in_one_workspace_does_not_wait_for_another(saved: SegmentHouse) -> None:
    house = saved.house
    other = uuid4()
    await house.execute(
        "insert into broadcast.workspaces (id, name) values (%s, 'Another business')", other
    )
    async with house.database.as_worker() as connection:
        await connection.execute(
            "select pg_advisory_xact_lock(hashtextextended('broadcast.segments ' || %s::text, 0))",
            [other],
        )
        await within(10, saved.create("Texas"))
