"""The pool, and transactions in which row-level security knows who acts."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import psycopg

    from clarion.kernel.actor import WorkspaceId

Connection = AsyncConnection[DictRow]
Row = dict[str, Any]

#: Supavisor's and PgBouncer's usual port in transaction mode: no prepared statements there.
TRANSACTION_POOLER_PORT = "6543"

#: A connection whose other end has vanished (a link is cut, a host lost its power) is given up
#: after twenty seconds instead of two hours. What the connection string says itself counts more.
_GIVEN_UP = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,
}

#: The same, seen from the database: so long it keeps the locks of a transaction of which it hears
#: nothing more. No transaction of ours thinks for longer between two statements.
_LOCKS_HELD = "60s"

_SEARCH_PATH = "broadcast, procrastinate, public, pg_temp"

# One round trip: the settings are local to the transaction, so a pooled connection never
# carries one caller's rights to the next.
_BECOME = """
select set_config('role', %(role)s, true),
       set_config('clarion.workspace_id', %(workspace_id)s, true),
       set_config('search_path', %(search_path)s, true)
"""


# What a pool's transactions add to it, in the same round trip.
_BECOME_BRIEFLY = f"""{_BECOME.rstrip()},
       set_config('idle_in_transaction_session_timeout', '{_LOCKS_HELD}', true)
"""


def become_worker(connection: psycopg.Connection[Any]) -> None:
    """For the rest of the transaction: sees every workspace, as `Database.as_worker` does."""
    connection.execute(
        _BECOME, {"role": "clarion_worker", "workspace_id": "", "search_path": _SEARCH_PATH}
    )


def is_transaction_pooler(dsn: str) -> bool:
    return str(conninfo_to_dict(dsn).get("port") or "") == TRANSACTION_POOLER_PORT


def with_keepalives(dsn: str) -> str:
    """The connection string of a process that notices when its database is out of reach."""
    given = conninfo_to_dict(dsn)
    return make_conninfo(
        dsn, **{name: value for name, value in _GIVEN_UP.items() if name not in given}
    )


class Database:
    """A pool of connections to one database; open it once per process and close it at the end."""

    def __init__(self, dsn: str, *, max_connections: int = 12) -> None:
        self.dsn = dsn
        options: dict[str, Any] = {"row_factory": dict_row, "autocommit": False}
        if is_transaction_pooler(dsn):
            options["prepare_threshold"] = None
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            with_keepalives(dsn),
            connection_class=AsyncConnection[DictRow],
            min_size=1,
            max_size=max_connections,
            kwargs=options,
            open=False,
            name="clarion",
        )

    async def open(self) -> None:
        await self._pool.open(wait=True, timeout=20)

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def as_workspace(self, workspace_id: WorkspaceId) -> AsyncIterator[Connection]:
        """One transaction that sees the rows of one workspace and no other."""
        async with self._acting("clarion_app", str(workspace_id)) as connection:
            yield connection

    @asynccontextmanager
    async def as_worker(self) -> AsyncIterator[Connection]:
        """One transaction that sees every workspace: for jobs, sweeps and callbacks."""
        async with self._acting("clarion_worker", "") as connection:
            yield connection

    @asynccontextmanager
    async def _acting(self, role: str, workspace_id: str) -> AsyncIterator[Connection]:
        async with self._pool.connection() as connection:
            await connection.execute(
                _BECOME_BRIEFLY,
                {"role": role, "workspace_id": workspace_id, "search_path": _SEARCH_PATH},
            )
            yield connection
