"""Between numpy arrays and Roaring bitmaps, without a Python object per contact.

A bitmap is written in Roaring's portable format and read back: building it number by number is
thirty times slower.
"""

from __future__ import annotations

import struct
from array import array
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from pyroaring import BitMap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from clarion.audience.index.columns import Mask

#: Ordinals of one container, and how many of them make it a bit set in the portable format.
CONTAINER = 1 << 16
_MOST_IN_ARRAY = 4_096

#: So few are put in one by one: faster than to write and read them.
_FEW = 500

_COOKIE_WITHOUT_RUNS = 12_346


def of_sorted(ordinals: NDArray[np.uint32]) -> BitMap:
    """`ordinals` ascending, each once."""
    if len(ordinals) <= _FEW:
        return BitMap(array("I", ordinals.astype(np.uint32, copy=False).tobytes()))
    first, last = int(ordinals[0]) >> 16, int(ordinals[-1]) >> 16
    edges = np.searchsorted(
        ordinals, np.arange(first, last + 2, dtype=np.uint64) << np.uint64(16)
    ).tolist()
    low = ordinals.astype("<u2")
    found = _Containers()
    for place, (start, end) in enumerate(pairwise(edges)):
        if start == end:
            continue
        if end - start <= _MOST_IN_ARRAY:
            container = low[start:end]
        else:
            bits = np.zeros(CONTAINER, dtype=bool)
            bits[low[start:end]] = True
            container = np.packbits(bits, bitorder="little")
        found.append(first + place, end - start, container)
    return found.read()


def of_mask(mask: Mask, start: int) -> BitMap:
    """The places where `mask` is true, counted from `start`, the first ordinal of a container."""
    return of_masks([(mask, start)])


def of_masks(masks: Iterable[tuple[Mask, int]]) -> BitMap:
    """The same of several, whose ordinals ascend from mask to mask."""
    many, few = _Containers(), _Containers()
    around = BitMap()
    for mask, start in masks:
        if mask is None:
            continue
        words = _words_of(mask)
        counts = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
        is_many = counts > _MOST_IN_ARRAY
        first = start >> 16
        if is_many.all():
            many.extend(first, counts, words)
            continue
        # A container with few is an array of them in the format. Written is who is not among them,
        # as bits; Roaring makes arrays out of bits ten times faster than numpy.
        if not is_many.any():
            if counts.any():
                few.extend(first, CONTAINER - counts, ~words)
                around.add_range(start, start + CONTAINER * len(counts))
            continue
        for place, count in enumerate(counts.tolist()):
            key = first + place
            if count > _MOST_IN_ARRAY:
                many.append(key, count, words[place])
            else:
                few.append(key, CONTAINER - count, ~words[place])
                around.add_range(key * CONTAINER, (key + 1) * CONTAINER)
    if not few.keys:
        return many.read()
    around -= few.read()
    return around | many.read() if many.keys else around


def _words_of(mask: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """A row of bits for each container."""
    packed = np.packbits(mask, bitorder="little")
    if missing := -len(packed) % (CONTAINER // 8):
        packed = np.concatenate([packed, np.zeros(missing, dtype=np.uint8)])
    return packed.view("<u8").reshape(-1, CONTAINER // 64)


def by_code(codes: NDArray[np.unsignedinteger], how_many: int, start: int) -> list[BitMap]:
    """For each code below `how_many`, the places that hold it, counted from `start`."""
    order = np.argsort(codes, kind="stable").astype(np.uint32)
    edges = np.searchsorted(codes[order], np.arange(how_many + 1)).tolist()
    order += np.uint32(start)
    return [of_sorted(order[since:until]) for since, until in pairwise(edges)]


def ordinals_of(bitmap: BitMap) -> NDArray[np.uint32]:
    return np.frombuffer(bitmap.to_array(), dtype=np.uint32)


def union(bitmaps: Sequence[BitMap]) -> BitMap:
    if not bitmaps:
        return BitMap()
    return BitMap.union(*bitmaps) if len(bitmaps) > 1 else bitmaps[0]


class _Containers:
    """A bitmap in Roaring's portable format, container by container in ascending order."""

    def __init__(self) -> None:
        self.keys: list[int] = []
        self._counts: list[int] = []
        self._written: list[memoryview] = []

    def append(self, key: int, count: int, written: NDArray[Any]) -> None:
        """Numbers from `key` times 65,536 on: as bits when they are more than 4,096, otherwise as
        an array of their low halves."""
        self.keys.append(key)
        self._counts.append(count)
        self._written.append(written.data)

    def extend(self, key: int, counts: NDArray[np.int64], written: NDArray[np.uint64]) -> None:
        """Containers that follow each other, all as bits."""
        self.keys += range(key, key + len(counts))
        self._counts += counts.tolist()
        self._written.append(written.data)

    def read(self) -> BitMap:
        size = len(self.keys)
        if not size:
            return BitMap()
        counts = np.asarray(self._counts)
        described = np.empty((size, 2), dtype="<u2")
        described[:, 0] = self.keys
        described[:, 1] = counts - 1
        lengths = np.where(counts > _MOST_IN_ARRAY, CONTAINER // 8, 2 * counts)
        begins = np.cumsum(lengths) - lengths + (8 + 4 * size + 4 * size)
        return BitMap.deserialize(
            b"".join(
                [
                    struct.pack("<II", _COOKIE_WITHOUT_RUNS, size),
                    described.data,
                    begins.astype("<u4").data,
                    *self._written,
                ]
            )
        )
