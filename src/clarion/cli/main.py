"""The commands of `clarion`, each a few lines over the rooms."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import psycopg
import typer
import uvicorn
from psycopg_pool import PoolTimeout
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from clarion.api import identity
from clarion.api.app import make_app
from clarion.audience.binding import prepare_contact_table
from clarion.audience.csv_contacts import read_contacts
from clarion.audience.import_contacts import import_contacts
from clarion.cli import sample as sample_data
from clarion.cli.check import check_everything, reason_of
from clarion.cli.logs import set_up_logging
from clarion.cli.sign_in import sign_in_link
from clarion.cli.up import run_up
from clarion.db.embedded import running_server
from clarion.db.migrations import migrate as apply_migrations
from clarion.kernel.actor import DEFAULT_WORKSPACE, Actor, Role
from clarion.kernel.clock import utc_now
from clarion.kernel.errors import ClarionError
from clarion.providers.sandbox.server import serve
from clarion.wiring.clarion import running
from clarion.wiring.heartbeats import Heartbeats
from clarion.wiring.providers import sandbox_behaviour
from clarion.wiring.readiness import Readiness
from clarion.wiring.secrets import has_secret, signing_secret
from clarion.wiring.settings import Settings
from clarion.wiring.worker import work
from clarion.wiring.worker_health import serving_health

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

app = typer.Typer(
    help="Broadcasts for a CRM that lives in PostgreSQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
contacts = typer.Typer(help="Put contacts into the contacts table.", no_args_is_help=True)
app.add_typer(contacts, name="contacts")

console = Console()
errors = Console(stderr=True)
log = logging.getLogger("clarion.cli")

_FAULTS_SHOWN = 20


def main() -> None:
    """Errors of ours are sentences, not tracebacks."""
    try:
        app(standalone_mode=True)
    except ClarionError as error:
        errors.print(error.detail, style="bold red", highlight=False, markup=False)
        # A fault that is alone is the sentence itself.
        if [fault.detail for fault in error.faults] != [error.detail]:
            for fault in error.faults[:_FAULTS_SHOWN]:
                errors.print(f"  {fault.pointer}: {fault.detail}", highlight=False, markup=False)
        sys.exit(1)
    except ValidationError as error:
        errors.print("[bold red]The settings are not right:[/]")
        for each in error.errors():
            name = "__".join(str(part) for part in each["loc"]).upper()
            errors.print(f"  {name}: {_what_is_wrong(each)}", highlight=False, markup=False)
        sys.exit(1)
    except (psycopg.OperationalError, psycopg.ProgrammingError, PoolTimeout) as error:
        if isinstance(error, psycopg.ProgrammingError) and error.sqlstate is not None:
            # A statement of ours that the database refused: that is a bug, and told as one.
            raise
        errors.print(
            f"The database cannot be reached: {reason_of(error)}",
            style="bold red",
            highlight=False,
            markup=False,
        )
        sys.exit(1)


def _what_is_wrong(fault: ErrorDetails) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such setting; docs/settings.md lists them."
    return fault["msg"].removeprefix("Value error, ")


def _settings(*, database: bool = True) -> Settings:
    """With the database that is to be used: the named one, or the embedded one if it runs."""
    settings = Settings()
    if database and not settings.database_url:
        marker = settings.data_folder / "database-url"
        if marker.is_file():
            settings = settings.model_copy(update={"database_url": marker.read_text("utf-8")})
        else:
            errors.print(
                "No database: set DATABASE_URL, or start `clarion up`, which brings its own."
            )
            raise typer.Exit(1)
    return settings


def _run(
    make: Callable[[asyncio.Event], Coroutine[Any, Any, None]],
) -> None:
    """Runs until the work ends or somebody asks it to (Ctrl-C, SIGTERM)."""

    async def with_signals() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await make(stop)

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(with_signals())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The faster loop where there is one, as uvicorn chooses for the API; Windows has none."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    made: Callable[[], asyncio.AbstractEventLoop]
    made = importlib.import_module("uvloop").new_event_loop
    return made


def _host() -> str:
    return socket.gethostname()


async def _until(stop: asyncio.Event, task: Awaitable[None]) -> None:
    running_task = asyncio.ensure_future(task)
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({running_task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if running_task.done():
        running_task.result()
        return
    running_task.cancel()
    await asyncio.gather(running_task, return_exceptions=True)


@app.command()
def up(
    sample: Annotated[
        int, typer.Option(help="Sample contacts to load into an empty contacts table.")
    ] = 12_500,
) -> None:
    """Start everything on this machine: database, sandbox, worker and app."""
    settings = Settings()
    set_up_logging(settings.log_format, process="up")
    _run(lambda stop: run_up(settings, sample=sample, stop=stop, console=console))


@app.command()
def api() -> None:
    """Serve the app and the API."""
    settings = _settings()
    set_up_logging(settings.log_format, process="api", host=_host())
    uvicorn.run(
        make_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
    )


@app.command()
def worker(
    health_port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65_535,
            help="Answer /health, /ready and /metrics there. Default: WORKER_HEALTH_PORT, or none.",
        ),
    ] = None,
) -> None:
    """Run the queue's jobs: launch, send, apply callbacks, settle."""
    settings = _settings()
    name = f"{_host()}:{os.getpid()}"
    set_up_logging(settings.log_format, process="worker", worker=name)
    port = health_port or settings.worker_health_port

    async def run(stop: asyncio.Event) -> None:
        heartbeats = Heartbeats()
        async with running(settings) as clarion:
            readiness = Readiness(clarion.database)
            async with serving_health(settings, heartbeats, readiness, port=port):
                log.info("worker.started", extra={"worker": name, "health_port": port})
                await _until(stop, work(clarion, heartbeats))
        log.info("worker.stopped", extra={"worker": name})

    _run(run)


