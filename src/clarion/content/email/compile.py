"""An email compiled once for a step: parts for all, and for each person a tuple of values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Final, TypeVar

from clarion.content.email.document import (
    LONGEST_EMAIL,
    Block,
    Document,
    OwnHtml,
    read_document,
)
from clarion.content.email.layout import LaidOut, lay_out
from clarion.content.email.links import Link, Linked, link_up
from clarion.content.email.marks import Marks, as_typed
from clarion.content.email.own_html import (
    Footer,
    footer_html,
    lay_out_own,
    names_address,
    shows_always,
)
from clarion.content.email.places import Filling, Pieces, as_line, as_text, take_apart
from clarion.content.email.text_part import make_text
from clarion.content.paths import written as written_path
from clarion.content.snippet_tag import NO_SNIPPETS, spelled_out
from clarion.content.template import MissingValue, compile_template
from clarion.content.tokens import Token
from clarion.kernel.errors import Fault, Invalid
from clarion.kernel.mail import Mail, filled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from clarion.content.email.places import MessageLinks
    from clarion.content.values import Path

_Made = TypeVar("_Made")

LONGEST_LINE: Final = 2_000
LONGEST_NAME: Final = 200
LONGEST_TEXT_PART: Final = 100_000
#: Placeholders and instructions of all texts of an email together.
MOST_STATEMENTS: Final = 2_000
#: HTML that is nested without end takes the longer the deeper it is.
MOST_TAGS: Final = 10_000

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MAILBOX = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LONGEST_MAILBOX: Final = 320
_LIQUID_FIELDS: Final = ("text", "label", "src", "alt", "href")
_PIXEL: Final = (
    '<img src="{{ open_pixel_url }}" width="1" height="1" alt="" '
    'style="display:block;width:1px;height:1px;border:0;">'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailPreview:
    """What one person would get; `missing` names fields without a value as a template does, each
    shown as "[first name?]"."""

    subject: str
    preheader: str
    html: str
    text: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompiledEmail:
    """`links` are those whose clicks can be counted, each at the place of its number; `every_link`
    holds the others too. `made_text` is the text part that is made from the content, as Liquid;
    `content` its HTML without layout and footers, with the words of its snippets; `written` are the
    texts that somebody wrote, with those words too and the pointer of each."""

    mail: Mail
    tokens: tuple[Token, ...]
    links: tuple[Link, ...]
    every_link: tuple[Link, ...]
    made_text: str
    content: str
    written: tuple[tuple[str, str], ...]
    _texts: tuple[Pieces, Pieces, Pieces] = field(repr=False)
    _preheader: Pieces = field(repr=False)
    _needed_links: tuple[Link, ...] = field(repr=False)

    def values(self, contact: Mapping[str, Any], links: MessageLinks) -> tuple[str, ...]:
        """For the places of `mail`. Raises MissingValue, and Invalid for what cannot be made."""
        filling = Filling(contact, links)
        values = self._values(filling)
        if filling.missing:
            raise MissingValue(filling.missing, pointer=self._texts[1].pointer)
        return values

    def preview(self, contact: Mapping[str, Any], links: MessageLinks) -> EmailPreview:
        """Raises Invalid for what cannot be made; never for a missing value."""
        filling = Filling(contact, links)
        values = self._values(filling)
        preheader = filled(self._preheader.parts, self._preheader.values(filling))
        return EmailPreview(
            subject=filled(self.mail.subject, values),
            preheader=preheader,
            html=filled(self.mail.html or (), values),
            text=filled(self.mail.text, values),
            missing=tuple(written_path(path) for path in filling.missing),
        )

    def _values(self, filling: Filling) -> tuple[str, ...]:
        values: list[str] = []
        for text in self._texts:
            values += text.values(filling)
        for link in self._needed_links:
            link.note_missing(filling.contact, filling.missing)
        return tuple(values)


def compile_email(
    document: Mapping[str, Any],
    *,
    subject: str,
    footer: Footer,
    preheader: str = "",
    text_part: str | None = None,
    from_name: str | None = None,
    reply_to: str | None = None,
    track_opens: bool = False,
    track_clicks: bool = False,
    public_url: str = "",
    snippets: Mapping[str, str] = NO_SNIPPETS,
    pointer: str = "",
) -> CompiledEmail:
    """`public_url` stands before our own images ("https://clarion.example"); `snippets` are the
    texts that it may name; `pointer` stands before the places of faults ("/steps/0"). A text part
    of None or of nothing but space is made.

    Raises Invalid with a fault for every place that is wrong.
    """
    faults = _Faults()
    for name, value in (("subject", subject), ("preheader", preheader)):
        faults.of(_check_line, value, f"{pointer}/{name}", snippets)
    faults.of(_check_sender, from_name, reply_to, pointer)
    read = faults.of(read_document, document, pointer=f"{pointer}/email")
    texts = list(_liquid_of(read)) if read is not None else []
    faults.of(_check_texts, texts, f"{pointer}/email", snippets)
    faults.raise_any()
    marks = Marks(*(text for text, _ in texts), preheader)
    laid_out = faults.of(_lay_out, read, preheader, footer, marks)
    made_text = make_text(laid_out.simple, marks) if laid_out else ""
    made_text = marks.restore_beside(made_text)
    text = made_text
    if text_part and not text_part.isspace():
        text = _with_footer(text_part, footer)
        place = f"{pointer}/text_part"
        faults.of(
            compile_template,
            text_part,
            pointer=place,
            longest=LONGEST_TEXT_PART,
            snippets=snippets,
        )
    faults.raise_any()
    if laid_out is None:
        raise Invalid("The email cannot be used yet.")
    linked = link_up(
        laid_out.html,
        marks,
        track_clicks=track_clicks,
        images=public_url,
        pointer=f"{pointer}/email",
        snippets=snippets,
    )
    html = linked.html
    if track_opens:
        start, end, rest = html.rpartition("</body>")
        html = f"{start}{_PIXEL}{end}{rest}"
    return _assembled(
        linked,
        html=html,
        text=text,
        made_text=made_text,
        content=laid_out.content,
        written=tuple(texts),
        lines=(subject, preheader),
        sender=(from_name, reply_to),
        pointer=pointer,
        marks=marks,
        snippets=snippets,
    )


def _assembled(
    linked: Linked,
    *,
    html: str,
    text: str,
    made_text: str,
    content: str,
    written: tuple[tuple[str, str], ...],
    lines: tuple[str, str],
    sender: tuple[str | None, str | None],
    pointer: str,
    marks: Marks,
    snippets: Mapping[str, str],
) -> CompiledEmail:
    first = 0
    texts: list[Pieces] = []
    for source, form, name in (
        (lines[0], as_line, "subject"),
        (html, escape, "email"),
        (text, as_text, "text_part"),
    ):
        texts.append(
            take_apart(
                source,
                form=form,
                is_html=name == "email",
                first=first,
                pointer=f"{pointer}/{name}",
                snippets=snippets,
            )
        )
        first += len(texts[-1].places)
    of_subject, of_html, of_text = texts
    shown = take_apart(
        lines[1],
        form=as_line,
        is_html=False,
        first=0,
        pointer=f"{pointer}/preheader",
        snippets=snippets,
    )
    counted = tuple(link for link in linked.links if link.number is not None)
    return CompiledEmail(
        mail=Mail(
            subject=of_subject.parts,
            text=of_text.parts,
            html=of_html.parts,
            from_name=sender[0] or None,
            reply_to=sender[1] or None,
        ),
        tokens=_together(
            *(each.tokens for each in texts), shown.tokens, *(link.tokens for link in counted)
        ),
        links=counted,
        every_link=linked.links,
        made_text=made_text,
        content=spelled_out(marks.restore(content), snippets, is_html=True),
        written=tuple((spelled_out(text, snippets, is_html=True), at) for text, at in written),
        _texts=(of_subject, of_html, of_text),
        _preheader=shown,
        _needed_links=tuple(
            link for link in counted if link.number in of_html.clicked and not link.is_certain
        ),
    )


def _lay_out(document: Document | None, preheader: str, footer: Footer, marks: Marks) -> LaidOut:
    hidden = escape(marks.hide(preheader))
    if isinstance(document, OwnHtml):
        return lay_out_own(document, preheader=hidden, footer=footer, marks=marks)
    if document is None:
        raise Invalid("There is no email.")
    return lay_out(document, preheader=hidden, footer=footer_html(footer, marks), marks=marks)


def _liquid_of(document: Document) -> Iterable[tuple[str, str]]:
    """Every text that may hold Liquid, with its place."""
    if isinstance(document, OwnHtml):
        yield as_typed(document.html), document.pointer
        return
    for block in document.every_block():
        yield from _liquid_of_block(block)


def _liquid_of_block(block: Block) -> Iterable[tuple[str, str]]:
    for name in _LIQUID_FIELDS:
        if isinstance(block.values.get(name), str):
            yield block.values[name], f"{block.pointer}/{name}"
    if "html" in block.values:
        yield as_typed(block.values["html"]), f"{block.pointer}/html"
    for index, link in enumerate(block.values.get("links", ())):
        yield link["url"], f"{block.pointer}/links/{index}/url"


def _check_texts(texts: list[tuple[str, str]], pointer: str, snippets: Mapping[str, str]) -> None:
    """Raises Invalid with a fault for each text whose Liquid cannot be read."""
    if sum(text.count("<") for text, _ in texts) > MOST_TAGS:
        raise _wrong(pointer, f"An email may have {MOST_TAGS:,} tags at most.")
    statements = sum(text.count("{{") + text.count("{%") for text, _ in texts)
    if statements > MOST_STATEMENTS:
        detail = f"An email may have {MOST_STATEMENTS:,} placeholders and instructions at most."
        raise _wrong(pointer, detail)
    faults = _Faults()
    for text, place in texts:
        faults.of(compile_template, text, pointer=place, longest=LONGEST_EMAIL, snippets=snippets)
    faults.raise_any()


def _with_footer(text: str, footer: Footer) -> str:
    """A person's own text with what the law wants in it."""
    marks = Marks(text)
    hidden = marks.hide(text)
    lines = [] if names_address(text, footer) else footer.lines()
    if not shows_always("unsubscribe_url", map(marks.text_of, marks.found(hidden))):
        lines += ["Unsubscribe: {{ unsubscribe_url }}", "Preferences: {{ preferences_url }}"]
    return "\n".join([text.rstrip(), "", *lines, ""]) if lines else text


