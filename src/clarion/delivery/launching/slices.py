"""One slice of a step's messages: for whom, on which channel, when, and who is skipped and why."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from clarion.broadcasts.plan import first_day, moments_by_zone
from clarion.broadcasts.step import Of, StepChannel
from clarion.broadcasts.store import step_of
from clarion.broadcasts.timing.step_time import ZoneMode
from clarion.db.queries import rows
from clarion.db.workspaces import get_workspace
from clarion.delivery.launching.store import queries
from clarion.delivery.launching.turns import goes_by_turns, not_in_turn, turns_of
from clarion.kernel.actor import WorkspaceId
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from clarion.audience.service import Audience
    from clarion.broadcasts.step import Step
    from clarion.db.connection import Connection, Row
    from clarion.delivery.lanes import Lane


async def write_slice(
    connection: Connection,
    audience: Audience,
    row: Row,
    pools: Mapping[Channel, Sequence[Lane]],
    *,
    limit: int,
    now: datetime,
) -> tuple[Row, datetime]:
    """How many recipients were `seen`, how many messages `written`, the `last_id`; and the first
    moment at which one of them may leave. `row` is that of `lock_step`."""
    step = step_of(row)
    workspace_id = WorkspaceId(row["workspace_id"])
    before = await _steps_before(connection, step)
    moments = _moments(step, before, launched_at=row["broadcast_launched_at"] or now)
    turns = row["launch_turns"] or ()
    not_now = not_in_turn(moments, turns) if turns else []
    left = await _judged(connection, audience, row, step, not_now, limit=limit, now=now)
    earlier = [each.id for each in before if each.id != step.id]
    deeds = step.condition.only_if
    common: dict[str, Any] = {
        "workspace_id": workspace_id,
        "broadcast_id": step.broadcast_id,
        "step_id": step.id,
        "after": step.launched_up_to,
        "limit": limit,
        "zones": list(moments),
        "due_ats": list(moments.values()),
        "account_zone": step.time_zone,
        "not_now": not_now,
        "dids": [deed.did for deed in deeds],
        "negateds": [deed.negated for deed in deeds],
        "of_previous": [deed.of is Of.PREVIOUS for deed in deeds],
        "previous": earlier[-1:],
        "earlier": earlier,
        "now": now,
        **left,
    }
    if step.channel is StepChannel.SMS_EMAIL:
        written = await queries.write_messages_of_both(
            connection,
            both_how=step.both.how,
            first_channel=step.both.first,
            **{
                f"{channel}_{name}": value
                for channel in Channel
                for name, value in _of_lanes(pools[channel]).items()
            },
            **common,
        )
    else:
        channel = Channel(step.channel.value)
        written = await queries.write_messages(
            connection, channel=channel, **_of_lanes(pools[channel]), **common
        )
    due_at = min((moment for zone, moment in moments.items() if zone not in not_now), default=now)
    return written, due_at


async def read_turns(connection: Connection, row: Row, *, now: datetime) -> list[datetime] | None:
    """Those that the step awaits, of everybody who is saved; None when all are written to at once.
    `row` is that of `lock_step`."""
    step = step_of(row)
    if not goes_by_turns(step, has_goal=row["goal"] is not None):
        return None
    before = await _steps_before(connection, step)
    moments = _moments(step, before, launched_at=row["broadcast_launched_at"] or now)
    found = await rows(queries.zones_of_recipients(connection, broadcast_id=step.broadcast_id))
    zones = {each["time_zone"] or step.time_zone for each in found}
    return turns_of([moments.get(zone, now) for zone in zones], now=now)


def _of_lanes(pool: Sequence[Lane]) -> dict[str, Any]:
    return {
        "lane_ids": [lane.id for lane in pool],
        "weights": [float(lane.rate_per_second) for lane in pool],
    }


async def _steps_before(connection: Connection, step: Step) -> list[Step]:
    """With the step itself."""
    found = queries.steps_before(connection, broadcast_id=step.broadcast_id, position=step.position)
    return [step_of(each) for each in await rows(found)]


def _moments(
    step: Step, before: Sequence[Step], *, launched_at: datetime
) -> Mapping[str, datetime]:
    """When the step is due by each zone's clock; empty where it is due for all at once."""
    if step.zone_mode is ZoneMode.ACCOUNT:
        return {}
    return moments_by_zone(step, _every_zone(), first_day(before, begins_at=launched_at))


@lru_cache
def _every_zone() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


async def _judged(
    connection: Connection,
    audience: Audience,
    row: Row,
    step: Step,
    not_now: Sequence[str],
    *,
    limit: int,
    now: datetime,
) -> dict[str, list[int]]:
    """Who of the slice has met the goal, and who is no longer in the audience's filter, where the
    step asks after that. Those who have met the goal leave the sequence."""
    nobody: dict[str, list[int]] = {"met_goal": [], "no_longer": []}
    if row["goal"] is None and not step.condition.still_matches:
        return nobody
    people = await rows(
        queries.slice_of_step(
            connection,
            broadcast_id=step.broadcast_id,
            after=step.launched_up_to,
            channel=step.channel,
            limit=limit,
            not_now=list(not_now),
            account_zone=step.time_zone,
        )
    )
    workspace = await get_workspace(connection, WorkspaceId(row["workspace_id"]))
    ids = [each["contact_id"] for each in people]
    # The first step begins the sequence: whoever has got there before it is not asked.
    if row["goal"] is not None and step.position > 1 and ids:
        compiled = await audience.read(
            connection, workspace, row["goal"], now=now, broadcast_id=step.broadcast_id
        )
        met = await audience.store.matching_among(connection, workspace.id, compiled, ids)
        nobody["met_goal"] = [each["id"] for each in people if each["contact_id"] in met]
        await queries.leave_by_goal(connection, ids=nobody["met_goal"], now=now)
    if step.condition.still_matches and ids:
        compiled = await audience.read(
            connection, workspace, row["filter"], now=now, broadcast_id=step.broadcast_id
        )
        still = await audience.store.matching_among(connection, workspace.id, compiled, ids)
        nobody["no_longer"] = [each["id"] for each in people if each["contact_id"] not in still]
    return nobody
