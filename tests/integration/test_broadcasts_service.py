from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from clarion.broadcasts.broadcast import BroadcastType, Status
from clarion.broadcasts.pace import USED
from clarion.broadcasts.service import BroadcastChange
from clarion.broadcasts.step import SendMode
from clarion.broadcasts.step_change import StepChange
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Conflict, Invalid, NotFound
from clarion.queue.engine import ProcrastinateEngine
from clarion.queue.service import RUN
from support.house import ANA, EVERYBODY, House, build_house, number_of

if TYPE_CHECKING:
    from clarion.broadcasts.broadcast import Broadcast
    from clarion.db.connection import Database

_TX = {
    "match": "all",
    "conditions": [{"field": "metadata.state", "operator": "is", "value": "TX"}],
}


async def change(house: House, broadcast: Broadcast, **what: Any) -> Broadcast:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await house.broadcasts.change(
            connection,
            house.workspace,
            broadcast.id,
            BroadcastChange(**{"version": broadcast.version, **what}),
            now=house.clock.now,
        )


async def change_step(house: House, broadcast: Broadcast, **what: Any) -> Broadcast:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await house.broadcasts.steps.change(
            connection,
            ANA,
            house.workspace,
            broadcast.id,
            broadcast.first_step.id,
            StepChange(**{"version": broadcast.version, **what}),
            now=house.clock.now,
        )


async def act(house: House, broadcast: Broadcast, verb: str) -> Broadcast:
    """pause, resume, cancel."""
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await getattr(house.broadcasts, verb)(  # type: ignore[no-any-return]
            connection, house.workspace, broadcast.id, now=house.clock.now
        )


async def delete(house: House, broadcast: Broadcast) -> None:
    async with house.database.as_workspace(house.workspace.id) as connection:
        await house.broadcasts.delete(connection, house.workspace, broadcast.id)


async def everything(house: House) -> list[Any]:
    """What a refused launch must leave as it was."""
    return [
        await house.rows("select * from broadcast.broadcasts order by id"),
        await house.rows("select * from broadcast.broadcast_steps order by id"),
        await house.rows("select * from broadcast.queue_jobs order by id"),
        list(house.engine.asked),
    ]


async def test_a_new_broadcast_is_a_draft_with_one_empty_sms_step(house: House) -> None:
    async with house.database.as_workspace(house.workspace.id) as connection:
        made = await house.broadcasts.create(
            connection,
            ANA,
            house.workspace,
            name="  ",
            broadcast_type=BroadcastType.SMS,
            now=house.clock.now,
        )
    assert (made.name, made.status, made.version) == ("Untitled broadcast", Status.DRAFT, 1)
    assert made.created_by == "Ana"
    (step,) = made.steps
    assert (step.position, step.channel, step.body, step.send_mode) == (1, "sms", "", "now")
    assert step.time_zone == house.workspace.time_zone


@pytest.mark.parametrize("kind", list(BroadcastType))
async def test_the_steps_go_where_the_broadcast_goes(house: House, kind: BroadcastType) -> None:
    changed = await change(house, await house.draft(), broadcast_type=kind)
    assert changed.first_step.channel.value == kind.value
    assert changed.first_step.body == "Hello"


async def test_each_change_makes_a_version_and_an_old_one_is_refused(house: House) -> None:
    broadcast = await house.draft()
    renamed = await change(house, broadcast, name=" Autumn ")
    assert (renamed.name, renamed.version) == ("Autumn", broadcast.version + 1)
    written = await change_step(house, renamed, body="Hi")
    assert (written.first_step.body, written.version) == ("Hi", broadcast.version + 2)
    with pytest.raises(Conflict, match="changed elsewhere"):
        await change(house, broadcast, name="Winter")
    with pytest.raises(Conflict, match="changed elsewhere"):
        await change_step(house, broadcast, body="Ho")
    assert (await house.read(broadcast)) == written


async def test_what_is_not_given_stays(house: House) -> None:
    await house.add_contact(metadata={"state": "TX"})
    await house.follow()
    tomorrow = (house.clock.now + timedelta(days=1)).replace(tzinfo=None)
    broadcast = await house.draft("Hi", filter=_TX, scheduled_for=tomorrow, time_zone="UTC")
    renamed = await change(house, broadcast, name="Autumn")
    assert renamed.filter == _TX
    assert renamed.steps == broadcast.steps
    step = (await change_step(house, renamed, body="Ho")).first_step
    assert (step.send_mode, step.scheduled_for, step.time_zone) == (
        SendMode.LATER,
        tomorrow,
        "UTC",
    )


