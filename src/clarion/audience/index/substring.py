"""Which of many sorted texts contain another one: by looking through their letters all at once.

Arrow looks through text after text, some 40 nanoseconds each. Here the letters of all of them are
one array, in which the rarest letters of what is wanted are looked for first; numpy compares them
by the dozen, and lets go of the interpreter meanwhile. Of many texts only those runs are looked
through that have the groups of three letters that are wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np
import pyarrow as pa
from pyarrow import compute

from clarion.audience.index.letter_groups import RUN, runs_that_may_contain

if TYPE_CHECKING:
    from clarion.audience.index.columns import Array

#: Letters compared in one go: they stay in the processor's cache from one comparison to the next.
_PIECE = 1 << 18

#: Letters that are looked for everywhere; the others only where these were found.
_EVERYWHERE = 3

#: Found at more than this share of all places, Arrow is faster.
_TOO_OFTEN = 1 / 64

_SAMPLES, _SAMPLE = 8, 2_048


def texts_containing(texts: pa.Array, wanted: str, groups: Array | None = None) -> Array:
    """Ranks of the texts that contain `wanted`, ascending. `groups` are those of their letters."""
    needle = np.frombuffer(wanted.encode(), dtype=np.uint8)
    offsets, letters = _buffers(texts)
    if groups is not None:
        runs = runs_that_may_contain(groups, needle)
        if runs is not None:
            return _in_runs(offsets, letters, needle, runs)
    if len(needle) > 1 and len(letters) >= len(needle):
        places = _occurrences(letters, needle, at_most=_TOO_OFTEN)
        if places is not None:
            return _ranks(offsets, places, len(needle))
    met = compute.match_substring(texts, wanted)
    return np.flatnonzero(met.to_numpy(zero_copy_only=False))


def _in_runs(offsets: Array, letters: Array, needle: Array, runs: Array) -> Array:
    texts = len(offsets) - 1
    if not len(runs):
        return np.zeros(0, dtype=np.int64)
    ranks = (runs[:, None] * RUN + np.arange(RUN)).ravel()
    ranks = ranks[ranks < texts]
    lengths = offsets[ranks + 1] - offsets[ranks]
    begins = np.concatenate([[0], np.cumsum(lengths)])
    ends = np.minimum((runs + 1) * RUN, texts)
    some = np.concatenate(
        [
            letters[since:until]
            for since, until in zip(
                offsets[runs * RUN].tolist(), offsets[ends].tolist(), strict=True
            )
        ]
    )
    places = _occurrences(some, needle)
    return ranks[_ranks(begins, places, len(needle))]


def _ranks(offsets: Array, places: Array, length: int) -> Array:
    """The texts in which what was found at `places` lies."""
    ranks = np.searchsorted(offsets, places, side="right") - 1
    # What begins in one text and ends in the next was never there.
    return np.unique(ranks[places + length <= offsets[ranks + 1]])


def _buffers(texts: pa.Array) -> tuple[Array, Array]:
    """Where each text begins and where the last one ends, and the letters from there on."""
    kind = np.int64 if texts.type == pa.large_string() else np.int32
    _, offsets, letters = texts.buffers()
    if not len(texts) or letters is None:
        return np.zeros(1, dtype=kind), np.zeros(0, dtype=np.uint8)
    begins = np.frombuffer(offsets, dtype=kind)[texts.offset : texts.offset + len(texts) + 1]
    first, last = int(begins[0]), int(begins[-1])
    return begins - begins[0], np.frombuffer(letters, np.uint8)[first:last]


@overload
def _occurrences(letters: Array, needle: Array) -> Array: ...
@overload
def _occurrences(letters: Array, needle: Array, *, at_most: float) -> Array | None: ...
def _occurrences(letters: Array, needle: Array, *, at_most: float | None = None) -> Array | None:
    """Where `needle` begins in `letters`, ascending; None where that is at more than the share
    `at_most` of all places."""
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
        if at_most is not None and many > at_most * end:
            return None
        found.append(places)
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


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
