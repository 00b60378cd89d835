"""A message's text with placeholders: checked once, filled in for each contact.

A text of plain placeholders alone, which is nearly every SMS, is filled in by a short loop of our
own; the rest by Liquid. Both read values by the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import Filter, FilteredExpression, PositionalArgument, StringLiteral
from liquid.builtin.expressions.path import Path as PathExpression
from liquid.builtin.output import OutputNode
from liquid.exceptions import LiquidError, LiquidInterrupt, UnknownFilterError

from clarion.content.grammar import LONGEST_TEXT, find_mistake, plainly, position, statement_at
from clarion.content.language import Rendering, environment, label, placeholder
from clarion.content.paths import written
from clarion.content.snippet_tag import (
    NO_SNIPPETS,
    SnippetNode,
    SnippetTag,
    UnknownSnippetError,
    put_in_place,
)
from clarion.content.tokens import Token, find_tokens
from clarion.content.values import Path, has_value, lookup, printed
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from liquid.ast import Node
    from liquid.template import BoundTemplate

_LIQUID = environment(SnippetTag)
#: Compared by identity; no template can hold this very object.
_NOT_PLAIN = "\0not plain"
#: What filters raise beside LiquidError: sums too large, dates out of range, odd arguments.
_FILTER_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError)


class MissingValue(Invalid):
    """A contact lacks fields that the text cannot do without; `names` as a template writes them."""

    def __init__(self, paths: Iterable[Path], *, pointer: str) -> None:
        paths = tuple(paths)
        self.names = tuple(written(path) for path in paths)
        listed = ", ".join(f'"{label(path)}"' for path in paths)
        detail = f"The contact has no value for {listed}."
        super().__init__(detail, faults=[Fault(pointer=pointer, detail=detail)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A plain placeholder; `fallback` is None where it has no `default`."""

    path: Path
    fallback: str | None

    def fill(self, contact: Mapping[str, Any], missing: dict[Path, None]) -> str:
        """The text in its place; notes its path in `missing` where there is none."""
        value = lookup(contact, self.path)
        if has_value(value) and (value is not False or self.fallback is None):
            return value if isinstance(value, str) else printed(value)
        if self.fallback is not None:
            return self.fallback
        missing[self.path] = None
        return placeholder(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A text with what it lacks: each missing field is shown as "[first name?]"."""

    text: str
    missing: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text that compiles. Contacts are mappings of columns plus "metadata", a mapping too.

    None, a blank text and an empty list count as no value.
    """

    text: str
    tokens: tuple[Token, ...]
    pointer: str
    _program: BoundTemplate = field(repr=False, compare=False)
    _parts: tuple[str | Slot, ...] | None = field(repr=False, compare=False)

    def render(self, contact: Mapping[str, Any]) -> str:
        """Raises MissingValue, and Invalid for a text that cannot be made (a division by zero)."""
        filled = self.fill(contact)
        if filled.missing:
            raise MissingValue(filled.missing, pointer=self.pointer)
        return filled.text

    def missing(self, contact: Mapping[str, Any]) -> tuple[str, ...]:
        """The fields that this contact lacks for this text, as a template writes them."""
        return tuple(written(path) for path in self.fill(contact).missing)

    def fill(self, contact: Mapping[str, Any]) -> Filled:
        """The text even when values are missing. Raises Invalid as `render` does."""
        if self._parts is None:
            return self._fill_by_liquid(contact)
        texts: list[str] = []
        missing: dict[Path, None] = {}
        for part in self._parts:
            if isinstance(part, str):
                texts.append(part)
                continue
            texts.append(part.fill(contact, missing))
        return Filled(text="".join(texts), missing=tuple(missing))

    def _fill_by_liquid(self, contact: Mapping[str, Any]) -> Filled:
        rendering = Rendering(self._program, contact)
        text = render_nodes(self._program.nodes, rendering, pointer=self.pointer)
        return Filled(text=text, missing=tuple(rendering.missing))


def render_nodes(nodes: Iterable[Node], rendering: Rendering, *, pointer: str) -> str:
    """Raises Invalid at `pointer` for a text that cannot be made."""
    buffer = rendering.get_buffer()
    try:
        for node in nodes:
            node.render(rendering, buffer)
    except LiquidInterrupt as error:
        raise _unmakeable("it breaks off outside of a loop", pointer) from error
    except LiquidError as error:
        raise _unmakeable(str(error.message), pointer) from error
    except (*_FILTER_ERRORS, ValueError) as error:
        raise _unmakeable(str(error), pointer) from error
    return buffer.getvalue()


def _unmakeable(why: str, pointer: str) -> Invalid:
    detail = f"The text cannot be made for this contact: {why}."
    return Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])


