"""Receipts that do not come by themselves are asked for; and what will have none is closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from clarion.delivery.settling.sweep import Bounds, Sweeper
from clarion.kernel.channel import Channel
from clarion.providers.events import ProviderStatus
from clarion.providers.sending import FoundMessage
from clarion.queue.job import JobKind, NewJob
from clarion.tracking.apply import store_events
from support.house import House, build_house, number_of, within
from support.reports import apply, counted, counters, hand_over, outcomes, report

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_MOMENT = timedelta(seconds=1)


class Records:
    """Answers `fetch` and keeps what was asked for."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.asked: list[str] = []
        self.status: ProviderStatus | None = ProviderStatus.SENT
        self.others: dict[str, Any] = {}
        self.while_asked: Callable[[], Any] | None = None
        house.provider.fetch = self.fetch  # type: ignore[method-assign]

    async def fetch(self, provider_id: str) -> FoundMessage | None:
        self.asked.append(provider_id)
        if self.while_asked is not None:
            await self.while_asked()
        if self.status is None:
            return None
        found = FoundMessage(
            provider_id=provider_id,
            to=number_of(100),
            body="Hello",
            status=self.status,
            created_at=self.house.clock.now,
        )
        return replace(found, **self.others)


async def sent(house: House, people: int = 1) -> list[UUID]:
    await house.add_people(people)
    await house.launched()
    return await hand_over(house)


async def single(house: House, people: int = 1) -> list[UUID]:
    async with house.database.as_worker() as connection:
        await house.queue.submit(
            connection,
            house.workspace.id,
            [
                NewJob(
                    kind=JobKind.MESSAGE,
                    payload={"channel": "sms", "to": number_of(number), "body": "Hello"},
                )
                for number in range(100, 100 + people)
            ],
            by="Ana",
            now=house.clock.now,
        )
    await house.run_jobs()
    return await hand_over(house)


either = pytest.mark.parametrize("send", [sent, single], ids=["of a broadcast", "single"])


@either
async def test_a_receipt_is_asked_for_at_its_four_times_and_then_given_up(
    house: House, send: Callable[[House], Any]
) -> None:
    await send(house)
    records, sent_at = Records(house), house.clock.now
    for asked, pause in enumerate((15 * _MINUTE, 2 * _HOUR, 12 * _HOUR, 36 * _HOUR), start=1):
        house.clock.now = sent_at + pause - _MOMENT
        assert not await house.sweeper.sweep()
        assert len(records.asked) == asked - 1
        house.clock.now = sent_at + pause
        await house.sweeper.sweep()
        await house.sweeper.sweep()
        assert records.asked == ["SM1"] * asked
        row = await house.message()
        assert (row["checks"], row["status"]) == (asked, "sent" if asked < 4 else "no_receipt")
    assert await house.value("select count(*) from broadcast.message_events") == 0
    house.clock.forward(_DAY)
    await house.sweeper.sweep()
    assert len(records.asked) == 4
    assert await counted(house) == await counters(house)


@either
@pytest.mark.parametrize(
    ("status", "code", "ends"),
    [
        ("delivered", None, "delivered"),
        ("failed", "30006", "failed"),
        ("cancelled", None, "failed"),
    ],
)
async def test_what_the_provider_shows_is_applied_like_a_callback(
    house: House, send: Callable[[House], Any], status: str, code: str | None, ends: str
) -> None:
    await send(house)
    records = Records(house)
    records.status = ProviderStatus(status)
    records.others = {"error_code": code, "price": Decimal("0.0079"), "segments": 2}
    house.clock.forward(15 * _MINUTE)
    await house.sweeper.sweep()
    assert (await house.message())["status"] == "sent"
    await apply(house)
    row = await house.message()
    assert (row["status"], row["error_code"]) == (ends, code)
    assert (row["price"], row["segments"]) == (Decimal("0.0079"), 2)
    assert list(await outcomes(house)) == [f"fetch:fake:SM1:{status}:{code or ''}"]


async def test_a_failure_that_was_found_by_asking_is_sent_again_by_its_plan(house: House) -> None:
    await sent(house)
    records = Records(house)
    records.status, records.others = ProviderStatus.FAILED, {"error_code": "30003"}
    house.clock.forward(15 * _MINUTE)
    await house.sweeper.sweep()
    await apply(house)
    row = await house.message()
    assert (row["status"], row["retries"], row["checks"]) == ("pending", 1, 0)


async def test_a_late_receipt_still_moves_what_was_closed(house: House) -> None:
    (message_id,) = await sent(house)
    await house.execute("update broadcast.messages set status = 'no_receipt'")
    await report(house, "k", "delivered", message_id=message_id, attempt=1)
    assert (await house.message())["status"] == "delivered"


@either
async def test_a_provider_that_is_down_closes_nothing_early(
    house: House, send: Callable[[House], Any]
) -> None:
    await send(house)
    records, sent_at = Records(house), house.clock.now
    records.status = None
    for pause in (15 * _MINUTE, 2 * _HOUR, 12 * _HOUR, 36 * _HOUR, 6 * _DAY):
        house.clock.now = sent_at + pause
        await house.sweeper.sweep()
    row = await house.message()
    assert (len(records.asked), row["checks"], row["status"]) == (5, 0, "sent")
    house.clock.now = sent_at + 7 * _DAY
    await house.sweeper.sweep()
    assert (await house.message())["status"] == "sent"
    house.clock.forward(_MOMENT)
    await house.sweeper.sweep()
    assert (await house.message())["status"] == "no_receipt"