async def test_a_wrong_filter_and_an_empty_name_are_refused_at_their_place(house: House) -> None:
    broadcast = await house.draft()
    with pytest.raises(Invalid) as refused:
        await change(house, broadcast, filter=_TX)
    assert refused.value.faults[0].pointer == "/filter/conditions/0/field"
    with pytest.raises(Invalid) as refused:
        await change(house, broadcast, name="  ")
    assert refused.value.faults[0].pointer == "/name"
    assert await house.read(broadcast) == broadcast


@pytest.mark.parametrize(
    ("what", "pointer"),
    [
        ({"scheduled_for": datetime(2020, 1, 1, 9)}, "/scheduled_for"),  # noqa: DTZ001
        ({"scheduled_for": datetime(2200, 1, 1, 9)}, "/scheduled_for"),  # noqa: DTZ001
        (
            {"scheduled_for": datetime.fromisoformat("2027-01-01T09:00:00+00:00")},
            "/scheduled_for",
        ),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
    ],
)
async def test_a_time_that_cannot_be_is_refused_at_its_field(
    house: House, what: dict[str, Any], pointer: str
) -> None:
    broadcast = await house.draft()
    with pytest.raises(Invalid) as refused:
        await change_step(house, broadcast, send_mode=SendMode.LATER, **what)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert await house.read(broadcast) == broadcast


async def test_another_zone_means_another_moment_of_the_same_wall_time(house: House) -> None:
    wall = (house.clock.now + timedelta(days=3)).replace(tzinfo=None, hour=9, minute=0, second=0)
    broadcast = await house.draft(scheduled_for=wall, time_zone="UTC")
    moved = await change_step(house, broadcast, time_zone="Asia/Kolkata")
    before, after = broadcast.first_step.scheduled_at, moved.first_step.scheduled_at
    assert before is not None
    assert after == before - timedelta(hours=5, minutes=30)
    assert moved.first_step.scheduled_for == wall


async def test_a_step_of_another_broadcast_is_not_changed(house: House) -> None:
    one, other = await house.draft("one"), await house.draft("other")
    async with house.database.as_workspace(house.workspace.id) as connection:
        with pytest.raises(NotFound):
            await house.broadcasts.steps.change(
                connection,
                ANA,
                house.workspace,
                one.id,
                other.first_step.id,
                StepChange(version=one.version, body="x"),
                now=house.clock.now,
            )


async def test_a_broadcast_that_is_not_there_is_not_found(house: House) -> None:
    async with house.database.as_workspace(house.workspace.id) as connection:
        with pytest.raises(NotFound):
            await house.broadcasts.pause(connection, house.workspace, uuid4(), now=house.clock.now)


# --- the outlook


async def test_the_outlook_adds_up(house: House) -> None:
    # "Hi Person 100" and 150 characters more: 163 characters, two segments of GSM-7.
    await house.add_people(3)
    await house.add_contact(first_name="Bo", phone=number_of(200))  # 155 characters: one segment
    await house.add_contact(phone=None)
    await house.add_contact(first_name=None, phone=number_of(201))
    await house.follow()
    outlook = await house.outlook(
        await house.draft("Hi {{ first_name }}" + "." * 150), rate=Decimal("2.5")
    )
    assert (outlook.matched, outlook.will_send) == (6, 5)
    assert dict(outlook.reach[Channel.SMS].left_out) == {"no_phone": 1}
    # "Hi [first name?]" and 150 more are two segments as well.
    assert outlook.measured.shares == {1: 1, 2: 4}
    assert outlook.measured.segments == 9
    assert outlook.measured.exact
    assert outlook.cost.amount == Decimal("0.07")  # nine times 0.0079 is 0.0711
    assert [(each.token, each.recipients) for each in outlook.missing_tokens] == [("first_name", 1)]
    assert outlook.done_at is not None
    took = outlook.done_at - outlook.starts_at
    assert took == pytest.approx(timedelta(seconds=float(2 / USED)), abs=timedelta(microseconds=1))
    assert [(each.step.value, each.pointer) for each in outlook.problems] == [("compose", "/body")]


