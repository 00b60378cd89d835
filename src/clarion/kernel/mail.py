"""A mail as all recipients of a step share it, with places for what is each person's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Texts, and between them numbers: the place in a person's `values` of what stands there.
Parts: TypeAlias = "tuple[str | int, ...]"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attachment:
    """`content` is the file itself, not encoded in any way."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Mail:
    """Made once per step; compared by identity, so that messages of one mail can go together, and
    what a provider has worked out for one is kept as long as the mail itself.

    Each place in `html` is filled with a value that is escaped already, those of `subject` and
    `text` with plain ones; no value of `subject` has a line break. The same number never stands in
    two of the three. `html` None: a mail of plain text. `from_name` and `reply_to` None: the
    sender's own.
    """

    subject: Parts
    text: Parts
    html: Parts | None = None
    from_name: str | None = None
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = ()


def filled(parts: Parts, values: Sequence[str]) -> str:
    """The text for one person."""
    return "".join([part if isinstance(part, str) else values[part] for part in parts])
