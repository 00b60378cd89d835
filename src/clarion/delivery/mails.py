"""The mail of a step, compiled for all of its recipients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from clarion.content.email.compile import CompiledEmail, compile_email
from clarion.content.email.own_html import Footer
from clarion.db.queries import rows
from clarion.delivery.store import queries
from clarion.kernel.errors import NotFound
from clarion.kernel.mail import Attachment, Mail

if TYPE_CHECKING:
    from uuid import UUID

    from clarion.db.connection import Connection
    from clarion.kernel.message_links import LinkSigner, MessageLinks


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMail:
    """`mail` is what all share, with the files that go along."""

    compiled: CompiledEmail
    mail: Mail


async def mail_of_step(connection: Connection, step_id: UUID, signer: LinkSigner) -> StepMail:
    """Raises NotFound, and Invalid for a mail that cannot be compiled; it was checked when the
    broadcast was launched."""
    row = await queries.mail_of_step(connection, step_id=step_id)
    if row is None or row["email"] is None:
        raise NotFound("There is no such email.")
    compiled = compile_email(
        row["email"],
        subject=row["subject"],
        preheader=row["preheader"],
        text_part=row["text_part"],
        from_name=row["from_name"],
        reply_to=row["reply_to"],
        footer=Footer(company=row["company_name"], postal_address=row["postal_address"]),
        track_opens=row["track_opens"],
        track_clicks=row["track_clicks"],
        public_url=signer.base_url,
    )
    files = await rows(queries.files_of_step(connection, step_id=step_id))
    attached = tuple(
        Attachment(
            name=file["name"], content_type=file["content_type"], content=bytes(file["content"])
        )
        for file in files
    )
    return StepMail(compiled=compiled, mail=replace(compiled.mail, attachments=attached))


def unsubscribe_headers(links: MessageLinks) -> dict[str, str]:
    """One click in the mail program is enough (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{links.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
