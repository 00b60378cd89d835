"""What a message would look like, and what is to say about it, before anything is saved."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from clarion.api.bodies.shape import Body, Fault


class TextPlace(Body):
    """Counted in Unicode code points, `end` behind the last."""

    start: int
    end: int


class ContentCheck(Body):
    """`detail` says what is wrong and what to do; `pointer` names the field of the request, and
    `places` the words in it, where it is about some."""

    kind: str
    severity: Literal["problem", "advice"]
    detail: str
    pointer: str
    places: list[TextPlace]


class EmailToCheck(Body):
    """`email` is a document of blocks or of own HTML. `text_part` null: it is made. `contact` is
    for whom the preview is filled in: columns, and "metadata"; null: nobody."""

    email: dict[str, Any]
    subject: str = Field(default="", max_length=10_000)
    preheader: str = Field(default="", max_length=10_000)
    text_part: str | None = Field(default=None, max_length=200_000)
    from_name: str | None = Field(default=None, max_length=1_000)
    reply_to: str | None = Field(default=None, max_length=1_000)
    contact: dict[str, Any] | None = None


class ContentToken(Body):
    """A field that the content uses, as a placeholder writes it; `has_fallback`: nobody needs a
    value for it."""

    name: str
    label: str
    has_fallback: bool


class ContentLink(Body):
    """`number` is the link's among those whose clicks are counted; null for the others."""

    url: str
    label: str
    number: int | None


class EmailChecked(Body):
    """`errors` tell why nothing can be shown; then the texts are empty. `text_made` is the text
    part that is made from the content, with its placeholders. `missing` are the fields that the
    contact lacks, each shown as "[first name?]"."""

    subject: str
    preheader: str
    html: str
    text: str
    text_made: str
    tokens: list[ContentToken]
    missing: list[str]
    links: list[ContentLink]
    checks: list[ContentCheck]
    errors: list[Fault]


class SmsToCheck(Body):
    """`without_emoji`: `replaced` leaves emoji out too."""

    body: str = Field(max_length=20_000)
    without_emoji: bool = False


class ForcingCharacter(Body):
    """A character that makes every segment shorter. `replacement` null: nothing says the same;
    `is_emoji`: it can be left out instead."""

    character: str
    name: str
    replacement: str | None
    is_emoji: bool


class SmsChecked(Body):
    """`encoding` and `segments` are of the text with "[first name?]" in the places of values;
    `replaced` is the body with all replacements made."""

    encoding: Literal["GSM-7", "UCS-2"]
    segments: int
    forcing: list[ForcingCharacter]
    replaced: str
    checks: list[ContentCheck]
    errors: list[Fault]
