"""What one contact would receive, shown before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clarion.content.paths import written
from clarion.content.segments import Measure, measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarion.content.template import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`missing` names the fields without a value as a template writes them; in the text each
    stands as "[first name?]", and the measure counts it so.
    """

    text: str
    measure: Measure
    missing: tuple[str, ...]


def preview(template: Template, contact: Mapping[str, Any]) -> Preview:
    """Raises Invalid for a text that cannot be made at all; never for a missing value."""
    filled = template.fill(contact)
    return Preview(
        text=filled.text,
        measure=measure(filled.text),
        missing=tuple(written(path) for path in filled.missing),
    )
