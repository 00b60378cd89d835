"""Between numpy arrays and Roaring bitmaps, without a Python object per contact.

A bitmap is written in Roaring's portable format and read back: building it number by number is
thirty times slower.
"""

from __future__ import annotations

import struct
from array import array
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from pyroaring import BitMap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

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
            container = low[start:end].tobytes()
        else:
            bits = np.zeros(CONTAINER, dtype=bool)
            bits[low[start:end]] = True
            container = np.packbits(bits, bitorder="little").tobytes()
        found.append(first + place, end - start, container)
    return found.read()


def of_mask(mask: NDArray[np.bool_], start: int) -> BitMap:
    """The places where `mask` is true, counted from `start`, the first ordinal of a container."""
    full = -(-len(mask) // CONTAINER) * (CONTAINER // 8)
    packed = np.packbits(mask, bitorder="little")
    if len(packed) < full:
        packed = np.concatenate([packed, np.zeros(full - len(packed), dtype=np.uint8)])
    words = packed.view("<u8").reshape(-1, CONTAINER // 64)
    many, few = _Containers(), _Containers()
    around = BitMap()
    for place, count in enumerate(np.bitwise_count(words).sum(axis=1, dtype=np.int64).tolist()):
        key = (start >> 16) + place
        if count > _MOST_IN_ARRAY:
            many.append(key, count, words[place].tobytes())
        elif count:
            # A container with few is an array of them in the format. Written is who is not among
            # them, as bits; Roaring makes arrays out of bits ten times faster than numpy.
            few.append(key, CONTAINER - count, (~words[place]).tobytes())
            around.add_range(key * CONTAINER, (key + 1) * CONTAINER)
    if not few.keys:
        return many.read()
    around -= few.read()
    return around | many.read() if many.keys else around


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
        self._written: list[bytes] = []

    def append(self, key: int, count: int, written: bytes) -> None:
        """Numbers from `key` times 65,536 on: as bits when they are more than 4,096, otherwise as
        an array of their low halves."""
        self.keys.append(key)
        self._counts.append(count)
        self._written.append(written)

    def read(self) -> BitMap:
        size = len(self.keys)
        if not size:
            return BitMap()
        described = np.empty((size, 2), dtype="<u2")
        described[:, 0] = self.keys
        described[:, 1] = np.asarray(self._counts) - 1
        offsets = np.empty(size, dtype="<u4")
        offset = 8 + 4 * size + 4 * size
        for place, written in enumerate(self._written):
            offsets[place] = offset
            offset += len(written)
        return BitMap.deserialize(
            b"".join(
                [
                    struct.pack("<II", _COOKIE_WITHOUT_RUNS, size),
                    described.tobytes(),
                    offsets.tobytes(),
                    *self._written,
                ]
            )
        )
