"""Filter → bitmap: who matches, by what is held in memory. Means what filter → SQL means."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, assert_never

import numpy as np
from pyroaring import BitMap

from clarion.audience.days import anniversaries, moments_between
from clarion.audience.fields import Field, FieldType
from clarion.audience.filter import (
    ActivityCondition,
    Condition,
    Group,
    Match,
    Part,
    ScheduledCondition,
    SegmentCondition,
    SegmentInFilter,
)
from clarion.audience.filter_sql import POSITIVE
from clarion.audience.index import bitmaps
from clarion.audience.index.columns import NO_MOMENT, Mask, RankedColumn, TextColumn, WideColumn
from clarion.audience.index.fields import (
    CodedField,
    IndexedField,
    OrderedField,
    TextField,
)
from clarion.audience.index.through import found_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from clarion.audience.index.columns import Array
    from clarion.kernel.field_path import FieldPath

OutsideCondition = ActivityCondition | SegmentInFilter | ScheduledCondition

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: Days of a year as month and day, the highest 1231, find their place in a table of so many.
_DAYS = 1_300

_ENDS_OF_TIME = (NO_MOMENT + 1, np.iinfo(np.int64).max)


class NotInMemory(Exception):  # noqa: N818 - not an error: the database answers instead
    """What this filter asks is not held in memory; says why, for a person."""


class NotNow(NotInMemory):
    """The index is being loaded, or is behind: in a moment it may answer the same filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is in memory at a moment. `starts` gives the first ordinal of a block."""

    fields: Mapping[FieldPath, IndexedField]
    live: BitMap
    starts: Callable[[int], int]


@dataclass(slots=True, kw_only=True)
class Evaluator:
    """`outside` holds who meets the conditions about messages, frozen segments and plans;
    `lowered` the texts of the filter as the database lowers them; `known` keeps the answers
    of single conditions for the next question, as long as nothing changes."""

    held: Held
    zone: ZoneInfo
    now: datetime
    outside: Mapping[OutsideCondition, BitMap]
    lowered: Mapping[str, str]
    known: dict[tuple[object, ...], BitMap]

    def matching(self, part: Part) -> BitMap:
        """Never to be changed by the caller: it may be the index's own."""
        met, is_negated = self._signed(part)
        return self.held.live - met if is_negated else met

    def _signed(self, part: Part) -> tuple[BitMap, bool]:
        """Who meets it; or, with True, who does not: taking them away from others is less work
        than finding all who are left."""
        match part:
            case Group():
                if part.match is Match.ALL:
                    return self._all([self._signed(each) for each in part.conditions])
                met = self._any([self.matching(each) for each in part.conditions])
                return met, part.match is Match.NONE and bool(part.conditions)
            case Condition():
                positive = POSITIVE.get(part.operator.id, part.operator.id)
                return self._condition(part, positive), positive != part.operator.id
            case SegmentCondition():
                met = self._any(
                    [
                        self._outside(each) if each.group is None else self.matching(each.group)
                        for each in part.segments
                    ]
                )
                return met, part.negated and bool(part.segments)
            case ActivityCondition() | ScheduledCondition():
                return self._outside(replace(part, negated=False)), part.negated
            case _:
                assert_never(part)

    def _outside(self, condition: OutsideCondition) -> BitMap:
        return self.outside[condition] & self.held.live

    def _any(self, parts: list[BitMap]) -> BitMap:
        return bitmaps.union(parts) if parts else self.held.live

    def _all(self, parts: list[tuple[BitMap, bool]]) -> tuple[BitMap, bool]:
        if len(parts) == 1:
            return parts[0]
        met = sorted((each for each, is_negated in parts if not is_negated), key=len)
        negated = [each for each, is_negated in parts if is_negated]
        if not met and negated:
            return bitmaps.union(negated), True
        found = met[0] if met else self.held.live
        if len(met) > 1:
            found = met[0] & met[1]
            for each in met[2:]:
                found &= each
        for each in negated:
            found = found - each
        return found, False

    def _condition(self, condition: Condition, positive: str) -> BitMap:
        window = self._window(positive, condition)
        key = (
            condition.field.path,
            condition.field.type,
            condition.reading,
            positive,
            condition.values,
            window,
        )
        met = self.known.get(key)
        if met is None:
            met = self._met(condition, positive, window) & self.held.live
            self.known[key] = met
        return met

    def _window(
        self, operator: str, condition: Condition
    ) -> tuple[datetime | None, datetime | None] | tuple[str, ...]:
        if condition.reading is not FieldType.DATE or operator == "is_empty":
            return ()
        if operator == "anniversary_in_next_days":
            days = condition.values[0]
            if not isinstance(days, int):
                raise TypeError(days)
            return tuple(anniversaries(days, now=self.now, zone=self.zone))
        return moments_between(operator, condition.values, now=self.now, zone=self.zone)

    def _met(self, condition: Condition, operator: str, window: tuple[Any, ...]) -> BitMap:
        held = self._field(condition.field)
        if isinstance(held, OrderedField):
            return self._ordered(held, condition, operator, window)
        if isinstance(held, TextField):
            if condition.reading is FieldType.NUMBER and operator != "is_empty":
                raise NotInMemory(f"{condition.field.label} has too many different texts.")
            return self._texts(held, condition, operator)
        return self._coded(held, condition, operator)

    def _field(self, field: Field) -> IndexedField:
        held = self.held.fields.get(field.path)
        if held is None:
            raise NotInMemory(f"{field.label} is not in the index.")
        if held.type is not field.type:
            raise NotInMemory(f"{field.label} has become another type of field.")
        return held

    # --- text, yes or no, lists: from a dictionary

    def _coded(self, held: CodedField, condition: Condition, operator: str) -> BitMap:
        dictionary = held.dictionary
        if operator == "is_empty":
            return held.nobodys
        if condition.reading is FieldType.NUMBER:
            ranges = _ranges(condition, operator, ())
            return held.with_codes(
                [
                    code
                    for code, number in enumerate(dictionary.numbers)
                    if number is not None and any(low <= number < high for low, high in ranges)
                ],
                self.held.starts,
            )
        wanted = [self.lowered[str(value)] for value in condition.values]
        if held.type is FieldType.BOOLEAN:
            wanted = ["true" if operator == "is_true" else "false"]
        elif held.type is FieldType.LIST:
            return self._elements(held, wanted, operator)
        if operator in ("is", "is_one_of", "is_true", "is_false"):
            codes = {dictionary.code_of[each] for each in wanted if each in dictionary.code_of}
        else:
            codes = set(_codes_like(dictionary.keys, wanted[0], operator))
        return held.with_codes(sorted(codes), self.held.starts)

    def _elements(self, held: CodedField, wanted: list[str], operator: str) -> BitMap:
        values = {held.values.code_of[each] for each in wanted if each in held.values.code_of}
        every = operator == "has_all_of"
        if every and len(values) < len(set(wanted)):
            return BitMap()
        if held.bitmaps is not None:
            found = [held.bitmaps[value] for value in sorted(values)]
            if every:
                return BitMap.intersection(*found)
            return bitmaps.union(found)
        codes = [
            code
            for code, elements in enumerate(held.dictionary.elements)
            if (values.issubset(elements) if every else not values.isdisjoint(elements))
        ]
        return held.with_codes(codes, self.held.starts)

    # --- text of its own for nearly everybody

    def _texts(self, held: TextField, condition: Condition, operator: str) -> BitMap:
        if operator == "is_empty":
            return held.nobodys
        wanted = [self.lowered[str(value)] for value in condition.values]
        return found_in(
            held.columns,
            self.held.starts,
            lambda _, column: column.ranked(_ranks(column, operator, wanted)),
        )

    # --- numbers and moments

    def _ordered(
        self, held: OrderedField, condition: Condition, operator: str, window: tuple[Any, ...]
    ) -> BitMap:
        if operator == "is_empty":
            return held.nobodys
        if operator == "anniversary_in_next_days":
            met = np.zeros(_DAYS, dtype=bool)
            met[[int(day) for day in window]] = True

            days = held.month_days(self.zone)

            def comes_round(block: int, column: RankedColumn | WideColumn) -> Mask:
                if not isinstance(column, RankedColumn):
                    raise NotInMemory(f"{condition.field.label} has too many different days.")
                return column.any_of(met[days[block]])

            return found_in(held.columns, self.held.starts, comes_round)
        ranges = _ranges(condition, operator, window)

        def within(low: float, high: float) -> BitMap:
            starts = self.held.starts
            return found_in(held.columns, starts, lambda _, column: column.between(low, high))

        return bitmaps.union([within(low, high) for low, high in ranges]) - held.nobodys


