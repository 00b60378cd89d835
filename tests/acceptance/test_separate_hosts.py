"""Three workers on hosts of their own, whose links are cut while they send.

Each host is a network namespace. Links to database and provider are cut for moments and mended, and
one host vanishes with whatever it holds. At the end nobody has it twice, nobody misses it, and the
ledger and the provider tell the same.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from support.hosts import Host, Network, network, why_there_can_be_none
from support.serving import bearer

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from clarion.wiring.settings import Settings

T = TypeVar("T")

HOSTS = 3
CONTACTS = 900
RATE = 45

#: Of the cuts: `CLARION_SEED=12 script/test tests/acceptance/test_separate_hosts.py`.
SEED = int(os.environ.get("CLARION_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)

#: Seconds for which a link is cut: moments, and longer than TCP takes to lose its patience once.
CUT_FOR = (0.2, 4.0)

#: A claim of the host that vanished is uncertain after this, and has certainly not left after that:
#: longer than any of its requests may be under way.
UNCERTAIN_AFTER, NEVER_LEFT_AFTER = 45, 75

#: Until the claims of the lost host are settled, and a slow machine's due.
ENDS_WITHIN = NEVER_LEFT_AFTER + 120

EVERYBODY = {"match": "all", "conditions": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """`workers` in the order of the hosts; `api` and `sandbox` are reached past all links."""

    network: Network
    workers: list[subprocess.Popen[bytes]]
    api: httpx.Client
    sandbox: httpx.Client
    dsn: str

    def accepted(self) -> list[dict[str, Any]]:
        """What the provider has taken, in order."""
        found: list[dict[str, Any]] = []
        while True:
            after = {"after": found[-1]["seq"]} if found else {}
            answer = self.sandbox.get("/sandbox/messages", params={"limit": 1_000, **after})
            page = answer.raise_for_status().json()["messages"]
            if not page:
                return found
            found += page

    def rows(self, statement: str) -> list[dict[str, Any]]:
        with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
            return connection.execute(statement.encode()).fetchall()

    def said(self) -> str:
        """What everybody said last, for whoever has to find out why."""
        names = [*(f"worker-{number}" for number in range(HOSTS)), "api", "sandbox"]
        return "\n".join(f"--- {name}\n{self.network.log(name)[-3_000:]}" for name in names)


def until(ask: Callable[[], T], holds: Callable[[T], bool], within: float, fleet: Fleet) -> T:
    ends = time.monotonic() + within
    while not holds(answer := ask()):
        assert time.monotonic() < ends, f"seed {SEED}: still {answer!r}\n{fleet.said()}"
        # Other processes are waited for, who tell nobody that they are done.
        time.sleep(0.2)
    return answer


def database_socket(dsn: str, made: Network) -> str:
    """The database as a unix socket, which reaches into every namespace."""
    given = conninfo_to_dict(dsn)
    host, port = str(given.get("host") or "127.0.0.1"), str(given.get("port") or 5432)
    if host.startswith("/"):
        return f"unix:{host}/.s.PGSQL.{port}"
    path = f"unix:{made.folder}/pg"
    made.forward(None, path, f"tcp:{host}:{port}")
    return path


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


@contextmanager
def reached(made: Network, name: str, port: int, **headers: str) -> Iterator[httpx.Client]:
    """A client of what listens on the hub's loopback."""
    path = made.folder / name
    made.forward(made.hub, f"unix:{path}", f"tcp:127.0.0.1:{port}")
    ends = time.monotonic() + 60
    while not _listens(path):
        assert time.monotonic() < ends
        time.sleep(0.1)
    with httpx.Client(
        transport=httpx.HTTPTransport(uds=str(path)), base_url="http://hub", headers=headers,
        timeout=30,
    ) as client:  # fmt: skip
        while True:
            try:
                if client.get("/health").is_success:
                    break
            except httpx.TransportError:
                pass
            assert time.monotonic() < ends, made.log(name)
            # A process of its own tells that it listens by listening.
            time.sleep(0.1)
        yield client


@pytest.fixture
def fleet(settings: Settings, dsn: str) -> Iterator[Fleet]:
    if not os.environ.get("CLARION_HOSTS"):
        pytest.skip("takes minutes, in which a lost host must be given up: CLARION_HOSTS=1 runs it")
    reason = why_there_can_be_none()
    if reason is not None:
        pytest.skip(reason)
    # Not pytest's folder: the name of a unix socket may have about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="clarion-hosts-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = stack.enter_context(network(folder, hosts=HOSTS))
        made.forward(made.hub, "tcp:0.0.0.0:5432", database_socket(dsn, made))
        common = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "SECRET": settings.secret.get_secret_value(),
            "PUBLIC_URL": "http://127.0.0.1:8010",
            "SANDBOX__RATE_PER_SECOND": str(RATE),
            "SANDBOX__LATENCY_MS": "30",
            "SANDBOX__CALLBACK_DELAY_MS": "100",
            "SANDBOX__FAILURE_RATE": "0",
            "UNCERTAIN_AFTER_SECONDS": str(UNCERTAIN_AFTER),
            "NEVER_LEFT_AFTER_SECONDS": str(NEVER_LEFT_AFTER),
            "AUDIENCE_INDEX__ENABLED": "false",
            "LOG_FORMAT": "json",
        }

        def environment(address: str) -> dict[str, str]:
            there = make_conninfo(dsn, host=address, port=5432)
            return {**common, "DATABASE_URL": there, "SANDBOX__URL": f"http://{address}:8025"}

        at_the_hub = environment("127.0.0.1")
        made.clarion(made.hub, "sandbox", "sandbox", "--host", "0.0.0.0", env=at_the_hub)  # noqa: S104
        made.clarion(made.hub, "api", "api", env=at_the_hub)
        sandbox = stack.enter_context(reached(made, "sandbox.socket", 8025))
        api = stack.enter_context(reached(made, "api.socket", 8010, authorization=bearer(settings)))
        workers = [
            made.clarion(host.name, f"worker-{number}", "worker", env=environment(host.hub))
            for number, host in enumerate(made.hosts)
        ]
        yield Fleet(network=made, workers=workers, api=api, sandbox=sandbox, dsn=dsn)


