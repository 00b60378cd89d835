"""What SendGrid's mail/send refuses: the required fields, and its limits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_PERSONALIZATIONS_MAX = 1000
_RECIPIENTS_MAX = 1000
_CUSTOM_ARGS_MAX = 10_000
_SUBSTITUTIONS_MAX = 10_000
_RESERVED_HEADERS = {
    "x-sg-id",
    "x-sg-eid",
    "received",
    "dkim-signature",
    "content-type",
    "content-transfer-encoding",
    "to",
    "from",
    "subject",
    "reply-to",
    "cc",
    "bcc",
}


@dataclass(frozen=True, slots=True)
class MailFault:
    """One entry of SendGrid's `errors`."""

    message: str
    field: str | None = None

    def body(self) -> dict[str, object]:
        return {"message": self.message, "field": self.field, "help": None}


def faults_of(mail: Any) -> list[MailFault]:
    """Everything SendGrid would object to in the JSON of a mail; empty when it takes it."""
    if not isinstance(mail, dict):
        return [MailFault("Bad Request")]
    return [*_sender(mail), *_recipients(mail), *_content(mail), *_extras(mail)]


def _sender(mail: dict[str, Any]) -> Iterator[MailFault]:
    if not _address(mail.get("from")):
        yield MailFault(
            "The from object must be provided for every email send. It is an object that "
            "requires the email parameter, but may also contain a name parameter.",
            "from.email",
        )


def _recipients(mail: dict[str, Any]) -> Iterator[MailFault]:
    given = mail.get("personalizations")
    if not isinstance(given, list) or not given:
        yield MailFault(
            "The personalizations field is required and must have at least one personalization.",
            "personalizations",
        )
        return
    if len(given) > _PERSONALIZATIONS_MAX:
        yield MailFault("There are too many personalizations.", "personalizations")
    recipients = 0
    for at, each in enumerate(given):
        field = f"personalizations.{at}"
        to = each.get("to") if isinstance(each, dict) else None
        if not isinstance(to, list) or not to:
            yield MailFault("The to array is required and must have at least one.", f"{field}.to")
            continue
        recipients += len(to)
        for position, one in enumerate(to):
            if not _address(one):
                yield MailFault("Does not contain a valid address.", f"{field}.to.{position}.email")
        if not (each.get("subject") or mail.get("subject")):
            yield MailFault("The subject is required.", f"{field}.subject")
        yield from _substitutions(each.get("substitutions"), f"{field}.substitutions")
    if recipients > _RECIPIENTS_MAX and len(given) <= _PERSONALIZATIONS_MAX:
        yield MailFault("There are more than 1000 recipients.", "personalizations")


def _substitutions(given: Any, field: str) -> Iterator[MailFault]:
    if given is None:
        return
    if not isinstance(given, dict) or not all(isinstance(each, str) for each in given.values()):
        yield MailFault("The substitutions must be strings by tag.", field)
    elif len(json.dumps(given, ensure_ascii=False).encode()) > _SUBSTITUTIONS_MAX:
        yield MailFault("The substitutions are larger than 10000 bytes.", field)


def _content(mail: dict[str, Any]) -> Iterator[MailFault]:
    content = mail.get("content")
    if not isinstance(content, list) or not content:
        if not mail.get("template_id"):
            yield MailFault(
                "Unless a valid template_id is provided, content is required.", "content"
            )
        return
    for at, part in enumerate(content):
        value = part.get("value") if isinstance(part, dict) else None
        if not isinstance(value, str) or not value:
            yield MailFault(
                "The content value must be a string at least one character in length.",
                f"content.{at}.value",
            )
    types = [part.get("type") for part in content if isinstance(part, dict)]
    if "text/plain" in types[1:]:
        yield MailFault(
            "If present, text/plain must be first, followed by text/html.", "content.0.type"
        )


def _extras(mail: dict[str, Any]) -> Iterator[MailFault]:
    for where, holder in _holders(mail):
        headers = holder.get("headers") or {}
        for name in headers:
            if str(name).lower() in _RESERVED_HEADERS:
                yield MailFault(f"The header {name} cannot be set.", f"{where}headers.{name}")
        arguments = holder.get("custom_args") or {}
        if not all(isinstance(value, str) for value in arguments.values()):
            yield MailFault("Each custom argument must be a string.", f"{where}custom_args")
        if len(json.dumps(arguments)) > _CUSTOM_ARGS_MAX:
            yield MailFault("custom_args is larger than 10000 bytes.", f"{where}custom_args")


def _holders(mail: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "", mail
    given = mail.get("personalizations")
    for at, each in enumerate(given if isinstance(given, list) else []):
        if isinstance(each, dict):
            yield f"personalizations.{at}.", each


def _address(value: Any) -> bool:
    email = value.get("email") if isinstance(value, dict) else None
    if not isinstance(email, str):
        return False
    name, _, domain = email.rpartition("@")
    return bool(name) and "." in domain and not any(char.isspace() for char in email)
