"""Figures of the audience; prints the tables of docs/benchmarks.md.

    .venv/bin/python benchmarks/audience.py --contacts 1000000
    .venv/bin/python benchmarks/audience.py --contacts 10000000 --database "$DSN"

On a machine with nothing else to do. Without --database on an embedded server of its own; a
database that is filled already is used as it is. Every ratio is of two things in this one run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import duckdb
import psycopg
from audience_filters import FILTERS, duck
from contacts import NOW, fill, fill_catalogue, fill_duck
from psycopg import sql
from websockets.asyncio.client import connect as open_socket

from clarion.audience.binding import read_contact_table
from clarion.audience.contact_table import ContactNames
from clarion.audience.fields import catalogue
from clarion.audience.filter import read_filter
from clarion.audience.filter_sql import AskedFilter, compile_filter
from clarion.audience.index.evaluate import NotInMemory
from clarion.audience.index.indexes import IndexOptions
from clarion.audience.index.keeper import IndexKeeper
from clarion.audience.store import queries, seen_key
from clarion.db.embedded import running_server
from clarion.kernel.actor import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarion.audience.contact_table import ContactTable
    from clarion.audience.fields import Fields
    from clarion.audience.filter import Group
    from clarion.audience.index.answers import Answers, Asked

ZONE = ZoneInfo("America/Chicago")
PORT = 8_931
TYPISTS = 20
OPENED_WITHIN = 5

#: The fields whose counts by value the app shows until somebody chooses others.
IN_SIGHT = ["metadata.state", "metadata.tags", "metadata.product", "metadata.lead_source"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--database", default="")
    parser.add_argument("--only", default="", help="numbers, changes or typing")
    parser.add_argument("--index", default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only == "memory":
        loaded_memory(arguments.database, Path(arguments.index))
    with tempfile.TemporaryDirectory() as name, database(arguments.database, Path(name)) as dsn:
        fill(dsn, arguments.contacts)
        fill_catalogue(dsn)
        folder = Path(name)
        if arguments.only in ("", "numbers"):
            numbers(dsn, folder)
        if arguments.only in ("", "changes"):
            changes(dsn, arguments.contacts)
        if arguments.only in ("", "typing"):
            asyncio.run(typing(dsn, Path(arguments.index) if arguments.index else folder))


@contextlib.contextmanager
def database(given: str, folder: Path) -> Iterator[str]:
    if given:
        yield given
        return
    with running_server(folder / "postgres") as dsn:
        yield dsn


def table_of(dsn: str) -> ContactTable:
    async def read() -> ContactTable:
        async with await psycopg.AsyncConnection.connect(
            dsn, row_factory=psycopg.rows.dict_row
        ) as connection:
            return await read_contact_table(connection, ContactNames())

    return asyncio.run(read())


def fields_of(dsn: str, table: ContactTable) -> Fields:
    with psycopg.connect(dsn, row_factory=psycopg.rows.dict_row) as connection:
        rows = connection.execute(
            queries.seen_keys.sql, {"workspace_id": DEFAULT_WORKSPACE}
        ).fetchall()
    return catalogue(table.columns, table.names, [seen_key(row) for row in rows])


def memory() -> dict[str, int]:
    """Megabytes of this process: its own, and of mapped files."""
    found = {}
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]:
        name, amount, *_ = line.split()
        found[name.rstrip(":")] = int(amount) // 1000
    return {"own": found["Anonymous"], "mapped": found["Rss"] - found["Anonymous"]}


def keeper_of(dsn: str, table: ContactTable, folder: Path | None) -> IndexKeeper:
    return IndexKeeper(
        dsn, table, DEFAULT_WORKSPACE, IndexOptions(folder=folder, patience=timedelta(days=1))
    )


def numbers(dsn: str, folder: Path) -> None:
    table = table_of(dsn)
    fields = fields_of(dsn, table)
    before = memory()
    keeper = keeper_of(dsn, table, folder / "index")
    began, used = time.perf_counter(), time.process_time()
    keeper.start()
    keeper.wait_until_ready(3600)
    built, used = time.perf_counter() - began, time.process_time() - used
    everybody = asked_of(FILTERS["everybody"], fields)
    total = tell(keeper, everybody, lambda answers, _: answers.total())
    after = memory()
    print(f"\nBuilt {total:,} in {built:.1f} s and saved: {total / built:,.0f}/s;")
    print(f"of its own processor time {total / used:,.0f}/s.")
    print(f"Memory: own {after['own'] - before['own']} MB, mapped files {after['mapped']} MB.")
    keeper.stop()
    keeper = keeper_of(dsn, table, folder / "index")
    began = time.perf_counter()
    keeper.start()
    keeper.wait_until_ready(3600)
    print(f"Loaded from its files in {time.perf_counter() - began:.1f} s.")
    loaded = memory_of_a_new_process(dsn, folder)
    print(f"Memory of a process that has loaded it and answered all filters: {loaded}.")
    compare(keeper, dsn, table, fields, folder)
    keeper.stop()


def memory_of_a_new_process(dsn: str, folder: Path) -> str:
    found = subprocess.run(
        [sys.executable, __file__, "--database", dsn, "--only", "memory", "--index", str(folder)],
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    return found.stdout.strip()


def loaded_memory(dsn: str, folder: Path) -> None:
    table = table_of(dsn)
    fields = fields_of(dsn, table)
    before = memory()
    keeper = keeper_of(dsn, table, folder / "index")
    keeper.start()
    keeper.wait_until_ready(3600)
    for document in FILTERS.values():
        with contextlib.suppress(NotInMemory):
            tell(
                keeper,
                asked_of(document, fields),
                lambda a, asked: (a.reach(asked), a.facets(asked)),
            )
    after = memory()
    print(f"own {after['own'] - before['own']} MB, shared with the files {after['mapped']} MB")
    sys.stdout.flush()
    os._exit(0)


def compare(
    keeper: IndexKeeper, dsn: str, table: ContactTable, fields: Fields, folder: Path
) -> None:
    duckling = duckdb.connect(str(folder / "duck.db"))
    fill_duck(dsn, duckling, folder)
    counts, facets, rows = [], [], []
    for name, document in FILTERS.items():
        asked = asked_of(document, fields)
        group = asked.group

        def cold(answers: Answers, question: Asked) -> int:
            answers.forget()
            return answers.count(question)

        def cold_facets(answers: Answers, question: Asked) -> int:
            answers.forget()
            return answers.count(question) + len(answers.facets(question))

        try:
            found, took = best(lambda asked=asked, cold=cold: tell(keeper, asked, cold), 5)
            _, with_facets = best(
                lambda asked=asked, cold=cold_facets: tell(keeper, asked, cold), 3
            )
        except NotInMemory as reason:
            print(f"{name}: {reason}")
            continue
        truth, by_postgres = in_postgres(dsn, table, group)
        statement = f"select count(*) from contacts where {duck(group, ZONE, NOW)}"
        ducks, by_duck = best(lambda s=statement: duckling.execute(s).fetchone()[0], 2)
        if truth != found or ducks != found:
            print(f"{name}: index {found:,}, PostgreSQL {truth:,}, DuckDB {ducks:,}")
        counts.append(took)
        facets.append(with_facets)
        rows.append((name, found, took, with_facets, by_duck, by_postgres))
    print(
        "\n| filter | people | index, ms | with facets, ms | DuckDB, ms | PostgreSQL, ms | × DuckDB | × PostgreSQL |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, found, took, with_facets, by_duck, by_postgres in rows:
        print(
            f"| {name} | {found:,} | {took * 1e3:.2f} | {with_facets * 1e3:.1f} | {by_duck * 1e3:.0f} "
            f"| {by_postgres * 1e3:,.0f} | {by_duck / took:,.0f} | {by_postgres / took:,.0f} |"
        )
    print(f"\nCount: p50 {percentile(counts, 50):.2f} ms, p95 {percentile(counts, 95):.2f} ms.")
    print(
        f"Count and facets: p50 {percentile(facets, 50):.1f} ms, p95 {percentile(facets, 95):.1f} ms."
    )
    ratios = [by_postgres / took for *_, took, _, _, by_postgres in rows]
    print(f"Times PostgreSQL: median {statistics.median(ratios):,.0f}, least {min(ratios):,.0f}.")


def asked_of(document: dict[str, Any], fields: Fields) -> AskedFilter:
    return AskedFilter(group=read_filter(document, fields), now=NOW)


def tell(keeper: IndexKeeper, asked: AskedFilter, answer: Callable[[Answers, Asked], Any]) -> Any:
    return keeper.tell(asked, answer, zone=ZONE)[0]


def in_postgres(dsn: str, table: ContactTable, group: Group) -> tuple[int, float]:
    compiled = compile_filter(group, contacts=table, zone=ZONE, now=NOW)
    with psycopg.connect(dsn) as connection:
        statement = sql.SQL(
            "select count(*) from {table} c {joins} where {in_workspace} and {where}"
        ).format(
            table=table.table,
            joins=compiled.joins,
            in_workspace=table.in_workspace,
            where=compiled.where,
        )
        parameters = compiled.parameters | {"workspace_id": DEFAULT_WORKSPACE}
        return best(lambda: connection.execute(statement, parameters).fetchone()[0], 1)


def best(do: Callable[[], Any], times: int) -> tuple[Any, float]:
    found, least = None, float("inf")
    for _ in range(times):
        began = time.perf_counter()
        found = do()
        least = min(least, time.perf_counter() - began)
    return found, least


def percentile(seconds: list[float], of: int) -> float:
    """In milliseconds."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, round(of / 100 * len(ordered)))] * 1e3


