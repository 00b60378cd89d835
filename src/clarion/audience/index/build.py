"""Fills an index from the database: all contacts, those that have changed, one more field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from psycopg import sql

from clarion.audience.fields import FieldType
from clarion.audience.index.chunk import column_of, encode, read_chunks, widen
from clarion.audience.index.columns import NO_MOMENT
from clarion.audience.index.copy_out import ahead
from clarion.audience.index.extract import CHUNK, Extract, read_ids
from clarion.audience.index.fields import OrderedField, TextField, TooManyValues, make_field
from clarion.audience.index.index import BLOCK, Index
from clarion.audience.index.reading import NotIndexable, Reading
from clarion.audience.index.statements import queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import psycopg

    from clarion.audience.contact_table import ContactTable
    from clarion.audience.fields import Field
    from clarion.audience.index.columns import Array
    from clarion.audience.index.fields import IndexedField
    from clarion.kernel.actor import WorkspaceId


#: Of more addresses it is faster to read all that are suppressed.
_MOST_ADDRESSES = 20_000


class Builder:
    """Reads for one workspace, in the transaction that its connection is in.

    That is a repeatable read: what the followers of changes have seen is then exactly what
    is in the index. While contacts stream in over it, `beside` is asked how to read them.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        beside: psycopg.Connection[Any],
        contacts: ContactTable,
        workspace_id: WorkspaceId,
        zone: str,
    ) -> None:
        self._connection = connection
        self._contacts = contacts
        self._workspace_id = workspace_id
        self._zone = ZoneInfo(zone)
        self._reading = Reading(beside, zone)

    def _extract(self, fields: Iterable[Field]) -> Extract:
        return Extract(self._contacts, self._workspace_id, tuple(fields), self._zone)

    def build(
        self,
        fields: Sequence[Field],
        *,
        memory: int | None = None,
        put_away: Callable[[Index], None] | None = None,
    ) -> Index:
        """Fields that would take more than `memory` bytes together are left out, largest first.
        `put_away` is called with each block that has come, to take its arrays out of memory."""
        index = Index(self._contacts)
        index.empty_fields(fields)
        # Counted before they stream in: then the connection is busy.
        total = self._count() if memory is not None else 0
        gathered = []
        for chunk in read_chunks(index, self._connection, self._extract(fields), self._reading):
            gathered.append(chunk)
            if sum(len(each.ids) for each in gathered) >= BLOCK:
                index.add(gathered)
                gathered = []
                if memory is not None:
                    self._fit(index, total, memory)
                if put_away is not None:
                    put_away(index)
        index.add(gathered)
        if memory is not None:
            self._fit(index, total, memory)
        self.suppress(index)
        index.find_shared()
        return index

    def _count(self) -> int:
        row = self._connection.execute(
            sql.SQL("select count(*) from {table} c where {in_workspace}").format(
                table=self._contacts.table, in_workspace=self._contacts.in_workspace
            ),
            {"workspace_id": self._workspace_id},
        ).fetchone()
        return int(row[0]) if row else 0

    def _fit(self, index: Index, contacts: int, memory: int) -> None:
        """As large as it will be with all contacts, as far as those that are in it tell."""
        times = max(1.0, contacts / max(1, len(index.live)))
        sizes = index.sizes()
        while sizes and times * sum(sizes.values()) > memory:
            largest = max(index.fields, key=lambda path: sizes[path], default=None)
            if largest is None:
                return
            index.leave_out(largest, "It takes more memory than AUDIENCE_INDEX__MEMORY_MB allows.")
            del sizes[largest]

    def suppress(self, index: Index) -> None:
        """All addresses that must not be written to, as they are now."""
        rows = self._connection.execute(
            queries.suppressed_addresses.sql, {"workspace_id": self._workspace_id}
        ).fetchall()
        with index.lock:
            for channel, held in index.channels.items():
                addresses = [address for of, address in rows if of == channel]
                held.suppress(np.asarray(addresses, dtype=np.int64), index.starts)
            index.version += 1

    def suppress_changed(self, index: Index, addresses: Sequence[str] | None) -> None:
        """Only those whose suppression may have changed; None when it may have for any."""
        if addresses is None or len(addresses) > _MOST_ADDRESSES:
            self.suppress(index)
        elif addresses:
            rows = self._connection.execute(
                queries.suppressed_among.sql,
                {"workspace_id": self._workspace_id, "noted": list(addresses)},
            ).fetchall()
            with index.lock:
                for channel, held in index.channels.items():
                    met = [
                        [address for of, address, is_on in rows if of == channel and is_on == on]
                        for on in (True, False)
                    ]
                    on, off = (np.unique(np.asarray(each, dtype=np.int64)) for each in met)
                    held.change_suppressed(on, off, index.starts)
                index.version += 1

    def change(
        self,
        index: Index,
        fields: Sequence[Field],
        ids: Sequence[str],
        *,
        instead_of: Sequence[int] = (),
        portion: int = CHUNK,
    ) -> int:
        """These contacts as they are now; those that are not there any more are struck. They are
        put in by `portion`, each of which is read while the one before is put in; when blocks are
        given up for them, `instead_of` whom, all at once.

        How many are there.
        """
        step = len(ids) if instead_of else portion
        portions = [ids[start : start + step] for start in range(0, len(ids), max(1, step))]
        extract = self._extract([each for each in fields if each.path in index.fields])
        read = ((some, list(extract.chunks(self._connection, some))) for some in portions or [[]])
        there = 0
        for some, tables in ahead(read):
            chunks = [encode(index, table, extract.fields, self._reading) for table in tables]
            changed = read_ids(pa.array(list(some), pa.string()), self._contacts.id_type)
            index.add(chunks, changed=changed, instead_of=instead_of)
            there += sum(len(chunk.ids) for chunk in chunks)
        return there

    def add_field(self, index: Index, added: Field) -> None:
        """One more field for all who are in the index; also one that has another type now."""
        held = make_field(added)
        nothing = {
            number: np.full(len(block.ids), -1, dtype=np.int64)
            for number, block in index.blocks.items()
        }
        # Values by the place of their contact: parts of what was read, then the place in them.
        encoded: list[Any] = []
        read = 0
        for table in self._extract([added]).chunks(self._connection):
            ids = read_ids(column_of(table, "id"), self._contacts.id_type)
            try:
                encoded.append(held.encode(column_of(table, "f0"), self._reading))
            except TooManyValues:
                wide = widen(held, added)
                if wide is None:
                    index.leave_out(added.path, "It has too many different values.")
                    return
                encoded = [wide.texts_of(each) for each in encoded]
                held = wide
                encoded.append(held.encode(column_of(table, "f0"), self._reading))
            except NotIndexable as reason:
                index.leave_out(added.path, str(reason))
                return
            order = np.argsort(ids)
            for number, block in index.blocks.items():
                places = np.searchsorted(block.ids, ids[order])
                places[places == len(block.ids)] = 0
                met = block.ids[places] == ids[order]
                nothing[number][places[met]] = read + order[met]
            read += len(ids)
        for number, block in index.blocks.items():
            column = held.column(_picked(encoded, nothing[number], held))
            held.put(number, block.start, column)
        index.put_field(added.path, held)


def _picked(encoded: Sequence[Any], places: Array, held: IndexedField) -> Any:
    """What was encoded at each of `places`; nothing at -1."""
    if isinstance(held, TextField):
        texts = pa.chunked_array(encoded, pa.string()).combine_chunks()
        return texts.take(pa.array(places, mask=places < 0))
    nothing: float = 0
    if isinstance(held, OrderedField):
        nothing = float("nan") if held.type is FieldType.NUMBER else NO_MOMENT
    kind = encoded[0].dtype if encoded else np.uint32
    values = np.concatenate([*encoded, np.asarray([nothing], dtype=kind)])
    # The last place is the nothing that was put there.
    return values[places]
