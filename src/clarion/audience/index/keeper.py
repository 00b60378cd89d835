"""Keeps the index of one workspace: loads or builds it, and follows what changes, in a thread."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
import pyarrow as pa

from clarion.audience.audience import LeftOut
from clarion.audience.index.answers import Answers, Asked, outside_of, texts_of
from clarion.audience.index.build import Builder
from clarion.audience.index.compact import blocks_to_merge, ids_in, ids_of, is_worn_out
from clarion.audience.index.evaluate import NotNow
from clarion.audience.index.files import IndexFiles
from clarion.audience.index.following import (
    Changes,
    Position,
    begin,
    changed_since,
    connect,
    read_position,
)
from clarion.audience.index.outside_people import OutsidePeople
from clarion.kernel.channel import Channel
from clarion.kernel.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from clarion.audience.contact_table import ContactTable
    from clarion.audience.filter_sql import AskedFilter
    from clarion.audience.index.index import Index
    from clarion.audience.index.indexes import IndexOptions
    from clarion.kernel.actor import WorkspaceId

log = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")

#: How often the changes are looked for; a look reads a few index entries.
_LOOK_EVERY = 0.2

#: How long a question waits for the index to come as far as the asker's own view.
_CATCHING_UP = 0.4

#: Contacts that are read again at one time.
_PORTION = 25_000

#: When so large a share of the contacts has changed, all are read anew.
_ANEW = 0.4
_ANEW_AT_LEAST = 100_000

_SAVE_EVERY = 300.0

#: Changes are kept for a day; a saved index that has not read them for longer is not continued.
_CONTINUED_WITHIN = timedelta(hours=20)


class IndexKeeper:
    """Start it once per process and workspace. Answers only while it can be trusted."""

    def __init__(
        self,
        dsn: str,
        contacts: ContactTable,
        workspace_id: WorkspaceId,
        options: IndexOptions,
    ) -> None:
        self._dsn = dsn
        self._contacts = contacts
        self._workspace_id = workspace_id
        self._files = (
            None if options.folder is None else IndexFiles(options.folder / str(workspace_id))
        )
        self._memory = options.memory
        self._patience = options.patience
        self._people = OutsidePeople(dsn, contacts, workspace_id)
        self._stop = threading.Event()
        #: Set when somebody waits for the next look.
        self._wanted = threading.Event()
        self._looked = threading.Condition()
        self._thread = threading.Thread(
            target=self._run, name=f"audience-index-{workspace_id}", daemon=True
        )
        self._index: Index | None = None
        self._answers: Answers | None = None
        self._position: Position | None = None
        self._as_of: datetime | None = None
        self._why_not = "The contacts are being read into memory."
        self._renewing: threading.Thread | None = None
        self._renewed: tuple[Index, Position, IndexFiles | None] | None = None

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        self._stop.set()
        self._wanted.set()

    def stop(self) -> None:
        """Saves the index, and waits until it is saved."""
        self.ask_to_stop()
        self._thread.join()
        if self._renewing is not None:
            self._renewing.join()
        self._people.close()

    def wait_until_ready(self, timeout: float) -> bool:
        with self._looked:
            return self._looked.wait_for(lambda: self._as_of is not None, timeout)

    # --- asking

    def tell(
        self,
        asked: AskedFilter,
        answer: Callable[[Answers, Asked], _Answer],
        *,
        zone: ZoneInfo,
        version: tuple[object, ...] | None = None,
    ) -> tuple[_Answer, datetime]:
        """What `answer` finds, and as of when. Raises NotInMemory when the database must answer,
        NotNow when it must for the moment.

        `version` is that of the audience as the asker sees it: while the index has not come as
        far, the asker waits for a moment.
        """
        if version is not None and self._as_of is not None and not self.is_at(version):
            self._wanted.set()
            with self._looked:
                self._looked.wait_for(lambda: self.is_at(version), _CATCHING_UP)
        answers, as_of = self._answers, self._as_of
        if answers is None or as_of is None or utc_now() - as_of > self._patience:
            raise NotNow(self._why_not)
        people, asked_at = self._people.of(
            outside_of(asked.group),
            answers.index,
            zone=zone,
            now=asked.now,
            broadcast_id=asked.broadcast_id,
        )
        question = Asked(
            group=asked.group,
            zone=zone,
            now=asked.now,
            outside=people,
            lowered=self._people.lowered(texts_of(asked.group)),
        )
        return answer(answers, question), min([as_of, *asked_at])

    @property
    def index(self) -> Index | None:
        return self._index

    @property
    def is_ready(self) -> bool:
        return self._as_of is not None

    @property
    def moment(self) -> tuple[object, ...] | None:
        """How far it has come; also that of changes that were committed late. None while it has no
        answer that can be trusted."""
        index, position, as_of = self._index, self._position, self._as_of
        if index is None or position is None or as_of is None:
            return None
        if utc_now() - as_of > self._patience:
            return None
        return (id(index), index.version, position.version)

    def is_at(self, version: tuple[object, ...]) -> bool:
        """Whether it has come as far as an audience of this version."""
        position = self._position
        return position is not None and position.version == version

    # --- keeping

    def _run(self) -> None:
        pause = 0.5
        while not self._stop.is_set():
            try:
                self._keep()
            except psycopg.OperationalError:
                log.warning("audience.index_lost_the_database", exc_info=True)
                self._doubt("The connection to the database was lost; the index catches up.")
            except Exception:
                log.exception("audience.index_failed")
                self._doubt("The contacts are being read into memory anew.")
                self._index, self._answers, self._position = None, None, None
            else:
                return
            self._stop.wait(pause)
            pause = min(2 * pause, 30.0)

    def _doubt(self, why: str) -> None:
        self._why_not = why
        self._as_of = None

    def _trust(self, as_of: datetime) -> None:
        self._why_not = "So many contacts are changing that the index is behind."
        with self._looked:
            self._as_of = as_of
            self._looked.notify_all()

    def _keep(self) -> None:
        """Until told to stop. Raises what the connections raise."""
        with connect(self._dsn) as connection, connect(self._dsn) as beside:
            saved_at = time.monotonic()
            while not self._stop.is_set():
                began = time.monotonic()
                with connection.transaction():
                    looked_at = utc_now()
                    begin(connection)
                    self._look(connection, beside)
                self._trust(looked_at)
                self._renew()
                if began - saved_at > _SAVE_EVERY:
                    self._save()
                    saved_at = began
                self._wanted.wait(max(0.0, _LOOK_EVERY - (time.monotonic() - began)))
                self._wanted.clear()
        self._save()

    def _look(self, connection: psycopg.Connection[Any], beside: psycopg.Connection[Any]) -> None:
        position = read_position(connection, self._contacts, self._workspace_id)
        builder = Builder(connection, beside, self._contacts, self._workspace_id, position.zone)
        before = self._position
        if self._index is None or before is None:
            before = self._load(builder, position)
        if before is None or before.basis != position.basis:
            self._build(builder, position)
            return
        index = self._index
        changes = changed_since(connection, self._workspace_id, before.seen)
        if index is None or changes.truncated or _too_many(len(changes.ids), len(index.live)):
            self._doubt("So many contacts have changed that all are being read anew.")
            self._build(builder, position)
            return
        self._follow(index, builder, before, position, changes)
        self._position = position

    def _load(self, builder: Builder, position: Position) -> Position | None:
        if self._files is None:
            return None
        loaded = self._files.load(self._contacts, position)
        if loaded is None or utc_now() - loaded.saved_at > _CONTINUED_WITHIN:
            return None
        builder.suppress(loaded.index)
        self._use(loaded.index)
        return loaded.position

    def _build(self, builder: Builder, position: Position) -> None:
        began = time.perf_counter()
        with self._writing() as files:
            put_away = None if files is None else self._put_away
            index = builder.build(position.fields, memory=self._memory, put_away=put_away)
        _give_memory_back()
        self._use(index)
        self._position = position
        log.info(
            "audience.index_built",
            extra={"contacts": len(index.live), "seconds": round(time.perf_counter() - began, 1)},
        )
        self._save()

    # --- reading all anew, beside the following

    def _renew(self) -> None:
        """Begin, if it is time to; and when it is done, go on with the new index from where it
        was read: what has changed since is followed as always."""
        if self._renewed is not None:
            self._index, self._position, self._files = self._renewed
            self._use(self._index)
            self._renewed = None
            self._save()
        elif self._index is not None and self._renewing is None and is_worn_out(self._index):
            self._renewing = threading.Thread(target=self._read_anew, daemon=True)
            self._renewing.start()

    def _read_anew(self) -> None:
        try:
            with connect(self._dsn) as connection, connect(self._dsn) as beside:
                with connection.transaction():
                    begin(connection)
                    position = read_position(connection, self._contacts, self._workspace_id)
                    builder = Builder(
                        connection, beside, self._contacts, self._workspace_id, position.zone
                    )
                    index = builder.build(position.fields, memory=self._memory)
                files = None if self._files is None else IndexFiles(self._files.folder)
                self._renewed = (index, position, files)
        except Exception:
            # The index goes on as it is; it is tried again.
            log.exception("audience.index_not_renewed")
        finally:
            self._renewing = None

    def _use(self, index: Index) -> None:
        self._index = index
        self._answers = Answers(index)

    def _follow(
        self,
        index: Index,
        builder: Builder,
        before: Position,
        position: Position,
        changes: Changes,
    ) -> None:
        _match_fields(index, builder, before, position)
        ids = list(changes.ids)
        if position.numbers_checked_at != before.numbers_checked_at:
            # Their numbers were not checked when they were read; now they may be.
            ids = list(dict.fromkeys([*ids, *_unchecked(index)]))
        if ids:
            builder.change(index, position.fields, ids, portion=_PORTION)
        builder.suppress_changed(index, changes.addresses)
        small = blocks_to_merge(index)
        if small:
            builder.change(index, position.fields, ids_in(index, small), instead_of=small)

    def _put_away(self, index: Index) -> None:
        try:
            if self._files is not None:
                self._files.put_away(index)
        except OSError as problem:
            self._cannot_write(problem)

    def _cannot_write(self, problem: OSError) -> None:
        # A full or read-only disk costs memory, and the next start some seconds; nobody an answer.
        log.warning("audience.index_not_saved", exc_info=problem)
        self._files = None

    def _save(self) -> None:
        if self._index is None or self._position is None:
            return
        try:
            with self._writing() as files:
                if files is not None:
                    files.save(self._index, self._position, self._as_of or utc_now())
        except OSError as problem:
            self._cannot_write(problem)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[IndexFiles | None]:
        """The files, if this process may write them now."""
        if self._files is None:
            yield None
            return
        with self._files.as_writer() as may_write:
            yield self._files if may_write else None


def _give_memory_back() -> None:
    """What reading millions of contacts has left in the allocators."""
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # glibc's; others give back by themselves


def _too_many(changed: int, contacts: int) -> bool:
    return changed > max(_ANEW_AT_LEAST, _ANEW * contacts)


def _match_fields(index: Index, builder: Builder, before: Position, position: Position) -> None:
    """Fields that the contacts have now and the index has not, and the other way round."""
    wanted = {field.path: field for field in position.fields}
    for path in [*index.fields, *index.left_out]:
        if path not in wanted:
            index.forget_field(path)
    was = {field.path: field.type for field in before.fields}
    for path, field in wanted.items():
        if was.get(path) is not field.type or (
            path not in index.fields and path not in index.left_out
        ):
            builder.add_field(index, field)


def _unchecked(index: Index) -> list[str]:
    problems = index.channels[Channel.SMS].problems.get(LeftOut.UNCHECKED_PHONE)
    return [] if problems is None else ids_of(index, problems & index.live)
