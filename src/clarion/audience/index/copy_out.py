"""What COPY sends, row after row, and read ahead of whoever works on it."""

from __future__ import annotations

import contextlib
import queue
import selectors
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from psycopg import errors
from psycopg.pq import ExecStatus

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import psycopg
    from psycopg import sql

_Item = TypeVar("_Item")

_END = -1


def copied_rows(
    connection: psycopg.Connection[Any], statement: sql.Composed
) -> Iterator[bytes | memoryview]:
    """The rows of a COPY ... TO STDOUT; valid until the next is asked for.

    The same as `cursor.copy`, which spends more time on each row than the row takes to encode: here
    the connection is waited for only when nothing has come. Raises what the connection raises.
    """
    pgconn = connection.pgconn
    result = pgconn.exec_(statement.as_bytes(connection))
    if result.status != ExecStatus.COPY_OUT:
        raise errors.error_from_result(result)
    is_done = False
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(pgconn.socket, selectors.EVENT_READ)
            while True:
                size, row = pgconn.get_copy_data(1)
                if size > 0:
                    yield row
                elif size == _END:
                    break
                else:
                    selector.select()
                    pgconn.consume_input()
        is_done = True
    finally:
        if not is_done:
            _give_up(connection)
    failed = None
    while (end := pgconn.get_result()) is not None:
        if end.status != ExecStatus.COMMAND_OK:
            failed = end
    if failed is not None:
        raise errors.error_from_result(failed)


def _give_up(connection: psycopg.Connection[Any]) -> None:
    """So that the connection can be used for something else."""
    pgconn = connection.pgconn
    with contextlib.suppress(errors.Error):
        connection.cancel_safe(timeout=5)
        while pgconn.get_copy_data(0)[0] > 0:
            pass
        while pgconn.get_result() is not None:
            pass


def ahead(items: Iterator[_Item]) -> Iterator[_Item]:
    """The same items; the next one is made in another thread while this one is worked on. Until
    the end nobody else may use what they are made from."""
    maker = _Maker(items)
    maker.start()
    try:
        while True:
            kind, item = maker.made.get()
            if kind == "problem":
                raise item
            if kind == "end":
                return
            yield item
    finally:
        maker.is_over.set()
        maker.join()


class _Maker(threading.Thread):
    def __init__(self, items: Iterator[Any]) -> None:
        super().__init__(name="audience-index-ahead", daemon=True)
        self._items = items
        self.made: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=1)
        self.is_over = threading.Event()

    def run(self) -> None:
        # Closed in this thread at the end: it may be in the middle of a COPY.
        with contextlib.closing(self._closable()) as items:
            try:
                for item in items:
                    if not self._put("item", item):
                        return
            except BaseException as problem:  # noqa: BLE001 - raised where it is waited for
                self._put("problem", problem)
            else:
                self._put("end", None)

    def _closable(self) -> Generator[Any]:
        yield from self._items

    def _put(self, kind: str, item: object) -> bool:
        """False when nobody waits for it any more."""
        while not self.is_over.is_set():
            with contextlib.suppress(queue.Full):
                self.made.put((kind, item), timeout=0.05)
                return True
        return False
