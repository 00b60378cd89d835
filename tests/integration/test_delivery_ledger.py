"""The rules that the database itself holds over the ledger of messages."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from clarion.delivery.message import MessageStatus

if TYPE_CHECKING:
    from uuid import UUID

    from support.house import House

_FORWARD: dict[str, set[str]] = {
    "pending": {*MessageStatus} - {MessageStatus.PENDING},
    "sending": {"sent", "delivered", "failed", "uncertain", "pending"},
    "uncertain": {"sent", "delivered", "failed", "pending", "unknown"},
    "unknown": {"sent", "delivered", "failed"},
    "sent": {"delivered", "failed", "no_receipt"},
    "no_receipt": {"delivered", "failed"},
    "failed": {"delivered"},
    "delivered": set(),
    "skipped": set(),
    "cancelled": set(),
}


async def step_of(house: House) -> dict[str, UUID]:
    broadcast = await house.draft()
    return {
        "workspace_id": house.workspace.id,
        "broadcast_id": broadcast.id,
        "step_id": broadcast.first_step.id,
    }


async def add(house: House, step: dict[str, UUID], **row: Any) -> UUID:
    full = {"channel": "sms", "address": "+1", **step, **row}
    if full.get("status") == "skipped":
        full["skip_reason"] = "opted_out"
    found: UUID = await house.value(
        f"insert into broadcast.messages ({', '.join(full)})"  # noqa: S608 - our own names
        f" values ({', '.join(['%s'] * len(full))}) returning id",
        *full.values(),
    )
    return found


@pytest.mark.parametrize("before", list(MessageStatus))
async def test_a_message_only_moves_forward(house: House, before: MessageStatus) -> None:
    step = await step_of(house)
    for number, after in enumerate(MessageStatus):
        message = await add(house, step, address=f"+{number}", status=before)
        move = "update broadcast.messages set status = %s, skip_reason = 'x' where id = %s"
        if after == before or after in _FORWARD[before]:
            await house.execute(move, after, message)
        else:
            with pytest.raises(psycopg.errors.CheckViolation, match="cannot become"):
                await house.execute(move, after, message)
        status = await house.value("select status from broadcast.messages where id = %s", message)
        assert status == (after if after in _FORWARD[before] else before)


@pytest.mark.parametrize("before", list(MessageStatus))
async def test_only_what_failed_or_was_sent_is_sent_anew_and_that_is_counted(
    house: House, before: MessageStatus
) -> None:
    message = await add(house, await step_of(house), status=before)
    again = "update broadcast.messages set status = 'pending', retries = retries + 1 where id = %s"
    if before in ("pending", "sending", "uncertain", "sent", "failed"):
        await house.execute(again, message)
    else:
        with pytest.raises(psycopg.errors.CheckViolation, match="cannot become"):
            await house.execute(again, message)


async def test_an_address_is_in_a_step_once_per_channel(house: House) -> None:
    step = await step_of(house)
    await add(house, step)
    await add(house, step, channel="email")
    await add(house, await step_of(house))
    with pytest.raises(psycopg.errors.UniqueViolation):
        await add(house, step)


async def test_a_message_belongs_to_a_step_or_to_a_job(house: House) -> None:
    step = await step_of(house)
    with pytest.raises(psycopg.errors.CheckViolation):
        await add(house, {"workspace_id": step["workspace_id"]})
    with pytest.raises(psycopg.errors.CheckViolation):
        await add(house, {**step, "broadcast_id": None})  # type: ignore[dict-item]


async def test_who_is_skipped_is_so_for_a_reason(house: House) -> None:
    message = await add(house, await step_of(house))
    with pytest.raises(psycopg.errors.CheckViolation):
        await house.execute(
            "update broadcast.messages set status = 'skipped' where id = %s", message
        )


async def test_one_message_of_a_provider_is_one_message_here(house: House) -> None:
    step = await step_of(house)
    await add(house, step, provider="fake", provider_id="SM1")
    await add(house, step, address="+2", provider="other", provider_id="SM1")
    with pytest.raises(psycopg.errors.UniqueViolation):
        await add(house, step, address="+3", provider="fake", provider_id="SM1")


async def counted(house: House) -> tuple[list[Any], list[Any]]:
    """What the counters say, and what there is."""
    kept = await house.rows(
        "select step_id, channel, status, messages, segments from broadcast.step_counts"
        " where messages <> 0 or segments <> 0 order by 1, 2, 3"
    )
    there = await house.rows(
        "select step_id, channel, status, count(*) as messages,"
        " coalesce(sum(segments), 0)::bigint as segments from broadcast.messages"
        " group by 1, 2, 3 order by 1, 2, 3"
    )
    return kept, there


@pytest.mark.parametrize("seed", range(4))
async def test_the_counters_always_say_what_there_is(house: House, seed: int) -> None:
    chance = random.Random(seed)
    steps = [await step_of(house) for _ in range(2)]
    statuses = list(_FORWARD)
    for number in range(60):
        match chance.choice(["add", "add", "move", "move", "segments", "delete", "many"]):
            case "add":
                await add(
                    house,
                    chance.choice(steps),
                    address=f"+{number}",
                    status=chance.choice(statuses),
                    segments=chance.choice([None, 1, 2]),
                )
            case "move":
                before = chance.choice(statuses)
                after = chance.choice([before, *sorted(_FORWARD[before])])
                await house.execute(
                    "update broadcast.messages set status = %s, skip_reason = 'x', segments = %s"
                    " where status = %s",
                    after,
                    chance.choice([None, 1, 3]),
                    before,
                )
            case "segments":
                await house.execute(
                    "update broadcast.messages set segments = 5 where id in"
                    " (select id from broadcast.messages order by address limit 3)"
                )
            case "delete":
                await house.execute(
                    "delete from broadcast.messages where id in"
                    " (select id from broadcast.messages order by address limit 2)"
                )
            case _:
                await house.execute(
                    "insert into broadcast.messages"
                    " (workspace_id, broadcast_id, step_id, channel, address, status)"
                    " select %s, %s, %s, 'email', 'many' || %s::text || '-' || n,"
                    " (array['pending', 'sent'])[1 + n %% 2] from generate_series(1, 5) n",
                    *chance.choice(steps).values(),
                    number,
                )
        kept, there = await counted(house)
        assert kept == there
    assert there


async def test_a_refused_statement_leaves_the_counters_alone(house: House) -> None:
    step = await step_of(house)
    await add(house, step, status="sent")
    await add(house, step, address="+2", status="pending")
    with pytest.raises(psycopg.errors.CheckViolation):
        await house.execute("update broadcast.messages set status = 'pending'")
    kept, there = await counted(house)
    assert kept == there
    assert [(row["status"], row["messages"]) for row in kept] == [("pending", 1), ("sent", 1)]
