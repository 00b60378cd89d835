"""Blocks → MJML → the HTML that mail programs need; MJML sees marks where people's texts stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import mrml

from clarion.content.email.clean import clean_page, clean_rich
from clarion.content.email.document import NETWORKS, Block, Blocks, Style
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from clarion.content.email.marks import Marks

_FONTS: Final = {
    "sans": "Arial, Helvetica, sans-serif",
    "serif": "Georgia, 'Times New Roman', serif",
    "mono": "'Courier New', Courier, monospace",
}
_SIZES: Final = {1: "28px", 2: "22px", 3: "18px"}
_LINE: Final = "#dddddd"
_QUIET: Final = "#666666"
#: Pixels at each side of what a block shows.
_MARGIN: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """`html` is the whole mail; `simple` the same texts in their order with plain tags alone, from
    which the text part is made; `content` that without its footers. All hold marks for Liquid."""

    html: str
    simple: str
    content: str


def lay_out(document: Blocks, *, preheader: str, footer: str, marks: Marks) -> LaidOut:
    """`preheader` and `footer` are HTML with marks; the footer stands in each block that is one, or
    at the end. Raises Invalid with the faults of all blocks."""
    layout = _Layout(style=document.style, marks=marks, footer=footer)
    body = "".join(
        layout.columns(blocks[0]) if columns else layout.section(blocks)
        for columns, blocks in _sections(document.blocks)
    )
    if not layout.footers:
        body += layout.section([None])
    if layout.faults:
        raise Invalid("The email cannot be used yet.", faults=layout.faults)
    style = document.style
    mjml = (
        f"<mjml><mj-head><mj-preview>{layout.keep(preheader)}</mj-preview><mj-attributes>"
        f'<mj-all font-family="{_FONTS[style.font]}"></mj-all>'
        f'<mj-text color="{style.text_color}" font-size="16px" line-height="1.5" '
        f'padding="8px {_MARGIN}px"></mj-text></mj-attributes>'
        f"<mj-style>a {{ color: {style.link_color}; }} p {{ margin: 0 0 12px; }} "
        f"ul, ol {{ margin: 0 0 12px; padding-left: 24px; }}</mj-style></mj-head>"
        f'<mj-body width="{style.width}px" background-color="{style.background}">{body}</mj-body>'
        "</mjml>"
    )
    html = mrml.to_html(mjml).content
    return LaidOut(
        html=layout.pieces.restore(html),
        simple="".join(layout.simple),
        content="".join(each for each in layout.simple if each not in layout.footers),
    )


def _sections(blocks: Iterable[Block]) -> Iterable[tuple[bool, list[Block]]]:
    """Rows of columns each alone, and what stands between them together."""
    for key, run in groupby(blocks, key=lambda block: block.type == "columns" and block.id):
        yield bool(key), list(run)


@dataclass(slots=True, kw_only=True)
class _Layout:
    style: Style
    marks: Marks
    footer: str
    pieces: Marks = field(init=False)
    simple: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    footers: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.pieces = self.marks.others()

    def keep(self, html: str) -> str:
        return self.pieces.keep(html)

    def section(self, blocks: Iterable[Block | None]) -> str:
        """A row over the whole width; None is a footer that nobody has put there."""
        inner = "".join(
            self.block(each) if each else self.footer_of("", "center", "") for each in blocks
        )
        return self._row(f"<mj-column>{inner}</mj-column>")

    def columns(self, block: Block) -> str:
        return self._row(
            "".join(
                f'<mj-column width="{column.width:g}%">'
                + "".join(map(self.block, column.blocks))
                + "</mj-column>"
                for column in block.columns
            )
        )

    def _row(self, columns: str) -> str:
        background = self.style.content_background
        return f'<mj-section background-color="{background}" padding="8px 0">{columns}</mj-section>'

    def block(self, block: Block) -> str:
        make: Callable[[Block, dict[str, Any]], str] = getattr(self, f"_{block.type}")
        try:
            return make(block, dict(block.values))
        except Invalid as problem:
            self.faults.extend(problem.faults)
            return ""

    def _heading(self, _: Block, values: dict[str, Any]) -> str:
        level = values["level"]
        text = self._escaped(values["text"]).replace("\n", "<br>")
        self.simple.append(f"<h{level}>{text}</h{level}>")
        html = (
            f'<h{level} style="margin:0;font-size:{_SIZES[level]};line-height:1.25;'
            f'font-weight:bold;">{text}</h{level}>'
        )
        return self._text_of(html, values["align"])

    def _text(self, block: Block, values: dict[str, Any]) -> str:
        html = clean_rich(values["html"], self.marks, pointer=f"{block.pointer}/html")
        self.simple.append(f"<div>{html}</div>")
        return self._text_of(html, values["align"])

    def _text_of(self, html: str, align: str) -> str:
        return f'<mj-text align="{align}">{self.keep(html)}</mj-text>'

    def _image(self, _: Block, values: dict[str, Any]) -> str:
        src, alt, href = (self._escaped(values[name]) for name in ("src", "alt", "href"))
        width = round((self.style.width - 2 * _MARGIN) * values["width"] / 100)
        picture = f'<img src="{src}" alt="{alt}">'
        self.simple.append(
            f'<p><a href="{href}">{picture}</a></p>' if href else f"<p>{picture}</p>"
        )
        link = f' href="{self.keep(href)}"' if href else ""
        return (
            f'<mj-image src="{self.keep(src)}" alt="{self.keep(alt)}" width="{width}px" '
            f'align="{values["align"]}" padding="8px {_MARGIN}px"{link}></mj-image>'
        )

    def _button(self, _: Block, values: dict[str, Any]) -> str:
        label, href = self._escaped(values["label"]), self._escaped(values["href"])
        self.simple.append(f'<p><a href="{href}">{label}</a></p>')
        wide = ' width="100%"' if values["full_width"] else ""
        return (
            f'<mj-button href="{self.keep(href)}" align="{values["align"]}" font-size="16px" '
            f'background-color="{values["color"] or self.style.button_color}" '
            f'color="{values["text_color"] or self.style.button_text_color}" '
            f'padding="8px {_MARGIN}px"{wide}>{self.keep(label)}</mj-button>'
        )

    def _divider(self, _: Block, values: dict[str, Any]) -> str:
        self.simple.append("<hr>")
        color = values["color"] or _LINE
        return (
            f'<mj-divider border-color="{color}" border-width="1px" padding="12px {_MARGIN}px">'
            "</mj-divider>"
        )

    def _spacer(self, _: Block, values: dict[str, Any]) -> str:
        return f'<mj-spacer height="{values["height"]:g}px"></mj-spacer>'

    def _social(self, _: Block, values: dict[str, Any]) -> str:
        # Words, not pictures: they need no server of ours to show them, and read well without.
        links = [
            f'<a href="{self._escaped(link["url"])}">{NETWORKS[link["network"]]}</a>'
            for link in values["links"]
        ]
        self.simple.extend(f"<p>{link}</p>" for link in links)
        return self._text_of(" &nbsp;&middot;&nbsp; ".join(links), values["align"])

    def _html(self, block: Block, values: dict[str, Any]) -> str:
        page = clean_page(values["html"], self.marks, pointer=f"{block.pointer}/html")
        self.simple.append(f"<div>{page.body}</div>")
        styles = f"<style>{page.styles}</style>" if page.styles else ""
        return self._text_of(styles + page.body, "left")

    def _footer(self, block: Block, values: dict[str, Any]) -> str:
        return self.footer_of(values["html"], values["align"], f"{block.pointer}/html")

    def footer_of(self, html: str, align: str, pointer: str) -> str:
        own = clean_rich(html, self.marks, pointer=pointer) if html else ""
        simple = f"<hr><div>{own}</div>{self.footer}"
        self.footers.add(simple)
        self.simple.append(simple)
        return (
            f'<mj-text align="{align}" font-size="13px" color="{_QUIET}">'
            f"{self.keep(own + self.footer)}</mj-text>"
        )

    def _escaped(self, text: str) -> str:
        return escape(self.marks.hide(text))
