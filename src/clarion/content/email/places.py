"""A text of Liquid taken apart once: what everybody gets, and a numbered place for each value.

Every statement at the top of the text is one place, a whole loop or choice too. Plain placeholders,
which are nearly all, are filled in without Liquid.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final, Protocol

from liquid.builtin.content import ContentNode
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.comment_tag import CommentNode
from liquid.exceptions import LiquidError

from clarion.content.email.mail_tags import (
    AttributeNode,
    AttributeTag,
    ClickNode,
    ClickTag,
    attribute_value,
    click_name,
)
from clarion.content.grammar import plainly
from clarion.content.language import Rendering, environment
from clarion.content.snippet_tag import (
    SnippetNode,
    SnippetTag,
    SnippetText,
    as_html,
    put_in_place,
)
from clarion.content.template import Slot, plain_slot, render_nodes
from clarion.content.tokens import Token, find_tokens
from clarion.kernel.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from liquid.ast import Node
    from liquid.template import BoundTemplate

    from clarion.content.values import Path
    from clarion.kernel.mail import Parts

_LIQUID = environment(AttributeTag, ClickTag, SnippetTag)

#: Of all values of one mail together, in bytes.
MOST_BYTES: Final = 1_000_000

#: Names that a mail may use beside the contact's, for what is each message's own.
OWN_NAMES: Final = frozenset(
    {"unsubscribe_url", "preferences_url", "view_url", "open_pixel_url"},
)
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class MessageLinks(Protocol):
    """The addresses that belong to one message."""

    @property
    def unsubscribe(self) -> str: ...
    @property
    def preferences(self) -> str: ...
    @property
    def view(self) -> str: ...
    @property
    def pixel(self) -> str: ...

    def click(self, number: int) -> str:
        """Where a click on the link of this number is counted."""


def own_value(name: str, links: MessageLinks) -> str:
    match name:
        case "unsubscribe_url":
            return links.unsubscribe
        case "preferences_url":
            return links.preferences
        case "view_url":
            return links.view
        case _:
            return links.pixel


def as_text(value: str) -> str:
    return value


def as_line(value: str) -> str:
    """What a header can hold: line breaks and other controls become spaces."""
    return _BREAKS.sub(" ", value) if _BREAKS.search(value) else value


class Filling:
    """One mail being filled in for one person; `missing` gathers what the contact lacks."""

    __slots__ = ("_globals", "_started", "contact", "links", "missing", "spent")

    def __init__(self, contact: Mapping[str, Any], links: MessageLinks) -> None:
        self.contact = contact
        self.links = links
        self.missing: dict[Path, None] = {}
        self.spent = 0
        self._globals: dict[str, Any] | None = None
        self._started = 0.0

    def rendering(self, pieces: Pieces) -> Rendering:
        """All texts of the mail share one allowance of time."""
        if self._globals is None:
            self._globals = dict(self.contact)
            self._globals |= {name: own_value(name, self.links) for name in OWN_NAMES}
            self._started = time.thread_time()
        clicks = {click_name(number): self.links.click(number) for number in pieces.clicks}
        made = Rendering(
            pieces.program,
            self._globals | clicks,
            escaping=pieces.is_html,
            most_bytes=MOST_BYTES,
            started=self._started,
        )
        made.missing = self.missing
        return made


@dataclass(frozen=True, slots=True)
class _OfContact:
    slot: Slot
    form: Callable[[str], str]

    def value(self, filling: Filling) -> str:
        return self.form(self.slot.fill(filling.contact, filling.missing))


@dataclass(frozen=True, slots=True)
class _OfMessage:
    name: str
    form: Callable[[str], str]

    def value(self, filling: Filling) -> str:
        return self.form(own_value(self.name, filling.links))


@dataclass(frozen=True, slots=True)
class _OfClick:
    number: int

    def value(self, filling: Filling) -> str:
        return escape(filling.links.click(self.number))


@dataclass(frozen=True, slots=True, eq=False)
class _ByLiquid:
    """What comes before the statement and prints nothing (an assignment) is done with it."""

    nodes: tuple[Node, ...]


_Place = _OfContact | _OfMessage | _OfClick | _ByLiquid


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """`parts` number the places from `first` on; `clicks` are the links that Liquid may ask for,
    `clicked` those that every filled-in text has."""

    parts: Parts
    places: tuple[_Place, ...]
    tokens: tuple[Token, ...]
    program: BoundTemplate
    is_html: bool
    clicks: tuple[int, ...]
    clicked: frozenset[int]
    pointer: str
    form: Callable[[str], str]

    def values(self, filling: Filling) -> list[str]:
        """Raises Invalid for a text that cannot be made; a missing value is only noted."""
        values: list[str] = []
        rendering: Rendering | None = None
        for place in self.places:
            if isinstance(place, _ByLiquid):
                if rendering is None:
                    rendering = filling.rendering(self)
                text = render_nodes(place.nodes, rendering, pointer=self.pointer)
                filling.spent += len(text.encode())
                if filling.spent > MOST_BYTES:
                    detail = f"The email gets longer than {MOST_BYTES:,} bytes for this contact."
                    raise Invalid(detail, faults=[Fault(pointer=self.pointer, detail=detail)])
                values.append(text if self.is_html else self.form(text))
            else:
                values.append(place.value(filling))
        return values


def take_apart(
    text: str,
    *,
    form: Callable[[str], str],
    is_html: bool,
    first: int,
    pointer: str,
    snippets: Mapping[str, str],
) -> Pieces:
    """`text` is Liquid that was checked before it was put together. Raises Invalid at `pointer`."""
    try:
        program = _LIQUID.from_string(text)
        put_in_place(program, snippets)
        tokens = find_tokens(program)
    except (LiquidError, RecursionError) as error:
        why = plainly(str(error.message)) if isinstance(error, LiquidError) else "too complicated"
        detail = f"The email cannot be put together: {why}."
        raise Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)]) from error
    taker = _Taker(
        form=form,
        of_snippet=as_html if is_html else form,
        made=_names_made(program.nodes, program),
        first=first,
    )
    for node in program.nodes:
        taker.take(node)
    return Pieces(
        parts=tuple(taker.parts),
        places=tuple(taker.places),
        tokens=tuple(token for token in tokens if token.path[0] not in OWN_NAMES),
        program=program,
        is_html=is_html,
        clicks=tuple(_clicks_inside(taker.places, program)),
        clicked=frozenset(each.number for each in taker.places if isinstance(each, _OfClick)),
        pointer=pointer,
        form=form,
    )


class _Taker:
    def __init__(
        self,
        *,
        form: Callable[[str], str],
        of_snippet: Callable[[str], str],
        made: frozenset[str],
        first: int,
    ) -> None:
        self.parts: list[str | int] = []
        self.places: list[_Place] = []
        self._numbers: dict[_Place, int] = {}
        self._form = form
        self._of_snippet = of_snippet
        self._made = made
        self._first = first
        self._silent: list[Node] = []

    def take(self, node: Node) -> None:
        if isinstance(node, SnippetNode):
            for each in node.nodes:
                self.take(each)
        elif isinstance(node, SnippetText):
            self._add_text(self._of_snippet(node.text))
        elif isinstance(node, ContentNode):
            self._add_text(node.text)
        elif isinstance(node, AssignNode | CaptureNode):
            self._silent.append(node)
        elif not isinstance(node, CommentNode):
            self._add_place(self._place(node))

    def _place(self, node: Node) -> _Place:
        if isinstance(node, ClickNode):
            return _OfClick(node.number)
        form = self._form
        output: Node | None = node
        if isinstance(node, AttributeNode):
            kind = node.kind
            inner = node.block.nodes
            output = inner[0] if len(inner) == 1 else None

            def form(value: str) -> str:
                return attribute_value(kind, value)

        slot = plain_slot(output.expression) if isinstance(output, OutputNode) else None
        if slot is None or slot.path[0] in self._made:
            nodes = (*self._silent, node)
            self._silent = []
            return _ByLiquid(nodes)
        if len(slot.path) == 1 and slot.path[0] in OWN_NAMES:
            # Made by us, so that there is nothing to judge.
            return _OfMessage(slot.path[0], self._form)
        return _OfContact(slot, form)

    def _add_text(self, text: str) -> None:
        if self.parts and isinstance(self.parts[-1], str):
            self.parts[-1] += text
        else:
            self.parts.append(text)

    def _add_place(self, place: _Place) -> None:
        number = self._numbers.get(place)
        if number is None:
            number = self._numbers[place] = self._first + len(self.places)
            self.places.append(place)
        self.parts.append(number)


def _names_made(nodes: list[Node], program: BoundTemplate) -> frozenset[str]:
    """What the text itself gives a name, anywhere in it."""
    names: set[str] = set()
    context = Rendering(program, {})
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        names |= {str(name) for name in node.template_scope()}
        names |= {str(name) for name in node.block_scope()}
        waiting.extend(node.children(context, include_partials=False))
    return frozenset(names)


def _clicks_inside(places: list[_Place], program: BoundTemplate) -> list[int]:
    numbers: list[int] = []
    context = Rendering(program, {})
    waiting = [node for place in places if isinstance(place, _ByLiquid) for node in place.nodes]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ClickNode):
            numbers.append(node.number)
        waiting.extend(node.children(context, include_partials=False))
    return numbers
