"""Figures of launching and sending, each a ratio within one run; prints the tables of docs/benchmarks.md.

    .venv/bin/python benchmarks/delivery.py --messages 50000 --first-of 1000000

On a machine with nothing else to do. The database is an embedded server of its own with fsync on.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import procrastinate
import psycopg
from installation import (
    ACTOR,
    BODY,
    EVERYBODY,
    SANDBOX,
    answering,
    begin,
    count,
    launched,
    process,
    ready,
    send_all,
    summary,
)
from main_job import timed
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from clarion.api import identity
from clarion.db.connection import with_keepalives
from clarion.delivery.sending import claim as claiming
from clarion.delivery.sending import slices
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.clock import utc_now
from clarion.providers.sandbox.settings import SANDBOX_ACCOUNT_SID, SANDBOX_AUTH_TOKEN
from clarion.wiring.secrets import signing_secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from clarion.wiring.clarion import Clarion

API_PORT = 8_926
MESSAGES_PATH = f"{SANDBOX}/2010-04-01/Accounts/{SANDBOX_ACCOUNT_SID}/Messages.json"

#: Requests at a time of the bare loop, as many as a script would dare.
CONNECTIONS = 96

#: Of the rival that has a task for each message: tasks at a time of its one worker.
TASKS_AT_ONCE = 64

#: Runs of which the median counts, where two ways of our own are compared.
TIMES = 3


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument(
        "--first-of", type=int, default=0, help="contacts of a broadcast whose first message counts"
    )
    parser.add_argument("--only-first", action="store_true")
    arguments = parser.parse_args()
    print("| figure | measured | against | ratio |\n|---|---|---|---|")
    if not arguments.only_first:
        async with ready(arguments.messages) as clarion:
            for line in await measure(clarion):
                print(line, flush=True)
    if arguments.first_of:
        async with ready(arguments.first_of) as clarion:
            print(await first_message(clarion), flush=True)


async def measure(clarion: Clarion) -> list[str]:
    """One broadcast through saving, launch and sending, then the bare operations; then more of the
    same, with and without turns and pace."""
    launches, keyed, plain = [], [], []
    for number in range(TIMES):
        broadcast = await launched(clarion)
        step_id = broadcast.first_step.id
        saving = await timed(lambda: clarion.saver.save(DEFAULT_WORKSPACE, broadcast.id))  # noqa: B023
        await begin(clarion, step_id)
        launches.append(await timed(lambda: clarion.launcher.launch_step(step_id)))  # noqa: B023
        keyed.append(await timed(lambda: bare_insert(clarion, step_id, "including all")))  # noqa: B023
        plain.append(await timed(lambda: bare_insert(clarion, step_id, "including defaults")))  # noqa: B023
        if number < TIMES - 1:
            await forget_messages(clarion, step_id)
    messages = await count(clarion, "select count(*) as n from broadcast.messages")
    lines = [f"| recipients saved | {messages / saving:,.0f}/s | | |"]
    launching = statistics.median(launches)
    for name, inserts in (("of the same keys and indexes", keyed), ("without keys", plain)):
        insert = statistics.median(inserts)
        lines.append(
            f"| launch of a step, {messages:,} messages, median of {TIMES} | {messages / launching:,.0f}/s"
            f" | bare INSERT … SELECT into a table {name} {messages / insert:,.0f}/s"
            f" | {insert / launching:.2f} |"
        )
    sending = await timed(lambda: send_all(clarion))
    await expect(messages)
    post = await timed(lambda: bare_posts(messages))
    lines.append(
        f"| SMS end to end, ledger on, {messages:,} messages | {messages / sending:,.0f}/s"
        f" | bare aiohttp POST loop {messages / post:,.0f}/s | {post / sending:.2f} |"
    )
    with_turns, without = [], []
    for _ in range(TIMES):
        with_turns.append(await again(clarion))
        with no_turns_and_no_pace():
            without.append(await again(clarion))
    kept, free = statistics.median(with_turns), statistics.median(without)
    lines.append(
        f"| fairness and pace, median of {TIMES} | {messages / kept:,.0f}/s"
        f" | the same pump without turns and slots {messages / free:,.0f}/s | {free / kept:.2f} |"
    )
    tasks = min(messages, 10_000)
    each = await timed_tasks(clarion, tasks)
    lines.append(
        f"| against a task for each message | {messages / kept:,.0f}/s"
        f" | Procrastinate, one task and one UPDATE each, {tasks:,} messages {tasks / each:,.0f}/s"
        f" | {(messages / kept) / (tasks / each):.1f} |"
    )
    return lines


async def again(clarion: Clarion) -> float:
    """Seconds to send the same once more."""
    broadcast = await launched(clarion)
    await clarion.saver.save(DEFAULT_WORKSPACE, broadcast.id)
    await begin(clarion, broadcast.first_step.id)
    await clarion.launcher.launch_step(broadcast.first_step.id)
    with psycopg.connect(clarion.settings.database_url, autocommit=True) as connection:
        connection.execute("vacuum analyze broadcast.messages")
        connection.execute("checkpoint")
    return await timed(lambda: send_all(clarion))


@contextmanager
def no_turns_and_no_pace() -> Iterator[None]:
    """The pump claims what is there, from one stream that it looks up once, and sends at once. Nobody
    may run this beside another worker: nothing keeps them apart but the rows that each holds."""
    names = ("pick_streams", "take_turn", "claim", "reserve", "book")
    real = {name: getattr(claiming, name) for name in names}
    booking = slices.book, slices.reserve
    known: list[Any] = []

    async def pick(*arguments: Any, **named: Any) -> list[Any]:
        if not known:
            known.extend(await real["pick_streams"](*arguments, **named))
        return known

    async def take(*_: Any, **__: Any) -> bool:
        return True

    async def claim(*arguments: Any, **named: Any) -> list[Any]:
        found: list[Any] = await real["claim"](*arguments, **named)
        if not found:
            known.clear()
        return found

    async def at_once(*_: Any, now: datetime, **__: Any) -> datetime:
        return now

    def free(pace: Any, segments: Any) -> Any:
        made = real["book"](pace, segments)
        return type(made)(seconds=(0.0,) * len(made.seconds))

    for name, function in zip(names, (pick, take, claim, at_once, free), strict=True):
        setattr(claiming, name, function)
    slices.book, slices.reserve = free, at_once
    try:
        yield
    finally:
        for name, function in real.items():
            setattr(claiming, name, function)
        slices.book, slices.reserve = booking


async def expect(messages: int) -> None:
    told = await summary()
    if told["distinct_to"] != messages or told["accepted"] != messages:
        raise SystemExit(f"{messages} messages, but the sandbox was given {told}")


async def bare_insert(clarion: Clarion, step_id: UUID, like: str) -> None:
    """The same rows, without trigger, policy and foreign key."""
    async with clarion.database.as_worker() as connection:
        await connection.execute("reset role")
        await connection.execute("drop table if exists public.bare")
        await connection.execute(
            f"create table public.bare (like broadcast.messages {like})".encode()
        )
        await connection.execute(
            """
            insert into public.bare
              (workspace_id, broadcast_id, step_id, recipient_id, contact_id, name, channel,
               address, lane_id, due_at)
            select r.workspace_id, r.broadcast_id, s.id, r.id, r.contact_id, r.name, 'sms',
              r.sms_address, (select id from broadcast.lanes where channel = 'sms' limit 1), now()
            from broadcast.broadcast_recipients r
            join broadcast.broadcast_steps s on s.broadcast_id = r.broadcast_id
            where r.sms_left_out is null and s.id = %s
            """,
            [step_id],
        )


async def forget_messages(clarion: Clarion, step_id: UUID) -> None:
    """So that one step is sent, not one for each launch that was measured."""
    with psycopg.connect(clarion.settings.database_url, autocommit=True) as connection:
        connection.execute("delete from broadcast.messages where step_id = %s", [step_id])
        connection.execute("delete from broadcast.streams where step_id = %s", [step_id])
        connection.execute(
            "update broadcast.broadcast_steps set status = 'cancelled' where id = %s", [step_id]
        )
        connection.execute("vacuum analyze broadcast.messages")


def authorized() -> dict[str, str]:
    return {"Authorization": aiohttp.encode_basic_auth(SANDBOX_ACCOUNT_SID, SANDBOX_AUTH_TOKEN)}


async def bare_posts(messages: int) -> None:
    """What a script does: POST the same forms to the same sandbox, and keep no record."""
    numbers = iter(range(messages))
    async with aiohttp.ClientSession(headers=authorized()) as session:

        async def one_connection() -> None:
            for number in numbers:
                form = {
                    "To": f"+1512556{number % 10_000:04d}",
                    "From": "+15005550006",
                    "Body": "Hi there, your Solar panels quote is ready.",
                }
                async with session.post(MESSAGES_PATH, data=form) as answer:
                    await answer.read()

        await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))


async def timed_tasks(clarion: Clarion, messages: int) -> float:
    """The usual way: each message is a task, which reads it, sends it and writes what came of it."""
    dsn = with_keepalives(clarion.settings.database_url)
    connector = procrastinate.PsycopgConnector(
        conninfo=dsn,
        min_size=4,
        max_size=16,
        kwargs={"options": "-c search_path=procrastinate,public"},
    )
    app = procrastinate.App(connector=connector)
    left = asyncio.Event()
    waiting = messages
    async with (
        app.open_async(),
        AsyncConnectionPool(dsn, min_size=8, max_size=16, kwargs={"row_factory": dict_row}) as pool,
        aiohttp.ClientSession(headers=authorized()) as session,
    ):

        @app.task(name="benchmark.send", queue="benchmark")
        async def send(message: int) -> None:
            nonlocal waiting
            async with pool.connection() as connection:
                cursor = await connection.execute(
                    "select address, body from public.usual where id = %s", [message]
                )
                row = await cursor.fetchone()
            if row is None:
                raise SystemExit("A task without a message.")
            form = {"To": row["address"], "From": "+15005550006", "Body": row["body"]}
            async with session.post(MESSAGES_PATH, data=form) as answer:
                told = await answer.json()
            async with pool.connection() as connection:
                await connection.execute(
                    "update public.usual set status = 'sent', provider_id = %s where id = %s",
                    [told["sid"], message],
                )
            waiting -= 1
            if not waiting:
                left.set()

        async with pool.connection() as connection:
            await connection.execute(
                "create table public.usual (id int primary key, address text, body text,"
                " status text default 'pending', provider_id text)"
            )
            await connection.execute(
                "insert into public.usual select n, '+1512' || lpad(n::text, 7, '0'),"
                " 'Hi there, your Solar panels quote is ready.' from generate_series(1, %s) n",
                [messages],
            )
        for first in range(1, messages + 1, 1_000):
            await send.batch_defer_async(
                *({"message": n} for n in range(first, min(first + 1_000, messages + 1)))
            )
        began = time.perf_counter()
        working = asyncio.create_task(
            app.run_worker_async(
                queues=["benchmark"], concurrency=TASKS_AT_ONCE, install_signal_handlers=False
            )
        )
        await left.wait()
        took = time.perf_counter() - began
        working.cancel()
        await asyncio.wait({working})
        return took


async def first_message(clarion: Clarion) -> str:
    """With processes of their own, as in production: from the click to the provider."""
    settings = clarion.settings
    token = identity.sign(
        ACTOR, secret=signing_secret(settings), now=utc_now(), lasts=timedelta(days=1)
    )
    api = f"http://127.0.0.1:{API_PORT}"
    with process(settings, "api", PORT=str(API_PORT)), process(settings, "worker"):
        await answering(f"{api}/ready")
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:

            async def ask(method: str, path: str, **body: Any) -> Any:
                async with session.request(
                    method, f"{api}/api/v1{path}", json=body or None
                ) as answer:
                    if answer.status >= 400:
                        raise SystemExit(await answer.text())
                    return await answer.json()

            made = await ask("POST", "/broadcasts", name="First")
            path = f"/broadcasts/{made['id']}"
            made = await ask("PATCH", path, version=made["version"], filter=EVERYBODY)
            made = await ask(
                "PATCH",
                f"{path}/steps/{made['steps'][0]['id']}",
                version=made["version"],
                body=BODY,
            )
            # As the rail of the app does, which has asked long before anybody clicks.
            outlook = await ask("GET", f"{path}/outlook")
            began = time.perf_counter()
            clicked = utc_now()
            await ask(
                "POST",
                f"{path}/launch",
                version=made["version"],
                expected_recipients=outlook["will_send"],
            )
            answered = time.perf_counter() - began
            while not (await summary())["accepted"]:  # noqa: ASYNC110 - it tells no event
                await asyncio.sleep(0.01)
            first = await arrived_first()
            await ask("POST", f"{path}/cancel")
    return (
        f"| first message out, of {outlook['will_send']:,} recipients, from the click"
        f" | {(first - clicked).total_seconds():.2f} s (the click is answered after {answered:.2f} s)"
        f" | wanted: 2 s | |"
    )


async def arrived_first() -> datetime:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{SANDBOX}/sandbox/messages?limit=1") as answer,
    ):
        told = await answer.json()
    return datetime.fromisoformat(told["messages"][0]["arrived_at"])


if __name__ == "__main__":
    asyncio.run(main())
