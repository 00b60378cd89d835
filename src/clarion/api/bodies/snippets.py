"""Pieces of text that messages share."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from clarion.api.bodies.shape import Body


class NewSnippet(Body):
    """A text names it as `{% render 'opening_hours' %}`. `text` is Liquid without markup."""

    name: str = Field(max_length=200)
    text: str = Field(max_length=10_000)


class ChangeSnippet(Body):
    """What is null stays as it is; `version` is the one that was read."""

    version: int
    name: str | None = Field(default=None, max_length=200)
    text: str | None = Field(default=None, max_length=10_000)


class Snippet(Body):
    """`uses` counts the templates and drafts that name it."""

    id: str
    name: str
    text: str
    version: int
    uses: int
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime


class Snippets(Body):
    snippets: list[Snippet]


class SnippetPlace(Body):
    kind: Literal["template", "sequence", "broadcast"]
    id: str
    name: str


class SnippetWithPlaces(Snippet):
    """`places` are the first 50 of each kind."""

    places: list[SnippetPlace]
