"""The index of one workspace's contacts: blocks of them, their fields, and who is still there.

A block is a run of up to half a million contacts that is written once. A contact that changes
is struck from `live` and comes again in a newer block, as in a log; blocks in which few are left
are read anew together. Numbers of contacts in the index ("ordinals") begin in each block at a
multiple of 65,536, the size of a Roaring container.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from clarion.audience.index import bitmaps
from clarion.audience.index.channels import AddressColumn, ChannelIndex
from clarion.audience.index.chunk import column_values
from clarion.audience.index.fields import IndexedField, make_field
from clarion.audience.index.through import each_of
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from clarion.audience.contact_table import ContactTable
    from clarion.audience.fields import Field
    from clarion.audience.index.chunk import Chunk
    from clarion.audience.index.columns import Array
    from clarion.kernel.field_path import FieldPath

#: Contacts per block, when there are that many to be read at once.
BLOCK = 1 << 19

_UUIDS = np.dtype("S16")

#: So many ids are worth reading those of a block as numbers.
_MANY = 8_000


@dataclass(slots=True)
class Block:
    """`ids` ascending; the contact at a place has the ordinal `start` + place."""

    start: int
    ids: Array

    @property
    def end(self) -> int:
        """The first ordinal that may belong to another block."""
        return self.start + max(1, -(-len(self.ids) // bitmaps.CONTAINER)) * bitmaps.CONTAINER


def places_of(ids: Array, among: Array) -> Array:
    """Where each of the sorted `ids` stands or would stand in `among`, sorted too."""
    if ids.dtype != _UUIDS or among.dtype != _UUIDS or len(ids) < _MANY:
        return np.searchsorted(among, ids)
    # Numbers compare five times faster than bytes: the first halves lead to the place, except where
    # several ids share theirs.
    places = np.searchsorted(_halves(among), _halves(ids))
    at = np.minimum(places, len(among) - 1)
    astray = (places < len(among)) & (among[at] < ids)
    if astray.any():
        places[astray] = np.searchsorted(among, ids[astray])
    return places


def _halves(ids: Array) -> Array:
    return ids.view(">u8")[::2].astype(np.uint64)


class Index:
    """Answers are read under `lock`; whoever changes it holds the lock as briefly as possible.

    `left_out` names the fields that are not held in memory, with the reason.
    """

    def __init__(self, contacts: ContactTable) -> None:
        self.contacts = contacts
        self.lock = threading.RLock()
        self.fields: dict[FieldPath, IndexedField] = {}
        self.left_out: dict[FieldPath, str] = {}
        self.channels = {channel: ChannelIndex(channel) for channel in Channel}
        self.blocks: dict[int, Block] = {}
        self.live = BitMap()
        #: Another number means that answers may be others.
        self.version = 0
        self._next_block = 0
        self._free: list[tuple[int, int]] = []
        self._end = 0

    def start_of(self, block: int) -> int:
        return self.blocks[block].start

    @property
    def starts(self) -> dict[int, int]:
        return {number: block.start for number, block in self.blocks.items()}

    def empty_fields(self, fields: Iterable[Field]) -> None:
        """Make these fields ready for contacts to come; for an index without any."""
        for each in fields:
            self.fields[each.path] = make_field(each)

    def continue_from_blocks(self) -> None:
        """After blocks were put in by hand: where the next one may begin."""
        self._next_block = max(self.blocks, default=-1) + 1
        self._end = max((block.end for block in self.blocks.values()), default=0)

    def ids_of(self, ordinals: Array) -> Array:
        """The ids of these ascending ordinals, in their order."""
        parts = []
        for block in sorted(self.blocks.values(), key=lambda each: each.start):
            first, last = np.searchsorted(ordinals, [block.start, block.end]).tolist()
            if first < last:
                parts.append(block.ids[ordinals[first:last] - block.start])
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    # --- contacts that come and go

    def find(self, ids: Array) -> BitMap:
        """Those of `ids` (in any order) that are in the index; also the struck ones."""
        ids = np.unique(ids)

        def find_in(block: Block) -> BitMap:
            if not len(ids) or ids[-1] < block.ids[0] or ids[0] > block.ids[-1]:
                return BitMap()
            places = places_of(ids, block.ids)
            places[places == len(block.ids)] = 0
            met = places[block.ids[places] == ids].astype(np.uint32)
            return bitmaps.of_sorted(met + np.uint32(block.start))

        return bitmaps.union(each_of(list(self.blocks.values()), find_in))

    def add(
        self,
        chunks: Sequence[Chunk],
        *,
        changed: Array | None = None,
        instead_of: Collection[int] = (),
    ) -> None:
        """Contacts as a new block, in one step for whoever asks: `changed`, who were in the index
        before, are struck, and the blocks `instead_of` are given up."""
        struck = BitMap() if changed is None else self.find(changed)
        gone = [(self.blocks[number].start, self.blocks[number].end) for number in instead_of]
        if not chunks:
            with self.lock:
                self.live -= struck
                for held_channel in self.channels.values():
                    held_channel.shared = held_channel.shared.without(gone)
                self._drop(instead_of)
            return
        ids = np.concatenate([chunk.ids for chunk in chunks])
        order = np.argsort(ids, kind="stable")
        number = self._next_block
        self._next_block += 1
        columns = {
            path: held.column(column_values(held, path, chunks, order))
            for path, held in self.fields.items()
        }
        addresses, problems = {}, {}
        for channel in Channel:
            all_of = np.concatenate([chunk.addresses[channel] for chunk in chunks])[order]
            addresses[channel] = AddressColumn.of(all_of)
            together = pa.chunked_array([chunk.problems[channel] for chunk in chunks])
            problems[channel] = together.combine_chunks().take(pa.array(order))
        block = Block(start=self._take_range(len(ids)), ids=ids[order])
        # Of contacts that are all read at once it is found at their end who shares an address.
        shared = {}
        if changed is not None:
            left = self.live - struck
            for channel, held_channel in self.channels.items():
                shared[channel] = held_channel.shared_with(
                    addresses[channel], block.start, starts=self.starts, live=left, gone=gone
                )
        with self.lock:
            self.live -= struck
            self._drop(instead_of)
            self.blocks[number] = block
            for path, column in columns.items():
                self.fields[path].put(number, block.start, column)
            for channel, held_channel in self.channels.items():
                held_channel.put(number, block.start, addresses[channel], problems[channel])
                held_channel.shared = shared.get(channel, held_channel.shared)
            self.live.add_range(block.start, block.start + len(ids))
            self.version += 1

    def find_shared(self) -> None:
        """Who of all contacts shares an address."""
        with self.lock:
            for channel in self.channels.values():
                channel.find_all_shared(self.starts)
            self.version += 1

    def _drop(self, numbers: Collection[int]) -> None:
        for number in numbers:
            block = self.blocks.pop(number)
            for held in self.fields.values():
                held.drop(number, block.start, block.end)
            for channel in self.channels.values():
                channel.drop(number, block.start, block.end)
            self.live.remove_range(block.start, block.end)
            self._free.append((block.start, block.end - block.start))
        self.version += 1

    def _take_range(self, contacts: int) -> int:
        size = Block(start=0, ids=np.zeros(contacts, dtype=bool)).end
        for place, (start, free) in enumerate(self._free):
            if free == size:
                del self._free[place]
                return start
        start, self._end = self._end, self._end + size
        return start

    def sizes(self) -> dict[FieldPath, int]:
        """Bytes that each field takes; under the empty path what all contacts take."""
        sizes = {
            path: sum(
                array.nbytes
                for column in held.columns.values()
                for array in column.arrays().values()
            )
            + held.bytes_beside_columns()
            for path, held in self.fields.items()
        }
        sizes[()] = sum(block.ids.nbytes for block in self.blocks.values()) + sum(
            array.nbytes
            for channel in self.channels.values()
            for column in channel.columns.values()
            for array in column.arrays().values()
        )
        return sizes

    # --- fields that come and go

    def leave_out(self, path: FieldPath, reason: str) -> None:
        with self.lock:
            self.fields.pop(path, None)
            self.left_out[path] = reason
            self.version += 1

    def forget_field(self, path: FieldPath) -> None:
        """No contact has it any more."""
        with self.lock:
            self.fields.pop(path, None)
            self.left_out.pop(path, None)
            self.version += 1

    def put_field(self, path: FieldPath, held: IndexedField) -> None:
        """`held` has a column for every block."""
        with self.lock:
            self.fields[path] = held
            self.left_out.pop(path, None)
            self.version += 1
