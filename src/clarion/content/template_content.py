"""What a version of a saved template holds, and whether it can be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion.content.email.document import read_document
from clarion.content.snippet_tag import NO_SNIPPETS
from clarion.content.template import compile_template
from clarion.kernel.channel import Channel
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Characters of an SMS, as of a broadcast's step, and of an e-mail's HTML or text part.
MAX_SMS = 10_000
MAX_BODY = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a version holds. `subject`, `preheader` and `body` are Liquid.

    `body` is the SMS. An e-mail is either a document (`email`), with `body` as its text part
    (empty: made of the document), or, without one, `body` is its HTML.
    """

    channel: Channel
    subject: str | None = None
    preheader: str = ""
    body: str = ""
    email: dict[str, Any] | None = None


def check_content(content: Content, snippets: Mapping[str, str] = NO_SNIPPETS) -> None:
    """Raises Invalid, at its place, for what cannot be sent: no text, no template, no document, or
    a snippet that is not among `snippets`."""
    if content.channel is Channel.EMAIL:
        if not content.subject or not content.subject.strip():
            raise _wrong("/subject", "Give the e-mail a subject.")
        _check_line(content.subject, "/subject", "A subject", snippets)
        _check_line(content.preheader, "/preheader", "A preheader", snippets)
    else:
        _check_sms(content)
    if content.email is not None:
        # Its Liquid is checked where it is compiled, with the footer of who sends.
        read_document(content.email)
    elif not content.body.strip():
        raise _wrong("/body", "Write the text.")
    most = MAX_SMS if content.channel is Channel.SMS else MAX_BODY
    if len(content.body) > most:
        raise _wrong("/body", f"The text is too long: {most:,} characters at most.")
    compile_template(content.body, snippets=snippets)


def _check_sms(content: Content) -> None:
    if content.subject is not None:
        raise _wrong("/subject", "An SMS has no subject.")
    if content.preheader:
        raise _wrong("/preheader", "An SMS has no preheader.")
    if content.email is not None:
        raise _wrong("/email", "An SMS has a text alone, no e-mail beside it.")


def _check_line(line: str, pointer: str, what: str, snippets: Mapping[str, str]) -> None:
    if "\n" in line or "\r" in line:
        raise _wrong(pointer, f"{what} is a single line: take the line break out.")
    compile_template(line, pointer=pointer, snippets=snippets)


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])
