"""Reads contacts out of the database as columns of text, the fastest way there is: COPY."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import pyarrow as pa
from psycopg import sql
from pyarrow import csv

from clarion.audience.fields import FieldType
from clarion.audience.held_values import HeldValues, Parameters
from clarion.audience.index.copy_out import copied_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    import psycopg

    from clarion.audience.contact_table import ContactTable
    from clarion.audience.fields import Field
    from clarion.audience.index.columns import Array
    from clarion.kernel.actor import WorkspaceId

#: Contacts per table of columns: what is in memory as text at one time.
CHUNK = 1 << 17

ADDRESS_COLUMNS = ("sms_address", "sms_problem", "email_address", "email_problem")

_INTEGER_IDS = ("smallint", "integer", "bigint")

# Moments beyond are as far away as a filter can tell; infinity is not a moment that Arrow reads.
_FIRST_MOMENT, _LAST_MOMENT = "0002-01-01 00:00:00+00", "9998-12-31 00:00:00+00"

# OFFSET 0, so that an address is worked out once and not wherever it is used.
_ALL = """
copy (
  select {columns}
  from {table} c
  cross join lateral (select broadcast.to_email({email}::text) as address offset 0) mail
  left join broadcast.phone_numbers number
    on number.workspace_id = {workspace_id} and number.raw = {phone}::text
  where {in_workspace}
) to stdout (format csv)
"""

# The numbers of all of them at once: looking them up one by one takes longer than all the rest.
_SOME = """
copy (
  with picked as materialized (
    select * from {table} c where {in_workspace} and {some}
  ),
  number as materialized (
    select known.raw, known.e164, known.problem from broadcast.phone_numbers known
    where known.workspace_id = {workspace_id}
      and known.raw = any (array(select {phone}::text from picked c))
  )
  select {columns}
  from picked c
  cross join lateral (select broadcast.to_email({email}::text) as address offset 0) mail
  left join number on number.raw = {phone}::text
) to stdout (format csv)
"""

# Addresses as numbers: a phone number by its digits, an e-mail address by a 64-bit hash (that two
# of ten million differing ones have the same is three in a million).
_ADDRESSES = """
  substr(number.e164, 2), case when number.e164 is not null then null
    when coalesce(btrim({phone}::text), '') = '' then 'no_phone'
    when number.raw is null then 'unchecked_phone' else number.problem end,
  hashtextextended(mail.address, 0), case when mail.address is not null then null
    when coalesce(broadcast.trimmed({email}::text), '') = '' then 'no_email'
    else 'invalid_email' end
