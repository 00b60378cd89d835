"""Reads the figures: indexes and counters only, each statement up to a limit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from clarion.db.queries import load_queries, rows
from clarion.delivery.pace import present_share
from clarion.tracking.metrics.figures import (
    Backlog,
    Figures,
    LaneFigures,
    Unsettled,
    WaitingStream,
    backlog_by_lane,
    waiting_by_workspace,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from clarion.db.connection import Connection

queries = load_queries(__file__)

#: What is counted row by row is counted so far and no further; "this many or more" is alarm enough.
MOST = 100_000

#: Of one stream: a house may have hundreds, and the step's counter knows the rest.
MOST_OF_STREAM = 1_000

#: So far back errors are counted, and a worker that has stopped is still shown.
LATELY = timedelta(hours=1)

#: Series cost memory where they are kept; the largest tell enough.
MOST_WORKSPACES = 20
MOST_CODES = 50

#: A look that takes longer than this is given up: metrics must not be what weighs on the house.
GIVEN_UP_AFTER_MS = 4_000


async def read_figures(connection: Connection, *, now: datetime) -> Figures:
    """In the caller's transaction, as a worker."""
    await connection.execute(f"set local statement_timeout = {GIVEN_UP_AFTER_MS}".encode())
    # Few rows each; a parallel plan or compiled expressions would cost more than they save.
    await connection.execute("set local jit = off")
    streams = await _streams(connection, now)
    callbacks = await queries.callbacks(connection, most=MOST)
    breakers = await rows(queries.breakers(connection))
    return Figures(
        read_at=now,
        lanes=await _lanes(connection, streams, now),
        waiting_of_workspaces=waiting_by_workspace(streams, most=MOST_WORKSPACES),
        messages={
            (row["channel"], row["status"]): row["messages"]
            for row in await rows(queries.message_totals(connection))
        },
        unsettled={
            (row["channel"], row["status"]): Unsettled(
                messages=row["messages"], oldest_at=row["oldest_at"]
            )
            for row in await rows(queries.unsettled(connection, most=MOST))
        },
        errors={
            (row["channel"], row["code"]): row["messages"]
            for row in await rows(queries.recent_errors(connection, since=now - LATELY, most=MOST))
        },
        callbacks_waiting=callbacks["waiting"],
        oldest_callback_at=callbacks["oldest_at"],
        jobs=dict(await queries.queue_jobs(connection, now=now, most=MOST)),
        tasks={
            (row["task_name"], row["state"]): row["tasks"]
            for row in await rows(queries.tasks(connection, now=now, most=MOST))
        },
        broadcasts={
            (row["status"], row["paused_by"] or ""): row["broadcasts"]
            for row in await rows(queries.open_broadcasts(connection))
        },
        workers={
            row["id"]: row["last_heartbeat"]
            for row in await rows(queries.workers(connection, since=now - LATELY))
        },
        breakers={row["provider"]: row["state"] for row in breakers},
        troubles={row["provider"]: row["troubles"] for row in breakers},
    )


async def _streams(connection: Connection, now: datetime) -> Sequence[WaitingStream]:
    found = await rows(
        queries.waiting_streams(connection, now=now, most=MOST_OF_STREAM, most_direct=MOST)
    )
    return [
        WaitingStream(
            lane_id=row["lane_id"],
            workspace_id=row["workspace_id"],
            step_id=row["step_id"],
            is_due=row["is_due"],
            of_step=row["of_step"],
            waiting=row["waiting"],
            due=row["due"],
            oldest_due_at=row["oldest_due_at"],
            is_capped=row["waiting"] >= (MOST if row["step_id"] is None else MOST_OF_STREAM),
        )
        for row in found
    ]


async def _lanes(
    connection: Connection, streams: Sequence[WaitingStream], now: datetime
) -> Sequence[LaneFigures]:
    known = await rows(queries.lanes(connection))
    backlogs = backlog_by_lane(streams, {row["id"]: float(row["rate_per_second"]) for row in known})
    return [
        LaneFigures(
            id=row["id"],
            channel=row["channel"],
            provider=row["provider"],
            tier=row["tier"],
            pace=float(row["rate_per_second"]),
            share=present_share(float(row["share"]), row["share_at"], now=now),
            booked=_seconds_until(row["next_free_at"], now),
            handed_over=row["handed_over"],
            backlog=backlogs.get(row["id"], Backlog()),
        )
        for row in known
    ]


def _seconds_until(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (moment - now).total_seconds())
