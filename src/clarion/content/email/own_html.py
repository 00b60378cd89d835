"""People's own HTML as a whole mail: what it lacks by law is put at its end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING, Final

from clarion.content.email.clean import clean_page
from clarion.content.email.layout import LaidOut

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarion.content.email.document import OwnHtml
    from clarion.content.email.marks import Marks

_INSTRUCTION = re.compile(r"\{%-?\s*(\w+)")
_BLOCKS: Final = frozenset({"if", "unless", "case", "for", "capture", "comment"})
_TAG = re.compile(r"<[^<>]*>")
_HIDDEN: Final = (
    "display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden;"
)
_FOOTER: Final = "padding:24px;font:13px/1.5 Arial,sans-serif;color:#666666;text-align:center;"


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """Who sends, as the law wants it in each mail; both may be empty or have several lines."""

    company: str
    postal_address: str

    def lines(self) -> list[str]:
        text = f"{self.company}\n{self.postal_address}"
        return [line.strip() for line in text.splitlines() if line.strip()]


def footer_html(
    footer: Footer, marks: Marks, *, address: bool = True, ways_out: bool = True
) -> str:
    """With marks for the message's own addresses."""
    html = f"<p>{'<br>'.join(map(escape, footer.lines()))}</p>" if address else ""
    if ways_out:
        leave, choose = (
            marks.keep(f"{{{{ {name} }}}}") for name in ("unsubscribe_url", "preferences_url")
        )
        html += (
            f'<p><a href="{leave}">Unsubscribe</a> &nbsp;&middot;&nbsp; '
            f'<a href="{choose}">Preferences</a></p>'
        )
    return html


def lay_out_own(document: OwnHtml, *, preheader: str, footer: Footer, marks: Marks) -> LaidOut:
    """A link to unsubscribe that stands outside of every choice and loop counts as the mail's own;
    so does the postal address where its first line can be read. Raises Invalid."""
    page = clean_page(document.html, marks, pointer=document.pointer)
    missing = footer_html(
        footer,
        marks,
        address=not names_address(unescape(_TAG.sub(" ", page.body)), footer),
        ways_out=not shows_always("unsubscribe_url", map(marks.text_of, marks.found(page.body))),
    )
    end = f'<div style="{_FOOTER}">{missing}</div>' if missing else ""
    styles = f"<style>\n{page.styles}\n</style>" if page.styles else ""
    html = (
        '<!doctype html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'{styles}</head><body><div style="{_HIDDEN}">{preheader}</div>{page.body}{end}'
        "</body></html>"
    )
    return LaidOut(
        html=html, simple=page.body + (f"<hr>{missing}" if missing else ""), content=page.body
    )


def shows_always(name: str, liquid: Iterable[str]) -> bool:
    """Whether one of the statements prints the name whatever the contact holds."""
    depth = 0
    printed = re.compile(rf"\{{\{{-?\s*{name}\s*-?\}}\}}")
    for statement in liquid:
        if depth == 0 and printed.fullmatch(statement):
            return True
        instruction = _INSTRUCTION.match(statement)
        if instruction and instruction[1] in _BLOCKS:
            depth += 1
        elif instruction and instruction[1].removeprefix("end") in _BLOCKS:
            depth -= 1
    return False


def names_address(text: str, footer: Footer) -> bool:
    first = next((line.strip() for line in footer.postal_address.splitlines() if line.strip()), "")
    return bool(first) and " ".join(first.split()) in " ".join(text.split())
