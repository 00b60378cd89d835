"""`clarion up`: everything on one machine, each part a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import psycopg
from psycopg import sql

from clarion.audience.binding import prepare_contact_table
from clarion.cli import sample as sample_data
from clarion.cli.sign_in import sign_in_link
from clarion.db.embedded import running_server
from clarion.db.migrations import migrate
from clarion.kernel.actor import DEFAULT_WORKSPACE, Actor, Role
from clarion.kernel.errors import Misconfigured
from clarion.wiring.secrets import sandbox_sendgrid_key, signing_secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from rich.console import Console

    from clarion.wiring.settings import Settings

_STARTS_WITHIN = 30.0
_STOPS_WITHIN = 12.0


async def run_up(settings: Settings, *, sample: int, stop: asyncio.Event, console: Console) -> None:
    began = time.monotonic()
    _refuse_taken_ports(settings)
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        if not settings.database_url:
            dsn = stack.enter_context(running_server(settings.data_folder.resolve() / "postgres"))
            settings = settings.model_copy(update={"database_url": dsn})
            marker = settings.data_folder / "database-url"
            marker.write_text(dsn, "utf-8")
            marker.chmod(0o600)
            stack.callback(marker.unlink, missing_ok=True)
        names = settings.contacts.names()
        for name in migrate(settings.database_url, contacts_table=names.table):
            console.print(f"Database: {name}", style="dim")
        prepare_contact_table(settings.database_url, names)
        if sample and not await asyncio.to_thread(_has_contacts, settings):
            console.print(f"Loading {sample:,} sample contacts", style="dim")
            await asyncio.to_thread(sample_data.load, settings, sample)
        # Made before the processes start, so that they find the same ones.
        signing_secret(settings)
        sandbox_sendgrid_key(settings)
        async with _processes(settings) as processes:
            await _wait_until_ready(settings, processes)
            actor = Actor(workspace_id=DEFAULT_WORKSPACE, id="admin", name="Admin", role=Role.ADMIN)
            link = await sign_in_link(settings, actor)
            _greet(settings, console, link, time.monotonic() - began)
            await _until_stopped(stop, processes)


def _refuse_taken_ports(settings: Settings) -> None:
    """Raises Misconfigured. Another Clarion there would answer, and be taken for this one."""
    places = [(settings.host, settings.port, "PORT")]
    for name, (address, *_) in _sandboxes(settings).items():
        where = urlsplit(address)
        setting = "SANDBOX__URL" if name == "sandbox" else "SANDBOX__FALLBACK_URL"
        places.append((where.hostname or "127.0.0.1", where.port or 80, setting))
    for host, port, setting in places:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            socket.create_server((host, port), family=family).close()
        except OSError as error:
            # Whatever else keeps it from being opened, the process itself will say.
            if error.errno == errno.EADDRINUSE:
                raise Misconfigured(
                    f"Another program uses port {port}: end it, or set {setting} to another one."
                ) from error


def _has_contacts(settings: Settings) -> bool:
    with psycopg.connect(settings.database_url) as connection:
        row = connection.execute(
            sql.SQL("select exists (select from {})").format(
                sql.Identifier(*settings.contacts.table.split("."))
            )
        ).fetchone()
    return row is not None and row[0] is True


@contextlib.asynccontextmanager
async def _processes(
    settings: Settings,
) -> AsyncIterator[dict[str, asyncio.subprocess.Process]]:
    """Sandbox, worker and API; at the end all are asked to stop, and then made to."""
    environment = {**os.environ, "DATABASE_URL": settings.database_url}
    commands = {"api": ["api"], "worker": ["worker"]}
    for name, (address, *options) in _sandboxes(settings).items():
        where = urlsplit(address)
        commands[name] = [
            "sandbox", "--host", where.hostname or "127.0.0.1", "--port", str(where.port or 80),
            *options,
        ]  # fmt: skip
    started: dict[str, asyncio.subprocess.Process] = {}
    try:
        for name, arguments in commands.items():
            started[name] = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "clarion.cli.main",
                *arguments,
                env=environment,
                # Ctrl-C reaches the whole group; the parts are stopped in order by us.
                start_new_session=True,
            )
        yield started
    finally:
        await asyncio.gather(*(_stop(process) for process in started.values()))


def _sandboxes(settings: Settings) -> dict[str, list[str]]:
    """The sandboxes that the settings need, by process: the address, and further options."""
    if settings.uses_twilio and _mails_leave(settings):
        return {}
    found = {"sandbox": [settings.sandbox.url]}
    if settings.sandbox.fallback_url:
        found["sandbox_fallback"] = [settings.sandbox.fallback_url, "--fallback"]
    return found


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOPS_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _wait_until_ready(
    settings: Settings, processes: dict[str, asyncio.subprocess.Process]
) -> None:
    addresses = [f"{settings.own_url}/ready"]
    addresses += [f"{address}/health" for address, *_ in _sandboxes(settings).values()]
    deadline = time.monotonic() + _STARTS_WITHIN
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        for address in addresses:
            while True:
                ended = [name for name, each in processes.items() if each.returncode is not None]
                if ended:
                    raise Misconfigured(
                        f"The {ended[0]} ended while starting; its last lines above say why."
                    )
                if await _answers(session, address):
                    break
                if time.monotonic() > deadline:
                    raise Misconfigured(f"{address} did not answer within {_STARTS_WITHIN:.0f} s.")
                await asyncio.sleep(0.05)


async def _answers(session: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with session.get(address) as response:
            return response.status == 200  # noqa: PLR2004
    except (aiohttp.ClientError, TimeoutError):
        return False


def _mails_leave(settings: Settings) -> bool:
    return settings.uses_sendgrid or settings.uses_smtp


def _greet(settings: Settings, console: Console, link: str, seconds: float) -> None:
    console.print(f"\nClarion runs (started in {seconds:.1f} s). Sign in once with this link:\n")
    # Never wrapped: a terminal makes the whole line a link.
    console.print(f"  {link}\n", soft_wrap=True, highlight=False, markup=False)
    if settings.uses_twilio:
        console.print("SMS go through Twilio: they reach phones and cost money.")
    else:
        what = "no SMS leaves" if _mails_leave(settings) else "nothing leaves"
        console.print(
            f"Sandbox: {what} this machine. What it was given: {settings.sandbox.url}",
            highlight=False,
        )
    if _mails_leave(settings):
        console.print(f"E-mails reach mailboxes. Through whom: {_command()} check")
    command = _command()
    for what, how in (
        ("API", f"{settings.base_url}/api/v1/docs"),
        ("A token for scripts", f"{command} token"),
        ("Another link", f"{command} token --link"),
        ("Stop", "Ctrl-C"),
    ):
        console.print(f"{what}: {how}", soft_wrap=True, highlight=False, markup=False)
    console.print()


def _command() -> str:
    """As it can be typed in the folder where it was started; a checkout is on nobody's PATH."""
    called = Path(sys.argv[0])
    if called.name != "clarion":
        return "clarion"
    here = Path.cwd()
    return str(called.relative_to(here)) if called.is_relative_to(here) else str(called)


async def _until_stopped(
    stop: asyncio.Event, processes: dict[str, asyncio.subprocess.Process]
) -> None:
    """Until somebody stops it, or a part ends by itself: then all of it ends, and says so."""
    waiting = {asyncio.create_task(each.wait()): name for name, each in processes.items()}
    stopping = asyncio.create_task(stop.wait())
    done, pending = await asyncio.wait({stopping, *waiting}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    ended = [waiting[task] for task in done if task in waiting]
    if ended and not stop.is_set():
        raise Misconfigured(f"The {ended[0]} has ended; its last lines above say why.")
