"""A connection whose other end has vanished is given up, on both sides of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.conninfo import conninfo_to_dict

from clarion.db.connection import with_keepalives
from clarion.kernel.actor import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from clarion.db.connection import Connection, Database

_SHOW = "select current_setting('idle_in_transaction_session_timeout') as held"


async def _held(connection: Connection) -> str:
    row = await (await connection.execute(_SHOW)).fetchone()
    assert row is not None
    return str(row["held"])


async def test_a_transaction_of_which_nothing_more_is_heard_gives_its_locks_up(
    database: Database,
) -> None:
    async with database.as_worker() as connection:
        assert await _held(connection) == "1min"
    async with database.as_workspace(DEFAULT_WORKSPACE) as connection:
        assert await _held(connection) == "1min"
    async with database._pool.connection() as connection:
        # Of the transaction, not of the connection, which a pooler may hand to somebody else.
        assert await _held(connection) == "0"


def test_what_the_connection_string_says_itself_counts() -> None:
    said = "postgresql://me:secret@db:6543/crm?connect_timeout=3&sslmode=require"
    found = conninfo_to_dict(with_keepalives(said))
    assert found["connect_timeout"] == "3"
    assert (found["user"], found["password"], found["host"]) == ("me", "secret", "db")
    assert (found["port"], found["dbname"], found["sslmode"]) == ("6543", "crm", "require")
    assert found["tcp_user_timeout"] == "20000"
    assert conninfo_to_dict(with_keepalives(""))["keepalives_idle"] == "10"
