"""The mail of a step, compiled for all of its recipients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from clarion.content.email.compile import CompiledEmail, compile_email
from clarion.content.email.own_html import Footer
from clarion.db.queries import rows
from clarion.delivery.store import queries
from clarion.kernel.errors import Fault, Invalid, NotFound
from clarion.kernel.mail import Attachment, Mail

if TYPE_CHECKING:
    from uuid import UUID

    from clarion.db.connection import Connection, Row
    from clarion.kernel.message_links import LinkSigner, MessageLinks


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMail:
    """`mail` is what all share, with the files that go along where they were asked for."""

    compiled: CompiledEmail
    mail: Mail


async def mail_of_step(
    connection: Connection, step_id: UUID, signer: LinkSigner, *, with_files: bool = True
) -> StepMail:
    """Files are megabytes: whoever only shows the mail does without them.

    Raises NotFound, and Invalid for a mail that cannot be compiled; it was checked when the
    broadcast was launched.
    """
    row = await queries.mail_of_step(connection, step_id=step_id)
    if row is None or row["email"] is None:
        raise NotFound("There is no such email.")
    compiled = _compiled(
        row,
        track_opens=row["track_opens"],
        track_clicks=row["track_clicks"],
        public_url=signer.base_url,
    )
    attached = await _files(connection, step_id) if with_files else ()
    return StepMail(compiled=compiled, mail=replace(compiled.mail, attachments=attached))


async def mail_to_try(
    connection: Connection, step_id: UUID, *, public_url: str, with_files: bool
) -> StepMail:
    """The mail of a step as it stands now, of which nothing is counted.

    Raises Invalid when nothing is written yet, and for a mail that cannot be compiled.
    """
    row = await queries.mail_of_step(connection, step_id=step_id)
    if row is None or row["email"] is None:
        detail = "Nothing is written in the email yet."
        raise Invalid(detail, faults=[Fault(pointer="/email", detail=detail)])
    compiled = _compiled(row, track_opens=False, track_clicks=False, public_url=public_url)
    attached = await _files(connection, step_id) if with_files else ()
    return StepMail(compiled=compiled, mail=replace(compiled.mail, attachments=attached))


def _compiled(row: Row, *, track_opens: bool, track_clicks: bool, public_url: str) -> CompiledEmail:
    return compile_email(
        row["email"],
        subject=row["subject"],
        preheader=row["preheader"],
        text_part=row["text_part"],
        from_name=row["from_name"],
        reply_to=row["reply_to"],
        footer=Footer(company=row["company_name"], postal_address=row["postal_address"]),
        track_opens=track_opens,
        track_clicks=track_clicks,
        public_url=public_url,
        snippets=row["snippets"],
    )


async def _files(connection: Connection, step_id: UUID) -> tuple[Attachment, ...]:
    files = await rows(queries.files_of_step(connection, step_id=step_id))
    return tuple(
        Attachment(
            name=file["name"], content_type=file["content_type"], content=bytes(file["content"])
        )
        for file in files
    )


def unsubscribe_headers(links: MessageLinks) -> dict[str, str]:
    """One click in the mail program is enough (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{links.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
