"""A provider that takes seconds for an answer: what is claimed does not wait for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from support.pumping import pumps

if TYPE_CHECKING:
    from support.house import House

#: Of both pumps together: all that may be on its way at one provider.
_PLACES = 2 * 64


async def test_a_pause_holds_within_two_seconds_however_slow_the_provider_is(
    house: House,
) -> None:
    await house.add_people(600)
    broadcast = await house.launched()
    async with pumps(house, 2, answers_after=4.0) as arrivals:
        await arrivals.all_of(_PLACES)
        # Both have claimed more than they have places for, and get the next ones in four seconds.
        async with house.database.as_workspace(house.workspace.id) as connection:
            await house.broadcasts.pause(
                connection, house.workspace, broadcast.id, now=house.clock.now
            )
        paused_at = asyncio.get_running_loop().time()
        async with asyncio.timeout(30):
            while "sending" in (await house.statuses()).values():  # noqa: ASYNC110 - no event tells it
                await asyncio.sleep(0.1)
        late = [at - paused_at for at, _ in arrivals.noted if at > paused_at + 2.0]
    assert late == []
    statuses = (await house.statuses()).values()
    # Nothing is lost by it: what has not left waits as before.
    assert set(statuses) == {"sent", "pending"}
    assert len([each for each in statuses if each == "sent"]) == len(arrivals.noted)