def add_contacts(dsn: str) -> set[str]:
    numbers = {f"+1512555{number:04d}" for number in range(CONTACTS)}
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("update broadcast.workspaces set sending_from = null, sending_until = null")
        cursor.executemany(
            "insert into public.contacts (first_name, phone_number, metadata)"
            " values ('Ann', %s, '{}')",
            [(number,) for number in sorted(numbers)],
        )
    return numbers


def launch(fleet: Fleet) -> str:
    """To everybody, at once; gives the address of the broadcast."""

    def ok(answer: httpx.Response) -> Any:
        assert answer.is_success, f"{answer.text}\n{fleet.said()}"
        return answer.json()

    until(
        lambda: ok(fleet.api.post("/api/v1/audience/count", json={"filter": EVERYBODY})),
        lambda count: count["sms"]["reachable"] == CONTACTS,
        60,
        fleet,
    )
    draft = ok(fleet.api.post("/api/v1/broadcasts", json={"name": "Everybody"}))
    address = f"/api/v1/broadcasts/{draft['id']}"
    step = f"{address}/steps/{draft['steps'][0]['id']}"
    draft = ok(fleet.api.patch(step, json={"version": draft["version"], "body": "Hi there"}))
    ok(
        fleet.api.post(
            f"{address}/launch",
            json={"version": draft["version"], "expected_recipients": CONTACTS},
        )
    )
    return address


def trouble(fleet: Fleet, chance: random.Random) -> Host:
    """Cuts and mends until most is sent; a third into it one host vanishes. Gives that host."""
    lost: Host | None = None
    linked = list(fleet.network.hosts)
    ends = time.monotonic() + 120
    while (count := len(fleet.accepted())) < CONTACTS * 0.8:
        assert time.monotonic() < ends, f"seed {SEED}: {count} were sent\n{fleet.said()}"
        if lost is None and count > CONTACTS / 3:
            lost = linked.pop(chance.randrange(len(linked)))
            fleet.network.cut(lost)
        host = chance.choice(linked)
        fleet.network.cut(host)
        # How long a link is cut, and how long it holds, is what is tried here.
        time.sleep(chance.uniform(*CUT_FOR))
        fleet.network.mend(host)
        time.sleep(chance.uniform(0.1, 1.5))
    assert lost is not None
    return lost


def test_links_are_cut_and_a_host_is_lost_and_everybody_gets_it_once(fleet: Fleet) -> None:
    numbers = add_contacts(fleet.dsn)
    workers = "select id from procrastinate.procrastinate_workers"
    until(lambda: len(fleet.rows(workers)), lambda count: count == HOSTS, 60, fleet)
    address = launch(fleet)
    lost = trouble(fleet, random.Random(SEED))
    tracking = until(
        lambda: fleet.api.get(f"{address}/tracking").json(),
        lambda answer: answer["status"] == "completed" and answer["delivered"] == CONTACTS,
        ENDS_WITHIN,
        fleet,
    )
    assert tracking["uncertain"] == tracking["pending"] == tracking["on_the_way"] == 0

    accepted = fleet.accepted()
    assert {
        to: times for to, times in Counter(each["to"] for each in accepted).items() if times > 1
    } == {}
    assert {each["to"] for each in accepted} == numbers
    ledger = fleet.rows("select address, provider_id, status from broadcast.messages")
    assert {(row["address"], row["provider_id"]) for row in ledger} == {
        (each["to"], each["sid"]) for each in accepted
    }
    assert {row["status"] for row in ledger} == {"delivered"}
    counted = fleet.rows("select status, messages from broadcast.step_counts where messages <> 0")
    assert counted == [{"status": "delivered", "messages": CONTACTS}]

    # Those that are linked live on and stop when they are asked to; the lost one comes to itself.
    fleet.network.mend(lost)
    for worker in fleet.workers:
        assert worker.poll() is None
        worker.send_signal(signal.SIGTERM)
    for worker in fleet.workers:
        assert worker.wait(30) == 0
    assert len(fleet.accepted()) == CONTACTS
