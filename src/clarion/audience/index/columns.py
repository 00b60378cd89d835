"""What a run of contacts holds in one field, as arrays: one place per contact of a block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
from pyarrow import compute

from clarion.audience.index.letter_groups import letter_groups
from clarion.audience.index.reading import blank_among
from clarion.audience.index.substring import texts_containing

if TYPE_CHECKING:
    from numpy.typing import NDArray

Array = np.ndarray[Any, np.dtype[Any]]

#: Who of a block is meant, place by place; None for nobody.
Mask = np.ndarray[Any, np.dtype[np.bool_]] | None

#: A moment that is none; numbers that are none are NaN.
NO_MOMENT = np.iinfo(np.int64).min

#: Up to here a column keeps its distinct values once and a small rank per contact.
_RANKED_AT_MOST = 60_000

#: So few texts are looked through as fast as their groups of letters.
_GROUPED_FROM = 1 << 14

_BUCKETS = 255

_SAMPLE = 8_192

#: So few codes are compared one by one; more are looked up in a table.
_COMPARED = 4
_DIFFERENT = 0.97


def smallest(highest: int) -> np.dtype[Any]:
    """The smallest unsigned type that holds 0 … highest."""
    return np.min_scalar_type(highest)


class Column(Protocol):
    def arrays(self) -> dict[str, Array]:
        """What is saved of it, by name."""


@dataclass(slots=True)
class CodedColumn:
    """`codes` of the field's dictionary; 0 for nothing."""

    codes: Array

    def arrays(self) -> dict[str, Array]:
        return {"codes": self.codes}

    def where(self, chosen: NDArray[np.bool_]) -> Mask:
        """`chosen` tells per code whether it is wanted."""
        return _any_of(np.flatnonzero(chosen), chosen, self.codes)


@dataclass(slots=True)
class RankedColumn:
    """Numbers or moments with few distinct ones: `ranks` in `keys`; len(keys) for nothing."""

    keys: Array
    ranks: Array

    def arrays(self) -> dict[str, Array]:
        return {"keys": self.keys, "ranks": self.ranks}

    def between(self, low: float, high: float) -> Mask:
        """Those at least `low` and less than `high`; those who have nothing may be among them."""
        first, last = np.searchsorted(self.keys, np.asarray([low, high], self.keys.dtype)).tolist()
        if first < last == len(self.keys):
            mask: Array = self.ranks >= self.ranks.dtype.type(first)
            return mask
        return _from_until(self.ranks, first, last)

    def any_of(self, chosen: NDArray[np.bool_]) -> Mask:
        """`chosen` tells per key whether it is wanted."""
        return _any_of(np.flatnonzero(chosen), np.append(chosen, False), self.ranks)

    def without(self) -> Mask:
        return _from_until(self.ranks, len(self.keys), len(self.keys) + 1)


@dataclass(slots=True)
class WideColumn:
    """Numbers or moments nearly all different: the values themselves, and in which of 255 equal
    parts each lies (0 for nothing). `order` has the places part by part, `begins` where each part
    begins there: so a range looks closely at the contacts of two parts only."""

    values: Array
    edges: Array
    parts: Array
    order: Array
    begins: Array

    def arrays(self) -> dict[str, Array]:
        return {
            "values": self.values,
            "edges": self.edges,
            "parts": self.parts,
            "order": self.order,
            "begins": self.begins,
        }

    def between(self, low: float, high: float) -> Mask:
        """As that of a RankedColumn."""
        bounds = np.asarray([low, high], self.values.dtype)
        if not bounds[0] < bounds[1]:
            return None
        first, last = np.searchsorted(self.edges, bounds, side="right").tolist()
        mask: Array
        if last == len(self.edges):
            mask = self.parts > np.uint8(first)
        else:
            whole = _from_until(self.parts, first + 1, last)
            mask = np.zeros(len(self.parts), dtype=bool) if whole is None else whole
        # Part 0 holds nothing to compare.
        for part in {first, last} - {0}:
            places = self.order[self.begins[part] : self.begins[part + 1]]
            values = self.values[places]
            mask[places] = (values >= bounds[0]) & (values < bounds[1])
        return mask

    def without(self) -> Mask:
        return _from_until(self.parts, 0, 1)


@dataclass(slots=True)
class TextColumn:
    """Texts nearly all different: the sorted distinct ones, lowered, and the rank of each contact;
    len(texts) for nothing. `blank` tells which of the texts print nothing. `groups` are those of
    their letters; without any where the texts are few."""

    texts: pa.Array
    ranks: Array
    blank: Array
    groups: Array

    def arrays(self) -> dict[str, Array]:
        offsets, data = text_buffers(self.texts)
        return {
            "offsets": offsets,
            "data": data,
            "ranks": self.ranks,
            "blank": self.blank,
            "groups": self.groups,
        }

    def containing(self, wanted: str) -> Array:
        """The ranks of the texts that contain `wanted`, ascending."""
        return texts_containing(self.texts, wanted, self.groups if self.groups.size else None)

    def ranked(self, wanted: Array | range) -> Mask:
        """Those who have one of the texts of these ranks, which are ascending."""
        if not len(wanted):
            return None
        if wanted[-1] - wanted[0] + 1 == len(wanted):
            return _from_until(self.ranks, int(wanted[0]), int(wanted[-1]) + 1)
        chosen = np.zeros(len(self.texts) + 1, dtype=bool)
        chosen[wanted] = True
        return _any_of(wanted, chosen, self.ranks)

    def without(self) -> Mask:
        """Those who have nothing, or nothing to print."""
        mask: Array = self.ranks == self.ranks.dtype.type(len(self.texts))
        if self.blank.any():
            mask |= _looked_up(np.append(self.blank, False), self.ranks)
        return mask

    def rank_of(self, text: str) -> int:
        """Where `text` stands or would stand among the sorted texts (by their bytes)."""
        wanted = text.encode()
        low, high = 0, len(self.texts)
        while low < high:
            middle = (low + high) // 2
            if self.texts[middle].as_py().encode() < wanted:
                low = middle + 1
            else:
                high = middle
        return low


