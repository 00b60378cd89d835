from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from datetime import timedelta
from itertools import permutations

import pytest

from clarion.compliance.suppression import Found, Suppressed, lift, suppress, take_note
from clarion.kernel.channel import Channel
from support.house import House, within

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


_SECOND = timedelta(seconds=1)


async def take_off(house: House, *addresses: str, later: timedelta = _SECOND) -> int:
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
    assert await put(house, _ANN, later=2 * _SECOND) == 1
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


async def test_a_wish_counts_from_the_moment_of_the_opt_out_only_if_it_came_later(
    house: House,
) -> None:
    """STOP and START at one moment: who is left alone was not annoyed."""
    await put(house, _ANN)
    assert await take_off(house, _ANN, later=timedelta(0)) == 0
    assert await in_force(house) == [_ANN]


async def test_an_opt_out_that_is_older_than_the_wish_comes_too_late(house: House) -> None:
    assert await take_off(house, _ANN) == 0
    assert await put(house, _ANN) == 0
    assert await in_force(house) == []
    assert await put(house, _ANN, later=_SECOND) == 1
    assert await in_force(house) == [_ANN]


async def test_a_complaint_outlives_an_opt_out_that_came_first(house: House) -> None:
    await put(house, _ANN)
    await put(house, _ANN, reason=Suppressed.COMPLAINT)
    assert await take_off(house, _ANN) == 0
    assert await in_force(house) == [_ANN]
    await put(house, _ANN, reason=Suppressed.OPTED_OUT)
    assert await take_off(house, _ANN) == 0


async def lift_reason(house: House) -> None:
    """Somebody has found out that the address is well after all."""
    await house.execute(
        "update broadcast.suppressions set lifted_at = %s"
        " where lifted_at is null and reason <> 'opted_out'",
        house.clock.now + 60 * _SECOND,
    )


@pytest.mark.parametrize("reason", [Suppressed.COMPLAINT, Suppressed.INVALID_ADDRESS])
@pytest.mark.parametrize("stops_first", [True, False])
async def test_an_opt_out_holds_when_the_other_reason_is_lifted(
    house: House, reason: Suppressed, *, stops_first: bool
) -> None:
    if stops_first:
        await put(house, _ANN)
    await put(house, _ANN, _BOB, reason=reason, later=_SECOND)
    if not stops_first:
        assert await put(house, _ANN) == 1
        assert await put(house, _ANN) == 0
    await lift_reason(house)
    assert await in_force(house) == [_ANN]
    assert await known(house) == {_ANN: ("opted_out", 0)}
    assert (
        await house.value("select source from broadcast.suppressions where lifted_at is null")
        == "test"
    )
    assert await take_off(house, _ANN) == 1
    assert await in_force(house) == []


async def test_who_asked_to_be_written_to_again_is_when_the_other_reason_is_lifted(
    house: House,
) -> None:
    await put(house, _ANN)
    await put(house, _ANN, reason=Suppressed.COMPLAINT)
    assert await take_off(house, _ANN) == 0
    assert await put(house, _ANN) == 0
    await lift_reason(house)
    assert await in_force(house) == []


# --- in any order

#: What may be learnt of an address: the second at which it was so, and the reason (none: START).
TOLD: list[tuple[int, Suppressed | None]] = [
    (1, Suppressed.OPTED_OUT),
    (2, None),
    (3, None),
    (3, Suppressed.OPTED_OUT),
    (4, None),
    (2, Suppressed.COMPLAINT),
    (5, Suppressed.INVALID_ADDRESS),
]


def expected_of(
    told: Iterable[tuple[int, Suppressed | None]],
) -> tuple[str, int, int | None] | None:
    """The reason in force and since when, by the rules as a person would say them; and since when
    the person has opted out besides."""
    times: dict[Suppressed | None, list[int]] = {reason: [] for reason in (*Suppressed, None)}
    for second, reason in told:
        times[reason].append(second)
    stops, starts = times[Suppressed.OPTED_OUT], times[None]
    opted_out = max(stops) if stops and max(stops) >= max(starts, default=0) else None
    for lasting in (Suppressed.COMPLAINT, Suppressed.INVALID_ADDRESS):
        if times[lasting]:
            return lasting, max(times[lasting]), opted_out
    return None if opted_out is None else (Suppressed.OPTED_OUT, opted_out, None)


