"""Saved texts and e-mails: found, saved with versions, compared, brought back, archived.

A job of the queue service can name one instead of a body.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from clarion.api.bodies import templates as bodies
from clarion.api.caller import Caller, Now, TheWorkspace, Transaction, uuid_of
from clarion.api.page_marks import read_mark, write_mark
from clarion.content import saved_templates, template_list, template_versions
from clarion.content.library import LIBRARY
from clarion.content.library.template import Category, LibraryTemplate
from clarion.content.saved_templates import SavedTemplate, TemplateChange
from clarion.content.template_content import Content
from clarion.content.template_list import TemplateSort
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Fault, Invalid

router = APIRouter(tags=["templates"])


@router.get("/template-library")
async def list_template_library(_: Caller) -> bodies.TemplateLibrary:
    """Templates to begin from; POST /templates with `from_library` saves one as one's own."""
    return bodies.TemplateLibrary(
        templates=[
            bodies.LibraryTemplate.model_validate(_library(each)) for each in LIBRARY.values()
        ]
    )


@router.post("/templates", status_code=201)
async def create_template(
    body: bodies.NewTemplate, actor: Caller, connection: Transaction, now: Now
) -> bodies.Template:
    """A text that is no template is refused with its line; a name that is taken with 409."""
    if body.from_library is not None:
        _check_alone(body)
        made = await saved_templates.save_from_library(
            connection, actor, body.from_library, name=body.name, now=now
        )
        return _body(made)
    made = await saved_templates.save_template(
        connection,
        actor,
        name=body.name or "",
        content=Content(
            channel=Channel(body.channel),
            subject=body.subject,
            preheader=body.preheader,
            body=body.body,
            email=body.email,
        ),
        category=Category(body.category),
        note=body.note,
        now=now,
    )
    return _body(made)


@router.get("/templates")
async def list_templates(
    connection: Transaction,
    workspace: TheWorkspace,
    asked: Annotated[bodies.TemplateSearch, Query()],
) -> bodies.TemplatePage:
    """Those that are not archived, or only those that are. The latest saved first, the newest
    first, or by name; `search` finds a part of the name, the subject or the text."""
    page = await template_list.list_templates(
        connection,
        workspace.id,
        search=asked.search,
        channel=Channel(asked.channel) if asked.channel else None,
        category=Category(asked.category) if asked.category else None,
        archived=asked.archived,
        sort=TemplateSort(asked.sort),
        after=read_mark(asked.after, asked.sort, is_moment=asked.sort == "updated"),
        limit=asked.limit,
    )
    return bodies.TemplatePage(
        templates=[_body(each) for each in page.templates],
        next=write_mark(asked.sort, *page.next) if page.next else None,
    )


@router.get("/templates/{template_id}")
async def get_template(
    template_id: str, connection: Transaction, workspace: TheWorkspace
) -> bodies.Template:
    return _body(
        await saved_templates.get_template(
            connection, workspace.id, uuid_of(template_id, "template")
        )
    )


@router.patch("/templates/{template_id}")
async def change_template(
    template_id: str,
    body: bodies.ChangeTemplate,
    actor: Caller,
    connection: Transaction,
    now: Now,
) -> bodies.Template:
    """Another content makes a new version; 409 when somebody else saved since `version`."""
    change = TemplateChange(
        version=body.version,
        name=body.name,
        category=Category(body.category) if body.category else None,
        subject=body.subject,
        preheader=body.preheader,
        body=body.body,
        email=body.email,
        note=body.note,
    )
    return _body(
        await saved_templates.change_template(
            connection, actor, uuid_of(template_id, "template"), change, now=now
        )
    )


@router.post("/templates/{template_id}/duplicate", status_code=201)
async def duplicate_template(
    template_id: str,
    body: bodies.DuplicateTemplate,
    actor: Caller,
    connection: Transaction,
    now: Now,
) -> bodies.Template:
    """A template of its own with what this one holds; without a name it is called "Copy of …"."""
    return _body(
        await saved_templates.duplicate_template(
            connection, actor, uuid_of(template_id, "template"), name=body.name, now=now
        )
    )