@app.command()
def sandbox(
    host: str = "127.0.0.1",
    port: int = 8_025,
    control_port: Annotated[
        int | None,
        typer.Option(help="Where it is controlled as well, also while it refuses connections."),
    ] = None,
    fallback: Annotated[
        bool, typer.Option("--fallback", help="Be the one of SANDBOX__FALLBACK_URL.")
    ] = False,
) -> None:
    """Play Twilio and SendGrid on this machine: nothing leaves it."""
    settings = _settings(database=False)
    set_up_logging(settings.log_format, process="sandbox")
    behaviour = sandbox_behaviour(settings, fallback=fallback)
    _run(lambda stop: _until(stop, serve(host, port, behaviour, control_port=control_port)))


@app.command()
def migrate() -> None:
    """Bring the database up to date; safe to run again, and from several machines at once."""
    settings = _settings()
    set_up_logging(settings.log_format, process="migrate")
    names = settings.contacts.names()

    def tell(name: str) -> None:
        if settings.log_format == "json":
            log.info("database.migrated", extra={"migration": name})
        else:
            console.print(f"applied {name}")

    done = apply_migrations(settings.database_url, contacts_table=names.table, applied=tell)
    prepare_contact_table(settings.database_url, names)
    if not done:
        console.print("The database is up to date.")


@app.command()
def check() -> None:
    """Say in words what is wrong with the configuration."""
    settings = _settings()
    findings = asyncio.run(check_everything(settings))
    for finding in findings:
        sign = "[green]ok[/]   " if finding.ok else "[red]wrong[/]"
        console.print(f"{sign} {escape(finding.words)}", highlight=False)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def token(
    name: Annotated[str, typer.Option(help="Who is shown as the author.")] = "Admin",
    role: Annotated[Role, typer.Option(help="What the bearer may do.")] = Role.ADMIN,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="How long it is good.")] = 30,
    link: Annotated[bool, typer.Option("--link", help="A one-time sign-in link instead.")] = False,
) -> None:
    """Print a bearer token for scripts."""
    # Signed with a secret that is made here and now, it would open nothing.
    settings = _settings(database=link or not has_secret(Settings()))
    actor = Actor(workspace_id=DEFAULT_WORKSPACE, id=name.lower(), name=name, role=role)
    if link:
        print(asyncio.run(sign_in_link(settings, actor)))
        return
    print(
        identity.sign(
            actor, secret=signing_secret(settings), now=utc_now(), lasts=timedelta(days=days)
        )
    )


def progress_bar(done: ProgressColumn | None = None) -> Progress:
    """`done` says how much is; unless it is given, in pieces of all."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        done or MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
    )


@contacts.command("import")
def import_file(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Import contacts from a CSV file with a header. All of it, or nothing.

    first_name, last_name, email and phone_number (or names like them) become columns, every other
    header a key of metadata.
    """
    settings = _settings()
    with file.open("rb") as stream, progress_bar(TaskProgressColumn()) as bar:
        reader = read_contacts(stream)
        task = bar.add_task("contacts", total=file.stat().st_size)
        imported = import_contacts(
            settings.database_url,
            settings.contacts.names(),
            DEFAULT_WORKSPACE,
            reader,
            progress=lambda read: bar.update(
                task, completed=stream.tell(), description=f"{read:,} contacts"
            ),
        )
    console.print(
        f"{imported.added:,} contacts added. Left out: {reader.duplicates:,} repeated rows, "
        f"{imported.known:,} that were there already.",
        highlight=False,
    )


@app.command()
def sample(count: Annotated[int, typer.Option(min=1, help="How many contacts.")] = 12_500) -> None:
    """Add made-up contacts, some of whom have opted out."""
    settings = _settings()
    with progress_bar() as bar:
        task = bar.add_task("making up contacts", total=count)
        added = sample_data.load(
            settings, count, progress=lambda read: bar.update(task, completed=read)
        )
    console.print(f"{added:,} sample contacts added.", highlight=False)


@app.command("server", hidden=True)
def server(folder: Path) -> None:
    """Run the embedded database alone, until asked to stop; prints its connection string."""
    with running_server(folder) as dsn:
        print(dsn, flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