def found_of(house: House, address: str, told: tuple[int, Suppressed | None]) -> Found:
    second, reason = told
    return Found(
        workspace_id=house.workspace.id,
        channel=Channel.SMS,
        address=address,
        reason=reason,
        at=house.clock.now + second * _SECOND,
        source="test",
    )


async def known(house: House) -> dict[str, tuple[str, int]]:
    return {
        row["address"]: (row["reason"], int((row["created_at"] - house.clock.now).total_seconds()))
        for row in await house.rows(
            "select address, reason, created_at from broadcast.suppressions where lifted_at is null"
        )
    }


async def known_with_opt_outs(house: House) -> dict[str, tuple[str, int, int | None]]:
    beside = {
        row["address"]: int((row["opted_out_at"] - house.clock.now).total_seconds())
        for row in await house.rows(
            "select address, opted_out_at from broadcast.suppressions"
            " where lifted_at is null and opted_out_at is not null"
        )
    }
    return {
        address: (reason, since, beside.get(address))
        for address, (reason, since) in (await known(house)).items()
    }


async def note(house: House, found: Iterable[Found]) -> None:
    async with house.database.as_worker() as connection:
        await take_note(connection, found)


async def test_whatever_the_order_the_later_wish_holds_and_a_complaint_outlives_it(
    house: House,
) -> None:
    """Each order of up to five of them, on an address of its own, cut into transactions at places
    that differ from order to order, and everything told once more at the end."""
    orders = [order for size in range(1, 6) for order in permutations(TOLD, size)]
    waiting: dict[str, list[list[tuple[int, Suppressed | None]]]] = {}
    for number, order in enumerate(orders):
        parts = [[order[0]]]
        for place, told in enumerate(order[1:]):
            if number >> place & 1:
                parts[-1].append(told)
            else:
                parts.append([told])
        waiting[f"+1512{number:07}"] = [*parts, list(order)]
    for step in range(6):
        await note(
            house,
            [
                found_of(house, address, told)
                for address, parts in waiting.items()
                if step < len(parts)
                for told in parts[step]
            ],
        )
    expected = {
        address: state
        for address, order in zip(waiting, orders, strict=True)
        if (state := expected_of(order)) is not None
    }
    assert await known_with_opt_outs(house) == expected
    assert 0 < len(expected) < len(orders)


async def test_who_applies_a_wish_waits_for_whoever_applies_another(house: House) -> None:
    """Neither would see what the other writes: the older STOP would stand beside the START."""
    wish, stop = found_of(house, _ANN, (2, None)), found_of(house, _ANN, (1, Suppressed.OPTED_OUT))
    async with house.database.as_worker() as connection:
        await take_note(connection, [wish])
        other = asyncio.create_task(note(house, [stop]))
        while not other.done() and not await house.value(
            "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            " and database = (select oid from pg_database where datname = current_database())"
        ):
            pass
        assert not other.done()
    await within(20, other)
    assert await in_force(house) == []


async def test_several_workers_that_learn_of_it_at_once_end_alike(house: House) -> None:
    chance = random.Random(11)
    sets = [chance.sample(TOLD, 3) for _ in range(24)]
    addresses = [f"+1512{number:07}" for number in range(24)]
    told = [
        found_of(house, address, each)
        for address, few in zip(addresses, sets, strict=True)
        for each in few
    ]

    async def worker(seed: int) -> None:
        mine = random.Random(seed).sample(told, len(told))
        for start in range(0, len(mine), 5):
            await note(house, mine[start : start + 5])

    await within(60, *(worker(seed) for seed in range(4)))
    assert await known_with_opt_outs(house) == {
        address: state
        for address, few in zip(addresses, sets, strict=True)
        if (state := expected_of(few)) is not None
    }
