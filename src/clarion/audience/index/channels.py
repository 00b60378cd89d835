"""Whom a channel reaches: who has an address, who may be written to, and who shares an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute
from pyroaring import BitMap

from clarion.audience.audience import DUPLICATE, REASONS, LeftOut, Reach
from clarion.audience.index import bitmaps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarion.audience.index.columns import Array
    from clarion.kernel.channel import Channel


@dataclass(slots=True)
class AddressColumn:
    """The addresses of a block in ascending order, and who has each, counted from its start."""

    addresses: Array
    places: Array

    @classmethod
    def of(cls, addresses: Array) -> AddressColumn:
        """`addresses` per contact; 0 for none."""
        places = np.flatnonzero(addresses).astype(np.uint32)
        order = np.argsort(addresses[places], kind="stable")
        places = places[order]
        return cls(addresses=addresses[places], places=places)

    def arrays(self) -> dict[str, Array]:
        return {"addresses": self.addresses, "places": self.places}

    def having(self, addresses: Array) -> tuple[Array, Array]:
        """For sorted distinct `addresses`: those that somebody here has, and the places of who."""
        first = np.searchsorted(self.addresses, addresses, side="left")
        last = np.searchsorted(self.addresses, addresses, side="right")
        met = np.flatnonzero(last > first)
        if not len(met):
            return self.addresses[:0], self.places[:0]
        counts = (last - first)[met]
        runs = np.repeat(first[met] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        at = runs + np.arange(len(runs))
        return self.addresses[at], self.places[at]


@dataclass(slots=True)
class ChannelIndex:
    """`problems` holds who has no address, by reason; `opted_out` those whose address is on the
    list of opt-outs. Contacts that are gone may still be among them: answers leave them out."""

    channel: Channel
    columns: dict[int, AddressColumn] = field(default_factory=dict)
    problems: dict[LeftOut, BitMap] = field(default_factory=dict)
    opted_out: BitMap = field(default_factory=BitMap)
    suppressed: Array = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    #: Who shares an address with somebody, in the order of the addresses.
    shared_addresses: Array = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    shared_by: Array = field(default_factory=lambda: np.zeros(0, dtype=np.uint32))
    _shared: BitMap = field(default_factory=BitMap)
    _sharers: Array = field(default_factory=lambda: np.zeros(0, dtype=np.uint32))
    _address_of_sharer: Array = field(default_factory=lambda: np.zeros(0, dtype=np.uint32))

    def put(self, block: int, start: int, column: AddressColumn, problems: pa.Array) -> None:
        """`problems` per contact, null for none."""
        self.columns[block] = column
        for reason in REASONS[self.channel]:
            mask = compute.fill_null(compute.equal(problems, reason.value), False)
            found = bitmaps.of_mask(mask.to_numpy(zero_copy_only=False), start)
            self.problems[reason] = self.problems.get(reason, BitMap()) | found
        _, places = column.having(self.suppressed)
        self.opted_out |= bitmaps.of_sorted(np.sort(places) + np.uint32(start))

    def drop(self, block: int, start: int, end: int) -> None:
        del self.columns[block]
        for bitmap in (*self.problems.values(), self.opted_out):
            bitmap.remove_range(start, end)
        kept = (self.shared_by < start) | (self.shared_by >= end)
        self.share(self.shared_addresses[kept], self.shared_by[kept])

    def suppress(self, addresses: Array, starts: dict[int, int]) -> None:
        """`addresses` are all that must not be written to now."""
        self.suppressed = np.unique(addresses)
        opted_out = BitMap()
        for block, column in self.columns.items():
            _, places = column.having(self.suppressed)
            opted_out |= bitmaps.of_sorted(np.sort(places) + np.uint32(starts[block]))
        self.opted_out = opted_out

    def find_all_shared(self, starts: dict[int, int]) -> None:
        blocks = list(self.columns)
        addresses = _concatenated([self.columns[block].addresses for block in blocks], np.int64)
        by = _concatenated(
            [self.columns[block].places + np.uint32(starts[block]) for block in blocks], np.uint32
        )
        order = np.argsort(addresses, kind="stable")
        addresses, by = addresses[order], by[order]
        shared = np.zeros(len(addresses), dtype=bool)
        shared[1:] = addresses[1:] == addresses[:-1]
        shared[:-1] |= shared[1:]
        self.share(addresses[shared], by[shared])

    def find_shared_with(self, block: int, starts: dict[int, int]) -> None:
        """After a block has come: who shares an address with somebody of it."""
        new = self.columns[block]
        distinct, counts = np.unique(new.addresses, return_counts=True)
        found = [(self.shared_addresses, self.shared_by)]
        met = [distinct[counts > 1]]
        for other, column in self.columns.items():
            if other != block:
                addresses, places = column.having(distinct)
                found.append((addresses, places + np.uint32(starts[other])))
                met.append(addresses)
        addresses, places = new.having(np.unique(np.concatenate(met)))
        found.append((addresses, places + np.uint32(starts[block])))
        addresses = np.concatenate([each for each, _ in found])
        by, first = np.unique(np.concatenate([each for _, each in found]), return_index=True)
        addresses = addresses[first]
        order = np.argsort(addresses, kind="stable")
        self.share(addresses[order], by[order])

    def share(self, addresses: Array, by: Array) -> None:
        """`addresses` ascending, each with one of those who have it in `by`."""
        self.shared_addresses, self.shared_by = addresses, by
        begins = np.zeros(len(addresses), dtype=bool)
        begins[1:] = addresses[1:] != addresses[:-1]
        number = np.cumsum(begins)
        order = np.argsort(by)
        self._sharers = by[order]
        self._address_of_sharer = number[order].astype(np.uint32)
        self._shared = bitmaps.of_sorted(self._sharers)

    def reach(self, matched: BitMap) -> Reach:
        """Of contacts that there are: whom the channel reaches, one contact per address."""
        left_out: dict[LeftOut, int] = {}
        without = BitMap()
        for reason in REASONS[self.channel]:
            if reason in (LeftOut.OPTED_OUT, DUPLICATE[self.channel]):
                continue
            left_out[reason] = matched.intersection_cardinality(self.problems.get(reason, without))
        opted_out = self.opted_out
        left_out[LeftOut.OPTED_OUT] = matched.intersection_cardinality(opted_out)
        duplicates = self._duplicates(matched, opted_out)
        left_out[DUPLICATE[self.channel]] = duplicates
        return Reach(
            reachable=len(matched) - sum(left_out.values()),
            left_out={
                reason: left_out[reason] for reason in REASONS[self.channel] if left_out[reason]
            },
        )

    def _duplicates(self, matched: BitMap, opted_out: BitMap) -> int:
        sharing = (matched & self._shared) - opted_out
        if len(sharing) < 2:  # noqa: PLR2004 - one alone shares with nobody
            return 0
        if len(sharing) == len(self._sharers):
            numbers = self._address_of_sharer
        else:
            at = np.searchsorted(self._sharers, bitmaps.ordinals_of(sharing))
            numbers = self._address_of_sharer[at]
        return len(sharing) - int(np.count_nonzero(np.bincount(numbers)))


def _concatenated(parts: Iterable[Array], kind: type[np.generic]) -> Array:
    arrays = list(parts)
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=kind)
