"""A clock that stands still until a test moves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class Clock:
    """Begins at the present second: rows that the database stamps by itself lie beside it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


def clock_at_present() -> Clock:
    return Clock(datetime.now(UTC).replace(microsecond=0))
