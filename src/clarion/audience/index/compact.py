"""Which blocks are worth reading anew: small ones, and those whose contacts have mostly changed."""

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

#: A block is worn out when less than this share of it is left.
_WORN_OUT = 0.5


def blocks_to_read_anew(index: Index) -> list[int]:
    """Blocks that together fill one at most; none when nothing is to be gained."""
    left = {number: _left(index, number) for number in index.blocks}
    small = sorted(
        (number for number, count in left.items() if count < BLOCK // 4), key=left.__getitem__
    )
    worn_out = [
        number
        for number, count in left.items()
        if count < _WORN_OUT * len(index.blocks[number].ids)
    ]
    if len(small) <= _SMALL_BLOCKS and not any(number not in small for number in worn_out):
        return []
    chosen: list[int] = []
    contacts = 0
    for number in dict.fromkeys([*small, *worn_out]):
        if contacts + left[number] > BLOCK:
            break
        chosen.append(number)
        contacts += left[number]
    return chosen


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
