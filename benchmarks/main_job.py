"""Figures of the main job, each a ratio within one run; prints the table of docs/benchmarks.md.

    .venv/bin/python benchmarks/main_job.py --contacts 100000 --messages 10000

On a machine with nothing else to do. The database is an embedded server of its own with fsync on.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import psycopg
from psycopg.types.json import Jsonb

from clarion.audience.binding import prepare_contact_table
from clarion.audience.contact_table import ContactNames
from clarion.audience.follow import follow
from clarion.audience.import_contacts import import_contacts
from clarion.audience.sample import sample_contacts
from clarion.broadcasts.broadcast import BroadcastType
from clarion.broadcasts.foresee import foresee
from clarion.broadcasts.service import BroadcastChange, StepChange
from clarion.db.embedded import running_server
from clarion.db.migrations import migrate
from clarion.db.workspaces import get_workspace
from clarion.kernel.actor import DEFAULT_WORKSPACE, Actor, Role
from clarion.kernel.clock import utc_now
from clarion.providers.sandbox.settings import SANDBOX_ACCOUNT_SID, SANDBOX_AUTH_TOKEN
from clarion.wiring.clarion import Clarion, running
from clarion.wiring.settings import SandboxSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from uuid import UUID

    from clarion.audience.filter_sql import CompiledFilter
    from clarion.db.connection import Connection

SANDBOX_PORT = 8_925

EVERYBODY: dict[str, Any] = {"match": "all", "conditions": []}
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
    parser.add_argument("--messages", type=int, default=10_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running_server(Path(name) / "postgres") as dsn:
        migrate(dsn, contacts_table="public.contacts")
        prepare_contact_table(dsn, ContactNames())
        settings = Settings(
            database_url=dsn,
            data_folder=Path(name),
            sandbox=SandboxSettings(
                url=f"http://127.0.0.1:{SANDBOX_PORT}", rate_per_second=Decimal(100_000)
            ),
        )
        with sandbox(settings):
            async with running(settings) as clarion, clarion.engine.opened():
                for line in await measure(clarion, arguments.contacts, arguments.messages):
                    print(line)


@contextmanager
def sandbox(settings: Settings) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "clarion.cli.main", "sandbox", "--port", str(SANDBOX_PORT)],
        env={
            **os.environ,
            "DATA_FOLDER": str(settings.data_folder),
            "SANDBOX__LATENCY_MS": "0",
            "SANDBOX__FAILURE_RATE": "0",
        },
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


async def measure(clarion: Clarion, contacts: int, messages: int) -> list[str]:
    lines = ["| figure | measured | against | ratio |", "|---|---|---|---|"]
    seconds = await timed(lambda: asyncio.to_thread(load, clarion.settings.database_url, contacts))
    lines.append(f"| import of {contacts:,} contacts | {contacts / seconds:,.0f}/s | | |")
    seconds = await timed(lambda: catch_up(clarion))
    lines.append(
        f"| numbers checked and fields found, once | {contacts / seconds:,.0f} contacts/s | | |"
    )
    lines += await count_audiences(clarion, contacts)
    lines += await send(clarion, messages)
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


async def send(clarion: Clarion, messages: int) -> list[str]:
    """One broadcast through saving, launch and sending; then the bare operations."""
    async with aiohttp.ClientSession() as session:
        for _ in range(200):
            try:
                # No receipts: nobody listens for them in this measurement.
                async with session.put(
                    f"{clarion.settings.sandbox.url}/sandbox/settings",
                    json={"drop_callbacks_rate": 1},
                ) as answer:
                    answer.raise_for_status()
                break
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
    step_id, broadcast_id = await draft(clarion, messages)
    saving = await timed(lambda: clarion.saver.save(DEFAULT_WORKSPACE, broadcast_id))
    await begin(clarion, step_id)
    launching = await timed(lambda: clarion.launcher.launch_step(step_id))
    sent = await count(clarion, "select count(*) as n from broadcast.messages")
    sending = await timed(lambda: send_all(clarion))
    accepted = await sandbox_count(clarion)
    if accepted != sent:
        raise SystemExit(f"{sent} messages, but the sandbox was given {accepted}")
    insert = await timed(lambda: bare_insert(clarion))
    post = await timed(lambda: bare_posts(clarion, sent))
    return [
        f"| recipients saved | {sent / saving:,.0f}/s | | |",
        (
            f"| launch of a step, {sent:,} messages | {sent / launching:,.0f}/s"
            f" | bare INSERT … SELECT {sent / insert:,.0f}/s | {insert / launching:.2f} |"
        ),
        (
            f"| SMS end to end, ledger on, {sent:,} messages | {sent / sending:,.0f}/s"
            f" | bare aiohttp POST loop {sent / post:,.0f}/s | {post / sending:.2f} |"
        ),
    ]


async def draft(clarion: Clarion, messages: int) -> tuple[UUID, UUID]:
    actor = Actor(workspace_id=DEFAULT_WORKSPACE, id="b", name="Benchmark", role=Role.ADMIN)
    async with clarion.database.as_workspace(DEFAULT_WORKSPACE) as connection:
        workspace = await get_workspace(connection, DEFAULT_WORKSPACE)
        cursor = await connection.execute(
            "select id::text as id from public.contacts order by id offset %s limit 1",
            [int(messages * 1.08)],
        )
        row = await cursor.fetchone()
        made = await clarion.broadcasts.create(
            connection,
            actor,
            workspace,
            name="Benchmark",
            broadcast_type=BroadcastType.SMS,
            now=utc_now(),
        )
        # As many contacts as are wanted, by marking them in their own metadata.
        if row is not None:
            await connection.execute(
                "update public.contacts set metadata = metadata || %s where id < %s::uuid",
                [Jsonb({"chosen": "yes"}), row["id"]],
            )
    await catch_up(clarion)
    async with clarion.database.as_workspace(DEFAULT_WORKSPACE) as connection:
        chosen = {"field": "metadata.chosen", "operator": "is", "value": "yes"}
        document = {"match": "all", "conditions": [chosen]} if row is not None else EVERYBODY
        made = await clarion.broadcasts.change(
            connection,
            workspace,
            made.id,
            BroadcastChange(version=made.version, filter=document),
            now=utc_now(),
        )
        body = "Hi {{ first_name | default: 'there' }}, your {{ metadata.product }} quote is ready."
        made = await clarion.broadcasts.change_step(
            connection,
            workspace,
            made.id,
            made.first_step.id,
            StepChange(version=made.version, body=body),
            now=utc_now(),
        )
        outlook = await foresee(
            connection,
            clarion.audience,
            workspace,
            made,
            rate_per_second=clarion.sms_rate,
            now=utc_now(),
        )
        await clarion.broadcasts.launch(
            connection,
            actor,
            workspace,
            made.id,
            version=made.version,
            expected_recipients=outlook.will_send,
            outlook=outlook,
            now=utc_now(),
        )
    return made.first_step.id, made.id


async def begin(clarion: Clarion, step_id: UUID) -> None:
    async with clarion.database.as_worker() as connection:
        cursor = await connection.execute(
            "select job_id from broadcast.broadcast_steps where id = %s", [step_id]
        )
        row = await cursor.fetchone()
        if row is not None:
            await clarion.queue.run(connection, [row["job_id"]], now=utc_now())


async def send_all(clarion: Clarion) -> None:
    """As the pump of one worker does it, until the last answer is written."""
    open_ones = (
        "select coalesce(sum(messages), 0)::int as n from broadcast.step_counts"
        " where status in ('pending', 'sending')"
    )
    pumping = asyncio.create_task(clarion.pump.run())
    while await count(clarion, open_ones):  # noqa: ASYNC110 - a table tells no event
        await asyncio.sleep(0.05)
    pumping.cancel()
    await asyncio.wait({pumping})


async def count(clarion: Clarion, statement: str) -> int:
    async with clarion.database.as_worker() as connection:
        cursor = await connection.execute(statement.encode())
        row = await cursor.fetchone()
    return 0 if row is None else int(row["n"])


async def sandbox_count(clarion: Clarion) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{clarion.settings.sandbox.url}/sandbox/summary") as answer,
    ):
        return int((await answer.json())["distinct_to"])


async def bare_insert(clarion: Clarion) -> None:
    """The same rows into a table of the same columns, without index, trigger or policy."""
    async with clarion.database.as_worker() as connection:
        await connection.execute("reset role")
        await connection.execute(
            "create table public.bare (like broadcast.messages including defaults)"
        )
        await connection.execute(
            """
            insert into public.bare
              (workspace_id, broadcast_id, step_id, recipient_id, contact_id, name, channel,
               address)
            select r.workspace_id, r.broadcast_id, s.id, r.id, r.contact_id, r.name, 'sms',
              r.sms_address
            from broadcast.broadcast_recipients r
            join broadcast.broadcast_steps s on s.broadcast_id = r.broadcast_id
            where r.sms_left_out is null
            """
        )


async def bare_posts(clarion: Clarion, messages: int) -> None:
    """What a script does: POST the same forms to the same sandbox, and keep no record."""
    url = f"{clarion.settings.sandbox.url}/2010-04-01/Accounts/{SANDBOX_ACCOUNT_SID}/Messages.json"
    numbers = iter(range(messages))
    authorization = aiohttp.encode_basic_auth(SANDBOX_ACCOUNT_SID, SANDBOX_AUTH_TOKEN)
    headers = {"Authorization": authorization}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def one_connection() -> None:
            for number in numbers:
                form = {
                    "To": f"+1512556{number % 10_000:04d}",
                    "From": "+15005550006",
                    "Body": "Hi there, your Solar panels quote is ready.",
                }
                async with session.post(url, data=form) as answer:
                    await answer.read()

        await asyncio.gather(*(one_connection() for _ in range(96)))


if __name__ == "__main__":
    asyncio.run(main())
