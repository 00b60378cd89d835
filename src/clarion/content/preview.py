"""What one contact would receive, shown before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from clarion.content.paths import written
from clarion.content.segments import Measure, measure
from clarion.content.template import compile_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion.content.template import Template


#: Texts that are kept compiled, for somebody who reads them as one person after another.
_KEPT: Final = 64


class NoLinks:
    """A preview belongs to no message: its own links lead nowhere."""

    unsubscribe = preferences = view = pixel = "#"

    def click(self, number: int) -> str:  # noqa: ARG002
        return "#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`missing` names the fields without a value as a template writes them; in the text each
    stands as "[first name?]", and the measure counts it so.
    """

    text: str
    measure: Measure
    missing: tuple[str, ...]


def compiled_text(text: str, snippets: Mapping[str, str]) -> Template:
    """As `compile_template`, once for the same text and snippets."""
    return _compiled(text, tuple(sorted(snippets.items())))


@lru_cache(maxsize=_KEPT)
def _compiled(text: str, snippets: tuple[tuple[str, str], ...]) -> Template:
    return compile_template(text, snippets=dict(snippets))


def preview(template: Template, contact: Mapping[str, Any]) -> Preview:
    """Raises Invalid for a text that cannot be made at all; never for a missing value."""
    filled = template.fill(contact)
    return Preview(
        text=filled.text,
        measure=measure(filled.text),
        missing=tuple(written(path) for path in filled.missing),
    )
