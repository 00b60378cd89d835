"""A task that is asked to stop, stops."""

from __future__ import annotations

import asyncio


def stop_if_cancelled() -> None:
    """Raises CancelledError when the present task was cancelled before and goes on all the same.

    `asyncio.wait_for` of Python 3.11 loses a cancel that arrives together with what it waits for,
    and pools of connections wait by it. A loop that calls this once a round ends nevertheless.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
