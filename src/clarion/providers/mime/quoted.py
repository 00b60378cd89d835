"""Quoted-printable text in pieces: what all recipients share is encoded once, the values for each.

Each piece begins at the start of a line of its own, which a soft line break hides from the reader;
so none has to know what stands before it. Quoted-printable and not 8bit, also where a server takes
that: a relay that does not would encode it anew, and break the DKIM signature.
"""

from __future__ import annotations

from binascii import b2a_qp
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from clarion.kernel.mail import Parts

#: Encoded text, and between it the places in a person's `values`.
Pieces: TypeAlias = "list[bytes | int]"

_SOFT_BREAK = b"=\r\n"

#: With the sign of a soft break a line is full.
_ROOM = 75


def pieces_of(parts: Parts) -> Pieces:
    """What stands around the places, encoded, such that `encoded` values fit in."""
    merged: list[str | int] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    last = len(merged) - 1
    return [
        each if isinstance(each, int) else _quoted(each) if at == last else encoded(each)
        for at, each in enumerate(merged)
    ]


def encoded(text: str) -> bytes:
    """The text, such that what follows begins at the start of a line."""
    quoted = _quoted(text)
    if not quoted or quoted.endswith(b"\n"):
        return quoted
    line = len(quoted) - quoted.rfind(b"\n") - 1
    if line > _ROOM:
        cut = -3 if quoted[-3:-2] == b"=" else -1
        quoted = quoted[:cut] + _SOFT_BREAK + quoted[cut:]
    return quoted + _SOFT_BREAK


def _quoted(text: str) -> bytes:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return b2a_qp(text.encode("utf-8", "replace")).replace(b"\n", b"\r\n")
