"""Clarion on a database and a sandbox of its own, and a broadcast in it: what the measurements share."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from main_job import catch_up, load

from clarion.audience.binding import prepare_contact_table
from clarion.audience.contact_table import ContactNames
from clarion.broadcasts.broadcast import BroadcastType
from clarion.broadcasts.foresee import foresee
from clarion.broadcasts.service import BroadcastChange
from clarion.broadcasts.step_change import StepChange
from clarion.db.embedded import running_server
from clarion.db.migrations import migrate
from clarion.db.workspaces import get_workspace, set_sender
from clarion.kernel.actor import DEFAULT_WORKSPACE, Actor, Role
from clarion.kernel.clock import utc_now
from clarion.wiring.clarion import Clarion, running
from clarion.wiring.settings import SandboxSettings, Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from uuid import UUID

    from clarion.broadcasts.broadcast import Broadcast

SANDBOX_PORT = 8_925
SANDBOX = f"http://127.0.0.1:{SANDBOX_PORT}"

ACTOR = Actor(workspace_id=DEFAULT_WORKSPACE, id="b", name="Benchmark", role=Role.ADMIN)
EVERYBODY: dict[str, Any] = {"match": "all", "conditions": []}
BODY = "Hi {{ first_name | default: 'there' }}, your {{ metadata.product }} quote is ready."

#: No lane is what holds a measurement up.
FAST = Decimal(100_000)


@asynccontextmanager
async def ready(contacts: int, **settings: Any) -> AsyncIterator[Clarion]:
    """Clarion with so many contacts, on a server and a sandbox of its own; messages leave at any
    hour."""
    with tempfile.TemporaryDirectory() as name, running_server(Path(name) / "postgres") as dsn:
        migrate(dsn, contacts_table="public.contacts")
        prepare_contact_table(dsn, ContactNames())
        made = Settings(
            database_url=dsn,
            data_folder=Path(name),
            sandbox=SandboxSettings(url=SANDBOX, rate_per_second=FAST),
            **settings,
        )
        quick = {
            f"SANDBOX__{of}": "0"
            for of in ("LATENCY_MS", "FAILURE_RATE", "OPEN_RATE", "CLICK_RATE")
        }
        with process(made, "sandbox", "--port", str(SANDBOX_PORT), **quick):
            async with running(made) as clarion, clarion.engine.opened():
                await asyncio.to_thread(load, dsn, contacts)
                await catch_up(clarion)
                await _prepare(clarion)
                await answering(f"{SANDBOX}/sandbox/summary")
                await _no_receipts()
                yield clarion


async def _prepare(clarion: Clarion) -> None:
    async with clarion.database.as_worker() as connection:
        await connection.execute(
            "update broadcast.workspaces set sending_from = null, sending_until = null"
        )
        await set_sender(
            connection,
            DEFAULT_WORKSPACE,
            company_name="Benchmark",
            postal_address="1 Main Street, Austin",
        )


async def _no_receipts() -> None:
    """Nobody listens for them in these measurements."""
    async with (
        aiohttp.ClientSession() as session,
        session.put(f"{SANDBOX}/sandbox/settings", json={"drop_callbacks_rate": 1}) as answer,
    ):
        answer.raise_for_status()


@contextmanager
def process(settings: Settings, *command: str, **environment: str) -> Iterator[None]:
    started = subprocess.Popen(
        [sys.executable, "-m", "clarion.cli.main", *command],
        env={
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "DATA_FOLDER": str(settings.data_folder),
            "SANDBOX__URL": SANDBOX,
            "SANDBOX__RATE_PER_SECOND": str(settings.sandbox.rate_per_second),
            **environment,
        },
    )
    try:
        yield
    finally:
        started.terminate()
        started.wait()


async def answering(address: str) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(6_000):
            try:
                async with session.get(address) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.05)
    raise SystemExit(f"{address} does not answer.")


async def launched(
    clarion: Clarion, kind: BroadcastType = BroadcastType.SMS, *steps: dict[str, Any]
) -> Broadcast:
    """To everybody, from the moment at which a person has clicked; nobody is saved yet. `steps` hold
    what changes of each; none: one SMS."""
    async with clarion.database.as_workspace(DEFAULT_WORKSPACE) as connection:
        workspace = await get_workspace(connection, DEFAULT_WORKSPACE)
        made = await clarion.broadcasts.create(
            connection, ACTOR, workspace, name="Benchmark", broadcast_type=kind, now=utc_now()
        )
        made = await clarion.broadcasts.change(
            connection,
            workspace,
            made.id,
            BroadcastChange(version=made.version, filter=EVERYBODY),
            now=utc_now(),
        )
        for place, given in enumerate(steps or ({"body": BODY},)):
            if place:
                made = await clarion.broadcasts.steps.add(
                    connection, ACTOR, workspace, made.id, version=made.version, now=utc_now()
                )
            made = await clarion.broadcasts.steps.change(
                connection,
                ACTOR,
                workspace,
                made.id,
                made.steps[place].id,
                StepChange(version=made.version, **given),
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
        return await clarion.broadcasts.launch(
            connection,
            ACTOR,
            workspace,
            made.id,
            version=made.version,
            expected_recipients=outlook.will_send,
            outlook=outlook,
            now=utc_now(),
        )


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


async def summary() -> dict[str, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{SANDBOX}/sandbox/summary") as answer,
    ):
        told: dict[str, Any] = await answer.json()
    return told
