"""The part of Liquid that a message may use, and the limits that no template gets past.

There is no file, no other template, no clock and no chance in it: a text depends on the template
and the contact alone. A missing value is noted rather than raised, so that all of them can be told
at once.
"""

from __future__ import annotations

import re
import time
from datetime import date, datetime
from functools import wraps
from html import escape
from itertools import takewhile
from typing import TYPE_CHECKING, Any, TextIO

from liquid import Environment, Markup
from liquid.ast import BlockNode
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.capture_tag import CaptureNode, CaptureTag
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.builtin.tags.for_tag import ForNode, ForTag
from liquid.context import RenderContext
from liquid.exceptions import FilterArgumentError, ResourceLimitError
from liquid.filter import with_context
from liquid.output import LimitedStringIO
from liquid.undefined import UNDEFINED, Undefined
from liquid.utils import ReadOnlyChainMap

from clarion.content.values import Path, has_value, printed, step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from io import StringIO

    from liquid.ast import Node
    from liquid.stream import TokenStream
    from liquid.tag import Tag
    from liquid.template import BoundTemplate
    from liquid.token import Token

#: Rounds of all loops of one text together.
MOST_ROUNDS = 10_000
#: Characters of any text or items of any list on the way; bytes of the whole result.
MOST_CHARACTERS = 20_000
MOST_BYTES = 200_000
#: Items of a list that are compared each with each.
_MOST_COMPARED = 1_000
#: Of the processor, for one text: the wall clock would blame the template for a busy machine.
MOST_SECONDS = 0.05
#: A number of more digits is a template gone wrong.
_MOST_BITS = 2_048

BLOCK_TAGS = frozenset({"if", "unless", "case", "for", "capture", "comment"})
PLAIN_TAGS = frozenset({"assign", "echo", "break", "continue", "#"})
MIDDLE_TAGS = frozenset({"else", "elsif", "when"})

_LEFT_OUT = frozenset({"safe", "escapejs", "base64_decode", "base64_url_safe_decode"})
# fmt: off
_OF_TEXT = frozenset({
    "append", "base64_encode", "base64_url_safe_encode", "capitalize", "downcase", "escape",
    "escape_once", "lstrip", "newline_to_br", "prepend", "remove", "remove_first", "remove_last",
    "replace", "replace_first", "replace_last", "rstrip", "split", "squish", "strip", "strip_html",
    "strip_newlines", "truncate", "truncatewords", "upcase", "url_decode", "url_encode",
})
# fmt: on
_DIRECTIVES = re.compile(r"(?:[^%]|%[-_0^#]?[A-Za-z%])*")


class NoValue(Undefined):
    """What a path leads to when the contact has nothing there; printing it notes the path."""

    __slots__ = ("missing", "path")

    def __init__(self, path: Path, missing: dict[Path, None]) -> None:
        super().__init__(".".join(path))
        self.path = path
        self.missing = missing

    __hash__ = Undefined.__hash__

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other)

    def __str__(self) -> str:
        self.missing[self.path] = None
        return placeholder(self.path)


def label(path: Path) -> str:
    """The path in words: "lead source" for metadata.lead_source."""
    names = path[1:] if path[0] == "metadata" and len(path) > 1 else path
    return " ".join(" ".join(names).replace("_", " ").split())


def placeholder(path: Path) -> str:
    """What a preview shows where a value is missing."""
    return f"[{label(path)}?]"


class Rendering(RenderContext):
    """One text being made: where its values come from, what it lacks, what it may still spend.

    `escaping`: the text is HTML, and what is printed into it is not. `started` is the processor's
    time at which the first of several texts that share one allowance began.
    """

    __slots__ = ("escaping", "missing", "most_bytes", "rounds", "started")

    def __init__(
        self,
        template: BoundTemplate,
        contact: Mapping[str, object],
        *,
        escaping: bool = False,
        most_bytes: int = MOST_BYTES,
        started: float | None = None,
    ) -> None:
        super().__init__(template, globals=contact)
        # What the template makes itself; the contact is `globals`. The library's own "now" and
        # "today" are left out: a text must not depend on the clock.
        self.scope = ReadOnlyChainMap(self.locals)
        self.missing: dict[Path, None] = {}
        self.rounds = 0
        self.escaping = escaping
        self.most_bytes = most_bytes
        self.started = time.thread_time() if started is None else started

    def get(
        self, path: list[object], *, token: Token | None, default: object = UNDEFINED
    ) -> object:
        root = str(path[0])
        is_made_here = root in self.scope
        try:
            value = self.scope[root] if is_made_here else self.globals[root]
            for key in path[1:]:
                value = step(value, key)
        except LookupError:
            value = None
        if has_value(value):
            return value
        if default is not UNDEFINED:
            return default
        if is_made_here:
            # The template chose to make nothing: that prints as nothing.
            return Undefined(root, token=token)
        names = takewhile(lambda key: isinstance(key, str), path)
        return NoValue(tuple(str(name) for name in names), self.missing)

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        spent = buf.size if isinstance(buf, LimitedStringIO) else 0
        # Without newline="\n" the buffer would rewrite the line breaks of the text.
        return LimitedStringIO(limit=self.most_bytes - spent, newline="\n")

    def raise_for_loop_limit(self, length: int = 1) -> None:
        self.rounds += length
        if self.rounds > MOST_ROUNDS:
            raise ResourceLimitError(f"it repeats more than {MOST_ROUNDS:,} times", token=None)

    def check_time(self) -> None:
        if time.thread_time() - self.started > MOST_SECONDS:
            raise ResourceLimitError("it takes too long to fill in", token=None)


