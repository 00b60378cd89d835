"""Jobs that name a template: their text, made from the contact and the values given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from clarion.api.bodies.queue_services import NewJob
from clarion.content.saved_templates import SavedTemplate, render, templates_by_ids
from clarion.content.snippets.store import snippet_texts
from clarion.db.connection import Connection
from clarion.kernel.errors import Fault, Invalid
from clarion.kernel.workspace import Workspace
from clarion.wiring.clarion import Clarion


async def with_texts(
    connection: Connection, clarion: Clarion, workspace: Workspace, jobs: Sequence[NewJob]
) -> list[NewJob]:
    """The same jobs; those with a `template_id` have channel, subject and body as it renders.

    Raises Invalid with a fault for each job whose template or contact is not there, or whose
    text lacks a value.
    """
    named = [job for job in jobs if job.template_id is not None]
    if not named:
        return list(jobs)
    templates = await templates_by_ids(
        connection, workspace.id, [each for job in named if (each := _uuid(job.template_id))]
    )
    contacts = await clarion.audience.rows_by_ids(
        connection, workspace, [job.contact_id for job in named if job.contact_id is not None]
    )
    snippets = await snippet_texts(connection, workspace.id)
    faults: list[Fault] = []
    made = []
    for index, job in enumerate(jobs):
        try:
            made.append(_with_text(job, templates, contacts, snippets))
        except Invalid as error:
            faults += [
                Fault(pointer=f"/jobs/{index}{each.pointer}", detail=each.detail)
                for each in error.faults
            ]
    if faults:
        raise Invalid("The jobs were not taken.", faults=faults)
    return made


def _with_text(
    job: NewJob,
    templates: dict[UUID, SavedTemplate],
    contacts: dict[str, dict[str, Any]],
    snippets: dict[str, str],
) -> NewJob:
    if job.template_id is None:
        return job
    if job.body is not None or job.subject is not None or job.broadcast_step_id is not None:
        raise _wrong("/template_id", "Give a template, or a text of its own, or a step.")
    template = templates.get(_uuid(job.template_id) or UUID(int=0))
    if template is None:
        raise _wrong("/template_id", "There is no such template.")
    if job.channel is not None and job.channel != template.channel:
        raise _wrong("/channel", f"This template is for {template.channel}.")
    if job.contact_id is not None and job.contact_id not in contacts:
        raise _wrong("/contact_id", "There is no such contact.")
    if template.content.email is not None:
        detail = (
            f"“{template.name}” is an e-mail made of blocks, which only a broadcast sends. "
            "Name a template whose body is HTML."
        )
        raise _wrong("/template_id", detail)
    contact = contacts.get(job.contact_id or "", {})
    try:
        text = render(template, {**contact, **job.values}, snippets)
    except Invalid as error:
        raise _wrong("/values", error.detail) from error
    return job.model_copy(
        update={"channel": text.channel.value, "subject": text.subject, "body": text.body}
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text is not None else None
    except ValueError:
        return None


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])
