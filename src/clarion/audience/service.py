"""Use cases of the audience room: fields, values, exact counts and pages of contacts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from psycopg import errors

from clarion.audience.audience import ContactPage, Estimate, LeftOut, Matched
from clarion.audience.fields import Field, FieldType, catalogue
from clarion.audience.filter import read_filter
from clarion.audience.filter_sql import (
    CompiledFilter,
    compile_filter,
    text_of,
    without_value,
)
from clarion.audience.store import AudienceStore, queries
from clarion.kernel.errors import Fault, Invalid
from clarion.kernel.field_path import FieldPath, read_path, write_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from clarion.audience.contact_table import ContactTable
    from clarion.audience.fields import Fields
    from clarion.db.connection import Connection
    from clarion.kernel.workspace import Workspace


class Audience:
    """Every method runs in the caller's transaction, as the caller's workspace."""

    def __init__(self, contacts: ContactTable, clock: Callable[[], datetime]) -> None:
        self.contacts = contacts
        self.store = AudienceStore(contacts)
        self._clock = clock

    async def fields(self, connection: Connection, workspace: Workspace) -> Fields:
        seen = await self.store.seen_keys(connection, workspace.id)
        return catalogue(self.contacts.columns, self.contacts.names, seen)

    async def read(
        self,
        connection: Connection,
        workspace: Workspace,
        document: Mapping[str, Any],
        *,
        pointer: str = "/filter",
        now: datetime | None = None,
    ) -> CompiledFilter:
        """`now` is what relative dates count from, if not the present.

        Raises Invalid with a fault for every place of the filter that is wrong.
        """
        group = read_filter(document, await self.fields(connection, workspace), pointer=pointer)
        return compile_filter(
            group, contacts=self.contacts, zone=workspace.zone, now=now or self._clock()
        )

    async def matched(
        self, connection: Connection, workspace: Workspace, compiled: CompiledFilter
    ) -> Matched:
        """The first answer to somebody who types; the reasons take a little longer."""
        started = time.perf_counter()
        matched = await self.store.count(connection, workspace.id, compiled)
        total = await self.store.total(connection, workspace.id)
        return Matched(matched=matched, total=total, took_ms=(time.perf_counter() - started) * 1000)

    async def estimate(
        self, connection: Connection, workspace: Workspace, compiled: CompiledFilter
    ) -> Estimate:
        started = time.perf_counter()
        reach = await self.store.reach(connection, workspace.id, compiled)
        total = await self.store.total(connection, workspace.id)
        return Estimate(
            sms=reach,
            total=total,
            took_ms=(time.perf_counter() - started) * 1000,
            counted_at=self._clock(),
        )

    async def reachable_without(
        self,
        connection: Connection,
        workspace: Workspace,
        compiled: CompiledFilter,
        path: FieldPath,
    ) -> int:
        """How many of those whom an SMS reaches have no value in this field.

        Raises Invalid when the contacts have no such field.
        """
        field = await self._field(connection, workspace, write_path(path))
        empty = without_value(field, self.contacts, workspace.zone)
        return await self.store.reachable_without(connection, workspace.id, compiled, empty)

    async def page(
        self,
        connection: Connection,
        workspace: Workspace,
        compiled: CompiledFilter,
        *,
        after: str | None = None,
        limit: int = 20,
        left_out: LeftOut | None = None,
        reachable: bool = False,
    ) -> ContactPage:
        try:
            return await self.store.page(
                connection,
                workspace.id,
                compiled,
                after=after,
                limit=limit,
                left_out=left_out,
                reachable=reachable,
            )
        except errors.DataError as error:
            # The only text that reaches SQL as another type is the page mark.
            fault = Fault(pointer="/after", detail="This is not the mark of a page.")
            raise Invalid("There is no such page.", faults=[fault]) from error

    async def rows_by_ids(
        self, connection: Connection, workspace: Workspace, ids: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        """Whole rows of the contacts among these ids, by id; what is no id is no contact."""
        readable = [each for each in ids if self.contacts.reads_as_id(each)]
        return await self.store.rows_by_ids(connection, workspace.id, readable) if readable else {}

    async def values(
        self,
        connection: Connection,
        workspace: Workspace,
        field_id: str,
        *,
        search: str = "",
        limit: int = 20,
    ) -> list[tuple[str, int]]:
        """The values that contacts have, with how many; those that begin with `search` first."""
        field = await self._field(connection, workspace, field_id)
        value, parameters = text_of(field, self.contacts, elements=field.type is FieldType.LIST)
        return await self.store.values(
            connection, workspace.id, value, {**parameters, "search": search, "limit": limit}
        )

    async def _field(self, connection: Connection, workspace: Workspace, name: str) -> Field:
        fields = await self.fields(connection, workspace)
        try:
            field = fields.get(read_path(name))
        except Invalid:
            field = None
        if field is None:
            detail = f"The contacts have no field “{name}”."
            raise Invalid(detail, faults=[Fault(pointer="/field", detail=detail)])
        return field

    async def version(self, connection: Connection, workspace: Workspace) -> tuple[object, ...]:
        """Another value than before means: the numbers may have changed, count again."""
        row = await queries.audience_version(connection, workspace_id=workspace.id)
        return tuple(row.values())
