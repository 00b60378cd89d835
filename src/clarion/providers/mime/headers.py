"""Header lines of a mail: whatever a value holds, it stays one value of one header.

The library's header classes take a millisecond for a line; these are written once per recipient.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Nothing that ends or breaks a line, by any reading, and nothing that is not to be seen at all.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

_BLANKS = re.compile(r" +")

#: What may stand in a subject as it is. Neither longer than a line, nor begun or ended by blanks,
#: nor like an encoded word.
_PLAIN = re.compile(r"(?!.*=\?)[!-~](?:[ -~]{0,64}[!-~])?")

#: Octets of one encoded word: the word, the header's name and a blank fit in a line of 76.
_WORD_OCTETS = 39

_LINE_MAX, _LINE_LIMIT = 76, 998

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,59}")
_PRINTABLE = re.compile(r"[ -~]*")

#: What the mail itself says: a message's own headers may not say it otherwise.
_RESERVED = frozenset(
    {
        "bcc",
        "cc",
        "content-disposition",
        "content-transfer-encoding",
        "content-type",
        "date",
        "dkim-signature",
        "from",
        "message-id",
        "mime-version",
        "received",
        "reply-to",
        "return-path",
        "sender",
        "subject",
        "to",
    }
)

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]"
_ADDRESS = re.compile(
    rf"({_ATEXT}+(?:\.{_ATEXT}+)*)@([A-Za-z0-9\u00a1-\U0010ffff][A-Za-z0-9.\u00a1-\U0010ffff-]*)"
)
_LOCAL_MAX, _ADDRESS_MAX = 64, 254


@dataclass(frozen=True, slots=True)
class Address:
    """`domain` in ASCII (RFC 5890); `local` may have letters of any language (RFC 6531)."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def is_international(self) -> bool:
        return not self.local.isascii()


def read_address(address: str, *, pointer: str) -> Address:
    """The parts of an address without a name. Raises Invalid, at `pointer`."""
    found = _ADDRESS.fullmatch(address)
    if found is not None and not _CONTROLS.search(address) and not _has_blanks(address):
        local, domain = found.groups()
        domain = domain if domain.isascii() else _in_ascii(domain)
        whole = len(local.encode()) + len(domain) + 1
        if domain and len(local.encode()) <= _LOCAL_MAX and whole <= _ADDRESS_MAX:
            return Address(local, domain)
    raise Invalid(
        "Mail cannot be sent to or from such an address.",
        faults=[
            Fault(pointer=pointer, detail="Give an address like ann@example.com, without a name.")
        ],
    )


def one_line(text: str) -> str:
    """The text without anything that ends a line: a value can never begin another header."""
    return _CONTROLS.sub(" ", text) if _CONTROLS.search(text) else text


def text_line(name: str, text: str) -> str:
    """A header for people to read, like Subject; any text."""
    text = one_line(text)
    if _PLAIN.fullmatch(text):
        return f"{name}: {text}\r\n"
    if not text.strip(" "):
        return f"{name}:\r\n"
    return f"{name}: " + "\r\n ".join(_encoded(text)) + "\r\n"


def mailbox_line(name: str, address: Address, display_name: str | None = None) -> str:
    """A header with one address, and the name of whom it belongs to."""
    shown = _BLANKS.sub(" ", one_line(display_name or "")).strip()
    if not shown:
        return f"{name}: {address}\r\n"
    if _PRINTABLE.fullmatch(shown) and "=?" not in shown:
        quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
        line = f'{name}: "{quoted}" <{address}>'
        return _folded(line) if len(line) > _LINE_MAX else f"{line}\r\n"
    # The address stands in a line of its own: the words before it fill theirs.
    return f"{name}: " + "\r\n ".join([*_encoded(shown), f"<{address}>"]) + "\r\n"


def own_line(name: str, value: str) -> str:
    """A header of the message's own (List-Unsubscribe). Raises Invalid, at "/headers"."""
    if not _NAME.fullmatch(name) or name.lower() in _RESERVED:
        raise _not_a_header(name, "The mail has this header already, or it is none.")
    value = one_line(value).strip()
    if not _PRINTABLE.fullmatch(value):
        return text_line(name, value)
    line = f"{name}: {value}\r\n" if len(name) + len(value) < _LINE_MAX else ""
    line = line or _folded(f"{name}: {value}")
    if any(len(each) > _LINE_LIMIT for each in line.split("\r\n")):
        raise _not_a_header(name, "A word of it is longer than a line of a mail may be.")
    return line


def _folded(line: str) -> str:
    """Broken before words where it gets too long; blanks in a row become one."""
    lines = [""]
    for word in line.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LINE_MAX and lines[-1] != line[:1]:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\r\n ".join(lines) + "\r\n"


def _encoded(text: str) -> Iterator[str]:
    """Encoded words (RFC 2047), none of which cuts a letter."""
    octets = text.encode("utf-8", "replace")
    start = 0
    while start < len(octets):
        end = min(start + _WORD_OCTETS, len(octets))
        while end < len(octets) and octets[end] & 0xC0 == 0x80:  # noqa: PLR2004  a letter's rest
            end -= 1
        yield f"=?utf-8?B?{b64encode(octets[start:end]).decode()}?="
        start = end


def _has_blanks(text: str) -> bool:
    return any(each.isspace() for each in text) if not text.isascii() else False


def _in_ascii(domain: str) -> str:
    """Empty: there is no such domain."""
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return ""


def _not_a_header(name: str, detail: str) -> Invalid:
    return Invalid(
        f"The header {one_line(name)[:60]!r} cannot be set.",
        faults=[Fault(pointer=f"/headers/{name}", detail=detail)],
    )
