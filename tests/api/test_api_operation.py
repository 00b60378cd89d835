"""What operators and their machines ask: health, readiness, metrics, and the id of a request."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from clarion.api.request_id import REQUEST_ID
from clarion.wiring.readiness import Readiness
from support.serving import check_answer, client_of, database_down, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from fastapi import FastAPI
    from prometheus_client import Metric

    from clarion.db.connection import Database
    from clarion.wiring.settings import Settings

TOKEN = "a token that scrapers have"


def local(app: FastAPI, client: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
    """Somebody who connects from there."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, client=(client, 50_000)),
        base_url="http://127.0.0.1:8010",
        headers=headers,
        event_hooks={"response": [check_answer]},
    )


async def metrics(client: httpx.AsyncClient) -> dict[str, Metric]:
    answer = await client.get("/metrics")
    assert answer.status_code == 200, answer.text
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def value(family: Metric, **labels: str) -> float:
    (sample,) = [each for each in family.samples if labels.items() <= each.labels.items()]
    return float(sample.value)


# --- readiness


async def test_a_database_that_is_behind_is_said_in_words(
    nobody: httpx.AsyncClient, dsn: str
) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "delete from supabase_migrations.schema_migrations where name = 'delivery'"
        )
    behind = await nobody.get("/ready")
    assert behind.status_code == 503
    assert behind.json()["detail"] == "Run `clarion migrate`: delivery is missing."
    assert behind.headers["retry-after"] == "2"
    assert (await nobody.get("/health")).status_code == 200


async def test_a_database_that_is_gone_makes_not_ready_but_not_ill(
    nobody: httpx.AsyncClient, dsn: str
) -> None:
    assert (await nobody.get("/ready")).status_code == 200
    with database_down(dsn):
        began = time.monotonic()
        answer = await nobody.get("/ready")
        assert time.monotonic() - began < 3
        assert answer.status_code == 503
        assert "database" in answer.json()["detail"]
        assert (await nobody.get("/health")).status_code == 200
    assert (await nobody.get("/ready")).status_code == 200


async def test_a_database_that_hangs_is_not_waited_for(database: Database, dsn: str) -> None:
    readiness = Readiness(database, within=0.2)
    assert await readiness.problem() is None
    held = [await database._pool.getconn() for _ in range(database._pool.max_size)]
    try:
        assert await readiness.problem() == "The database does not answer within 0.2 s."
    finally:
        for each in held:
            await database._pool.putconn(each)
    assert await readiness.problem() is None


# --- metrics


@pytest.fixture
async def guarded(settings: Settings) -> AsyncIterator[FastAPI]:
    with_token = settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    async with serving(with_token) as app:
        yield app


async def test_this_machine_reads_the_metrics(app: FastAPI) -> None:
    async with local(app) as client:
        found = await metrics(client)
    assert value(found["clarion_database_up"]) == 1
    assert value(found["clarion_messages"], channel="sms", status="delivered") == 0
    assert value(found["process_resident_memory_bytes"]) > 1_000_000


