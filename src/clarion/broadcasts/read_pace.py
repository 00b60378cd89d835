"""The pace of a channel's senders as it is at present, for estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clarion.broadcasts.pace import LanePace, Pace
from clarion.broadcasts.store import queries
from clarion.db.queries import rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID

    from clarion.broadcasts.step import Step
    from clarion.db.connection import Connection
    from clarion.kernel.channel import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderNow:
    """A sender that is in use. `share` of its pace at `share_at` is left after the provider has
    said that it was too fast; `state` and `retry_at` say whether the provider can be reached."""

    lane_id: UUID
    provider: str
    tier: int
    pace: LanePace
    share: Decimal
    share_at: datetime | None
    state: str
    retry_at: datetime | None


async def senders_of(connection: Connection, channel: Channel) -> list[SenderNow]:
    """Those of the pool first, then what is fallen back to; none before a worker has started."""
    return [
        SenderNow(
            lane_id=row["id"],
            provider=row["provider"],
            tier=row["tier"],
            pace=LanePace(
                messages_per_second=row["rate_per_second"],
                segments_per_second=row["segments_per_second"],
            ),
            share=row["share"],
            share_at=row["share_at"],
            state=row["state"],
            retry_at=row["retry_at"],
        )
        for row in await rows(queries.senders_of(connection, channel=channel))
    ]


def pool_of(senders: Sequence[SenderNow]) -> list[SenderNow]:
    return [each for each in senders if each.tier == senders[0].tier]


async def pace_of(
    connection: Connection,
    senders: Sequence[SenderNow],
    *,
    steps: Sequence[Step],
    messages: int,
    rate_per_second: Decimal,
    now: datetime,
) -> Pace:
    """What the senders do for `messages` of these steps, beside what else waits on them.

    Streams take turns, so each of the others goes before it with at most as many messages as it
    has itself. `rate_per_second` is that of the settings, for while no sender is on record.
    """
    pool = pool_of(senders)
    if not pool:
        lane = LanePace(messages_per_second=rate_per_second)
        return Pace(lanes=(lane,) if rate_per_second else ())
    waiting = await queries.waiting_beside(
        connection,
        lane_ids=[each.lane_id for each in pool],
        but_step_ids=[step.id for step in steps],
        at_most=messages,
        now=now,
    )
    return Pace(lanes=tuple(each.pace for each in pool), waiting=waiting)
