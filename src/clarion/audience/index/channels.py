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
from clarion.audience.index.shared import Shared, first_of_each
from clarion.audience.index.through import each_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

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
        if not len(self.addresses):
            return self.addresses, self.places
        first = np.searchsorted(self.addresses, addresses, side="left")
        met = np.take(self.addresses, first, mode="clip") == addresses
        first, addresses = first[met], addresses[met]
        if not len(first):
            return self.addresses[:0], self.places[:0]
        # Looked for only of the few that are here: searching is what takes the time.
        counts = np.searchsorted(self.addresses, addresses, side="right") - first
        runs = np.repeat(first - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        at = runs + np.arange(len(runs))
        return self.addresses[at], self.places[at]

    def among(self, addresses: Array) -> Array:
        """The places of those whose address is one of `addresses`, sorted and distinct."""
        if len(addresses) < len(self.addresses):
            return self.having(addresses)[1]
        at = np.searchsorted(addresses, self.addresses)
        at[at == len(addresses)] = 0
        return self.places[addresses[at] == self.addresses] if len(addresses) else self.places[:0]


def _nobody() -> Shared:
    return Shared.of(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint32))


@dataclass(slots=True)
class ChannelIndex:
    """`problems` holds who has no address, by reason; `opted_out` those whose address is on the
    list of opt-outs. Contacts that are gone may still be among them: answers leave them out."""

    channel: Channel
    columns: dict[int, AddressColumn] = field(default_factory=dict)
    problems: dict[LeftOut, BitMap] = field(default_factory=dict)
    opted_out: BitMap = field(default_factory=BitMap)
    suppressed: Array = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    shared: Shared = field(default_factory=_nobody)

    def put(self, block: int, start: int, column: AddressColumn, problems: pa.Array) -> None:
        """`problems` per contact, null for none."""
        self.columns[block] = column
        for reason in REASONS[self.channel]:
            mask = compute.fill_null(compute.equal(problems, reason.value), False)
            found = bitmaps.of_mask(mask.to_numpy(zero_copy_only=False), start)
            self.problems[reason] = self.problems.get(reason, BitMap()) | found
        places = column.among(self.suppressed)
        self.opted_out |= bitmaps.of_sorted(np.sort(places) + np.uint32(start))

    def drop(self, block: int, start: int, end: int) -> None:
        del self.columns[block]
        for bitmap in (*self.problems.values(), self.opted_out):
            bitmap.remove_range(start, end)

    def suppress(self, addresses: Array, starts: dict[int, int]) -> None:
        """`addresses` are all that must not be written to now."""
        self.suppressed = np.unique(addresses)
        opted_out = BitMap()
        for block, column in self.columns.items():
            places = column.among(self.suppressed)
            opted_out |= bitmaps.of_sorted(np.sort(places) + np.uint32(starts[block]))
        self.opted_out = opted_out

    def change_suppressed(self, on: Array, off: Array, starts: dict[int, int]) -> None:
        """`on` may not be written to from now on, `off` may; each sorted and distinct."""
        self.suppressed = np.union1d(np.setdiff1d(self.suppressed, off, assume_unique=True), on)
        for block, column in self.columns.items():
            start = np.uint32(starts[block])
            self.opted_out -= bitmaps.of_sorted(np.sort(column.among(off)) + start)
            self.opted_out |= bitmaps.of_sorted(np.sort(column.among(on)) + start)

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
        self.shared = Shared.of(addresses[shared], by[shared])

    def shared_with(
        self,
        new: AddressColumn,
        start: int,
        *,
        starts: dict[int, int],
        live: BitMap,
        gone: Collection[tuple[int, int]],
    ) -> Shared:
        """Who will share an address when the block `new`, whose first ordinal is `start`, has
        come: with `live`, who are left of the others, and without the ranges `gone`."""
        distinct = new.addresses[first_of_each(new.addresses)]
        addresses, by = [new.addresses], [new.places + np.uint32(start)]
        columns = list(self.columns.items())
        found = each_of(columns, lambda one: one[1].having(distinct))
        for (block, _), (had, places) in zip(columns, found, strict=True):
            if len(had):
                ordinals = places + np.uint32(starts[block])
                alive = _among(ordinals, live)
                addresses.append(had[alive])
                by.append(ordinals[alive])
        together, of = np.concatenate(addresses), np.concatenate(by)
        order = np.argsort(together, kind="stable")
        together, of = together[order], of[order]
        begins = first_of_each(together)
        alone = begins & np.append(begins[1:], True)
        return self.shared.without(gone).instead(distinct, together[~alone], of[~alone])

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

    def reached(self, matched: BitMap, ids_of: Callable[[Array], Array]) -> BitMap:
        """Whom `reach` counts as reachable: of those who share an address the one with the lowest
        id. `ids_of` gives the ids of ascending ordinals."""
        found = matched - self.opted_out
        for who in self.problems.values():
            found -= who
        return found - self._kept_by_others(found, ids_of)

    def left_out(
        self, matched: BitMap, reason: LeftOut, ids_of: Callable[[Array], Array]
    ) -> tuple[BitMap, BitMap]:
        """Whom `reach` counts for this reason; and with those who share an address the ones that
        are reached in their place."""
        if reason is LeftOut.OPTED_OUT:
            return matched & self.opted_out, BitMap()
        if reason is not DUPLICATE[self.channel]:
            return matched & self.problems.get(reason, BitMap()), BitMap()
        sharing = (matched & self.shared.who) - self.opted_out
        left_out = self._kept_by_others(sharing, ids_of)
        numbers = self._numbers_of(bitmaps.ordinals_of(left_out))
        all_of = bitmaps.ordinals_of(sharing - left_out)
        kept = all_of[np.isin(self._numbers_of(all_of), numbers)]
        return left_out, bitmaps.of_sorted(kept)

    def _kept_by_others(self, some: BitMap, ids_of: Callable[[Array], Array]) -> BitMap:
        sharing = some & self.shared.who
        if len(sharing) < 2:  # noqa: PLR2004 - one alone shares with nobody
            return BitMap()
        ordinals = bitmaps.ordinals_of(sharing)
        order = np.argsort(ids_of(ordinals), kind="stable")
        order = order[np.argsort(self._numbers_of(ordinals)[order], kind="stable")]
        numbers = self._numbers_of(ordinals)[order]
        return bitmaps.of_sorted(np.sort(ordinals[order[~first_of_each(numbers)]]))

    def _numbers_of(self, sharers: Array) -> Array:
        """The number of the address that each of them shares."""
        return self.shared.numbers[np.searchsorted(self.shared.sharers, sharers)]

    def _duplicates(self, matched: BitMap, opted_out: BitMap) -> int:
        shared = self.shared
        sharing = (matched & shared.who) - opted_out
        if len(sharing) < 2:  # noqa: PLR2004 - one alone shares with nobody
            return 0
        return len(sharing) - shared.addresses_of(sharing)


def _among(ordinals: Array, some: BitMap) -> Array:
    """Which of `ordinals`, in any order and each once, are in `some`."""
    ascending = np.sort(ordinals)
    met = bitmaps.ordinals_of(bitmaps.of_sorted(ascending) & some)
    return np.isin(ordinals, met, assume_unique=True)


def _concatenated(parts: Iterable[Array], kind: type[np.generic]) -> Array:
    arrays = list(parts)
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=kind)
