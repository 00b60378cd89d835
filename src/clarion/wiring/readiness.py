"""Whether a process can do its work now: the database answers and has every migration."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
from psycopg_pool import PoolTimeout

from clarion.db.migrations import missing_migrations

if TYPE_CHECKING:
    from clarion.db.connection import Database

#: Probes give up soon after.
ANSWERS_WITHIN = 2.0


class Readiness:
    """Asked by load balancers and by whoever starts the processes, every few seconds."""

    def __init__(self, database: Database, *, within: float = ANSWERS_WITHIN) -> None:
        self._database = database
        self._within = within
        self._migrated = False

    async def problem(self) -> str | None:
        """What is in the way, in words; None when nothing is. Answers within two seconds."""
        try:
            async with asyncio.timeout(self._within):
                return await self._look()
        except TimeoutError:
            return f"The database does not answer within {self._within:g} s."
        except (psycopg.OperationalError, PoolTimeout):
            return "The database cannot be reached."

    async def _look(self) -> str | None:
        if not self._migrated:
            missing = await missing_migrations(self._database.dsn)
            if missing:
                return f"Run `clarion migrate`: {', '.join(missing)} is missing."
            # What is applied stays applied, and this process knows no more than it does now.
            self._migrated = True
        async with self._database.as_worker() as connection:
            await connection.execute("select 1")
        return None
