"""A whole Clarion as a newcomer starts it: `clarion up` in a folder of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

_LINK = re.compile(r"http://\S+/sign-in\?token=\S+")
_STARTS_WITHIN = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningClarion:
    folder: Path
    url: str
    sandbox_url: str
    sign_in_link: str
    environment: dict[str, str]
    started_in: float

    def command(self, *arguments: str) -> str:
        """Runs `clarion …` beside it, and gives what it printed."""
        return subprocess.run(
            [sys.executable, "-m", "clarion.cli.main", *arguments],
            cwd=self.folder,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        ).stdout

    def client(self) -> httpx.Client:
        token = self.command("token").strip()
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=30
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_clarion(folder: Path, *, sample: int, **settings: str) -> Iterator[RunningClarion]:
    port, sandbox_port = free_port(), free_port()
    sandbox_url = f"http://127.0.0.1:{sandbox_port}"
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "XDG_RUNTIME_DIR")
    }
    environment = {
        **inherited,
        "PORT": str(port),
        "SANDBOX__URL": sandbox_url,
        "PYTHONUNBUFFERED": "1",
        **settings,
    }
    log = folder / "up.log"
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "clarion.cli.main", "up", "--sample", str(sample)],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        link = _wait_for_link(process, log)
        yield RunningClarion(
            folder=folder,
            url=f"http://127.0.0.1:{port}",
            sandbox_url=sandbox_url,
            sign_in_link=link,
            environment=environment,
            started_in=time.monotonic() - began,
        )
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise


def _wait_for_link(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < deadline:
        text = log.read_text("utf-8", errors="replace")
        match = _LINK.search(text)
        if match is not None:
            return match[0]
        if process.poll() is not None:
            raise AssertionError(f"clarion up ended:\n{text}")
        # A process of its own tells nothing when it is ready but its output.
        time.sleep(0.05)
    raise AssertionError(f"clarion up did not come up:\n{log.read_text('utf-8')}")
