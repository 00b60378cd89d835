"""Saved texts and e-mails, their versions, and the library."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from clarion.api.bodies.shape import Body

TemplateChannel = Literal["sms", "email"]
TemplateCategory = Literal[
    "welcome",
    "promotion",
    "reminder",
    "follow_up",
    "event",
    "newsletter",
    "re_engagement",
    "survey",
    "transactional",
    "other",
]
TemplateOrder = Literal["updated", "created", "name"]


class TemplateSearch(Body):
    search: str = Field(default="", max_length=200)
    channel: TemplateChannel | None = None
    category: TemplateCategory | None = None
    archived: bool = False
    sort: TemplateOrder = "updated"
    after: str | None = Field(default=None, max_length=2_000)
    limit: int = Field(default=50, ge=1, le=200)


class NewTemplate(Body):
    """`body` and `subject` are Liquid: `{{ first_name }}` is replaced.

    An e-mail is a document (`email`, with `body` as its text part or empty), or `body` is its HTML.
    With `from_library`, the key of a template of the library, it begins as that one; only `name`
    may be given beside it.
    """

    name: str | None = Field(default=None, max_length=200)
    channel: TemplateChannel = "sms"
    category: TemplateCategory = "other"
    subject: str | None = Field(default=None, max_length=2_000)
    preheader: str = Field(default="", max_length=2_000)
    body: str = Field(default="", max_length=100_000)
    email: dict[str, Any] | None = None
    note: str = Field(default="", max_length=500)
    from_library: str | None = Field(default=None, max_length=100)


class ChangeTemplate(Body):
    """What is null stays as it is; `version` is the one that was read. `note` says of the version
    that is made why it was."""

    version: int
    name: str | None = Field(default=None, max_length=200)
    category: TemplateCategory | None = None
    subject: str | None = Field(default=None, max_length=2_000)
    preheader: str | None = Field(default=None, max_length=2_000)
    body: str | None = Field(default=None, max_length=100_000)
    email: dict[str, Any] | None = None
    note: str = Field(default="", max_length=500)


class DuplicateTemplate(Body):
    name: str | None = Field(default=None, max_length=200)


class RestoreTemplate(Body):
    """`version` is what to bring back, `if_version` the current one that was read."""

    version: int
    if_version: int


class TemplateContent(Body):
    channel: TemplateChannel
    subject: str | None
    preheader: str
    body: str
    email: dict[str, Any] | None


class Template(TemplateContent):
    """`version` grows with each save of the content; `from_library` is the key of what it began
    as."""

    id: str
    name: str
    category: TemplateCategory
    version: int
    from_library: str | None
    archived_at: datetime | None
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime


class TemplatePage(Body):
    templates: list[Template]
    next: str | None


class LibraryTemplate(TemplateContent):
    """What a person has to fill in stands in square brackets: "[Company]"."""

    key: str
    name: str
    purpose: str
    category: TemplateCategory


class TemplateLibrary(Body):
    templates: list[LibraryTemplate]


class TemplateVersionLine(Body):
    version: int
    note: str
    created_by: str
    created_at: datetime


class TemplateVersions(Body):
    """The latest first; `next` is given as `before` for the page that follows."""

    versions: list[TemplateVersionLine]
    next: int | None


class TemplateVersion(TemplateVersionLine, TemplateContent):
    pass


class DifferencePart(Body):
    """Same and removed parts make the former text, same and added ones the latter."""

    kind: Literal["same", "removed", "added"]
    text: str


class FieldDifference(Body):
    field: str
    parts: list[DifferencePart]


class BlockDifference(Body):
    """`type` is the block's ("heading"). A changed one may have moved besides."""

    change: Literal["added", "removed", "changed", "moved"]
    id: str
    type: str
    has_moved: bool
    fields: list[FieldDifference]


class TemplateDifference(Body):
    """Of texts and settings word by word; of a document block by block. Both empty: no change."""

    before: int
    after: int
    fields: list[FieldDifference]
    blocks: list[BlockDifference]
