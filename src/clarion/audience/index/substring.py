"""Which of many sorted texts contain another one: by looking through their letters all at once.

Arrow looks through text after text, some 40 nanoseconds each. Here the letters of all of them are
one array, in which the rarest letters of what is wanted are looked for first; numpy compares them
by the dozen, and lets go of the interpreter meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute

if TYPE_CHECKING:
    from clarion.audience.index.columns import Array

#: Letters compared in one go: they stay in the processor's cache from one comparison to the next.
_PIECE = 1 << 18

#: Letters that are looked for everywhere; the others only where these were found.
_EVERYWHERE = 3

#: Found at more than this share of all places, Arrow is faster.
_TOO_OFTEN = 1 / 64

_SAMPLES, _SAMPLE = 8, 2_048


def texts_containing(texts: pa.Array, wanted: str) -> Array:
    """Ranks of the texts that contain `wanted`, ascending."""
    needle = np.frombuffer(wanted.encode(), dtype=np.uint8)
    offsets, letters = _buffers(texts)
    if len(needle) > 1 and len(letters) >= len(needle):
        places = _occurrences(letters, needle)
        if places is not None:
            ranks = np.searchsorted(offsets, places, side="right") - 1
            # What begins in one text and ends in the next was never there.
            return np.unique(ranks[places + len(needle) <= offsets[ranks + 1]])
    met = compute.match_substring(texts, wanted)
    return np.flatnonzero(met.to_numpy(zero_copy_only=False))


def _buffers(texts: pa.Array) -> tuple[Array, Array]:
    """Where each text begins and where the last one ends, and the letters from there on."""
    kind = np.int64 if texts.type == pa.large_string() else np.int32
    _, offsets, letters = texts.buffers()
    if not len(texts) or letters is None:
        return np.zeros(1, dtype=kind), np.zeros(0, dtype=np.uint8)
    begins = np.frombuffer(offsets, dtype=kind)[texts.offset : texts.offset + len(texts) + 1]
    first, last = int(begins[0]), int(begins[-1])
    return begins - begins[0], np.frombuffer(letters, np.uint8)[first:last]


def _occurrences(letters: Array, needle: Array) -> Array | None:
    """Where `needle` begins in `letters`, ascending; None where that is too often to go by it."""
    step = max(1, (len(letters) - _SAMPLE) // _SAMPLES)
    sample = np.concatenate(
        [letters[n * step : n * step + _SAMPLE] for n in range(_SAMPLES) if n * step < len(letters)]
    )
    how_often = np.bincount(sample, minlength=256)
    order = np.argsort(how_often[needle], kind="stable").tolist()
    found = []
    many = 0
    places_of_all = len(letters) - len(needle) + 1
    for start in range(0, places_of_all, _PIECE):
        end = min(start + _PIECE, places_of_all)
        met = letters[start + order[0] : end + order[0]] == needle[order[0]]
        for at in order[1:_EVERYWHERE]:
            met &= letters[start + at : end + at] == needle[at]
        places = _true_in(met) + start
        for at in order[_EVERYWHERE:]:
            places = places[letters[places + at] == needle[at]]
        many += len(places)
        if many > _TOO_OFTEN * end:
            return None
        found.append(places)
    return np.concatenate(found)


def _true_in(mask: Array) -> Array:
    """Where `mask` is true, quickly where that is seldom."""
    packed = np.packbits(mask, bitorder="little")
    words = np.zeros(-(-len(packed) // 8), dtype="<u8")
    words.view(np.uint8)[: len(packed)] = packed
    held = np.flatnonzero(words)
    bits = np.unpackbits(words[held].view(np.uint8), bitorder="little")
    at = np.flatnonzero(bits)
    found: Array = held[at >> 6] * 64 + (at & 63)
    return found
