"""A worker that is asked to stop, stops: at whatever moment it is asked."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from clarion.kernel.stopping import stop_if_cancelled
from clarion.wiring.worker import work

if TYPE_CHECKING:
    from clarion.wiring.clarion import Clarion


@pytest.mark.parametrize("after", [0.0, 0.004, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3])
async def test_a_worker_stops_that_has_just_begun(clarion: Clarion, after: float) -> None:
    """In the moments of its start a cancel can be lost in a pool that hands out a connection."""
    for _ in range(3):
        worker = asyncio.create_task(work(clarion))
        await asyncio.sleep(after)
        worker.cancel()
        done, _ = await asyncio.wait({worker}, timeout=10)
        assert done == {worker}
        assert worker.cancelled()


async def test_a_cancel_that_was_lost_is_heeded_later() -> None:
    rounds = 0

    async def deaf() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            # As `wait_for` does when what it waits for comes in the same moment.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
            stop_if_cancelled()

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=10)
    assert (task.cancelled(), rounds) == (True, 1)