# --- changes


def changes(dsn: str, contacts: int) -> None:
    """How many changed contacts a second the index takes in, beside how many PostgreSQL writes."""
    table = table_of(dsn)
    keeper = keeper_of(dsn, table, None)
    keeper.start()
    keeper.wait_until_ready(3600)
    many = min(200_000, contacts // 5)
    with psycopg.connect(dsn, autocommit=True) as connection:
        began = time.perf_counter()
        connection.execute(
            "update public.contacts set updated_at = now() where id in"
            " (select id from public.contacts tablesample system (10) limit %s)",
            [many],
        )
        written = time.perf_counter() - began
        began = time.perf_counter()
        wait_for(keeper, dsn)
        followed = time.perf_counter() - began
        print(f"\n{many:,} contacts updated by one statement: written at {many / written:,.0f}/s,")
        print(f"in the index {followed:.2f} s later: followed at {many / followed:,.0f}/s.")
        lags = []
        for _ in range(20):
            connection.execute(
                "update public.contacts set updated_at = now() where id in"
                " (select id from public.contacts limit 100)"
            )
            began = time.perf_counter()
            wait_for(keeper, dsn)
            lags.append(time.perf_counter() - began)
    print(
        f"100 contacts: in the index after p50 {percentile(lags, 50):.0f} ms, p95 {percentile(lags, 95):.0f} ms."
    )
    keeper.stop()


def wait_for(keeper: IndexKeeper, dsn: str) -> None:
    with psycopg.connect(dsn, row_factory=psycopg.rows.dict_row) as connection:
        row = connection.execute(
            queries.audience_version.sql, {"workspace_id": DEFAULT_WORKSPACE}
        ).fetchone()
    if row is None:
        raise RuntimeError("the statement gives one row")
    while not keeper.is_at(tuple(row.values())):
        time.sleep(0.002)


# --- people who type


async def typing(dsn: str, folder: Path) -> None:
    """Over the WebSocket of a server of its own, with twenty people at once."""
    settings = {
        **os.environ,
        "DATABASE_URL": dsn,
        "DATA_FOLDER": str(folder / "served"),
        "PORT": str(PORT),
        "SECRET": "x" * 40,
    }
    command = [str(Path(sys.executable).parent / "clarion")]
    server = subprocess.Popen([*command, "api"], env=settings)
    try:
        token = subprocess.run(
            [*command, "token"], env=settings, check=True, capture_output=True, text=True
        ).stdout.strip()
        matched: list[float] = []
        whole: list[float] = []
        await until_served(token)
        began, used = time.perf_counter(), processor_time(server.pid)
        await asyncio.gather(*(typist(n, token, matched, whole) for n in range(TYPISTS)))
        took, used = time.perf_counter() - began, processor_time(server.pid) - used
    finally:
        server.terminate()
        server.wait()
    print(
        f"\n{TYPISTS} people typing: {len(matched) / took:.0f} questions a second,"
        f" {used / len(matched) * 1e3:.1f} ms of the server's processor time each."
    )
    print(f"Number: p50 {percentile(matched, 50):.0f} ms, p95 {percentile(matched, 95):.0f} ms.")
    print(
        f"Number, reach and facets: p50 {percentile(whole, 50):.0f} ms, p95 {percentile(whole, 95):.0f} ms."
    )


def processor_time(process: int) -> float:
    """Seconds that it has computed so far."""
    told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _url() -> str:
    return f"ws://127.0.0.1:{PORT}/api/v1/live/audience"


async def until_served(token: str) -> None:
    """Until the index answers."""
    while True:
        try:
            async with open_socket(
                _url(), additional_headers={"authorization": f"Bearer {token}"}
            ) as s:
                await s.send(json.dumps({"id": 1, "filter": FILTERS["everybody"]}))
                said = json.loads(await s.recv())
                if said.get("freshness", {}).get("source") == "index":
                    return
        except OSError:
            pass
        await asyncio.sleep(0.5)


async def typist(number: int, token: str, matched: list[float], whole: list[float]) -> None:
    """A new filter a third of a second after the one before, as fingers do. The twenty open their
    screens within five seconds of a server's start."""
    documents = list(FILTERS.values())
    async with open_socket(
        _url(), additional_headers={"authorization": f"Bearer {token}"}
    ) as socket:
        await asyncio.sleep(number / TYPISTS * OPENED_WITHIN)
        for turn in range(60):
            document = documents[(number * 7 + turn) % len(documents)]
            began = time.perf_counter()
            await socket.send(json.dumps({"id": turn, "filter": document, "facets": IN_SIGHT}))
            while True:
                said = json.loads(await socket.recv())
                if said.get("id") != turn:
                    continue
                if said["type"] == "matched":
                    matched.append(time.perf_counter() - began)
                if said["type"] == "facets":
                    whole.append(time.perf_counter() - began)
                    break
            await asyncio.sleep(max(0.0, 1 / 3 - (time.perf_counter() - began)))


if __name__ == "__main__":
    main()
