"""Signs of life of a worker's loops: what `/health` judges a worker by."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: A loop that gives no sign of life for so many seconds longer than it said it would rest, hangs.
HANGS_AFTER = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """`silent`: seconds since the last sign of life. `late`: seconds beyond what was allowed;
    below zero while all is well."""

    name: str
    silent: float
    late: float

    @property
    def hangs(self) -> bool:
        return self.late > 0


class Heart:
    """Of one loop. It beats before each round, and after it with the seconds that it will rest."""

    __slots__ = ("_clock", "_due", "_last", "_within", "name")

    def __init__(self, name: str, within: float, clock: Callable[[], float]) -> None:
        self.name = name
        self._within = within
        self._clock = clock
        self.beat()

    def beat(self, *, rest: float = 0.0) -> None:
        """The next sign of life comes within `rest` seconds and what the loop is allowed."""
        self._last = self._clock()
        self._due = self._last + rest + self._within

    def look(self) -> Beat:
        now = self._clock()
        return Beat(name=self.name, silent=now - self._last, late=now - self._due)


class Heartbeats:
    """All loops of a process, by name."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._hearts: dict[str, Heart] = {}

    def of(self, name: str, *, within: float = HANGS_AFTER) -> Heart:
        """A loop that begins now. One that begins anew under its name takes its place."""
        heart = self._hearts[name] = Heart(name, within, self._clock)
        return heart

    def beats(self) -> list[Beat]:
        return [heart.look() for heart in self._hearts.values()]

    def problem(self) -> str | None:
        """Which loops hang and for how long, in words; None while all of them live."""
        hanging = [beat for beat in self.beats() if beat.hangs]
        if not hanging:
            return None
        told = ", ".join(f"{beat.name} for {beat.silent:.0f} s" for beat in hanging)
        return f"No sign of life of {told}."
