"""Contacts on their way into the index: read out of the database and encoded, not yet in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from clarion.audience.fields import Field, FieldType
from clarion.audience.index.copy_out import ahead
from clarion.audience.index.extract import Extract, read_ids
from clarion.audience.index.fields import CodedField, TextField, TooManyValues
from clarion.audience.index.reading import NotIndexable
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg

    from clarion.audience.index.columns import Array
    from clarion.audience.index.fields import IndexedField
    from clarion.audience.index.index import Index
    from clarion.audience.index.reading import Reading
    from clarion.kernel.field_path import FieldPath


@dataclass(slots=True)
class Chunk:
    """`values` per field as its field encodes them: codes, numbers, moments, or lowered texts."""

    ids: Array
    values: dict[FieldPath, Any] = field(default_factory=dict)
    addresses: dict[Channel, Array] = field(default_factory=dict)
    problems: dict[Channel, pa.Array] = field(default_factory=dict)


def read_chunks(
    index: Index,
    connection: psycopg.Connection[Any],
    extract: Extract,
    reading: Reading,
    ids: Sequence[str] | None = None,
) -> Iterator[Chunk]:
    """All contacts, or those of `ids`; the dictionaries of the index learn what is new in them.
    The database goes on reading while a chunk is worked on."""
    for table in ahead(extract.chunks(connection, ids)):
        yield encode(index, table, extract.fields, reading)


def encode(index: Index, table: pa.Table, fields: Sequence[Field], reading: Reading) -> Chunk:
    chunk = Chunk(ids=read_ids(column_of(table, "id"), index.contacts.id_type))
    for number, each in enumerate(fields):
        if (held := index.fields.get(each.path)) is None:
            continue
        texts = column_of(table, f"f{number}")
        try:
            chunk.values[each.path] = held.encode(texts, reading)
        except TooManyValues:
            wide = widen(held, each)
            if wide is None:
                index.leave_out(each.path, "It has too many different values.")
            else:
                index.put_field(each.path, wide)
                chunk.values[each.path] = wide.encode(texts, reading)
        except NotIndexable as reason:
            index.leave_out(each.path, str(reason))
    for channel in Channel:
        addresses = column_of(table, f"{channel}_address").cast(pa.int64())
        chunk.addresses[channel] = compute.fill_null(addresses, 0).to_numpy()
        chunk.problems[channel] = column_of(table, f"{channel}_problem")
    return chunk


def widen(held: IndexedField, each: Field) -> TextField | None:
    """A field whose dictionary has grown too large, kept as texts from now on."""
    if each.type is not FieldType.TEXT or not isinstance(held, CodedField):
        return None
    wide = TextField(was=held.dictionary)
    wide.nobodys = held.nobodys
    for block, column in held.columns.items():
        wide.columns[block] = wide.column(wide.texts_of(column.codes))
    return wide


def column_values(
    held: IndexedField, path: FieldPath, chunks: Sequence[Chunk], order: Array
) -> Any:
    """What all the chunks hold in a field, in `order`."""
    values = [chunk.values[path] for chunk in chunks]
    if isinstance(held, TextField):
        texts = [held.texts_of(each) if isinstance(each, np.ndarray) else each for each in values]
        return pa.chunked_array(texts, pa.string()).combine_chunks().take(pa.array(order))
    return np.concatenate(values)[order]


def column_of(table: pa.Table, name: str) -> pa.Array:
    """Of a table in one piece."""
    held = table.column(name)
    return held.chunk(0) if held.num_chunks else pa.array([], held.type)