def _ranks(column: TextColumn, operator: str, wanted: list[str]) -> Array | range:
    """Which of the distinct texts of a block are wanted, ascending."""
    texts = column.texts
    if operator in ("is", "is_one_of"):
        ranks = {(column.rank_of(text), text) for text in wanted}
        return np.asarray(
            sorted(r for r, text in ranks if r < len(texts) and texts[r].as_py() == text),
            dtype=np.int64,
        )
    if operator == "starts_with":
        first = column.rank_of(wanted[0])
        last = column.rank_of(wanted[0] + "\U0010ffff")
        while last < len(texts) and texts[last].as_py().startswith(wanted[0]):
            last += 1
        return range(first, last)
    return column.containing(wanted[0])


def _codes_like(keys: Sequence[str | None], wanted: str, operator: str) -> list[int]:
    if operator == "contains":
        return [code for code, key in enumerate(keys) if key is not None and wanted in key]
    return [code for code, key in enumerate(keys) if key is not None and key.startswith(wanted)]


def _ranges(
    condition: Condition, operator: str, window: tuple[Any, ...]
) -> list[tuple[float, float]]:
    """Half-open ranges of what the field keeps."""
    if condition.reading is FieldType.DATE:
        since, until = window
        return [(_micros(since, _ENDS_OF_TIME[0]), _micros(until, _ENDS_OF_TIME[1]))]
    values = [value for value in condition.values if isinstance(value, Decimal)]
    if operator in ("is", "is_one_of"):
        return [(_from(value), _beyond(value)) for value in values]
    first, last = values[0], values[-1]
    return {
        "greater_than": [(_beyond(first), math.inf)],
        "at_least": [(_from(first), math.inf)],
        "less_than": [(-math.inf, _from(first))],
        "at_most": [(-math.inf, _beyond(first))],
        "between": [(_from(first), _beyond(last))],
    }[operator]


def _micros(moment: datetime | None, otherwise: int) -> int:
    return otherwise if moment is None else (moment - _EPOCH) // _MICROSECOND


def _from(value: Decimal) -> float:
    """The smallest double that stands for a number at least `value`."""
    double = float(value)
    return double if Decimal(repr(double)) >= value else math.nextafter(double, math.inf)


def _beyond(value: Decimal) -> float:
    """The smallest double that stands for a number greater than `value`."""
    double = float(value)
    return double if Decimal(repr(double)) > value else math.nextafter(double, math.inf)
