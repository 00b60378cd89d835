"""What the index answers: how many match, whom each channel reaches, how many have each value."""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from clarion.audience.audience import By, Facet
from clarion.audience.fields import FieldType
from clarion.audience.filter import (
    ActivityCondition,
    Condition,
    Group,
    Match,
    Part,
    ScheduledCondition,
    SegmentCondition,
)
from clarion.audience.index import bitmaps
from clarion.audience.index.among import Among
from clarion.audience.index.evaluate import Evaluator, Held, NotInMemory, OutsideCondition
from clarion.audience.index.extract import id_text, read_ids
from clarion.audience.index.fields import CodedField
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from clarion.audience.audience import LeftOut, Reach
    from clarion.audience.fields import Field
    from clarion.audience.index.columns import Array
    from clarion.audience.index.index import Index
    from clarion.kernel.field_path import FieldPath

#: Answers to single conditions that are kept for the next question.
_KEPT_ANSWERS = 200

#: Seconds of counting by value until others are let in.
_AT_A_TIME = 0.002


class Void(Exception):  # noqa: N818 - not an error: the question was taken back
    """Nobody waits for this answer any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A filter with all that it needs from outside the index."""

    group: Group
    zone: ZoneInfo
    now: datetime
    outside: Mapping[OutsideCondition, BitMap]
    lowered: Mapping[str, str]


