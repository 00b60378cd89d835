"""Who shares an address with somebody, and how many addresses some of them have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clarion.audience.index import bitmaps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyroaring import BitMap

    from clarion.audience.index.columns import Array

#: Nearly all groups are of two or three.
_SMALL = 8


@dataclass(frozen=True, slots=True)
class Groups:
    """Places that belong together follow each other. `earlier` has a mask for each distance: the
    places of small groups that have another of their group so far before them. `large` are all
    places of the others, and `starts` tells where in them each of those groups begins."""

    earlier: tuple[Array, ...]
    large: Array
    starts: Array

    @classmethod
    def of(cls, begins: Array) -> Groups:
        """`begins` is true where a group begins."""
        starts = np.flatnonzero(begins)
        sizes = np.diff(starts, append=len(begins))
        is_large = sizes > _SMALL
        small = np.repeat(~is_large, sizes)
        place = np.arange(len(begins)) - np.repeat(starts, sizes)
        most = int(sizes[~is_large].max(initial=1))
        return cls(
            earlier=tuple(small & (place >= distance) for distance in range(1, most)),
            large=np.flatnonzero(~small),
            starts=np.cumsum(sizes[is_large]) - sizes[is_large],
        )

    def having_any(self, marked: Array) -> int:
        """In how many groups some place is marked."""
        firsts = marked.copy()
        for distance, has_earlier in enumerate(self.earlier, start=1):
            firsts[distance:] &= ~(marked[:-distance] & has_earlier[distance:])
        found = np.count_nonzero(firsts)
        if len(self.starts):
            of_large = marked[self.large]
            # Each marked one of them was taken for the first of its group.
            found -= np.count_nonzero(of_large)
            found += np.count_nonzero(np.logical_or.reduceat(of_large, self.starts))
        return int(found)


@dataclass(frozen=True, slots=True)
class Shared:
    """Who shares an address with somebody: in the order of the `addresses`, and in their own order
    with a number for each address; in `groups` those of one address follow each other. Contacts
    that are gone may be among them. `marks` has a place for each ordinal, and is all false but for
    the moment of a question."""

    addresses: Array
    by: Array
    sharers: Array
    numbers: Array
    who: BitMap
    groups: Groups
    marks: Array

    @classmethod
    def of(cls, addresses: Array, by: Array) -> Shared:
        """`addresses` ascending, each with one of those who have it in `by`."""
        begins = first_of_each(addresses)
        order = np.argsort(by)
        sharers = by[order]
        return cls(
            addresses=addresses,
            by=by,
            sharers=sharers,
            numbers=np.cumsum(begins)[order].astype(np.uint32),
            who=bitmaps.of_sorted(sharers),
            groups=Groups.of(begins),
            marks=np.zeros(int(sharers[-1]) + 1 if len(sharers) else 0, dtype=bool),
        )

    def addresses_of(self, some: BitMap) -> int:
        """How many different addresses these sharers have; by one question at a time."""
        # Marking them and looking at everybody's mark takes a tenth of searching for each.
        ordinals = bitmaps.ordinals_of(some).astype(np.intp)
        self.marks[ordinals] = True
        marked = np.take(self.marks, self.by)
        self.marks[ordinals] = False
        return self.groups.having_any(marked)

    def without(self, gone: Iterable[tuple[int, int]]) -> Shared:
        """Those outside the half-open ranges of ordinals `gone`."""
        kept = np.ones(len(self.by), dtype=bool)
        for start, end in gone:
            if self.who.range_cardinality(start, end):
                kept &= (self.by < start) | (self.by >= end)
        return self if kept.all() else Shared.of(self.addresses[kept], self.by[kept])

    def instead(self, asked: Array, addresses: Array, by: Array) -> Shared:
        """With `addresses`, ascending, and their sharers in the place of all who have one of the
        addresses `asked`, which are sorted and distinct."""
        first = np.searchsorted(self.addresses, asked, side="left")
        last = np.searchsorted(self.addresses, asked, side="right")
        met = last > first
        if not len(addresses) and not met.any():
            return self
        edges = np.zeros(len(self.addresses) + 1, dtype=np.int8)
        edges[first[met]] += 1
        edges[last[met]] -= 1
        kept = np.cumsum(edges[:-1], dtype=np.int8) == 0
        old, old_by = self.addresses[kept], self.by[kept]
        at = np.searchsorted(old, addresses)
        return Shared.of(np.insert(old, at, addresses), np.insert(old_by, at, by))


def first_of_each(ascending: Array) -> Array:
    """Where another value begins."""
    begins = np.ones(len(ascending), dtype=bool)
    begins[1:] = ascending[1:] != ascending[:-1]
    return begins
