"""Figures of import and of counts that PostgreSQL makes, each a ratio within one run; prints the table
of docs/benchmarks.md. What becomes of a broadcast is measured by benchmarks/delivery.py.

    .venv/bin/python benchmarks/main_job.py --contacts 1000000

On a machine with nothing else to do. The database is an embedded server of its own with fsync on.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from clarion.audience.binding import prepare_contact_table
from clarion.audience.contact_table import ContactNames
from clarion.audience.follow import follow
from clarion.audience.import_contacts import import_contacts
from clarion.audience.sample import sample_contacts
from clarion.db.embedded import running_server
from clarion.db.migrations import migrate
from clarion.db.workspaces import get_workspace
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.clock import utc_now
from clarion.wiring.clarion import Clarion, running
from clarion.wiring.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from clarion.audience.filter_sql import CompiledFilter
    from clarion.db.connection import Connection

FILTERS: dict[str, dict[str, Any]] = {
    "one text": {"field": "metadata.state", "operator": "is_one_of", "value": ["TX", "FL"]},
    "a number": {"field": "metadata.credit_score", "operator": "at_least", "value": 700},
    "a list": {"field": "metadata.tags", "operator": "has_any_of", "value": ["homeowner"]},
    "a date": {"field": "created_at", "operator": "in_last_days", "value": 365},
    "contains": {"field": "email", "operator": "contains", "value": "maria"},
}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running_server(Path(name) / "postgres") as dsn:
        migrate(dsn, contacts_table="public.contacts")
        prepare_contact_table(dsn, ContactNames())
        settings = Settings(database_url=dsn, data_folder=Path(name))
        async with running(settings) as clarion:
            for line in await measure(clarion, arguments.contacts):
                print(line)


async def measure(clarion: Clarion, contacts: int) -> list[str]:
    lines = ["| figure | measured | against | ratio |", "|---|---|---|---|"]
    seconds = await timed(lambda: asyncio.to_thread(load, clarion.settings.database_url, contacts))
    lines.append(f"| import of {contacts:,} contacts | {contacts / seconds:,.0f}/s | | |")
    seconds = await timed(lambda: catch_up(clarion))
    lines.append(
        f"| numbers checked and fields found, once | {contacts / seconds:,.0f} contacts/s | | |"
    )
    lines += await count_audiences(clarion, contacts)
    return lines


def load(dsn: str, contacts: int) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    import_contacts(dsn, ContactNames(), DEFAULT_WORKSPACE, sample_contacts(contacts, now=now))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum analyze")


async def catch_up(clarion: Clarion) -> None:
    async with clarion.database.as_worker() as connection:
        workspace = await get_workspace(connection, DEFAULT_WORKSPACE)
    while await follow(clarion.database, clarion.audience.store, workspace, now=utc_now()):
        pass


async def timed(run: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await run()
    return time.perf_counter() - began


async def median_of(run: Callable[[], Awaitable[object]], times: int = 7) -> float:
    await run()
    return statistics.median([await timed(run) for _ in range(times)])


async def count_audiences(clarion: Clarion, contacts: int) -> list[str]:
    lines = []
    async with clarion.database.as_workspace(DEFAULT_WORKSPACE) as connection:
        workspace = await get_workspace(connection, DEFAULT_WORKSPACE)

        async def plain() -> None:
            await connection.execute("select count(*) from public.contacts")

        bare = await median_of(plain)
        for name, condition in FILTERS.items():
            document = {"match": "all", "conditions": [condition]}
            compiled = await clarion.audience.read(connection, workspace, document)
            count, reach = await count_one(clarion, connection, compiled)
            lines.append(
                f"| exact count, {name}, {contacts:,} contacts | {count * 1000:.0f} ms"
                f" (with reasons {reach * 1000:.0f} ms) | bare count(*) {bare * 1000:.0f} ms"
                f" | {count / bare:.1f} |"
            )
    return lines


async def count_one(
    clarion: Clarion, connection: Connection, compiled: CompiledFilter
) -> tuple[float, float]:
    store = clarion.audience.store
    return (
        await median_of(lambda: store.count(connection, DEFAULT_WORKSPACE, compiled)),
        await median_of(lambda: store.reach(connection, DEFAULT_WORKSPACE, compiled)),
    )


if __name__ == "__main__":
    asyncio.run(main())
