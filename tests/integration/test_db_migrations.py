from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from clarion.db.migrations import known_migrations, migrate, pending_migrations

_LEDGER = "select version, name, statements from supabase_migrations.schema_migrations order by 1"

_SHAPE = """
select table_schema, table_name, column_name, data_type, is_nullable, column_default
from information_schema.columns
where table_schema in ('broadcast', 'procrastinate', 'public', 'supabase_migrations')
order by 1, 2, ordinal_position
"""


def rows(dsn: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_a_new_database_gets_every_file_in_the_order_of_its_name(empty_dsn: str) -> None:
    told: list[str] = []
    names = [each.name for each in known_migrations()]
    assert pending_migrations(empty_dsn) == names
    done = migrate(empty_dsn, contacts_table="public.contacts", applied=told.append)
    assert done == [*names, "queue engine"]
    assert told == names
    assert pending_migrations(empty_dsn) == []


def test_the_files_are_sorted_and_their_versions_differ() -> None:
    versions = [each.version for each in known_migrations()]
    assert len(versions) >= 5
    assert versions == sorted(set(versions))
    assert all(len(version) == 14 and version.isdigit() for version in versions)


def test_the_ledger_is_the_one_of_supabase_with_a_row_per_file(empty_dsn: str) -> None:
    migrate(empty_dsn, contacts_table="public.contacts")
    assert rows(empty_dsn, _LEDGER) == [
        (each.version, each.name, [each.sql]) for each in known_migrations()
    ]


def test_a_second_run_changes_nothing(dsn: str) -> None:
    before = rows(dsn, _SHAPE), rows(dsn, _LEDGER)
    assert migrate(dsn, contacts_table="public.contacts") == []
    assert (rows(dsn, _SHAPE), rows(dsn, _LEDGER)) == before


def test_two_at_once_apply_each_file_once(empty_dsn: str) -> None:
    def run(_: int) -> list[str]:
        return migrate(empty_dsn, contacts_table="public.contacts")

    with ThreadPoolExecutor(max_workers=3) as pool:
        done = [name for names in pool.map(run, range(3)) for name in names]
    assert done == [*(each.name for each in known_migrations()), "queue engine"]
    assert len(rows(empty_dsn, _LEDGER)) == len(known_migrations())


def test_what_supabase_has_applied_already_is_left_out(empty_dsn: str) -> None:
    migrate(empty_dsn, contacts_table="public.contacts")
    gone = next(each for each in known_migrations() if each.name == "templates")
    with psycopg.connect(empty_dsn) as connection:
        connection.execute("drop table broadcast.templates cascade")
        connection.execute(
            "delete from supabase_migrations.schema_migrations where version = %s", [gone.version]
        )
    assert migrate(empty_dsn, contacts_table="public.contacts") == [gone.name]


def test_a_file_that_fails_leaves_nothing_of_itself_and_no_row(empty_dsn: str) -> None:
    with psycopg.connect(empty_dsn) as connection:
        # In the way of the third file, which makes this table.
        connection.execute("create schema broadcast")
        connection.execute("create table broadcast.lanes (id integer)")
    with pytest.raises(psycopg.errors.DuplicateTable):
        migrate(empty_dsn, contacts_table="public.contacts")
    assert [name for _, name, _ in rows(empty_dsn, _LEDGER)] == ["broadcast_schema", "contacts"]
    assert rows(empty_dsn, "select to_regclass('broadcast.broadcasts')") == [(None,)]
    with psycopg.connect(empty_dsn) as connection:
        connection.execute("drop table broadcast.lanes")
    assert migrate(empty_dsn, contacts_table="public.contacts")[0] == "broadcasts"


def test_contacts_are_not_made_where_the_crm_has_another_table(empty_dsn: str) -> None:
    migrate(empty_dsn, contacts_table="crm.people")
    assert rows(empty_dsn, "select to_regclass('public.contacts')") == [(None,)]


def test_contacts_that_are_there_stay_as_they_are(empty_dsn: str) -> None:
    with psycopg.connect(empty_dsn) as connection:
        connection.execute("create table public.contacts (id bigint primary key, mail text)")
        connection.execute("insert into public.contacts values (7, 'ann@example.com')")
    migrate(empty_dsn, contacts_table="public.contacts")
    assert rows(empty_dsn, "select * from public.contacts") == [(7, "ann@example.com")]


def test_new_ids_are_version_7_and_sort_by_time(dsn: str) -> None:
    found = [
        str(value)
        for (value,) in rows(
            dsn,
            "select broadcast.new_id() from generate_series(1, 3), pg_sleep(0.002) order by 1",
        )
    ]
    assert len(set(found)) == 3
    assert {each[14] for each in found} == {"7"}
    assert {each[19] for each in found} <= set("89ab")
    (milliseconds,) = rows(dsn, "select (extract(epoch from now()) * 1000)::bigint")[0]
    assert abs(int(found[0].replace("-", "")[:12], 16) - milliseconds) < 60_000
