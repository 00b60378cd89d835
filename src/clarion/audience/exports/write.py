"""Writes the file of an export in slices; goes on where it was broken off."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg

from clarion.audience.exports.export import KEPT, Export, Piece, labelled, lines_of, piece_of
from clarion.audience.exports.store import export_of, queries, read_slice
from clarion.db.queries import rows
from clarion.db.workspaces import get_workspace
from clarion.kernel.errors import ClarionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from clarion.audience.service import Audience
    from clarion.db.connection import Connection, Database
    from clarion.queue.engine import Engine

WRITE_EXPORT = "audience.write_export"

#: One transaction each, of a tenth of a second or so: nothing that a vacuum would have to wait for.
SLICE = 5_000

#: After so long a task gives way to the others, in seconds.
TURN = 5.0

_IDLE_AFTER = timedelta(minutes=1)

_BROKEN = "The file could not be written; the log of the worker says why. Ask for it again."


class ExportWriter:
    def __init__(
        self,
        database: Database,
        audience: Audience,
        engine: Engine,
        clock: Callable[[], datetime],
        *,
        slice_size: int = SLICE,
        turn: float = TURN,
    ) -> None:
        self._database = database
        self._audience = audience
        self._engine = engine
        self._clock = clock
        self._slice = slice_size
        self._turn = turn

    async def write(self, export_id: UUID) -> None:
        """Until the file is there or the turn is over; may run twice, also at once: the export's
        row is the lock. What cannot be mended by trying again is told as the export's problem."""
        ends = time.monotonic() + self._turn
        try:
            while await self.write_slice(export_id):
                if time.monotonic() >= ends:
                    async with self._database.as_worker() as connection:
                        await ask_to_write(self._engine, connection, export_id)
                    return
        except ClarionError as error:
            await self._fail(export_id, _words(error))
        except (psycopg.OperationalError, psycopg.InterfaceError):
            # The database is away or busy: the task is tried again and goes on from here.
            raise
        except Exception:
            await self._fail(export_id, _BROKEN)
            raise

    async def write_slice(self, export_id: UUID) -> bool:
        """One slice in a transaction of its own; whether there may be more."""
        now = self._clock()
        async with self._database.as_worker() as connection:
            row = await queries.hold_export(connection, id=export_id, now=now)
            if row is None:
                return False
            export = export_of(row)
            workspace = await get_workspace(connection, export.workspace_id)
            # "In the last 30 days" counts from the asking, in the last slice as in the first.
            compiled = await self._audience.read(
                connection, workspace, export.filter, now=export.created_at
            )
            if export.total is None:
                total = await self._audience.store.count(connection, workspace.id, compiled)
                await queries.know_total(connection, id=export_id, total=total)
            found = await read_slice(
                connection,
                self._audience.contacts,
                export,
                compiled,
                workspace.zone,
                limit=self._slice,
            )
            await self._keep(connection, export, found, now=now)
            if len(found) < self._slice:
                await queries.finish_export(
                    connection, id=export_id, now=now, expires_at=now + KEPT
                )
        return len(found) == self._slice

    async def _keep(
        self,
        connection: Connection,
        export: Export,
        found: Sequence[tuple[str | None, ...]],
        *,
        now: datetime,
    ) -> None:
        if not found and export.parts:
            return
        # In a thread: pure computing must not hold the other tasks of the worker.
        piece = await asyncio.to_thread(_format, export, found)
        part = export.parts + 1
        await queries.add_part(
            connection,
            workspace_id=export.workspace_id,
            export_id=export.id,
            part=part,
            content=piece.content,
        )
        await queries.written_slice(
            connection,
            id=export.id,
            part=part,
            rows=len(found),
            bytes=piece.bytes,
            stored_bytes=len(piece.content),
            checksum=piece.checksum,
            written_up_to=found[-1][0] if found else None,
            now=now,
        )

    async def _fail(self, export_id: UUID, problem: str) -> None:
        async with self._database.as_worker() as connection:
            await queries.fail_export(connection, id=export_id, problem=problem, now=self._clock())

    async def find_idle(self) -> None:
        """Ask again for what nobody has written at lately: nothing waits for ever for a task that
        was lost."""
        async with self._database.as_worker() as connection:
            before = self._clock() - _IDLE_AFTER
            for row in await rows(queries.idle_exports(connection, before=before)):
                await ask_to_write(self._engine, connection, row["id"])

    async def expire(self) -> None:
        """What has been kept long enough goes, a file to a transaction."""
        more = True
        while more:
            async with self._database.as_worker() as connection:
                more = await queries.expire_exports(connection, now=self._clock()) is not None


async def ask_to_write(engine: Engine, connection: Connection, export_id: UUID) -> None:
    mark = f"{WRITE_EXPORT}:{export_id}"
    await engine.defer(connection, WRITE_EXPORT, once=mark, alone=mark, export_id=str(export_id))


def _format(export: Export, found: Sequence[tuple[str | None, ...]]) -> Piece:
    text = lines_of(row[1:] for row in found)
    first = export.parts == 0
    if first:
        text = lines_of([labelled(export.columns)]) + text
    return piece_of(text, checksum=export.checksum, first_of_excel=first and export.excel)


def _words(error: ClarionError) -> str:
    """What is wrong and where, in one text."""
    details = dict.fromkeys(fault.detail for fault in error.faults)
    return " ".join((error.detail, *(each for each in details if each != error.detail)))
