"""An e-mail as a document: blocks, or HTML of one's own. It is kept as it is given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = ("blocks", "html")

#: Characters of a document as JSON.
MAX_LENGTH = 500_000


def check_document(document: Mapping[str, Any], *, pointer: str = "/email") -> None:
    """The one place at which a document is checked before it is saved with a template.

    Raises Invalid for one that is neither blocks nor HTML, or too large to keep.
    """
    if document.get("kind") not in KINDS:
        detail = 'Say what the e-mail is made of: "kind" is "blocks" or "html".'
        raise Invalid(detail, faults=[Fault(pointer=f"{pointer}/kind", detail=detail)])
    if len(json.dumps(document, ensure_ascii=False)) > MAX_LENGTH:
        detail = f"The e-mail is too large: {MAX_LENGTH:,} characters at most. Shorten it."
        raise Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])
