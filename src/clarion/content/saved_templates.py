"""Texts and e-mails that are saved under a name, checked when they are saved.

What a template holds has versions (`template_versions.py`): each save makes one, and none is ever
changed. Name, category and archive belong to the template itself.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NewType
from uuid import UUID

from psycopg import errors
from psycopg.types.json import Jsonb

from clarion.content.library import library_template
from clarion.content.library.template import Category
from clarion.content.snippet_tag import NO_SNIPPETS, liquid_as_html
from clarion.content.snippets.store import snippet_texts
from clarion.content.template import compile_template
from clarion.content.template_content import Content, check_content
from clarion.db.queries import load_queries, rows
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Conflict, Fault, Invalid, NotFound
from clarion.kernel.names import MAX_NAME, free_name, name_of_copy, stem_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from clarion.db.connection import Connection, Row
    from clarion.kernel.actor import Actor, WorkspaceId

queries = load_queries(__file__)

TemplateId = NewType("TemplateId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedTemplate:
    """`version` is the one of the content. `from_library` is the key of what it began as."""

    id: TemplateId
    name: str
    category: Category
    content: Content
    version: int
    from_library: str | None
    archived_at: datetime | None
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime

    @property
    def channel(self) -> Channel:
        return self.content.channel


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChange:
    """What is None stays as it is; `version` is the one that the caller has read. `note` says of
    the version that is made why it was."""

    version: int
    name: str | None = None
    category: Category | None = None
    subject: str | None = None
    preheader: str | None = None
    body: str | None = None
    email: dict[str, Any] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    channel: Channel
    subject: str | None
    body: str


def read_name(name: str) -> str:
    """Without white space around it, and one space where there were many. Raises Invalid."""
    plain = " ".join(name.split())
    if not plain:
        raise _wrong("/name", "Give the template a name.")
    if len(plain) > MAX_NAME:
        raise _wrong("/name", f"A name has {MAX_NAME} characters at most.")
    return plain


async def save_template(
    connection: Connection,
    actor: Actor,
    *,
    name: str,
    content: Content,
    category: Category = Category.OTHER,
    from_library: str | None = None,
    note: str = "",
    now: datetime,
) -> SavedTemplate:
    """Its first version. Raises Invalid for what cannot be sent, Conflict for a taken name."""
    plain = read_name(name)
    check_content(content, await snippet_texts(connection, actor.workspace_id))
    row = await queries.add_template(
        connection,
        workspace_id=actor.workspace_id,
        name=plain,
        channel=content.channel,
        category=category,
        **_columns(content),
        from_library=from_library,
        note=note,
        created_by=actor.name,
        now=now,
    )
    if row is None:
        raise _taken(plain)
    return template_of(row)


async def save_from_library(
    connection: Connection, actor: Actor, key: str, *, name: str | None, now: datetime
) -> SavedTemplate:
    """Without a name it has the one of the library, with a number where that is taken.

    Raises Invalid for a key that there is not, Conflict for a given name that is taken.
    """
    source = library_template(key)
    if name is None:
        name = await _free_name(connection, actor.workspace_id, source.name)
    return await save_template(
        connection,
        actor,
        name=name,
        content=Content(
            channel=source.channel,
            subject=source.subject,
            preheader=source.preheader,
            body=source.body,
            email=source.email,
        ),
        category=source.category,
        from_library=key,
        note="From the library",
        now=now,
    )


async def duplicate_template(
    connection: Connection, actor: Actor, template_id: UUID, *, name: str | None, now: datetime
) -> SavedTemplate:
    """A new template with what this one holds now; without a name "Copy of …"."""
    source = await get_template(connection, actor.workspace_id, template_id)
    if name is None:
        name = await _free_name(connection, actor.workspace_id, name_of_copy(source.name))
    return await save_template(
        connection,
        actor,
        name=name,
        content=source.content,
        category=source.category,
        from_library=source.from_library,
        note=f"Copied from version {source.version} of “{source.name}”",
        now=now,
    )


async def change_template(
    connection: Connection,
    actor: Actor,
    template_id: UUID,
    change: TemplateChange,
    *,
    now: datetime,
) -> SavedTemplate:
    """A new version when the content differs; a name or a category makes none.

    Raises Conflict when somebody else saved it first or the name is taken, Invalid for what cannot
    be sent.
    """
    template = await get_template(connection, actor.workspace_id, template_id, lock=True)
    check_version(template, change.version)
    name = read_name(change.name) if change.name is not None else None
    if name is not None or change.category is not None:
        await _describe(connection, actor, template_id, name, change.category, now=now)
    asked = {
        part: value
        for part in ("subject", "preheader", "body", "email")
        if (value := getattr(change, part)) is not None
    }
    content = replace(template.content, **asked)
    if content != template.content:
        await put_content(connection, actor, template_id, content, note=change.note, now=now)
    return await get_template(connection, actor.workspace_id, template_id)


async def put_content(
    connection: Connection,
    actor: Actor,
    template_id: UUID,
    content: Content,
    *,
    note: str,
    now: datetime,
) -> None:
    """As the next version of a template that the caller holds. Raises Invalid."""
    check_content(content, await snippet_texts(connection, actor.workspace_id))
    await queries.save_content(
        connection, id=template_id, **_columns(content), note=note, by=actor.name, now=now
    )


async def _describe(
    connection: Connection,
    actor: Actor,
    template_id: UUID,
    name: str | None,
    category: Category | None,
    *,
    now: datetime,
) -> None:
    if name is not None and await queries.name_is_taken(
        connection, workspace_id=actor.workspace_id, name=name, but=template_id
    ):
        raise _taken(name)
    try:
        await queries.describe_template(
            connection, id=template_id, name=name, category=category, by=actor.name, now=now
        )
    except errors.UniqueViolation as error:
        # Somebody took the name since it was looked for.
        raise _taken(name or "") from error


async def archive_template(
    connection: Connection,
    workspace_id: WorkspaceId,
    template_id: UUID,
    *,
    archived: bool,
    now: datetime,
) -> SavedTemplate:
    """Into the archive or out of it; whoever names it by its id still gets it."""
    await queries.archive_template(
        connection, workspace_id=workspace_id, id=template_id, archived=archived, now=now
    )
    return await get_template(connection, workspace_id, template_id)


async def get_template(
    connection: Connection, workspace_id: WorkspaceId, template_id: UUID, *, lock: bool = False
) -> SavedTemplate:
    """Raises NotFound; with `lock` nobody else changes it meanwhile."""
    ask = queries.lock_template if lock else queries.get_template
    row = await ask(connection, workspace_id=workspace_id, id=template_id)
    if row is None:
        raise NotFound("There is no such template.")
    return template_of(row)


async def templates_by_ids(
    connection: Connection, workspace_id: WorkspaceId, ids: Sequence[UUID]
) -> dict[UUID, SavedTemplate]:
    """Those that there are, in this workspace."""
    found = await rows(
        queries.templates_by_ids(connection, workspace_id=workspace_id, ids=list(ids))
    )
    return {row["id"]: template_of(row) for row in found}


def check_version(template: SavedTemplate, version: int) -> None:
    """Raises Conflict when the caller has read another version than the current one."""
    if template.version != version:
        detail = (
            f"{template.updated_by} has saved version {template.version} of “{template.name}” "
            "since you opened it. Look at what has changed before you save."
        )
        raise Conflict(detail, faults=[Fault(pointer="/version", detail=detail)])


def render(
    template: SavedTemplate, values: Mapping[str, Any], snippets: Mapping[str, str] = NO_SNIPPETS
) -> Rendered:
    """For a text or HTML; a document is made for the steps of broadcasts, not here.

    Raises MissingValue, an Invalid, when a token has neither value nor fallback. In an e-mail's
    HTML a value is text, whatever it holds: it cannot bring markup with it.
    """
    content = template.content
    in_body, said = values, snippets
    if content.channel is Channel.EMAIL:
        in_body, said = (
            _escaped(values),
            {name: liquid_as_html(snippets[name]) for name in snippets},
        )
    return Rendered(
        channel=content.channel,
        subject=_line(content.subject, values, snippets) if content.subject else None,
        body=compile_template(content.body, snippets=said).render(in_body),
    )


def _line(text: str, values: Mapping[str, Any], snippets: Mapping[str, str]) -> str:
    return " ".join(compile_template(text, snippets=snippets).render(values).splitlines())


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return html.escape(value)
    if isinstance(value, dict):
        return {key: _escaped(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_escaped(each) for each in value]
    return value


async def _free_name(connection: Connection, workspace_id: WorkspaceId, name: str) -> str:
    taken = await rows(
        queries.names_taken(connection, workspace_id=workspace_id, stem=stem_of(name))
    )
    return free_name(name, [row["name"] for row in taken])


def _taken(name: str) -> Conflict:
    detail = f"There is a template named “{name}” already."
    return Conflict(detail, faults=[Fault(pointer="/name", detail=detail)])


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])


def _columns(content: Content) -> dict[str, Any]:
    return {
        "subject": content.subject,
        "preheader": content.preheader,
        "body": content.body,
        "email": Jsonb(content.email) if content.email is not None else None,
    }


def content_of(row: Row) -> Content:
    return Content(
        channel=Channel(row["channel"]),
        subject=row["subject"],
        preheader=row["preheader"],
        body=row["body"],
        email=row["email"],
    )


def template_of(row: Row) -> SavedTemplate:
    return SavedTemplate(
        id=TemplateId(row["id"]),
        name=row["name"],
        category=Category(row["category"]),
        content=content_of(row),
        version=row["version"],
        from_library=row["from_library"],
        archived_at=row["archived_at"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        updated_by=row["updated_by"] or row["created_by"],
        updated_at=row["updated_at"],
    )
