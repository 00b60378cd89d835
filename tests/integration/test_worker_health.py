"""A worker whose loops hang is unhealthy and says which; one without its database is not ready."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from clarion.kernel.errors import Misconfigured
from clarion.wiring import worker
from clarion.wiring.heartbeats import HANGS_AFTER, Heartbeats
from clarion.wiring.readiness import Readiness
from clarion.wiring.worker_health import WorkerHealth, serving_health
from support.processes import free_port
from support.serving import database_down, on_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from clarion.db.connection import Database
    from clarion.wiring.settings import Settings

TOKEN = "a token that scrapers have"


class Time:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def heartbeats(time: Time) -> Heartbeats:
    return Heartbeats(time)


@asynccontextmanager
async def answering(
    heartbeats: Heartbeats, database: Database, *, token: str = ""
) -> AsyncIterator[httpx.AsyncClient]:
    app = web.Application()
    app.add_routes(WorkerHealth(heartbeats, Readiness(database), token=token).routes())
    async with on_port(app) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


@pytest.fixture
async def client(heartbeats: Heartbeats, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with answering(heartbeats, database) as opened:
        yield opened


async def test_a_round_that_hangs_makes_the_worker_unhealthy_until_it_goes_on(
    client: httpx.AsyncClient, heartbeats: Heartbeats, time: Time
) -> None:
    goes_on, turns = asyncio.Event(), asyncio.Event()

    async def stuck() -> None:
        await goes_on.wait()
        turns.set()

    rounds = [
        asyncio.create_task(worker._forever(heartbeats.of("delivery.settle"), stuck, 0.01)),
    ]
    try:
        await asyncio.sleep(0)
        assert (await client.get("/health")).json() == {"status": "ok"}
        time.now += HANGS_AFTER + 5
        for path in ("/health", "/ready"):
            ill = await client.get(path)
            assert ill.status_code == 503
            assert ill.headers["content-type"].startswith("application/problem+json")
            assert ill.json()["detail"] == "No sign of life of delivery.settle for 65 s."
        goes_on.set()
        await turns.wait()
        assert (await client.get("/health")).status_code == 200
    finally:
        for each in rounds:
            each.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*rounds)


async def test_a_round_that_fails_is_told_once_and_is_not_one_that_hangs(
    heartbeats: Heartbeats, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "_AFTER_TROUBLE", 0)
    caplog.set_level("INFO")
    outcomes = iter([OSError("gone"), OSError("gone"), OSError("gone"), None])
    ended = asyncio.Event()

    async def fails() -> None:
        outcome = next(outcomes, "ended")
        if isinstance(outcome, OSError):
            raise outcome
        if outcome == "ended":
            ended.set()
            await asyncio.Event().wait()

    turning = asyncio.create_task(worker._forever(heartbeats.of("apply"), fails, 0))
    await asyncio.wait_for(ended.wait(), 10)
    turning.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await turning
    assert caplog.messages == ["worker.round_fails", "worker.round_works_again"]
    assert vars(caplog.records[1])["failed"] == 3
    assert heartbeats.problem() is None


async def test_a_worker_without_its_database_lives_and_is_not_ready(
    client: httpx.AsyncClient, dsn: str
) -> None:
    assert (await client.get("/ready")).json() == {"status": "ready"}
    with database_down(dsn):
        assert (await client.get("/ready")).status_code == 503
        assert (await client.get("/health")).status_code == 200


async def test_the_metrics_of_a_worker_tell_of_its_loops(
    client: httpx.AsyncClient, heartbeats: Heartbeats, time: Time
) -> None:
    heartbeats.of("pump")
    time.now += 70
    heartbeats.of("settle")
    answer = await client.get("/metrics")
    found = {each.name: each for each in text_string_to_metric_families(answer.text)}
    silent = {
        each.labels["loop"]: each.value for each in found["clarion_loop_silent_seconds"].samples
    }
    hangs = {each.labels["loop"]: each.value for each in found["clarion_loop_hangs"].samples}
    assert silent == {"pump": 70.0, "settle": 0.0}
    assert hangs == {"pump": 1.0, "settle": 0.0}
    assert "process_resident_memory_bytes" in found


async def test_the_metrics_of_a_worker_have_the_same_guard(
    heartbeats: Heartbeats, database: Database
) -> None:
    async with answering(heartbeats, database) as client:
        proxied = await client.get("/metrics", headers={"x-forwarded-for": "10.0.0.7"})
        assert proxied.status_code == 403
    async with answering(heartbeats, database, token=TOKEN) as client:
        refused = await client.get("/metrics")
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        allowed = await client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert allowed.status_code == 200
        assert (await client.get("/health")).status_code == 200


async def test_a_worker_serves_only_where_it_is_asked_to(
    settings: Settings, heartbeats: Heartbeats, database: Database
) -> None:
    port = free_port()
    readiness = Readiness(database)
    guarded = settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        async with serving_health(guarded, heartbeats, readiness, port=None):
            with pytest.raises(httpx.ConnectError):
                await client.get("/health")
        async with serving_health(guarded, heartbeats, readiness, port=port):
            assert (await client.get("/health")).status_code == 200
            assert (await client.get("/metrics")).status_code == 401
            with pytest.raises(Misconfigured, match=f"127.0.0.1:{port}.*another worker"):
                async with serving_health(guarded, heartbeats, readiness, port=port):
                    pass
        with pytest.raises(httpx.ConnectError):
            await client.get("/health")
