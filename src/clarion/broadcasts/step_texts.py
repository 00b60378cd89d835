"""The texts of a step, compiled: what can be sent of them, and what is wrong with the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.broadcasts.outlook import WizardStep
from clarion.broadcasts.problems import from_faults
from clarion.content.template import Template, compile_template
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid

if TYPE_CHECKING:
    from clarion.broadcasts.outlook import WizardProblem
    from clarion.broadcasts.step import Step
    from clarion.kernel.field_path import FieldPath
    from clarion.kernel.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """`needed` are the fields without which a text of the channel cannot be made."""

    sms: Template | None
    needed: tuple[tuple[Channel, FieldPath], ...]
    problems: tuple[WizardProblem, ...]


def compile_texts(step: Step, workspace: Workspace) -> Texts:  # noqa: ARG001
    """What nobody has written yet is no problem here."""
    problems: list[WizardProblem] = []
    sms: Template | None = None
    needed: dict[tuple[Channel, FieldPath], None] = {}
    if Channel.SMS in step.channels and step.body.strip():
        try:
            sms = compile_template(step.body)
        except Invalid as error:
            problems += from_faults(WizardStep.COMPOSE, error, step)
        else:
            for token in sms.tokens:
                if not token.has_fallback:
                    needed[Channel.SMS, token.path] = None
    return Texts(sms=sms, needed=tuple(needed), problems=tuple(problems))
