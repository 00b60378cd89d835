"""Applies the SQL files of supabase/migrations once each, and Procrastinate's own schema."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql

from clarion.kernel.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable

# Any number that no other program takes for its advisory locks; two migrations never run at once.
_LOCK = 4_127_300_117

_FILE = re.compile(r"^(\d{14})_(.+)\.sql$")

#: Inside an installed wheel the files lie beside the package, in a checkout at its root.
_PLACES = (
    Path(__file__).parents[1] / "supabase" / "migrations",
    Path(__file__).parents[3] / "supabase" / "migrations",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """`version` is the 14 digits of the file name, as in Supabase's own ledger."""

    version: str
    name: str
    sql: str


def known_migrations() -> list[Migration]:
    folder = next((place for place in _PLACES if place.is_dir()), None)
    if folder is None:
        raise Misconfigured("The folder supabase/migrations is missing from this installation.")
    found = []
    for path in sorted(folder.iterdir()):
        match = _FILE.match(path.name)
        if match is None:
            raise Misconfigured(f"{path.name} is not named <14 digits>_<name>.sql.")
        found.append(Migration(version=match[1], name=match[2], sql=path.read_text("utf-8")))
    return found


def migrate(
    dsn: str, *, contacts_table: str, applied: Callable[[str], None] | None = None
) -> list[str]:
    """Bring the database up to date; the names of what was applied, in order.

    Each file is one transaction, written into `supabase_migrations.schema_migrations`, so that
    `supabase db push` and this agree on what is done. Safe to call from many processes at once.
    """
    done: list[str] = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_LOCK])
        try:
            connection.execute(
                "select set_config('clarion.contacts_table', %s, false)", [contacts_table]
            )
            _make_ledger(connection)
            versions = _applied_versions(connection)
            for migration in known_migrations():
                if migration.version in versions:
                    continue
                _apply(connection, migration)
                done.append(migration.name)
                if applied is not None:
                    applied(migration.name)
            if _prepare_queue_engine(connection):
                done.append("queue engine")
        finally:
            connection.execute("select pg_advisory_unlock(%s)", [_LOCK])
    return done


def pending_migrations(dsn: str) -> list[str]:
    """The names of the files that the database does not have yet."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        versions = _applied_versions(connection) if _has_ledger(connection) else set()
    return [each.name for each in known_migrations() if each.version not in versions]


async def missing_migrations(dsn: str) -> list[str]:
    """The same, for a process that serves others meanwhile."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        ledger = await connection.execute(
            "select to_regclass('supabase_migrations.schema_migrations') is not null"
        )
        versions = set()
        if await ledger.fetchone() == (True,):
            applied = await connection.execute(
                "select version from supabase_migrations.schema_migrations"
            )
            versions = {str(version) for (version,) in await applied.fetchall()}
    return [each.name for each in known_migrations() if each.version not in versions]


def _has_ledger(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    row = connection.execute(
        "select to_regclass('supabase_migrations.schema_migrations') is not null"
    ).fetchone()
    return row is not None and row[0] is True


def _make_ledger(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    if _has_ledger(connection):
        return
    connection.execute("create schema if not exists supabase_migrations")
    connection.execute(
        """
        create table if not exists supabase_migrations.schema_migrations (
          version text primary key, statements text[], name text
        )
        """
    )


def _applied_versions(connection: psycopg.Connection[tuple[object, ...]]) -> set[str]:
    found = connection.execute("select version from supabase_migrations.schema_migrations")
    return {str(version) for (version,) in found}


def _apply(connection: psycopg.Connection[tuple[object, ...]], migration: Migration) -> None:
    with connection.transaction():
        # The file is ours, not input; psycopg asks for a literal to keep input out.
        connection.execute(migration.sql)
        connection.execute("reset lock_timeout")
        connection.execute(
            """
            insert into supabase_migrations.schema_migrations (version, statements, name)
            values (%s, array[%s], %s)
            """,
            [migration.version, migration.sql, migration.name],
        )


def _prepare_queue_engine(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Procrastinate's tables, from its own package, in a schema that no REST API exposes."""
    row = connection.execute(
        "select to_regclass('procrastinate.procrastinate_jobs') is not null"
    ).fetchone()
    if row is not None and row[0] is True:
        return False
    schema = SchemaManager.get_schema()
    with connection.transaction():
        connection.execute("create schema if not exists procrastinate")
        connection.execute("set local search_path = procrastinate, pg_temp")
        connection.execute(schema)
        for role in ("clarion_app", "clarion_worker"):
            for grant in (
                "grant usage on schema procrastinate to {}",
                "grant select, insert, update, delete on all tables in schema procrastinate to {}",
                "grant usage, select on all sequences in schema procrastinate to {}",
            ):
                connection.execute(sql.SQL(grant).format(sql.Identifier(role)))
    return True