@pytest.mark.parametrize(
    ("client", "headers"),
    [("10.0.0.7", {}), ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"})],
)
async def test_without_a_token_nobody_else_does(
    app: FastAPI, client: str, headers: dict[str, str]
) -> None:
    async with local(app, client, **headers) as caller:
        answer = await caller.get("/metrics")
    assert answer.status_code == 403
    assert "METRICS_TOKEN" in answer.json()["detail"]


async def test_signing_in_does_not_open_the_metrics(ana: httpx.AsyncClient) -> None:
    """They tell of all workspaces: a person of one of them has no right to that."""
    assert (await ana.get("/metrics")).status_code == 403


async def test_with_the_token_they_are_read_from_anywhere(guarded: FastAPI) -> None:
    async with local(guarded, "10.0.0.7", authorization=f"Bearer {TOKEN}") as client:
        assert "clarion_database_up" in await metrics(client)
    async with local(guarded) as client:
        refused = await client.get("/metrics")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"


async def test_metrics_tell_when_the_database_cannot(app: FastAPI, dsn: str) -> None:
    async with local(app) as client:
        with database_down(dsn):
            found = await metrics(client)
    assert value(found["clarion_database_up"]) == 0
    assert "clarion_messages" not in found
    assert "process_resident_memory_bytes" in found


async def test_no_person_and_no_name_stands_in_the_metrics(app: FastAPI, dsn: str) -> None:
    """Ids, codes and words of Clarion's own; a code that is none is not shown."""
    with psycopg.connect(dsn) as connection:
        connection.execute(
            """
            with lane as (
              insert into broadcast.lanes (channel, provider, sender, rate_per_second)
              values ('sms', 'twilio', '+15125550100', 10) returning id
            ),
            made as (
              insert into broadcast.broadcasts
                (workspace_id, name, broadcast_type, status, created_by)
              select id, 'Secret sale', 'sms', 'sending', 'Ana Person'
              from broadcast.workspaces returning id, workspace_id
            ),
            step as (
              insert into broadcast.broadcast_steps
                (workspace_id, broadcast_id, position, channel, time_zone, status)
              select workspace_id, id, 1, 'sms', 'UTC', 'sending' from made returning *
            ),
            stream as (
              insert into broadcast.streams (workspace_id, lane_id, step_id, due_at)
              select step.workspace_id, lane.id, step.id, now() from step, lane
            )
            insert into broadcast.messages
              (workspace_id, broadcast_id, step_id, channel, address, name, status, lane_id,
               failed_at, error_code)
            select step.workspace_id, step.broadcast_id, step.id, 'sms', '+1512555020' || n,
              'Zoe Person', case when n = 0 then 'pending' else 'failed' end, lane.id,
              case when n > 0 then now() end,
              (array['30007', 'no zoe@example.com', '+15125550200'])[n]
            from step, lane, generate_series(0, 3) n
            """
        )
    async with local(app) as client:
        text = (await client.get("/metrics")).text
        found = await metrics(client)
    for personal in ("5125550", "example.com", "zoe", "Zoe", "Secret", "Ana", "My workspace"):
        assert personal not in text
    failed = found["clarion_recent_failed_messages"]
    assert value(failed, code="30007") == 1
    assert value(failed, code="other") == 2
    assert value(found["clarion_waiting_messages"], provider="twilio") == 1
    assert value(found["clarion_due_messages"], provider="twilio") == 1
    assert value(found["clarion_backlog_seconds"], provider="twilio") == pytest.approx(0.1)
    assert value(found["clarion_provider_breaker"], provider="twilio", state="closed") == 1
    assert value(found["clarion_provider_breaker"], provider="twilio", state="open") == 0
    (workspace,) = found["clarion_workspace_waiting_messages"].samples
    assert re.fullmatch(r"[0-9a-f-]{36}", workspace.labels["workspace"])


async def test_metrics_come_in_the_format_that_is_asked_for(app: FastAPI) -> None:
    async with local(app) as client:
        plain = await client.get("/metrics")
        newer = await client.get(
            "/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"}
        )
    assert plain.headers["content-type"].startswith("text/plain; version=")
    assert newer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert newer.text.endswith("# EOF\n")


# --- the id of a request


@pytest.fixture
def heard() -> Iterator[list[str | None]]:
    """The id that each line of the log would carry."""
    ids: list[str | None] = []

    class Ear(logging.Handler):
        def emit(self, _: logging.LogRecord) -> None:
            ids.append(REQUEST_ID.get())

    ear = Ear()
    logger = logging.getLogger("clarion.api.problems")
    logger.addHandler(ear)
    yield ids
    logger.removeHandler(ear)


async def test_the_answer_and_the_log_have_the_same_id(
    app: FastAPI, dsn: str, ana: httpx.AsyncClient, heard: list[str | None]
) -> None:
    with database_down(dsn):
        answer = await ana.get("/api/v1/broadcasts", headers={"x-request-id": "from-the-proxy.7"})
    assert answer.status_code == 503
    assert answer.headers["x-request-id"] == "from-the-proxy.7"
    assert heard == ["from-the-proxy.7"]
    assert REQUEST_ID.get() is None


@pytest.mark.parametrize("given", [None, "", "two words", "a" * 65, "-x", '"forged"'])
async def test_an_id_that_is_none_is_replaced(app: FastAPI, given: str | None) -> None:
    async with client_of(app) as client:
        headers = {} if given is None else {"x-request-id": given}
        ids = {
            (await client.get("/health", headers=headers)).headers["x-request-id"] for _ in range(3)
        }
    assert len(ids) == 3
    assert all(re.fullmatch(r"[0-9a-f]{16}", each) for each in ids)


async def test_a_refusal_has_an_id_too(nobody: httpx.AsyncClient) -> None:
    answer = await nobody.get("/api/v1/broadcasts")
    assert answer.status_code == 401
    assert answer.headers["x-request-id"]
