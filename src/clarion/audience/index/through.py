"""Looks through the blocks of a field, on all processors."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from clarion.audience.index import bitmaps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pyroaring import BitMap

    from clarion.audience.index.columns import Mask

C = TypeVar("C")

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
    others = [_threads.submit(find_in, blocks[n::_PROCESSORS]) for n in range(1, _PROCESSORS)]
    own = find_in(blocks[::_PROCESSORS])
    return bitmaps.union([own, *(other.result() for other in others)])
