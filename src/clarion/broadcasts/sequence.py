"""The steps of a broadcast as people edit them: use cases, each in the caller's transaction.

A draft's steps change freely. Of a broadcast that was launched those that have not begun do, and
the jobs that wait for their time move with them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from clarion.broadcasts.broadcast import Broadcast, Saving, Status
from clarion.broadcasts.frozen_snippets import check_named, freeze_snippets
from clarion.broadcasts.plan import USUAL_HOUR, day_after, due_at, first_day, plan
from clarion.broadcasts.schedule import check_moment, moment_of, read_zone
from clarion.broadcasts.step import NOT_BEGUN, SendMode, Step, StepStatus
from clarion.broadcasts.step_change import TIME_FIELDS, StepChange, changed
from clarion.broadcasts.step_effects import effects_of
from clarion.broadcasts.store import columns_of, get_broadcast, queries
from clarion.broadcasts.submit_step import submit_step
from clarion.content.snippets.store import snippet_texts
from clarion.kernel.errors import Conflict, Fault, Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, time
    from uuid import UUID

    from clarion.broadcasts.step_effects import Effects
    from clarion.db.connection import Connection
    from clarion.kernel.actor import Actor
    from clarion.kernel.workspace import Workspace
    from clarion.queue.service import QueueService

#: More steps than anybody has followed to the end.
MOST_STEPS = 50

_CHANGEABLE = (Status.DRAFT, Status.SCHEDULED, Status.SENDING, Status.PAUSED)

#: The time that is left for writing a step that is added to a sequence under way. One that is due
#: before anybody has written it sends nothing, and has had its turn.
_TO_WRITE = timedelta(hours=12)


class SequenceEditor:
    """Each use case returns the broadcast as it is then. All raise NotFound, and Conflict when it
    was changed since `version` was read, when it has ended, or when the step has begun."""

    def __init__(self, queue: QueueService) -> None:
        self._queue = queue

    async def add(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        broadcast_id: UUID,
        *,
        version: int,
        now: datetime,
    ) -> Broadcast:
        """One more step, on the day after the last one at the same hour; once launched, on the
        first such day that is at least twelve hours away."""
        broadcast = await self._held(connection, workspace, broadcast_id, version)
        _check_room(broadcast)
        last = broadcast.steps[-1]
        day_number, day_time = _day_after(broadcast, last, now)
        await queries.add_step(
            connection,
            workspace_id=workspace.id,
            broadcast_id=broadcast_id,
            channel=last.channel,
            time_zone=last.time_zone,
            send_mode=SendMode.LATER,
            day_number=day_number,
            day_time=day_time,
            zone_mode=last.zone_mode,
        )
        return await self._planned(connection, actor, workspace, broadcast_id, now=now)

    async def copy(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        broadcast_id: UUID,
        step_id: UUID,
        *,
        version: int,
        now: datetime,
    ) -> Broadcast:
        """The same step once more, right after it and a day later, or as late as `add` has it."""
        broadcast = await self._held(connection, workspace, broadcast_id, version)
        _check_room(broadcast)
        step = _step(broadcast, step_id)
        made = await queries.copy_step(connection, id=step_id)
        await queries.copy_step_files(connection, from_id=step_id, to_id=made["id"])
        order = [each.id for each in broadcast.steps]
        order.insert(step.position, made["id"])
        await queries.put_positions(connection, broadcast_id=broadcast_id, ids=order)
        after = await get_broadcast(connection, workspace.id, broadcast_id)
        copy = next(each for each in after.steps if each.id == made["id"])
        day_number, day_time = _day_after(broadcast, step, now)
        on_day = {
            "send_mode": "later",
            "scheduled_for": None,
            "day_number": day_number,
            "day_time": f"{day_time:%H:%M}",
        }
        later = changed(copy, on_day, of=broadcast.broadcast_type)
        await queries.change_step(connection, **columns_of(later))
        return await self._planned(connection, actor, workspace, broadcast_id, now=now)

    async def put_all(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        broadcast_id: UUID,
        steps: Sequence[Mapping[str, Any]],
        *,
        version: int,
        now: datetime,
    ) -> Broadcast:
        """These steps in the place of all that the draft has, its files included; each is what
        `change` is given. The first one keeps its time. Raises Conflict for what was launched,
        Invalid with each field that is wrong, below /steps."""
        broadcast = await self._held(connection, workspace, broadcast_id, version)
        if broadcast.status is not Status.DRAFT:
            raise Conflict("It was launched: its steps can be changed one by one, not replaced.")
        for step in broadcast.steps[1:]:
            await queries.remove_step(connection, id=step.id)
        first = broadcast.first_step
        await queries.remove_step_files(connection, id=first.id)
        for _ in steps[1:]:
            await queries.add_step(
                connection,
                workspace_id=workspace.id,
                broadcast_id=broadcast_id,
                channel=first.channel,
                time_zone=first.time_zone,
                send_mode=SendMode.LATER,
                day_number=2,
                day_time=USUAL_HOUR,
                zone_mode=first.zone_mode,
            )
        empty = await get_broadcast(connection, workspace.id, broadcast_id)
        faults: list[Fault] = []
        for index, (step, given) in enumerate(zip(empty.steps, steps, strict=True)):
            try:
                made = changed(step, given, of=broadcast.broadcast_type)
            except Invalid as error:
                faults += [
                    Fault(pointer=f"/steps/{index}{each.pointer}", detail=each.detail)
                    for each in error.faults
                ]
                continue
            await queries.change_step(connection, **columns_of(made))
        if faults:
            raise Invalid(faults[0].detail, faults=faults)
        return await self._planned(connection, actor, workspace, broadcast_id, now=now)

    async def remove(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        broadcast_id: UUID,
        step_id: UUID,
        *,
        version: int | None,
        now: datetime,
    ) -> Broadcast:
        """Raises Conflict for the only step. `version` None: whatever was changed meanwhile."""
        broadcast = await self._held(connection, workspace, broadcast_id, version)
        step = _not_begun(_step(broadcast, step_id))
        if len(broadcast.steps) == 1:
            raise Conflict("A broadcast has at least one step.")
        if step.job_id is not None:
            await self._queue.give_up(connection, workspace.id, step.job_id, now=now)
        await queries.remove_step(connection, id=step_id)
        rest = [each for each in broadcast.steps if each.id != step_id]
        if step.position == 1:
            # The day of the first step is the one from which the others count.
            await self._take_place(connection, broadcast, rest[0], step)
        await queries.put_positions(
            connection, broadcast_id=broadcast_id, ids=[each.id for each in rest]
        )
        return await self._planned(connection, actor, workspace, broadcast_id, now=now)

    async def reorder(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        broadcast_id: UUID,
        order: Sequence[UUID],
        *,
        version: int,
        now: datetime,
    ) -> Broadcast:
        """The steps in another order. The times stay where they are: what comes to stand at a place
        is sent when the place says.

        Raises Invalid when `order` does not name each step once; Conflict when a step that has
        begun would change its place.
        """
        broadcast = await self._held(connection, workspace, broadcast_id, version)
        by_id: dict[UUID, Step] = {step.id: step for step in broadcast.steps}
        if sorted(order) != sorted(by_id):
            detail = "Name each step of the broadcast once."
            raise Invalid(detail, faults=[Fault(pointer="/order", detail=detail)])
        for place, step_id in zip(broadcast.steps, order, strict=True):
            if place.id != step_id:
                await self._take_place(connection, broadcast, by_id[step_id], place)
        await queries.put_positions(connection, broadcast_id=broadcast_id, ids=list(order))
        return await self._planned(connection, actor, workspace, broadcast_id, now=now)

    async def change(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        broadcast_id: UUID,
        step_id: UUID,
        change: StepChange,
        *,
        now: datetime,
    ) -> Broadcast:
        """Raises Invalid with each field that is wrong."""
        broadcast = await self._held(connection, workspace, broadcast_id, change.version)
        after = self._changed(broadcast, step_id, change, now=now)
        before = _step(broadcast, step_id)
        step = next(each for each in after if each.id == step_id)
        await queries.change_step(connection, **columns_of(step))
        if _is_planned(broadcast) and (before.body, before.mail) != (step.body, step.mail):
            snippets = await snippet_texts(connection, workspace.id)
            check_named(step, snippets)
            await freeze_snippets(connection, [step], snippets)
        return await self._planned(connection, actor, workspace, broadcast_id, now=now)

    async def effects(
        self,
        connection: Connection,
        workspace: Workspace,
        broadcast_id: UUID,
        step_id: UUID,
        change: StepChange,
        *,
        now: datetime,
    ) -> Effects:
        """What the change would do to whom. Writes nothing; raises what `change` raises."""
        broadcast = await self._held(connection, workspace, broadcast_id, change.version)
        after = self._changed(broadcast, step_id, change, now=now)
        begins_at = broadcast.launched_at or now
        people = None
        if broadcast.saving is Saving.SAVED:
            people = await queries.still_in(connection, broadcast_id=broadcast_id)
        return effects_of(
            broadcast.steps,
            after,
            day_1=(
                first_day(broadcast.steps, begins_at=begins_at),
                first_day(after, begins_at=begins_at),
            ),
            people=people,
        )

    def _changed(
        self, broadcast: Broadcast, step_id: UUID, change: StepChange, *, now: datetime
    ) -> tuple[Step, ...]:
        """All steps as they would be."""
        step = _not_begun(_step(broadcast, step_id))
        made = changed(step, change.given, of=broadcast.broadcast_type)
        zone = read_zone(made.time_zone)
        if made.scheduled_for is not None:
            moment_of(made.scheduled_for, zone)
        after = tuple(made if each.id == step_id else each for each in broadcast.steps)
        day_1 = first_day(after, begins_at=broadcast.launched_at or now)
        due = due_at(made, made.zone, day_1)
        touches_time = any(
            change.given.get(name) is not None for name in TIME_FIELDS - {"send_mode"}
        )
        if due is not None and touches_time:
            check_moment(due, now=now)
        if made.send_mode is SendMode.LATER and due is None and _is_planned(broadcast):
            detail = "Choose a date and a time."
            raise Invalid(detail, faults=[Fault(pointer="/scheduled_for", detail=detail)])
        return after

    async def _held(
        self,
        connection: Connection,
        workspace: Workspace,
        broadcast_id: UUID,
        version: int | None,
    ) -> Broadcast:
        # Jobs before broadcasts, as when the time of a step has come.
        before = await get_broadcast(connection, workspace.id, broadcast_id)
        await self._queue.hold(
            connection, [step.job_id for step in before.steps if step.job_id is not None]
        )
        broadcast = await get_broadcast(connection, workspace.id, broadcast_id, lock=True)
        if broadcast.status not in _CHANGEABLE:
            raise Conflict("The broadcast has ended; its steps cannot be changed any more.")
        if version is not None and broadcast.version != version:
            raise Conflict("The broadcast was changed elsewhere since you opened it.")
        return broadcast

    async def _take_place(
        self, connection: Connection, broadcast: Broadcast, step: Step, place: Step
    ) -> None:
        """The step is due from now on when the step at this place was."""
        if step.has_begun or place.has_begun:
            raise Conflict("A step that has begun keeps its place.")
        times = {
            "send_mode": place.send_mode,
            "scheduled_for": place.scheduled_for,
            "day_number": place.day_number,
            "day_time": place.day_time,
        }
        there = replace(step, position=place.position)
        await queries.change_step(
            connection, **columns_of(changed(there, times, of=broadcast.broadcast_type))
        )

    async def _planned(
        self,
        connection: Connection,
        actor: Actor,
        workspace: Workspace,
        broadcast_id: UUID,
        *,
        now: datetime,
    ) -> Broadcast:
        """The moments of all steps that have not begun, and the jobs that wait for them, as the
        days say now."""
        await queries.touch_broadcast(connection, id=broadcast_id, now=now)
        broadcast = await get_broadcast(connection, workspace.id, broadcast_id)
        moments = plan(broadcast.steps, now=broadcast.launched_at or now)
        coming = [step for step in broadcast.steps if not step.has_begun]
        # Of what was sent at once the moment stands since then.
        moved = [
            step
            for step in coming
            if moments[step.id] != step.scheduled_at
            and (moments[step.id] is not None or not _is_planned(broadcast))
        ]
        await queries.put_moments(
            connection,
            ids=[step.id for step in moved],
            scheduled_ats=[moments[step.id] for step in moved],
        )
        if _is_planned(broadcast):
            again = [step for step in coming if step in moved or step.job_id is None]
            for step in again:
                if step.job_id is not None:
                    await self._queue.give_up(connection, workspace.id, step.job_id, now=now)
                await submit_step(
                    connection,
                    self._queue,
                    workspace,
                    broadcast,
                    step,
                    moments[step.id],
                    by=actor.name,
                    now=now,
                )
        return await get_broadcast(connection, workspace.id, broadcast_id)


def _is_planned(broadcast: Broadcast) -> bool:
    return broadcast.status is not Status.DRAFT


def _day_after(broadcast: Broadcast, step: Step, now: datetime) -> tuple[int, time]:
    day_1 = first_day(broadcast.steps, begins_at=broadcast.launched_at or now)
    not_before = now + _TO_WRITE if _is_planned(broadcast) else None
    return day_after(step, day_1, not_before=not_before)


def _check_room(broadcast: Broadcast) -> None:
    if len(broadcast.steps) >= MOST_STEPS:
        raise Conflict(f"A broadcast has {MOST_STEPS} steps at most.")


def _step(broadcast: Broadcast, step_id: UUID) -> Step:
    step = next((each for each in broadcast.steps if each.id == step_id), None)
    if step is None:
        raise NotFound("There is no such step.")
    return step


def _not_begun(step: Step) -> Step:
    at_once = step.status is not StepStatus.DRAFT and step.send_mode is SendMode.NOW
    if step.status not in NOT_BEGUN or at_once:
        raise Conflict("This step has begun; only steps that have not begun can be changed.")
    return step
