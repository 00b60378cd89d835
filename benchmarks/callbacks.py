"""How many signed callbacks one API process takes and how fast a worker applies them, beside a bare
endpoint that only answers; prints the table of docs/benchmarks.md.

    .venv/bin/python benchmarks/callbacks.py --events 50000

On a machine with nothing else to do. The database is an embedded server of its own with fsync on.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp
import psycopg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from clarion.audience.binding import prepare_contact_table
from clarion.audience.contact_table import ContactNames
from clarion.db.connection import Database
from clarion.db.embedded import running_server
from clarion.db.migrations import migrate
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.clock import utc_now
from clarion.providers.sandbox.settings import SANDBOX_ACCOUNT_SID, SANDBOX_AUTH_TOKEN
from clarion.providers.sendgrid.callbacks import (
    ATTEMPT_ARG,
    MESSAGE_ARG,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
)
from clarion.queue.engine import ProcrastinateEngine
from clarion.queue.service import QueueService
from clarion.tracking.apply import Applier
from clarion.wiring.secrets import sandbox_sendgrid_key
from clarion.wiring.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

API_PORT, BARE_PORT = 8_935, 8_936
PUBLIC_URL = "https://clarion.example"

#: Connections on which a provider posts at the same time.
CONNECTIONS = 64

#: E-mail events come many in one request.
EVENTS_IN_MAIL = 200

#: Twilio tells of each message three times.
STATUSES = ("queued", "sent", "delivered")

#: The rival: reads the request and answers, with no signature, no database and no framework.
_BARE = """
import uvicorn

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})

uvicorn.run(app, port=PORT, log_level="critical", lifespan="off")
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    path: str
    body: bytes
    headers: dict[str, str]
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    events_per_second: float
    p99_ms: float


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=50_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running_server(Path(name) / "postgres") as dsn:
        migrate(dsn, contacts_table="public.contacts")
        prepare_contact_table(dsn, ContactNames())
        settings = Settings(database_url=dsn, data_folder=Path(name), public_url=PUBLIC_URL)
        private_key = sandbox_sendgrid_key(settings)
        for line in await measure(settings, private_key, arguments.events):
            print(line)


async def measure(settings: Settings, private_key: str, events: int) -> list[str]:
    messages = events // len(STATUSES)
    texts = add_messages(settings.database_url, "sms", messages)
    mails = add_messages(settings.database_url, "email", messages)
    status_requests = [
        request for status in STATUSES for request in status_callbacks(texts, status)
    ]
    mail_requests = event_webhooks(mails, private_key)
    with serving(settings):
        taken = await post(API_PORT, status_requests)
        mailed = await post(API_PORT, mail_requests)
    with bare():
        rival = await post(BARE_PORT, status_requests)
    stored, applied = await apply_all(settings)
    expected = sum(request.events for request in (*status_requests, *mail_requests))
    if stored != expected:
        raise SystemExit(f"{expected} events were accepted, and {stored} stored")
    return [
        "| figure | measured | against | ratio |",
        "|---|---|---|---|",
        (
            f"| signed SMS callbacks taken, one each request, {len(status_requests):,} events"
            f" | {taken.events_per_second:,.0f}/s, p99 {taken.p99_ms:.0f} ms"
            f" | bare endpoint {rival.events_per_second:,.0f}/s, p99 {rival.p99_ms:.0f} ms"
            f" | {taken.events_per_second / rival.events_per_second:.2f} |"
        ),
        (
            f"| signed e-mail events taken, {EVENTS_IN_MAIL} each request"
            f" | {mailed.events_per_second:,.0f}/s, p99 {mailed.p99_ms:.0f} ms | | |"
        ),
        f"| events applied by one worker | {applied:,.0f}/s | | |",
    ]


def add_messages(dsn: str, channel: str, count: int) -> list[tuple[UUID, str]]:
    """Messages of one completed broadcast that are with their provider: id and provider's id."""
    with psycopg.connect(dsn) as connection:
        connection.execute(
            """
            with made as (
              insert into broadcast.broadcasts (workspace_id, name, broadcast_type, status, created_by)
              values (%(workspace)s, 'Benchmark', %(channel)s, 'completed', 'b') returning id
            )
            insert into broadcast.broadcast_steps
              (workspace_id, broadcast_id, position, channel, time_zone, status, scheduled_at)
            select %(workspace)s, id, 1, %(channel)s, 'UTC', 'completed', now() from made
            """,
            {"workspace": DEFAULT_WORKSPACE, "channel": channel},
        )
        connection.execute(
            """
            insert into broadcast.messages
              (workspace_id, broadcast_id, step_id, channel, address, status, provider, provider_id,
               attempts, segments, claimed_at, sent_at)
            select s.workspace_id, s.broadcast_id, s.id, s.channel,
              case s.channel when 'sms' then '+1512' || lpad(n::text, 7, '0') else 'p' || n || '@b.example' end,
              'sent', 'sandbox', upper(left(s.channel, 1)) || 'M' || lpad(n::text, 32, '0'), 1, 1, now(), now()
            from broadcast.broadcast_steps s, generate_series(1, %(count)s) n
            where s.channel = %(channel)s
            """,
            {"count": count, "channel": channel},
        )
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze broadcast.messages")
        return connection.execute(
            "select id, provider_id from broadcast.messages where channel = %s order by id",
            [channel],
        ).fetchall()


