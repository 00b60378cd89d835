"""The breakers' rows, with several workers at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from clarion.delivery.health.breaker import PROBE_HOLDS, WELL, BreakerState, Verdict, may_send
from clarion.delivery.health.store import read_health, record, take_probe

if TYPE_CHECKING:
    from clarion.db.connection import Database
    from clarion.delivery.health.breaker import Health

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def tell(
    database: Database,
    *,
    provider: str = "twilio",
    successes: int = 0,
    troubles: int = 0,
    now: datetime = NOW,
) -> Health:
    async with database.as_worker() as connection:
        return await record(
            connection,
            provider,
            successes=successes,
            troubles=troubles,
            detail="No connection could be made.",
            now=now,
        )


async def health_of(database: Database, provider: str = "twilio") -> Health:
    async with database.as_worker() as connection:
        return (await read_health(connection)).get(provider, WELL)


async def row_of(database: Database) -> dict[str, Any] | None:
    async with database.as_worker() as connection:
        cursor = await connection.execute("select *, xmin::text from broadcast.provider_health")
        return await cursor.fetchone()


async def probe(database: Database, now: datetime) -> bool:
    async with database.as_worker() as connection:
        return await take_probe(connection, "twilio", now=now)


async def test_a_provider_without_trouble_has_no_row_and_costs_no_write(
    database: Database,
) -> None:
    assert await tell(database, successes=100) == WELL
    assert await row_of(database) is None
    await tell(database, troubles=1)
    await tell(database, successes=1)
    settled = await row_of(database)
    assert settled is not None
    assert (settled["state"], settled["troubles"], settled["detail"]) == ("closed", 0, None)
    assert await tell(database, successes=100) == WELL
    assert await row_of(database) == settled  # the very same version of the row


async def test_troubles_of_several_workers_add_up(database: Database) -> None:
    await asyncio.gather(*(tell(database, troubles=1) for _ in range(9)))
    assert (await health_of(database)).troubles == 9
    opened = await tell(database, troubles=1)
    assert opened.state is BreakerState.OPEN
    assert opened == await health_of(database)
    found = await row_of(database)
    assert found is not None
    assert found["detail"] == "No connection could be made."


async def test_workers_that_open_it_together_open_it_once(database: Database) -> None:
    found = await asyncio.gather(*(tell(database, troubles=10) for _ in range(8)))
    assert {each.openings for each in found} == {1}
    assert len({each.retry_at for each in found}) == 1


async def test_a_worker_that_read_before_another_wrote_counts_on_from_what_was_written(
    database: Database,
) -> None:
    await tell(database, troubles=5)
    async with database.as_worker() as first:
        await record(first, "twilio", successes=0, troubles=3, detail="x", now=NOW)
        # The second has read 5 and waits for the row.
        second = asyncio.create_task(tell(database, troubles=3))
        async with database.as_worker() as looking, asyncio.timeout(10):
            waits = (
                "select exists (select from pg_stat_activity"
                " where wait_event_type = 'Lock' and datname = current_database())"
            )
            while True:
                cursor = await looking.execute(waits.encode())
                if (await cursor.fetchone() or {})["exists"]:
                    break
                await asyncio.sleep(0.005)
                await looking.commit()
    assert (await second).troubles == 11
    assert (await health_of(database)).state is BreakerState.OPEN


async def test_one_worker_of_many_gets_the_probe(database: Database) -> None:
    await tell(database, troubles=10)
    assert not await probe(database, NOW)
    due = NOW + MINUTE
    assert may_send(await health_of(database), now=due) is Verdict.PROBE
    assert sum(await asyncio.gather(*(probe(database, due) for _ in range(8)))) == 1
    assert (await health_of(database)).state is BreakerState.HALF_OPEN
    assert not await probe(database, due + PROBE_HOLDS - timedelta(seconds=1))


async def test_a_probe_whose_worker_is_lost_is_given_out_again(database: Database) -> None:
    await tell(database, troubles=10)
    assert await probe(database, NOW + MINUTE)
    assert await probe(database, NOW + MINUTE + PROBE_HOLDS)


@pytest.mark.parametrize("arrives", [True, False])
async def test_the_answer_to_the_probe_decides(database: Database, arrives: bool) -> None:  # noqa: FBT001
    await tell(database, troubles=10)
    due = NOW + MINUTE
    assert await probe(database, due)
    after = await tell(database, successes=int(arrives), troubles=int(not arrives), now=due)
    assert after == await health_of(database)
    if arrives:
        assert after == WELL
    else:
        assert (after.state, after.openings) == (BreakerState.OPEN, 2)
        assert after.retry_at is not None
        assert timedelta(seconds=30) <= after.retry_at - due <= timedelta(seconds=36)
        assert not await probe(database, due)


async def test_a_provider_that_is_well_gives_out_no_probe(database: Database) -> None:
    assert not await probe(database, NOW)
    await tell(database, troubles=1)
    assert not await probe(database, NOW + MINUTE)


async def test_each_provider_stands_for_itself(database: Database) -> None:
    await tell(database, troubles=10)
    await tell(database, provider="twilio_fallback", troubles=1)
    assert (await health_of(database)).state is BreakerState.OPEN
    assert (await health_of(database, "twilio_fallback")).state is BreakerState.CLOSED


async def test_everybody_may_read_how_the_providers_stand(database: Database) -> None:
    await tell(database, troubles=10)
    async with database.as_worker() as connection:
        await connection.execute("set local role clarion_app")
        assert set(await read_health(connection)) == {"twilio"}
