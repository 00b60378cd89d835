"""Templates that come with Clarion, to begin from. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.content.library.emails import EMAILS
from clarion.content.library.texts import TEXTS
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from clarion.content.library.template import LibraryTemplate

#: By their keys, in the order in which they are shown.
LIBRARY: dict[str, LibraryTemplate] = {each.key: each for each in (*TEXTS, *EMAILS)}


def library_template(key: str) -> LibraryTemplate:
    """Raises Invalid at /from_library for a key that there is not."""
    if key not in LIBRARY:
        detail = f"The library has no template “{key}”. GET /template-library names all."
        raise Invalid(detail, faults=[Fault(pointer="/from_library", detail=detail)])
    return LIBRARY[key]