async def test_a_fallback_mends_a_missing_value(house: House) -> None:
    await house.add_contact(first_name=None, phone=number_of(100))
    await house.follow()
    outlook = await house.outlook(await house.draft("Hi {{ first_name | default: 'friend' }}"))
    assert (outlook.missing_tokens, outlook.problems) == ((), ())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "Write the message."),
        ("Hi {{ metadata.nobody }}", "no field"),
        ("Hi {{ first_name", ""),
        ("x" * 1_601, "1,601 characters"),
    ],
)
async def test_what_is_wrong_with_the_text_is_a_problem_of_composing(
    house: House, body: str, words: str
) -> None:
    await house.add_people(1)
    await house.follow()
    (problem,) = (await house.outlook(await house.draft(body))).problems
    assert (problem.step.value, problem.pointer) == ("compose", "/body")
    assert words in problem.detail


async def test_nobody_to_send_to_is_a_problem_of_the_audience(house: House) -> None:
    broadcast = await house.draft()
    (problem,) = (await house.outlook(broadcast)).problems
    assert (problem.step.value, problem.detail) == (
        "audience",
        "No contact matches this filter.",
    )
    await house.add_contact(phone=None)
    (problem,) = (await house.outlook(broadcast)).problems
    assert problem.detail == "None of the 1 matched contacts can get an SMS."


