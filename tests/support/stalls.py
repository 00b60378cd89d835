"""How late this machine wakes up who sleeps: a time that is measured here is no more exact."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_NAP = 0.002


class Stalls:
    """`longest` in seconds, up to now."""

    def __init__(self) -> None:
        self.longest = 0.0

    def watch(self, over: threading.Event) -> None:
        while not over.is_set():
            began = time.perf_counter()
            time.sleep(_NAP)
            self.longest = max(self.longest, time.perf_counter() - began - _NAP)


@contextmanager
def watched_stalls() -> Iterator[Stalls]:
    stalls, over = Stalls(), threading.Event()
    watcher = threading.Thread(target=stalls.watch, args=(over,), daemon=True)
    watcher.start()
    try:
        yield stalls
    finally:
        over.set()
        watcher.join()