@router.post("/templates/{template_id}/archive")
async def archive_template(
    template_id: str, connection: Transaction, workspace: TheWorkspace, now: Now
) -> bodies.Template:
    """Out of the list; a job that names it still gets its text."""
    return _body(
        await saved_templates.archive_template(
            connection, workspace.id, uuid_of(template_id, "template"), archived=True, now=now
        )
    )


@router.post("/templates/{template_id}/unarchive")
async def unarchive_template(
    template_id: str, connection: Transaction, workspace: TheWorkspace, now: Now
) -> bodies.Template:
    return _body(
        await saved_templates.archive_template(
            connection, workspace.id, uuid_of(template_id, "template"), archived=False, now=now
        )
    )


@router.get("/templates/{template_id}/versions")
async def list_template_versions(
    template_id: str,
    connection: Transaction,
    workspace: TheWorkspace,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> bodies.TemplateVersions:
    """Every save, the latest first."""
    found = await template_versions.list_versions(
        connection,
        workspace.id,
        uuid_of(template_id, "template"),
        before=before,
        limit=limit + 1,
    )
    page = found[:limit]
    return bodies.TemplateVersions(
        versions=[bodies.TemplateVersionLine.model_validate(each) for each in page],
        next=page[-1].version if len(found) > limit else None,
    )


@router.get("/templates/{template_id}/versions/{version}")
async def get_template_version(
    template_id: str, version: int, connection: Transaction, workspace: TheWorkspace
) -> bodies.TemplateVersion:
    found = await template_versions.get_version(
        connection, workspace.id, uuid_of(template_id, "template"), version
    )
    return bodies.TemplateVersion(
        version=found.version,
        note=found.note,
        created_by=found.created_by,
        created_at=found.created_at,
        **_content(found.content),
    )


@router.get("/templates/{template_id}/versions/{version}/difference")
async def compare_template_versions(
    template_id: str,
    version: int,
    connection: Transaction,
    workspace: TheWorkspace,
    to: Annotated[int | None, Query()] = None,
) -> bodies.TemplateDifference:
    """What has changed from this version to `to`; without it, to the current one."""
    after, found = await template_versions.compare_versions(
        connection, workspace.id, uuid_of(template_id, "template"), version, to=to
    )
    return bodies.TemplateDifference(
        before=version,
        after=after,
        fields=[bodies.FieldDifference.model_validate(each) for each in found.fields],
        blocks=[bodies.BlockDifference.model_validate(each) for each in found.blocks],
    )


@router.post("/templates/{template_id}/restore")
async def restore_template(
    template_id: str,
    body: bodies.RestoreTemplate,
    actor: Caller,
    connection: Transaction,
    now: Now,
) -> bodies.Template:
    """A new version with what an earlier one held; nothing in between is lost."""
    return _body(
        await template_versions.restore_version(
            connection,
            actor,
            uuid_of(template_id, "template"),
            body.version,
            if_version=body.if_version,
            now=now,
        )
    )


def _check_alone(body: bodies.NewTemplate) -> None:
    """Raises Invalid for content that is given beside the key; a default says nothing."""
    given = sorted(
        name
        for name, field in bodies.NewTemplate.model_fields.items()
        if name not in ("from_library", "name") and getattr(body, name) != field.default
    )
    if given:
        detail = "A template from the library has its own content; change it once it is saved."
        raise Invalid(detail, faults=[Fault(pointer=f"/{each}", detail=detail) for each in given])


def _content(content: Content | LibraryTemplate) -> dict[str, Any]:
    return {
        "channel": content.channel.value,
        "subject": content.subject,
        "preheader": content.preheader,
        "body": content.body,
        "email": content.email,
    }


def _library(template: LibraryTemplate) -> dict[str, Any]:
    return {
        "key": template.key,
        "name": template.name,
        "purpose": template.purpose,
        "category": template.category.value,
        **_content(template),
    }


def _body(template: SavedTemplate) -> bodies.Template:
    return bodies.Template(
        id=str(template.id),
        name=template.name,
        category=template.category.value,
        version=template.version,
        from_library=template.from_library,
        archived_at=template.archived_at,
        created_by=template.created_by,
        created_at=template.created_at,
        updated_by=template.updated_by,
        updated_at=template.updated_at,
        **_content(template.content),
    )
