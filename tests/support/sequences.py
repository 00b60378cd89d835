"""Broadcasts of several steps and channels, as a test makes and sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.broadcasts.broadcast import BroadcastType
from clarion.broadcasts.service import BroadcastChange
from clarion.broadcasts.step_change import StepChange
from support.house import ANA, EVERYBODY

if TYPE_CHECKING:
    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.step import Step
    from support.house import House

MAIL: dict[str, Any] = {
    "subject": "Hello {{ first_name }}",
    "email": {
        "kind": "html",
        "html": '<p>Dear {{ first_name }}, <a href="https://shop.example/new">look</a></p>',
    },
}


async def draft_of(
    house: House, kind: BroadcastType, *steps: dict[str, Any], **change: Any
) -> Broadcast:
    """The first of `steps` is the one that a draft has; each holds what changes of a step."""
    async with house.database.as_workspace(house.workspace.id) as connection:
        made = await house.broadcasts.create(
            connection,
            ANA,
            house.workspace,
            name="Spring",
            broadcast_type=kind,
            now=house.clock.now,
        )
        made = await house.broadcasts.change(
            connection,
            house.workspace,
            made.id,
            BroadcastChange(version=made.version, filter=EVERYBODY, **change),
            now=house.clock.now,
        )
    for place, given in enumerate(steps):
        if place:
            made = await add_step(house, made)
        made = await change_step(house, made, place, **given)
    return made


async def add_step(house: House, broadcast: Broadcast) -> Broadcast:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await house.broadcasts.steps.add(
            connection,
            ANA,
            house.workspace,
            broadcast.id,
            version=broadcast.version,
            now=house.clock.now,
        )


async def change_step(house: House, broadcast: Broadcast, place: int, **given: Any) -> Broadcast:
    async with house.database.as_workspace(house.workspace.id) as connection:
        return await house.broadcasts.steps.change(
            connection,
            ANA,
            house.workspace,
            broadcast.id,
            broadcast.steps[place].id,
            StepChange(version=broadcast.version, **given),
            now=house.clock.now,
        )


async def launched(house: House, draft: Broadcast) -> Broadcast:
    """Handed to the queue service, its recipients saved and what is due sent."""
    await house.follow()
    broadcast = await house.launch(draft)
    await house.saver.save(house.workspace.id, broadcast.id)
    await run(house, broadcast)
    return await house.read(broadcast)


async def run(house: House, broadcast: Broadcast) -> None:
    """What is due at this moment of the clock, with its answers and reports."""
    await house.run_jobs()
    for step in broadcast.steps:
        await house.launcher.launch_step(step.id)
    await house.send()
    while await house.applier.apply_batch():
        pass


async def rows_of(house: House, step: Step) -> list[tuple[str, str, str | None]]:
    """Channel, status and why it was skipped, by channel and address."""
    found = await house.rows(
        "select channel, status, skip_reason from broadcast.messages where step_id = %s"
        " order by channel, address",
        step.id,
    )
    return [(row["channel"], row["status"], row["skip_reason"]) for row in found]
