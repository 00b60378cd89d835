"""Bad weather at the provider and in the house: it passes, and everybody has got it once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.accounts import Audit, audit, settled, under_way
from support.cluster import (
    Cluster,
    add_contacts,
    draft,
    launch,
    running_cluster,
    until,
)

pytestmark = pytest.mark.xdist_group("storms")

#: As long as they are in the world; docs/testing.md.
LONG = os.environ.get("CLARION_STORMS") == "long"

RATE = 60

#: Seconds, so that a storm that leaves answers open is over soon. Far too short for a provider that
#: takes its time: what is still on the line would be sent again.
SOON = {"UNCERTAIN_AFTER_SECONDS": "3", "NEVER_LEFT_AFTER_SECONDS": "5"}

in_their_own_time = pytest.mark.parametrize("patience", [{}], ids=["in their own time"])


@pytest.fixture
def patience() -> dict[str, str]:
    return SOON


@pytest.fixture
def cluster(tmp_path: Path, patience: dict[str, str]) -> Iterator[Cluster]:
    with running_cluster(
        tmp_path,
        workers=2,
        SANDBOX__RATE_PER_SECOND=str(RATE),
        SANDBOX__LATENCY_MS="5",
        SANDBOX__FAILURE_RATE="0",
        SANDBOX__CALLBACK_DELAY_MS="50",
        **patience,
    ) as running:
        yield running


@pytest.fixture
def client(cluster: Cluster) -> Iterator[httpx.Client]:
    with cluster.client() as opened:
        yield opened


def begin(cluster: Cluster, client: httpx.Client, people: int) -> None:
    """A broadcast to so many, of which the first have left."""
    add_contacts(cluster, people)
    launch(client, draft(client, "Hi {{ first_name }}"), recipients=people)
    until(lambda: cluster.summary()["accepted"], lambda accepted: accepted > 0, within=20)


def everybody_got_it(found: Audit, people: int) -> None:
    assert not found.faults, found
    assert found.ends == {"delivered": people}, found


@pytest.mark.parametrize("how", ["refused", "silent"])
def test_a_provider_that_is_down(cluster: Cluster, client: httpx.Client, how: str) -> None:
    """Connections are refused, or made and never answered."""
    people = 300
    begin(cluster, client, people)
    if how == "refused":
        cluster.line.down()
    else:
        cluster.line.mute = True
    time.sleep(600 if LONG else 8)
    before = cluster.summary()["accepted"]
    assert before < people
    cluster.line.mute = False
    cluster.line.cut()
    cluster.line.up()
    everybody_got_it(settled(cluster, within=900 if LONG else 60), people)


def test_a_third_of_all_requests_fails_at_the_provider(
    cluster: Cluster, client: httpx.Client
) -> None:
    people = 5_000 if LONG else 120
    cluster.behave(error_5xx_rate=0.3)
    begin(cluster, client, people)
    everybody_got_it(settled(cluster, within=1_800 if LONG else 90), people)


def test_bursts_in_which_the_provider_says_too_fast(cluster: Cluster, client: httpx.Client) -> None:
    people = 5_000 if LONG else 400
    begin(cluster, client, people)
    for _ in range(20 if LONG else 2):
        cluster.behave(rate_limit=RATE / 6)
        time.sleep(2)
        cluster.behave(rate_limit=None)
        time.sleep(1)
    found = settled(cluster, within=1_800 if LONG else 90)
    everybody_got_it(found, people)
    # "Too fast" is no attempt: whoever was told so has as many as the others.
    assert cluster.number("select max(attempts) from broadcast.messages") == 1


@in_their_own_time
def test_a_provider_that_takes_five_seconds_for_each_answer(
    cluster: Cluster, client: httpx.Client
) -> None:
    people = 5_000 if LONG else 200
    cluster.behave(latency_ms=5_000)
    begin(cluster, client, people)
    everybody_got_it(settled(cluster, within=1_800 if LONG else 60), people)
    assert cluster.number("select max(attempts) from broadcast.messages") == 1


def test_receipts_that_come_an_hour_late(cluster: Cluster, client: httpx.Client) -> None:
    people = 200
    cluster.behave(hold_callbacks=True)
    begin(cluster, client, people)
    until(lambda: _not_sent(cluster), lambda left: left == 0, within=30)
    if LONG:
        time.sleep(3_600)
        # Long before that the workers have asked the provider what became of each; the receipts
        # that come now tell nothing new.
        assert audit(cluster).ends == {"delivered": people}
    else:
        cluster.rows(
            "update broadcast.messages set sent_at = sent_at - interval '1 hour',"
            " claimed_at = claimed_at - interval '1 hour'"
        )
        assert audit(cluster).ends == {"sent": people}
    cluster.behave(hold_callbacks=False)
    until(lambda: under_way(cluster), lambda left: not left, within=30)
    everybody_got_it(audit(cluster), people)


def test_a_database_that_goes_away_in_the_middle(cluster: Cluster, client: httpx.Client) -> None:
    people = 400
    begin(cluster, client, people)
    cluster.postgres.stop(signal.SIGINT)
    time.sleep(60 if LONG else 3)
    cluster.postgres.start()
    until(lambda: cluster.summary()["accepted"], lambda accepted: accepted > people / 2, within=30)
    cluster.postgres.crash()
    everybody_got_it(settled(cluster, within=90), people)


def _not_sent(cluster: Cluster) -> int:
    return cluster.number("select count(*) from broadcast.messages where status <> 'sent'")
