"""An index beside the database that it follows, asked the same questions."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, Self

import psycopg
from psycopg.types.json import Jsonb

from clarion.audience.index.evaluate import NotInMemory
from clarion.audience.index.indexes import IndexOptions
from clarion.audience.index.keeper import IndexKeeper
from clarion.db.workspaces import get_workspace
from clarion.kernel.actor import DEFAULT_WORKSPACE
from clarion.kernel.clock import utc_now
from support.serving import PATIENCE, until

if TYPE_CHECKING:
    from datetime import datetime

    from clarion.audience.audience import Reach
    from clarion.audience.index.answers import Answers, Asked
    from clarion.audience.service import Audience
    from clarion.db.connection import Database


def where(field: str, operator: str, value: object = None, match: str = "all") -> dict[str, Any]:
    """A filter of one condition."""
    return {
        "match": match,
        "conditions": [{"field": field, "operator": operator, "value": value}],
    }


EVERYBODY: dict[str, Any] = {"match": "all", "conditions": []}


@dataclass(frozen=True, slots=True)
class Numbers:
    matched: int
    total: int
    sms: tuple[int, dict[str, int]]
    email: tuple[int, dict[str, int]]


class Holds(Protocol):
    """A Clarion, or a house of the tests."""

    @property
    def database(self) -> Database: ...

    @property
    def audience(self) -> Audience: ...


class Watched:
    """`clarion` counts by the database; `keeper` follows it in memory."""

    def __init__(self, clarion: Holds, options: IndexOptions | None = None) -> None:
        self.clarion = clarion
        self.dsn = clarion.database.dsn
        self.options = options or IndexOptions()
        self.keeper = self.new_keeper()

    def new_keeper(self) -> IndexKeeper:
        return IndexKeeper(
            self.dsn, self.clarion.audience.contacts, DEFAULT_WORKSPACE, self.options
        )

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.keeper.stop)

    async def start(self) -> None:
        self.keeper.start()
        assert await asyncio.to_thread(self.keeper.wait_until_ready, PATIENCE)

    async def restart(self, options: IndexOptions | None = None) -> None:
        """As another process would, later."""
        await asyncio.to_thread(self.keeper.stop)
        self.options = options or self.options
        self.keeper = self.new_keeper()
        await self.start()

    def execute(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def add(self, *people: dict[str, Any], **columns: object) -> list[str]:
        """Contacts with these metadata, and these columns for all of them."""
        found = []
        names = "".join(f", {name}" for name in columns)
        places = ", %s" * len(columns)
        for metadata in people:
            found += self.execute(
                f"insert into public.contacts (metadata{names}) values (%s{places})"  # noqa: S608
                " returning id::text",
                Jsonb(metadata),
                *columns.values(),
            )
        return [row[0] for row in found]

    async def by_database(self, document: dict[str, Any]) -> Numbers:
        audience = self.clarion.audience
        async with self.clarion.database.as_workspace(DEFAULT_WORKSPACE) as connection:
            workspace = await get_workspace(connection, DEFAULT_WORKSPACE)
            compiled = await audience.read(connection, workspace, document)
            estimate = await audience.estimate(connection, workspace, compiled)
        assert estimate.freshness.source == "database"
        return Numbers(
            matched=estimate.matched,
            total=estimate.total,
            sms=_reached(estimate.sms),
            email=_reached(estimate.email),
        )

    async def by_index(self, document: dict[str, Any]) -> tuple[Numbers, datetime]:
        """Raises NotInMemory when the index has no answer."""
        audience = self.clarion.audience
        async with self.clarion.database.as_workspace(DEFAULT_WORKSPACE) as connection:
            workspace = await get_workspace(connection, DEFAULT_WORKSPACE)
            compiled = await audience.read(connection, workspace, document)
            version = await audience.version(connection, workspace)
        assert compiled.asked is not None
        return await asyncio.to_thread(
            self.keeper.tell, compiled.asked, _numbers, zone=workspace.zone, version=version
        )

    async def agrees(self, *documents: dict[str, Any]) -> list[Numbers]:
        """Once the index has come as far as everything that was committed before: both say the
        same of each filter."""
        since = utc_now()
        found = []
        for document in documents:
            told = await until(partial(self._told_since, since, document), _is_told)
            truth = await self.by_database(document)
            assert told == truth, document
            found.append(truth)
        return found

    async def _told_since(self, moment: datetime, document: dict[str, Any]) -> Numbers | None:
        try:
            told, as_of = await self.by_index(document)
        except NotInMemory:
            return None
        return told if as_of >= moment else None


def _is_told(told: Numbers | None) -> bool:
    return told is not None


def _numbers(answers: Answers, asked: Asked) -> Numbers:
    reach = answers.reach(asked)
    sms, email = reach.values()
    return Numbers(
        matched=answers.count(asked),
        total=answers.total(),
        sms=_reached(sms),
        email=_reached(email),
    )


def _reached(reach: Reach) -> tuple[int, dict[str, int]]:
    return reach.reachable, {str(reason): count for reason, count in reach.left_out.items()}
