"""A step whose time was missed because nothing was running."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from clarion.broadcasts.broadcast import PausedBy, Status
from clarion.broadcasts.late import LATE_AFTER
from clarion.broadcasts.service import BroadcastChange
from clarion.broadcasts.step import StepStatus
from clarion.delivery.complete import complete
from support.house import House

if TYPE_CHECKING:
    from clarion.broadcasts.broadcast import Broadcast

IN_TIME = LATE_AFTER
LATE = LATE_AFTER + timedelta(minutes=1)


async def come_back(house: House, policy: str, *, after: timedelta) -> Broadcast:
    """A broadcast to three people, planned for a time at which nothing ran; `after` it a worker
    comes back."""
    await house.add_people(3)
    await house.follow()
    planned = house.clock.now + timedelta(hours=1)
    draft = await house.draft(scheduled_for=planned.replace(tzinfo=None), time_zone="UTC")
    async with house.database.as_workspace(house.workspace.id) as connection:
        draft = await house.broadcasts.change(
            connection,
            house.workspace,
            draft.id,
            BroadcastChange(version=draft.version, rules={"late_policy": policy}),
            now=house.clock.now,
        )
    await house.launch(draft)
    await house.saver.save(house.workspace.id, draft.id)
    house.clock.now = planned + after
    await house.run_jobs()
    return await house.read(draft)


async def job(house: House) -> tuple[str, str | None]:
    (row,) = await house.rows("select status, error from broadcast.queue_jobs")
    return row["status"], row["error"]


@pytest.mark.parametrize("policy", ["catch_up", "skip", "ask"])
async def test_a_quarter_of_an_hour_is_in_time(house: House, policy: str) -> None:
    broadcast = await come_back(house, policy, after=IN_TIME)
    assert (broadcast.status, broadcast.first_step.status) == (
        Status.SENDING,
        StepStatus.LAUNCHING,
    )
    assert (broadcast.problem, broadcast.paused_by) == (None, None)


async def test_catching_up_begins(house: House) -> None:
    broadcast = await come_back(house, "catch_up", after=LATE)
    assert broadcast.status is Status.SENDING
    await house.launcher.launch_step(broadcast.first_step.id)
    assert await house.counts() == {"pending": 3}


async def test_a_skipped_step_ends_unsent_and_its_broadcast_says_why(house: House) -> None:
    broadcast = await come_back(house, "skip", after=LATE)
    assert (broadcast.status, broadcast.first_step.status) == (
        Status.COMPLETED,
        StepStatus.CANCELLED,
    )
    assert broadcast.completed_at == house.clock.now
    assert broadcast.problem is not None
    assert broadcast.problem.startswith("Not sent: it was planned for ")
    assert await job(house) == ("failed", broadcast.problem)
    await house.launcher.launch_step(broadcast.first_step.id)
    assert await house.messages() == []


async def test_a_skipped_step_is_not_the_end_while_another_is_to_come(house: House) -> None:
    broadcast = await come_back(house, "catch_up", after=timedelta(0))
    second = (
        "insert into broadcast.broadcast_steps (workspace_id, broadcast_id, position, channel,"
        " time_zone, status, scheduled_at)"
        " values (%s, %s, 2, 'sms', 'UTC', 'scheduled', %s) returning id"
    )
    late_step = await house.value(second, house.workspace.id, broadcast.id, house.clock.now)
    await house.execute("update broadcast.broadcasts set late_policy = 'skip'")
    house.clock.forward(LATE)
    await _begin(house, late_step)
    now = await house.read(broadcast)
    assert [step.status for step in now.steps] == [StepStatus.LAUNCHING, StepStatus.CANCELLED]
    assert now.status is Status.SENDING
    # When the other has ended, nothing is left of it.
    await house.execute(
        "update broadcast.broadcast_steps set status = 'sending' where position = 1"
    )
    async with house.database.as_worker() as connection:
        await complete(connection, house.queue, now=house.clock.now)
    assert (await house.read(broadcast)).status is Status.COMPLETED


async def test_asking_pauses_it_until_a_person_resumes_it(house: House) -> None:
    broadcast = await come_back(house, "ask", after=LATE)
    assert (broadcast.status, broadcast.paused_by) == (Status.PAUSED, PausedBy.MISSED_TIME)
    assert "was missed by 16 minutes" in (broadcast.problem or "")
    await house.launcher.launch_step(broadcast.first_step.id)
    assert await house.counts() == {"pending": 3}
    async with house.database.as_workspace(house.workspace.id) as connection:
        resumed = await house.broadcasts.resume(
            connection, house.workspace, broadcast.id, now=house.clock.now
        )
    assert (resumed.status, resumed.paused_by, resumed.problem) == (Status.SENDING, None, None)


async def test_asking_once_is_enough(house: House) -> None:
    """The queue says it twice: the second time the step has begun."""
    broadcast = await come_back(house, "ask", after=LATE)
    await house.run_jobs()
    assert await house.read(broadcast) == broadcast


async def test_who_has_cancelled_it_is_not_asked(house: House) -> None:
    await house.add_people(1)
    await house.follow()
    planned = house.clock.now + timedelta(hours=1)
    draft = await house.draft(scheduled_for=planned.replace(tzinfo=None), time_zone="UTC")
    await house.launch(draft)
    await house.execute("update broadcast.broadcasts set late_policy = 'ask'")
    async with house.database.as_workspace(house.workspace.id) as connection:
        await house.broadcasts.cancel(connection, house.workspace, draft.id, now=house.clock.now)
    house.clock.now = planned + LATE
    await _begin(house, draft.first_step.id)
    broadcast = await house.read(draft)
    assert (broadcast.status, broadcast.problem) == (Status.CANCELLED, None)


async def _begin(house: House, step_id: object) -> None:
    """The queue service says that the time of this step has come."""
    await house.execute(
        "insert into broadcast.queue_jobs (workspace_id, kind, status, payload, scheduled_at,"
        " fingerprint, engine, created_by)"
        " values (%s, 'broadcast_step', 'scheduled', jsonb_build_object('step_id', %s::text), %s,"
        " '', 'built_in', 'test')",
        house.workspace.id,
        str(step_id),
        house.clock.now,
    )
    await house.run_jobs()
