"""An email as it is stored: JSON, either blocks or people's own HTML; read and checked whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from clarion.content.email.addresses import Kind, address_mistake
from clarion.kernel.errors import Fault, Invalid

MOST_BLOCKS: Final = 200
MOST_COLUMNS: Final = 4
MOST_LINKS: Final = 12
#: Characters of all that an email says, with its markup.
LONGEST_EMAIL: Final = 500_000
_LONGEST_HEADING: Final = 2_000
_LONGEST_LABEL: Final = 200
_LONGEST_ID: Final = 64

NETWORKS: Final = {
    "facebook": "Facebook",
    "instagram": "Instagram",
    "x": "X",
    "linkedin": "LinkedIn",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "website": "Website",
}

_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")

#: Says what is wrong with a value, None for a good one.
_Judge = Callable[[object], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """`width` is in pixels; colours are "#rgb" or "#rrggbb"."""

    width: int = 600
    background: str = "#f4f4f4"
    content_background: str = "#ffffff"
    text_color: str = "#222222"
    link_color: str = "#0b5cad"
    font: str = "sans"
    button_color: str = "#0b5cad"
    button_text_color: str = "#ffffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """`values` are those of its type, checked, with defaults for what was left out; `pointer`
    is its place in the body that was given."""

    type: str
    id: str
    pointer: str
    values: Mapping[str, Any]
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`width` in percent of the mail."""

    width: float
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    style: Style
    blocks: tuple[Block, ...]
    pointer: str

    def every_block(self) -> Iterator[Block]:
        """From top to bottom, the ones inside of columns too."""
        for block in self.blocks:
            yield block
            for column in block.columns:
                yield from column.blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHtml:
    html: str
    pointer: str


Document = Blocks | OwnHtml


def read_document(document: object, *, pointer: str = "/email") -> Document:
    """Raises Invalid with a fault for every place that is wrong."""
    reader = _Reader()
    read = reader.document(document, pointer)
    if reader.faults or read is None:
        raise Invalid("The email cannot be used yet.", faults=reader.faults)
    return read


def _one_of(*choices: object) -> _Judge:
    listed = ", ".join(str(choice) for choice in choices)

    def judge(value: object) -> str | None:
        good = any(type(value) is type(choice) and value == choice for choice in choices)
        return None if good else f"Use one of: {listed}."

    return judge


def _text(longest: int) -> _Judge:
    def judge(value: object) -> str | None:
        if not isinstance(value, str):
            return "This has to be a text."
        if len(value) > longest:
            return f"This may have {longest:,} characters at most; it has {len(value):,}."
        return "This holds a character that no text can hold." if "\0" in value else None

    return judge


def _number(least: int, most: int) -> _Judge:
    def judge(value: object) -> str | None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and least <= float(str(value)) <= most:
            return None
        return f"This has to be a number from {least} to {most}."

    return judge


def _color(value: object) -> str | None:
    if isinstance(value, str) and _COLOR.fullmatch(value):
        return None
    return 'Write a colour as "#0b5cad".'


def _color_or_none(value: object) -> str | None:
    return None if value is None else _color(value)


def _flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "This has to be true or false."


def _address(kind: Kind) -> _Judge:
    def judge(value: object) -> str | None:
        if not isinstance(value, str):
            return "This has to be a text."
        return address_mistake(value, kind)

    return judge


#: Marks a value that has to be given.
_NEEDED: Final = object()

_ALIGN = (_one_of("left", "center", "right"), "left")
_HTML = (_text(LONGEST_EMAIL), _NEEDED)
_Fields = Mapping[str, tuple[_Judge, object]]

_STYLE: _Fields = {
    "width": (_number(320, 900), 600),
    "background": (_color, "#f4f4f4"),
    "content_background": (_color, "#ffffff"),
    "text_color": (_color, "#222222"),
    "link_color": (_color, "#0b5cad"),
    "font": (_one_of("sans", "serif", "mono"), "sans"),
    "button_color": (_color, "#0b5cad"),
    "button_text_color": (_color, "#ffffff"),
}

_BLOCKS: Mapping[str, _Fields] = {
    "heading": {
        "text": (_text(_LONGEST_HEADING), _NEEDED),
        "level": (_one_of(1, 2, 3), 1),
        "align": _ALIGN,
    },
    "text": {"html": _HTML, "align": _ALIGN},
    "image": {
        "src": (_address(Kind.IMAGE), _NEEDED),
        "alt": (_text(_LONGEST_HEADING), ""),
        "width": (_number(10, 100), 100),
        "align": (_ALIGN[0], "center"),
        "href": (_address(Kind.LINK), ""),
    },
    "button": {
        "label": (_text(_LONGEST_LABEL), _NEEDED),
        "href": (_address(Kind.LINK), _NEEDED),
        "align": (_ALIGN[0], "center"),
        "full_width": (_flag, False),
        "color": (_color_or_none, None),
        "text_color": (_color_or_none, None),
    },
    "columns": {},
    "divider": {"color": (_color_or_none, None)},
    "spacer": {"height": (_number(4, 120), 24)},
    "social": {"align": (_ALIGN[0], "center")},
    "html": {"html": _HTML},
    "footer": {"html": (_text(LONGEST_EMAIL), ""), "align": (_ALIGN[0], "center")},
}
_LINK: _Fields = {
    "network": (_one_of(*NETWORKS), _NEEDED),
    "url": (_address(Kind.LINK), _NEEDED),
}
_LISTS = {"columns": "columns", "social": "links"}


