"""The bodies of requests to SendGrid's mail/send.

Many messages of one mail go in one request: the mail stands in it once, with a tag at each place,
and SendGrid puts in what is each person's own (`substitutions`).
"""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion.kernel.mail import Mail, filled
from clarion.providers.mime.headers import one_line
from clarion.providers.sendgrid.callbacks import ATTEMPT_ARG, MESSAGE_ARG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TypeAlias

    from clarion.providers.sending import OutgoingMessage

#: SendGrid's limits of a request: recipients; bytes of one person's substitutions; bytes of all,
#: with room for how SendGrid may count its 30 MB.
RECIPIENTS_MAX = 1_000
SUBSTITUTIONS_MAX = 10_000
BODY_MAX = 28_000_000

#: Opens and clicks are counted by links of Clarion's own, and so are those who unsubscribe.
_TRACKING = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
}


#: The pieces of a body, in their order. All requests of a mail have the piece of its files in
#: common, so that many under way at once hold them once.
Body: TypeAlias = "tuple[bytes, ...]"


@dataclass(frozen=True, slots=True)
class Request:
    """`positions` are those of its messages, in the order of the personalizations."""

    body: Body
    positions: Sequence[int]


class SharedMail:
    """A mail as all of its recipients share it; does not keep the mail itself. `files` are those of
    `files_of`."""

    def __init__(self, mail: Mail, *, sender: Mapping[str, str], files: bytes) -> None:
        tag = _unused_tag(mail)
        places = _places(mail)
        self._tags = {place: f"{tag}{place}~" for place in sorted(places)}
        self._in_subject = {part for part in mail.subject if isinstance(part, int)}
        tags = [self._tags.get(place, "") for place in range(max(places, default=-1) + 1)]
        self._rest = _json(_common(mail, tags, sender))[1:-1]
        self._files = files

    def requests(self, messages: Sequence[OutgoingMessage]) -> Iterator[Request]:
        """As few as the limits allow. Messages whose values are too long for them are in none."""
        people: list[bytes] = []
        positions: list[int] = []
        size = 0
        for position, message in enumerate(messages):
            person = self._person(message)
            if person is None:
                continue
            is_full = len(people) == RECIPIENTS_MAX or size + len(person) > BODY_MAX
            if people and is_full:
                yield self._request(people, positions)
                people, positions = [], []
            size = (size if people else len(self._rest) + len(self._files)) + len(person) + 1
            people.append(person)
            positions.append(position)
        if people:
            yield self._request(people, positions)

    def _person(self, message: OutgoingMessage) -> bytes | None:
        values = {
            tag: one_line(message.values[place])
            if place in self._in_subject
            else message.values[place]
            for place, tag in self._tags.items()
        }
        substitutions = _json(values)
        if len(substitutions) > SUBSTITUTIONS_MAX:
            return None
        return _json(_person(message))[:-1] + b',"substitutions":' + substitutions + b"}"

    def _request(self, people: Sequence[bytes], positions: Sequence[int]) -> Request:
        head = b'{"personalizations":[' + b",".join(people) + b"]," + self._rest
        return Request(body=_closed(head, self._files), positions=positions)


def request_for_one(message: OutgoingMessage, *, sender: Mapping[str, str], files: bytes) -> Body:
    """Filled in by us. `files` are those of `files_of`."""
    mail, values = message.mail, message.values
    if mail is None:
        html = None if message.html is None else (message.html,)
        mail, values = Mail(subject=(message.subject or "",), text=(message.body,), html=html), ()
    head = _json({"personalizations": [_person(message)], **_common(mail, values, sender)})[:-1]
    return _closed(head, files)


def files_of(mail: Mail | None) -> bytes:
    """The member of a body with the files that go along, and nothing where none do."""
    if mail is None or not mail.attachments:
        return b""
    # Put together as bytes: what is written in base64 need not be looked through for JSON's sake.
    files = []
    for each in mail.attachments:
        head = {
            "filename": one_line(each.name),
            "type": one_line(each.content_type),
            "disposition": "attachment",
        }
        files.append(_json(head)[:-1] + b',"content":"' + b64encode(each.content) + b'"}')
    return b',"attachments":[' + b",".join(files) + b"]"


def _closed(head: bytes, files: bytes) -> Body:
    return (head, files, b"}") if files else (head + b"}",)


def _person(message: OutgoingMessage) -> dict[str, Any]:
    person: dict[str, Any] = {
        "to": [{"email": message.to}],
        # SendGrid keeps these for long: ids only, nothing about the person.
        "custom_args": {MESSAGE_ARG: str(message.message_id), ATTEMPT_ARG: str(message.attempt)},
    }
    if message.headers:
        person["headers"] = {
            one_line(name): one_line(value) for name, value in message.headers.items()
        }
    return person


def _common(mail: Mail, values: Sequence[str], sender: Mapping[str, str]) -> dict[str, Any]:
    # SendGrid refuses an empty part, and wants plain text before HTML.
    texts = {"text/plain": filled(mail.text, values)}
    if mail.html is not None:
        texts["text/html"] = filled(mail.html, values)
    common: dict[str, Any] = {
        "from": dict(sender),
        "subject": one_line(filled(mail.subject, values)),
        "content": [{"type": kind, "value": text} for kind, text in texts.items() if text],
        "tracking_settings": _TRACKING,
    }
    if mail.from_name:
        common["from"]["name"] = one_line(mail.from_name)
    if mail.reply_to:
        common["reply_to"] = {"email": mail.reply_to}
    return common


def _places(mail: Mail) -> set[int]:
    parts = (*mail.subject, *mail.text, *(mail.html or ()))
    return {part for part in parts if isinstance(part, int)}


def _unused_tag(mail: Mail) -> str:
    """How all tags begin: it stands nowhere in the mail, and no contact's field can know it."""
    parts = (*mail.subject, *mail.text, *(mail.html or ()))
    texts = [part for part in parts if isinstance(part, str)]
    while True:
        tag = f"~{secrets.token_hex(8)}."
        if not any(tag in text for text in texts):
            return tag


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
