"""Whatever is killed, and whenever: nobody twice, nobody missing, and all numbers agree."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random, SystemRandom
from typing import TypeVar

import httpx
import pytest

from support.accounts import settled
from support.cluster import (
    Cluster,
    add_contacts,
    draft,
    ok,
    phone,
    running_cluster,
    until,
)
from support.crashes import Chaos

pytestmark = pytest.mark.xdist_group("processes")

#: How many blows, and which: docs/testing.md.
COMMAND = "script/test tests/acceptance/test_crashes.py"
BLOWS = int(os.environ.get("CLARION_CRASHES", "300"))
SEED = int(os.environ.get("CLARION_SEED", "0")) or SystemRandom().randrange(1, 10**9)

T = TypeVar("T")

PEOPLE = 800

#: A broadcast begins when fewer than this wait: there is always something to hit.
FEW = 400

#: Seconds. A worker may be frozen for longer than a claim is believed in, and must wake up before
#: a message that nobody has seen is sent again.
UNCERTAIN_AFTER, NEVER_LEFT_AFTER, LONGEST_FREEZE = 5, 15, 8.0

SETTLES_WITHIN = 120.0

_WAITING = "select coalesce(sum(messages), 0) from broadcast.step_counts where status = 'pending'"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running_cluster(
        tmp_path,
        workers=3,
        SANDBOX__RATE_PER_SECOND="150",
        SANDBOX__LATENCY_MS="10",
        SANDBOX__FAILURE_RATE="0",
        SANDBOX__CALLBACK_DELAY_MS="100",
        UNCERTAIN_AFTER_SECONDS=str(UNCERTAIN_AFTER),
        NEVER_LEFT_AFTER_SECONDS=str(NEVER_LEFT_AFTER),
    ) as running:
        # A provider that asks again for half a minute: what it could not tell is another test.
        running.behave(callback_retries=7)
        yield running


def test_nobody_twice_and_nobody_missing_whatever_is_killed(cluster: Cluster) -> None:
    replay = f"CLARION_SEED={SEED} CLARION_CRASHES={BLOWS} {COMMAND}"
    random = Random(SEED)
    chaos = Chaos(cluster=cluster, random=random, longest_freeze=LONGEST_FREEZE)
    add_contacts(cluster, PEOPLE)
    began, broadcasts = time.monotonic(), 0
    for _ in chaos.blows(BLOWS):
        if cluster.number(_WAITING) < FEW:
            broadcasts += 1
            _launch(cluster, f"Round {broadcasts}, {{{{ first_name }}}}")
        if random.random() < 0.02:
            cluster.text(phone(random.randrange(PEOPLE)), random.choice(["STOP", "START"]))
    chaos.calm()
    hit = time.monotonic() - began
    found = settled(cluster, within=SETTLES_WITHIN)
    print(  # noqa: T201 - shown by -s: what was done
        f"seed {SEED}: {chaos.dealt.total()} blows in {hit:.0f} s, settled after"
        f" {time.monotonic() - began:.0f} s; {found}\n"
        + ", ".join(f"{blow} {count}" for blow, count in chaos.dealt.most_common())
    )
    assert not found.faults, f"{found}\nTo replay it: {replay}"


def _launch(cluster: Cluster, body: str) -> None:
    """Insists, as a script does whose API is being killed: what was done is not done again."""
    with cluster.client() as client:
        drafted = _insist(lambda: draft(client, body, group="everybody"))

        def launched() -> bool:
            address = f"/api/v1/broadcasts/{drafted['id']}"
            if ok(client.get(address))["status"] != "draft":
                return True
            recipients = ok(client.get(f"{address}/outlook"))["will_send"]
            client.post(
                f"{address}/launch",
                json={"version": drafted["version"], "expected_recipients": recipients},
            )
            return False

        until(lambda: _insist(launched), bool, within=60)


def _insist(ask: Callable[[], T]) -> T:
    ends = time.monotonic() + 60
    while True:
        try:
            return ask()
        except (httpx.TransportError, AssertionError):
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)
