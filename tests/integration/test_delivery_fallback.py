"""When a provider cannot be reached: another sender takes over, or what waits waits for a probe."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from clarion.delivery.health.breaker import FIRST_PAUSE, TROUBLES_IN_A_ROW
from clarion.delivery.health.store import read_health
from clarion.delivery.lanes import Lanes, LaneSpec
from clarion.delivery.pump import Pump
from clarion.delivery.reroute import Rerouter
from clarion.kernel.channel import Channel
from clarion.providers.sending import Accepted, Unavailable
from support.fake_provider import FakeProvider
from support.house import SIGNER, House, number_of

if TYPE_CHECKING:
    from clarion.providers.sending import OutgoingMessage, SendResult

_REFUSED = Unavailable(detail="connection refused")


def spec(provider: str, sender: str, tier: int) -> LaneSpec:
    return LaneSpec(
        channel=Channel.SMS,
        provider=provider,
        sender=sender,
        rate_per_second=Decimal(100_000),
        tier=tier,
    )


@pytest.fixture
def second(house: House) -> FakeProvider:
    """A second provider, which the house falls back to from now on."""
    second = FakeProvider(name="second")
    lanes = Lanes([spec("fake", "+15125550000", 1), spec("second", "+15125550002", 2)])
    house.lanes = lanes
    house.launcher._lanes = lanes
    providers = {("fake", Channel.SMS): house.provider, ("second", Channel.SMS): second}
    house.pump = Pump(house.database, house.queue, lanes, providers, SIGNER, house.clock)
    return second


async def state(house: House, provider: str = "fake") -> str:
    async with house.database.as_worker() as connection:
        known = (await read_health(connection)).get(provider)
    return "closed" if known is None else known.state


async def test_the_next_sender_tries_at_once(house: House, second: FakeProvider) -> None:
    await house.add_people(1)
    await house.launched()
    house.provider.answers(_REFUSED)
    await house.send()
    assert [message.attempt for message in house.provider.sent] == [1]
    assert [(each.attempt, each.sender) for each in second.sent] == [(2, "+15125550002")]
    row = await house.message()
    assert (row["status"], row["provider"], row["attempts"]) == ("sent", "second", 2)


async def test_without_another_sender_it_is_tried_again_later(house: House) -> None:
    await house.add_people(1)
    await house.launched()
    house.provider.answers(_REFUSED)
    await house.send()
    row = await house.message()
    assert (row["status"], row["provider"]) == ("pending", "fake")
    assert row["due_at"] > house.clock.now


async def test_nobody_gets_it_twice_while_a_provider_fails_now_and_then(
    house: House, second: FakeProvider
) -> None:
    await house.add_people(60)
    await house.launched()

    async def now_and_then(message: OutgoingMessage) -> SendResult:
        if int(message.to[-1]) % 3 == 0:
            return _REFUSED
        return Accepted(provider_id=f"SM{message.to}")

    house.provider.answer = now_and_then
    await house.send()
    assert await house.counts() == {"sent": 60}
    refused = {number_of(n) for n in range(100, 160) if n % 10 % 3 == 0}
    assert second.times_sent_to() == dict.fromkeys(refused, 1)


async def test_what_waits_for_a_provider_that_is_away_goes_to_the_other(
    house: House, second: FakeProvider
) -> None:
    await house.add_people(40)
    await house.launched()
    await house.execute(
        "insert into broadcast.provider_health (provider, state, troubles, openings, retry_at)"
        " values ('fake', 'open', %s, 1, %s)",
        TROUBLES_IN_A_ROW,
        house.clock.now + FIRST_PAUSE,
    )
    await house.send()
    assert (house.provider.sent, second.sent) == ([], [])
    rerouter = Rerouter(house.database, house.lanes, house.clock)
    while await rerouter.reroute():
        pass
    await house.send()
    assert house.provider.sent == []
    assert len(second.sent) == 40
    # What is launched meanwhile goes there at once.
    await house.launched("Another")
    await house.send()
    assert len(second.sent) == 80


async def test_what_waits_for_a_sender_that_is_gone_goes_to_another(house: House) -> None:
    await house.add_people(5)
    await house.launched()
    lanes = Lanes([spec("fake", "+15125550009", 1)])
    async with house.database.as_worker() as connection:
        await lanes.of(connection, Channel.SMS)
    await house.send()
    assert house.provider.sent == []
    rerouter = Rerouter(house.database, lanes, house.clock)
    while await rerouter.reroute():
        pass
    await house.send()
    assert [message.sender for message in house.provider.sent] == ["+15125550009"] * 5


async def test_after_troubles_in_a_row_nothing_leaves_before_the_probe(house: House) -> None:
    """The only sender: a pause, then one message, and with its answer all the others."""
    await house.add_people(TROUBLES_IN_A_ROW + 20)
    await house.launched()
    house.provider.answers(_REFUSED)
    await house.send()
    handed_over = len(house.provider.sent)
    assert await state(house) == "open"
    house.clock.forward(timedelta(seconds=1))
    await house.send()
    assert len(house.provider.sent) == handed_over

    # Some of those who were refused are still waiting for their own time then.
    house.clock.forward(FIRST_PAUSE * 2)
    house.provider.sent.clear()
    assert await house.pump.turn()
    await house.pump.drain()
    assert len(house.provider.sent) == 1
    assert await state(house) == "open"

    house.clock.forward(FIRST_PAUSE * 10)
    house.provider.sent.clear()
    house.provider.answer = FakeProvider().answer
    assert await house.pump.turn()
    await house.pump.drain()
    assert (len(house.provider.sent), await state(house)) == (1, "closed")
    house.clock.forward(timedelta(minutes=20))
    await house.send()
    assert await house.counts() == {"sent": TROUBLES_IN_A_ROW + 20}


async def test_while_all_is_well_nothing_is_written_about_it(house: House) -> None:
    await house.add_people(30)
    await house.launched()
    await house.send()
    assert await house.rows("select * from broadcast.provider_health") == []
