"""Which fields of a contact a parsed template uses, and which of them it cannot do without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from liquid.ast import ConditionalBlockNode
from liquid.builtin.expressions import BooleanExpression, FilteredExpression
from liquid.builtin.expressions.path import Path as PathExpression
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.context import RenderContext
from liquid.exceptions import LiquidSyntaxError, UnknownFilterError

from clarion.content.conditions import proved, settle
from clarion.content.language import label
from clarion.content.paths import path_of, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from liquid.ast import Node
    from liquid.expression import Expression
    from liquid.template import BoundTemplate

    from clarion.content.values import Path

_LONGEST_RANGE = 1_000
_NOTHING: frozenset[Path] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A field that a template uses: ("first_name",) or ("metadata", "Lead source").

    `has_fallback` tells that every text can be made without a value for it: each use has a
    `default`, or stands where an `if` has made sure of a value.
    """

    path: Path
    has_fallback: bool

    @property
    def label(self) -> str:
        return label(self.path)

    @property
    def name(self) -> str:
        """As a template writes it, without braces."""
        return written(self.path)


def find_tokens(program: BoundTemplate) -> tuple[Token, ...]:
    """The tokens in order of appearance; settles the template's conditions on the way.

    Raises LiquidError for what the library would only find when a text is made: unknown filters,
    names that are looked up, very long ranges.
    """
    finder = _Finder(program)
    finder.visit(program.nodes, known=_NOTHING)
    return tuple(
        Token(path=path, has_fallback=has_fallback) for path, has_fallback in finder.uses.items()
    )


class _Finder:
    def __init__(self, program: BoundTemplate) -> None:
        self.uses: dict[Path, bool] = {}
        self._filters: Mapping[str, object] = program.env.filters
        self._context = RenderContext(program)
        # A name that the template itself makes → the fields whose absence it passes on.
        self._made: dict[str, frozenset[Path]] = {}

    def visit(self, nodes: Iterable[Node], *, known: frozenset[Path]) -> None:
        for node in nodes:
            self._visit(node, known)

    def _visit(self, node: Node, known: frozenset[Path]) -> None:
        for expression in node.expressions():
            self._check(expression)
        if isinstance(node, OutputNode):
            for path in self._needed(node.expression, known):
                self.uses[path] = False
        elif isinstance(node, AssignNode):
            self._made[node.name] = self._needed(node.expression, known)
        elif isinstance(node, IfNode | UnlessNode):
            self._visit_choice(node, known)
        else:
            self._visit_other(node, known)

    def _visit_choice(self, node: IfNode | UnlessNode, known: frozenset[Path]) -> None:
        holds = isinstance(node, IfNode)
        self._note(node.condition)
        settle(node.condition)
        self._visit(node.consequence, known | proved(node.condition, holds=holds))
        known |= proved(node.condition, holds=not holds)
        for alternative in node.alternatives:
            self._visit(alternative, known)
        if node.default:
            self._visit(node.default, known)

    def _visit_other(self, node: Node, known: frozenset[Path]) -> None:
        for expression in node.expressions():
            self._note(expression)
            if isinstance(expression, BooleanExpression):
                settle(expression)
                known |= proved(expression, holds=isinstance(node, ConditionalBlockNode))
        before = dict(self._made)
        self._made |= dict.fromkeys(node.block_scope(), _NOTHING)
        self.visit(node.children(self._context, include_partials=False), known=known)
        if isinstance(node, ForNode):
            self._made = before
        self._made |= dict.fromkeys(node.template_scope(), _NOTHING)

    def _needed(self, expression: Expression, known: frozenset[Path]) -> frozenset[Path]:
        """Note the fields of a printed expression; returns those that it cannot do without."""
        self._note(expression)
        if not isinstance(expression, FilteredExpression):
            return _NOTHING
        needed = _NOTHING
        for part in _in_order(expression):
            if part is None:  # a default: nothing before it is needed any more
                needed = _NOTHING
            else:
                needed |= self._fields(part)
        return needed - known

    def _note(self, expression: Expression) -> None:
        for path in _paths(expression):
            for field in self._fields(path):
                self.uses.setdefault(field, True)

    def _fields(self, expression: PathExpression) -> frozenset[Path]:
        path = path_of(expression)
        return self._made.get(path[0], frozenset({path}))

    def _check(self, expression: Expression) -> None:
        if isinstance(expression, RangeLiteral):
            _check_range(expression)
        if isinstance(expression, FilteredExpression):
            for used in expression.filters or ():
                if used.name not in self._filters:
                    raise UnknownFilterError(used.name, token=used.token)
        for child in expression.children():
            self._check(child)


def _in_order(expression: FilteredExpression) -> Iterable[PathExpression | None]:
    """The paths as they are read, None where a `default` stands."""
    yield from _paths(expression.left)
    for used in expression.filters or ():
        if used.name == "default":
            yield None
        for child in used.children():
            yield from _paths(child)


def _paths(expression: Expression) -> Iterable[PathExpression]:
    if isinstance(expression, PathExpression):
        yield expression
    for child in expression.children():
        yield from _paths(child)


def _check_range(expression: RangeLiteral) -> None:
    start, stop = expression.start, expression.stop
    if not (isinstance(start, IntegerLiteral) and isinstance(stop, IntegerLiteral)):
        raise LiquidSyntaxError("a range needs plain numbers, as in (1..3)", token=expression.token)
    if stop.value - start.value > _LONGEST_RANGE:
        raise LiquidSyntaxError(
            f"a range may have {_LONGEST_RANGE:,} numbers at most", token=expression.token
        )
