"""A named piece of text, and what it may be. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NewType
from uuid import UUID

from clarion.content.snippet_tag import names_in
from clarion.content.template import compile_template
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

SnippetId = NewType("SnippetId", UUID)

LONGEST_NAME: Final = 60
LONGEST_SNIPPET: Final = 2_000
#: Of one workspace; a person can still find one among so many.
MOST_SNIPPETS: Final = 200

#: What it named would be known in the text around it, which does not show where from.
_NAMING = re.compile(r"\{%-?\s*(?:assign|capture)\b")
_NAME = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """`text` is Liquid without markup. `uses` counts the templates, sequences and drafts
    that name it."""

    id: SnippetId
    name: str
    text: str
    version: int
    uses: int
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime


class PlaceKind(StrEnum):
    TEMPLATE = "template"
    SEQUENCE = "sequence"
    BROADCAST = "broadcast"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A template, a sequence or a draft whose text names a snippet."""

    kind: PlaceKind
    id: UUID
    name: str


def check_name(name: str) -> str:
    """The name without white space around it. Raises Invalid at /name."""
    plain = name.strip()
    if not _NAME.fullmatch(plain) or len(plain) > LONGEST_NAME:
        detail = (
            "A snippet's name has small letters and digits, with _ or - between them, such as "
            f"opening_hours; {LONGEST_NAME} characters at most."
        )
        raise Invalid(detail, faults=[Fault(pointer="/name", detail=detail)])
    return plain


def check_text(text: str) -> str:
    """Raises Invalid at /text for what no message can hold."""
    if not text.strip():
        raise _wrong("Write what the snippet says.")
    named = names_in(text)
    if named:
        raise _wrong(
            f'A snippet cannot hold another one: write out what "{min(named)}" says instead.'
        )
    if _NAMING.search(text):
        raise _wrong("A snippet cannot give anything a name: take assign and capture out of it.")
    compile_template(text, pointer="/text", longest=LONGEST_SNIPPET)
    return text


def those_in(snippets: Mapping[str, str], *texts: str) -> dict[str, str]:
    """Those that the texts may name, and perhaps some whose names merely occur in them."""
    return {name: text for name, text in snippets.items() if any(name in each for each in texts)}


def _wrong(detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer="/text", detail=detail)])
