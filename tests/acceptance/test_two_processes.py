"""Two API processes on one database: each with an index of its own, and neither needs the other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
from psycopg.types.json import Jsonb

from support.processes import free_port
from support.serving import PATIENCE, bearer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clarion.wiring.settings import Settings

ANNS = {
    "match": "all",
    "conditions": [{"field": "first_name", "operator": "starts_with", "value": "Ann"}],
}


class Process:
    """A `clarion api` of its own, asked as an API client asks."""

    def __init__(self, process: subprocess.Popen[bytes], client: httpx.Client) -> None:
        self.process = process
        self.client = client

    def count(self) -> dict[str, Any]:
        answer = self.client.post("/api/v1/audience/count", json={"filter": ANNS})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def count_by_index(self) -> int:
        """The number, once the index tells it."""
        ends = time.monotonic() + PATIENCE
        while (found := self.count())["freshness"]["source"] != "index":
            assert time.monotonic() < ends, found
        return int(found["matched"])


@contextmanager
def api_process(settings: Settings, log: Path) -> Iterator[Process]:
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")},
        "DATABASE_URL": settings.database_url,
        "DATA_FOLDER": str(settings.data_folder),
        "SECRET": settings.secret.get_secret_value(),
        "PORT": str(port),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "clarion.cli.main", "api"],
            env=environment,
            cwd=log.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": bearer(settings)}, timeout=30
    )
    try:
        ends = time.monotonic() + 60
        while True:
            try:
                client.get("/health")
                break
            except httpx.TransportError:
                assert process.poll() is None, log.read_text("utf-8")
                assert time.monotonic() < ends
                # A process of its own tells that it listens by listening.
                time.sleep(0.05)
        yield Process(process, client)
    finally:
        client.close()
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@pytest.fixture
def two(settings: Settings, tmp_path: Path) -> Iterator[tuple[Process, Process]]:
    with ExitStack() as stack:
        first = stack.enter_context(api_process(settings, tmp_path / "first.log"))
        second = stack.enter_context(api_process(settings, tmp_path / "second.log"))
        yield first, second


def add(dsn: str, *names: str) -> None:
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into public.contacts (first_name, metadata) values (%s, %s)",
            [(name, Jsonb({})) for name in names],
        )


def test_both_follow_and_one_that_is_killed_is_not_missed(
    two: tuple[Process, Process], dsn: str
) -> None:
    first, second = two
    add(dsn, "Ann", "Anna", "Bob")
    assert (first.count_by_index(), second.count_by_index()) == (2, 2)
    add(dsn, "Annabel")
    assert (first.count()["matched"], second.count()["matched"]) == (3, 3)
    first.process.kill()
    first.process.wait(10)
    add(dsn, "Anneliese")
    assert second.count_by_index() == 4


def test_what_one_has_saved_the_next_goes_on_from(
    settings: Settings, dsn: str, tmp_path: Path
) -> None:
    add(dsn, "Ann")
    with api_process(settings, tmp_path / "first.log") as first:
        assert first.count_by_index() == 1
    assert "index_built" in (tmp_path / "first.log").read_text("utf-8")
    assert list((settings.data_folder / "audience-index").glob("*/state.json"))
    add(dsn, "Anna")
    log = tmp_path / "second.log"
    with api_process(settings, log) as second:
        assert second.count_by_index() == 2
    assert "index_built" not in log.read_text("utf-8")