class Answers:
    """Every method takes the index's lock, for milliseconds."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._known: dict[tuple[object, ...], BitMap] = {}
        self._known_at = -1

    def matching(self, asked: Asked, group: Group | None = None) -> BitMap:
        """Raises NotInMemory when the index does not hold what is asked."""
        with self.index.lock:
            return self._evaluator(asked).matching(asked.group if group is None else group)

    def count(self, asked: Asked, group: Group | None = None) -> int:
        return len(self.matching(asked, group))

    def forget(self) -> None:
        """The answers to single conditions that are kept for the next question."""
        self._known = {}

    def total(self) -> int:
        return len(self.index.live)

    def reach(self, asked: Asked) -> dict[Channel, Reach]:
        with self.index.lock:
            matched = self.matching(asked)
            return {channel: held.reach(matched) for channel, held in self.index.channels.items()}

    def first_ids(self, asked: Asked, limit: int, *, after: str | None = None) -> list[str]:
        """The lowest ids of those who match, behind `after`; not for ids of text, which the
        database may order otherwise."""
        with self.index.lock:
            return self._first(self.matching(asked), limit, after=after)

    def first_reached(
        self,
        asked: Asked,
        reached: Channel | By,
        limit: int,
        *,
        after: str | None = None,
        empty: Condition | None = None,
    ) -> list[str]:
        """The same of those whom the channel, or which of both, reaches; only of those who meet
        `empty` too, if it is given."""
        with self.index.lock:
            if isinstance(reached, By):
                who = self._reached_by(asked, reached)
            else:
                who = self._reached(asked, reached)
            if empty is not None:
                who &= self.matching(asked, Group(match=Match.ALL, conditions=(empty,)))
            return self._first(who, limit, after=after)

    def first_left_out(
        self,
        asked: Asked,
        channel: Channel,
        reason: LeftOut,
        limit: int,
        *,
        after: str | None = None,
    ) -> tuple[list[str], list[str]]:
        """The same of those whom the channel leaves out for this reason; and, beside them, the ids
        of all who are reached in the place of a duplicate."""
        with self.index.lock:
            held = self.index.channels[channel]
            who, beside = held.left_out(self.matching(asked), reason, self.index.ids_of)
            first = self._first(who, limit, after=after)
            return first, self._texts(self.index.ids_of(bitmaps.ordinals_of(beside)))

    def reached_without(self, asked: Asked, channel: Channel, empty: Condition) -> int:
        """How many of those whom the channel reaches meet `empty` as well."""
        with self.index.lock:
            without = self.matching(asked, Group(match=Match.ALL, conditions=(empty,)))
            return self._reached(asked, channel).intersection_cardinality(without)

    def reached_by_any(self, asked: Asked) -> int:
        """How many at least one channel reaches."""
        with self.index.lock:
            return len(self._reached_by(asked, By.ANY))

    def _reached_by(self, asked: Asked, by: By) -> BitMap:
        sms, email = self._reached(asked, Channel.SMS), self._reached(asked, Channel.EMAIL)
        match by:
            case By.ANY:
                return sms | email
            case By.BOTH:
                return sms & email
            case By.ONLY_SMS:
                return sms - email
            case By.ONLY_EMAIL:
                return email - sms

    def _reached(self, asked: Asked, channel: Channel) -> BitMap:
        held = self.index.channels[channel]
        return held.reached(self.matching(asked), self.index.ids_of)

    def _first(self, who: BitMap, limit: int, *, after: str | None) -> list[str]:
        id_type = self.index.contacts.id_type
        mark = None if after is None else read_ids(pa.array([after]), id_type)
        found = []
        for block in self.index.blocks.values():
            first = 0 if mark is None else int(np.searchsorted(block.ids, mark, "right")[0])
            start = block.start + first
            at = who.rank(start - 1) if start else 0
            until = min(at + limit, who.rank(block.end - 1))
            if until > at:
                some = bitmaps.ordinals_of(BitMap(who[at:until]))
                found.append(block.ids[some - np.uint32(block.start)])
        return self._texts(np.sort(np.concatenate(found))[:limit]) if found else []

    def _texts(self, ids: Array) -> list[str]:
        return [id_text(each, self.index.contacts.id_type) for each in ids]

    def facets(
        self,
        asked: Asked,
        *,
        limit: int = 50,
        of: Collection[FieldPath] | None = None,
        is_void: Callable[[], bool] = lambda: False,
    ) -> list[Facet]:
        """Of every field with few values, or of those in `of`. The conditions on the field itself
        are left aside, so that a person sees what another choice of value would give.

        Raises Void as soon as `is_void` says, between two fields, that nobody waits any more.
        """
        with self.index.lock:
            among = self._among(self.matching(asked))
            paths = [path for path in self.index.fields if of is None or path in of]
            version = self.index.version
        found: list[Facet] = []
        since = time.perf_counter()
        for path in paths:
            if is_void():
                raise Void
            if time.perf_counter() - since > _AT_A_TIME:
                # Somebody who waits for a number comes in between. Not after each field: a sleep of
                # nothing takes the system longer than most fields take.
                time.sleep(0)
                since = time.perf_counter()
            with self.index.lock:
                if self.index.version != version:
                    # The contacts have moved meanwhile: of one moment, or not at all.
                    return self._facets_at_once(asked, limit, of)
                found += self._facet(asked, path, among, limit)
        return found

    def countable(self) -> list[FieldPath]:
        """The fields with few values."""
        with self.index.lock:
            return [
                path
                for path, held in self.index.fields.items()
                if isinstance(held, CodedField) and held.has_facets
            ]

    def _facets_at_once(
        self, asked: Asked, limit: int, of: Collection[FieldPath] | None
    ) -> list[Facet]:
        with self.index.lock:
            among = self._among(self.matching(asked))
            return [
                facet
                for path in self.index.fields
                if of is None or path in of
                for facet in self._facet(asked, path, among, limit)
            ]

    def _facet(self, asked: Asked, path: FieldPath, among: Among, limit: int) -> list[Facet]:
        """One, or none for a field that has too many values."""
        held = self.index.fields.get(path)
        if not isinstance(held, CodedField) or not held.has_facets:
            return []
        others = without_field(asked.group, path)
        if others is not None:
            among = self._among(self.matching(asked, others))
        return [_facet(path, held, among, limit)]

    def _among(self, who: BitMap) -> Among:
        return Among(who, self.index.live, self.index.blocks)

    def values(self, field: Field, *, search: str, limit: int) -> list[tuple[str, int]]:
        """The values of a field with how many have each; those that begin with `search` first.

        Raises NotInMemory for a field whose values are not kept in a dictionary.
        """
        wanted = search.lower()
        with self.index.lock:
            held = self.index.fields.get(field.path)
            if not isinstance(held, CodedField) or held.type is not field.type:
                raise NotInMemory(f"{field.label} has too many different values.")
            counts, _ = held.count_values(self._among(self.index.live))
            found = [
                (not key.startswith(wanted), -int(counts[code]), held.values.shown[code] or "")
                for key, code in held.values.code_of.items()
                if counts[code] and not held.values.empty[code] and wanted in key
            ]
        found = heapq.nsmallest(limit, found)
        return [(shown, -less) for _, less, shown in found]

    def _evaluator(self, asked: Asked) -> Evaluator:
        if self._known_at != self.index.version or len(self._known) > _KEPT_ANSWERS:
            self._known = {}
            self._known_at = self.index.version
        return Evaluator(
            held=Held(fields=self.index.fields, live=self.index.live, starts=self.index.start_of),
            zone=asked.zone,
            now=asked.now,
            outside=asked.outside,
            lowered=asked.lowered,
            known=self._known,
        )


def _facet(path: FieldPath, held: CodedField, among: Among, limit: int) -> Facet:
    of_values, having = held.count_values(among)
    counts = [
        (count, held.values.shown[code])
        for code, count in enumerate(of_values.tolist())
        if code and count and not held.values.empty[code]
    ]
    counts.sort(key=lambda each: (-each[0], each[1]))
    if held.type is not FieldType.LIST:
        having = sum(count for count, _ in counts)
    return Facet(
        path=path,
        values=tuple((shown or "", count) for count, shown in counts[:limit]),
        more=max(0, len(counts) - limit),
        empty=len(among.who) - having,
    )


def without_field(group: Group, path: FieldPath) -> Group | None:
    """The filter without its own conditions on a field; None when it has none that only narrow."""
    if group.match is not Match.ALL:
        return None
    others = tuple(
        part
        for part in group.conditions
        if not (isinstance(part, Condition) and part.field.path == path)
    )
    if len(others) == len(group.conditions):
        return None
    return Group(match=Match.ALL, conditions=others)


def parts_of(part: Part) -> Iterator[Part]:
    """A filter and all that is in it, those of the segments that it names too."""
    yield part
    match part:
        case Group():
            for each in part.conditions:
                yield from parts_of(each)
        case SegmentCondition():
            for segment in part.segments:
                if segment.group is not None:
                    yield from parts_of(segment.group)


def outside_of(group: Group) -> set[OutsideCondition]:
    """What the index must be told of people before it can answer."""
    found: set[OutsideCondition] = set()
    for part in parts_of(group):
        if isinstance(part, ActivityCondition | ScheduledCondition):
            found.add(replace(part, negated=False))
        elif isinstance(part, SegmentCondition):
            found |= {segment for segment in part.segments if segment.group is None}
    return found


def texts_of(group: Group) -> list[str]:
    """The texts that are compared, which the database lowers."""
    return [
        str(value)
        for part in parts_of(group)
        if isinstance(part, Condition) and part.reading in (FieldType.TEXT, FieldType.LIST)
        for value in part.values
    ]
