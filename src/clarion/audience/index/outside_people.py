"""People by what is known outside their row: who got a message, who is in a frozen segment."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pyarrow as pa
from psycopg import sql

from clarion.audience.index.extract import read_ids
from clarion.audience.index.following import begin, connect
from clarion.audience.index.statements import queries
from clarion.audience.outside import people_of
from clarion.kernel.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from pyroaring import BitMap

    from clarion.audience.contact_table import ContactTable
    from clarion.audience.index.columns import Array
    from clarion.audience.index.evaluate import OutsideCondition
    from clarion.audience.index.index import Index
    from clarion.kernel.actor import WorkspaceId

#: People are asked for anew after this, or after ten times as long as the asking took.
_KEPT_FOR = 1.0
_TIMES_THE_ASKING = 10

#: Answers kept at one time.
_MOST = 50


@dataclass(slots=True)
class _Kept:
    ids: Array
    as_of: datetime
    until: float
    version: object = None
    ordinals: BitMap | None = None


class OutsidePeople:
    """Asks the database over a connection of its own, one question at a time."""

    def __init__(self, dsn: str, contacts: ContactTable, workspace_id: WorkspaceId) -> None:
        self._dsn = dsn
        self._contacts = contacts
        self._workspace_id = workspace_id
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None
        self._kept: dict[tuple[object, ...], _Kept] = {}
        self._lowered: dict[str, str] = {}

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def of(
        self,
        conditions: Iterable[OutsideCondition],
        index: Index,
        *,
        zone: ZoneInfo,
        now: datetime,
        broadcast_id: UUID | None = None,
    ) -> tuple[dict[OutsideCondition, BitMap], list[datetime]]:
        """Who meets each condition, and as of when each was asked."""
        found, as_of = {}, []
        for condition in conditions:
            with self._lock:
                kept = self._people(condition, zone=zone, now=now, broadcast_id=broadcast_id)
            version = (id(index), tuple(index.blocks))
            if kept.ordinals is None or kept.version != version:
                kept.ordinals, kept.version = index.find(kept.ids), version
            found[condition] = kept.ordinals
            as_of.append(kept.as_of)
        return found, as_of

    def _people(
        self,
        condition: OutsideCondition,
        *,
        zone: ZoneInfo,
        now: datetime,
        broadcast_id: UUID | None,
    ) -> _Kept:
        statement, parameters = people_of(condition, zone=zone, now=now, broadcast_id=broadcast_id)
        key = (condition, *(str(value) for value in parameters.values()))
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() < kept.until:
            return kept
        began, as_of = time.monotonic(), utc_now()
        ids = self._ask_ids(statement, {**parameters, "workspace_id": self._workspace_id})
        took = time.monotonic() - began
        if len(self._kept) >= _MOST:
            self._kept.pop(next(iter(self._kept)))
        self._kept[key] = kept = _Kept(
            ids=ids,
            as_of=as_of,
            until=time.monotonic() + max(_KEPT_FOR, _TIMES_THE_ASKING * took),
        )
        return kept

    def _ask_ids(self, statement: sql.Composable, parameters: dict[str, Any]) -> Array:
        connection = self._connected()
        with connection.transaction():
            begin(connection)
            written = psycopg.ClientCursor(connection).mogrify(
                sql.Composed([statement]), parameters
            )
            with connection.cursor().copy(f"copy ({written}) to stdout".encode()) as copy:
                texts = [row[0] for row in copy.rows()]
        # A message may name a contact of another kind of id: that one is none of these.
        readable = [text for text in texts if self._contacts.writes_as_id(text)]
        return np.sort(read_ids(pa.array(readable, pa.string()), self._contacts.id_type))

    def lowered(self, texts: Sequence[str]) -> dict[str, str]:
        """As the database lowers them."""
        new = [text for text in dict.fromkeys(texts) if text not in self._lowered]
        if new:
            with self._lock:
                rows = self._connected().execute(queries.lowered.sql, {"texts": new}).fetchall()
                self._lowered.update(zip(new, (row[0] for row in rows), strict=True))
                while len(self._lowered) > 100 * _MOST:
                    self._lowered.pop(next(iter(self._lowered)))
        return {text: self._lowered[text] for text in texts if text in self._lowered}

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._dsn)
        return self._connection
