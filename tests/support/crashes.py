"""Blows at random moments: processes killed and frozen, lines cut, the database crashed."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.cluster import Cluster


class Blow(StrEnum):
    WORKER_KILLED = "worker killed"
    WORKER_ASKED_TO_STOP = "worker asked to stop"
    WORKER_FROZEN = "worker frozen"
    WORKER_ADDED = "worker added"
    WORKER_TAKEN_AWAY = "worker taken away"
    API_KILLED = "API killed"
    LINE_CUT = "line to the provider cut"
    ANSWERS_LOST = "answers of the provider lost"
    BACKENDS_TERMINATED = "database connections terminated"
    BACKEND_KILLED = "database backend killed"
    DATABASE_CRASHED = "database shut down at once"


#: How often each, in proportion. What brings everything down comes rarely: after it nothing else
#: can be hit for a while.
_WEIGHTS = {
    Blow.WORKER_KILLED: 30,
    Blow.WORKER_ASKED_TO_STOP: 4,
    Blow.WORKER_FROZEN: 5,
    Blow.WORKER_ADDED: 3,
    Blow.WORKER_TAKEN_AWAY: 3,
    Blow.API_KILLED: 6,
    Blow.LINE_CUT: 25,
    Blow.ANSWERS_LOST: 3,
    Blow.BACKENDS_TERMINATED: 22,
    Blow.BACKEND_KILLED: 2,
    Blow.DATABASE_CRASHED: 1,
}

#: Seconds between two blows, on the average.
_PAUSE = 0.11

_FEWEST, _MOST = 2, 4

_TERMINATE = """
select pg_terminate_backend(pid) from (
  select pid from pg_stat_activity
  where backend_type = 'client backend' and pid <> pg_backend_pid()
  order by md5(pid::text || %s) limit %s
) chosen
"""

_A_BACKEND = """
select pid from pg_stat_activity
where backend_type = 'client backend' and pid <> pg_backend_pid()
order by md5(pid::text || %s) limit 1
"""


@dataclass(kw_only=True)
class Chaos:
    """A seed gives the same blows in the same order; what they hit depends on the moment too.

    `longest_freeze` in seconds: shorter than the time after which a message without a trace at
    the provider is sent again, or a worker that wakes up could send it as well.
    """

    cluster: Cluster
    random: Random
    longest_freeze: float
    dealt: Counter[Blow] = field(default_factory=Counter)
    ended_alone: Counter[str] = field(default_factory=Counter)
    _thaw_at: dict[str, float] = field(default_factory=dict)
    _answers_again_at: float = 0
    _made: int = 0

    def blows(self, count: int) -> Iterator[Blow]:
        """Deals so many, one whenever the next is asked for; a pause lies between two."""
        kinds, weights = list(_WEIGHTS), list(_WEIGHTS.values())
        while self.dealt.total() < count:
            time.sleep(self.random.expovariate(1 / _PAUSE))
            self._keep_going()
            blow = self.random.choices(kinds, weights)[0]
            if self._deal(blow):
                self.dealt[blow] += 1
                yield blow

    def calm(self) -> None:
        """Everything runs again, and nothing disturbs it."""
        for name in list(self._thaw_at):
            self._thaw(name)
        self.cluster.behave(lost_answer_rate=0)
        self.supervise()

    def supervise(self) -> None:
        self.ended_alone.update(self.cluster.revive())

    def _keep_going(self) -> None:
        now = time.monotonic()
        for name, at in list(self._thaw_at.items()):
            if at <= now:
                self._thaw(name)
        if self._answers_again_at and self._answers_again_at <= now:
            self._answers_again_at = 0
            self.cluster.behave(lost_answer_rate=0)
        self.supervise()

    def _thaw(self, name: str) -> None:
        del self._thaw_at[name]
        self.cluster.forks.signal(name, signal.SIGCONT)

    def _deal(self, blow: Blow) -> bool:  # noqa: C901, PLR0911, PLR0912 - a case for each
        """Whether it hit anything."""
        cluster, random = self.cluster, self.random
        match blow:
            case Blow.WORKER_KILLED:
                worker = random.choice(cluster.workers)
                self._thaw_at.pop(worker, None)
                cluster.kill_worker(worker)
                cluster.start_worker(worker)
            case Blow.WORKER_ASKED_TO_STOP:
                # It ends in its own time, if it is let; then the supervisor starts it again.
                return cluster.forks.signal(random.choice(cluster.workers), signal.SIGTERM)
            case Blow.WORKER_FROZEN:
                worker = random.choice(cluster.workers)
                if worker in self._thaw_at or len(self._thaw_at) + 1 >= len(cluster.workers):
                    return False
                cluster.forks.signal(worker, signal.SIGSTOP)
                self._thaw_at[worker] = time.monotonic() + random.uniform(0, self.longest_freeze)
            case Blow.WORKER_ADDED:
                if len(cluster.workers) >= _MOST:
                    return False
                self._made += 1
                cluster.start_worker(f"worker-added-{self._made}")
            case Blow.WORKER_TAKEN_AWAY:
                if len(cluster.workers) <= _FEWEST:
                    return False
                worker = random.choice(cluster.workers)
                self._thaw_at.pop(worker, None)
                cluster.kill_worker(worker)
                cluster.workers.remove(worker)
            case Blow.API_KILLED:
                cluster.forks.signal("api", signal.SIGKILL)
                cluster.start_api()
            case Blow.LINE_CUT:
                return cluster.line.cut() > 0
            case Blow.ANSWERS_LOST:
                cluster.behave(lost_answer_rate=0.3)
                self._answers_again_at = time.monotonic() + random.uniform(0.2, 1.0)
            case Blow.BACKENDS_TERMINATED:
                return self._ask(_TERMINATE, random.random(), random.randint(1, 6)) > 0
            case Blow.BACKEND_KILLED:
                killed = self._ask(_A_BACKEND, random.random(), kill=True)
                cluster.postgres.wait_until_open()
                return killed > 0
            case Blow.DATABASE_CRASHED:
                cluster.postgres.crash()
        return True

    def _ask(self, statement: str, *parameters: object, kill: bool = False) -> int:
        """How many rows; each names a backend that is to be killed, if so asked."""
        # It may be the very connection of the one that asks that is brought down.
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(self.cluster.dsn, autocommit=True) as connection,
        ):
            found = connection.execute(statement.encode(), parameters).fetchall()
            if kill:
                for (pid,) in found:
                    os.kill(pid, signal.SIGKILL)
            return len(found)
        return 0
