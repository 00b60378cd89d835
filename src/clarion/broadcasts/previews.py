"""What real people would get of a step: as it is saved, or as somebody writes it now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from clarion.broadcasts.step_texts import compile_mail
from clarion.content.preview import NoLinks, Preview, compiled_text, preview
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from clarion.audience.audience import Contact
    from clarion.broadcasts.broadcast import Broadcast
    from clarion.broadcasts.step import Step
    from clarion.content.email.compile import EmailPreview
    from clarion.kernel.workspace import Workspace

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one person would get; None where the step has nothing on the channel, or nothing that
    can be made."""

    contact: Contact
    sms: Preview | None
    email: EmailPreview | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPage:
    """`faults` is what is wrong with the texts, or with the text for one of these people."""

    people: tuple[Shown, ...]
    faults: tuple[Fault, ...]


def show(
    step: Step,
    broadcast: Broadcast,
    workspace: Workspace,
    contacts: Iterable[Contact],
    *,
    channels: Collection[Channel],
    snippets: Mapping[str, str],
) -> ShownPage:
    """The step as each of these people would get it on `channels`. Nobody, where it cannot be made
    on any of them. `snippets` are those that its texts may name."""
    faults: dict[Fault, None] = {}

    def made(make: Callable[[], _Made]) -> _Made | None:
        try:
            return make()
        except Invalid as problem:
            faults.update(dict.fromkeys(problem.faults))
            return None

    sms = made(lambda: compiled_text(step.body, snippets)) if Channel.SMS in channels else None
    email = None
    if Channel.EMAIL in channels and step.mail.document is not None:
        email = made(lambda: compile_mail(step, broadcast, workspace, snippets))
    if faults and sms is None and email is None:
        return ShownPage(people=(), faults=tuple(faults))
    people = tuple(
        Shown(
            contact=contact,
            sms=made(partial(preview, sms, contact.row)) if sms is not None else None,
            email=(
                made(partial(email.preview, contact.row, NoLinks())) if email is not None else None
            ),
        )
        for contact in contacts
    )
    return ShownPage(people=people, faults=tuple(faults))
