"""The indexes of one process: one for each workspace that somebody has asked about."""

from __future__ import annotations

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from clarion.audience.index.keeper import IndexKeeper

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from clarion.audience.contact_table import ContactTable
    from clarion.audience.filter_sql import AskedFilter
    from clarion.audience.index.answers import Answers, Asked
    from clarion.kernel.actor import WorkspaceId
    from clarion.kernel.workspace import Workspace

_Answer = TypeVar("_Answer")

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexOptions:
    """`folder` None saves nothing; `memory` in bytes, for each workspace; an answer that is older
    than `patience` is not given."""

    folder: Path | None = None
    memory: int = 2_000 * _MEGABYTE
    patience: timedelta = timedelta(seconds=3)


class Indexes:
    def __init__(self, dsn: str, contacts: ContactTable, options: IndexOptions) -> None:
        # Threads that count hold up the one that talks to everybody, each time it waits for the
        # interpreter: for as short as switching costs little.
        sys.setswitchinterval(0.0005)
        self._dsn = dsn
        self._contacts = contacts
        self._options = options
        # Facets are the most work: they wait for each other, and numbers never wait for them.
        self._for_numbers = ThreadPoolExecutor(4, thread_name_prefix="audience-numbers")
        self._for_facets = ThreadPoolExecutor(1, thread_name_prefix="audience-facets")
        self._keepers: dict[WorkspaceId, IndexKeeper] = {}
        self._lock = threading.Lock()

    def of(self, workspace_id: WorkspaceId) -> IndexKeeper:
        """Started by whoever asks first; until it is ready the database answers."""
        with self._lock:
            keeper = self._keepers.get(workspace_id)
            if keeper is None:
                keeper = IndexKeeper(self._dsn, self._contacts, workspace_id, self._options)
                self._keepers[workspace_id] = keeper
                keeper.start()
            return keeper

    def is_ready(self, workspace_id: WorkspaceId) -> bool:
        """Whether answers come from memory now; nothing is started for the asking."""
        keeper = self._keepers.get(workspace_id)
        return keeper is not None and keeper.is_ready

    def moment(self, workspace_id: WorkspaceId) -> tuple[object, ...] | None:
        """Another value than before: answers may be others. None while none can be given."""
        keeper = self._keepers.get(workspace_id)
        return None if keeper is None else keeper.moment

    async def tell(
        self,
        workspace: Workspace,
        asked: AskedFilter,
        answer: Callable[[Answers, Asked], _Answer],
        *,
        version: tuple[object, ...] | None,
        is_much: bool = False,
    ) -> tuple[_Answer, datetime]:
        """What `answer` finds, and as of when. `version` is that of the audience as the caller
        sees it: the index is given a moment to come as far. `is_much` work waits its turn.

        Raises NotInMemory when the database must answer.
        """
        keeper = self.of(workspace.id)
        return await asyncio.get_running_loop().run_in_executor(
            self._for_facets if is_much else self._for_numbers,
            partial(keeper.tell, asked, answer, zone=workspace.zone, version=version),
        )

    def close(self) -> None:
        """Saves what is to be saved; seconds with ten million contacts."""
        with self._lock:
            keepers, self._keepers = list(self._keepers.values()), {}
        for keeper in keepers:
            keeper.ask_to_stop()
        for keeper in keepers:
            keeper.stop()
        self._for_numbers.shutdown()
        self._for_facets.shutdown()
