"""A worker as an operator sees it: it answers, tells what happens as JSON, and stops in time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from support.processes import free_port
from support.serving import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clarion.wiring.settings import Settings

#: What `docs/operations.md` promises of a stop, and what a machine under load may add.
STOPS_WITHIN = 10.0 + 5.0


@contextmanager
def worker_process(
    settings: Settings, log: Path, *options: str, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")},
        "DATABASE_URL": settings.database_url,
        "DATA_FOLDER": str(settings.data_folder),
        "SECRET": settings.secret.get_secret_value(),
        **more,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "clarion.cli.main", "worker", *options],
            env=environment,
            cwd=log.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def answers(client: httpx.Client, path: str, process: subprocess.Popen[bytes]) -> httpx.Response:
    """The first answer: a process of its own tells that it listens by listening."""
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            return client.get(path)
        except httpx.TransportError:
            assert process.poll() is None
            assert time.monotonic() < ends
            time.sleep(0.05)


@pytest.mark.parametrize("named_by", ["option", "setting"])
def test_a_worker_answers_tells_json_and_stops_in_time(
    settings: Settings, tmp_path: Path, named_by: str
) -> None:
    port = free_port()
    options = ["--health-port", str(port)] if named_by == "option" else []
    more = {} if named_by == "option" else {"WORKER_HEALTH_PORT": str(port)}
    log = tmp_path / "worker.log"
    with (
        worker_process(settings, log, *options, LOG_FORMAT="json", **more) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        assert answers(client, "/ready", process).json() == {"status": "ready"}
        assert client.get("/health").json() == {"status": "ok"}
        assert 'clarion_loop_hangs{loop="tracking.apply"} 0.0' in client.get("/metrics").text
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOPS_WITHIN) == 0
    lines: list[dict[str, Any]] = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    # One line when it begins, one when it ends, and none in between while nothing happens.
    assert [each["message"] for each in lines] == ["worker.started", "worker.stopped"]
    for each in lines:
        assert each["process"] == "worker"
        assert each["worker"].endswith(f":{process.pid}")
    assert lines[0]["health_port"] == port


def test_a_port_that_is_taken_is_said_in_words(settings: Settings, tmp_path: Path) -> None:
    port = str(free_port())
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    with (
        worker_process(settings, first, "--health-port", port) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        answers(client, "/health", process)
        with worker_process(settings, second, "--health-port", port) as other:
            assert other.wait(PATIENCE) == 1
        assert "Is another worker of this host using the port?" in " ".join(
            second.read_text("utf-8").split()
        )
        assert process.poll() is None
