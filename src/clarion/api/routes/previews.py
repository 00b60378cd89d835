"""What real people would get of a broadcast, on each of its channels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from clarion.api.bodies import previews as bodies
from clarion.api.bodies.shape import Fault
from clarion.api.caller import TheClarion, TheWorkspace, Transaction, uuid_of
from clarion.audience.audience import By
from clarion.broadcasts.previews import Shown, show
from clarion.broadcasts.store import get_broadcast
from clarion.content.snippets.store import snippet_texts
from clarion.kernel.channel import Channel
from clarion.kernel.errors import NotFound

if TYPE_CHECKING:
    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.step import Step
    from clarion.content.preview import Preview

router = APIRouter(prefix="/broadcasts", tags=["broadcasts"])


@router.post("/{broadcast_id}/preview")
async def preview_broadcast(
    broadcast_id: str,
    body: bodies.AskPreview,
    clarion: TheClarion,
    connection: Transaction,
    workspace: TheWorkspace,
) -> bodies.PreviewPage:
    """What real recipients would get, a page at a time or one of them."""
    broadcast = await get_broadcast(connection, workspace.id, uuid_of(broadcast_id, "broadcast"))
    saved = _step(broadcast, body.step_id)
    step = _as_written(saved, body)
    # What was launched is shown with the snippets that it keeps.
    snippets = (
        await snippet_texts(connection, workspace.id)
        if saved.snippets is None or step != saved
        else saved.snippets
    )
    channels = (Channel(body.channel),) if body.channel else step.channels
    if body.contact_id is not None:
        page = await clarion.audience.page_of_one(connection, workspace, body.contact_id)
    else:
        compiled = await clarion.audience.read(
            connection, workspace, broadcast.filter, broadcast_id=broadcast.id
        )
        page = await clarion.audience.page(
            connection,
            workspace,
            compiled,
            after=body.after,
            limit=body.limit,
            channel=channels[0],
            reachable=len(channels) == 1,
            by=By.ANY if len(channels) > 1 else None,
            search=body.search,
        )
    shown = show(step, broadcast, workspace, page.contacts, channels=channels, snippets=snippets)
    return bodies.PreviewPage(
        recipients=[_body(each) for each in shown.people],
        next=page.next if shown.people else None,
        errors=[Fault(pointer=each.pointer, detail=each.detail) for each in shown.faults],
    )


def _step(broadcast: Broadcast, step_id: str | None) -> Step:
    if step_id is None:
        return broadcast.first_step
    wanted = uuid_of(step_id, "step")
    for step in broadcast.steps:
        if step.id == wanted:
            return step
    raise NotFound("There is no such step.")


def _as_written(step: Step, body: bodies.AskPreview) -> Step:
    """With the texts that were given in the place of the saved ones."""
    given: dict[str, Any] = body.model_dump(include={"subject", "preheader"}, exclude_none=True)
    if "text_part" in body.model_fields_set:
        given["text_part"] = body.text_part
    if body.email is not None:
        given["document"] = body.email
    return replace(
        step,
        body=step.body if body.body is None else body.body,
        mail=replace(step.mail, **given),
    )


def _body(shown: Shown) -> bodies.RecipientPreview:
    contact = shown.contact
    return bodies.RecipientPreview(
        contact_id=contact.id,
        name=" ".join(filter(None, (contact.first_name, contact.last_name))),
        phone_number=contact.phone_number,
        email_address=contact.email,
        contact=dict(contact.row),
        sms=None if shown.sms is None else _sms(shown.sms),
        email=(
            None
            if shown.email is None
            else bodies.EmailPreview(
                subject=shown.email.subject,
                preheader=shown.email.preheader,
                html=shown.email.html,
                text=shown.email.text,
                missing=list(shown.email.missing),
            )
        ),
    )


def _sms(shown: Preview) -> bodies.SmsPreview:
    return bodies.SmsPreview(
        text=shown.text,
        characters=shown.measure.characters,
        encoding=shown.measure.encoding.value,
        segments=shown.measure.segments,
        left_in_segment=shown.measure.left_in_segment,
        forcing=list(shown.measure.forcing),
        missing=list(shown.missing),
    )
