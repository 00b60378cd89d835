"""Sequences that are kept: a broadcast's steps saved, and a draft begun as them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from clarion.api.bodies import broadcasts as broadcast_bodies
from clarion.api.bodies import sequence_templates as bodies
from clarion.api.broadcast_shapes import broadcast_body
from clarion.api.caller import Caller, Now, TheClarion, TheWorkspace, Transaction, uuid_of
from clarion.broadcasts.sequence_templates import store
from clarion.broadcasts.sequence_templates.library import SEQUENCE_LIBRARY, library_sequence
from clarion.broadcasts.sequence_templates.sequence_template import (
    Kept,
    SequenceTemplate,
    first_lines,
    kept_of,
)
from clarion.broadcasts.sequence_templates.start import take_steps
from clarion.broadcasts.store import get_broadcast
from clarion.kernel.errors import Fault, Invalid

router = APIRouter(tags=["sequences"])


@router.get("/sequence-library")
async def list_sequence_library(_: Caller) -> bodies.SequenceLibrary:
    """Sequences that come with Clarion; PUT /broadcasts/{id}/steps takes one."""
    return bodies.SequenceLibrary(
        sequences=[
            bodies.LibrarySequence(
                key=each.key,
                name=each.name,
                purpose=each.purpose,
                broadcast_type=each.kept.broadcast_type.value,
                days=each.kept.days,
                steps=_steps(each.kept),
            )
            for each in SEQUENCE_LIBRARY.values()
        ]
    )


@router.post("/sequence-templates", status_code=201)
async def keep_sequence(
    body: bodies.NewSequenceTemplate,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.SequenceTemplate:
    """The steps of a broadcast as they are now; a name that is taken answers 409."""
    broadcast = await get_broadcast(
        connection, workspace.id, uuid_of(body.broadcast_id, "broadcast")
    )
    made = await store.keep_sequence(
        connection,
        actor,
        name=body.name,
        purpose=body.purpose,
        kept=kept_of(broadcast, now=now),
        now=now,
    )
    return _body(made)


@router.get("/sequence-templates")
async def list_sequences(
    connection: Transaction,
    workspace: TheWorkspace,
    asked: Annotated[bodies.SequenceSearch, Query()],
) -> bodies.SequenceTemplates:
    """By name."""
    found = await store.list_sequences(connection, workspace.id, archived=asked.archived)
    return bodies.SequenceTemplates(sequences=[_body(each) for each in found])


@router.get("/sequence-templates/{sequence_id}")
async def get_sequence(
    sequence_id: str, connection: Transaction, workspace: TheWorkspace
) -> bodies.SequenceTemplate:
    return _body(
        await store.get_sequence(connection, workspace.id, uuid_of(sequence_id, "sequence"))
    )


@router.patch("/sequence-templates/{sequence_id}")
async def rename_sequence(
    sequence_id: str,
    body: bodies.RenameSequenceTemplate,
    actor: Caller,
    connection: Transaction,
    now: Now,
) -> bodies.SequenceTemplate:
    """Its name and what it is for; 409 when somebody else saved since `version`."""
    changed = await store.rename_sequence(
        connection,
        actor,
        uuid_of(sequence_id, "sequence"),
        version=body.version,
        name=body.name,
        purpose=body.purpose,
        now=now,
    )
    return _body(changed)


@router.post("/sequence-templates/{sequence_id}/duplicate", status_code=201)
async def duplicate_sequence(
    sequence_id: str, actor: Caller, connection: Transaction, now: Now
) -> bodies.SequenceTemplate:
    """One of its own with the same steps, called "Copy of …"."""
    sequence = uuid_of(sequence_id, "sequence")
    return _body(await store.duplicate_sequence(connection, actor, sequence, now=now))


@router.post("/sequence-templates/{sequence_id}/archive")
async def archive_sequence(
    sequence_id: str, actor: Caller, connection: Transaction, now: Now
) -> bodies.SequenceTemplate:
    """Out of the list; broadcasts that began as it stay as they are."""
    sequence = uuid_of(sequence_id, "sequence")
    return _body(await store.archive_sequence(connection, actor, sequence, now=now))


@router.post("/sequence-templates/{sequence_id}/unarchive")
async def unarchive_sequence(
    sequence_id: str, actor: Caller, connection: Transaction, now: Now
) -> bodies.SequenceTemplate:
    """Back in the list, under a free name when its own was taken meanwhile."""
    sequence = uuid_of(sequence_id, "sequence")
    return _body(await store.unarchive_sequence(connection, actor, sequence, now=now))


@router.put("/broadcasts/{broadcast_id}/steps")
async def take_sequence(
    broadcast_id: str,
    body: bodies.TakeSteps,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> broadcast_bodies.Broadcast:
    """The steps of a kept sequence in the place of all that the draft has, and its type with them.
    Its files are taken away; the audience, the goal and the time of the first step stay."""
    if (body.sequence_id is None) == (body.from_library is None):
        detail = "Name a sequence of your own, or one of the library."
        raise Invalid(detail, faults=[Fault(pointer="/sequence_id", detail=detail)])
    if body.from_library is not None:
        kept = library_sequence(body.from_library).kept
    else:
        wanted = uuid_of(body.sequence_id or "", "sequence")
        kept = (await store.get_sequence(connection, workspace.id, wanted)).kept
    changed = await take_steps(
        clarion.broadcasts,
        connection,
        actor,
        workspace,
        uuid_of(broadcast_id, "broadcast"),
        kept,
        version=body.version,
        now=now,
    )
    return broadcast_body(changed, now=now)


def _body(each: SequenceTemplate) -> bodies.SequenceTemplate:
    return bodies.SequenceTemplate(
        id=str(each.id),
        name=each.name,
        purpose=each.purpose,
        broadcast_type=each.kept.broadcast_type.value,
        days=each.kept.days,
        steps=_steps(each.kept),
        version=each.version,
        archived=each.archived_at is not None,
        updated_by=each.updated_by,
        updated_at=each.updated_at,
    )


def _steps(kept: Kept) -> list[bodies.KeptStep]:
    return [
        bodies.KeptStep(
            day_number=step["day_number"],
            day_time=step["day_time"],
            channel=step["channel"],
            says=says,
            subject=step["subject"],
            body=step["body"],
            email=step["email"],
            is_conditional=step["condition"] is not None,
        )
        for step, says in zip(kept.steps, first_lines(kept.steps), strict=True)
    ]
