from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from clarion.compliance.suppression import Suppressed, lift, suppress
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from support.house import House

_ANN, _BOB = "+15125550100", "+15125550101"


async def put(
    house: House,
    *addresses: str,
    reason: Suppressed = Suppressed.OPTED_OUT,
    channel: Channel = Channel.SMS,
    later: timedelta = timedelta(0),
) -> int:
    async with house.database.as_worker() as connection:
        return await suppress(
            connection,
            house.workspace.id,
            channel=channel,
            addresses=addresses,
            reason=reason,
            source="test",
            now=house.clock.now + later,
        )


async def take_off(house: House, *addresses: str, later: timedelta = timedelta(0)) -> int:
    async with house.database.as_worker() as connection:
        return await lift(
            connection,
            house.workspace.id,
            channel=Channel.SMS,
            addresses=addresses,
            now=house.clock.now + later,
        )


async def in_force(house: House) -> list[str]:
    return [
        row["address"]
        for row in await house.rows(
            "select address from broadcast.suppressions where lifted_at is null order by address"
        )
    ]


async def test_an_address_is_on_the_list_once(house: House) -> None:
    assert await put(house, _ANN, _BOB, _ANN) == 2
    assert await put(house, _ANN) == 0
    assert await in_force(house) == [_ANN, _BOB]


async def test_channels_are_apart(house: House) -> None:
    await put(house, _ANN)
    assert await put(house, _ANN, channel=Channel.EMAIL) == 1
    assert await take_off(house, _ANN) == 1
    assert await in_force(house) == [_ANN]


async def test_who_asks_to_be_written_to_again_is_and_the_history_stays(house: House) -> None:
    await put(house, _ANN, _BOB)
    assert await take_off(house, _ANN) == 1
    assert await take_off(house, _ANN) == 0
    assert await in_force(house) == [_BOB]
    assert await put(house, _ANN) == 1
    assert await house.value("select count(*) from broadcast.suppressions") == 3


@pytest.mark.parametrize("reason", [Suppressed.COMPLAINT, Suppressed.INVALID_ADDRESS])
async def test_only_an_opt_out_is_lifted(house: House, reason: Suppressed) -> None:
    await put(house, _ANN, reason=reason)
    assert await take_off(house, _ANN) == 0
    assert await in_force(house) == [_ANN]


async def test_a_wish_lifts_only_what_came_before_it(house: House) -> None:
    await put(house, _ANN, later=timedelta(seconds=5))
    assert await take_off(house, _ANN, later=timedelta(seconds=4)) == 0
    assert await in_force(house) == [_ANN]
    assert await take_off(house, _ANN, later=timedelta(seconds=6)) == 1


async def test_an_opt_out_that_is_repeated_counts_from_the_last_time(house: House) -> None:
    await put(house, _ANN)
    await put(house, _ANN, later=timedelta(seconds=9))
    assert await take_off(house, _ANN, later=timedelta(seconds=5)) == 0
    assert await in_force(house) == [_ANN]


async def test_a_complaint_outlives_an_opt_out_that_came_first(house: House) -> None:
    await put(house, _ANN)
    await put(house, _ANN, reason=Suppressed.COMPLAINT)
    assert await take_off(house, _ANN) == 0
    assert await in_force(house) == [_ANN]
    await put(house, _ANN, reason=Suppressed.OPTED_OUT)
    assert await take_off(house, _ANN) == 0
