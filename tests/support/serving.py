"""A whole Clarion in the test's own loop: the application, its callers, a sandbox on a port."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import httpx
import psycopg
import uvicorn
from aiohttp import web
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.json import Jsonb

from clarion.api import identity
from clarion.api.app import make_app
from clarion.audience.follow import follow
from clarion.db.workspaces import all_workspaces
from clarion.kernel.actor import DEFAULT_WORKSPACE, Actor, Role, WorkspaceId
from clarion.kernel.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

    from fastapi import FastAPI

    from clarion.wiring.clarion import Clarion
    from clarion.wiring.settings import Settings

T = TypeVar("T")

#: Long enough for a slow machine; nothing waits for it when all is well.
PATIENCE = 20.0

OTHER_WORKSPACE = WorkspaceId(UUID("00000000-0000-4000-8000-000000000002"))


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[FastAPI]:
    """The application with what it holds open, and no port."""
    app = make_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def on_port(app: web.Application) -> AsyncIterator[str]:
    """An aiohttp application on a free port; gives its address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def web_server(app: FastAPI, *, port: int = 0) -> AsyncIterator[str]:
    """The application as `clarion api` serves it, in this loop; gives host:port."""
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="on")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    ends = time.monotonic() + PATIENCE
    while not server.started:
        assert time.monotonic() < ends
        assert not running.done()
        await asyncio.sleep(0.01)
    host, bound = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"{host}:{bound}"
    finally:
        server.should_exit = True
        await running


async def check_answer(response: httpx.Response) -> None:
    """What holds for every answer of the application, whatever a test asks of it."""
    assert response.headers["x-content-type-options"] == "nosniff"
    policy = response.headers["content-security-policy"]
    # A mail of somebody's is shown without any power over this site.
    assert "default-src 'self'" in policy or policy.startswith("sandbox allow-popups;")
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["referrer-policy"] == "no-referrer"
    if response.status_code < 400:
        return
    await response.aread()
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail", "errors"}
    assert body["status"] == response.status_code
    assert body["type"].startswith("urn:clarion:problem:")
    assert body["title"]
    assert body["detail"]
    for error in body["errors"]:
        assert set(error) == {"pointer", "detail"}
        assert error["pointer"] == "" or error["pointer"].startswith("/")


def client_of(app: FastAPI, **headers: str) -> httpx.AsyncClient:
    """The caller closes it. Each answer is checked against the contract of all answers."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://clarion.test",
        headers=headers,
        event_hooks={"response": [check_answer]},
    )


def bearer(
    settings: Settings,
    *,
    workspace: WorkspaceId = DEFAULT_WORKSPACE,
    role: Role = Role.ADMIN,
    name: str = "Ana",
) -> str:
    """The Authorization header of a person of the workspace, whose id is the name in lower case."""
    token = identity.sign(
        Actor(workspace_id=workspace, id=name.lower(), name=name, role=role),
        secret=settings.secret.get_secret_value(),
        now=utc_now(),
        lasts=timedelta(hours=1),
    )
    return f"Bearer {token}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    first_name: str | None = "Ann"
    phone_number: str | None = None
    email: str | None = None
    metadata: dict[str, Any] | None = None
    workspace: WorkspaceId = DEFAULT_WORKSPACE


async def add_people(clarion: Clarion, people: Sequence[Person]) -> list[str]:
    """Contacts as a CRM writes them, then one look of the worker: fields and numbers are known."""
    ids = []
    with psycopg.connect(clarion.settings.database_url) as connection:
        for person in people:
            row = connection.execute(
                "insert into public.contacts"
                " (workspace_id, first_name, phone_number, email, metadata)"
                " values (%s, %s, %s, %s, %s) returning id",
                [
                    person.workspace,
                    person.first_name,
                    person.phone_number,
                    person.email,
                    Jsonb(person.metadata or {}),
                ],
            ).fetchone()
            assert row is not None
            ids.append(str(row[0]))
    await look_at_contacts(clarion)
    return ids


async def look_at_contacts(clarion: Clarion) -> None:
    async with clarion.database.as_worker() as connection:
        workspaces = await all_workspaces(connection)
    for workspace in workspaces:
        while await follow(clarion.database, clarion.audience.store, workspace, now=utc_now()):
            pass


def add_workspace(dsn: str, workspace: WorkspaceId = OTHER_WORKSPACE) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into broadcast.workspaces (id, name) values (%s, 'Another')", [workspace]
        )


def count(dsn: str, statement: str, parameters: Sequence[object] = ()) -> int:
    """The number that a statement gives, as the owner of the database sees it."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(statement.encode(), parameters).fetchone()
    assert row is not None
    return int(row[0])


async def until(ask: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
    """Asks again until the answer fulfils the condition; fails with the last one after PATIENCE."""
    ends = time.monotonic() + PATIENCE
    while True:
        answer = await ask()
        if holds(answer):
            return answer
        assert time.monotonic() < ends, f"still {answer!r}"
        await asyncio.sleep(0.05)


@contextmanager
def database_down(dsn: str) -> Iterator[None]:
    """Nobody is let in, and whoever is in is thrown out."""
    name = conninfo_to_dict(dsn)["dbname"]
    elsewhere = make_conninfo(dsn, dbname="template1")
    allow = sql.SQL("alter database {} with allow_connections {}")
    with psycopg.connect(elsewhere, autocommit=True) as connection:
        connection.execute(allow.format(sql.Identifier(str(name)), sql.SQL("false")))
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
        )
    try:
        yield
    finally:
        with psycopg.connect(elsewhere, autocommit=True) as connection:
            connection.execute(allow.format(sql.Identifier(str(name)), sql.SQL("true")))
