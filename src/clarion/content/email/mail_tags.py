"""Instructions that only Clarion itself writes into a mail: values of attributes, counted links."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from liquid.ast import Node
from liquid.builtin.expressions import parse_primitive
from liquid.builtin.expressions.primitive import IntegerLiteral, StringLiteral
from liquid.exceptions import LiquidSyntaxError
from liquid.parser import get_parser
from liquid.tag import Tag
from liquid.token import TOKEN_TAG

from clarion.content.email.addresses import Kind, safe_address
from clarion.content.language import Rendering

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from liquid.ast import BlockNode
    from liquid.context import RenderContext
    from liquid.stream import TokenStream
    from liquid.token import Token

_END = frozenset({"endattribute"})


class AttributeNode(Node):
    """The value of an attribute. Whatever is printed in it is escaped, so that no value ends it;
    of a link or an image it is judged as a whole."""

    __slots__ = ("block", "kind")

    def __init__(self, token: Token, kind: str, block: BlockNode) -> None:
        super().__init__(token)
        self.kind = kind
        self.block = block
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        inner = context.get_buffer(buffer)
        was_escaping = False
        if isinstance(context, Rendering):
            was_escaping, context.escaping = context.escaping, False
        try:
            self.block.render(context, inner)
        finally:
            if isinstance(context, Rendering):
                context.escaping = was_escaping
        return buffer.write(attribute_value(self.kind, inner.getvalue()))

    def children(
        self,
        static_context: RenderContext,  # noqa: ARG002
        *,
        include_partials: bool = True,  # noqa: ARG002
    ) -> Iterable[Node]:
        return [self.block]


def attribute_value(kind: str, value: str) -> str:
    if kind != "text":
        value = safe_address(value, Kind(kind))
    return escape(value)


class AttributeTag(Tag):
    name = "attribute"
    end = "endattribute"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        kind = parse_primitive(self.env, stream.into_inner(tag=token))
        block = get_parser(self.env).parse_block(stream, _END)
        stream.expect(TOKEN_TAG, value=self.end)
        if not isinstance(kind, StringLiteral):
            raise LiquidSyntaxError("an attribute has a kind", token=token)
        return AttributeNode(token, kind.value, block)


class ClickNode(Node):
    """The address at which a click on the link of this number is counted."""

    __slots__ = ("number",)

    def __init__(self, token: Token, number: int) -> None:
        super().__init__(token)
        self.number = number
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(escape(str(context.globals[click_name(self.number)])))


def click_name(number: int) -> str:
    """Under which name an instruction inside of a loop or choice finds the address."""
    return f"click {number}"


class ClickTag(Tag):
    name = "click"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        number = parse_primitive(self.env, stream.into_inner(tag=token, eat=False))
        if not isinstance(number, IntegerLiteral):
            raise LiquidSyntaxError("a link has a number", token=token)
        return ClickNode(token, number.value)
