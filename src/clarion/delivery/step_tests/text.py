"""What a test says: the step as it stands now, as one person would get it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from clarion.content.segments import measure
from clarion.content.template import compile_template
from clarion.delivery.mails import mail_to_try, unsubscribe_headers
from clarion.delivery.step_tests.step_test import MARK
from clarion.delivery.store import queries
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Fault, Invalid
from clarion.kernel.message_links import MessageLinks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from clarion.db.connection import Connection
    from clarion.kernel.mail import Mail


@dataclass(frozen=True, slots=True, kw_only=True)
class StepText:
    """Either the `body` of an SMS with its segments, or a `mail` with nothing to fill in."""

    body: str = ""
    segments: int = 1
    mail: Mail | None = None
    headers: Mapping[str, str]


def links_of_tests(base_url: str) -> MessageLinks:
    """The same for all tests: these pages say what they would do, and do nothing."""
    return MessageLinks(f"{base_url}/m/test")


async def text_of(
    connection: Connection,
    *,
    step_id: UUID,
    channel: Channel,
    body: str,
    contact: Mapping[str, Any],
    base_url: str,
    with_files: bool = True,
) -> StepText:
    """A value that the contact has not stands as "[first name?]". Raises Invalid for what cannot be
    made at all."""
    if channel is Channel.SMS:
        if not body.strip():
            detail = "Nothing is written in the SMS yet."
            raise Invalid(detail, faults=[Fault(pointer="/body", detail=detail)])
        snippets = await queries.snippets_of_step(connection, step_id=step_id)
        text = compile_template(body, snippets=snippets or {}).fill(contact).text
        return StepText(body=text, segments=max(1, measure(text).segments), headers={})
    made = await mail_to_try(connection, step_id, public_url=base_url, with_files=with_files)
    links = links_of_tests(base_url)
    shown = made.compiled.preview(contact, links)
    mail = replace(
        made.mail, subject=(f"{MARK}{shown.subject}",), text=(shown.text,), html=(shown.html,)
    )
    return StepText(mail=mail, headers=unsubscribe_headers(links))
