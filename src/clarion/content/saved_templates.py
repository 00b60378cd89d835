"""Texts that are saved under a name, checked when they are saved."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NewType
from uuid import UUID

from clarion.content.template import compile_template
from clarion.db.queries import load_queries, rows
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Conflict, Fault, Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from clarion.db.connection import Connection, Row
    from clarion.kernel.actor import Actor, WorkspaceId

queries = load_queries(__file__)

TemplateId = NewType("TemplateId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedTemplate:
    """`subject` and `body` are Liquid; an e-mail's body is HTML."""

    id: TemplateId
    name: str
    channel: Channel
    subject: str | None
    body: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    channel: Channel
    subject: str | None
    body: str


async def save_template(
    connection: Connection,
    actor: Actor,
    *,
    name: str,
    channel: Channel,
    subject: str | None,
    body: str,
    now: datetime,
) -> SavedTemplate:
    """Raises Invalid for a text that is no template, Conflict for a name that is taken."""
    if not name.strip():
        raise _wrong("/name", "Give the template a name.")
    if not body.strip():
        raise _wrong("/body", "Write the text.")
    compile_template(body)
    if channel is Channel.EMAIL:
        if not subject or not subject.strip():
            raise _wrong("/subject", "Give the e-mail a subject.")
        compile_template(subject, pointer="/subject")
    elif subject is not None:
        raise _wrong("/subject", "An SMS has no subject.")
    row = await queries.add_template(
        connection,
        workspace_id=actor.workspace_id,
        name=name.strip(),
        channel=channel,
        subject=subject,
        body=body,
        created_by=actor.name,
        now=now,
    )
    if row is None:
        detail = f"There is a template named “{name.strip()}” already."
        raise Conflict(detail, faults=[Fault(pointer="/name", detail=detail)])
    return _template(row)


async def get_template(
    connection: Connection, workspace_id: WorkspaceId, template_id: UUID
) -> SavedTemplate:
    found = await templates_by_ids(connection, workspace_id, [template_id])
    if template_id not in found:
        raise NotFound("There is no such template.")
    return found[template_id]


async def templates_by_ids(
    connection: Connection, workspace_id: WorkspaceId, ids: Sequence[UUID]
) -> dict[UUID, SavedTemplate]:
    """Those that there are, in this workspace."""
    found = await rows(
        queries.templates_by_ids(connection, workspace_id=workspace_id, ids=list(ids))
    )
    return {row["id"]: _template(row) for row in found}


async def list_templates(
    connection: Connection, workspace_id: WorkspaceId, *, after: UUID | None, limit: int
) -> list[SavedTemplate]:
    found = await rows(
        queries.list_templates(connection, workspace_id=workspace_id, after=after, limit=limit)
    )
    return [_template(row) for row in found]


def render(template: SavedTemplate, values: Mapping[str, Any]) -> Rendered:
    """Raises MissingValue, an Invalid, when a token has neither value nor fallback.

    In an e-mail's HTML a value is text, whatever it holds: it cannot bring markup with it.
    """
    in_body = _escaped(values) if template.channel is Channel.EMAIL else values
    return Rendered(
        channel=template.channel,
        subject=compile_template(template.subject).render(values) if template.subject else None,
        body=compile_template(template.body).render(in_body),
    )


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return html.escape(value)
    if isinstance(value, dict):
        return {key: _escaped(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_escaped(each) for each in value]
    return value


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])


def _template(row: Row) -> SavedTemplate:
    return SavedTemplate(
        id=TemplateId(row["id"]),
        name=row["name"],
        channel=Channel(row["channel"]),
        subject=row["subject"],
        body=row["body"],
        created_by=row["created_by"],
        created_at=row["created_at"],
    )
