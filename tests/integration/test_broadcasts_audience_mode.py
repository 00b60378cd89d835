"""When the audience of a broadcast is saved: with the launch, at its time, or anew."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from clarion.broadcasts.audience_mode import SAVE_RECIPIENTS, expected_now, renew_audience
from clarion.broadcasts.broadcast import AudienceMode, Saving, Status
from clarion.broadcasts.save_recipients import LAUNCH_STEP
from clarion.broadcasts.service import BroadcastChange
from clarion.kernel.errors import Conflict, Invalid, NotFound
from clarion.queue.service import RUN
from support.house import EVERYBODY, House, build_house, number_of, within

if TYPE_CHECKING:
    from uuid import UUID

    from clarion.broadcasts.broadcast import Broadcast
    from clarion.db.connection import Database

AT_SEND = AudienceMode.RESOLVED_AT_SEND
WHEN_SCHEDULED = AudienceMode.SAVED_WHEN_SCHEDULED
TWO_HOURS = timedelta(hours=2)
TX = {
    "match": "all",
    "conditions": [{"field": "metadata.state", "operator": "is", "value": "TX"}],
}
LATELY = {
    "match": "all",
    "conditions": [{"field": "created_at", "operator": "in_last_days", "value": 1}],
}


async def change(house: House, broadcast: Broadcast, **what: Any) -> Broadcast:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await house.broadcasts.change(
            connection,
            house.workspace,
            broadcast.id,
            BroadcastChange(version=broadcast.version, **what),
            now=house.clock.now,
        )


async def act(house: House, broadcast: Broadcast, verb: str) -> None:
    """pause, resume, cancel."""
    async with house.database.as_workspace(house.workspace.id) as connection:
        await getattr(house.broadcasts, verb)(
            connection, house.workspace, broadcast.id, now=house.clock.now
        )


async def renew(house: House, broadcast: Broadcast) -> Broadcast:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await renew_audience(
            connection,
            house.audience,
            house.engine,
            house.workspace,
            broadcast.id,
            now=house.clock.now,
        )


async def expected(house: House, broadcast: Broadcast) -> int | None:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await expected_now(connection, house.audience, house.workspace, broadcast)


async def scheduled(
    house: House,
    *,
    mode: AudienceMode | None = AT_SEND,
    filter: dict[str, Any] | None = None,  # noqa: A002 - the word of the broadcast
) -> Broadcast:
    """Launched, for two hours from now."""
    await house.follow()
    due = (house.clock.now + TWO_HOURS).replace(tzinfo=None)
    draft = await house.draft(filter=filter, scheduled_for=due, time_zone="UTC")
    return await house.launch(await change(house, draft, audience_mode=mode))


async def come_due(house: House) -> None:
    """The queue service begins the step."""
    house.clock.forward(TWO_HOURS)
    await house.run_jobs()


async def work(house: House, broadcast: Broadcast) -> None:
    """Does what was asked of the engine, until nothing more is asked."""
    while house.engine.asked:
        tasks = house.engine.tasks()
        house.engine.forget()
        if SAVE_RECIPIENTS in tasks:
            await house.saver.save(house.workspace.id, broadcast.id)
        if "delivery.resume" in tasks:
            await house.launcher.resume(broadcast.id)
        if LAUNCH_STEP in tasks:
            await house.launcher.launch_step(broadcast.first_step.id)


async def recipients(house: House) -> list[str]:
    found = await house.rows(
        "select sms_address from broadcast.broadcast_recipients order by sms_address"
    )
    return [row["sms_address"] for row in found]


async def add_segment(house: House, *, frozen: bool) -> UUID:
    segment_id = uuid4()
    await house.execute(
        "insert into broadcast.segments"
        " (id, workspace_id, name, kind, filter, freezing, frozen_at, created_by)"
        " values (%s, %s, %s, %s, %s, %s, case when %s then now() end, 'Ana')",
        segment_id,
        house.workspace.id,
        str(segment_id),
        "frozen" if frozen else "dynamic",
        Jsonb(EVERYBODY),
        "saved" if frozen else "none",
        frozen,
    )
    return segment_id


def in_segment(segment_id: UUID) -> dict[str, Any]:
    """Deep in the filter, where it counts too."""
    condition = {"field": "@segment", "operator": "is_in", "value": [str(segment_id)]}
    return {"match": "any", "conditions": [{"match": "none", "conditions": [condition]}]}


# --- which mode


async def test_the_mode_follows_the_filter_until_somebody_chooses(house: House) -> None:
    current, frozen = [await add_segment(house, frozen=each) for each in (False, True)]
    draft = await house.draft()
    assert (draft.audience_mode, draft.audience_mode_chosen) == (WHEN_SCHEDULED, False)
    for document, mode in (
        (in_segment(frozen), WHEN_SCHEDULED),
        (in_segment(current), AT_SEND),
        (EVERYBODY, WHEN_SCHEDULED),
        (in_segment(current), AT_SEND),
    ):
        draft = await change(house, draft, filter=document)
        assert (draft.audience_mode, draft.audience_mode_chosen) == (mode, False)
    draft = await change(house, draft, name="Other")
    assert draft.audience_mode is AT_SEND
    draft = await change(house, draft, audience_mode=WHEN_SCHEDULED)
    assert (draft.audience_mode, draft.audience_mode_chosen) == (WHEN_SCHEDULED, True)
    draft = await change(house, draft, filter=in_segment(current))
    assert (draft.audience_mode, draft.audience_mode_chosen) == (WHEN_SCHEDULED, True)


async def test_a_choice_that_comes_with_the_filter_counts(house: House) -> None:
    current = await add_segment(house, frozen=False)
    draft = await change(
        house, await house.draft(), filter=in_segment(current), audience_mode=WHEN_SCHEDULED
    )
    assert draft.audience_mode is WHEN_SCHEDULED


# --- resolved at send


async def test_nobody_is_saved_before_the_time(house: House) -> None:
    await house.add_people(2)
    broadcast = await scheduled(house)
    assert (broadcast.status, broadcast.saving) == (Status.SCHEDULED, Saving.NONE)
    assert (broadcast.expected_recipients, broadcast.audience_at) == (2, None)
    assert house.engine.tasks() == [RUN]
    assert broadcast.awaits_its_audience
    assert await expected(house, broadcast) == 2
    await house.add_people(3, first=200)
    assert await expected(house, broadcast) == 5


async def test_those_who_match_at_the_time_get_it(house: House) -> None:
    ids = await house.add_people(3)
    broadcast = await scheduled(house)
    await house.execute("delete from public.contacts where id = %s", ids[0])
    await house.add_people(1, first=300)
    await come_due(house)
    await work(house, broadcast)
    sent = await house.read(broadcast)
    assert (sent.status, sent.saving, sent.saved_recipients) == (Status.SENDING, Saving.SAVED, 3)
    assert sent.audience_at == house.clock.now
    assert sent.expected_recipients == 3  # as it was seen when it was scheduled
    assert await recipients(house) == [number_of(101), number_of(102), number_of(300)]
    assert list(await house.statuses()) == [number_of(101), number_of(102), number_of(300)]


async def test_relative_dates_count_from_the_time(database: Database) -> None:
    house = await build_house(database, slice_size=1)
    await house.add_people(3)
    later = house.clock.now + timedelta(days=3)
    created = house.clock.now - timedelta(seconds=1)
    await house.execute("update public.contacts set created_at = %s", created)
    due = later.replace(tzinfo=None)
    await house.follow()
    draft = await house.draft(filter=LATELY, scheduled_for=due, time_zone="UTC")
    broadcast = await house.launch(await change(house, draft, audience_mode=AT_SEND))
    await house.execute(
        "update public.contacts set created_at = %s where first_name <> 'Person 100'",
        later - timedelta(seconds=1),
    )
    house.clock.forward(timedelta(days=3))
    await house.run_jobs()
    house.engine.forget()
    await house.launcher.launch_step(broadcast.first_step.id)
    house.clock.forward(timedelta(days=9))  # the saving is slow
    await work(house, broadcast)
    assert await recipients(house) == [number_of(101), number_of(102)]


async def test_what_is_sent_now_is_saved_now_in_either_mode(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    draft = await change(house, await house.draft(), audience_mode=AT_SEND)
    broadcast = await house.launch(draft)
    assert (broadcast.saving, broadcast.audience_at) == (Saving.SAVING, house.clock.now)
    assert house.engine.tasks() == [RUN, SAVE_RECIPIENTS]


async def test_the_launch_may_run_twice_and_at_once(database: Database) -> None:
    house = await build_house(database, slice_size=2)
    await house.add_people(7)
    broadcast = await scheduled(house)
    await come_due(house)
    house.engine.forget()
    step = broadcast.first_step.id
    await within(60, *(house.launcher.launch_step(step) for _ in range(4)))
    assert house.engine.tasks() == [SAVE_RECIPIENTS]
    saves = (house.saver.save(house.workspace.id, broadcast.id) for _ in range(3))
    launches = (house.launcher.launch_step(step) for _ in range(3))
    await within(60, *saves, *launches)
    await house.launcher.launch_step(step)
    assert len(await recipients(house)) == len(await house.messages()) == 7
    assert (await house.read(broadcast)).saved_recipients == 7


async def test_a_lost_task_is_found_by_the_sweep(house: House) -> None:
    await house.add_people(2)
    broadcast = await scheduled(house)
    await come_due(house)
    house.engine.forget()  # the launch was never run
    await house.launcher.find_idle()
    await work(house, broadcast)
    assert len(await house.messages()) == 2


@pytest.mark.parametrize("resumed_before", [True, False])
async def test_a_pause_in_between(house: House, resumed_before: bool) -> None:  # noqa: FBT001
    await house.add_people(2)
    broadcast = await scheduled(house)
    await act(house, broadcast, "pause")
    if resumed_before:
        await act(house, broadcast, "resume")
    await come_due(house)
    await work(house, broadcast)
    if not resumed_before:
        assert await recipients(house) == []  # it is not sent yet, so nobody is meant yet
        await house.add_people(1, first=300)
        house.clock.forward(timedelta(days=1))
        await act(house, broadcast, "resume")
        await work(house, broadcast)
    sent = await house.read(broadcast)
    assert (sent.status, sent.audience_at) == (Status.SENDING, house.clock.now)
    assert len(await house.messages()) == (2 if resumed_before else 3)


async def test_a_cancel_before_the_time_and_while_saving(database: Database) -> None:
    house = await build_house(database, slice_size=1)
    await house.add_people(3)
    early, late = await scheduled(house), await scheduled(house)
    await act(house, early, "cancel")
    await come_due(house)
    for broadcast in (early, late):
        await house.launcher.launch_step(broadcast.first_step.id)
    assert (await house.read(early)).saving is Saving.NONE
    async with database.as_worker() as connection:
        assert await house.saver._save_slice(connection, house.workspace.id, late.id)
    await act(house, late, "cancel")
    house.engine.forget()
    for broadcast in (early, late):
        await house.saver.save(house.workspace.id, broadcast.id)
        await house.launcher.launch_step(broadcast.first_step.id)
        assert (await house.read(broadcast)).status is Status.CANCELLED
    assert len(await recipients(house)) == 1
    assert await house.messages() == []


async def test_a_filter_that_breaks_meanwhile_is_told_and_heals(house: House) -> None:
    await house.add_contact(phone=number_of(100), metadata={"state": "TX"})
    broadcast = await scheduled(house, filter=TX)
    await house.execute("delete from broadcast.contact_fields")
    await come_due(house)
    house.engine.forget()
    await house.launcher.launch_step(broadcast.first_step.id)
    for _ in range(2):
        with pytest.raises(Invalid):
            await house.saver.save(house.workspace.id, broadcast.id)
    told = await house.read(broadcast)
    assert told.problem == (
        "The audience cannot be saved: The contacts have no field “metadata.state”."
    )
    assert await expected(house, told) is None
    await house.execute("update broadcast.change_followers set counted_at = null")
    await house.follow()
    await work(house, broadcast)
    healed = await house.read(broadcast)
    assert (healed.problem, healed.saving) == (None, Saving.SAVED)
    assert len(await house.messages()) == 1


async def test_the_outlook_says_when_the_audience_is_saved(house: House) -> None:
    await house.add_people(1)
    broadcast = await scheduled(house)
    await house.add_people(1, first=200)
    await house.follow()
    outlook = await house.outlook(broadcast)
    assert (outlook.matched, outlook.audience_mode) == (2, AT_SEND)
    assert outlook.note == "The audience is saved when the broadcast is sent."
    other = await scheduled(house, mode=WHEN_SCHEDULED)
    assert (await house.outlook(other)).note is None


# --- anew


async def test_the_audience_is_saved_anew(database: Database) -> None:
    house = await build_house(database, slice_size=2)
    ids = await house.add_people(5)
    broadcast = await scheduled(house, mode=WHEN_SCHEDULED)
    await work(house, broadcast)
    assert len(await recipients(house)) == 5
    await house.execute("delete from public.contacts where id = %s", ids[0])
    await house.execute(
        "update public.contacts set phone_number = %s where id = %s", number_of(400), ids[1]
    )
    await house.add_people(1, first=300)
    await house.follow()
    house.clock.forward(timedelta(minutes=1))
    renewed = await renew(house, broadcast)
    assert (renewed.saving, renewed.saved_recipients) == (Saving.SAVING, 0)
    assert (renewed.expected_recipients, renewed.audience_at) == (5, house.clock.now)
    assert house.engine.tasks() == [SAVE_RECIPIENTS]
    await work(house, broadcast)
    saved = await house.read(broadcast)
    assert (saved.status, saved.saving, saved.saved_recipients, saved.discard_up_to) == (
        Status.SCHEDULED,
        Saving.SAVED,
        5,
        None,
    )
    wanted = [number_of(number) for number in (102, 103, 104, 300, 400)]
    assert await recipients(house) == wanted
    await come_due(house)
    await work(house, broadcast)
    assert list(await house.statuses()) == wanted


async def test_saving_anew_goes_on_where_it_was_broken_off(database: Database) -> None:
    house = await build_house(database, slice_size=2)
    await house.add_people(5)
    broadcast = await scheduled(house, mode=WHEN_SCHEDULED)
    await work(house, broadcast)
    await renew(house, broadcast)
    for left in (3, 1, 0, 1):
        async with database.as_worker() as connection:
            assert await house.saver._save_slice(connection, house.workspace.id, broadcast.id)
        assert len(await recipients(house)) == left
    await renew(house, broadcast)  # and once more in the middle of it
    house.engine.forget()
    await within(60, *(house.saver.save(house.workspace.id, broadcast.id) for _ in range(3)))
    assert len(await recipients(house)) == 5
    assert (await house.read(broadcast)).saved_recipients == 5


async def test_the_time_comes_while_it_is_saved_anew(house: House) -> None:
    await house.add_people(2)
    broadcast = await scheduled(house, mode=WHEN_SCHEDULED)
    await work(house, broadcast)
    await house.add_people(1, first=300)
    await renew(house, broadcast)
    await come_due(house)
    await house.launcher.launch_step(broadcast.first_step.id)
    assert await house.messages() == []  # nothing leaves before all are saved
    await work(house, broadcast)
    assert len(await house.messages()) == 3


async def test_what_cannot_be_saved_anew_is_refused_in_words(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    draft = await house.draft()
    with pytest.raises(Conflict, match="still a draft"):
        await renew(house, draft)
    waiting = await scheduled(house)
    with pytest.raises(Conflict, match="saved when the broadcast is sent"):
        await renew(house, waiting)
    begun = await scheduled(house, mode=WHEN_SCHEDULED)
    await work(house, begun)
    await come_due(house)
    await act(house, begun, "pause")
    before = await house.rows("select * from broadcast.broadcast_recipients")
    with pytest.raises(Conflict, match="A step has begun"):
        await renew(house, begun)
    await act(house, begun, "resume")
    with pytest.raises(Conflict, match="is being sent"):
        await renew(house, begun)
    assert await house.rows("select * from broadcast.broadcast_recipients") == before
    with pytest.raises(NotFound):
        async with house.database.as_workspace(house.workspace.id) as connection:
            await renew_audience(
                connection,
                house.audience,
                house.engine,
                house.workspace,
                uuid4(),
                now=house.clock.now,
            )


async def test_a_step_that_begins_in_the_same_moment_gets_one_audience_whole(
    house: House,
) -> None:
    await house.add_people(4)
    broadcast = await scheduled(house, mode=WHEN_SCHEDULED)
    await work(house, broadcast)
    house.clock.forward(TWO_HOURS)

    async def try_renew() -> None:
        try:
            await renew(house, broadcast)
        except Conflict:
            return

    await within(60, house.run_jobs(), try_renew(), try_renew())
    await work(house, broadcast)
    assert len(await house.messages()) == len(await recipients(house)) == 4
