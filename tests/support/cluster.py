"""A Clarion of many processes on a PostgreSQL of its own; each of them may be killed."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
from psycopg.rows import dict_row
from pydantic import SecretStr

from clarion.api import identity
from clarion.audience.binding import prepare_contact_table
from clarion.audience.contact_table import ContactNames
from clarion.db.migrations import migrate
from clarion.kernel.actor import DEFAULT_WORKSPACE, Actor, Role, WorkspaceId
from clarion.kernel.clock import utc_now
from clarion.wiring.secrets import sandbox_sendgrid_key
from clarion.wiring.settings import Settings
from support.forks import Forks, forking
from support.line import Line, open_line
from support.own_postgres import OwnPostgres, own_postgres
from support.processes import free_port

T = TypeVar("T")

_SECRET = "a secret that only the tests know, and no more"

_STARTS_WITHIN = 40.0

_LOOK_AGAIN = 0.1


@dataclass(kw_only=True)
class Cluster:
    """`line` lies between the workers and the sandbox; the tests themselves go around it."""

    folder: Path
    postgres: OwnPostgres
    forks: Forks
    line: Line
    environment: dict[str, str]
    url: str
    sandbox_url: str
    workers: list[str] = field(default_factory=list)
    pids: dict[str, int] = field(default_factory=dict)

    @property
    def dsn(self) -> str:
        return self.postgres.dsn

    def start_worker(self, name: str) -> None:
        if name not in self.workers:
            self.workers.append(name)
        self._start(name, "worker")

    def kill_worker(self, name: str) -> None:
        self.forks.signal(name, signal.SIGKILL)

    def start_api(self) -> None:
        self._start("api", "api")

    def start_sandbox(self) -> None:
        port = self.sandbox_url.rpartition(":")[2]
        self._start("sandbox", "sandbox", "--port", port)

    def _start(self, name: str, *arguments: str) -> None:
        self.pids[name] = self.forks.start(
            name, *arguments, environment=self.environment, folder=self.folder
        )

    def revive(self) -> list[str]:
        """Starts again what has ended by itself, as a supervisor does; their names."""
        ended = [name for name in ("api", *self.workers) if not self.forks.is_alive(name)]
        for name in ended:
            if name == "api":
                self.start_api()
            else:
                self.start_worker(name)
        return ended

    def wait_until_ready(self) -> None:
        for address in (f"{self.sandbox_url}/health", f"{self.url}/ready"):
            until(
                lambda address=address: answers(address),  # type: ignore[misc]
                bool,
                within=_STARTS_WITHIN,
            )

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", errors="replace")

    def client(
        self, workspace: WorkspaceId = DEFAULT_WORKSPACE, *, timeout: float = 30
    ) -> httpx.Client:
        actor = Actor(workspace_id=workspace, id="ana", name="Ana", role=Role.ADMIN)
        token = identity.sign(actor, secret=_SECRET, now=utc_now(), lasts=timedelta(days=1))
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=timeout
        )

    def rows(self, statement: str, *parameters: object) -> list[dict[str, Any]]:
        """What the owner of the database sees; asks again while the server comes back."""
        ends = time.monotonic() + _STARTS_WITHIN
        while True:
            try:
                with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
                    cursor = connection.execute(statement.encode(), parameters)
                    return cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                assert time.monotonic() < ends
                time.sleep(_LOOK_AGAIN)

    def number(self, statement: str, *parameters: object) -> int:
        return int(next(iter(self.rows(statement, *parameters)[0].values())))

    def behave(self, **settings: object) -> None:
        """Changes what the sandbox does from here on."""
        httpx.put(f"{self.sandbox_url}/sandbox/settings", json=settings).raise_for_status()

    def accepted(self, *, after: int = -1) -> list[dict[str, Any]]:
        """What the sandbox has taken, in its order."""
        found: list[dict[str, Any]] = []
        with httpx.Client(base_url=self.sandbox_url, timeout=60) as sandbox:
            while True:
                page = sandbox.get("/sandbox/messages", params={"limit": 10_000, "after": after})
                messages = page.raise_for_status().json()["messages"]
                if not messages:
                    return found
                found += messages
                after = messages[-1]["seq"]

    def summary(self) -> dict[str, Any]:
        answer = httpx.get(f"{self.sandbox_url}/sandbox/summary", timeout=30)
        told: dict[str, Any] = answer.raise_for_status().json()
        return told

    def text(self, sender: str, body: str) -> None:
        """A person writes to the number that the sandbox sends from."""
        given = {"from": sender, "to": SANDBOX_NUMBER, "body": body}
        httpx.post(f"{self.sandbox_url}/sandbox/inbound", json=given).raise_for_status()


SANDBOX_NUMBER = "+15005550006"


@contextmanager
def running_cluster(folder: Path, *, workers: int, **settings: str) -> Iterator[Cluster]:
    """Everything but contacts; `settings` as environment variables of all processes.

    Messages may leave at any hour: what is proven must not hang on the time of the day.
    """
    with ExitStack() as stack:
        postgres = stack.enter_context(own_postgres())
        migrate(postgres.dsn, contacts_table="public.contacts")
        prepare_contact_table(postgres.dsn, ContactNames())
        with psycopg.connect(postgres.dsn) as connection:
            connection.execute(
                "update broadcast.workspaces set sending_from = null, sending_until = null"
            )
        port, sandbox_port = free_port(), free_port()
        line = stack.enter_context(open_line(to_port=sandbox_port))
        data = folder / "data"
        data.mkdir()
        sandbox_sendgrid_key(Settings(data_folder=data, secret=SecretStr(_SECRET)))
        cluster = Cluster(
            folder=folder,
            postgres=postgres,
            forks=stack.enter_context(forking()),
            line=line,
            url=f"http://127.0.0.1:{port}",
            sandbox_url=f"http://127.0.0.1:{sandbox_port}",
            environment={
                "DATABASE_URL": postgres.dsn,
                "DATA_FOLDER": str(data),
                "SECRET": _SECRET,
                "PORT": str(port),
                "SANDBOX__URL": f"http://127.0.0.1:{line.port}",
                # Numbers come from the database: an index would only take memory and time here.
                "AUDIENCE_INDEX__ENABLED": "false",
                **settings,
            },
        )
        cluster.start_sandbox()
        cluster.start_api()
        for number in range(workers):
            cluster.start_worker(f"worker-{number}")
        cluster.wait_until_ready()
        yield cluster


def add_contacts(
    cluster: Cluster,
    count: int,
    *,
    workspace: WorkspaceId = DEFAULT_WORKSPACE,
    area: int = 512,
    group: str = "everybody",
) -> None:
    """`count` people with a number each, as a CRM loads them; returns when all are checked."""
    with (
        psycopg.connect(cluster.dsn) as connection,
        connection.cursor() as cursor,
        cursor.copy(
            "copy public.contacts (workspace_id, first_name, phone_number, metadata) from stdin"
        ) as copy,
    ):
        for index in range(count):
            copy.write_row(
                [workspace, f"Ann {index}", phone(index, area), f'{{"group": "{group}"}}']
            )
    with cluster.client(workspace, timeout=300) as client:
        until(
            lambda: client.post("/api/v1/audience/count", json={"filter": of_group(group)}),
            # Until a worker has looked at the contacts, their group is not even a known field.
            lambda found: found.is_success and found.json()["sms"]["reachable"] == count,
            within=60 + count / 1_000,
        )


def phone(index: int, area: int = 512) -> str:
    """Numbers that could exist, a different one for each index up to 7,000,000."""
    return f"+1{area}{2_200_000 + index}"


def of_group(group: str) -> dict[str, Any]:
    return {
        "match": "all",
        "conditions": [{"field": "metadata.group", "operator": "is", "value": group}],
    }


def draft(client: httpx.Client, body: str, *, group: str = "everybody") -> dict[str, Any]:
    made = ok(client.post("/api/v1/broadcasts", json={"name": body}))
    address = f"/api/v1/broadcasts/{made['id']}"
    made = ok(client.patch(address, json={"version": made["version"], "filter": of_group(group)}))
    step = made["steps"][0]["id"]
    drafted: dict[str, Any] = ok(
        client.patch(f"{address}/steps/{step}", json={"version": made["version"], "body": body})
    )
    return drafted


def launch(client: httpx.Client, drafted: dict[str, Any], *, recipients: int) -> None:
    ok(
        client.post(
            f"/api/v1/broadcasts/{drafted['id']}/launch",
            json={"version": drafted["version"], "expected_recipients": recipients},
        )
    )


def ok(response: httpx.Response) -> Any:
    assert response.is_success, response.text
    return response.json()


def answers(address: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(address, timeout=2).is_success
    return False


def until(ask: Callable[[], T], holds: Callable[[T], bool], *, within: float) -> T:
    """Asks again until the answer is as wanted; fails with the last one when the time is over."""
    ends = time.monotonic() + within
    while True:
        answer = ask()
        if holds(answer):
            return answer
        assert time.monotonic() < ends, f"after {within:.0f} s still {answer!r}"
        # Other processes tell how far they are only when they are asked.
        time.sleep(_LOOK_AGAIN)
