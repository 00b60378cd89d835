"""A message as bytes: the parts that a mail's recipients share are written once per mail."""

from __future__ import annotations

import hashlib
import re
from base64 import encodebytes
from dataclasses import dataclass, field
from email.message import MIMEPart
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from clarion.kernel.mail import Mail, filled
from clarion.providers.mime.headers import (
    Address,
    mailbox_line,
    one_line,
    own_line,
    read_address,
    text_line,
)
from clarion.providers.mime.quoted import encoded, pieces_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from clarion.kernel.mail import Attachment, Parts
    from clarion.providers.mime.quoted import Pieces
    from clarion.providers.sending import OutgoingMessage

_CONTENT_TYPE = re.compile(r"([a-z0-9][a-z0-9.+-]{0,80})/([a-z0-9][a-z0-9.+-]{0,80})")
_UNKNOWN_TYPE = ("application", "octet-stream")


@dataclass(frozen=True, slots=True)
class Letter:
    """`content` has lines that end with CRLF, the last one too, and is not stuffed with dots.

    `message_id` is without the angle brackets.
    """

    sender: Address
    to: Address
    message_id: str
    content: bytes


@dataclass(slots=True)
class _Frame:
    """All of a mail that is the same for everybody; `heads` by the sender's address."""

    pieces: Pieces
    heads: dict[str, bytes] = field(default_factory=dict)


class LetterWriter:
    """`sender` stands in where a message names none, `sender_name` where its mail has none."""

    def __init__(self, *, sender: str, sender_name: str | None = None) -> None:
        self._sender = sender
        self._sender_name = sender_name
        self._frames: WeakKeyDictionary[Mail, _Frame] = WeakKeyDictionary()

    def write(self, message: OutgoingMessage, *, now: datetime) -> Letter:
        """Raises Invalid when an address or a header cannot stand in a mail."""
        mail, values = message.mail, message.values
        if mail is None:
            mail, values = _mail_of(message), ()
            frame = _frame(mail)
        else:
            frame = self._frames.get(mail) or self._frames.setdefault(mail, _frame(mail))
        sender = read_address(message.sender or self._sender, pointer="/from")
        to = read_address(message.to, pointer="/to")
        message_id = f"{message.message_id.hex}.{message.attempt}@{sender.domain}"
        lines = [
            f"Date: {_date(now.replace(microsecond=0))}\r\nMessage-ID: <{message_id}>\r\n",
            mailbox_line("To", to),
            text_line("Subject", filled(mail.subject, values)),
            *[own_line(name, value) for name, value in message.headers.items()],
        ]
        head = frame.heads.get(str(sender))
        if head is None:
            head = frame.heads[str(sender)] = self._head(mail, sender)
        return Letter(
            sender=sender,
            to=to,
            message_id=message_id,
            content="".join(lines).encode() + head + _filled(frame.pieces, values),
        )

    def _head(self, mail: Mail, sender: Address) -> bytes:
        lines = [mailbox_line("From", sender, mail.from_name or self._sender_name)]
        if mail.reply_to:
            lines.append(mailbox_line("Reply-To", read_address(mail.reply_to, pointer="/reply_to")))
        return "".join([*lines, "MIME-Version: 1.0\r\n"]).encode()


def _mail_of(message: OutgoingMessage) -> Mail:
    return Mail(
        subject=(message.subject or "",),
        text=(message.body,),
        html=None if message.html is None else (message.html,),
    )


def _frame(mail: Mail) -> _Frame:
    kinds = {"plain": mail.text, "html": mail.html}
    texts = [_text_part(kind, parts) for kind, parts in kinds.items() if parts and any(parts)]
    pieces = _multipart("alternative", texts or [_text_part("plain", ("",))])
    if mail.attachments:
        pieces = _multipart("mixed", [pieces, *map(_attached, mail.attachments)])
    return _Frame(pieces=_merged(pieces))


def _text_part(kind: str, parts: Parts) -> Pieces:
    head = (
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return [head.encode(), *pieces_of(parts), b"\r\n"]


def _multipart(kind: str, parts: Sequence[Pieces]) -> Pieces:
    """One part needs no frame. Each part ends with the line break that belongs to the boundary.

    "=_" stands in no quoted-printable text and in no base64, so the boundary is in no part; what
    follows it keeps a mail within a mail apart.
    """
    if len(parts) == 1:
        return parts[0]
    digest = hashlib.sha256()
    for part in parts:
        for piece in part:
            digest.update(piece if isinstance(piece, bytes) else b"%d" % piece)
    boundary = f"=_{kind}_{digest.hexdigest()[:24]}"
    pieces: Pieces = [f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode()]
    for part in parts:
        pieces += [f"--{boundary}\r\n".encode(), *part]
    return [*pieces, f"--{boundary}--\r\n".encode()]


def _attached(attachment: Attachment) -> Pieces:
    known = _CONTENT_TYPE.fullmatch(attachment.content_type.lower())
    kind, subkind = known.groups() if known else _UNKNOWN_TYPE
    head = MIMEPart(policy=SMTP)
    head["Content-Type"] = f"{kind}/{subkind}"
    head["Content-Transfer-Encoding"] = "base64"
    head.add_header("Content-Disposition", "attachment", filename=one_line(attachment.name))
    content = encodebytes(attachment.content).replace(b"\n", b"\r\n")
    return [head.as_bytes(), content]


def _merged(pieces: Pieces) -> Pieces:
    """Neighbours become one, so that a message is put together from few."""
    merged: Pieces = []
    for piece in pieces:
        if isinstance(piece, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged


def _filled(pieces: Pieces, values: Sequence[str]) -> bytes:
    return b"".join(
        [piece if isinstance(piece, bytes) else encoded(values[piece]) for piece in pieces]
    )


@lru_cache(maxsize=4)
def _date(second: datetime) -> str:
    return format_datetime(second)
