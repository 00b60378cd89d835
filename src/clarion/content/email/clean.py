"""People's HTML made harmless, with the Liquid in it untouched.

Two policies: the few tags that a text block knows, and the HTML of whole mails. In both no script,
no form, no frame, no event handler and nothing that loads from elsewhere but images passes; links
and images with other schemes are refused by name rather than silently dropped.

A stylesheet of the mail itself stays, since many mails depend on its media queries, when it holds
nothing that could load, run or end the stylesheet: no "@import", no "url(", no escapes, no "<". It
is kept apart from the body, so that no program has to find its end again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import nh3

from clarion.content.email.addresses import Kind, address_mistake
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from clarion.content.email.marks import Marks

_RICH_TAGS: Final = frozenset(
    {"p", "br", "strong", "b", "em", "i", "u", "s", "a", "ul", "ol", "li", "span"}
)
# fmt: off
_PAGE_TAGS: Final = _RICH_TAGS | {
    "abbr", "big", "blockquote", "caption", "center", "code", "col", "colgroup", "dd", "del",
    "div", "dl", "dt", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "ins", "pre", "q",
    "small", "strike", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt",
}
_GONE_WHOLE: Final = frozenset({
    "script", "style", "title", "head", "template", "noscript", "iframe", "object", "embed", "svg",
    "math", "select", "textarea", "button", "audio", "video", "canvas", "map", "xml",
})
_STYLES: Final = {
    "background", "background-color", "border", "border-bottom", "border-collapse", "border-color",
    "border-left", "border-radius", "border-right", "border-spacing", "border-style", "border-top",
    "border-width", "box-sizing", "clear", "color", "direction", "display", "float", "font",
    "font-family", "font-size", "font-style", "font-weight", "height", "letter-spacing",
    "line-height", "list-style-position", "list-style-type", "margin", "margin-bottom",
    "margin-left", "margin-right", "margin-top", "max-height", "max-width", "min-height",
    "min-width", "opacity", "outline", "overflow", "padding", "padding-bottom", "padding-left",
    "padding-right", "padding-top", "table-layout", "text-align", "text-decoration", "text-indent",
    "text-transform", "vertical-align", "white-space", "width", "word-break", "word-spacing",
    "word-wrap",
}
_EVERYWHERE: Final = {
    "align", "aria-hidden", "aria-label", "bgcolor", "class", "dir", "height", "id", "lang", "role",
    "style", "title", "valign", "width",
}
# fmt: on
_PAGE_ATTRIBUTES: Final = {
    "*": _EVERYWHERE,
    "a": {"href", "name", "target"},
    "img": {"src", "alt", "border", "hspace", "vspace"},
    "table": {"border", "cellpadding", "cellspacing", "background", "bordercolor"},
    "td": {"colspan", "rowspan", "nowrap", "background"},
    "th": {"colspan", "rowspan", "nowrap", "background", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "hr": {"color", "size", "noshade"},
}
_RICH_ATTRIBUTES: Final = {"a": {"href"}, "span": {"style"}}
# What is let through to `_judge`, which refuses it by name; of others the cleaner removes the link.
_SCHEMES: Final = {
    "http", "https", "mailto", "tel", "javascript", "vbscript", "data", "file", "ftp", "sms",
    "blob",
}  # fmt: skip
#: Where Liquid may stand: what is printed there is escaped, and addresses are judged once more.
_TAKES_LIQUID: Final = frozenset({"href", "src", "alt", "title"})
_ADDRESSES: Final = {"href": Kind.LINK, "src": Kind.IMAGE, "background": Kind.IMAGE}

_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_STYLESHEET = re.compile(r"<style\b[^>]*(?:>|\Z)(.*?)(?:</style\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_BODY = re.compile(r"<(/?)body\b", re.IGNORECASE)
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_NOT_IN_CSS = re.compile(
    r"[<\\]|@import|@charset|@namespace|@font-face|url\s*\(|expression|behaviou?r|-moz-binding"
    r"|javascript:|/\*|\*/|position\s*:\s*fixed",
    re.IGNORECASE,
)
_NOT_IN_STYLE = re.compile(r"[<\\]|url\s*\(|image-set|expression|javascript:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Clean HTML of a whole mail, with marks for its Liquid; `styles` may be empty."""

    styles: str
    body: str


def clean_rich(html: str, marks: Marks, *, pointer: str) -> str:
    """The text of a block, with marks for its Liquid. Raises Invalid at `pointer`."""
    return _clean(_without_comments(marks.hide_in_html(html)), marks, pointer, is_page=False)