def status_callbacks(messages: list[tuple[UUID, str]], status: str) -> list[Request]:
    signer = RequestValidator(SANDBOX_AUTH_TOKEN)
    requests = []
    for message_id, provider_id in messages:
        path = f"/api/v1/callbacks/twilio/status?m={message_id}&a=1"
        form = {
            "AccountSid": SANDBOX_ACCOUNT_SID,
            "ApiVersion": "2010-04-01",
            "From": "+15005550006",
            "MessageSid": provider_id,
            "MessageStatus": status,
            "SmsSid": provider_id,
            "SmsStatus": status,
            "To": "+15125550100",
        }
        signature = signer.compute_signature(f"{PUBLIC_URL}{path}", MultiDict(form))
        requests.append(
            Request(
                path=path,
                body=urlencode(form).encode(),
                headers={
                    "X-Twilio-Signature": signature,
                    "Content-Type": "application/x-www-form-urlencoded",
                },
                events=1,
            )
        )
    return requests


def event_webhooks(messages: list[tuple[UUID, str]], private_key: str) -> list[Request]:
    key = serialization.load_pem_private_key(private_key.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SystemExit("The sandbox signs with an elliptic curve key.")
    told = [
        {
            "event": status,
            "email": "p@b.example",
            "timestamp": int(time.time()),
            "sg_event_id": f"{status}-{message_id}",
            "sg_message_id": f"{provider_id}.filter",
            MESSAGE_ARG: str(message_id),
            ATTEMPT_ARG: "1",
        }
        for status in ("processed", "delivered")
        for message_id, provider_id in messages
    ]
    requests = []
    for start in range(0, len(told), EVENTS_IN_MAIL):
        portion = told[start : start + EVENTS_IN_MAIL]
        body, signed_at = json.dumps(portion).encode(), str(int(time.time()))
        signature = key.sign(signed_at.encode() + body, ec.ECDSA(SHA256()))
        requests.append(
            Request(
                path="/api/v1/callbacks/sendgrid/events",
                body=body,
                headers={
                    SIGNATURE_HEADER: base64.b64encode(signature).decode(),
                    TIMESTAMP_HEADER: signed_at,
                    "Content-Type": "application/json",
                },
                events=len(portion),
            )
        )
    return requests


async def post(port: int, requests: list[Request]) -> Posted:
    """All of them over some connections, each answered before the next one leaves on it."""
    waiting, seconds = iter(requests), []
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", connector=connector) as session:
        await answering(session)

        async def one_connection() -> None:
            for request in waiting:
                began = time.perf_counter()
                async with session.post(
                    request.path, data=request.body, headers=request.headers
                ) as answer:
                    if answer.status != 200:
                        raise SystemExit(f"{answer.status}: {await answer.text()}")
                seconds.append(time.perf_counter() - began)

        began = time.perf_counter()
        await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))
        took = time.perf_counter() - began
    return Posted(
        events_per_second=sum(request.events for request in requests) / took,
        p99_ms=sorted(seconds)[int(len(seconds) * 0.99)] * 1_000,
    )


async def answering(session: aiohttp.ClientSession) -> None:
    for _ in range(600):
        try:
            async with session.get("/health") as answer:
                await answer.read()
                return
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.05)
    raise SystemExit("The server did not start.")


async def apply_all(settings: Settings) -> tuple[int, float]:
    """How many events there were, and how many of them are applied in a second."""
    database = Database(settings.database_url)
    await database.open()
    try:
        applier = Applier(
            database, QueueService(ProcrastinateEngine(settings.database_url)), utc_now
        )
        began, applied = time.perf_counter(), 0
        while count := await applier.apply_batch():
            applied += count
        return applied, applied / (time.perf_counter() - began)
    finally:
        await database.close()


@contextmanager
def serving(settings: Settings) -> Iterator[None]:
    """The API as it runs in production, without the index of the contacts, which is not asked."""
    with process(
        [sys.executable, "-m", "clarion.cli.main", "api"],
        {
            "DATABASE_URL": settings.database_url,
            "DATA_FOLDER": str(settings.data_folder),
            "PUBLIC_URL": PUBLIC_URL,
            "PORT": str(API_PORT),
            "AUDIENCE_INDEX__ENABLED": "false",
        },
    ):
        yield


@contextmanager
def bare() -> Iterator[None]:
    with process([sys.executable, "-c", _BARE.replace("PORT", str(BARE_PORT))], {}):
        yield


@contextmanager
def process(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    started = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        yield
    finally:
        started.terminate()
        started.wait()


if __name__ == "__main__":
    asyncio.run(main())
