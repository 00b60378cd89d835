"""A database full of sample contacts, as large as is asked for; and a DuckDB of the same."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from clarion.audience.binding import prepare_contact_table
from clarion.audience.contact_table import ContactNames
from clarion.audience.sample import sample_contacts
from clarion.db.migrations import migrate
from clarion.kernel.actor import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from pathlib import Path

#: All samples are made as of this moment, and all relative dates counted from it.
NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)

_INDEXES = "select indexdef, indexname from pg_indexes where tablename = 'contacts' and indexname <> 'contacts_pkey'"

# The carrier's way to write a number, for numbers that are American and nothing else: checking ten
# million with the library takes minutes and is not what is measured.
_NUMBERS = """
insert into broadcast.phone_numbers (workspace_id, raw, e164, problem)
select %(workspace)s, raw, case when good then '+1' || right(digits, 10) end,
  case when not good then 'invalid_phone' end
from (
  select raw, digits, digits ~ '^1?[2-9][0-9]{9}$' as good
  from (
    select distinct phone_number as raw, regexp_replace(phone_number, '[^0-9]', '', 'g') as digits
    from public.contacts where coalesce(btrim(phone_number), '') <> ''
  ) spellings
) read
"""

_OPT_OUTS = """
insert into broadcast.suppressions (workspace_id, channel, address, reason, source)
select %(workspace)s, 'sms', e164, 'opted_out', 'benchmark'
from (select distinct e164 from broadcast.phone_numbers where e164 is not null) numbers
where hashtext(e164) %% 50 = 0
"""


def fill(dsn: str, contacts: int) -> None:
    """Nothing when they are there already."""
    migrate(dsn, contacts_table="public.contacts")
    prepare_contact_table(dsn, ContactNames())
    with psycopg.connect(dsn) as connection:
        connection.execute("set synchronous_commit = off")
        row = connection.execute("select count(*) from public.contacts").fetchone()
        if row and row[0] == contacts:
            return
        began = time.perf_counter()
        connection.execute("truncate public.contacts cascade")
        connection.execute("truncate broadcast.phone_numbers, broadcast.suppressions")
        indexes = connection.execute(_INDEXES).fetchall()
        for _, name in indexes:
            connection.execute(sql.SQL("drop index public.{}").format(sql.Identifier(name)))
        connection.execute("alter table public.contacts disable trigger user")
        with connection.cursor().copy(
            "copy public.contacts (first_name, last_name, email, phone_number, metadata,"
            " created_at, updated_at) from stdin"
        ) as copy:
            for person in sample_contacts(contacts, now=NOW):
                copy.write_row(
                    (
                        person.first_name,
                        person.last_name,
                        person.email,
                        person.phone_number,
                        json.dumps(person.metadata),
                        person.created_at,
                        person.created_at,
                    )
                )
        print(f"copied {contacts:,} in {time.perf_counter() - began:.0f} s", flush=True)
        connection.execute("alter table public.contacts enable trigger user")
        connection.execute("set maintenance_work_mem = '1GB'")
        for definition, _ in indexes:
            connection.execute(definition.encode())
        print(f"indexed after {time.perf_counter() - began:.0f} s", flush=True)
        connection.execute(_NUMBERS, {"workspace": DEFAULT_WORKSPACE})
        connection.execute(_OPT_OUTS, {"workspace": DEFAULT_WORKSPACE})
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum analyze public.contacts")
        connection.execute("vacuum analyze broadcast.phone_numbers")
    print(f"filled after {time.perf_counter() - began:.0f} s", flush=True)


def fill_catalogue(dsn: str) -> None:
    """The keys of the sample's metadata, as the follower of the contacts finds them."""
    kinds = {
        "number": ("credit_score", "loan_amount"),
        "boolean": ("is_homeowner",),
        "list": ("tags",),
        "date": ("last_contacted_at", "appointment_at", "birthday"),
        "text": (
            "lead_source", "market", "product", "lead_status", "state", "city", "zip", "owner",
            "preferred_language", "conversation_status", "appointment_status", "campaign_code",
        ),
    }  # fmt: skip
    with psycopg.connect(dsn) as connection:
        for kind, keys in kinds.items():
            for key in keys:
                connection.execute(
                    "insert into broadcast.contact_fields (workspace_id, path, value_type, contacts)"
                    " values (%s, %s, %s, 1) on conflict do nothing",
                    [DEFAULT_WORKSPACE, [key], kind],
                )


_DUCK_COLUMNS = {
    "VARCHAR": (
        "lead_source", "market", "product", "lead_status", "state", "city", "zip", "owner",
        "preferred_language", "conversation_status", "appointment_status", "campaign_code",
    ),
    "DOUBLE": ("credit_score", "loan_amount"),
    "BOOLEAN": ("is_homeowner",),
    "TIMESTAMPTZ": ("last_contacted_at", "appointment_at", "birthday"),
    "VARCHAR[]": ("tags",),
}  # fmt: skip


def fill_duck(dsn: str, duck: Any, folder: Path) -> None:
    """The same contacts as typed columns: DuckDB at its best."""
    file = folder / "contacts.csv"
    keys = [key for of in _DUCK_COLUMNS.values() for key in of]
    names = ["first_name", "last_name", "email", "phone_number", "created_at", "updated_at"]
    wanted = ", ".join([*names, *(f"metadata ->> '{key}'" for key in keys)])
    with psycopg.connect(dsn) as connection, file.open("wb") as out:
        connection.execute("set timezone = 'America/Chicago'")
        statement = f"copy (select {wanted} from public.contacts) to stdout (format csv)"
        with connection.cursor().copy(statement.encode()) as copy:
            for row in copy:
                out.write(row)
    texts = dict.fromkeys([*names, *keys], "VARCHAR")
    types = {
        **dict.fromkeys(names[:4], "VARCHAR"),
        **dict.fromkeys(names[4:], "TIMESTAMPTZ"),
        **{f"metadata.{key}": kind for kind, of in _DUCK_COLUMNS.items() for key in of},
    }
    read = ", ".join(
        f'cast(list_transform(from_json({raw}, \'["VARCHAR"]\'), lambda x: lower(x)) as VARCHAR[]) as "{name}"'
        if kind == "VARCHAR[]"
        else f'cast({raw} as {kind}) as "{name}"'
        for raw, (name, kind) in zip([*names, *keys], types.items(), strict=True)
    )
    duck.execute("set timezone = 'America/Chicago'")
    duck.execute(
        f"create table contacts as select {read} from read_csv('{file}', header=false, columns={texts})"
    )
    file.unlink()
