"""Everything that was ever saved of a template: looked at, compared, and brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.content.difference import difference
from clarion.content.saved_templates import (
    check_version,
    content_of,
    get_template,
    put_content,
    queries,
)
from clarion.db.queries import rows
from clarion.kernel.errors import Conflict, Fault, NotFound

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from clarion.content.difference import Difference
    from clarion.content.saved_templates import SavedTemplate
    from clarion.content.template_content import Content
    from clarion.db.connection import Connection
    from clarion.kernel.actor import Actor, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    version: int
    note: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersion(VersionLine):
    content: Content


async def list_versions(
    connection: Connection,
    workspace_id: WorkspaceId,
    template_id: UUID,
    *,
    before: int | None,
    limit: int,
) -> list[VersionLine]:
    """The latest first, from the one that comes before `before`."""
    await get_template(connection, workspace_id, template_id)
    found = await rows(
        queries.list_versions(connection, id=template_id, before=before, limit=limit)
    )
    return [VersionLine(**row) for row in found]


async def get_version(
    connection: Connection, workspace_id: WorkspaceId, template_id: UUID, version: int
) -> TemplateVersion:
    """Raises NotFound."""
    await get_template(connection, workspace_id, template_id)
    row = await queries.get_version(connection, id=template_id, version=version)
    if row is None:
        raise NotFound(f"The template has no version {version}.")
    return TemplateVersion(
        version=row["version"],
        note=row["note"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        content=content_of(row),
    )


async def compare_versions(
    connection: Connection,
    workspace_id: WorkspaceId,
    template_id: UUID,
    version: int,
    *,
    to: int | None,
) -> tuple[int, Difference]:
    """What has changed from one version to another (None: the current one), and which that is."""
    if to is None:
        to = (await get_template(connection, workspace_id, template_id)).version
    before = await get_version(connection, workspace_id, template_id, version)
    after = await get_version(connection, workspace_id, template_id, to)
    return to, difference(before.content, after.content)


async def restore_version(
    connection: Connection,
    actor: Actor,
    template_id: UUID,
    version: int,
    *,
    if_version: int,
    now: datetime,
) -> SavedTemplate:
    """A new version with what that one held; those in between stay.

    Raises Conflict when `if_version` is no longer the current one, or when that is the one to
    restore; Invalid when what it held can no longer be sent.
    """
    template = await get_template(connection, actor.workspace_id, template_id, lock=True)
    check_version(template, if_version)
    if version == template.version:
        detail = f"Version {version} is the current one. Choose an earlier one to restore."
        raise Conflict(detail, faults=[Fault(pointer="/version", detail=detail)])
    former = await get_version(connection, actor.workspace_id, template_id, version)
    note = f"Restored from version {version}"
    await put_content(connection, actor, template_id, former.content, note=note, now=now)
    return await get_template(connection, actor.workspace_id, template_id)
