"""A large broadcast at full speed: everybody once, and a worker needs no more memory for more."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from support.accounts import wrong_counts
from support.cluster import Cluster, add_contacts, draft, launch, running_cluster

pytestmark = pytest.mark.xdist_group("processes")

#: docs/testing.md tells how to send a million.
MESSAGES = int(os.environ.get("CLARION_MESSAGES", "50000"))

#: From so many messages on the worker's memory is compared with what it was then.
WARM_AFTER = 10_000

#: Messages a second at which the test gives up; what a machine can do is for the benchmarks.
SLOWEST = 250

MOST_GROWTH = 1.2


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running_cluster(
        tmp_path,
        workers=1,
        SANDBOX__RATE_PER_SECOND="100000",
        SANDBOX__LATENCY_MS="0",
        SANDBOX__FAILURE_RATE="0",
    ) as running:
        # Receipts are another matter, and two for each message would be most of the work here.
        running.behave(drop_callbacks_rate=1)
        yield running


def test_a_large_broadcast_reaches_everybody_once_in_the_memory_of_a_small_one(
    cluster: Cluster,
) -> None:
    add_contacts(cluster, MESSAGES)
    worker = psutil.Process(cluster.pids["worker-0"])
    warm: int | None = None
    most = accepted = 0
    # The people are counted by the database when it is launched, and a million take their time.
    with cluster.client(timeout=300) as client:
        launch(client, draft(client, "Hi {{ first_name }}"), recipients=MESSAGES)
    ends = time.monotonic() + 60 + MESSAGES / SLOWEST
    began = time.monotonic()
    while cluster.number("select count(*) from broadcast.broadcasts where status <> 'completed'"):
        assert time.monotonic() < ends, f"{accepted} in {time.monotonic() - began:.0f} s"
        accepted = cluster.summary()["accepted"]
        held = worker.memory_info().rss
        if warm is None and accepted >= WARM_AFTER:
            warm = held
        most = max(most, held) if warm is not None else 0
        # The worker runs by itself; it is only looked at.
        time.sleep(0.25)
    seconds = time.monotonic() - began
    told = cluster.summary()
    assert (told["accepted"], told["distinct_to"]) == (MESSAGES, MESSAGES)
    assert cluster.rows("select status, count(*) from broadcast.messages group by 1") == [
        {"status": "sent", "count": MESSAGES}
    ]
    assert wrong_counts(cluster) == []
    assert warm is not None
    print(  # noqa: T201 - shown by -s
        f"{MESSAGES:,} messages in {seconds:.0f} s, {MESSAGES / seconds:,.0f}/s;"
        f" memory {warm / 1e6:.0f} MB at {WARM_AFTER:,}, at most {most / 1e6:.0f} MB after that"
    )
    assert most <= MOST_GROWTH * warm