def _check_line(text: str, pointer: str, snippets: Mapping[str, str]) -> None:
    """Raises Invalid for what no header can hold, and for Liquid that cannot be read."""
    if _CONTROLS.search(text):
        raise _wrong(pointer, "This has to be one line, without tabs or other controls.")
    if len(text) > LONGEST_LINE:
        raise _wrong(pointer, f"This may have {LONGEST_LINE:,} characters at most.")
    compile_template(text, pointer=pointer, snippets=snippets)


def _check_sender(from_name: str | None, reply_to: str | None, pointer: str) -> None:
    faults: list[Fault] = []
    if from_name:
        place = f"{pointer}/from_name"
        if _CONTROLS.search(from_name):
            faults.append(Fault(pointer=place, detail="A name has to be one line."))
        elif len(from_name) > LONGEST_NAME:
            detail = f"A name may have {LONGEST_NAME} characters at most."
            faults.append(Fault(pointer=place, detail=detail))
        elif "{{" in from_name or "{%" in from_name:
            detail = "The sender has the same name for everybody: write it without placeholders."
            faults.append(Fault(pointer=place, detail=detail))
    if reply_to and (len(reply_to) > _LONGEST_MAILBOX or not _MAILBOX.fullmatch(reply_to)):
        detail = 'Write one address, such as "office@example.com".'
        faults.append(Fault(pointer=f"{pointer}/reply_to", detail=detail))
    if faults:
        raise Invalid(faults[0].detail, faults=faults)


def _wrong(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])


def _together(*tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """In order of appearance; a fallback counts only if each use has one."""
    certain: dict[Path, bool] = {}
    for token in (each for some in tokens for each in some):
        certain[token.path] = certain.get(token.path, True) and token.has_fallback
    return tuple(Token(path=path, has_fallback=sure) for path, sure in certain.items())


class _Faults:
    """Goes on after a mistake, so that a person hears of all of them."""

    def __init__(self) -> None:
        self._faults: dict[Fault, None] = {}

    def of(self, make: Callable[..., _Made], *args: Any, **named: Any) -> _Made | None:
        try:
            return make(*args, **named)
        except Invalid as problem:
            self._faults |= dict.fromkeys(problem.faults)
            return None

    def raise_any(self) -> None:
        if self._faults:
            raise Invalid("The email cannot be used yet.", faults=list(self._faults))