async def test_a_question_without_an_answer_is_asked_again_after_five_minutes(
    house: House,
) -> None:
    await sent(house)
    records = Records(house)
    records.status = None
    house.clock.forward(15 * _MINUTE)
    await house.sweeper.sweep()
    house.clock.forward(5 * _MINUTE - _MOMENT)
    await house.sweeper.sweep()
    assert len(records.asked) == 1
    house.clock.forward(_MOMENT)
    await house.sweeper.sweep()
    assert len(records.asked) == 2


@either
async def test_a_provider_without_records_is_never_asked_and_closed_after_three_days(
    house: House, send: Callable[[House], Any]
) -> None:
    await send(house)
    records = Records(house)
    house.provider.keeps_records = False
    house.clock.forward(72 * _HOUR)
    await house.sweeper.sweep()
    assert (await house.message())["status"] == "sent"
    house.clock.forward(_MOMENT)
    await house.sweeper.sweep()
    assert ((await house.message())["status"], records.asked) == ("no_receipt", [])
    assert await counted(house) == await counters(house)


async def test_what_arrived_on_an_earlier_attempt_is_closed_as_delivered(house: House) -> None:
    (message_id,) = await sent(house)
    await report(house, "k1", "failed", message_id=message_id, attempt=1, error_code="30003")
    house.clock.forward(2 * _HOUR)
    await hand_over(house)
    await report(house, "k2", "delivered", message_id=message_id, attempt=1)
    delivered_at = house.clock.now
    assert (await house.message())["status"] == "sent"
    Records(house)
    for pause in (15 * _MINUTE, 2 * _HOUR, 12 * _HOUR, 36 * _HOUR):
        house.clock.now = delivered_at + pause
        await house.sweeper.sweep()
    row = await house.message()
    assert (row["status"], row["delivered_at"]) == ("delivered", delivered_at)


async def test_a_receipt_that_comes_while_it_is_asked_for_stands(house: House) -> None:
    (message_id,) = await sent(house)
    records = Records(house)
    house.clock.forward(36 * _HOUR)
    await house.execute("update broadcast.messages set checks = 3, updated_at = sent_at")

    async def delivered() -> None:
        await report(house, "k", "delivered", message_id=message_id, attempt=1)

    records.while_asked = delivered
    await house.sweeper.sweep()
    row = await house.message()
    assert (row["status"], row["checks"], records.asked) == ("delivered", 3, ["SM1"])


async def test_an_answer_about_an_attempt_gone_by_counts_for_nothing(house: House) -> None:
    (message_id,) = await sent(house)
    records = Records(house)
    house.clock.forward(15 * _MINUTE)

    async def failed_and_sent_again() -> None:
        await report(house, "k", "failed", message_id=message_id, attempt=1, error_code="30003")
        await hand_over(house)

    records.while_asked = failed_and_sent_again
    await house.sweeper.sweep()
    row = await house.message()
    assert (row["status"], row["attempts"], row["checks"]) == ("sent", 2, 0)


async def test_nothing_is_asked_for_that_has_its_receipt(house: House) -> None:
    ids = await sent(house, 3)
    await report(house, "k", "delivered", message_id=ids[1], attempt=1)
    records = Records(house)
    house.clock.forward(_HOUR)
    await house.sweeper.sweep()
    assert sorted(records.asked) == ["SM1", "SM3"]


@either
@pytest.mark.parametrize(
    "bounds", [Bounds(questions=3, looked_at=5), Bounds(questions=9, looked_at=2)]
)
async def test_rounds_are_bounded_and_nobody_is_left_out_or_asked_twice(
    house: House, send: Callable[[House, int], Any], bounds: Bounds
) -> None:
    await send(house, 23)
    records = Records(house)
    sweeper = Sweeper(
        house.database,
        {("fake", Channel.SMS): house.provider},
        house.clock,
        tell=store_events,
        bounds=bounds,
    )
    house.clock.forward(15 * _MINUTE)
    for _ in range(60):
        before = len(records.asked)
        await sweeper.sweep()
        assert len(records.asked) - before <= bounds.questions
    assert sorted(records.asked) == sorted(f"SM{number}" for number in range(1, 24))


async def test_several_workers_ask_for_each_once(house: House) -> None:
    await sent(house, 40)
    records = Records(house)
    house.clock.forward(15 * _MINUTE)
    others = [await build_house(house.database) for _ in range(2)]
    for other in others:
        other.clock.now = house.clock.now
        other.provider.fetch = records.fetch  # type: ignore[method-assign]
    await within(60, *(each.sweeper.sweep() for each in (house, *others)))
    assert len(records.asked) == len(set(records.asked)) == 40
    assert {row["checks"] for row in await house.messages()} == {1}


async def test_broadcasts_and_single_messages_have_their_turns(house: House) -> None:
    """Even where the first would use up the questions of every round."""
    await sent(house, 12)
    await house.execute("update broadcast.messages set provider_id = 'broadcast ' || provider_id")
    await single(house, 2)
    records = Records(house)
    records.status = None  # it goes on asking
    sweeper = Sweeper(
        house.database,
        {("fake", Channel.SMS): house.provider},
        house.clock,
        tell=store_events,
        bounds=Bounds(questions=4, looked_at=100),
    )
    house.clock.forward(15 * _MINUTE)
    for _ in range(4):
        await sweeper.sweep()
    assert {"SM1", "SM2"} < set(records.asked)
