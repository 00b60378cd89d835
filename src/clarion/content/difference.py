"""What has changed between two contents: words of texts, blocks of documents. No I/O."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from clarion.content.plain_text import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from clarion.content.template_content import Content

#: A changed passage of more words is shown as removed and added whole: comparing its words takes
#: the square of their number.
_MOST_WORDS = 800

_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")

#: What a document holds beside texts and settings of its own.
_NESTED = ("id", "type", "blocks")
#: In which a person reads the text, not the markup.
_MARKED_UP = "html"


class PartKind(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Part:
    """A passage of a text; the parts that are same and removed make the former one, those that are
    same and added the latter."""

    kind: PartKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDifference:
    """`field` is the name in the content or block ("subject", "label", "style.background")."""

    field: str
    parts: tuple[Part, ...]


class BlockChange(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDifference:
    """`type` is the block's ("heading"); a changed one may have moved besides (`has_moved`)."""

    change: BlockChange
    id: str
    type: str
    has_moved: bool
    fields: tuple[FieldDifference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Empty twice: the two are equal. Blocks stand in the order of the later document, removed ones
    where they were."""

    fields: tuple[FieldDifference, ...]
    blocks: tuple[BlockDifference, ...]


def difference(before: Content, after: Content) -> Difference:
    fields = [
        _field(name, getattr(before, name) or "", getattr(after, name) or "")
        for name in ("subject", "preheader", "body")
        if (getattr(before, name) or "") != (getattr(after, name) or "")
    ]
    former, latter = before.email or {}, after.email or {}
    return Difference(
        fields=(*fields, *_settings(former, latter)),
        blocks=_blocks(_flat(former.get("blocks")), _flat(latter.get("blocks"))),
    )


def text_difference(before: str, after: str) -> tuple[Part, ...]:
    """By lines, and by words within lines that have changed."""
    parts: list[Part] = []
    former, latter = _LINES.findall(before), _LINES.findall(after)
    for tag, i, j, k, m in SequenceMatcher(None, former, latter).get_opcodes():
        removed, added = "".join(former[i:j]), "".join(latter[k:m])
        if tag == "equal":
            parts.append(Part(PartKind.SAME, removed))
        else:
            parts += _by_words(removed, added)
    return tuple(_joined(parts))


def _by_words(before: str, after: str) -> Iterator[Part]:
    former, latter = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(former), len(latter)) > _MOST_WORDS:
        yield Part(PartKind.REMOVED, before)
        yield Part(PartKind.ADDED, after)
        return
    matcher = SequenceMatcher(None, former, latter, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield Part(PartKind.SAME, "".join(former[i:j]))
        else:
            yield Part(PartKind.REMOVED, "".join(former[i:j]))
            yield Part(PartKind.ADDED, "".join(latter[k:m]))


def _joined(parts: Sequence[Part]) -> Iterator[Part]:
    """Without empty parts, and neighbours of one kind as one."""
    waiting: Part | None = None
    for part in parts:
        if not part.text:
            continue
        if waiting is not None and waiting.kind is part.kind:
            waiting = Part(part.kind, waiting.text + part.text)
            continue
        if waiting is not None:
            yield waiting
        waiting = part
    if waiting is not None:
        yield waiting


def _field(name: str, before: object, after: object) -> FieldDifference:
    former, latter = _written(before), _written(after)
    if name == _MARKED_UP:
        read = plain_text(former), plain_text(latter)
        if read[0] != read[1]:
            former, latter = read
    if isinstance(before, str) and isinstance(after, str):
        return FieldDifference(field=name, parts=text_difference(former, latter))
    # A number or a choice has no words in common with another.
    parts = Part(PartKind.REMOVED, former), Part(PartKind.ADDED, latter)
    return FieldDifference(field=name, parts=tuple(_joined(parts)))


def _written(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldDifference]:
    """Of the documents as a whole: the style key by key, HTML of one's own as its source."""
    former, latter = _without_style(before), _without_style(after)
    found = []
    for name in dict.fromkeys((*former, *latter)):
        if former.get(name) == latter.get(name):
            continue
        source = name.removeprefix("email.") == _MARKED_UP
        old, new = former.get(name), latter.get(name)
        found.append(_field(name, (old or "") if source else old, (new or "") if source else new))
    return found


def _without_style(document: Mapping[str, Any]) -> dict[str, Any]:
    style = document.get("style")
    own = {
        f"email.{key}": value for key, value in document.items() if key not in ("blocks", "style")
    }
    if not isinstance(style, dict):
        return own
    return {**own, **{f"style.{key}": value for key, value in style.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    id: str
    type: str
    #: The block and the column in which it stands.
    inside: str
    fields: Mapping[str, Any]


def _flat(blocks: object, inside: str = "") -> dict[str, _Block]:
    """All blocks by their ids, those in columns after the block that holds them. A block without an
    id of its own gets one by its place."""
    found: dict[str, _Block] = {}
    for index, block in enumerate(blocks if isinstance(blocks, list) else ()):
        if not isinstance(block, dict):
            continue
        block_id = str(block.get("id") or f"{inside}/{index}")
        columns = block.get("columns")
        fields = {name: value for name, value in block.items() if name not in (*_NESTED, "columns")}
        inner: dict[str, _Block] = {}
        if isinstance(columns, list):
            held = [each for each in columns if isinstance(each, dict)]
            fields["widths"] = [each.get("width") for each in held]
            for number, column in enumerate(held):
                inner.update(_flat(column.get("blocks"), f"{block_id}/{number}"))
        kind = str(block.get("type") or "")
        found[block_id] = _Block(id=block_id, type=kind, inside=inside, fields=fields)
        found.update(inner)
    return found


def _blocks(
    before: Mapping[str, _Block], after: Mapping[str, _Block]
) -> tuple[BlockDifference, ...]:
    stayed = _stayed(before, after)
    found: list[BlockDifference] = []
    for block in _in_order(before, after):
        former, latter = before.get(block.id), after.get(block.id)
        if former is None or latter is None:
            change = BlockChange.ADDED if former is None else BlockChange.REMOVED
            fields = _changed(former, latter)
            has_moved = False
        else:
            fields, has_moved = _changed(former, latter), block.id not in stayed
            if not fields and not has_moved:
                continue
            change = BlockChange.CHANGED if fields else BlockChange.MOVED
        found.append(
            BlockDifference(
                change=change, id=block.id, type=block.type, has_moved=has_moved, fields=fields
            )
        )
    return tuple(found)


def _stayed(before: Mapping[str, _Block], after: Mapping[str, _Block]) -> set[str]:
    """The blocks that are where they were among those that both documents have."""
    former = [(each.inside, each.id) for each in before.values() if each.id in after]
    latter = [(each.inside, each.id) for each in after.values() if each.id in before]
    matcher = SequenceMatcher(None, former, latter, autojunk=False)
    return {
        former[index][1]
        for start, _, size in matcher.get_matching_blocks()
        for index in range(start, start + size)
    }


def _in_order(before: Mapping[str, _Block], after: Mapping[str, _Block]) -> Iterator[_Block]:
    """As in the later document; what it lacks comes after the block that it followed."""
    following: dict[str, list[_Block]] = {}
    last = ""
    for block in before.values():
        if block.id in after:
            last = block.id
        else:
            following.setdefault(last, []).append(block)
    yield from following.get("", ())
    for block in after.values():
        yield block
        yield from following.get(block.id, ())


def _changed(former: _Block | None, latter: _Block | None) -> tuple[FieldDifference, ...]:
    """Of one that was added or removed: its texts, not its settings."""
    old: Mapping[str, Any] = former.fields if former else {}
    new: Mapping[str, Any] = latter.fields if latter else {}
    whole = former is None or latter is None
    found = []
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) == new.get(name):
            continue
        values = old.get(name), new.get(name)
        if whole:
            if not _is_text(name, values):
                continue
            values = values[0] or "", values[1] or ""
        found.append(_field(name, *values))
    return tuple(each for each in found if each.parts)


def _is_text(name: str, values: tuple[object, object]) -> bool:
    return name in ("text", "html", "label", "alt") and any(
        isinstance(each, str) for each in values
    )
