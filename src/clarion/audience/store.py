"""The SQL of the audience room: rows in, values out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from clarion.audience.audience import REASONS, Contact, ContactPage, LeftOut, Reach
from clarion.audience.fields import FieldType, SeenKey
from clarion.audience.filter_sql import compile_beside
from clarion.audience.pages import Judged, Mark, Pages, write_mark
from clarion.audience.reach_statements import ReachStatements
from clarion.audience.statements import Statements
from clarion.audience.why import Keeper
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
    from clarion.kernel.channel import Channel

queries = load_queries(__file__)

#: A text that reads as a number, as the database calls it.
_NUMERIC_TEXT = "numeric_text"


class AudienceStore:
    """Every method runs in the caller's transaction."""

    def __init__(self, contacts: ContactTable) -> None:
        self.contacts = contacts
        self._statements = Statements(contacts)
        self._reach_statements = ReachStatements(contacts)

    async def count(
        self, connection: Connection, workspace_id: WorkspaceId, compiled: CompiledFilter
    ) -> int:
        statement = self._statements.count(compiled)
        return await _one_number(connection, statement, _with(compiled, workspace_id))

    async def total(self, connection: Connection, workspace_id: WorkspaceId) -> int:
        return await _one_number(
            connection, self._statements.total(), {"workspace_id": workspace_id}
        )

    async def reach(
        self, connection: Connection, workspace_id: WorkspaceId, compiled: CompiledFilter
    ) -> dict[Channel, Reach]:
        statement = self._reach_statements.reach(compiled)
        cursor = await connection.execute(statement, _with(compiled, workspace_id))
        return _reach_of(await cursor.fetchall())

    async def waterfall(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        compiled: CompiledFilter,
        steps: Sequence[sql.Composable],
    ) -> tuple[dict[int, int], dict[Channel, Reach]]:
        """How many contacts pass so many of `steps` in a row from the first on, and no more; and
        the reach of those who pass all."""
        statement = self._reach_statements.waterfall(compiled, steps)
        cursor = await connection.execute(statement, _with(compiled, workspace_id))
        found = await cursor.fetchall()
        passed = {int(row["reason"]): row["contacts"] for row in found if row["channel"] is None}
        return passed, _reach_of([row for row in found if row["channel"] is not None])

    async def why(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        compiled: CompiledFilter,
        parts: Sequence[sql.Composable],
        contact_id: str,
    ) -> Row | None:
        """`met` for each of `parts`, the whole row, and for each channel `<channel>_address` and
        `<channel>_reason`; None when there is no such contact."""
        statement = self._reach_statements.why(compiled, parts)
        cursor = await connection.execute(
            statement, _with(compiled, workspace_id) | {"contact_id": contact_id}
        )
        return await cursor.fetchone()

    async def keeper(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        compiled: CompiledFilter,
        channel: Channel,
        *,
        address: str,
        contact_id: str,
    ) -> Keeper | None:
        """Who else of the audience has the address and comes before the contact."""
        cursor = await connection.execute(
            self._reach_statements.keeper(compiled, channel),
            _with(compiled, workspace_id) | {"address": address, "contact_id": contact_id},
        )
        row = await cursor.fetchone()
        return None if row is None else Keeper(id=row["id"], name=row["name"])

    async def reachable_without(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        compiled: CompiledFilter,
        channel: Channel,
        empty: CompiledFilter,
    ) -> int:
        """How many of those whom the channel reaches meet `empty` as well."""
        statement = self._reach_statements.reachable_who(compiled, channel, empty.where)
        return await _one_number(
            connection, statement, _with(compiled, workspace_id) | empty.parameters
        )

    async def reachable_by_any(
        self, connection: Connection, workspace_id: WorkspaceId, compiled: CompiledFilter
    ) -> int:
        statement = self._reach_statements.reachable_by_any(compiled)
        return await _one_number(connection, statement, _with(compiled, workspace_id))

    async def page(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        compiled: CompiledFilter,
        pages: Pages,
        judged: Judged,
        *,
        after: Mark | None,
        limit: int,
    ) -> ContactPage:
        found: list[Row] = []
        empty = None
        if judged.without is not None:
            empty = compile_beside(judged.without, self.contacts, pages.zone)
        for cut in pages.cuts(after):
            if len(found) > limit:
                break
            parameters = (
                _with(compiled, workspace_id)
                | cut.parameters
                | (empty.parameters if empty else {})
                | {
                    "limit": limit + 1 - len(found),
                    "left_out": judged.left_out,
                    "reachable": judged.reachable,
                }
            )
            statement = (
                self._reach_statements.page(compiled, cut, judged, empty)
                if judged.narrows
                else self._statements.page(compiled, cut)
            )
            found += await (await connection.execute(statement, parameters)).fetchall()
        last = found[limit - 1] if len(found) > limit else None
        return ContactPage(
            contacts=tuple(self._contact(row) for row in found[:limit]),
            next=write_mark(Mark(value=last["sorted_by"], id=last["id"]), pages.sort)
            if last
            else None,
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
            address=row["address"],
            left_out=LeftOut(row["left_out"]) if row["left_out"] else None,
        )

    async def rows_by_ids(
        self, connection: Connection, workspace_id: WorkspaceId, ids: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        cursor = await connection.execute(
            self._statements.by_ids(), {"workspace_id": workspace_id, "ids": list(ids)}
        )
        return {row["id"]: row["contact"] for row in await cursor.fetchall()}

    async def matching_among(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        compiled: CompiledFilter,
        ids: Sequence[str],
    ) -> set[str]:
        """Who of these contacts matches; who is deleted does not."""
        cursor = await connection.execute(
            self._statements.among(compiled), _with(compiled, workspace_id) | {"ids": list(ids)}
        )
        return {row["id"] for row in await cursor.fetchall()}

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
        return [seen_key(row) for row in found]

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
        keys = [seen_key(row) for row in found]
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
            value_types=[_NUMERIC_TEXT if key.numeric else key.value_type for key in keys],
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
        zones = [phone.zones for phone in numbers.values()]
        await queries.put_phone_numbers(
            connection,
            workspace_id=workspace_id,
            raws=list(numbers),
            e164s=[phone.e164 for phone in numbers.values()],
            problems=[phone.problem for phone in numbers.values()],
            time_zones=[each.zone if each else None for each in zones],
            candidates=[" ".join(each.candidates) if each else None for each in zones],
        )

    # --- saving an audience with a broadcast

    async def save_slice(
        self,
        connection: Connection,
        workspace_id: WorkspaceId,
        compiled: CompiledFilter,
        *,
        broadcast_id: UUID,
        channels: tuple[Channel, ...],
        with_zones: bool,
        after: str | None,
        limit: int,
    ) -> Row:
        """`seen`, `saved` and the `last_id` of the slice (None when nobody is left). As long as it
        has `unchecked` numbers, nothing is saved."""
        cursor = await connection.execute(
            self._statements.save(
                compiled, channels, with_zones=with_zones, continued=after is not None
            ),
            _with(compiled, workspace_id)
            | {"after": after, "limit": limit, "broadcast_id": broadcast_id},
        )
        row = await cursor.fetchone()
        if row is None:
            raise RuntimeError("the statement gives one row")
        return row


def seen_key(row: Row) -> SeenKey:
    numeric = row["value_type"] == _NUMERIC_TEXT
    return SeenKey(
        path=tuple(row["path"]),
        value_type=FieldType.TEXT if numeric else FieldType(row["value_type"]),
        contacts=row["contacts"],
        numeric=numeric,
    )


def _reach_of(found: Sequence[Row]) -> dict[Channel, Reach]:
    """From rows of channel, reason (or 'reachable') and contacts."""
    counts = {(row["channel"], row["reason"]): row["contacts"] for row in found}
    return {
        channel: Reach(
            reachable=counts[channel, "reachable"],
            left_out={
                reason: counts[channel, reason]
                for reason in reasons
                if counts.get((channel, reason))
            },
        )
        for channel, reasons in REASONS.items()
    }


def _with(compiled: CompiledFilter, workspace_id: WorkspaceId) -> dict[str, Any]:
    return {**compiled.parameters, "workspace_id": workspace_id}


async def _one_number(
    connection: Connection, statement: sql.Composed, parameters: Mapping[str, Any]
) -> int:
    cursor = await connection.execute(statement, parameters)
    row = await cursor.fetchone()
    return 0 if row is None else int(next(iter(row.values())))
