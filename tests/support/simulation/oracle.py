"""When a message may leave, said once more and in the plainest way: by looking at the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_CHOSEN_FOR = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """For a step that was planned for a moment: wall times in its zone, or none at all."""

    planned_at: datetime
    zone: ZoneInfo
    opens: time | None
    closes: time | None

    def may_leave(self, moment: datetime) -> bool:
        if self.opens is None or self.closes is None:
            return True
        if self.opens <= moment.astimezone(self.zone).time() < self.closes:
            return True
        if self.opens <= self.planned_at.astimezone(self.zone).time() < self.closes:
            return False
        return self.planned_at <= moment < self.planned_at + _CHOSEN_FOR

    def first_chance(self) -> datetime:
        """The planned moment, or the first whole minute after it, at which it may leave."""
        moment = self.planned_at
        while not self.may_leave(moment):
            moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return moment


def shown_by_clocks(naive: datetime, zone: ZoneInfo) -> list[datetime]:
    """The moments at which clocks in the zone show this wall time: none, one or two."""
    around = naive.replace(tzinfo=UTC)
    found = []
    for minutes in range(-16 * 60, 16 * 60 + 1, 15):
        moment = around + timedelta(minutes=minutes)
        if moment.astimezone(zone).replace(tzinfo=None) == naive:
            found.append(moment)
    return found
