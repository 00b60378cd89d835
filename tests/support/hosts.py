"""Hosts of a test: network namespaces of this machine, each on a link of its own to a hub.

Nothing of this machine's own network is touched: the hub is a namespace too, and what a test wants
from it goes through unix sockets.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from support import forwarder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Addresses that no test network of CI uses; they exist in the namespaces only.
_NETWORK = "10.213"

_FORWARDER = Path(forwarder.__file__)


def _ip(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["ip", *arguments], check=False, capture_output=True, text=True, timeout=20
    )
    assert not check or done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
    return done


def why_there_can_be_none() -> str | None:
    """The reason why this machine lets nobody make hosts; None when it does."""
    if sys.platform != "linux" or shutil.which("ip") is None:
        return "network namespaces need Linux and iproute2"
    name = f"clarion-{os.getpid()}-try"
    made = _ip("netns", "add", name, check=False)
    try:
        if made.returncode != 0:
            return f"network namespaces cannot be made here: {made.stderr.strip()}"
        pair = "link add name x1 type veth peer name x2"
        linked = _ip("-n", name, *pair.split(), check=False)
        if linked.returncode != 0:
            return f"links cannot be made here: {linked.stderr.strip()}"
    finally:
        _ip("netns", "del", name, check=False)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """`hub` is the address at which this host reaches the hub."""

    name: str
    link: str
    hub: str


@dataclass(kw_only=True)
class Network:
    hub: str
    hosts: list[Host]
    folder: Path
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def cut(self, host: Host) -> None:
        _ip("-n", self.hub, "link", "set", "dev", host.link, "down")

    def mend(self, host: Host) -> None:
        _ip("-n", self.hub, "link", "set", "dev", host.link, "up")

    def start(
        self, where: str | None, log: str, *command: str, env: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        """A process in a namespace, or where the test runs; it ends with the network."""
        prefix = [] if where is None else ["ip", "netns", "exec", where]
        folder = self.folder / log
        folder.mkdir(exist_ok=True)
        with (folder / "log").open("wb") as output:
            process = subprocess.Popen(
                [*prefix, *command],
                env=dict(env),
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def clarion(
        self, where: str, name: str, *arguments: str, env: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        return self.start(
            where, name, sys.executable, "-m", "clarion.cli.main", *arguments, env=env
        )

    def forward(self, where: str | None, listen: str, target: str) -> None:
        number = len(self._started)
        self.start(
            where,
            f"forwarder-{number}",
            sys.executable,
            str(_FORWARDER),
            listen,
            target,
            env={"PATH": os.environ["PATH"]},
        )

    def log(self, name: str) -> str:
        return (self.folder / name / "log").read_text("utf-8", errors="replace")

    def stop(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.kill()
        for process in self._started:
            process.wait(20)


@contextlib.contextmanager
def network(folder: Path, *, hosts: int) -> Iterator[Network]:
    """A hub and so many hosts, all gone at the end, whatever happened."""
    prefix = f"clarion-{os.getpid()}"
    hub = f"{prefix}-hub"
    names = [hub, *(f"{prefix}-{number}" for number in range(hosts))]
    made = Network(hub=hub, hosts=[], folder=folder)
    try:
        for name in names:
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
        for number, name in enumerate(names[1:]):
            link, near, far = f"h{number}", f"{_NETWORK}.{number}.1", f"{_NETWORK}.{number}.2"
            pair = f"link add name {link} type veth peer name uplink netns {name}"
            _ip("-n", hub, *pair.split())
            for where, device, address in ((hub, link, near), (name, "uplink", far)):
                _ip("-n", where, "address", "add", f"{address}/30", "dev", device)
                _ip("-n", where, "link", "set", "dev", device, "up")
            made.hosts.append(Host(name=name, link=link, hub=near))
        yield made
    finally:
        made.stop()
        for name in names:
            _ip("netns", "del", name, check=False)
