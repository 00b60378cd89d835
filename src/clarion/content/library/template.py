"""What a template of the library is, and how the documents of its e-mails are put together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Block = dict[str, Any]


class Category(StrEnum):
    WELCOME = "welcome"
    PROMOTION = "promotion"
    REMINDER = "reminder"
    FOLLOW_UP = "follow_up"
    EVENT = "event"
    NEWSLETTER = "newsletter"
    RE_ENGAGEMENT = "re_engagement"
    SURVEY = "survey"
    TRANSACTIONAL = "transactional"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryTemplate:
    """`key` stays for good: saved templates name it. What a person has to fill in stands in square
    brackets ("[Company]"); what differs from contact to contact is a token with a fallback.

    Of an e-mail `body` is empty, and the text part is made of the document in `email`.
    """

    key: str
    name: str
    purpose: str
    channel: Channel
    category: Category
    subject: str | None = None
    preheader: str = ""
    body: str = ""
    email: dict[str, Any] | None = None


def sms(key: str, category: Category, name: str, purpose: str, body: str) -> LibraryTemplate:
    return LibraryTemplate(
        key=key, name=name, purpose=purpose, channel=Channel.SMS, category=category, body=body
    )


STYLE = {
    "width": 600,
    "background": "#f4f4f4",
    "content_background": "#ffffff",
    "text_color": "#222222",
    "link_color": "#0b5cad",
    "font": "sans",
    "button_color": "#0b5cad",
    "button_text_color": "#ffffff",
}


def document(*blocks: Block, accent: str = "#0b5cad") -> dict[str, Any]:
    """The blocks get their ids here, by their order: "b1", "b2" and so on, columns included."""
    for number, block in enumerate(_each(blocks), start=1):
        block["id"] = f"b{number}"
    style = {**STYLE, "link_color": accent, "button_color": accent}
    return {"kind": "blocks", "style": style, "blocks": list(blocks)}


def _each(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        for column in block.get("columns", ()):
            yield from _each(column["blocks"])


def heading(text: str, *, level: int = 1, align: str = "left") -> Block:
    return {"type": "heading", "text": text, "level": level, "align": align}


def text(*paragraphs: str, align: str = "left") -> Block:
    """Each paragraph may hold the marks of a rich text: strong, em, a, br."""
    return {
        "type": "text",
        "html": "".join(f"<p>{each}</p>" for each in paragraphs),
        "align": align,
    }


def listed(*items: str) -> Block:
    inside = "".join(f"<li>{each}</li>" for each in items)
    return {"type": "text", "html": f"<ul>{inside}</ul>", "align": "left"}


def button(label: str, href: str, *, align: str = "left") -> Block:
    return {
        "type": "button",
        "label": label,
        "href": href,
        "align": align,
        "full_width": False,
        "color": None,
        "text_color": None,
    }


def columns(*parts: Sequence[Block]) -> Block:
    """Of equal width, in percent."""
    width = 100 // len(parts)
    return {
        "type": "columns",
        "columns": [{"width": width, "blocks": list(part)} for part in parts],
    }


def divider() -> Block:
    return {"type": "divider", "color": "#dddddd"}


def spacer(height: int = 16) -> Block:
    return {"type": "spacer", "height": height}


def footer() -> Block:
    return {
        "type": "footer",
        "html": "<p>You get this e-mail because you are a contact of [Company].</p>",
        "align": "center",
    }
