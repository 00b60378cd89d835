"""Stops a broadcast of which too much fails, before it has gone to everybody."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.broadcasts.broadcast import PausedBy
from clarion.broadcasts.stop_advice import advice_for_broadcast
from clarion.broadcasts.store import queries
from clarion.db.queries import rows
from clarion.providers.error_codes import Consequence, explain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from clarion.db.connection import Connection, Database, Row

log = logging.getLogger(__name__)

#: Fewer messages say nothing about the rest.
ENOUGH = 50

#: Failures for which a person must act (account, sender, text) stop it sooner: so many of them,
#: when they are more than half of the latest.
ENOUGH_OF_CONFIGURATION = 10
LATEST = 20

#: How many of the newest failures are looked at to see what they have in common.
LOOKED_AT = 5_000

_CONFIGURATION = (Consequence.CONFIG, Consequence.CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A broadcast that is being sent, by its counters.

    `limit` is the share of failed ones above which it stops. What is `forgiven` (finished, and
    failed of these) was there when a person resumed it after it had stopped by itself.
    """

    limit: Decimal
    delivered: int
    failed: int
    on_the_way: int
    finished_before: int = 0
    failed_before: int = 0

    @property
    def failed_since(self) -> int:
        return max(0, self.failed - self.failed_before)

    @property
    def finished_since(self) -> int:
        return max(self.failed_since, self.delivered + self.failed - self.finished_before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """`messages` that failed with `code`; `taken` when the provider had taken them before, so that
    the failure is a receipt and no refusal."""

    code: str
    taken: bool
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    paused_by: PausedBy
    problem: str


def is_candidate(counted: Counted) -> bool:
    """By the counters alone, whether it is worth a look at what has failed."""
    if counted.failed_since >= ENOUGH_OF_CONFIGURATION:
        return True
    return _is_above(counted)


def _is_above(counted: Counted) -> bool:
    return (
        counted.finished_since >= ENOUGH
        and counted.failed_since > counted.limit * counted.finished_since
    )


def decide(
    counted: Counted, failures: Sequence[Failures], latest: Sequence[str | None]
) -> Stop | None:
    """`failures` are the newest of the broadcast. `latest` are the last messages that were handed
    over or refused: the code of each that failed, else None."""
    return _stop_for_configuration(counted, latest) or _stop_for_rate(counted, failures)


def _stop_for_configuration(counted: Counted, latest: Sequence[str | None]) -> Stop | None:
    wrong = [code for code in latest if code is not None and _is_configuration(code)]
    if (
        counted.failed_since < ENOUGH_OF_CONFIGURATION
        or len(wrong) < ENOUGH_OF_CONFIGURATION
        or 2 * len(wrong) <= len(latest)
    ):
        return None
    code, _ = Counter(wrong).most_common(1)[0]
    return Stop(
        paused_by=PausedBy.CONFIGURATION,
        problem=f"Stopped by itself: {len(wrong)} of the last {len(latest)} failed with "
        f"{_quoted(code)}, which would fail for everybody. {advice_for_broadcast(code)} Then "
        "resume it: what has not left yet is still there.",
    )


def _stop_for_rate(counted: Counted, failures: Sequence[Failures]) -> Stop | None:
    if not failures or not _is_above(counted):
        return None
    rate = failure_rate(counted, failures)
    if rate <= counted.limit:
        return None
    by_code: Counter[str] = Counter()
    for each in failures:
        by_code[each.code] += each.messages
    code, messages = by_code.most_common(1)[0]
    often = "most of them" if 2 * messages > by_code.total() else "most often"
    return Stop(
        paused_by=PausedBy.FAILURE_RATE,
        problem=f"Stopped by itself: {_percent(rate)} failed, {often} with {_quoted(code)}. "
        f"{advice_for_broadcast(code)} Then resume it, or cancel it: what has not left yet is "
        "still there.",
    )


def failure_rate(counted: Counted, failures: Sequence[Failures]) -> float:
    """The share of messages that come to nothing, 0 to 1.

    Refusals come at once and receipts when the carriers please: were both counted alike, a few
    refusals would be all that has finished while receipts are late. So a share of refused among
    those handed over and refused, and of the others the share that failed among the receipts.
    With all receipts in, that is failed of finished.
    """
    total = sum(each.messages for each in failures)
    refused_share = sum(each.messages for each in failures if not each.taken) / total
    refused = counted.failed_since * refused_share
    failed_later = counted.failed_since - refused
    delivered = counted.finished_since - counted.failed_since
    taken = counted.on_the_way + delivered + failed_later
    by_refusal = refused / (refused + taken)
    receipts = delivered + failed_later
    by_receipt = failed_later / max(receipts, min(taken, ENOUGH)) if failed_later else 0.0
    return by_refusal + (1 - by_refusal) * by_receipt


def _is_configuration(code: str) -> bool:
    return explain(code).consequence in _CONFIGURATION


def _quoted(code: str) -> str:
    words = explain(code or None).words.rstrip(".")
    return f"“{words}” ({code})" if code else f"“{words}”"


def _percent(rate: float) -> str:
    """38%; never rounded to a whole that is not one."""
    return f"{min(99, max(1, round(100 * rate))) if rate < 1 else 100}%"


class KillSwitch:
    """A round of the worker; any number of workers may look at the same time."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def look(self) -> int:
        """How many broadcasts were stopped. One statement reads the counters of all that are being
        sent; only of those that look bad the failures are read."""
        async with self._database.as_worker() as connection:
            now = self._clock()
            found = await rows(queries.failing_broadcasts(connection))
            stopped = 0
            for row in found:
                stopped += await _look_at(connection, row, now=now)
            return stopped


async def _look_at(connection: Connection, row: Row, *, now: datetime) -> int:
    broadcast_id = row["id"]
    counted = Counted(
        limit=row["stop_at_failure_rate"],
        delivered=row["delivered"],
        failed=row["failed"],
        on_the_way=row["on_the_way"],
        finished_before=row["finished_before"],
        failed_before=row["failed_before"],
    )
    if counted.failed < counted.failed_before:
        # Some of what was forgiven is sent again, or has arrived after all: less is forgiven.
        await queries.forgive_less(
            connection,
            id=broadcast_id,
            finished=counted.delivered + counted.failed,
            failed=counted.failed,
        )
        return 0
    if not is_candidate(counted):
        return 0
    failures = await rows(
        queries.newest_failures(connection, broadcast_id=broadcast_id, limit=LOOKED_AT)
    )
    latest = await rows(queries.latest_codes(connection, broadcast_id=broadcast_id, limit=LATEST))
    stop = decide(
        counted,
        [Failures(**each) for each in failures],
        [each["code"] for each in latest],
    )
    if stop is None:
        return 0
    log.warning(
        "broadcasts.stopped", extra={"broadcast_id": broadcast_id, "by": stop.paused_by.value}
    )
    stopped: int = await queries.stop_sending(
        connection,
        id=broadcast_id,
        paused_by=stop.paused_by,
        problem=stop.problem,
        finished_before=counted.finished_before,
        failed_before=counted.failed_before,
        now=now,
    )
    return stopped
