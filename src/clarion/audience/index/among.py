"""Some contacts of the index, of whom it is counted how many have which value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clarion.audience.index import bitmaps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyroaring import BitMap

    from clarion.audience.index.columns import Array
    from clarion.audience.index.index import Block

#: A bitmap of fewer than one in so many is kept as arrays, which are slow to intersect with those
#: of every value: then it is faster to look at what each contact has.
_FEW = 14


class Among:
    """Of one moment of the index: used under its lock, and while its version stays."""

    def __init__(self, who: BitMap, live: BitMap, blocks: Mapping[int, Block]) -> None:
        self.who = who
        self._blocks = blocks
        self.are_few = len(who) * _FEW < len(live)
        self._ordinals: Array | None = None
        self._places: dict[int, Array] = {}

    def places_in(self, block: int) -> Array:
        """Theirs in the columns of a block, ascending."""
        places = self._places.get(block)
        if places is None:
            if self._ordinals is None:
                self._ordinals = bitmaps.ordinals_of(self.who)
            whole = self._blocks[block]
            first, last = np.searchsorted(
                self._ordinals, np.asarray([whole.start, whole.end], dtype=np.uint32)
            ).tolist()
            places = (self._ordinals[first:last] - np.uint32(whole.start)).astype(np.intp)
            self._places[block] = places
        return places