"""

#: For the transaction that reads all contacts: the dictionary of numbers is hashed.
_WORK_MEMORY = "256MB"


def is_moment(field: Field) -> bool:
    return field.source == "column" and field.type is FieldType.DATE


class Extract:
    """For one workspace and a choice of fields. Reads within the caller's transaction."""

    def __init__(
        self,
        contacts: ContactTable,
        workspace_id: WorkspaceId,
        fields: Sequence[Field],
        zone: ZoneInfo,
    ) -> None:
        self._contacts = contacts
        self._workspace_id = workspace_id
        self.fields = tuple(fields)
        self._zone = zone
        self.names = ["id", *(f"f{n}" for n in range(len(self.fields))), *ADDRESS_COLUMNS]

    def chunks(
        self, connection: psycopg.Connection[Any], ids: Sequence[str] | None = None
    ) -> Iterator[pa.Table]:
        """All contacts, or those of `ids` that there are; columns by `names`, all text."""
        connection.execute("set local timezone = 'UTC'")
        connection.execute("set local datestyle = 'ISO'")
        if ids is None:
            connection.execute(f"set local work_mem = '{_WORK_MEMORY}'")
        else:
            # For some, helpers of the server take more of its processors than they save time.
            connection.execute("set local max_parallel_workers_per_gather = 0")
        buffer = io.BytesIO()
        rows = 0
        for row in copied_rows(connection, self._statement(ids)):
            buffer.write(row)
            rows += 1
            if rows == CHUNK:
                yield self._table(buffer)
                buffer, rows = io.BytesIO(), 0
        if rows:
            yield self._table(buffer)

    def _table(self, buffer: io.BytesIO) -> pa.Table:
        text = pa.string()
        return csv.read_csv(
            pa.BufferReader(buffer.getbuffer()),
            read_options=csv.ReadOptions(column_names=self.names),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(self.names, text),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
            ),
        ).combine_chunks()

    def _statement(self, ids: Sequence[str] | None) -> sql.Composed:
        contacts = self._contacts
        some: sql.Composable = sql.SQL("")
        if ids is not None:
            some = sql.SQL("{} = any ({}::text[]::{}[])").format(
                contacts.id, _array(ids, contacts.id_type), contacts.id_type_sql
            )
        workspace_id = sql.Literal(self._workspace_id)
        columns = [
            sql.SQL("{}::text").format(contacts.id),
            *(self._expression(field) for field in self.fields),
            sql.SQL(_ADDRESSES).format(
                phone=contacts.phone_number, email=contacts.column(contacts.names.email)
            ),
        ]
        return sql.SQL(_ALL if ids is None else _SOME).format(
            columns=sql.SQL(", ").join(columns),
            table=contacts.table,
            workspace_id=workspace_id,
            phone=contacts.phone_number,
            email=contacts.column(contacts.names.email),
            in_workspace=(
                sql.SQL("true")
                if contacts.names.workspace is None
                else sql.SQL("{} = {}").format(
                    contacts.column(contacts.names.workspace), workspace_id
                )
            ),
            some=some,
        )

    def _expression(self, field: Field) -> sql.Composable:
        parameters = _Literals(prefix="")
        held = HeldValues(contacts=self._contacts, zone=self._zone, parameters=parameters)
        if is_moment(field):
            return sql.SQL(
                "case when {value} < {first} then {first} when {value} > {last} then {last}"
                " else {value} end"
            ).format(
                value=held.as_moment(field),
                first=sql.SQL("{}::timestamptz").format(sql.Literal(_FIRST_MOMENT)),
                last=sql.SQL("{}::timestamptz").format(sql.Literal(_LAST_MOMENT)),
            )
        if field.type is FieldType.LIST:
            if field.source == "column":
                return sql.SQL("to_jsonb({})").format(self._contacts.column(field.path[0]))
            return sql.SQL("{} #> {}::text[]").format(
                self._contacts.metadata, sql.Literal(list(field.path[1:]))
            )
        return held.as_text(field)


def _array(ids: Sequence[str], id_type: str) -> sql.Literal:
    if id_type == "uuid" or id_type in _INTEGER_IDS:
        # Nothing in them needs quotes, and looking for it in each takes longer than all the rest.
        return sql.Literal("{" + ",".join(ids) + "}")
    return sql.Literal(list(ids))


class _Literals(Parameters):
    """COPY takes no parameters: values are written out."""

    def bind(self, value: Any) -> sql.Composable:
        return sql.Literal(value)


def read_ids(texts: pa.Array, id_type: str) -> Array:
    """Ids in a form that sorts and compares as an array: 16 bytes, integers, or text."""
    if id_type == "uuid":
        _, _, data = texts.cast(pa.string()).buffers()
        if not len(texts):
            return np.zeros(0, dtype="S16")
        start = texts.offset * 36
        letters = np.frombuffer(data, dtype=np.uint8)[start : start + 36 * len(texts)]
        letters = np.delete(letters.reshape(-1, 36), [8, 13, 18, 23], axis=1)
        nibbles = np.where(letters >= ord("a"), letters - 87, letters - 48).astype(np.uint8)
        return np.ascontiguousarray(nibbles[:, ::2] << 4 | nibbles[:, 1::2]).view("S16").ravel()
    if id_type in _INTEGER_IDS:
        numbers: Array = texts.cast(pa.int64()).to_numpy()
        return numbers
    return np.asarray([text.encode() for text in texts.to_pylist()], dtype=np.bytes_)


def id_text(held: Any, id_type: str) -> str:
    """The id as the database writes it."""
    if id_type == "uuid":
        return str(UUID(bytes=bytes(held).ljust(16, b"\0")))
    return str(held) if id_type in _INTEGER_IDS else bytes(held).decode()
