"""Between numpy arrays and Roaring bitmaps, without a Python object per contact.

A bitmap is written in Roaring's portable format and read back: building it number by number is
thirty times slower.
"""

from __future__ import annotations

import struct
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

_COOKIE_WITHOUT_RUNS = 12_346


def of_sorted(ordinals: NDArray[np.uint32]) -> BitMap:
    """`ordinals` ascending, each once."""
    if not len(ordinals):
        return BitMap()
    first, last = int(ordinals[0]) >> 16, int(ordinals[-1]) >> 16
    edges = np.searchsorted(
        ordinals, np.arange(first, last + 2, dtype=np.uint64) << np.uint64(16)
    ).tolist()
    low = ordinals.astype("<u2")
    keys, counts, containers = [], [], []
    for place, (start, end) in enumerate(pairwise(edges)):
        if start == end:
            continue
        keys.append(first + place)
        counts.append(end - start)
        if end - start <= _MOST_IN_ARRAY:
            containers.append(low[start:end].tobytes())
        else:
            bits = np.zeros(CONTAINER, dtype=bool)
            bits[low[start:end]] = True
            containers.append(np.packbits(bits, bitorder="little").tobytes())
    return _read(keys, counts, containers)


def of_mask(mask: NDArray[np.bool_], start: int) -> BitMap:
    """The places where `mask` is true, counted from `start`, the first ordinal of a container."""
    full = -(-len(mask) // CONTAINER) * (CONTAINER // 8)
    packed = np.packbits(mask, bitorder="little")
    if len(packed) < full:
        packed = np.concatenate([packed, np.zeros(full - len(packed), dtype=np.uint8)])
    words = packed.view("<u8").reshape(-1, CONTAINER // 64)
    keys, counts, containers = [], [], []
    for place, count in enumerate(np.bitwise_count(words).sum(axis=1, dtype=np.int64).tolist()):
        if not count:
            continue
        keys.append((start >> 16) + place)
        counts.append(count)
        if count <= _MOST_IN_ARRAY:
            part = mask[place * CONTAINER : (place + 1) * CONTAINER]
            containers.append(np.flatnonzero(part).astype("<u2").tobytes())
        else:
            containers.append(words[place].tobytes())
    return _read(keys, counts, containers)


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


def _read(keys: list[int], counts: list[int], containers: list[bytes]) -> BitMap:
    if not keys:
        return BitMap()
    size = len(keys)
    described = np.empty((size, 2), dtype="<u2")
    described[:, 0] = keys
    described[:, 1] = np.asarray(counts) - 1
    offsets = np.empty(size, dtype="<u4")
    offset = 8 + 4 * size + 4 * size
    for place, container in enumerate(containers):
        offsets[place] = offset
        offset += len(container)
    return BitMap.deserialize(
        b"".join(
            [
                struct.pack("<II", _COOKIE_WITHOUT_RUNS, size),
                described.tobytes(),
                offsets.tobytes(),
                *containers,
            ]
        )
    )