def compile_template(
    text: str,
    *,
    pointer: str = "/body",
    longest: int = LONGEST_TEXT,
    snippets: Mapping[str, str] = NO_SNIPPETS,
) -> Template:
    """`snippets` are the texts that it may name. Raises Invalid that names line and column, with
    one Fault at `pointer`."""
    mistake = find_mistake(text, longest=longest)
    if mistake:
        raise _unreadable(text, mistake.index, mistake.detail, pointer)
    try:
        program = _LIQUID.from_string(text)
        put_in_place(program, snippets)
        tokens = find_tokens(program)
    except LiquidError as error:
        index = error.token.start_index if error.token else 0
        if isinstance(error, UnknownSnippetError):
            index = text.rfind("{%", 0, index)
        raise _unreadable(text, index, _explained(text, index, error), pointer) from error
    except RecursionError as error:
        raise _unreadable(text, 0, "It is too complicated.", pointer) from error
    return Template(
        text=text,
        tokens=tokens,
        pointer=pointer,
        _program=program,
        _parts=_plain_parts(program.nodes),
    )


def _unreadable(text: str, index: int, detail: str, pointer: str) -> Invalid:
    where = position(text, max(index, 0))
    sentence = f"{where[0].upper()}{where[1:]}: {detail}"
    return Invalid(sentence, faults=[Fault(pointer=pointer, detail=sentence)])


def _explained(text: str, index: int, error: LiquidError) -> str:
    if isinstance(error, UnknownSnippetError):
        return str(error.message)
    statement = statement_at(text, max(index, 0))
    if isinstance(error, UnknownFilterError):
        name = str(error.message)
        near = get_close_matches(name, sorted(_LIQUID.filters), n=1)
        hint = f' Did you mean "{near[0]}"?' if near else ""
        return f'In "{statement}" there is no filter "{name}".{hint}'
    return f'"{statement}" cannot be read: {plainly(str(error.message))}.'


def _plain_parts(nodes: Iterable[Node]) -> tuple[str | Slot, ...] | None:
    """The template as texts and plain placeholders, None when it has anything else in it."""
    parts: list[str | Slot] = []
    for node in nodes:
        if isinstance(node, ContentNode):
            parts.append(node.text)
            continue
        if isinstance(node, SnippetNode):
            inside = _plain_parts(node.nodes)
            if inside is None:
                return None
            parts += inside
            continue
        slot = plain_slot(node.expression) if isinstance(node, OutputNode) else None
        if slot is None:
            return None
        parts.append(slot)
    return tuple(parts)


def plain_slot(expression: object) -> Slot | None:
    """The expression as a plain placeholder, None when it is anything else."""
    if not isinstance(expression, FilteredExpression):
        return None
    left = expression.left
    if not isinstance(left, PathExpression):
        return None
    path = tuple(name for name in left.path if isinstance(name, str))
    fallback = _plain_fallback(expression.filters or [])
    if len(path) < len(left.path) or fallback is _NOT_PLAIN:
        return None
    return Slot(path=path, fallback=fallback)


def _plain_fallback(filters: Sequence[Filter]) -> str | None:
    """The text of a lone `default`, None without any filter, _NOT_PLAIN for anything else."""
    if not filters:
        return None
    if len(filters) > 1 or filters[0].name != "default" or len(filters[0].args) != 1:
        return _NOT_PLAIN
    argument = filters[0].args[0]
    if isinstance(argument, PositionalArgument) and isinstance(argument.value, StringLiteral):
        return argument.value.value
    return _NOT_PLAIN
