"""Where a page of a list ended, as a text that a caller gives back and need not understand."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from uuid import UUID

from clarion.api.caller import no_such_page

#: Sorted by these, the mark is a moment; without one it comes last.
_ENDLESS = ("infinity", "-infinity")


def write_mark(order: str, value: str, row_id: UUID) -> str:
    text = json.dumps([order, value, str(row_id)])
    return base64.urlsafe_b64encode(text.encode()).decode()


def read_mark(mark: str | None, order: str, *, is_moment: bool) -> tuple[str, UUID] | None:
    """Raises Invalid at /after for what is no mark of a list in this order."""
    if not mark:
        return None
    try:
        of_order, value, row_id = json.loads(base64.urlsafe_b64decode(mark))
        found = str(value), UUID(row_id)
        if is_moment and value not in _ENDLESS:
            datetime.fromisoformat(value)
    except (binascii.Error, ValueError, TypeError, AttributeError) as error:
        raise no_such_page() from error
    if of_order != order or "\x00" in found[0]:
        raise no_such_page()
    return found
