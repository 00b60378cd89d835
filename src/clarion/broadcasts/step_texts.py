"""The texts of a step, compiled: what can be sent of them, and what is wrong with the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.broadcasts.outlook import WizardProblem, WizardStep
from clarion.broadcasts.problems import from_faults
from clarion.content.email.checks import email_problems
from clarion.content.email.compile_once import compile_once
from clarion.content.email.own_html import Footer
from clarion.content.plain_characters import Forcing, forcing, replaced
from clarion.content.template import Template, compile_template
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.step import Step
    from clarion.content.email.compile import CompiledEmail
    from clarion.kernel.field_path import FieldPath
    from clarion.kernel.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainSms:
    """What an SMS would say in plain characters; `forcing` are those that it has instead."""

    template: Template
    forcing: tuple[Forcing, ...]
    leaves_out_emoji: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """`needed` are the fields without which a text of the channel cannot be made. `plain_sms` is
    the SMS without the characters that force UCS-2, None where it has none."""

    sms: Template | None
    plain_sms: PlainSms | None
    email: CompiledEmail | None
    needed: tuple[tuple[Channel, FieldPath], ...]
    problems: tuple[WizardProblem, ...]


def compile_texts(
    step: Step, broadcast: Broadcast, workspace: Workspace, snippets: Mapping[str, str]
) -> Texts:
    """What nobody has written yet is no problem here; `snippets` are those that it may name."""
    problems: list[WizardProblem] = []
    sms: Template | None = None
    plain_sms: PlainSms | None = None
    email: CompiledEmail | None = None
    needed: dict[tuple[Channel, FieldPath], None] = {}
    if Channel.SMS in step.channels and step.body.strip():
        try:
            sms = compile_template(step.body, snippets=snippets)
            plain_sms = _plain(step.body, snippets)
        except Invalid as error:
            problems += from_faults(WizardStep.COMPOSE, error, step)
        else:
            needed |= {(Channel.SMS, t.path): None for t in sms.tokens if not t.has_fallback}
    if Channel.EMAIL in step.channels and step.mail.document is not None:
        try:
            email = compile_mail(step, broadcast, workspace, snippets)
        except Invalid as error:
            problems += from_faults(WizardStep.COMPOSE, error, step)
        else:
            needed |= {(Channel.EMAIL, t.path): None for t in email.tokens if not t.has_fallback}
            problems += _email_problems(email, step, workspace)
    return Texts(
        sms=sms,
        plain_sms=plain_sms,
        email=email,
        needed=tuple(needed),
        problems=tuple(problems),
    )


def _plain(body: str, snippets: Mapping[str, str]) -> PlainSms | None:
    """Emoji are left out only where the text would need UCS-2 for them alone. What a snippet says
    stays: it is changed where it is kept."""
    characters = forcing(body)
    if not characters:
        return None
    text = replaced(body)
    leaves_out_emoji = any(each.is_emoji for each in forcing(text))
    if leaves_out_emoji:
        text = replaced(body, without_emoji=True)
    return PlainSms(
        template=compile_template(text, snippets=snippets),
        forcing=characters,
        leaves_out_emoji=leaves_out_emoji,
    )


def compile_mail(
    step: Step,
    broadcast: Broadcast,
    workspace: Workspace,
    snippets: Mapping[str, str],
    *,
    public_url: str = "",
) -> CompiledEmail:
    """As it is sent. Raises Invalid with each fault, at the fields of the step."""
    mail = step.mail
    return compile_once(
        mail.document or {},
        subject=mail.subject,
        preheader=mail.preheader,
        text_part=mail.text_part,
        from_name=mail.from_name,
        reply_to=mail.reply_to,
        footer=_footer(workspace),
        track_opens=broadcast.sequence.track_opens,
        track_clicks=broadcast.sequence.track_clicks,
        public_url=public_url,
        snippets=snippets,
    )


def _email_problems(email: CompiledEmail, step: Step, workspace: Workspace) -> list[WizardProblem]:
    """An email without a subject is told of beside, as is one without any text."""
    return [
        WizardProblem(
            step=WizardStep.COMPOSE, pointer=each.pointer, detail=each.detail, of_step=step.id
        )
        for each in email_problems(email, subject=step.mail.subject, footer=_footer(workspace))
        if each.kind != "no_subject"
    ]


def _footer(workspace: Workspace) -> Footer:
    return Footer(company=workspace.company_name, postal_address=workspace.postal_address)
