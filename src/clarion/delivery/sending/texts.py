"""What each message says: compiled once per step, made for each person before anything leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from clarion.content.segments import measure
from clarion.content.template import Template, compile_template
from clarion.delivery.mails import StepMail, mail_of_step, unsubscribe_headers
from clarion.delivery.message import SkipReason, unreadable
from clarion.delivery.sending.store import Attempt
from clarion.delivery.store import queries
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Invalid, NotFound
from clarion.kernel.mail import filled

if TYPE_CHECKING:
    from uuid import UUID

    from clarion.db.connection import Connection
    from clarion.delivery.message import ClaimedMessage
    from clarion.delivery.sending.store import Stream
    from clarion.kernel.message_links import LinkSigner

#: Steps whose text is kept compiled, and bytes of files that go along with them: a few steps that
#: are being sent in turns keep theirs, and many do not fill the memory.
_KNOWN_AT_ONCE = 1_000
_FILES_AT_ONCE = 64 * 1024 * 1024


class Text(Protocol):
    """The text of a step, or of the single messages of a stream."""

    @property
    def needs_contact(self) -> bool:
        """Whether it says something that is the person's own."""
        ...

    @property
    def file_bytes(self) -> int:
        """Of the files that it keeps in memory."""
        ...

    def attempt(self, stream: Stream, message: ClaimedMessage) -> Attempt:
        """The message with its text, or as one that has failed since none can be made."""
        ...


@dataclass(frozen=True, slots=True)
class OwnText:
    """Of messages that belong to no step: each brings its own."""

    needs_contact: bool = False
    file_bytes: int = 0

    def attempt(self, stream: Stream, message: ClaimedMessage) -> Attempt:
        return Attempt(message=message, body=message.body, segments=_segments(stream, message.body))


@dataclass(frozen=True, slots=True)
class SmsText:
    template: Template
    file_bytes: int = 0

    @property
    def needs_contact(self) -> bool:
        return bool(self.template.tokens)

    def attempt(self, stream: Stream, message: ClaimedMessage) -> Attempt:
        try:
            body = self.template.render(message.contact or {})
        except Invalid as error:
            return Attempt(message=message, failed=unreadable(message, error.detail))
        return Attempt(message=message, body=body, segments=_segments(stream, body))


@dataclass(frozen=True, slots=True)
class MailText:
    step_mail: StepMail
    signer: LinkSigner

    @property
    def needs_contact(self) -> bool:
        return bool(self.step_mail.compiled.tokens)

    @property
    def file_bytes(self) -> int:
        return sum(len(each.content) for each in self.step_mail.mail.attachments)

    def attempt(self, stream: Stream, message: ClaimedMessage) -> Attempt:  # noqa: ARG002
        links = self.signer.links(message.id)
        try:
            values = self.step_mail.compiled.values(message.contact or {}, links)
        except Invalid as error:
            return Attempt(message=message, failed=unreadable(message, error.detail))
        mail = self.step_mail.mail
        return Attempt(
            message=message,
            subject=filled(mail.subject, values),
            mail=mail,
            values=values,
            headers=unsubscribe_headers(links),
        )


@dataclass(frozen=True, slots=True)
class NoText:
    """It was checked when it was launched; should it not compile all the same, that is its
    message's failure and nobody else's."""

    detail: str
    needs_contact: bool = False
    file_bytes: int = 0

    def attempt(self, stream: Stream, message: ClaimedMessage) -> Attempt:  # noqa: ARG002
        return Attempt(message=message, failed=unreadable(message, self.detail))


class Texts:
    """The texts of steps, each compiled once: that of a step that has begun does not change."""

    def __init__(self, signer: LinkSigner) -> None:
        self._signer = signer
        self._known: dict[tuple[UUID, Channel], Text] = {}
        self._file_bytes = 0

    async def of(self, connection: Connection, stream: Stream) -> Text:
        if stream.step_id is None:
            return OwnText()
        key = (stream.step_id, stream.channel)
        known = self._known.get(key)
        if known is not None:
            return known
        text = await self._compiled(connection, stream.step_id, stream)
        self._file_bytes += text.file_bytes
        if len(self._known) > _KNOWN_AT_ONCE or self._file_bytes > _FILES_AT_ONCE:
            self._known.clear()
            self._file_bytes = text.file_bytes
        self._known[key] = text
        return text

    async def _compiled(self, connection: Connection, step_id: UUID, stream: Stream) -> Text:
        try:
            if stream.channel is Channel.EMAIL:
                return MailText(await mail_of_step(connection, step_id, self._signer), self._signer)
            if not (stream.body or "").strip():
                # A step that was added to a running sequence, and that nobody has written.
                return NoText("Nothing is written in this step.")
            snippets = await queries.snippets_of_step(connection, step_id=step_id)
            return SmsText(compile_template(stream.body or "", snippets=snippets or {}))
        except (Invalid, NotFound) as error:
            return NoText(error.detail)


def look(stream: Stream, text: Text, message: ClaimedMessage) -> Attempt:
    """The last look before the wire: opted out since? left the sequence? can the text be made?"""
    if message.suppressed:
        return Attempt(message=message, skipped=SkipReason.OPTED_OUT)
    if message.left is not None:
        return Attempt(message=message, skipped=SkipReason(message.left))
    return text.attempt(stream, message)


def _segments(stream: Stream, body: str) -> int:
    """How much of its sender's pace it takes."""
    if stream.pace.segments_per_second is None or stream.channel is not Channel.SMS:
        return 1
    return max(1, measure(body).segments)