@dataclass(slots=True)
class _Reader:
    """Reads a whole document and collects its faults, so that a person sees all of them."""

    faults: list[Fault] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    blocks: int = 0
    characters: int = 0

    def fault(self, pointer: str, detail: str) -> None:
        self.faults.append(Fault(pointer=pointer, detail=detail))

    def document(self, document: object, pointer: str) -> Document | None:
        if not isinstance(document, Mapping):
            self.fault(pointer, "An email is an object with a kind.")
            return None
        kind = document.get("kind")
        if kind == "html":
            read = self.values(document, {"html": _HTML}, pointer, also={"kind"})
            return OwnHtml(html=str(read["html"]), pointer=f"{pointer}/html")
        if kind == "blocks":
            self.values(document, {}, pointer, also={"kind", "style", "blocks"})
            style = self.style(document.get("style", {}), f"{pointer}/style")
            blocks = self.list_of_blocks(document.get("blocks"), f"{pointer}/blocks")
            if self.characters > LONGEST_EMAIL:
                self.fault(pointer, f"An email may have {LONGEST_EMAIL:,} characters at most.")
            return Blocks(style=style, blocks=blocks, pointer=pointer)
        self.fault(f"{pointer}/kind", "Use one of: blocks, html.")
        return None

    def style(self, document: object, pointer: str) -> Style:
        if not isinstance(document, Mapping):
            self.fault(pointer, "The style is an object.")
            return Style()
        values = self.values(document, _STYLE, pointer)
        return Style(**{**values, "width": int(values["width"])})

    def list_of_blocks(self, blocks: object, pointer: str, *, inside: bool = False) -> Any:
        read: list[Block] = []
        for block, place in self.items(blocks, pointer, MOST_BLOCKS, "blocks"):
            self.blocks += 1
            if self.blocks > MOST_BLOCKS:
                self.fault(place, f"An email has {MOST_BLOCKS} blocks at most.")
                break
            made = self.block(block, place, inside=inside)
            if made is not None:
                read.append(made)
        return tuple(read)

    def block(self, block: Mapping[str, Any], pointer: str, *, inside: bool) -> Block | None:
        kind = block.get("type")
        fields = _BLOCKS.get(kind) if isinstance(kind, str) else None
        if fields is None or not isinstance(kind, str):
            self.fault(f"{pointer}/type", f"Use one of: {', '.join(_BLOCKS)}.")
            return None
        if inside and kind in {"columns", "footer"}:
            self.fault(f"{pointer}/type", f"A column cannot hold a block of the type {kind}.")
            return None
        identity = self.identity(block.get("id"), f"{pointer}/id")
        of_list = _LISTS.get(kind)
        also = {"id", "type"} | ({of_list} if of_list else set())
        values = self.values(block, fields, pointer, also=also)
        columns: tuple[Column, ...] = ()
        if kind == "columns":
            columns = self.columns(block.get("columns"), f"{pointer}/columns")
        if kind == "social":
            links = self.items(block.get("links"), f"{pointer}/links", MOST_LINKS, "links")
            values["links"] = [self.values(link, _LINK, place) for link, place in links]
        return Block(type=kind, id=identity, pointer=pointer, values=values, columns=columns)

    def identity(self, value: object, pointer: str) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
            self.fault(pointer, f"A block has an id: a text of 1 to {_LONGEST_ID} characters.")
            return ""
        if value in self.ids:
            self.fault(pointer, "Another block has the same id.")
        self.ids.add(value)
        return value

    def columns(self, columns: object, pointer: str) -> tuple[Column, ...]:
        read: list[Column] = []
        for column, place in self.items(columns, pointer, MOST_COLUMNS, "columns"):
            values = self.values(
                column, {"width": (_number(10, 90), _NEEDED)}, place, also={"blocks"}
            )
            blocks = self.list_of_blocks(column.get("blocks"), f"{place}/blocks", inside=True)
            read.append(Column(width=float(values["width"] or 0), blocks=blocks))
        if isinstance(columns, list) and len(columns) < 2:  # noqa: PLR2004
            self.fault(pointer, f"Give 2 to {MOST_COLUMNS} columns.")
        widths = sum(column.width for column in read)
        if widths > 100 + 1:  # thirds are written as 33.4
            self.fault(pointer, "The columns are wider than the mail: 100 percent in all.")
        return tuple(read)

    def items(
        self, items: object, pointer: str, most: int, what: str
    ) -> Iterator[tuple[Mapping[str, Any], str]]:
        if not isinstance(items, Sequence) or isinstance(items, str):
            self.fault(pointer, f"Give a list of {what}.")
            return
        if len(items) > most:
            self.fault(pointer, f"There are {most} {what} at most.")
        for index, item in enumerate(items[:most]):
            if isinstance(item, Mapping):
                yield item, f"{pointer}/{index}"
            else:
                self.fault(f"{pointer}/{index}", "This has to be an object.")

    def values(
        self,
        document: Mapping[str, Any],
        fields: _Fields,
        pointer: str,
        *,
        also: set[str] | None = None,
    ) -> dict[str, Any]:
        """What is given for the fields, or their defaults; a wrong value counts as its default."""
        for key in document:
            if key not in fields and key not in (also or ()):
                self.fault(f"{pointer}/{_in_pointer(key)}", "There is no such setting here.")
        read: dict[str, Any] = {}
        for key, (judge, default) in fields.items():
            value = document.get(key, default)
            if value is _NEEDED:
                self.fault(f"{pointer}/{key}", "This has to be given.")
            elif (mistake := judge(value)) is not None:
                self.fault(f"{pointer}/{key}", mistake)
                value = default
            if isinstance(value, str):
                self.characters += len(value)
            read[key] = "" if value is _NEEDED else value
        return read


def _in_pointer(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
