"""The text that a person reads in a piece of HTML."""

from __future__ import annotations

from html.parser import HTMLParser

#: After these a new line begins.
_ENDS_LINE = frozenset({"p", "li", "div", "h1", "h2", "h3", "h4", "tr", "blockquote"})
_UNREAD = frozenset({"style", "script", "title"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        if tag == "br":
            self.parts.append("\n")
        elif tag in _UNREAD:
            self._unread += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _ENDS_LINE:
            self.parts.append("\n")
        elif tag in _UNREAD:
            self._unread = max(0, self._unread - 1)

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.parts.append(data)


def plain_text(markup: str) -> str:
    """Its words, a line per paragraph, without blank lines at the end."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return "".join(reader.parts).strip()