class _Print(OutputNode):
    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        text = str(value) if isinstance(value, Undefined) else printed(value)
        if is_escaping(context) and not isinstance(text, Markup):
            text = escape(text)
        return buffer.write(text)


def is_escaping(context: RenderContext) -> bool:
    return isinstance(context, Rendering) and context.escaping


class _PrintTag(Output):
    node_class = _Print


class _Echo(EchoNode):
    __slots__ = ()

    render_to_output = _Print.render_to_output


class _EchoTag(EchoTag):
    node_class = _Echo


class _Capture(CaptureNode):
    """In HTML what was captured is HTML already, and is printed as it is."""

    __slots__ = ()

    def _assign(self, context: RenderContext, buf: StringIO) -> None:
        text = buf.getvalue()
        # Its printed values are escaped, and the rest has been cleaned with the whole.
        context.assign(self.name, Markup(text) if is_escaping(context) else text)


class _CaptureTag(CaptureTag):
    node_class = _Capture


class _TimedBlock(BlockNode):
    """The inside of a loop; every round looks at the clock."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        if isinstance(context, Rendering):
            context.check_time()
        return super().render_to_output(context, buffer)


class _ForTag(ForTag):
    def parse(self, stream: TokenStream) -> Node:
        node = super().parse(stream)
        if isinstance(node, ForNode):
            node.block = _TimedBlock(node.block.token, node.block.nodes)
        return node


def environment(*own_tags: type[Tag]) -> Environment:
    """A strict Liquid with our tags, filters and limits, and with `own_tags`, which only texts
    that Clarion puts together may hold."""
    made = _Environment()
    for tag in (_PrintTag, _EchoTag, _CaptureTag, _ForTag):
        made.add_tag(tag)
    kept = BLOCK_TAGS | PLAIN_TAGS | {"content", "output", "illegal"}
    made.tags = {name: tag for name, tag in made.tags.items() if name in kept}
    for own_tag in own_tags:
        made.add_tag(own_tag)
    made.add_filter("date", _date)
    made.filters = {
        name: _guarded(name, function)
        for name, function in made.filters.items()
        if name not in _LEFT_OUT
    }
    made.add_filter("default", _default)
    return made


class _Environment(Environment):
    block_nesting_limit = 12
    local_namespace_limit = MOST_BYTES
    output_stream_limit = MOST_BYTES


def _default(value: object, fallback: object = "", *, allow_false: bool = False) -> object:
    if isinstance(value, Undefined) or not has_value(value):
        return fallback
    return fallback if value is False and not allow_false else value


def _date(value: object, pattern: object) -> str:
    """Dates, and texts that hold one as ISO 8601 or month/day/year; any other text as it is."""
    moment = value if isinstance(value, date) else _read_date(printed(value))
    form = str(pattern)
    if moment is None:
        return printed(value)
    if not _DIRECTIVES.fullmatch(form):
        raise FilterArgumentError(f'"{form}" is not a form of a date', token=None)
    return moment.strftime(form)


def _read_date(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.strptime(text, "%m/%d/%Y")  # noqa: DTZ007 -- a day has no zone
    except ValueError:
        return None


def _guarded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter under the limits; it passes a missing value on, so that `default` can follow."""

    @with_context
    @wraps(function)
    def guarded(value: object, *args: object, context: Rendering, **named: object) -> object:
        context.check_time()
        if isinstance(value, Undefined):
            return value
        value = _unmarked(value)
        args = tuple(map(_unmarked, args))
        if name in _OF_TEXT:
            value = printed(value)
        _check_growth(name, value, args)
        if context.escaping and name in _MARKING:
            result: object = _MARKING[name](str(value))
        else:
            result = function(value, *args, **named)
        _check_size(result)
        return result

    return guarded


def _unmarked(value: object) -> object:
    """What was captured as HTML, as the text that a filter works on."""
    return value.unescape() if isinstance(value, Markup) else value


def _escaped(text: str) -> Markup:
    return Markup(escape(text))


def _with_breaks(text: str) -> Markup:
    return Markup(escape(text).replace("\n", "<br>\n"))


#: Filters whose result is HTML where the text is HTML.
_MARKING: dict[str, Callable[[str], Markup]] = {
    "escape": _escaped,
    "escape_once": _escaped,
    "newline_to_br": _with_breaks,
}


def _check_growth(name: str, value: object, args: tuple[object, ...]) -> None:
    """What takes too long or grows too large, before it does: filters that can multiply one long
    text by another, that compare each with each, or that print a list for each item of another."""
    if name != "concat" and any(isinstance(arg, list | tuple | dict) for arg in args):
        raise FilterArgumentError(f'"{name}" needs a word or a number, not a list', token=None)
    if name == "uniq" and isinstance(value, str | list | tuple) and len(value) > _MOST_COMPARED:
        raise ResourceLimitError(f"a list in it has more than {_MOST_COMPARED:,}", token=None)
    if name == "replace" and isinstance(value, str) and len(args) > 1:
        _check_length(value.count(str(args[0])) * len(str(args[1])))
    if name == "join" and isinstance(value, list | tuple) and args:
        _check_length(len(value) * len(str(args[0])))


def _check_size(result: object) -> None:
    if isinstance(result, str | list | tuple):
        _check_length(len(result))
    elif isinstance(result, int) and result.bit_length() > _MOST_BITS:
        raise ResourceLimitError("a number in it gets too large", token=None)


def _check_length(length: int) -> None:
    if length > MOST_CHARACTERS:
        raise ResourceLimitError(
            f"a text or list in it gets longer than {MOST_CHARACTERS:,}", token=None
        )
