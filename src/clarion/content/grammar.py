"""Whether braces, instructions and their ends fit together, said in words of someone who sells.

It runs before the library's parser: that one answers a forgotten brace with a sentence about
tokens, and takes very long over some texts that nobody writes by accident.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from clarion.content.language import BLOCK_TAGS, MIDDLE_TAGS, PLAIN_TAGS

LONGEST_TEXT = 10_000
_LONGEST_STATEMENT = 500
_LONGEST_QUOTE = 80

#: Placeholders and instructions; one that is never closed goes to the end of the text, so that no
#: text takes long to look through.
LIQUID = re.compile(r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)", re.DOTALL)

_OPENING = re.compile(r"\{\{|\{%")
_TAG = re.compile(r"(#|\w+)")
_WIDE_GAP = re.compile(r"\s{40}")
_SPACED_NAME = re.compile(r"[^\W\d]\w*(?:[ \t]+[^\W\d]\w*)+")
#: A snippet stands in the place of its instruction; nothing but its name is given.
_RENDER = re.compile(r"render\s+(?:\"[\w-]+\"|'[\w-]+')")
_PLAIN_TAGS = PLAIN_TAGS | {"render"}
_PARENTS = {"else": {"if", "unless", "case", "for"}, "elsif": {"if", "unless"}, "when": {"case"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What is wrong and at which character of the text it is."""

    index: int
    detail: str


def position(text: str, index: int) -> str:
    """ "line 3, column 14", both from 1."""
    before = text[:index]
    return f"line {before.count(chr(10)) + 1}, column {index - before.rfind(chr(10))}"


def statement_at(text: str, index: int) -> str:
    """The braces around a place in the text, with what is in them."""
    start = max(text.rfind("{{", 0, index + 2), text.rfind("{%", 0, index + 2), 0)
    end = min(
        (found + 2 for found in (text.find("}}", start), text.find("%}", start)) if found >= 0),
        default=len(text),
    )
    statement = " ".join(text[start:end].split())
    if len(statement) <= _LONGEST_QUOTE:
        return statement
    return f"{statement[: _LONGEST_QUOTE - 6]}... {statement[-2:]}"


def find_mistake(text: str, *, longest: int = LONGEST_TEXT) -> Mistake | None:
    if len(text) > longest:
        return Mistake(
            index=longest,
            detail=f"The text has {len(text):,} characters; {longest:,} is the most.",
        )
    still_open: list[tuple[str, int]] = []
    index = 0
    while opening := _OPENING.search(text, index):
        start = opening.start()
        end = text.find("}}" if opening[0] == "{{" else "%}", start + 2)
        if end < 0:
            return _unclosed(text, start)
        inner = text[start + 2 : end].removeprefix("-").removesuffix("-").strip()
        detail = _wrong_shape(inner, text[start : end + 2])
        if detail is None and opening[0] == "{%":
            detail = _wrong_tag(inner, start, still_open)
        elif detail is None and not _is_in_comment(still_open):
            detail = _wrong_output(inner)
        if detail is not None:
            return Mistake(index=start, detail=detail)
        index = end + 2
    if still_open:
        name, start = still_open[-1]
        return Mistake(
            index=start, detail=f'"{{% {name} %}}" is never ended: add "{{% end{name} %}}".'
        )
    return None


def _unclosed(text: str, start: int) -> Mistake:
    opening, closing = ("{{", "}}") if text[start + 1] == "{" else ("{%", "%}")
    return Mistake(index=start, detail=f'"{opening}" is opened and never closed with "{closing}".')


def _is_in_comment(still_open: list[tuple[str, int]]) -> bool:
    return bool(still_open) and still_open[-1][0] == "comment"


def _wrong_shape(inner: str, statement: str) -> str | None:
    if not inner:
        return f'There is nothing in "{statement[:2]} {statement[-2:]}".'
    if len(statement) > _LONGEST_STATEMENT:
        return f"What stands in braces may have {_LONGEST_STATEMENT} characters at most."
    if _WIDE_GAP.search(statement):
        return "There are too many spaces in the braces."
    return None


def _wrong_output(inner: str) -> str | None:
    if _SPACED_NAME.fullmatch(inner):
        plain = "_".join(inner.split()).lower()
        return (
            f'A field\'s name has no spaces: write "{{{{ {plain} }}}}", or for a field with spaces '
            f'in its name "{{{{ metadata["{inner}"] }}}}".'
        )
    return None


def _wrong_tag(inner: str, start: int, still_open: list[tuple[str, int]]) -> str | None:
    match = _TAG.match(inner)
    name = match[1] if match else ""
    if _is_in_comment(still_open) and name not in {"comment", "endcomment"}:
        return None
    if name.startswith("end") and name.removeprefix("end") in BLOCK_TAGS:
        return _wrong_end(name.removeprefix("end"), still_open)
    if name in MIDDLE_TAGS or name in _PLAIN_TAGS:
        return _wrong_place(name, inner, [block for block, _ in still_open])
    if name not in BLOCK_TAGS:
        return _unknown_tag(name or inner)
    still_open.append((name, start))
    return None


def _wrong_place(name: str, inner: str, blocks: list[str]) -> str | None:
    if name in MIDDLE_TAGS and (not blocks or blocks[-1] not in _PARENTS[name]):
        return f'"{{% {name} %}}" stands outside of what it belongs to.'
    if name == "else" and inner != "else":
        return f'"{{% {inner} %}}" must be "{{% elsif ... %}}", or "{{% else %}}" alone.'
    if name in {"break", "continue"} and "for" not in blocks:
        return f'"{{% {name} %}}" stands outside of a "{{% for %}}".'
    if name == "render" and not _RENDER.fullmatch(inner):
        return "Write the snippet's name in quotation marks: \"{% render 'opening_hours' %}\"."
    return None


def _wrong_end(block: str, still_open: list[tuple[str, int]]) -> str | None:
    inside = still_open[-1][0] if still_open else None
    if inside == block:
        still_open.pop()
        return None
    if inside is None:
        return f'"{{% end{block} %}}" ends nothing: there is no "{{% {block} %}}" before it.'
    return f'"{{% end{block} %}}" stands where "{{% end{inside} %}}" is expected.'


def _unknown_tag(name: str) -> str:
    known = sorted(BLOCK_TAGS | _PLAIN_TAGS | MIDDLE_TAGS)
    near = get_close_matches(name, known, n=1)
    hint = f' Did you mean "{{% {near[0]} %}}"?' if near else ""
    return f'A message cannot use "{{% {name} %}}".{hint}'


#: How the library says it → how a person would.
_PLAINLY = (
    ("expected a primitive expression", "a field or a value is missing"),
    ("missing or unexpected path segment", "a field's name is missing"),
    ("expected word", "the name of a filter is missing after |"),
    ("expected in", 'write "{% for item in metadata.tags %}"'),
    ("expected an identifier", "a field's name is missing"),
    ('unexpected "\'"', "a quotation mark is opened and not closed"),
    ("unexpected '\"'", "a quotation mark is opened and not closed"),
    ("found '='", 'to compare, write "=="'),
    ("found assign", 'to compare, write "=="'),
    ("expected end of expression", "something after the field does not belong there"),
    ("unexpected liquid parsing error", "it is too complicated"),
    ("block nesting limit", "too many instructions stand inside each other"),
)


def plainly(message: str) -> str:
    """The library's message as a person would say it, without a full stop."""
    return next((said for marker, said in _PLAINLY if marker in message), message)