def _from_until(codes: Array, first: int, last: int) -> Mask:
    """Those whose code is at least `first` and less than `last`."""
    if first >= last:
        return None
    kind = codes.dtype.type
    mask: Array
    if last == first + 1:
        mask = codes == kind(first)
    elif first:
        # What is less than `first` becomes a high number: one comparison instead of two.
        mask = (codes - kind(first)) < kind(last - first)
    else:
        mask = codes < kind(last)
    return mask


def _any_of(wanted: Array | range, chosen: Array, codes: Array) -> Mask:
    """Those whose code is one of `wanted`, which `chosen` tells for every code."""
    if not len(wanted):
        return None
    if len(wanted) > _COMPARED:
        return _looked_up(chosen, codes)
    kind = codes.dtype.type
    mask: Array = codes == kind(wanted[0])
    for code in wanted[1:]:
        mask |= codes == kind(code)
    return mask


def _looked_up(chosen: Array, codes: Array) -> Array:
    """What `chosen` tells of each code. Arrow looks up by small numbers as they are; numpy would
    write them all as large ones before."""
    found: Array = (
        compute.take(
            pa.array(chosen.view(np.uint8)), pa.array(np.asarray(codes)), boundscheck=False
        )
        .to_numpy()
        .view(np.bool_)
    )
    return found


def ordered_column(values: Array) -> RankedColumn | WideColumn:
    """`values` int64 moments with NO_MOMENT, or doubles with NaN."""
    # A sample first: sorting half a million different moments to find that they differ is dear.
    sample = values[:: max(1, len(values) // _SAMPLE)]
    if len(np.unique(sample)) < _DIFFERENT * len(sample) or len(values) <= _RANKED_AT_MOST:
        keys, ranks = np.unique(values, return_inverse=True)
        if len(keys) <= _RANKED_AT_MOST:
            return _ranked(keys, ranks)
    return wide_column(values)


def wide_column(values: Array) -> WideColumn:
    """`values` as in `ordered_column`."""
    nothing = np.isnan(values) if values.dtype.kind == "f" else values == NO_MOMENT
    held = np.sort(values[~nothing])
    at = np.linspace(0, max(0, len(held) - 1), min(_BUCKETS, len(held))).astype(np.int64)
    edges = np.unique(held[at])
    parts = np.searchsorted(edges, values, side="right").astype(np.uint8)
    parts[nothing] = 0
    return WideColumn(
        values=values,
        edges=edges,
        parts=parts,
        order=np.argsort(parts, kind="stable").astype(np.uint32),
        begins=np.concatenate([[0], np.cumsum(np.bincount(parts, minlength=len(edges) + 1))]),
    )


def _ranked(keys: Array, ranks: Array) -> RankedColumn:
    if keys.dtype.kind == "f":
        real = keys[~np.isnan(keys)]
        ranks = np.minimum(ranks, len(real))
    else:
        missing = len(keys) > 0 and keys[0] == NO_MOMENT
        real = keys[1:] if missing else keys
        if missing:
            ranks = np.where(ranks == 0, len(real), ranks - 1)
    return RankedColumn(keys=real, ranks=ranks.astype(smallest(len(real))))


def text_column(texts: pa.Array) -> TextColumn:
    """`texts` lowered, null for nothing."""
    encoded = texts.dictionary_encode()
    distinct = encoded.dictionary
    order = compute.sort_indices(distinct.cast(pa.binary())).to_numpy()
    rank = np.empty(len(order) + 1, dtype=np.uint32)
    rank[order] = np.arange(len(order), dtype=np.uint32)
    rank[len(order)] = len(order)
    indices = compute.fill_null(encoded.indices, len(order)).to_numpy()
    sorted_texts = distinct.take(pa.array(order))
    blank = np.zeros(len(order), dtype=bool)
    blank[list(blank_among(sorted_texts))] = True
    return TextColumn(
        texts=sorted_texts,
        ranks=rank[indices].astype(smallest(len(order))),
        blank=blank,
        groups=(
            letter_groups(*text_buffers(sorted_texts))
            if len(order) >= _GROUPED_FROM
            else np.zeros((0, 0), dtype=np.uint8)
        ),
    )


def text_buffers(texts: pa.Array) -> tuple[Array, Array]:
    """Where each text begins and the last one ends, and the letters. In 32 bits if they will do."""
    plain = pa.concat_arrays([texts.cast(pa.large_string())])
    _, buffer, data = plain.buffers()
    offsets = np.frombuffer(buffer, dtype=np.int64)[plain.offset : plain.offset + len(plain) + 1]
    if offsets[-1] <= np.iinfo(np.int32).max:
        offsets = offsets.astype(np.int32)
    letters = np.zeros(0, dtype=np.uint8) if data is None else np.frombuffer(data, dtype=np.uint8)
    return offsets, letters


def texts_from(offsets: Array, data: Array) -> pa.Array:
    """As `text_buffers` gave them."""
    kind = pa.string() if offsets.dtype == np.int32 else pa.large_string()
    return pa.Array.from_buffers(
        kind, len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )
