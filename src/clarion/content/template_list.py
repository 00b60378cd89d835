"""Finding saved templates: by words, channel and category, in three orders, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from clarion.content.saved_templates import queries, template_of
from clarion.db.queries import rows

if TYPE_CHECKING:
    from clarion.content.library.template import Category
    from clarion.content.saved_templates import SavedTemplate
    from clarion.db.connection import Connection
    from clarion.kernel.actor import WorkspaceId
    from clarion.kernel.channel import Channel


class TemplateSort(StrEnum):
    """The latest saved first, the newest first, or by name."""

    UPDATED = "updated"
    CREATED = "created"
    NAME = "name"


_STATEMENTS = {
    TemplateSort.UPDATED: queries.list_by_updated,
    TemplateSort.CREATED: queries.list_by_created,
    TemplateSort.NAME: queries.list_by_name,
}

#: Where a page ended: the value that it is sorted by, and the id.
Mark = tuple[str, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePage:
    """`next` is given as `after` for the page that follows; None at the end."""

    templates: tuple[SavedTemplate, ...]
    next: Mark | None


async def list_templates(
    connection: Connection,
    workspace_id: WorkspaceId,
    *,
    search: str = "",
    channel: Channel | None = None,
    category: Category | None = None,
    archived: bool = False,
    sort: TemplateSort = TemplateSort.UPDATED,
    after: Mark | None = None,
    limit: int,
) -> TemplatePage:
    """`search` finds a part of the name, the subject or the text."""
    found = await rows(
        _STATEMENTS[sort](
            connection,
            workspace_id=workspace_id,
            search=search.strip(),
            channel=channel,
            category=category,
            archived=archived,
            after_mark=after[0] if after else None,
            after_id=after[1] if after else None,
            limit=limit + 1,
        )
    )
    page = found[:limit]
    return TemplatePage(
        templates=tuple(template_of(row) for row in page),
        next=(page[-1]["mark"], page[-1]["id"]) if len(found) > limit else None,
    )
