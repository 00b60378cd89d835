"""Pictures in the database: kept once per workspace, shown to everybody, deleted when unused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.content.images.image import ImageId, Picture, StoredImage
from clarion.db.queries import load_queries, rows
from clarion.kernel.errors import Conflict, Fault, NotFound

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection, Row
    from clarion.kernel.actor import Actor, WorkspaceId

queries = load_queries(__file__)

#: So many places are named to whoever wants to delete a picture; more do not help.
_PLACES_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFile:
    content_type: str
    content: bytes


async def save_image(
    connection: Connection, actor: Actor, picture: Picture, *, now: datetime
) -> StoredImage:
    """The same picture twice is the same image, with the name that it had at first."""
    row = await queries.add_image(
        connection,
        workspace_id=actor.workspace_id,
        name=picture.name,
        content_type=picture.content_type,
        width=picture.width,
        height=picture.height,
        bytes=len(picture.content),
        checksum=picture.checksum,
        content=picture.content,
        uploaded_by=actor.name,
        now=now,
    )
    return _image(row)


async def list_images(
    connection: Connection, workspace_id: WorkspaceId, *, after: UUID | None, limit: int
) -> list[StoredImage]:
    found = await rows(
        queries.list_images(connection, workspace_id=workspace_id, after=after, limit=limit)
    )
    return [_image(row) for row in found]


async def image_file(connection: Connection, image_id: UUID) -> ImageFile:
    """Of whatever workspace. Raises NotFound."""
    row = await queries.image_content(connection, id=image_id)
    if row is None:
        raise NotFound("There is no such image.")
    return ImageFile(content_type=row["content_type"], content=row["content"])


async def delete_image(connection: Connection, workspace_id: WorkspaceId, image_id: UUID) -> None:
    """Raises NotFound, and Conflict with the places while a step or a template shows it: what was
    sent shows it, too, for as long as somebody opens the mail."""
    name = await queries.image_name(connection, workspace_id=workspace_id, id=image_id)
    if name is None:
        raise NotFound("There is no such image.")
    uses = await rows(
        queries.uses_of_image(
            connection, workspace_id=workspace_id, id=image_id, limit=_PLACES_NAMED + 1
        )
    )
    if uses:
        places = [_place(use) for use in uses[:_PLACES_NAMED]]
        if len(uses) > _PLACES_NAMED:
            places.append("more places")
        # A version cannot be changed any more, but brought back.
        stays = all(use["kind"] == "version" for use in uses)
        todo = "It stays, for these can be brought back." if stays else "Take it out there first."
        raise Conflict(
            f"“{name}” is shown by {_listed(places)}. {todo}",
            faults=[Fault(pointer="", detail=place) for place in places],
        )
    await queries.delete_image(connection, workspace_id=workspace_id, id=image_id)


def _place(use: Row) -> str:
    match use["kind"]:
        case "template" | "sequence" as kind:
            return f"the {kind} “{use['name']}”"
        case "version":
            return f"version {use['position']} of the template “{use['name']}”"
    return f"step {use['position']} of the broadcast “{use['name']}”"


def _listed(places: list[str]) -> str:
    *others, last = places
    return f"{', '.join(others)} and {last}" if others else last


def _image(row: Row) -> StoredImage:
    return StoredImage(
        id=ImageId(row["id"]),
        name=row["name"],
        content_type=row["content_type"],
        width=row["width"],
        height=row["height"],
        bytes=row["bytes"],
        uploaded_by=row["uploaded_by"],
        created_at=row["created_at"],
    )
