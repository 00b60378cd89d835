"""Messages on the wire, and what providers report of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.delivery.message import MessageStatus, Outcome
from clarion.delivery.store import write_outcomes
from clarion.kernel.channel import Channel
from clarion.providers.events import EventKind, ProviderEvent, ProviderStatus
from clarion.tracking.apply import store_events

if TYPE_CHECKING:
    from uuid import UUID

    from support.house import House


def event(house: House, key: str, status: str | None = None, **others: Any) -> ProviderEvent:
    """A report of now; without a status, a text of a person."""
    return ProviderEvent(
        **{
            "key": key,
            "kind": EventKind.STATUS if status else EventKind.INBOUND,
            "provider": "fake",
            "channel": Channel.SMS,
            "status": ProviderStatus(status) if status else None,
            "occurred_at": house.clock.now,
            **others,
        }
    )


async def store(house: House, *events: ProviderEvent) -> int:
    async with house.database.as_worker() as connection:
        return await store_events(connection, events, received_at=house.clock.now)


async def apply(house: House) -> int:
    done = 0
    while count := await house.applier.apply_batch():
        done += count
    return done


async def report(house: House, key: str, status: str, **others: Any) -> None:
    """Stored and applied."""
    await store(house, event(house, key, status, **others))
    await apply(house)


async def outcomes(house: House) -> dict[str, str]:
    """What came of each event, by its key."""
    return {
        row["event_key"]: row["outcome"]
        for row in await house.rows("select event_key, outcome from broadcast.message_events")
    }


async def claim(house: House) -> list[UUID]:
    """All that waits is on the wire now: claimed and committed, without an answer; by address."""
    claimed = await house.rows(
        "update broadcast.messages m set status = 'sending', attempts = attempts + 1,"
        " provider = 'fake', claimed_at = %s, updated_at = %s, body = coalesce(m.body,"
        " (select s.body from broadcast.broadcast_steps s where s.id = m.step_id))"
        " where m.status = 'pending' returning id, address",
        house.clock.now,
        house.clock.now,
    )
    return [row["id"] for row in sorted(claimed, key=lambda row: row["address"])]


async def answer(house: House, message_id: UUID, provider_id: str) -> None:
    """The provider's answer to the latest claim: it has the message."""
    claims = await house.rows(
        "select greatest(attempts, 1) as attempts, coalesce(claimed_at, now()) as claimed_at"
        " from broadcast.messages where id = %s",
        message_id,
    )
    async with house.database.as_worker() as connection:
        await write_outcomes(
            connection,
            [
                Outcome(
                    message_id=message_id,
                    status=MessageStatus.SENT,
                    provider_id=provider_id,
                    segments=1,
                )
            ],
            claims=[(each["attempts"], each["claimed_at"]) for each in claims],
            now=house.clock.now,
        )


async def hand_over(house: House) -> list[UUID]:
    """All that waits is with the provider now, as SM1, SM2 and so on by address."""
    ids = await claim(house)
    for number, message_id in enumerate(ids, start=1):
        attempt = await house.value(
            "select attempts from broadcast.messages where id = %s", message_id
        )
        await answer(house, message_id, provider_id_of(number, attempt))
    return ids


def provider_id_of(number: int, attempt: int = 1) -> str:
    return f"SM{number}" if attempt == 1 else f"SM{number}-{attempt}"


async def counted(house: House) -> dict[tuple[str, str], tuple[int, int]]:
    """Messages and segments by step and status, as the rows say."""
    return {
        (str(row["step_id"]), row["status"]): (row["messages"], row["segments"])
        for row in await house.rows(
            "select step_id, status, count(*)::int as messages,"
            " coalesce(sum(segments), 0)::int as segments"
            " from broadcast.messages where step_id is not null group by step_id, status"
        )
    }


async def counters(house: House) -> dict[tuple[str, str], tuple[int, int]]:
    """The same as the counters say."""
    return {
        (str(row["step_id"]), row["status"]): (row["messages"], row["segments"])
        for row in await house.rows(
            "select step_id, status, messages::int, segments::int from broadcast.step_counts"
            " where messages <> 0"
        )
    }


async def attempts(house: House) -> list[dict[str, Any]]:
    """What is kept of attempts that another one has followed, by message and number."""
    return await house.rows("select * from broadcast.message_attempts order by message_id, attempt")
