"""How many signed callbacks one API process takes and how fast a worker applies them, beside a bare
endpoint that only answers; prints the table of docs/benchmarks.md.

    .venv/bin/python benchmarks/callbacks.py --events 50000

On a machine with nothing else to do. The database is an embedded server of its own with fsync on.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import itertools
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

#: E-mail events in a second for which the time of the answers is measured.
MAIL_PACE = 5_000

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
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
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
    sms = [
        request
        for status in STATUSES
        for request in status_callbacks(
            add_messages(settings.database_url, "sms", messages), status
        )
    ]
    more_sms = [
        request
        for status in STATUSES
        for request in status_callbacks(
            add_messages(settings.database_url, "sms", messages), status
        )
    ]
    mails = event_webhooks(add_messages(settings.database_url, "email", messages), private_key)
    more_mails = event_webhooks(add_messages(settings.database_url, "email", messages), private_key)
    with bare():
        rival = await post(BARE_PORT, sms)
    with clarion(settings, "api", PORT=str(API_PORT), AUDIENCE_INDEX__ENABLED="false"):
        lines = [
            "| figure | measured | against | ratio |",
            "|---|---|---|---|",
            told("signed SMS callbacks taken, one each request", await post(API_PORT, sms), rival),
            told(
                f"signed e-mail events taken, {EVENTS_IN_MAIL} each request",
                await post(API_PORT, mails),
            ),
        ]
        stored, applied = await apply_all(settings)
        if stored != sum(request.events for request in (*sms, *mails)):
            raise SystemExit(f"{stored} events are stored, and more were accepted")
        lines.append(f"| events applied by one worker | {applied:,.0f}/s | | |")
        with clarion(settings, "worker"):
            for name, requests, pace in (
                ("SMS callbacks", more_sms, None),
                ("e-mail events at a pace", more_mails, MAIL_PACE),
            ):
                began = time.perf_counter()
                posted = await post(API_PORT, requests, events_per_second=pace)
                await all_applied(settings)
                took = time.perf_counter() - began
                rate = sum(request.events for request in requests) / took
                lines.append(
                    f"| {name} taken and applied by an API and a worker process at once"
                    f" | {rate:,.0f}/s, p99 of the answers {posted.p99_ms:.0f} ms | | |"
                )
    return lines


def told(name: str, posted: Posted, rival: Posted | None = None) -> str:
    against, ratio = "", ""
    if rival is not None:
        against = f"bare endpoint {rival.events_per_second:,.0f}/s, p99 {rival.p99_ms:.0f} ms"
        ratio = f"{posted.events_per_second / rival.events_per_second:.2f}"
    return (
        f"| {name} | {posted.events_per_second:,.0f}/s, p99 {posted.p99_ms:.0f} ms"
        f" | {against} | {ratio} |"
    )


async def all_applied(settings: Settings) -> None:
    async with await psycopg.AsyncConnection.connect(
        settings.database_url, autocommit=True
    ) as connection:
        while True:
            cursor = await connection.execute(
                "select exists (select from broadcast.message_events where applied_at is null)"
            )
            row = await cursor.fetchone()
            if row is not None and not row[0]:
                return
            await asyncio.sleep(0.05)


def add_messages(dsn: str, channel: str, count: int) -> list[tuple[UUID, str]]:
    """Messages of one completed broadcast that are with their provider: id and provider's id."""
    with psycopg.connect(dsn) as connection:
        first = connection.execute("select count(*) from broadcast.messages").fetchone()[0]
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
            from (select * from broadcast.broadcast_steps order by id desc limit 1) s,
              generate_series(%(first)s::int + 1, %(first)s::int + %(count)s) n
            """,
            {"count": count, "channel": channel, "first": first},
        )
        connection.execute(
            "update broadcast.messages set provider_id = provider_id || ':' || id"
            " where channel = 'email' and provider_id not like '%:%'"
        )
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze broadcast.messages")
        return connection.execute(
            "select id, provider_id from broadcast.messages order by id desc limit %s", [count]
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
            "sg_message_id": f"{provider_id.partition(':')[0]}.filter",
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


class Connection(asyncio.Protocol):
    """Posts what is ready to be posted, each answered before the next one leaves. A client library
    would take more of the two cores than what is measured."""

    def __init__(self, waiting: Iterator[tuple[bytes, float]], seconds: list[float]) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting = waiting
        self._seconds = seconds
        self._began = 0.0
        self._read = b""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        if not end or len(body) < length_of(head):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.ended.set_exception(SystemExit(self._read.decode()))
            return
        self._seconds.append(time.perf_counter() - self._began)
        self._read = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(error or SystemExit("The server has hung up."))

    def _next(self) -> None:
        wire = next(self._waiting, None)
        if wire is None:
            self.ended.set_result(None)
            self._transport.close()
            return
        request, due = wire
        if due > time.perf_counter():
            self._loop.call_later(due - time.perf_counter(), self._post, request, due)
        else:
            # At a pace that is given, waiting for a connection is part of the answer's time.
            self._post(request, due or time.perf_counter())

    def _post(self, request: bytes, began: float) -> None:
        self._began = began
        self._transport.write(request)


def length_of(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def as_sent(request: Request) -> bytes:
    head = [f"POST {request.path} HTTP/1.1", "Host: clarion.example"]
    head += [f"{name}: {value}" for name, value in request.headers.items()]
    head += [f"Content-Length: {len(request.body)}", "", ""]
    return "\r\n".join(head).encode() + request.body


async def post(
    port: int, requests: list[Request], *, events_per_second: float | None = None
) -> Posted:
    """All of them over some connections: as fast as they are answered, or at this pace."""
    await answering(port)
    seconds: list[float] = []
    loop = asyncio.get_running_loop()
    wires = [as_sent(each) for each in requests]
    began = time.perf_counter() + (0.1 if events_per_second else 0.0)
    before = itertools.accumulate((each.events for each in requests), initial=0)
    waiting = iter(
        [
            (wire, 0.0 if events_per_second is None else began + events / events_per_second)
            for wire, events in zip(wires, before, strict=False)
        ]
    )
    opened = [
        await loop.create_connection(lambda: Connection(waiting, seconds), "127.0.0.1", port)
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(protocol.ended for _, protocol in opened))
    took = time.perf_counter() - began
    return Posted(
        events_per_second=sum(request.events for request in requests) / took,
        p99_ms=sorted(seconds)[int(len(seconds) * 0.99)] * 1_000,
    )


async def answering(port: int) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(600):
            try:
                async with session.get(f"http://127.0.0.1:{port}/health") as answer:
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
def clarion(settings: Settings, command: str, **environment: str) -> Iterator[None]:
    """A process as it runs in production."""
    with process(
        [sys.executable, "-m", "clarion.cli.main", command],
        {
            "DATABASE_URL": settings.database_url,
            "DATA_FOLDER": str(settings.data_folder),
            "PUBLIC_URL": PUBLIC_URL,
            **environment,
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
