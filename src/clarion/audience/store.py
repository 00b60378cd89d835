"""The SQL of the audience room: rows in, values out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from clarion.audience.audience import Contact, ContactPage, LeftOut, Reach
from clarion.audience.fields import FieldType, SeenKey
from clarion.audience.statements import Statements
from clarion.db.queries import load_queries, rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from psycopg import sql

    from clarion.audience.contact_table import ContactTable
    from clarion.audience.filter_sql import CompiledFilter
    from clarion.audience.phone import Phone
    from clarion.db.connection import Connection, Row
    from clarion.kernel.actor import WorkspaceId

queries = load_queries(__file__)


class AudienceStore:
    """Every method runs in the caller's transaction."""

    def __init__(self, contacts: ContactTable) -> None:
        self.contacts = contacts
        self._statements = Statements(contacts)

    async def count(
        self, connection: Connection, workspace_id: WorkspaceId, compiled: CompiledFilter
    ) -> int:
        statement = self._statements.count(compiled.where)
        return await _one_number(connection, statement, _with(compiled, workspace_id))

    async def total(self, connection: Connection, workspace_id: WorkspaceId) -> int:
        return await _one_number(
            connection, self._statements.total(), {"workspace_id": workspace_id}
        )

    async def reach(
        self, connection: Connection, workspace_id: WorkspaceId, compiled: CompiledFilter
    ) -> Reach:
        statement = self._statements.reach(compiled.where)
        cursor = await connection.execute(statement, _with(compiled, workspace_id))
        counts = {row["reason"]: row["contacts"] for row in await cursor.fetchall()}
        return Reach(
            reachable=counts.pop("reachable"),
            left_out={
                reason: counts[reason.value] for reason in LeftOut if counts.get(reason.value)
            },
        )

    async def reachable_without(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        compiled: CompiledFilter,
        empty: CompiledFilter,
    ) -> int:
        """How many of those whom an SMS reaches meet `empty` as well."""
        statement = self._statements.reachable_who(compiled.where, empty.where)
        return await _one_number(
            connection, statement, _with(compiled, workspace_id) | empty.parameters
        )

    async def page(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        compiled: CompiledFilter,
        *,
        after: str | None,
        limit: int,
        left_out: LeftOut | None = None,
        reachable: bool = False,
    ) -> ContactPage:
        judged = left_out is not None or reachable
        make = self._statements.judged_page if judged else self._statements.page
        parameters = _with(compiled, workspace_id) | {"after": after, "limit": limit + 1}
        if judged:
            parameters |= {"left_out": left_out, "reachable": reachable}
        cursor = await connection.execute(
            make(compiled.where, continued=after is not None), parameters
        )
        found = [self._contact(row) for row in await cursor.fetchall()]
        page = found[:limit]
        return ContactPage(
            contacts=tuple(page), next=page[-1].id if len(found) > limit and page else None
        )

    def _contact(self, row: Row) -> Contact:
        names = self.contacts.names
        told = {
            names.id,
            names.workspace,
            names.first_name,
            names.last_name,
            names.email,
            names.phone_number,
            names.metadata,
        }
        return Contact(
            id=row["id"],
            first_name=row["first_name"],
            last_name=row["last_name"],
            phone_number=row["phone_number"],
            email=row["email"],
            metadata=row["metadata"] or {},
            row=row["contact"],
            columns={name: value for name, value in row["contact"].items() if name not in told},
            address=row["e164"],
            left_out=LeftOut(row["left_out"]) if row["left_out"] else None,
        )

    async def rows_by_ids(
        self, connection: Connection, workspace_id: WorkspaceId, ids: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        cursor = await connection.execute(
            self._statements.by_ids(), {"workspace_id": workspace_id, "ids": list(ids)}
        )
        return {row["id"]: row["contact"] for row in await cursor.fetchall()}

    async def values(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        value: sql.Composable,
        parameters: Mapping[str, Any],
    ) -> list[tuple[str, int]]:
        cursor = await connection.execute(
            self._statements.values(value), {"workspace_id": workspace_id, **parameters}
        )
        return [(row["value"], row["contacts"]) for row in await cursor.fetchall()]

    # --- what is known of the contacts as a whole

    async def seen_keys(self, connection: Connection, workspace_id: WorkspaceId) -> list[SeenKey]:
        found = await rows(queries.seen_keys(connection, workspace_id=workspace_id))
        return [
            SeenKey(
                path=tuple(row["path"]),
                value_type=FieldType(row["value_type"]),
                contacts=row["contacts"],
            )
            for row in found
        ]

    async def look_for_keys(
        self, connection: Connection, workspace_id: WorkspaceId, ids: Sequence[str] | None
    ) -> tuple[list[SeenKey], str | None]:
        """Keys of all contacts, or of `ids` only, read from the contacts themselves; and the
        snapshot in which they were counted, if there were any."""
        cursor = await connection.execute(
            self._statements.keys(some=ids is not None),
            {"workspace_id": workspace_id, "ids": ids},
        )
        found = await cursor.fetchall()
        keys = [
            SeenKey(
                path=tuple(row["path"]),
                value_type=FieldType(row["value_type"]),
                contacts=row["contacts"],
            )
            for row in found
        ]
        return keys, found[0]["snapshot"] if found else None

    async def put_seen_keys(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        keys: Sequence[SeenKey],
        *,
        add: bool,
    ) -> None:
        # An array of arrays must be rectangular in SQL, so a path travels as JSON.
        await queries.put_seen_keys(
            connection,
            workspace_id=workspace_id,
            paths=[Jsonb(list(key.path)) for key in keys],
            value_types=[key.value_type for key in keys],
            contacts=[key.contacts for key in keys],
            add=add,
        )

    async def unchecked_numbers(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        *,
        ids: Sequence[str] | None,
        limit: int,
    ) -> list[str]:
        cursor = await connection.execute(
            self._statements.raw_numbers(some=ids is not None),
            {"workspace_id": workspace_id, "ids": ids, "limit": limit},
        )
        return [row["raw"] for row in await cursor.fetchall()]

    async def put_phone_numbers(
        self, connection: Connection, workspace_id: WorkspaceId, numbers: Mapping[str, Phone]
    ) -> None:
        await queries.put_phone_numbers(
            connection,
            workspace_id=workspace_id,
            raws=list(numbers),
            e164s=[phone.e164 for phone in numbers.values()],
            problems=[phone.problem for phone in numbers.values()],
        )

    # --- saving an audience with a broadcast

    async def unchecked_in_slice(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        compiled: CompiledFilter,
        *,
        after: str | None,
        limit: int,
    ) -> list[str]:
        cursor = await connection.execute(
            self._statements.unchecked(compiled.where, continued=after is not None),
            _with(compiled, workspace_id) | {"after": after, "limit": limit},
        )
        return [row["raw"] for row in await cursor.fetchall()]

    async def save_slice(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        compiled: CompiledFilter,
        *,
        broadcast_id: UUID,
        after: str | None,
        limit: int,
    ) -> Row:
        """`seen`, `saved` and the `last_id` of the slice (None when nobody is left)."""
        cursor = await connection.execute(
            self._statements.save(compiled.where, continued=after is not None),
            _with(compiled, workspace_id)
            | {"after": after, "limit": limit, "broadcast_id": broadcast_id},
        )
        row = await cursor.fetchone()
        if row is None:
            raise RuntimeError("the statement gives one row")
        return row


def _with(compiled: CompiledFilter, workspace_id: WorkspaceId) -> dict[str, Any]:
    return {**compiled.parameters, "workspace_id": workspace_id}


async def _one_number(
    connection: Connection, statement: sql.Composed, parameters: Mapping[str, Any]
) -> int:
    cursor = await connection.execute(statement, parameters)
    row = await cursor.fetchone()
    return 0 if row is None else int(next(iter(row.values())))
