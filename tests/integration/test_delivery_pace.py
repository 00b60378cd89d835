"""Several pumps on one database, by the real clock: the pace of a lane is theirs together."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from support.house import build_house
from support.pumping import pumps

if TYPE_CHECKING:
    from clarion.db.connection import Database


async def test_no_window_of_a_second_holds_more_than_the_rate(database: Database) -> None:
    house = await build_house(database, rate=Decimal(50))
    await house.add_people(160)
    await house.launched()
    async with pumps(house) as arrivals:
        await arrivals.all_of(160)
    assert arrivals.most_in_a_second() <= 50
    assert set(house.provider.times_sent_to().values()) == {1}


async def test_a_rate_that_one_worker_cannot_use_up_is_kept_all_the_same(
    database: Database,
) -> None:
    """At such a rate a message misses its slot by many slots, and is booked anew."""
    house = await build_house(database, rate=Decimal(400))
    await house.add_people(1_200)
    await house.launched()
    async with pumps(house) as arrivals:
        await arrivals.all_of(1_200)
    assert arrivals.most_in_a_second() <= 400
    assert set(house.provider.times_sent_to().values()) == {1}


@pytest.mark.parametrize(
    ("segments_per_second", "lengths"), [(40, (2, 2, 2)), (40, (1, 3, 1)), (9, (4, 4, 1))]
)
async def test_no_window_of_a_second_holds_more_segments(
    database: Database, segments_per_second: int, lengths: tuple[int, ...]
) -> None:
    house = await build_house(
        database, rate=Decimal(500), segments_per_second=Decimal(segments_per_second)
    )
    people = segments_per_second * 2
    await house.add_people(people)
    await house.execute(
        "update public.contacts set first_name = repeat("
        "'x', (%s::int[])[1 + (right(phone_number, 4)::int %% 3)] * 153 - 10)",
        list(lengths),
    )
    await house.launched("{{ first_name }}")
    async with pumps(house) as arrivals:
        await arrivals.all_of(people)
    weights = [-(-len(message.body) // 153) for _, message in arrivals.noted]
    assert {len(message.body) for _, message in arrivals.noted} == {
        each * 153 - 10 for each in lengths
    }
    assert arrivals.most_in_a_second(weights) <= segments_per_second
