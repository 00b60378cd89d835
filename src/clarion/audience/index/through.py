"""Looks through the blocks of a field, on all processors."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from clarion.audience.index import bitmaps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyroaring import BitMap

    from clarion.audience.index.columns import Mask

C = TypeVar("C")
F = TypeVar("F")

#: From here on the blocks of a field are looked through in parallel.
_BLOCKS_FOR_THREADS = 4

_PROCESSORS = os.cpu_count() or 1

_threads = ThreadPoolExecutor(max_workers=_PROCESSORS, thread_name_prefix="audience")


def found_in(
    columns: Mapping[int, C], starts: Callable[[int], int], find: Callable[[int, C], Mask]
) -> BitMap:
    """Whoever `find` finds in any of the columns. Of many blocks the caller looks through a share
    and other threads through the others: numpy and Arrow let go of the interpreter meanwhile."""
    blocks = sorted(columns, key=starts)

    def find_in(share: list[int]) -> BitMap:
        return bitmaps.of_masks((find(block, columns[block]), starts(block)) for block in share)

    if len(blocks) < _BLOCKS_FOR_THREADS:
        return find_in(blocks)
    shares = [blocks[n::_PROCESSORS] for n in range(_PROCESSORS)]
    return bitmaps.union(_side_by_side(shares, find_in))


def each_of(blocks: Sequence[C], find: Callable[[C], F]) -> list[F]:
    """What `find` gives for each, in their order; of many, found side by side as in `found_in`."""

    def find_in(share: Sequence[C]) -> list[F]:
        return [find(block) for block in share]

    if len(blocks) < _BLOCKS_FOR_THREADS:
        return find_in(blocks)
    size = -(-len(blocks) // _PROCESSORS)
    shares = [blocks[n : n + size] for n in range(0, len(blocks), size)]
    return [each for share in _side_by_side(shares, find_in) for each in share]


def _side_by_side(shares: Sequence[C], do: Callable[[C], F]) -> list[F]:
    others = [_threads.submit(do, share) for share in shares[1:]]
    return [do(shares[0]), *(other.result() for other in others)]
