"""Pieces of text that messages share: opening hours, a signature."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from clarion.api.bodies import snippets as bodies
from clarion.api.caller import Caller, Now, TheWorkspace, Transaction, uuid_of
from clarion.content.snippets import store
from clarion.content.snippets.snippet import Snippet

router = APIRouter(prefix="/snippets", tags=["snippets"])


@router.get("")
async def list_snippets(connection: Transaction, workspace: TheWorkspace) -> bodies.Snippets:
    """All of them, in the order of their names; a workspace has 200 at most."""
    found = await store.list_snippets(connection, workspace.id)
    return bodies.Snippets(snippets=[bodies.Snippet(**_values(each)) for each in found])


@router.post("", status_code=201)
async def create_snippet(
    body: bodies.NewSnippet, actor: Caller, connection: Transaction, now: Now
) -> bodies.Snippet:
    """A text that is no template is refused with its line; a name that is taken with 409."""
    made = await store.add_snippet(connection, actor, name=body.name, text=body.text, now=now)
    return bodies.Snippet(**_values(made))


@router.get("/{snippet_id}")
async def get_snippet(
    snippet_id: str, connection: Transaction, workspace: TheWorkspace
) -> bodies.SnippetWithPlaces:
    """With the templates and drafts that name it. What was launched keeps the text that it had, and
    is not among them."""
    snippet, places = await store.get_snippet(
        connection, workspace.id, uuid_of(snippet_id, "snippet")
    )
    return bodies.SnippetWithPlaces(
        **_values(snippet),
        places=[
            bodies.SnippetPlace(kind=place.kind.value, id=str(place.id), name=place.name)
            for place in places
        ],
    )


@router.patch("/{snippet_id}")
async def change_snippet(
    snippet_id: str,
    body: bodies.ChangeSnippet,
    actor: Caller,
    connection: Transaction,
    now: Now,
) -> bodies.Snippet:
    """Drafts and templates say it at once; what was launched does not change. 409 when somebody
    saved it since `version` was read, and for another name while texts use this one."""
    changed = await store.change_snippet(
        connection,
        actor,
        uuid_of(snippet_id, "snippet"),
        version=body.version,
        name=body.name,
        text=body.text,
        now=now,
    )
    return bodies.Snippet(**_values(changed))


@router.delete("/{snippet_id}", status_code=204)
async def delete_snippet(
    snippet_id: str, connection: Transaction, workspace: TheWorkspace
) -> Response:
    """409, with the places, while a template or a draft names it."""
    await store.delete_snippet(connection, workspace.id, uuid_of(snippet_id, "snippet"))
    return Response(status_code=204)


def _values(snippet: Snippet) -> dict[str, Any]:
    return {
        "id": str(snippet.id),
        "name": snippet.name,
        "text": snippet.text,
        "version": snippet.version,
        "uses": snippet.uses,
        "created_by": snippet.created_by,
        "created_at": snippet.created_at,
        "updated_by": snippet.updated_by,
        "updated_at": snippet.updated_at,
    }
