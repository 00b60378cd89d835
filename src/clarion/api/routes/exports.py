"""Exports: ask for a file of contacts, follow it, take it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from clarion.api.bodies import exports as bodies
from clarion.api.caller import Caller, Now, TheClarion, TheWorkspace, Transaction, uuid_of
from clarion.api.shapes import export_body
from clarion.audience.exports.export import file_name
from clarion.audience.exports.service import stream

router = APIRouter(prefix="/exports", tags=["exports"])


@router.post("", status_code=202)
async def create_export(
    body: bodies.NewExport,
    clarion: TheClarion,
    actor: Caller,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Export:
    """Has a worker write the contacts who match into a file; answers at once."""
    asked = await clarion.exports.ask(
        connection,
        actor,
        workspace,
        document=body.filter.model_dump(),
        columns=body.columns,
        excel=body.excel,
        now=now,
    )
    return export_body(asked, now=now)


@router.get("/{export_id}")
async def get_export(
    export_id: str,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Export:
    """How far it is."""
    export = await clarion.exports.get(connection, workspace, uuid_of(export_id, "export"))
    return export_body(export, now=now)


@router.delete("/{export_id}")
async def cancel_export(
    export_id: str,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
) -> bodies.Export:
    """Calls off what is not done yet; 409 for what has ended."""
    cancelled = await clarion.exports.cancel(
        connection, workspace, uuid_of(export_id, "export"), now=now
    )
    return export_body(cancelled, now=now)


@router.get(
    "/{export_id}/file",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def get_export_file(
    export_id: str,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
    now: Now,
    accept_encoding: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """The file, once the export is done; 409 before and after."""
    export = await clarion.exports.finished(
        connection, workspace, uuid_of(export_id, "export"), now=now
    )
    packed = takes_gzip(accept_encoding)
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(export, workspace.zone)}"',
        "Content-Length": str(export.gzip_bytes if packed else export.bytes),
        "Cache-Control": "no-store",
        "Vary": "Accept-Encoding",
    }
    if packed:
        headers["Content-Encoding"] = "gzip"
    return StreamingResponse(
        stream(clarion.database, workspace.id, export, packed=packed),
        media_type="text/csv; charset=utf-8",
        headers=headers,
    )


def takes_gzip(accept_encoding: str) -> bool:
    """Whether this header (RFC 9110) names gzip and does not rule it out with q=0."""
    for each in accept_encoding.lower().split(","):
        coding, _, weight = each.partition(";")
        if coding.strip() in ("gzip", "x-gzip"):
            _, _, q = weight.partition("=")
            return q.strip().strip("0.") != "" or not q.strip()
    return False
