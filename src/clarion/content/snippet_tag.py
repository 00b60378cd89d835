"""`{% render 'opening_hours' %}`: a piece of text that the workspace keeps under a name.

Its nodes stand in the place of the instruction before anything is looked at, so that its fields
count as the text's own. What it says is plain text: in HTML it is escaped and keeps its lines.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from html import escape
from typing import TYPE_CHECKING, Final

from liquid.ast import Node
from liquid.builtin.content import ContentNode, Literal
from liquid.builtin.expressions import parse_primitive
from liquid.builtin.expressions.primitive import StringLiteral
from liquid.exceptions import LiquidSyntaxError
from liquid.tag import Tag
from liquid.token import TOKEN_TAG

from clarion.content.grammar import LIQUID
from clarion.content.language import Rendering, environment, is_escaping

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TextIO

    from liquid.context import RenderContext
    from liquid.stream import TokenStream
    from liquid.template import BoundTemplate
    from liquid.token import Token

#: The texts of a workspace's snippets by their names.
NO_SNIPPETS: Final[Mapping[str, str]] = {}

#: In one text; a snippet of many fields that stands in it without end takes too long.
MOST_USES: Final = 100

_INSTRUCTION = re.compile(
    r"(\s*(?=\{%-))?\{%-?\s*render\s+(?:\"([\w-]+)\"|'([\w-]+)')\s*(?:%\}|-%\}\s*)"
)


class UnknownSnippetError(LiquidSyntaxError):
    """A text names a snippet that there is not."""


class SnippetText(ContentNode):
    """What a snippet says between its placeholders."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(as_html(self.text) if is_escaping(context) else self.text)


class _SnippetLiteral(Literal):
    node_class = SnippetText


_LIQUID = environment(_SnippetLiteral)


def as_html(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def liquid_as_html(text: str) -> str:
    """The same, with its placeholders as they are."""
    pieces, end = list[str](), 0
    for match in LIQUID.finditer(text):
        pieces += as_html(text[end : match.start()]), match[0]
        end = match.end()
    return "".join(pieces) + as_html(text[end:])


class SnippetNode(Node):
    """`nodes` are those of the snippet, once it was found."""

    __slots__ = ("name", "nodes")

    def __init__(self, token: Token, name: str) -> None:
        super().__init__(token)
        self.name = name
        self.nodes: list[Node] = []
        self.blank = False

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return sum(node.render(context, buffer) for node in self.nodes)

    def children(
        self,
        static_context: RenderContext,  # noqa: ARG002
        *,
        include_partials: bool = True,  # noqa: ARG002
    ) -> Iterable[Node]:
        return self.nodes


class SnippetTag(Tag):
    name = "render"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        name = parse_primitive(self.env, stream.into_inner(tag=token, eat=False))
        if not isinstance(name, StringLiteral):
            raise LiquidSyntaxError("a snippet has a name in quotation marks", token=token)
        return SnippetNode(token, name.value)


def put_in_place(program: BoundTemplate, snippets: Mapping[str, str]) -> None:
    """Raises UnknownSnippetError, and LiquidError for a snippet that cannot be read."""
    known: dict[str, list[Node]] = {}
    context = Rendering(program, {})
    waiting = list(reversed(program.nodes))
    uses = 0
    while waiting:
        node = waiting.pop()
        if not isinstance(node, SnippetNode):
            waiting.extend(reversed([*node.children(context, include_partials=False)]))
            continue
        uses += 1
        if uses > MOST_USES:
            detail = f"A text may use snippets {MOST_USES} times at most."
            raise UnknownSnippetError(detail, token=node.token)
        if node.name not in known:
            known[node.name] = _parsed(node, snippets)
        node.nodes = known[node.name]


def _parsed(node: SnippetNode, snippets: Mapping[str, str]) -> list[Node]:
    text = snippets.get(node.name)
    if text is None:
        near = get_close_matches(node.name, sorted(snippets), n=1)
        hint = (
            f'Did you mean "{near[0]}"?'
            if near
            else "Make it under Templates, Snippets, or take it out of the text."
        )
        raise UnknownSnippetError(f'There is no snippet "{node.name}". {hint}', token=node.token)
    return _LIQUID.from_string(text).nodes


def names_in(text: str) -> frozenset[str]:
    """The snippets that a text asks for; nothing else of it is read."""
    return frozenset(match[2] or match[3] for match in _INSTRUCTION.finditer(text))


def spelled_out(text: str, snippets: Mapping[str, str], *, is_html: bool = False) -> str:
    """The text with the words of its snippets, for those who judge words; an unknown one stays."""

    def words(match: re.Match[str]) -> str:
        found = snippets.get(match[2] or match[3])
        if found is None:
            return match[0]
        return as_html(found) if is_html else found

    return _INSTRUCTION.sub(words, text)
