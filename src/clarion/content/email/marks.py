"""Liquid put out of sight, so that programs that know only HTML leave it as it is."""

from __future__ import annotations

import re
from hashlib import sha256
from html import unescape
from typing import TYPE_CHECKING

from clarion.content.grammar import LIQUID

if TYPE_CHECKING:
    from collections.abc import Iterable


class Marks:
    """Words that stand for texts. Letters and digits alone, so that they pass through HTML,
    addresses and MJML unchanged; made from a digest of what they stand in, so that nobody can
    write one."""

    def __init__(self, *seeds: str) -> None:
        digest = sha256("\0".join(seeds).encode("utf-8", "surrogatepass")).hexdigest()
        self._word = f"mk{digest[:16]}x"
        self._texts: list[str] = []
        self.pattern = re.compile(rf"{self._word}(\d+)z")
        self._brace = re.compile(rf"\{{(?=[{{%]|{self._word})")

    def others(self) -> Marks:
        """Marks that cannot be taken for these."""
        return Marks(self._word)

    def keep(self, text: str) -> str:
        """A mark for the text."""
        self._texts.append(text)
        return f"{self._word}{len(self._texts) - 1}z"

    def hide(self, text: str) -> str:
        """The text with a mark for each placeholder and instruction."""
        return LIQUID.sub(lambda match: self.keep(match[0]), text)

    def hide_in_html(self, html: str) -> str:
        """The same in HTML, where an editor may have written "&gt;" between the braces."""
        return self.hide(as_typed(html))

    def restore(self, text: str) -> str:
        """The marks replaced; a mark within a text that is put back stays."""
        return self.pattern.sub(lambda match: self._texts[int(match[1])], text)

    def restore_beside(self, text: str) -> str:
        """The same, where all but the marks is no Liquid, whatever it looks like."""
        return self.restore(self._brace.sub('{{ "{" }}', text))

    def found(self, text: str) -> Iterable[str]:
        """The marks in the text."""
        return (match[0] for match in self.pattern.finditer(text))

    def text_of(self, mark: str) -> str:
        return self.restore(mark)

    def is_in(self, text: str) -> bool:
        return self._word in text


def as_typed(html: str) -> str:
    """HTML with its Liquid as a person has typed it: ">", where an editor has written "&gt;"."""
    return LIQUID.sub(lambda match: unescape(match[0]).replace("\xa0", " "), html)
