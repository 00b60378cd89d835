"""The fields of the index: how each kind of value is kept, added to, and asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import compute
from pyroaring import BitMap

from clarion.audience.fields import FieldType
from clarion.audience.index import bitmaps
from clarion.audience.index.columns import (
    NO_MOMENT,
    Array,
    CodedColumn,
    RankedColumn,
    TextColumn,
    WideColumn,
    ordered_column,
    smallest,
    text_column,
)
from clarion.audience.index.reading import is_blank
from clarion.audience.index.through import found_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from clarion.audience.fields import Field
    from clarion.audience.index.among import Among
    from clarion.audience.index.reading import Reading

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Fields with at most this many values keep a bitmap per value.
FACET_VALUES = 1_000

#: Those with at most this many show how many have each.
_SHOWN_VALUES = 100

#: So few values are intersected one by one, however few the contacts are.
_FEW_VALUES = 12

#: Texts of more different values are kept as texts; lists of more are not indexed.
_DICTIONARY = 100_000

#: Of more people than this, and mostly different ones, texts are kept as texts at once.
_SAMPLE = 20_000

#: What a Roaring container costs beside what is in it, and a word of a dictionary.
_PER_CONTAINER = 48
_PER_WORD = 250


@dataclass(slots=True)
class Dictionary:
    """The values of a field by their code; 0 stands for nothing.

    `numbers` is what a text reads as, for those that do. `shown` is how the first contact that
    had it spells it. For lists a code stands for a whole list, and `elements` for what is in it.
    """

    code_of: dict[str, int] = field(default_factory=dict)
    keys: list[str | None] = field(default_factory=lambda: [None])
    shown: list[str | None] = field(default_factory=lambda: [None])
    elements: list[tuple[int, ...]] = field(default_factory=lambda: [()])
    empty: list[bool] = field(default_factory=lambda: [True])
    numbers: list[float | None] = field(default_factory=lambda: [None])

    def __len__(self) -> int:
        return len(self.keys)

    def add(
        self,
        key: str,
        shown: str,
        *,
        empty: bool,
        elements: tuple[int, ...] = (),
        number: float | None = None,
    ) -> int:
        code = self.code_of.get(key)
        if code is None:
            code = self.code_of[key] = len(self.keys)
            self.keys.append(key)
            self.shown.append(shown)
            self.empty.append(empty)
            self.elements.append(elements)
            self.numbers.append(number)
        return code


class CodedField:
    """Text, yes or no, or lists with few different values: a code per contact, and as long as
    they are few enough a bitmap per value (per element, for lists)."""

    def __init__(
        self,
        type_: FieldType,
        dictionary: Dictionary | None = None,
        values: Dictionary | None = None,
    ) -> None:
        self.type = type_
        self.dictionary = dictionary or Dictionary()
        #: The elements of lists; for other types the values themselves.
        self.values = (values or Dictionary()) if type_ is FieldType.LIST else self.dictionary
        self.columns: dict[int, CodedColumn] = {}
        self.bitmaps: list[BitMap] | None = [BitMap()]
        self._somebodys: BitMap | None = None
        #: The code that most people have; None: to be found again.
        self._largest: int | None = None
        #: Who has nothing, or nothing to print.
        self.nobodys = BitMap()
        self._code_of_raw: dict[str, int] = {
            shown: code for code, shown in enumerate(self.dictionary.shown) if shown is not None
        }

    def encode(self, texts: pa.Array, reading: Reading) -> Array:
        """Codes for the raw texts of some contacts; new values join the dictionary.

        Raises TooManyValues when they are too many for a dictionary.
        """
        encoded = texts.dictionary_encode()
        raws = encoded.dictionary.to_pylist()
        new = [raw for raw in raws if raw not in self._code_of_raw]
        if len(self.dictionary) + len(new) > _DICTIONARY or (
            len(new) > _SAMPLE and 2 * len(new) > len(texts)
        ):
            raise TooManyValues
        self._learn(new, reading)
        codes = np.asarray([self._code_of_raw[raw] for raw in raws] + [0], dtype=np.uint32)
        places = compute.fill_null(encoded.indices, len(raws)).to_numpy()
        found: Array = codes[places]
        return found

    def _learn(self, raws: Sequence[str], reading: Reading) -> None:
        if not raws:
            return
        if self.type is FieldType.LIST:
            for raw, held in zip(raws, reading.lists(raws), strict=True):
                elements = tuple(self.values.add(each, each, empty=False) for each in held.elements)
                self._code_of_raw[raw] = self.dictionary.add(
                    raw, raw, empty=held.empty, elements=elements
                )
        else:
            read = zip(raws, reading.lowered(raws), reading.numbers(raws), strict=True)
            for raw, lowered, number in read:
                self._code_of_raw[raw] = self.dictionary.add(
                    lowered, raw, empty=is_blank(raw), number=number
                )

    def column(self, codes: Any) -> CodedColumn:
        return CodedColumn(codes.astype(smallest(len(self.dictionary))))

    def put(self, block: int, start: int, column: Any) -> None:
        self.columns[block] = column
        self._somebodys = None
        self._largest = None
        self.nobodys |= bitmaps.of_mask(column.where(np.asarray(self.dictionary.empty)), start)
        if len(self.values) > FACET_VALUES:
            self.bitmaps = None
        if self.bitmaps is None:
            return
        self.bitmaps += [BitMap() for _ in range(len(self.values) - len(self.bitmaps))]
        present = np.flatnonzero(np.bincount(column.codes, minlength=1))
        rank = np.zeros(int(present[-1]) + 1, dtype=np.uint32)
        rank[present] = np.arange(len(present))
        ranks = rank[column.codes].astype(smallest(len(present)))
        for code, bitmap in zip(
            present.tolist(), bitmaps.by_code(ranks, len(present), start), strict=True
        ):
            of = self.dictionary.elements[code] if self.type is FieldType.LIST else (code,)
            for value in of:
                self.bitmaps[value] |= bitmap

    def drop(self, block: int, start: int, end: int) -> None:
        del self.columns[block]
        self._somebodys = None
        self._largest = None
        for bitmap in (self.nobodys, *(self.bitmaps or ())):
            bitmap.remove_range(start, end)

    def bytes_beside_columns(self) -> int:
        words = sum(_PER_WORD + 2 * len(key) for key in self.dictionary.code_of)
        return words + sum(_bytes_of(each) for each in (self.nobodys, *(self.bitmaps or ())))

    @property
    def _is_looked_up(self) -> bool:
        """Of a few contacts it is faster to look at what each has, unless the values are so few
        that intersecting with each is nothing, or are in lists that must be taken apart."""
        return self.type is not FieldType.LIST and len(self.values) > _FEW_VALUES

    @property
    def has_facets(self) -> bool:
        return self.bitmaps is not None and len(self.values) <= _SHOWN_VALUES + 1

    def count_values(self, among: Among) -> tuple[Array, int]:
        """How many of them have each value, by its code; and how many have any at all."""
        if self.bitmaps is not None and not (among.are_few and self._is_looked_up):
            who = among.who
            if self.type is not FieldType.LIST:
                return self._counted(who, self.bitmaps)
            counts = np.asarray([who.intersection_cardinality(each) for each in self.bitmaps])
            if self._somebodys is None:
                self._somebodys = bitmaps.union(self.bitmaps[1:])
            return counts, who.intersection_cardinality(self._somebodys)
        of_codes = np.zeros(len(self.dictionary), dtype=np.int64)
        for block, column in self.columns.items():
            places = among.places_in(block)
            if len(places):
                of_codes += np.bincount(
                    np.take(column.codes, places), minlength=len(self.dictionary)
                )
        if self.type is not FieldType.LIST:
            return of_codes, int(of_codes[1:].sum())
        counts = np.zeros(len(self.values), dtype=np.int64)
        having = 0
        for code in np.flatnonzero(of_codes).tolist():
            elements = self.dictionary.elements[code]
            counts[list(elements)] += of_codes[code]
            having += int(of_codes[code]) if elements else 0
        return counts, having

    def _counted(self, who: BitMap, of_values: Sequence[BitMap]) -> tuple[Array, int]:
        """Everybody has one value, or nothing, which is code 0: the largest need not be counted."""
        if self._largest is None:
            self._largest = int(np.argmax([len(each) for each in of_values]))
        counts = np.zeros(len(of_values), dtype=np.int64)
        for code, bitmap in enumerate(of_values):
            if code != self._largest and bitmap:
                counts[code] = who.intersection_cardinality(bitmap)
        counts[self._largest] = len(who) - int(counts.sum())
        return counts, int(counts[1:].sum())

    def with_codes(self, wanted: Sequence[int], starts: Callable[[int], int]) -> BitMap:
        """Whoever holds one of the codes of the dictionary."""
        if self.bitmaps is not None and self.type is not FieldType.LIST:
            return bitmaps.union(
                [self.bitmaps[code] for code in wanted if code < len(self.bitmaps)]
            )
        chosen = np.zeros(len(self.dictionary), dtype=bool)
        chosen[list(wanted)] = True
        return found_in(self.columns, starts, lambda _, column: column.where(chosen))


class TooManyValues(Exception):  # noqa: N818 - a reason to keep the field in another way
    pass


class TextField:
    """Text with too many different values for a dictionary: e-mail addresses, names, numbers."""

    def __init__(self, was: Dictionary | None = None) -> None:
        """`was` is the dictionary that the field had until it grew too large."""
        self.type = FieldType.TEXT
        self.columns: dict[int, TextColumn] = {}
        #: Who has nothing, or nothing to print.
        self.nobodys = BitMap()
        self._was = was

    def bytes_beside_columns(self) -> int:
        return _bytes_of(self.nobodys)

    def texts_of(self, codes: Array) -> pa.Array:
        """What the codes of the old dictionary stand for."""
        keys = self._was.keys if self._was else [None]
        return pa.array(keys, pa.string()).take(pa.array(codes))

    def encode(self, texts: pa.Array, reading: Reading) -> pa.Array:
        return reading.lowered_array(texts)

    def column(self, texts: Any) -> TextColumn:
        return text_column(texts)

    def put(self, block: int, start: int, column: Any) -> None:
        self.columns[block] = column
        self.nobodys |= bitmaps.of_mask(column.without(), start)

    def drop(self, block: int, start: int, end: int) -> None:
        del self.columns[block]
        self.nobodys.remove_range(start, end)


class OrderedField:
    """Numbers as doubles, moments as microseconds since 1970 UTC."""

    def __init__(self, type_: FieldType) -> None:
        self.type = type_
        self.columns: dict[int, RankedColumn | WideColumn] = {}
        #: Who has nothing that reads as one.
        self.nobodys = BitMap()
        self._read: dict[str, float | None] = {}
        #: Month and day of the keys of each block that was asked about; and of all those moments,
        #: which are mostly the same from block to block.
        self._month_days: dict[int, Array] = {}
        self._moments = np.zeros(0, dtype=np.int64)
        self._days = np.zeros(0, dtype=np.uint16)

    def month_days(self, zone: ZoneInfo) -> Mapping[int, Array]:
        """Month and day (229 for 29 February) of the keys of each block with few different ones. An
        index knows one zone."""
        for block, column in self.columns.items():
            if isinstance(column, RankedColumn) and block not in self._month_days:
                self._learn_days(column.keys, zone)
                at = np.searchsorted(self._moments, column.keys)
                self._month_days[block] = self._days[at]
        return self._month_days

    def _learn_days(self, moments: Array, zone: ZoneInfo) -> None:
        new = np.setdiff1d(moments, self._moments, assume_unique=True)
        days = (
            (_EPOCH + timedelta(microseconds=moment)).astimezone(zone) for moment in new.tolist()
        )
        of_new = np.asarray([100 * day.month + day.day for day in days], dtype=np.uint16)
        at = np.searchsorted(self._moments, new)
        self._days = np.insert(self._days, at, of_new)
        self._moments = np.insert(self._moments, at, new)

    def bytes_beside_columns(self) -> int:
        return _bytes_of(self.nobodys)

    def encode(self, texts: pa.Array, reading: Reading) -> Array:
        encoded = texts.dictionary_encode()
        raws = encoded.dictionary.to_pylist()
        if len(self._read) + len(raws) > 2 * _DICTIONARY:
            self._read.clear()
        new = [raw for raw in raws if raw not in self._read]
        read: Sequence[float | None]
        nothing: float
        kind: np.dtype[Any]
        if self.type is FieldType.NUMBER:
            read, kind, nothing = reading.numbers(new), np.dtype("f8"), float("nan")
        else:
            read, kind, nothing = reading.moments(new), np.dtype("i8"), NO_MOMENT
        self._read.update(zip(new, read, strict=True))
        values = np.asarray(
            [nothing if (value := self._read[raw]) is None else value for raw in raws] + [nothing],
            dtype=kind,
        )
        found: Array = values[compute.fill_null(encoded.indices, len(raws)).to_numpy()]
        return found

    def column(self, values: Any) -> RankedColumn | WideColumn:
        return ordered_column(values)

    def put(self, block: int, start: int, column: Any) -> None:
        self.columns[block] = column
        self._month_days.pop(block, None)
        self.nobodys |= bitmaps.of_mask(column.without(), start)

    def drop(self, block: int, start: int, end: int) -> None:
        del self.columns[block]
        self.nobodys.remove_range(start, end)
        self._month_days.pop(block, None)


class MomentField(OrderedField):
    """A column of timestamps: its values come as moments already."""

    def encode(self, texts: pa.Array, reading: Reading) -> Array:
        del reading
        moments = texts.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
        found: Array = compute.fill_null(moments, NO_MOMENT).to_numpy()
        return found


IndexedField = CodedField | TextField | OrderedField


def make_field(described: Field) -> IndexedField:
    if described.type is FieldType.NUMBER:
        return OrderedField(FieldType.NUMBER)
    if described.type is FieldType.DATE:
        of_column = described.source == "column"
        return MomentField(FieldType.DATE) if of_column else OrderedField(FieldType.DATE)
    return CodedField(described.type)


def _bytes_of(bitmap: BitMap) -> int:
    told = bitmap.get_statistics()
    return int(
        told["n_bytes_array_containers"]
        + told["n_bytes_bitset_containers"]
        + told["n_bytes_run_containers"]
        + _PER_CONTAINER * told["n_containers"]
    )
