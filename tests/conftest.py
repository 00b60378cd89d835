"""What every test may ask for: a migrated database of its own on a real server, and a Clarion."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from clarion.audience.binding import prepare_contact_table
from clarion.audience.contact_table import ContactNames
from clarion.db.connection import Connection, Database
from clarion.db.embedded import running_server
from clarion.db.migrations import migrate
from clarion.db.workspaces import get_workspace
from clarion.kernel.actor import DEFAULT_WORKSPACE, Actor, Role
from clarion.kernel.workspace import Workspace
from clarion.wiring.clarion import Clarion, running
from clarion.wiring.settings import SandboxSettings, Settings
from support.database import RUN_DSN, RUN_TEMPLATE, drop, new_database
from support.run_folder import run_folder

#: A server other than the embedded one, for `script/test` on another version (docs/testing.md).
OTHER_SERVER = "CLARION_TEST_DATABASE_URL"

_held = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """One server for the run: the controlling process holds it, the parallel ones only use it."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    _held.enter_context(run_folder())
    dsn = os.environ.get(OTHER_SERVER)
    if not dsn:
        folder = Path(tempfile.mkdtemp(prefix="clarion-test-"))
        _held.callback(shutil.rmtree, folder, ignore_errors=True)
        dsn = _held.enter_context(running_server(folder / "postgres"))
        with psycopg.connect(dsn, autocommit=True) as connection:
            # The tests look at what is written, not at whether it survives a power cut.
            connection.execute("alter system set fsync = off")
            connection.execute("alter system set synchronous_commit = off")
            connection.execute("select pg_reload_conf()")
    template = f"clarion_template_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(template)))
    template_dsn = make_conninfo(dsn, dbname=template)
    migrate(template_dsn, contacts_table="public.contacts")
    prepare_contact_table(template_dsn, ContactNames())
    _held.callback(drop, dsn, template)
    os.environ[RUN_DSN], os.environ[RUN_TEMPLATE] = dsn, template


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _held.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that at the end no process waits for another one."""
    items.sort(key=_place)


_LONGEST = ("processes", "test_audience_index_meaning", "storms")


def _place(item: pytest.Item) -> int:
    """Groups stay together in one process, and begin before what is short."""
    group = item.get_closest_marker("xdist_group")
    name = item.path.stem if group is None else group.args[0]
    if name in _LONGEST:
        return _LONGEST.index(name)
    return len(_LONGEST) + (group is None)


@pytest.fixture
def empty_dsn() -> Iterator[str]:
    """A database with nothing in it."""
    with new_database(migrated=False) as dsn:
        yield dsn


@pytest.fixture
def dsn() -> Iterator[str]:
    """A migrated database, as its owner."""
    with new_database() as dsn:
        yield dsn


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    opened = Database(dsn)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    """A transaction in the default workspace."""
    async with database.as_workspace(DEFAULT_WORKSPACE) as opened:
        yield opened


@pytest.fixture
async def workspace(database: Database) -> Workspace:
    async with database.as_worker() as opened:
        return await get_workspace(opened, DEFAULT_WORKSPACE)


@pytest.fixture
def actor() -> Actor:
    return Actor(workspace_id=DEFAULT_WORKSPACE, id="ana", name="Ana", role=Role.ADMIN)


@pytest.fixture
def settings(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """As `clarion up` has them, without any file or variable of this machine."""
    monkeypatch.chdir(tmp_path)
    return Settings(
        database_url=dsn,
        data_folder=tmp_path / "data",
        secret=SecretStr("a secret that only the tests know, and no more"),
        # Nothing listens there: a test that wants a provider starts one and names it.
        sandbox=SandboxSettings(url="http://127.0.0.1:9"),
        public_url="http://clarion.test",
    )


@pytest.fixture
async def clarion(settings: Settings) -> AsyncIterator[Clarion]:
    async with running(settings) as opened:
        yield opened
