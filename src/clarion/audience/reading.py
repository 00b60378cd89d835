"""Reads a workspace's filters, and finds who can answer them: the index, or the database."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from clarion.audience.audience import Freshness
from clarion.audience.fields import Field, Fields, catalogue
from clarion.audience.filter import Group, names_outside, names_segments, read_filter
from clarion.audience.filter_sql import (
    AskedFilter,
    CompiledFilter,
    CompiledParts,
    compile_filter,
    compile_parts,
)
from clarion.audience.index.answers import Void
from clarion.audience.index.evaluate import NotInMemory
from clarion.audience.segments.store import definitions
from clarion.audience.store import AudienceStore, queries
from clarion.kernel.errors import Fault, Invalid
from clarion.kernel.field_path import read_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime
    from uuid import UUID

    from clarion.audience.contact_table import ContactTable
    from clarion.audience.index.answers import Answers, Asked
    from clarion.audience.index.indexes import Indexes
    from clarion.db.connection import Connection
    from clarion.kernel.actor import WorkspaceId
    from clarion.kernel.workspace import Workspace

log = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")

#: Each may read all contacts, seconds where they are ten million.
_COUNTS_BY_DATABASE = 3


@dataclass(frozen=True, slots=True)
class Known:
    """Of a workspace; `outside` as the statement outside_version tells. `until` on the clock of
    time.monotonic."""

    workspace: Workspace
    fields: Fields
    outside: tuple[object, ...]
    until: float


class FilterReader:
    """What the use cases of the audience room stand on."""

    def __init__(
        self,
        contacts: ContactTable,
        clock: Callable[[], datetime],
        indexes: Indexes | None = None,
    ) -> None:
        """Without `indexes` the database counts everything."""
        self.contacts = contacts
        self.store = AudienceStore(contacts)
        self.clock = clock
        self.indexes = indexes
        #: What questions that follow each other closely have in common, read once for all of them.
        self.known: dict[WorkspaceId, Known] = {}
        self.getting_known: dict[WorkspaceId, asyncio.Task[Known]] = {}
        #: Counts of open screens that the database makes wait for each other here, and never take
        #: all connections from those who send and save.
        self.counting_by_database = asyncio.Semaphore(_COUNTS_BY_DATABASE)

    async def fields(self, connection: Connection, workspace: Workspace) -> Fields:
        """What the contacts hold; the fields of clarion.audience.fields.SPECIAL_FIELDS, which
        filters can name too, are the same everywhere."""
        seen = await self.store.seen_keys(connection, workspace.id)
        return catalogue(self.contacts.columns, self.contacts.names, seen)

    async def field(
        self, connection: Connection, workspace: Workspace, name: str, *, pointer: str = "/field"
    ) -> Field:
        fields = await self.fields(connection, workspace)
        try:
            field = fields.get(read_path(name))
        except Invalid:
            field = None
        if field is None:
            detail = f"The contacts have no field “{name}”."
            raise Invalid(detail, faults=[Fault(pointer=pointer, detail=detail)])
        return field

    async def read_group(
        self,
        connection: Connection,
        workspace: Workspace,
        document: Mapping[str, Any],
        *,
        pointer: str = "/filter",
    ) -> Group:
        """Raises Invalid with a fault for every place of the filter that is wrong."""
        fields = await self.fields(connection, workspace)
        segments = await definitions(connection, workspace.id) if names_segments(document) else {}
        return read_filter(document, fields, segments, pointer=pointer)

    async def read(
        self,
        connection: Connection,
        workspace: Workspace,
        document: Mapping[str, Any],
        *,
        pointer: str = "/filter",
        now: datetime | None = None,
        broadcast_id: UUID | None = None,
    ) -> CompiledFilter:
        """`now` is what relative dates count from, if not the present; `broadcast_id` is the
        broadcast whose audience this is, which does not count as a scheduled one.

        Raises Invalid with a fault for every place of the filter that is wrong.
        """
        group = await self.read_group(connection, workspace, document, pointer=pointer)
        asked = AskedFilter(group=group, now=now or self.clock(), broadcast_id=broadcast_id)
        return self.compile(asked, workspace)

    def compile(self, asked: AskedFilter, workspace: Workspace) -> CompiledFilter:
        return compile_filter(
            asked.group,
            contacts=self.contacts,
            zone=workspace.zone,
            now=asked.now,
            broadcast_id=asked.broadcast_id,
        )

    def parts(self, group: Group, workspace: Workspace, now: datetime) -> CompiledParts:
        return compile_parts(group, contacts=self.contacts, zone=workspace.zone, now=now)

    async def version(
        self,
        connection: Connection,
        workspace: Workspace,
        document: Mapping[str, Any] | None = None,
    ) -> tuple[object, ...]:
        """Another value than before means: the numbers may have changed, count again; those of
        the filter `document`, if it is given."""
        row = await queries.audience_version(connection, workspace_id=workspace.id)
        version = tuple(row.values())
        if document is not None and names_outside(document):
            row = await queries.outside_version(connection, workspace_id=workspace.id)
            version += tuple(row.values())
        return version

    def counts_in_memory(self, workspace: Workspace) -> bool:
        return self.indexes is not None and self.indexes.is_ready(workspace.id)

    async def told(
        self,
        connection: Connection,
        workspace: Workspace,
        asked: AskedFilter | None,
        by_index: Callable[[Answers, Asked], _Answer],
        by_database: Callable[[], Awaitable[_Answer]],
        *,
        is_much: bool = False,
    ) -> tuple[_Answer, Freshness]:
        """The answer of the index or, when it has none that can be trusted, of the database."""
        why = None
        if self.indexes is not None and asked is not None:
            version = await self.version(connection, workspace)
            try:
                return await self.told_by_index(
                    workspace, asked, by_index, version=version, is_much=is_much
                )
            except NotInMemory as reason:
                why = str(reason)
        now = self.clock()
        return await by_database(), Freshness(source="database", as_of=now, reason=why)

    async def told_by_index(
        self,
        workspace: Workspace,
        asked: AskedFilter,
        by_index: Callable[[Answers, Asked], _Answer],
        *,
        version: tuple[object, ...] | None = None,
        is_much: bool = False,
    ) -> tuple[_Answer, Freshness]:
        """Without the database; of the newest moment that the index has come to, or, given a
        `version`, of no earlier one. Raises NotInMemory when the database must answer."""
        if self.indexes is None:
            raise NotInMemory("The contacts are not kept in memory.")
        try:
            answer, as_of = await self.indexes.tell(
                workspace, asked, by_index, version=version, is_much=is_much
            )
        except (NotInMemory, Void):
            raise
        except Exception as error:
            # Whatever is wrong with the index is no reason to have no number.
            log.exception("audience.index_answer_failed")
            raise NotInMemory("The index of the contacts could not answer.") from error
        return answer, Freshness(source="index", as_of=as_of)


async def nothing() -> None:
    """What the database answers where only the index does."""


def whole(parts: CompiledParts) -> CompiledFilter:
    """The filter itself, which is the first of its parts."""
    return CompiledFilter(where=parts.parts[0][1], joins=parts.joins, parameters=parts.parameters)
