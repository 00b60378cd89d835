"""The steps of a broadcast: added, changed, put in order, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from clarion.api.bodies import broadcasts as broadcast_bodies
from clarion.api.bodies import steps as bodies
from clarion.api.broadcast_shapes import broadcast_body
from clarion.api.caller import Caller, Now, TheClarion, TheWorkspace, Transaction, uuid_of
from clarion.broadcasts.step_change import StepChange

if TYPE_CHECKING:
    from clarion.broadcasts.broadcast import Broadcast

router = APIRouter(prefix="/broadcasts/{broadcast_id}/steps", tags=["steps"])


@router.post("", status_code=201)
async def add_step(
    broadcast_id: str,
    body: bodies.StepCommand,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> broadcast_bodies.Broadcast:
    """One more step, a day after the last one. Also while the broadcast is being sent; then at
    least twelve hours from now, for somebody to write it."""
    changed = await clarion.broadcasts.steps.add(
        connection,
        actor,
        workspace,
        uuid_of(broadcast_id, "broadcast"),
        version=body.version,
        now=now,
    )
    return broadcast_body(changed, now=now)


@router.put("/order")
async def order_steps(
    broadcast_id: str,
    body: bodies.StepOrder,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> broadcast_bodies.Broadcast:
    """The steps in another order; the times stay at their places."""
    changed = await clarion.broadcasts.steps.reorder(
        connection,
        actor,
        workspace,
        uuid_of(broadcast_id, "broadcast"),
        [uuid_of(each, "step") for each in body.order],
        version=body.version,
        now=now,
    )
    return broadcast_body(changed, now=now)


@router.patch("/{step_id}")
async def change_step(
    broadcast_id: str,
    step_id: str,
    body: bodies.StepChange,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> broadcast_bodies.Broadcast:
    """The message, the time and the condition of a step that has not begun; 409 when it has, or
    when the broadcast was changed since `version`."""
    changed = await clarion.broadcasts.steps.change(
        connection,
        actor,
        workspace,
        uuid_of(broadcast_id, "broadcast"),
        uuid_of(step_id, "step"),
        _change(body),
        now=now,
    )
    return broadcast_body(changed, now=now)


@router.post("/{step_id}/effects")
async def foresee_change(
    broadcast_id: str,
    step_id: str,
    body: bodies.StepChange,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.StepEffect:
    """What this change would do to whom. Changes nothing."""
    effects = await clarion.broadcasts.steps.effects(
        connection,
        workspace,
        uuid_of(broadcast_id, "broadcast"),
        uuid_of(step_id, "step"),
        _change(body),
        now=now,
    )
    return bodies.StepEffect(effects=list(effects.sentences), people=effects.people)


@router.post("/{step_id}/duplicate", status_code=201)
async def duplicate_step(
    broadcast_id: str,
    step_id: str,
    body: bodies.StepCommand,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> broadcast_bodies.Broadcast:
    """The same step once more, right after it and a day later; of a broadcast that is being sent
    at least twelve hours from now."""
    changed = await clarion.broadcasts.steps.copy(
        connection,
        actor,
        workspace,
        uuid_of(broadcast_id, "broadcast"),
        uuid_of(step_id, "step"),
        version=body.version,
        now=now,
    )
    return broadcast_body(changed, now=now)


@router.delete("/{step_id}")
async def remove_step(
    broadcast_id: str,
    step_id: str,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
    version: Annotated[int | None, Query()] = None,
) -> broadcast_bodies.Broadcast:
    """Only a step that has not begun, and not the only one; without `version` whatever has
    changed."""
    changed: Broadcast = await clarion.broadcasts.steps.remove(
        connection,
        actor,
        workspace,
        uuid_of(broadcast_id, "broadcast"),
        uuid_of(step_id, "step"),
        version=version,
        now=now,
    )
    return broadcast_body(changed, now=now)


def _change(body: bodies.StepChange) -> StepChange:
    given: dict[str, Any] = body.model_dump(exclude_unset=True)
    return StepChange(**given)
