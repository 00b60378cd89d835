"""Saved texts, which a job of the queue service can name instead of a body."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from clarion.api.bodies import templates as bodies
from clarion.api.caller import Caller, Now, TheWorkspace, Transaction, page_mark, uuid_of
from clarion.content import saved_templates
from clarion.content.saved_templates import SavedTemplate
from clarion.kernel.channel import Channel

router = APIRouter(prefix="/templates", tags=["templates"])


@router.post("", status_code=201)
async def create_template(
    body: bodies.NewTemplate, actor: Caller, connection: Transaction, now: Now
) -> bodies.Template:
    """A text that is no template is refused with its line; a name that is taken with 409."""
    made = await saved_templates.save_template(
        connection,
        actor,
        name=body.name,
        channel=Channel(body.channel),
        subject=body.subject,
        body=body.body,
        now=now,
    )
    return _body(made)


@router.get("")
async def list_templates(
    connection: Transaction,
    workspace: TheWorkspace,
    after: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> bodies.TemplatePage:
    """The newest first."""
    found = await saved_templates.list_templates(
        connection, workspace.id, after=page_mark(after), limit=limit + 1
    )
    page = found[:limit]
    return bodies.TemplatePage(
        templates=[_body(each) for each in page],
        next=str(page[-1].id) if len(found) > limit else None,
    )


@router.get("/{template_id}")
async def get_template(
    template_id: str, connection: Transaction, workspace: TheWorkspace
) -> bodies.Template:
    return _body(
        await saved_templates.get_template(
            connection, workspace.id, uuid_of(template_id, "template")
        )
    )


def _body(template: SavedTemplate) -> bodies.Template:
    return bodies.Template(
        id=str(template.id),
        name=template.name,
        channel=template.channel.value,
        subject=template.subject,
        body=template.body,
        created_by=template.created_by,
        created_at=template.created_at,
    )
