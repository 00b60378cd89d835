"""Reports through the database: in every order, repeated, cut into batches, with the answer of the
send at any place, all messages of one history end alike, and the counters are the rows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import combinations, permutations
from typing import TYPE_CHECKING, Any

import pytest

from support.reports import answer, apply, attempts, claim, counted, counters, event, store

if TYPE_CHECKING:
    from uuid import UUID

    from support.house import House

_MINUTE = timedelta(minutes=1)

#: What may be told of an attempt: minutes after the send, the status and what comes with it.
TOLD: dict[str, tuple[int, str, dict[str, Any]]] = {
    "sent": (1, "sent", {}),
    "off": (2, "failed", {"error_code": "30003"}),
    "filtered": (3, "failed", {"error_code": "30007"}),
    "arrived": (4, "delivered", {}),
    "billed": (5, "sent", {"price": Decimal("0.0158"), "currency": "USD", "segments": 2}),
}

#: What of a message is the same in the end.
KEPT = (
    "status, error_code, segments, price, retries, attempts, sent_at, delivered_at, failed_at,"
    " provider_id is null as without_id, case when status = 'pending' then due_at end as due_at"
)


async def tell(house: House, message_id: UUID, name: str, attempt: int, *, times: int) -> None:
    minute, status, others = TOLD[name]
    told = event(
        house,
        f"{message_id}:{attempt}:{name}",
        status,
        message_id=message_id,
        attempt=attempt,
        provider_id=f"{message_id}-{attempt}",
        occurred_at=house.clock.now + minute * _MINUTE,
        **others,
    )
    for _ in range(times):
        await store(house, told)


async def played(house: House, histories: list[tuple[str, ...]], attempt: int) -> list[UUID]:
    """Each history told to a message of its own; a batch is applied after every second stage."""
    rows = await house.rows("select id from broadcast.messages order by address")
    ids = [row["id"] for row in rows]
    assert len(ids) == len(histories)
    for place in range(max(len(history) for history in histories)):
        for number, (message_id, history) in enumerate(zip(ids, histories, strict=True)):
            if place >= len(history):
                continue
            if history[place] == "answer":
                await answer(house, message_id, f"{message_id}-{attempt}")
            else:
                await tell(house, message_id, history[place], attempt, times=1 + number % 2)
        if place % 2 or len(histories) < 30:
            await apply(house)
            assert await counted(house) == await counters(house)
    await apply(house)
    return ids


@pytest.mark.parametrize("chosen", list(combinations(TOLD, 3)), ids="-".join)
async def test_a_history_ends_alike_in_every_order(house: House, chosen: tuple[str, ...]) -> None:
    orders = list(permutations([*chosen, "answer"]))
    await house.add_people(len(orders))
    await house.launched()
    await claim(house)
    await played(house, orders, 1)
    ends = await house.rows(f"select distinct {KEPT} from broadcast.messages")  # noqa: S608
    assert len(ends) == 1, ends
    kept = await house.rows(
        "select distinct attempt, status, error_code, segments, price, sent_at, failed_at"
        " from broadcast.message_attempts"
    )
    assert len(kept) == (1 if ends[0]["status"] == "pending" else 0)
    assert await counted(house) == await counters(house)


async def test_two_attempts_end_alike_in_every_order(house: House) -> None:
    """The first has failed and the second is on its way; both are heard of."""
    stages = [(1, "filtered"), (1, "arrived"), (2, "sent"), (2, "off")]
    orders = list(permutations(stages))
    await house.add_people(len(orders))
    await house.launched()
    ids = await claim(house)
    for message_id in ids:
        await tell(house, message_id, "off", 1, times=1)
    await apply(house)
    house.clock.forward(timedelta(hours=2))
    await claim(house)
    for place in range(len(stages)):
        for message_id, order in zip(ids, orders, strict=True):
            attempt, name = order[place]
            await tell(house, message_id, name, attempt, times=2)
        await apply(house)
        assert await counted(house) == await counters(house)
    ends = await house.rows(f"select distinct {KEPT} from broadcast.messages")  # noqa: S608
    assert len(ends) == 1, ends
    assert ends[0]["status"] == "delivered"
    assert {(row["attempt"], row["status"]) for row in await attempts(house)} == {(1, "delivered")}
    assert len(await attempts(house)) == len(orders)
