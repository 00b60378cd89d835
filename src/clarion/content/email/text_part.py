"""The plain text of a mail, made from its HTML: what reads well where no HTML is shown."""

from __future__ import annotations

import re
import textwrap
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from clarion.content.snippet_tag import names_in

if TYPE_CHECKING:
    from clarion.content.email.marks import Marks

_WIDTH: Final = 78
_UNDERLINED: Final = 40
#: Characters that a value takes, as far as can be guessed.
_VALUE_WIDTH: Final = 12
_PARAGRAPHS: Final = frozenset(
    {"p", "div", "table", "blockquote", "ul", "ol", "dl", "pre", "center", "h4", "h5", "h6"}
)
_LINES: Final = frozenset({"tr", "li", "dt", "dd", "caption"})
_CELLS: Final = frozenset({"td", "th"})
_SILENT: Final = frozenset({"style", "script", "title", "head"})
_SPACE = re.compile(r"[ \t\r\n\f\xa0\x02\x03]+")
_STAND_IN = re.compile("\x02\x03*")
_MANY_BREAKS = re.compile(r"\n{3,}")


def make_text(html: str, marks: Marks) -> str:
    """HTML with marks → text with the same marks: links as "label (address)", lists with dashes or
    numbers, headings underlined, and lines of at most 78 characters where words allow it."""
    writer = _Writer(marks)
    writer.feed(html)
    writer.close()
    return writer.text()


def _is_silent(statement: str) -> bool:
    return statement.startswith("{%") and not names_in(statement)


class _Writer(HTMLParser):
    def __init__(self, marks: Marks) -> None:
        super().__init__(convert_charrefs=True)
        self._marks = marks
        self._done: list[str] = []
        self._line: list[str] = []
        self._heading: int | None = None
        self._lists: list[int | None] = []
        self._links: list[tuple[str, int]] = []
        self._prefix = ""
        self._silent = 0

    def text(self) -> str:
        self._end_line()
        text = "".join(self._with_end(line) for line in self._done)
        return _MANY_BREAKS.sub("\n\n", text).strip("\n") + "\n"

    def _with_end(self, line: str) -> str:
        """A line of instructions alone prints nothing, and so must not leave an empty line."""
        rest = self._marks.pattern.sub("", line).strip()
        words = [self._marks.text_of(mark) for mark in self._marks.found(line)]
        alone = words and not rest and all(map(_is_silent, words))
        return line.strip() if alone else f"{line}\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self._end_line()
        elif tag == "hr":
            self._paragraph()
            self._done += ["-" * 40, ""]
        elif tag in {"h1", "h2", "h3"}:
            self._paragraph()
            self._heading = int(tag[1])
        elif tag == "a":
            self._links.append((_SPACE.sub("", values.get("href", "")), len(self._line)))
        elif tag == "img":
            self._say(_SPACE.sub(" ", values.get("alt", "")))
        else:
            self._begin_block(tag)

    def _begin_block(self, tag: str) -> None:
        if tag in {"ul", "ol"}:
            self._end_line() if self._lists else self._paragraph()
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            self._end_line()
            number = self._lists[-1] if self._lists else None
            sign = "- " if number is None else f"{number}. "
            if self._lists and number is not None:
                self._lists[-1] = number + 1
            self._prefix = "  " * max(len(self._lists) - 1, 0) + sign
        elif tag in _PARAGRAPHS and not (self._lists and tag == "p"):
            self._paragraph()
        elif tag in _LINES:
            self._end_line()
        elif tag in _CELLS and self._line:
            self._line.append("  ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag == "a" and self._links:
            self._end_link(*self._links.pop())
        elif tag in {"h1", "h2", "h3"}:
            self._paragraph()
            self._heading = None
        elif tag in {"ul", "ol"} and self._lists:
            self._end_line()
            self._lists.pop()
            if not self._lists:
                self._paragraph()
        elif tag in _LINES:
            self._end_line()
        elif tag in _PARAGRAPHS and not (self._lists and tag == "p"):
            self._paragraph()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._say(_SPACE.sub(" ", data))

    def _say(self, text: str) -> None:
        if text:
            self._line.append(text)

    def _end_link(self, address: str, start: int) -> None:
        label = "".join(self._line[start:]).strip()
        if not address or address.startswith("#"):
            return
        plain = address.removeprefix("mailto:").removeprefix("tel:")
        if not label:
            self._say(plain)
        elif label not in {address, plain}:
            self._say(f" ({plain})")

    def _end_line(self) -> None:
        line = "".join(self._line)
        self._line = []
        first, self._prefix = self._prefix, ""
        if not line.strip():
            self._prefix = first
            return
        wrapped = self._wrapped(" ".join(line.split(" ")).strip(), first)
        self._done += wrapped
        if self._heading is not None:
            longest = max(
                len(self._marks.pattern.sub("x" * _VALUE_WIDTH, each)) for each in wrapped
            )
            self._done.append({1: "=", 2: "-"}.get(self._heading, "") * min(longest, _UNDERLINED))

    def _paragraph(self) -> None:
        self._end_line()
        if self._done and self._done[-1]:
            self._done.append("")

    def _wrapped(self, line: str, first: str) -> list[str]:
        """Wraps with each mark as wide as what people will read in its place, more or less."""
        marks = list(self._marks.found(line))
        lines = textwrap.wrap(
            self._marks.pattern.sub(lambda each: self._stand_in(each[0]), line),
            _WIDTH,
            initial_indent=first,
            subsequent_indent=" " * len(first),
            break_long_words=False,
            break_on_hyphens=False,
        )
        found = iter(marks)
        return [_STAND_IN.sub(lambda _: next(found), each) for each in lines]

    def _stand_in(self, mark: str) -> str:
        width = 1 if _is_silent(self._marks.text_of(mark)) else _VALUE_WIDTH
        return "\x02" + "\x03" * (width - 1)
