"""Many `clarion …` processes, started in milliseconds: forked from one that has imported it all.

Run as a program it is that one. It reads an order a line (JSON) and answers with a line. It is the
parent of all, so a number that it signals is never another program's; when its input ends it kills
what is left.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).parents[1]


class Forks:
    """Safe to use from several threads."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lock = threading.Lock()

    def start(self, name: str, *arguments: str, environment: dict[str, str], folder: Path) -> int:
        """Runs `clarion <arguments>`; what it prints goes to `<name>.log`. Gives its pid."""
        return int(
            self._order(
                do="start",
                name=name,
                arguments=arguments,
                environment=environment,
                folder=str(folder),
            )
        )

    def signal(self, name: str, number: signal.Signals) -> bool:
        """Whether it still lived. After SIGKILL it is gone when this returns."""
        return bool(self._order(do="signal", name=name, number=int(number)))

    def is_alive(self, name: str) -> bool:
        return bool(self._order(do="alive", name=name))

    def end(self, name: str) -> int:
        """Asks it to end as an operator does, and waits; the exit code."""
        return int(self._order(do="end", name=name))

    def _order(self, **order: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        assert answer, "the process that forks has ended"
        return json.loads(answer)


@contextmanager
def forking() -> Iterator[Forks]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
    }
    paths = [str(_TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    process = subprocess.Popen(
        [sys.executable, "-m", "support.forks"],
        env={**inherited, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Forks(process)
    finally:
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()


class _Parent:
    def __init__(self) -> None:
        self._children: dict[str, int] = {}

    def start(self, order: dict[str, Any]) -> int:
        self._reap(order["name"])
        assert order["name"] not in self._children, f"{order['name']} still lives"
        child = os.fork()
        if child == 0:
            _become(order)
        self._children[order["name"]] = child
        return child

    def signal(self, order: dict[str, Any]) -> bool:
        if not self.alive(order):
            return False
        os.kill(self._children[order["name"]], order["number"])
        if order["number"] == signal.SIGKILL:
            os.waitpid(self._children.pop(order["name"]), 0)
        return True

    def alive(self, order: dict[str, Any]) -> bool:
        self._reap(order["name"])
        return order["name"] in self._children

    def end(self, order: dict[str, Any]) -> int:
        if not self.alive(order):
            return 0
        child = self._children.pop(order["name"])
        os.kill(child, signal.SIGTERM)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def kill_all(self) -> None:
        for name in list(self._children):
            self.signal({"name": name, "number": signal.SIGKILL})

    def _reap(self, name: str) -> None:
        child = self._children.get(name)
        if child is not None and os.waitpid(child, os.WNOHANG)[0] == child:
            del self._children[name]


def _become(order: dict[str, Any]) -> None:
    """The child is `clarion …` from here on, and never returns."""
    code = 1
    try:
        os.setsid()
        os.chdir(order["folder"])
        log = os.open(f"{order['name']}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.update(order["environment"])
        sys.argv = ["clarion", *order["arguments"]]
        from clarion.cli.main import main  # noqa: PLC0415 - imported by the parent already

        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - whatever it was: told, and the child ends
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        os._exit(code)


def _serve() -> None:
    import clarion.cli.main  # noqa: F401, PLC0415 - what every child needs

    parent = _Parent()
    print("ready", flush=True)  # noqa: T201 - answers go to who started this
    for line in sys.stdin:
        order = json.loads(line)
        answer = getattr(parent, order["do"])(order)
        print(json.dumps(answer), flush=True)  # noqa: T201 - the same
    parent.kill_all()


if __name__ == "__main__":
    _serve()