def clean_page(html: str, marks: Marks, *, pointer: str) -> Page:
    """Raises Invalid at `pointer`, with a fault for each thing that is refused.

    Comments go, those for Outlook too: what they hold is HTML that nobody has cleaned.
    """
    hidden = _without_comments(marks.hide_in_html(html))
    kept = [sheet for sheet in map(_harmless, _STYLESHEET.findall(hidden)) if sheet]
    if any(marks.is_in(sheet) for sheet in kept):
        detail = (
            "A stylesheet is the same for everybody and cannot hold Liquid: choose between whole "
            "elements with {% if %} instead."
        )
        raise Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])
    # The body's own colours belong to the mail; the tag itself is the program's that shows it.
    body = _BODY.sub(r"<\1div", _STYLESHEET.sub("", hidden))
    return Page(styles="\n".join(kept), body=_clean(body, marks, pointer, is_page=True))


def _without_comments(html: str) -> str:
    return _COMMENT.sub("", html)


def _harmless(sheet: str) -> str:
    """The stylesheet, or nothing when it holds what no mail needs."""
    plain = _CSS_COMMENT.sub("", sheet).strip()
    return "" if _NOT_IN_CSS.search(plain) else plain


@dataclass(slots=True)
class _Judge:
    """Looks at each attribute, and notes what is refused."""

    marks: Marks
    faults: dict[str, None] = field(default_factory=dict)

    def __call__(self, tag: str, attribute: str, value: str) -> str | None:
        has_liquid = self.marks.is_in(value)
        if has_liquid and attribute not in _TAKES_LIQUID:
            self.faults[
                f'Liquid cannot stand in the attribute "{attribute}" of <{tag}>: only in links, in '
                "addresses and texts of images, and in titles."
            ] = None
            return None
        kind = _ADDRESSES.get(attribute)
        if kind is not None:
            mistake = address_mistake(self.marks.restore(value), kind)
            if mistake is not None:
                self.faults[f'In <{tag} {attribute}="{_short(value, self.marks)}">: {mistake}'] = (
                    None
                )
                return None
        if attribute == "style" and _NOT_IN_STYLE.search(value):
            return None
        return value


def _short(value: str, marks: Marks) -> str:
    shown = " ".join(marks.restore(value).split())
    return shown if len(shown) <= 60 else f"{shown[:57]}..."  # noqa: PLR2004


def _clean(hidden: str, marks: Marks, pointer: str, *, is_page: bool) -> str:
    judge = _Judge(marks)
    cleaned = nh3.clean(
        _in_comments(hidden, marks),
        tags=set(_PAGE_TAGS if is_page else _RICH_TAGS),
        clean_content_tags=set(_GONE_WHOLE),
        attributes=_PAGE_ATTRIBUTES if is_page else _RICH_ATTRIBUTES,
        attribute_filter=judge,
        strip_comments=False,
        link_rel=None,
        url_schemes=_SCHEMES,
        filter_style_properties=_STYLES if is_page else {"color"},
    )
    cleaned = _COMMENT.sub(lambda each: "".join(marks.found(each[1])), cleaned)
    there = set(marks.found(cleaned))
    faults = list(judge.faults)
    if not faults:
        faults += [
            f'"{marks.text_of(mark)}" stands where it would be lost: it may stand in texts, and in '
            "the values of href, src, alt and title."
            for mark in dict.fromkeys(marks.found(hidden))
            if mark not in there
        ]
    if faults:
        raise Invalid(
            "The HTML cannot be used yet.",
            faults=[Fault(pointer=pointer, detail=detail) for detail in faults],
        )
    return cleaned


def _in_comments(hidden: str, marks: Marks) -> str:
    """Each mark in a text as a comment: only that may stand between the rows of a table.

    Where this and the cleaner disagree about what is a text, the mark is lost, and that is told.
    """
    turn = re.compile(rf"<(?=[a-zA-Z/])|[>\"']|{marks.pattern.pattern}")
    pieces: list[str] = []
    inside = ""  # nothing: a text; "<": a tag; a quotation mark: a value in it
    end = 0
    for match in turn.finditer(hidden):
        found = match[0]
        pieces.append(hidden[end : match.start()])
        end = match.end()
        if found in "<>\"'":
            inside = _after(inside, found)
            pieces.append(found)
        else:
            pieces.append(found if inside else f"<!--{found}-->")
    pieces.append(hidden[end:])
    return "".join(pieces)


def _after(inside: str, found: str) -> str:
    if not inside:
        return "<" if found == "<" else ""
    if inside == "<":
        return {">": "", "<": "<"}.get(found, found)
    return "<" if found == inside else inside
