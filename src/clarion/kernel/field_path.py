"""How a field of a contact is written, in filters and in messages alike.

A column is its name (`first_name`); a key of metadata is `metadata.product`, and one that is no
plain word is `metadata["Lead source"]`.
"""

from __future__ import annotations

import json
import re

from clarion.kernel.errors import Invalid

FieldPath = tuple[str, ...]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PART = re.compile(
    r"(?P<dot>\.?)(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|\[(?P<quoted>\"(?:[^\"\\]|\\.)*\"|'[^']*')\]"
)

#: Words of Liquid, which mean something else when written plainly.
# fmt: off
_RESERVED = frozenset({
    "and", "as", "blank", "cols", "contains", "continue", "else", "empty", "false", "for", "if",
    "in", "limit", "nil", "not", "null", "offset", "or", "required", "reversed", "true", "with",
})
# fmt: on


def write_path(path: FieldPath) -> str:
    return "".join(_part(name, first=place == 0) for place, name in enumerate(path))


def _part(name: str, *, first: bool) -> str:
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name if first else f".{name}"
    if '"' not in name and "\\" not in name:
        return f'["{name}"]'
    if "'" not in name:
        return f"['{name}']"
    return f"[{json.dumps(name, ensure_ascii=False)}]"


def read_path(text: str) -> FieldPath:
    """Raises Invalid for anything that `write_path` could not have written."""
    parts: list[str] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None or (match["word"] and bool(match["dot"]) == (position == 0)):
            break
        parts.append(match["word"] or _unquoted(match["quoted"]))
        position = match.end()
    if not parts or position != len(text):
        raise Invalid(f"“{text[:80]}” is not the name of a field.")
    return tuple(parts)


def _unquoted(quoted: str) -> str:
    if "\\" not in quoted or quoted.startswith("'"):
        return quoted[1:-1]
    try:
        return str(json.loads(quoted))
    except ValueError as error:
        raise Invalid(f"{quoted[:80]} is not a quoted key.") from error
