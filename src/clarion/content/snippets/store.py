"""The workspace's snippets: written, read, deleted when nothing names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.content.snippets.snippet import (
    MOST_SNIPPETS,
    Place,
    PlaceKind,
    Snippet,
    SnippetId,
    check_name,
    check_text,
)
from clarion.db.queries import load_queries, rows
from clarion.kernel.errors import Conflict, Fault, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.db.connection import Connection, Row
    from clarion.kernel.actor import Actor, WorkspaceId

queries = load_queries(__file__)

#: So many places of a kind are listed; more do not help whoever looks.
_PLACES_LISTED = 50
_PLACES_NAMED = 5


async def snippet_texts(connection: Connection, workspace_id: WorkspaceId) -> dict[str, str]:
    """What a text of the workspace may name, by name."""
    found = await rows(queries.snippet_texts(connection, workspace_id=workspace_id))
    return {row["name"]: row["text"] for row in found}


async def list_snippets(connection: Connection, workspace_id: WorkspaceId) -> list[Snippet]:
    found = await rows(queries.list_snippets(connection, workspace_id=workspace_id))
    return [_snippet(row, uses=row["uses"]) for row in found]


async def add_snippet(
    connection: Connection, actor: Actor, *, name: str, text: str, now: datetime
) -> Snippet:
    """Raises Invalid, and Conflict for a taken name or one snippet too many."""
    name, text = check_name(name), check_text(text)
    await queries.hold_snippets(connection, workspace_id=actor.workspace_id)
    if await queries.count_snippets(connection, workspace_id=actor.workspace_id) >= MOST_SNIPPETS:
        detail = f"There are {MOST_SNIPPETS} snippets at most. Delete one that nothing uses."
        raise Conflict(detail, faults=[Fault(pointer="", detail=detail)])
    row = await queries.add_snippet(
        connection,
        workspace_id=actor.workspace_id,
        name=name,
        text=text,
        by=actor.name,
        now=now,
    )
    if row is None:
        raise _taken(name)
    return _snippet(row, uses=0)


async def get_snippet(
    connection: Connection, workspace_id: WorkspaceId, snippet_id: UUID
) -> tuple[Snippet, list[Place]]:
    """With the places that name it. Raises NotFound."""
    row = await queries.get_snippet(connection, workspace_id=workspace_id, id=snippet_id)
    if row is None:
        raise NotFound("There is no such snippet.")
    places = await rows(
        queries.places_of_snippet(
            connection, workspace_id=workspace_id, name=row["name"], limit=_PLACES_LISTED
        )
    )
    return _snippet(row, uses=len(places)), [
        Place(kind=PlaceKind(place["kind"]), id=place["id"], name=place["name"]) for place in places
    ]


async def change_snippet(
    connection: Connection,
    actor: Actor,
    snippet_id: UUID,
    *,
    version: int,
    name: str | None,
    text: str | None,
    now: datetime,
) -> Snippet:
    """What is None stays as it is.

    Raises Invalid; Conflict when somebody saved it since `version` was read, when the name is taken
    or when the former one is in use.
    """
    await queries.hold_snippets(connection, workspace_id=actor.workspace_id)
    snippet, places = await get_snippet(connection, actor.workspace_id, snippet_id)
    if snippet.version != version:
        detail = (
            f"{snippet.updated_by} saved “{snippet.name}” since you opened it. Look at it anew."
        )
        raise Conflict(detail, faults=[Fault(pointer="/version", detail=detail)])
    called = snippet.name if name is None else check_name(name)
    says = snippet.text if text is None else check_text(text)
    if called != snippet.name:
        _check_unused(snippet, places, "Texts name it so; make a second one instead.", "/name")
        if await queries.name_is_taken(
            connection, workspace_id=actor.workspace_id, name=called, but=snippet_id
        ):
            raise _taken(called)
    if (called, says) != (snippet.name, snippet.text):
        await queries.change_snippet(
            connection, id=snippet_id, name=called, text=says, by=actor.name, now=now
        )
    changed, _ = await get_snippet(connection, actor.workspace_id, snippet_id)
    return changed


async def delete_snippet(
    connection: Connection, workspace_id: WorkspaceId, snippet_id: UUID
) -> None:
    """Raises NotFound, and Conflict with the places while templates or drafts name it. What was
    launched keeps the text that it had."""
    await queries.hold_snippets(connection, workspace_id=workspace_id)
    snippet, places = await get_snippet(connection, workspace_id, snippet_id)
    _check_unused(snippet, places, "Take it out there first.", "")
    await queries.delete_snippet(connection, id=snippet_id)


def _check_unused(snippet: Snippet, places: Sequence[Place], what_to_do: str, pointer: str) -> None:
    if not places:
        return
    named = [f"the {place.kind} “{place.name}”" for place in places[:_PLACES_NAMED]]
    if len(places) > _PLACES_NAMED:
        named.append("more places")
    *others, last = named
    listed = f"{', '.join(others)} and {last}" if others else last
    detail = f"“{snippet.name}” is used by {listed}. {what_to_do}"
    raise Conflict(detail, faults=[Fault(pointer=pointer, detail=detail)])


def _taken(name: str) -> Conflict:
    detail = f"There is a snippet named “{name}” already. Choose another name."
    return Conflict(detail, faults=[Fault(pointer="/name", detail=detail)])


def _snippet(row: Row, *, uses: int) -> Snippet:
    return Snippet(
        id=SnippetId(row["id"]),
        name=row["name"],
        text=row["text"],
        version=row["version"],
        uses=uses,
        created_by=row["created_by"],
        created_at=row["created_at"],
        updated_by=row["updated_by"],
        updated_at=row["updated_at"],
    )
