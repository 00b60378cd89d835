"""The links of a mail's HTML: found, numbered, and set to where clicks are counted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape, unescape
from typing import TYPE_CHECKING, Any, Final

from clarion.content.email.addresses import NOWHERE, Kind, is_on_the_web, safe_address
from clarion.content.email.places import OWN_NAMES
from clarion.content.template import Template, compile_template
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion.content.email.marks import Marks
    from clarion.content.tokens import Token
    from clarion.content.values import Path

# The cleaner writes "<" and ">" only where tags begin and end, and values in quotation marks.
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b([^<>]*)>")
_ATTRIBUTE = re.compile(r'([a-z][a-z:-]*)="([^"]*)"')
_NAMED = re.compile(r"\{%-?\s*(?:assign|capture|for)\s+([\w-]+)")
MOST_LINKS: Final = 500
_LONGEST_LABEL: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`url` and `label` as the email has them, Liquid and all. `number` counts the links whose
    clicks can be counted, from 0; None for the others."""

    url: str
    label: str
    number: int | None
    pointer: str
    _template: Template | None = field(default=None, repr=False, compare=False)

    @property
    def tokens(self) -> tuple[Token, ...]:
        return self._template.tokens if self._template else ()

    @property
    def is_certain(self) -> bool:
        """Whether it leads somewhere even when the contact has no value at all."""
        return all(token.has_fallback for token in self.tokens)

    def note_missing(self, contact: Mapping[str, Any], missing: dict[Path, None]) -> None:
        if self._template is not None:
            missing |= dict.fromkeys(self._template.fill(contact).missing)

    def target(self, contact: Mapping[str, Any]) -> str:
        """Where the link leads for this contact. Raises Invalid when that is nowhere."""
        if self._template is None:
            raise Invalid("Clicks on this link are not counted.")
        address = safe_address(self._template.fill(contact).text, Kind.LINK)
        if address == NOWHERE:
            detail = "For this contact the link leads nowhere."
            raise Invalid(detail, faults=[Fault(pointer=self.pointer, detail=detail)])
        return address


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """`html` is Liquid."""

    html: str
    links: tuple[Link, ...]


def link_up(
    html: str,
    marks: Marks,
    *,
    track_clicks: bool,
    images: str,
    pointer: str,
    snippets: Mapping[str, str],
) -> Linked:
    """HTML with marks → Liquid in which every attribute that had a mark is escaped and judged.

    `images` is what has to stand before "/images/" for the world to find ours.
    """
    linker = _Linker(
        marks=marks, track_clicks=track_clicks, images=images, pointer=pointer, snippets=snippets
    )
    linker.made_here = frozenset(_NAMED.findall(marks.restore(html)))
    pieces: list[str] = []
    end = 0
    for match in _TAG.finditer(html):
        pieces.append(marks.restore_beside(html[end : match.start()]))
        end = match.end()
        linker.see(match)
        if match[1]:
            pieces.append(match[0])
        else:
            attributes = linker.attributes(match[2], match[3])
            pieces.append(f"<{match[2]}{attributes}>")
    pieces.append(marks.restore_beside(html[end:]))
    return Linked(html="".join(pieces), links=tuple(linker.finished(html)))


@dataclass(slots=True, kw_only=True)
class _Opened:
    url: str
    number: int | None
    template: Template | None
    start: int
    end: int | None = None


@dataclass(slots=True, kw_only=True)
class _Linker:
    marks: Marks
    track_clicks: bool
    images: str
    pointer: str
    snippets: Mapping[str, str]
    made_here: frozenset[str] = frozenset()
    opened: list[_Opened] = field(default_factory=list)
    counted: int = 0
    place: int = 0

    def see(self, match: re.Match[str]) -> None:
        self.place = match.end()
        if match[1] and match[2] == "a" and self.opened and self.opened[-1].end is None:
            self.opened[-1].end = match.start()

    def attributes(self, tag: str, text: str) -> str:
        def rewritten(match: re.Match[str]) -> str:
            name, value = match[1], match[2]
            if tag == "a" and name == "href":
                return f'href="{self.link(value)}"'
            if tag == "img" and name == "src" and value.startswith("/images/"):
                value = f"{escape(self.images)}{value}"
            if not self.marks.is_in(value):
                return f'{name}="{self.marks.restore_beside(value)}"'
            kind = Kind.IMAGE.value if name == "src" else "text"
            return f'{name}="{self._judged(value, kind)}"'

        return _ATTRIBUTE.sub(rewritten, text)

    def link(self, value: str) -> str:
        """The value that the attribute gets."""
        if len(self.opened) == MOST_LINKS:
            detail = f"An email may have {MOST_LINKS} links at most."
            raise Invalid(detail, faults=[Fault(pointer=self.pointer, detail=detail)])
        url = self.marks.restore(unescape(value)).strip()
        template = self._template(value) if is_on_the_web(url) else None
        number = None
        if template is not None:
            number = self.counted
            self.counted += 1
        self.opened.append(_Opened(url=url, number=number, template=template, start=self.place))
        if number is not None and self.track_clicks:
            return f"{{% click {number} %}}"
        return self._judged(value, Kind.LINK.value) if self.marks.is_in(value) else value

    def _template(self, value: str) -> Template | None:
        """None where the address is the message's own, or depends on what the text around it has
        given a name: whoever clicks could not be led there."""
        template = compile_template(
            self.marks.restore_beside(unescape(value)),
            pointer=self.pointer,
            snippets=self.snippets,
        )
        roots = {token.path[0] for token in template.tokens}
        return None if roots & (OWN_NAMES | self.made_here) else template

    def _judged(self, value: str, kind: str) -> str:
        inner = self.marks.restore_beside(unescape(value))
        return f"{{% attribute '{kind}' %}}{inner}{{% endattribute %}}"

    def finished(self, html: str) -> list[Link]:
        return [
            Link(
                url=each.url,
                label=self._label(html[each.start : each.end]),
                number=each.number,
                pointer=self.pointer,
                _template=each.template,
            )
            for each in self.opened
        ]

    def _label(self, html: str) -> str:
        """What people read of the link: its text, or what its image says."""
        text = _TAG.sub(" ", html)
        if not text.strip():
            text = " ".join(value for name, value in _ATTRIBUTE.findall(html) if name == "alt")
        return " ".join(self.marks.restore(unescape(text)).split())[:_LONGEST_LABEL]
