"""Where a run keeps its files: in memory, where that is large enough.

A run makes thousands of databases of some hundred files each. On a busy disk, making one took 200
to 600 ms; in memory 20 ms.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
_ENOUGH = 8 << 30
_PREFIX = "clarion-run-"


@contextmanager
def run_folder() -> Iterator[None]:
    """`tempfile`, pytest's `tmp_path` and the programs that the tests start keep their files there
    until it closes."""
    if not _is_enough():
        yield
        return
    _remove_left_ones()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_MEMORY))
    folder.chmod(0o755)  # the user that PostgreSQL runs as goes through it
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = None
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


def _is_enough() -> bool:
    """In a container it may be 64 MB, and what is full there is taken from everybody's memory."""
    return (
        os.access(_MEMORY, os.W_OK)
        and shutil.disk_usage(_MEMORY).free >= _ENOUGH
        and psutil.virtual_memory().available >= _ENOUGH
    )


def _remove_left_ones() -> None:
    """Of runs that were killed: nobody else gives that memory back."""
    for folder in _MEMORY.glob(f"{_PREFIX}*"):
        if not psutil.pid_exists(int(folder.name.removeprefix(_PREFIX).split("-")[0])):
            shutil.rmtree(folder, ignore_errors=True)
