"""Which groups of three letters occur in which run of sorted texts: what must be looked through for
a text that contains another one is then a small part of all.

Three letters are told by a hash: a run may be named that has not got them, and none that has them
is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from clarion.audience.index.columns import Array

#: Texts of one run. Fewer would find less to look through, and take more memory.
RUN = 64

_HASHES = 2_048

#: Runs that are read at one time: what is written of them stays in the processor's cache.
_AT_ONCE = 256

_GROUP = 3

#: Where more of the runs than this are left, looking through all is as fast.
_TOO_MANY = 0.5


def letter_groups(offsets: Array, letters: Array) -> Array:
    """A row of bits per hash, a bit per run. `offsets` tell where each text begins in `letters`,
    and where the last one ends."""
    texts = len(offsets) - 1
    runs = -(-texts // RUN)
    found = np.zeros((_HASHES, -(-runs // 8)), dtype=np.uint8)
    for start in range(0, runs, _AT_ONCE):
        end = min(start + _AT_ONCE, runs)
        edges = offsets[np.minimum(np.arange(start, end + 1) * RUN, texts)]
        hashes = _hashes(letters[edges[0] : edges[-1]])
        # Three letters that begin in one text and end in the next count for the first one's run.
        run = np.repeat(np.arange(end - start, dtype=np.int32) * _HASHES, np.diff(edges))
        seen = np.zeros((end - start) * _HASHES, dtype=bool)
        seen[run[: len(hashes)] + hashes] = True
        packed = np.packbits(seen.reshape(-1, _HASHES), axis=0, bitorder="little")
        found[:, start // 8 : -(-end // 8)] = packed.T
    return found


def runs_that_may_contain(groups: Array, wanted: Array) -> Array | None:
    """Runs, ascending, outside of which no text contains the letters `wanted`; None where that
    tells too little."""
    if len(wanted) < _GROUP:
        return None
    left = np.bitwise_and.reduce(groups[_hashes(wanted)])
    if np.bitwise_count(left).sum() > _TOO_MANY * 8 * len(left):
        return None
    return np.flatnonzero(np.unpackbits(left, bitorder="little"))


def _hashes(letters: Array) -> Array:
    """Of the three letters from each place on."""
    if len(letters) < _GROUP:
        return np.zeros(0, dtype=np.uint16)
    each = letters.astype(np.uint16)
    # Odd numbers whose products spread letters over the upper 11 of 16 bits.
    found: Array = each[:-2] * np.uint16(40_503)
    found += each[1:-1] * np.uint16(31_153)
    found += each[2:] * np.uint16(10_007)
    found >>= np.uint16(5)
    return found
