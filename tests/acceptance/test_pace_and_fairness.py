"""The sender's pace as the provider sees it, and who has their turn beside a large backlog."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from clarion.kernel.actor import WorkspaceId
from support.cluster import (
    Cluster,
    add_contacts,
    draft,
    launch,
    running_cluster,
    until,
)
from support.stalls import watched_stalls

pytestmark = pytest.mark.xdist_group("processes")

OTHERS = WorkspaceId(UUID("00000000-0000-4000-8000-000000000002"))


@pytest.fixture
def cluster(tmp_path: Path, rate: int) -> Iterator[Cluster]:
    with running_cluster(
        tmp_path,
        workers=3,
        SANDBOX__RATE_PER_SECOND=str(rate),
        SANDBOX__LATENCY_MS="0",
        SANDBOX__FAILURE_RATE="0",
    ) as running:
        # The sandbox is to look at the clock, and has nothing else to do meanwhile.
        running.behave(drop_callbacks_rate=1)
        yield running


def arrivals(accepted: Sequence[dict[str, Any]]) -> list[float]:
    """When each came in, in seconds, in order."""
    return sorted(datetime.fromisoformat(each["arrived_at"]).timestamp() for each in accepted)


def most_within(seconds: float, times: Sequence[float]) -> int:
    """Of all windows of this length the fullest."""
    first = most = 0
    for index, at in enumerate(times):
        while at - times[first] >= seconds:
            first += 1
        most = max(most, index - first + 1)
    return most


@pytest.mark.parametrize("rate", [40])
def test_three_workers_together_never_pass_the_pace_of_the_sender(
    cluster: Cluster, rate: int
) -> None:
    people = 10 * rate
    add_contacts(cluster, people)
    with watched_stalls() as stalls:
        with cluster.client() as client:
            launch(client, draft(client, "Hi {{ first_name }}"), recipients=people)
        until(lambda: cluster.summary()["accepted"], lambda accepted: accepted == people, within=60)
    times = arrivals(cluster.accepted())
    # On a busy machine one request is late at both ends, where it is sent and where it arrives, and
    # the next one is in time: by as much as was overslept, a second may be longer than it looks.
    second = 1.0 - 2 * stalls.longest
    print(  # noqa: T201 - shown by -s
        f"{most_within(1.0, times)} in a second, {most_within(second, times)} in {second:.3f} s"
    )
    assert most_within(second, times) <= rate
    # It is no slower than it may be, either.
    assert (people - 1) / (times[-1] - times[0]) > 0.8 * rate


@pytest.mark.parametrize("rate", [200])
def test_a_small_broadcast_and_another_workspace_have_their_turn_beside_a_large_backlog(
    cluster: Cluster, rate: int
) -> None:
    backlog, small, of_others = 20_000, 100, 800
    cluster.rows(
        "insert into broadcast.workspaces (id, name, sending_from, sending_until)"
        " values (%s, 'Others', null, null)",
        OTHERS,
    )
    add_contacts(cluster, backlog)
    add_contacts(cluster, small, area=214, group="few")
    add_contacts(cluster, of_others, workspace=OTHERS, area=713)
    with cluster.client() as client, cluster.client(OTHERS) as other_client:
        alone = first_message_after(cluster, client, "Alone", small, group="few")
        launch(client, draft(client, "Backlog"), recipients=backlog)
        until(lambda: _launched(cluster), lambda written: written >= backlog, within=60)
        beside = first_message_after(cluster, client, "Few", small, group="few")
        others = first_message_after(cluster, other_client, "Others", of_others)
    print(  # noqa: T201 - shown by -s
        f"first message after {alone:.2f} s alone, {beside:.2f} s and {others:.2f} s beside"
    )
    # What is more than it takes by itself is the wait for a turn.
    assert beside - alone < 1.0
    assert others - alone < 1.0
    accepted = until(
        cluster.accepted,
        lambda found: len(_of(found, "Others")) == of_others,
        within=30,
    )
    assert len(_of(accepted, "Few")) == small
    assert len(_of(accepted, "Backlog")) < backlog
    # While both workspaces have something to send they share the sender's pace.
    theirs = arrivals(_of(accepted, "Others"))
    at_that_time = [at for at in arrivals(accepted) if theirs[0] <= at <= theirs[-1]]
    assert 0.35 < len(theirs) / len(at_that_time) < 0.65


def first_message_after(
    cluster: Cluster, client: httpx.Client, body: str, people: int, *, group: str = "everybody"
) -> float:
    """Seconds from the moment at which the queue service began the job of a new broadcast to so
    many people, until the provider had the first message."""
    drafted = draft(client, body, group=group)
    launch(client, drafted, recipients=people)
    accepted = until(lambda: _of(cluster.accepted(), body), bool, within=30)
    began = cluster.rows(
        "select j.started_at from broadcast.queue_jobs j"
        " join broadcast.broadcast_steps s on s.job_id = j.id where s.broadcast_id = %s",
        drafted["id"],
    )
    at: datetime = began[0]["started_at"]
    return arrivals(accepted)[0] - at.timestamp()


def _of(accepted: Sequence[dict[str, Any]], body: str) -> list[dict[str, Any]]:
    return [each for each in accepted if each["body"] == body]


def _launched(cluster: Cluster) -> int:
    return cluster.number("select count(*) from broadcast.messages")
