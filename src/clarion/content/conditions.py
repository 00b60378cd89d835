"""What an `if` compares, put so that contacts' values compare as a person expects.

Imported values are text, so "720" must count as a number beside 700; and a missing value must
equal `blank`, `empty` and "", which the library takes for three different things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from liquid.builtin.expressions.logical import (
    BooleanExpression,
    ContainsExpression,
    EqExpression,
    GeExpression,
    GtExpression,
    LeExpression,
    LogicalAndExpression,
    LogicalOrExpression,
    LtExpression,
    NeExpression,
)
from liquid.builtin.expressions.path import Path as PathExpression
from liquid.builtin.expressions.primitive import (
    Blank,
    Empty,
    FloatLiteral,
    IntegerLiteral,
    Nil,
    StringLiteral,
)
from liquid.expression import Expression

from clarion.content.paths import path_of

if TYPE_CHECKING:
    from liquid.context import RenderContext

    from clarion.content.values import Path

_COMPARISONS = (
    EqExpression,
    NeExpression,
    LtExpression,
    LeExpression,
    GtExpression,
    GeExpression,
)
_NOTHING: frozenset[Path] = frozenset()


class _AsNumber(Expression):
    """A path beside a number; text that is no number stays text."""

    __slots__ = ("path",)

    def __init__(self, path: Expression) -> None:
        super().__init__(path.token)
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def evaluate(self, context: RenderContext) -> object:
        value = self.path.evaluate(context)
        if not isinstance(value, str):
            return value
        try:
            return float(value.replace(",", ""))
        except ValueError:
            # Compared with a number, None is neither equal, nor smaller, nor greater.
            return None

    def children(self) -> list[Expression]:
        return [self.path]


def settle(expression: Expression) -> None:
    """Rewrite the comparisons in a parsed condition, in place."""
    if isinstance(expression, _COMPARISONS):
        left, right = expression.left, expression.right
        expression.left = _beside(left, right)
        expression.right = _beside(right, left)
    for child in expression.children():
        settle(child)


def _beside(side: Expression, other: Expression) -> Expression:
    if isinstance(other, PathExpression) and _is_blank(side):
        return Nil(side.token)
    if isinstance(side, PathExpression) and isinstance(other, IntegerLiteral | FloatLiteral):
        return _AsNumber(side)
    return side


def _is_blank(side: Expression) -> bool:
    if isinstance(side, StringLiteral):
        return not side.value.strip()
    return isinstance(side, Blank | Empty | Nil)


def proved(expression: Expression, *, holds: bool) -> frozenset[Path]:
    """The paths that certainly have a value when the condition holds (or does not hold)."""
    if isinstance(expression, BooleanExpression):
        return proved(expression.expression, holds=holds)
    if isinstance(expression, LogicalAndExpression | LogicalOrExpression):
        sides = (proved(expression.left, holds=holds), proved(expression.right, holds=holds))
        both_known = isinstance(expression, LogicalAndExpression) == holds
        return sides[0] | sides[1] if both_known else sides[0] & sides[1]
    if isinstance(expression, PathExpression | ContainsExpression):
        side = expression.left if isinstance(expression, ContainsExpression) else expression
        return _path(side) if holds else _NOTHING
    if isinstance(expression, EqExpression | NeExpression):
        blank = _is_blank(expression.left) or _is_blank(expression.right)
        equal = isinstance(expression, EqExpression) == holds
        return _compared(expression.left, expression.right) if equal != blank else _NOTHING
    if isinstance(expression, LtExpression | LeExpression | GtExpression | GeExpression):
        return _compared(expression.left, expression.right) if holds else _NOTHING
    return _NOTHING


def _compared(left: Expression, right: Expression) -> frozenset[Path]:
    """The one path of a comparison with a constant; two paths may both be missing."""
    paths = _path(left), _path(right)
    return _NOTHING if all(paths) else paths[0] | paths[1]


def _path(side: Expression) -> frozenset[Path]:
    if isinstance(side, _AsNumber):
        side = side.path
    return frozenset({path_of(side)}) if isinstance(side, PathExpression) else _NOTHING
