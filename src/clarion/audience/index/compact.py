"""Which blocks are worth reading anew: a few small ones at once, or all of them beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyroaring import BitMap

from clarion.audience.index import bitmaps
from clarion.audience.index.extract import id_text
from clarion.audience.index.index import BLOCK

if TYPE_CHECKING:
    from clarion.audience.index.index import Index

#: Small blocks that are let be; every further one costs each answer some microseconds.
_SMALL_BLOCKS = 12

#: What is read anew between two looks at the changes: so much that it takes half a second.
_AT_ONCE = 10_000

#: Blocks beyond those that all contacts need, until all are read anew.
_MORE_BLOCKS = 60

#: So many times as many places as contacts, until all are read anew; not for a few.
_WORN_OUT = 2
_A_FEW = 200_000


def blocks_to_merge(index: Index) -> list[int]:
    """Small blocks that together are read in a moment; none while they are few."""
    left = {number: _left(index, number) for number in index.blocks}
    small = sorted((n for n in left if left[n] < _AT_ONCE // 2), key=left.__getitem__)
    if len(small) <= _SMALL_BLOCKS:
        return []
    chosen: list[int] = []
    contacts = 0
    for number in small:
        if contacts + left[number] > _AT_ONCE:
            break
        chosen.append(number)
        contacts += left[number]
    return chosen


def is_worn_out(index: Index) -> bool:
    """Whether reading all contacts anew, beside the following, makes answers noticeably faster."""
    places = sum(len(block.ids) for block in index.blocks.values())
    contacts = len(index.live)
    return (
        len(index.blocks) > contacts // BLOCK + _MORE_BLOCKS
        or places > _WORN_OUT * contacts + _A_FEW
    )


def ids_in(index: Index, numbers: list[int]) -> list[str]:
    """The ids of the contacts that are left in these blocks."""
    whole = BitMap()
    for number in numbers:
        whole.add_range(index.blocks[number].start, index.blocks[number].end)
    return ids_of(index, index.live & whole)


def ids_of(index: Index, ordinals: BitMap) -> list[str]:
    found = []
    for block in index.blocks.values():
        whole = BitMap()
        whole.add_range(block.start, block.end)
        places = bitmaps.ordinals_of(ordinals & whole) - np.uint32(block.start)
        found += [id_text(each, index.contacts.id_type) for each in block.ids[places]]
    return found


def _left(index: Index, number: int) -> int:
    block = index.blocks[number]
    return int(index.live.range_cardinality(block.start, block.end))
