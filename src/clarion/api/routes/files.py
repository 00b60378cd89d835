"""Files that go along with the email of a step: uploaded, listed, removed."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request

from clarion.api.bodies import files as bodies
from clarion.api.caller import Caller, Now, TheClarion, TheWorkspace, Transaction, uuid_of
from clarion.broadcasts.files import service
from clarion.broadcasts.files.file import (
    MOST_BYTES,
    MOST_FILES,
    StepFile,
    check_size,
    clean_name,
    read_file,
)

router = APIRouter(prefix="/broadcasts/{broadcast_id}/steps/{step_id}/files", tags=["files"])

_RAW = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("")
async def list_step_files(
    broadcast_id: str, step_id: str, connection: Transaction, workspace: TheWorkspace
) -> bodies.StepFiles:
    """In the order in which they were added."""
    found = await service.list_files(
        connection, workspace.id, uuid_of(broadcast_id, "broadcast"), uuid_of(step_id, "step")
    )
    return bodies.StepFiles(
        files=[_body(each) for each in found],
        bytes=sum(each.bytes for each in found),
        most_bytes=MOST_BYTES,
        most_files=MOST_FILES,
    )


@router.post("", status_code=201, openapi_extra=_RAW)
async def upload_step_file(
    broadcast_id: str,
    step_id: str,
    request: Request,
    clarion: TheClarion,
    actor: Caller,
    now: Now,
    name: Annotated[str, Query(max_length=1_000)] = "",
) -> bodies.StepFile:
    """The body is the file itself, `name` what it is called. Five files, 7 MB together as they
    travel (about 5 MB on a disk); nothing that runs when it is opened. The same file twice is there
    once. Until the step begins."""
    broadcast, step = uuid_of(broadcast_id, "broadcast"), uuid_of(step_id, "step")
    # Said before the megabytes are read; and no transaction is open while they come in.
    async with clarion.database.as_workspace(actor.workspace_id) as connection:
        await service.check_changeable(connection, actor.workspace_id, broadcast, step)
    content = await _content(request, clean_name(name) or "The file")
    file = await asyncio.to_thread(
        read_file, name, request.headers.get("content-type", ""), content
    )
    async with clarion.database.as_workspace(actor.workspace_id) as connection:
        return _body(
            await service.add_file(connection, actor.workspace_id, broadcast, step, file, now=now)
        )


@router.delete("/{file_id}", status_code=204)
async def remove_step_file(
    broadcast_id: str,
    step_id: str,
    file_id: str,
    connection: Transaction,
    workspace: TheWorkspace,
) -> None:
    """Until the step begins."""
    await service.remove_file(
        connection,
        workspace.id,
        uuid_of(broadcast_id, "broadcast"),
        uuid_of(step_id, "step"),
        uuid_of(file_id, "file"),
    )


async def _content(request: Request, name: str) -> bytes:
    """As it comes in, and no further than the limit."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        check_size(len(content), name=name)
    return bytes(content)


def _body(file: StepFile) -> bodies.StepFile:
    return bodies.StepFile(
        id=str(file.id),
        name=file.name,
        content_type=file.content_type,
        bytes=file.bytes,
        created_at=file.created_at,
    )
