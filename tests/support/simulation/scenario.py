"""One run, drawn from its seed: who gets what and when, and what goes wrong meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from clarion.broadcasts.schedule import moment_of
from clarion.broadcasts.sending_rules import LatePolicy

#: Zones that put their clocks forward and back in different ways, and days on which they do.
_ZONES = {
    "America/Chicago": ("2026-03-08", "2026-11-01"),
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "America/St_Johns": ("2026-03-08", "2026-11-01"),
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),
    "Asia/Kathmandu": ("2026-05-01", "2026-12-31"),
}

_HOURS = (
    (time(8), time(21)),
    (time(8), time(21)),
    (None, None),
    (time(9, 30), time(17)),
    (time(1, 30), time(2, 45)),
    (time(0), time(4)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Shares from 0 to 1 of requests and callbacks that go wrong; `calm`: nothing does."""

    lost_answers: float = 0
    server_errors: float = 0
    too_fast: float = 0
    refusals: float = 0
    undelivered: float = 0
    without_end: float = 0
    dropped: float = 0
    doubled: float = 0
    late: float = 0

    @property
    def calm(self) -> bool:
        return self == Weather()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    wall: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Times in UTC; `outages` are the provider's, `away` is the whole house's."""

    seed: int
    zone: ZoneInfo
    opens: time | None
    closes: time | None
    steps: tuple[PlannedStep, ...]
    bodies: tuple[str, ...]
    people: int
    policy: LatePolicy
    rate: float
    segments_rate: float | None
    segments: tuple[int, ...]
    own_limit: int | None
    workers: int
    weather: Weather
    crashes: tuple[datetime, ...]
    outages: tuple[tuple[datetime, datetime], ...]
    away: tuple[tuple[datetime, datetime], ...]
    pauses: tuple[tuple[datetime, datetime], ...]
    wishes: tuple[tuple[datetime, int, str], ...]
    cancelled_at: datetime | None

    @property
    def undisturbed(self) -> bool:
        return self.weather.calm and not (
            self.crashes or self.outages or self.away or self.pauses or self.cancelled_at
        )


def draw(seed: int) -> Scenario:
    random = Random(seed)
    name = random.choice(list(_ZONES))
    zone = ZoneInfo(name)
    day = datetime.fromisoformat(random.choice(_ZONES[name])) - timedelta(days=random.randint(0, 2))
    opens, closes = random.choice(_HOURS)
    steps = []
    for _ in range(random.randint(1, 3)):
        wall = day + timedelta(minutes=15 * random.randrange(96))
        if random.random() < 0.3:
            # Among the hours that a clock leaves out or shows twice.
            wall = day.replace(hour=random.randint(1, 3), minute=random.choice([0, 15, 30, 45]))
        steps.append(PlannedStep(wall=wall, at=moment_of(wall, zone)))
        day += timedelta(days=random.randint(1, 2))
    steps.sort(key=lambda step: step.at)
    begin, end = steps[0].at - timedelta(hours=1), steps[-1].at + timedelta(days=1)
    undisturbed = random.random() < 0.15

    def moment() -> datetime:
        """Often around the beginning of a step, where there is something to hit."""
        if random.random() < 0.5:
            return random.choice(steps).at + timedelta(seconds=random.expovariate(1 / 30))
        if random.random() < 0.5:
            return random.choice(steps).at - timedelta(minutes=random.expovariate(1 / 10))
        return begin + (end - begin) * random.random()

    def moments(most: int) -> tuple[datetime, ...]:
        return tuple(sorted(moment() for _ in range(random.randint(0, most * (not undisturbed)))))

    def spans(most: int, longest: timedelta) -> tuple[tuple[datetime, datetime], ...]:
        return tuple((at, at + longest * random.random() ** 2) for at in moments(most))

    def share(most: float) -> float:
        return 0 if undisturbed or random.random() < 0.4 else most * random.random()

    people = random.randint(2, 9)
    return Scenario(
        seed=seed,
        zone=zone,
        opens=opens,
        closes=closes,
        steps=tuple(steps),
        bodies=random.choice([("One", "Two", "Three"), ("Again",) * 3]),
        people=people,
        policy=random.choice(list(LatePolicy)),
        rate=float(random.choice([0.5, 1, 2, 3, 5, 10])),
        segments_rate=random.choice([None, None, 1.0, 2.0, 5.0]),
        segments=tuple(random.choice([1, 1, 1, 2, 3]) for _ in range(people)),
        own_limit=random.choice([None, None, None, 20, 60]),
        workers=random.randint(1, 3),
        weather=Weather(
            lost_answers=share(0.3),
            server_errors=share(0.3),
            too_fast=share(0.2),
            refusals=share(0.2),
            undelivered=share(0.4),
            without_end=share(0.2),
            dropped=share(0.4),
            doubled=share(0.5),
            late=share(0.5),
        ),
        crashes=moments(6),
        outages=spans(2, timedelta(hours=3)),
        away=spans(2, timedelta(hours=12)),
        pauses=spans(1, timedelta(hours=6)),
        wishes=tuple(
            (at, random.randrange(people), random.choice(["STOP", "STOP", "START"]))
            for at in moments(4)
        ),
        cancelled_at=None if undisturbed else random.choice([None] * 5 + [moment()]),
    )
