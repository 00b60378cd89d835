"""Emails and SMS looked at while somebody writes them: what is wrong in them is an answer, not an
error of the request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends

from clarion.api.bodies import content as bodies
from clarion.api.bodies.shape import Fault
from clarion.api.caller import TheWorkspace, Transaction
from clarion.content.check import Check
from clarion.content.email.checks import check_email
from clarion.content.email.compile_once import compile_once
from clarion.content.email.own_html import Footer
from clarion.content.plain_characters import forcing, replaced
from clarion.content.preview import NoLinks, compiled_text
from clarion.content.segments import measure
from clarion.content.sms_checks import check_sms
from clarion.content.snippet_tag import spelled_out
from clarion.content.snippets.store import snippet_texts
from clarion.kernel.errors import Invalid

router = APIRouter(prefix="/content", tags=["content"])


async def _snippets(connection: Transaction, workspace: TheWorkspace) -> dict[str, str]:
    return await snippet_texts(connection, workspace.id)


TheSnippets = Annotated[dict[str, str], Depends(_snippets)]


# Not async: what is compiled here may be half a megabyte, and nobody else should wait for it.
@router.post("/email/check")
def check_an_email(
    body: bodies.EmailToCheck, workspace: TheWorkspace, snippets: TheSnippets
) -> bodies.EmailChecked:
    """Filled in for the contact, with its links, and what to mend. Nothing is saved."""
    footer = Footer(company=workspace.company_name, postal_address=workspace.postal_address)
    try:
        compiled = compile_once(
            body.email,
            subject=body.subject,
            preheader=body.preheader,
            text_part=body.text_part,
            from_name=body.from_name,
            reply_to=body.reply_to,
            footer=footer,
            snippets=snippets,
        )
        shown = compiled.preview(body.contact or {}, NoLinks())
    except Invalid as problem:
        return _unshown(_faults(problem))
    return bodies.EmailChecked(
        subject=shown.subject,
        preheader=shown.preheader,
        html=shown.html,
        text=shown.text,
        text_made=compiled.made_text,
        tokens=[
            bodies.ContentToken(name=token.name, label=token.label, has_fallback=token.has_fallback)
            for token in compiled.tokens
        ],
        missing=list(shown.missing),
        links=[
            bodies.ContentLink(url=link.url, label=link.label, number=link.number)
            for link in compiled.every_link
        ],
        checks=_checks(check_email(compiled, shown, subject=body.subject, footer=footer)),
        errors=[],
    )


@router.post("/sms/check")
def check_an_sms(
    body: bodies.SmsToCheck, workspace: TheWorkspace, snippets: TheSnippets
) -> bodies.SmsChecked:
    """What it costs, which characters make it dear, and what to mend. Nothing is saved."""
    text, errors = body.body, []
    said = spelled_out(body.body, snippets)
    try:
        text = compiled_text(body.body, snippets).fill({}).text
    except Invalid as problem:
        errors = _faults(problem)
    measured = measure(text)
    return bodies.SmsChecked(
        encoding=measured.encoding.value,
        segments=measured.segments,
        forcing=[bodies.ForcingCharacter.model_validate(asdict(each)) for each in forcing(said)],
        replaced=replaced(body.body, without_emoji=body.without_emoji),
        checks=_checks(check_sms(said, measured, company=workspace.company_name)),
        errors=errors,
    )


def _unshown(errors: list[Fault]) -> bodies.EmailChecked:
    return bodies.EmailChecked(
        subject="",
        preheader="",
        html="",
        text="",
        text_made="",
        tokens=[],
        missing=[],
        links=[],
        checks=[],
        errors=errors,
    )


def _faults(problem: Invalid) -> list[Fault]:
    return [Fault(pointer=fault.pointer, detail=fault.detail) for fault in problem.faults]


def _checks(checks: Sequence[Check]) -> list[bodies.ContentCheck]:
    return [bodies.ContentCheck.model_validate(asdict(check)) for check in checks]
