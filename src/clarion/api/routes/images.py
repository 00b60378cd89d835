"""Pictures for mails: uploaded here, and shown to whoever opens the mail."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, File, Query, Response, UploadFile

from clarion.api.bodies import images as bodies
from clarion.api.caller import (
    Caller,
    Now,
    TheClarion,
    TheWorkspace,
    Transaction,
    page_mark,
    uuid_of,
)
from clarion.content.images import store
from clarion.content.images.image import StoredImage, read_picture

router = APIRouter(prefix="/images", tags=["images"])

#: Beside the API, short and without a session: mail programs ask for these.
public = APIRouter(prefix="/images", tags=["images"])

#: An image never changes: other content has another id.
_SERVED = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Disposition": "inline",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


@router.post("", status_code=201)
async def upload_image(
    file: Annotated[UploadFile, File()], clarion: TheClarion, actor: Caller, now: Now
) -> bodies.Image:
    """A PNG, JPEG, GIF or WebP of at most 5 MB and 4,000 pixels on each side; what a camera wrote
    into it is taken out. The same picture twice is the same image."""
    content = await file.read()
    # Beside the loop, and before a transaction: a large picture takes its time.
    picture = await asyncio.to_thread(read_picture, content, name=file.filename or "")
    async with clarion.database.as_workspace(actor.workspace_id) as connection:
        return _body(await store.save_image(connection, actor, picture, now=now))


@router.get("")
async def list_images(
    connection: Transaction,
    workspace: TheWorkspace,
    after: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> bodies.ImagePage:
    """The newest first."""
    found = await store.list_images(
        connection, workspace.id, after=page_mark(after), limit=limit + 1
    )
    page = found[:limit]
    return bodies.ImagePage(
        images=[_body(each) for each in page],
        next=str(page[-1].id) if len(found) > limit else None,
    )


@router.delete("/{image_id}", status_code=204)
async def delete_image(image_id: str, connection: Transaction, workspace: TheWorkspace) -> None:
    """409, with the places, while a step or a template shows it."""
    await store.delete_image(connection, workspace.id, uuid_of(image_id, "image"))


@public.get(
    "/{image_id}",
    response_class=Response,
    responses={200: {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def show_image(image_id: str, clarion: TheClarion) -> Response:
    """The picture itself, for everybody who has its address."""
    async with clarion.database.as_worker() as connection:
        found = await store.image_file(connection, uuid_of(image_id, "image"))
    return Response(found.content, media_type=found.content_type, headers=_SERVED)


def _body(image: StoredImage) -> bodies.Image:
    return bodies.Image(
        id=str(image.id),
        url=f"/images/{image.id}",
        name=image.name,
        content_type=image.content_type,
        width=image.width,
        height=image.height,
        bytes=image.bytes,
        uploaded_by=image.uploaded_by,
        created_at=image.created_at,
    )
