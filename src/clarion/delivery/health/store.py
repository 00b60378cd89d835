"""The breakers' rows: one per provider, written by any worker, read by all."""

from __future__ import annotations

import logging
from random import SystemRandom
from typing import TYPE_CHECKING

from clarion.db.queries import load_queries, rows
from clarion.delivery.health.breaker import WELL, BreakerState, Health, after, after_probe_left

if TYPE_CHECKING:
    from datetime import datetime

    from clarion.db.connection import Connection, Row

queries = load_queries(__file__)

log = logging.getLogger(__name__)

_chance = SystemRandom()


async def read_health(connection: Connection) -> dict[str, Health]:
    """By provider; one that is not named has never had trouble. Workers keep it for a second."""
    return {row["provider"]: _health(row) for row in await rows(queries.all_health(connection))}


async def record(
    connection: Connection,
    provider: str,
    *,
    successes: int,
    troubles: int,
    detail: str | None,
    now: datetime,
) -> Health:
    """Counts a portion of answers and says how the provider stands.

    Answers that change nothing, as all do while it is well, cost one read: no lock, no write.
    Otherwise the row stays held until the transaction ends, so this comes last in it, and of
    several providers in the order of their names.
    """
    row = await queries.health(connection, provider=provider)
    known = WELL if row is None else _health(row)
    if after(known, successes=successes, troubles=troubles, now=now) == known:
        return known
    if row is None:
        await queries.make_health(connection, provider=provider, now=now)
    held = _health(await queries.hold_health(connection, provider=provider))
    becomes = after(held, successes=successes, troubles=troubles, now=now, jitter=_chance.random())
    if becomes != held:
        await queries.write_health(
            connection,
            provider=provider,
            state=becomes.state,
            troubles=becomes.troubles,
            openings=becomes.openings,
            retry_at=becomes.retry_at,
            detail=detail if becomes.troubles else None,
            now=now,
        )
        _tell(provider, held, becomes, detail)
    return becomes


async def take_probe(connection: Connection, provider: str, *, now: datetime) -> bool:
    """Whether this worker gets the one message that may try a provider whose pause is over.

    Commit before it leaves. A worker that takes it and cannot use it (nothing is due) lets it
    lapse; the next is given out when `breaker.PROBE_HOLDS` is over.
    """
    lapses = after_probe_left(WELL, now=now).retry_at
    taken: int = await queries.take_probe(
        connection, provider=provider, gives_up_at=lapses, now=now
    )
    return taken == 1


def _tell(provider: str, was: Health, is_: Health, detail: str | None) -> None:
    """Once when it goes and once when it is back; what lies between is the same trouble."""
    if was.state is BreakerState.CLOSED and is_.state is BreakerState.OPEN:
        log.warning("provider.unreachable", extra={"provider": provider, "detail": detail})
    elif was.state is not BreakerState.CLOSED and is_.state is BreakerState.CLOSED:
        log.info("provider.reachable_again", extra={"provider": provider})


def _health(row: Row) -> Health:
    return Health(
        state=BreakerState(row["state"]),
        troubles=row["troubles"],
        openings=row["openings"],
        retry_at=row["retry_at"],
    )