async def test_a_time_that_has_passed_since_is_a_problem_of_the_schedule(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    soon = (house.clock.now + timedelta(hours=1)).replace(tzinfo=None)
    broadcast = await house.draft(scheduled_for=soon, time_zone="UTC")
    assert (await house.outlook(broadcast)).problems == ()
    house.clock.forward(timedelta(hours=2))
    (problem,) = (await house.outlook(broadcast)).problems
    assert (problem.step.value, problem.pointer) == ("schedule", "/scheduled_for")


async def test_a_field_that_has_gone_is_a_problem_of_the_audience(house: House) -> None:
    await house.add_contact(phone=number_of(100), metadata={"state": "TX"})
    await house.follow()
    broadcast = await house.draft(filter=_TX)
    await house.execute("delete from broadcast.contact_fields")
    (problem,) = (await house.outlook(broadcast)).problems
    assert (problem.step.value, problem.pointer) == ("audience", "/filter/conditions/0/field")


# --- launch


async def test_a_launch_hands_the_step_to_the_queue_and_asks_to_save(house: House) -> None:
    await house.add_people(2)
    await house.follow()
    launched = await house.launch(await house.draft())
    assert (launched.status, launched.saving) == (Status.SCHEDULED, "saving")
    assert (launched.launched_at, launched.expected_recipients) == (house.clock.now, 2)
    (job,) = await house.rows("select * from broadcast.queue_jobs")
    step = launched.first_step
    assert (step.status, step.job_id, step.scheduled_at) == (
        "scheduled",
        job["id"],
        house.clock.now,
    )
    assert job["payload"] == {"broadcast_id": str(launched.id), "step_id": str(step.id)}
    assert house.engine.tasks() == [RUN, "broadcasts.save_recipients"]


async def test_a_launch_for_later_waits_for_its_time(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    later = house.clock.now + timedelta(hours=3)
    launched = await house.launch(
        await house.draft(scheduled_for=later.replace(tzinfo=None), time_zone="UTC")
    )
    assert house.engine.asked[0].at == later
    await house.run_jobs()
    assert (await house.read(launched)).status == "scheduled"
    house.clock.forward(timedelta(hours=3))
    await house.run_jobs()
    begun = await house.read(launched)
    assert (begun.status, begun.first_step.status) == ("sending", "launching")


async def test_a_launch_with_problems_tells_each_and_changes_nothing(house: House) -> None:
    broadcast = await house.draft("")
    before = await everything(house)
    with pytest.raises(Invalid) as refused:
        await house.launch(broadcast)
    assert [fault.pointer for fault in refused.value.faults] == ["/filter", "/body"]
    assert await everything(house) == before


async def test_a_launch_on_a_moved_audience_is_refused_and_changes_nothing(house: House) -> None:
    await house.add_people(2)
    await house.follow()
    broadcast = await house.draft()
    before = await everything(house)
    with pytest.raises(Conflict, match="2 people would get the SMS now, not 1"):
        await house.launch(broadcast, expected=1)
    assert await everything(house) == before


async def test_a_second_launch_and_one_of_an_old_version_are_refused(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    broadcast = await house.draft()
    newer = await change(house, broadcast, name="Other")
    with pytest.raises(Conflict, match="changed elsewhere"):
        await house.launch(broadcast)
    await house.launch(newer)
    before = await everything(house)
    with pytest.raises(Conflict, match="is scheduled"):
        await house.launch(await house.read(newer))
    assert await everything(house) == before


async def test_a_paused_broadcast_is_resumed_and_never_launched_again(house: House) -> None:
    await house.add_people(1)
    broadcast = await house.launched()
    await act(house, broadcast, "pause")
    before = await everything(house)
    with pytest.raises(Conflict, match="is paused"):
        await house.launch(await house.read(broadcast))
    assert await everything(house) == before


async def test_a_launch_that_is_rolled_back_leaves_no_job_anywhere(database: Database) -> None:
    house = await build_house(database, engine=ProcrastinateEngine(database.dsn))
    await house.add_people(1)
    await house.follow()
    broadcast = await house.draft()
    outlook = await house.outlook(broadcast)

    async def launch(*, then_fail: bool) -> None:
        async with database.as_workspace(house.workspace.id) as connection:
            await house.broadcasts.launch(
                connection,
                ANA,
                house.workspace,
                broadcast.id,
                version=broadcast.version,
                expected_recipients=1,
                outlook=outlook,
                now=house.clock.now,
            )
            if then_fail:
                raise ZeroDivisionError

    async def jobs() -> int:
        found: int = await house.value(
            "select (select count(*) from broadcast.queue_jobs)"
            " + (select count(*) from procrastinate.procrastinate_jobs)"
        )
        return found

    with pytest.raises(ZeroDivisionError):
        await launch(then_fail=True)
    assert (await jobs(), await house.read(broadcast)) == (0, broadcast)
    await launch(then_fail=False)
    assert await jobs() == 3  # the step's job, the task that runs it, the task that saves


# --- pause, resume, cancel, delete


async def test_pause_and_resume_before_and_after_the_step_has_begun(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    broadcast = await house.launch(await house.draft())
    assert (await act(house, broadcast, "pause")).status == "paused"
    assert (await act(house, broadcast, "resume")).status == "scheduled"
    await act(house, broadcast, "pause")
    await house.run_jobs()  # its time comes while it is paused
    assert (await house.read(broadcast)).status == "paused"
    assert (await act(house, broadcast, "resume")).status == "sending"
    with pytest.raises(Conflict):
        await act(house, broadcast, "resume")


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
async def test_a_draft_is_neither_paused_nor_resumed_nor_cancelled(house: House, verb: str) -> None:
    broadcast = await house.draft()
    with pytest.raises(Conflict):
        await act(house, broadcast, verb)
    assert await house.read(broadcast) == broadcast


async def test_a_cancelled_broadcast_takes_its_jobs_along(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    broadcast = await house.launch(await house.draft())
    cancelled = await act(house, broadcast, "cancel")
    assert (cancelled.status, cancelled.completed_at) == ("cancelled", house.clock.now)
    assert [step.status for step in cancelled.steps] == ["cancelled"]
    assert await house.value("select status from broadcast.queue_jobs") == "cancelled"
    await house.run_jobs()
    await house.saver.save(house.workspace.id, broadcast.id)
    assert (await house.read(broadcast)).status == "cancelled"
    assert await house.value("select count(*) from broadcast.broadcast_recipients") == 0
    with pytest.raises(Conflict):
        await act(house, broadcast, "cancel")


async def test_cancelling_what_has_begun_ends_its_job(house: House) -> None:
    await house.add_people(1)
    broadcast = await house.launched()
    await act(house, broadcast, "cancel")
    (job,) = await house.rows("select status, error from broadcast.queue_jobs")
    assert job == {"status": "failed", "error": "The broadcast was cancelled."}


async def test_only_a_draft_can_be_deleted(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    draft, launched = await house.draft(), await house.draft()
    await house.launch(launched)
    with pytest.raises(Conflict):
        await delete(house, launched)
    await delete(house, draft)
    assert [row["id"] for row in await house.rows("select id from broadcast.broadcasts")] == [
        launched.id
    ]
    with pytest.raises(Conflict):
        await change(house, await house.read(launched), name="late")


# --- saving recipients


async def recipients(house: House) -> list[tuple[str, str | None, str | None]]:
    return [
        (row["name"], row["sms_address"], row["sms_left_out"])
        for row in await house.rows(
            "select name, sms_address, sms_left_out from broadcast.broadcast_recipients order by id"
        )
    ]


@pytest.mark.parametrize("slice_size", [1, 2, 3, 100])
async def test_the_audience_is_saved_alike_in_slices_of_any_size(
    database: Database, slice_size: int
) -> None:
    house = await build_house(database, slice_size=slice_size)
    phones = ["5125550100", None, "+1 512 555 0100", "nonsense", "5125550101", "512-555-0100"]
    for number, phone in enumerate(phones):
        await house.add_contact(first_name=f"P{number}", phone=phone, contact_id=f"{number:032}")
    await house.follow()
    broadcast = await house.launch(await house.draft())
    await house.saver.save(house.workspace.id, broadcast.id)
    assert await recipients(house) == [
        ("P0", number_of(100), None),
        ("P1", None, "no_phone"),
        ("P2", number_of(100), "duplicate_number"),
        ("P3", None, "invalid_phone"),
        ("P4", number_of(101), None),
        ("P5", number_of(100), "duplicate_number"),
    ]
    saved = await house.read(broadcast)
    assert (saved.saving, saved.saved_recipients) == ("saved", 6)


async def test_the_saved_audience_is_the_one_of_the_estimate(house: House) -> None:
    for phone in ("5125550100", "\t", "12", "5125550101", None):
        await house.add_contact(phone=phone)
    await house.follow()
    broadcast = await house.draft()
    outlook = await house.outlook(broadcast)
    await house.launch(broadcast)
    await house.saver.save(house.workspace.id, broadcast.id)
    saved = [reason for _, _, reason in await recipients(house)]
    assert saved.count(None) == outlook.will_send == 2
    assert {
        reason.value: count for reason, count in outlook.reach[Channel.SMS].left_out.items()
    } == {reason: saved.count(reason) for reason in saved if reason}


async def test_saving_goes_on_where_it_was_broken_off(database: Database) -> None:
    house = await build_house(database, slice_size=2)
    await house.add_people(7)
    await house.follow()
    broadcast = await house.launch(await house.draft())
    async with database.as_worker() as connection:
        assert await house.saver._save_slice(connection, house.workspace.id, broadcast.id)
    partly = await house.read(broadcast)
    # The first slice is a smaller one.
    assert (partly.saving, partly.saved_recipients) == ("saving", 1)
    house.engine.forget()
    await house.saver.save(house.workspace.id, broadcast.id)
    assert len(await recipients(house)) == 7
    assert house.engine.tasks() == ["delivery.launch_step"]


async def test_saving_twice_adds_nothing(house: House) -> None:
    await house.add_people(3)
    await house.follow()
    broadcast = await house.launch(await house.draft())
    await house.saver.save(house.workspace.id, broadcast.id)
    before = await house.rows("select * from broadcast.broadcast_recipients order by id")
    await house.add_people(1, first=300)
    await house.saver.save(house.workspace.id, broadcast.id)
    assert await house.rows("select * from broadcast.broadcast_recipients order by id") == before


async def test_a_contact_that_changes_later_does_not_change_what_was_saved(house: House) -> None:
    await house.add_contact(
        first_name="Ann", last_name="Lee", phone="5125550100", metadata={"state": "TX"}
    )
    await house.follow()
    broadcast = await house.launch(await house.draft("Hi {{ first_name }}"))
    await house.saver.save(house.workspace.id, broadcast.id)
    await house.execute(
        "update public.contacts"
        " set first_name = 'Eve', phone_number = '5125550199', metadata = '{}'"
    )
    (row,) = await house.rows("select * from broadcast.broadcast_recipients")
    assert (row["name"], row["sms_address"]) == ("Ann Lee", number_of(100))
    assert row["contact"]["metadata"] == {"state": "TX"}
    await house.run_jobs()
    await house.launcher.launch_step(broadcast.first_step.id)
    await house.send(broadcast)
    assert [(each.to, each.body) for each in house.provider.sent] == [(number_of(100), "Hi Ann")]


async def test_relative_dates_count_from_the_launch_in_every_slice(database: Database) -> None:
    house = await build_house(database, slice_size=1)
    await house.add_people(2)
    await house.execute("update public.contacts set created_at = %s", house.clock.now)
    await house.follow()
    document = {
        "match": "all",
        "conditions": [{"field": "created_at", "operator": "in_last_days", "value": 0}],
    }
    house.clock.forward(timedelta(seconds=1))
    broadcast = await house.launch(await house.draft(filter=document))
    house.clock.forward(timedelta(days=3))
    await house.saver.save(house.workspace.id, broadcast.id)
    assert len(await recipients(house)) == 2


async def test_a_number_that_nobody_has_checked_is_checked_while_saving(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    broadcast = await house.launch(await house.draft())
    await house.add_contact(
        first_name="New", phone="5125550101", contact_id="ffffffff-0000-4000-8000-000000000000"
    )
    await house.saver.save(house.workspace.id, broadcast.id)
    assert (await recipients(house))[-1] == ("New", number_of(101), None)


def test_the_empty_filter_means_everybody() -> None:
    assert EVERYBODY == {"match": "all", "conditions": []}
