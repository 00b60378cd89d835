"""The SQL of the pump: whose turn it is, what is claimed, which slots are given away."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from clarion.broadcasts.timing.step_time import ZoneMode, weekdays_of
from clarion.compliance.sending_hours import EVERY_DAY, SendingHours
from clarion.db.queries import load_queries, rows
from clarion.delivery.message import ClaimedMessage, MessageStatus, Outcome, SkipReason
from clarion.delivery.pace import AHEAD, Pace, present_share
from clarion.delivery.store import queries as ledger
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from clarion.db.connection import Connection, Row
    from clarion.delivery.pace import Booking
    from clarion.kernel.mail import Mail

queries = load_queries(__file__)

#: Streams that a turn looks at, until one of them may send.
_LOOKED_AT = 20

#: A stream whose rows were all in other hands is not looked at again before.
_HELD_BY_OTHERS = timedelta(milliseconds=200)

#: Before every message.
BEGINNING = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A stream whose turn it may be, with its lane and what its step asks for.

    Of single messages `step_id`, `broadcast_id`, `body`, `time_zone` and `planned_at` are None.
    `in_their_zones`: each message goes by the clock of its recipient. `is_sequence`: people may
    have left it.
    """

    id: UUID
    lane_id: UUID
    workspace_id: UUID
    step_id: UUID | None
    broadcast_id: UUID | None
    channel: Channel
    provider: str
    sender: str
    pace: Pace
    body: str | None
    time_zone: str | None
    planned_at: datetime | None
    max_per_minute: int | None
    hours: SendingHours
    in_their_zones: bool = False
    is_sequence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that this worker holds, and where it stood in its stream."""

    message: ClaimedMessage
    due_at: datetime

    @property
    def place(self) -> tuple[datetime, UUID]:
        return self.due_at, self.message.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What becomes of a claimed row before the wire: sent with this text, or not sent, and why;
    with `later` it goes on waiting until then.

    Of a mail `mail` is what all of its step share and `values` what is this person's own; the
    ledger keeps its `subject`.
    """

    message: ClaimedMessage
    body: str | None = None
    subject: str | None = None
    mail: Mail | None = None
    values: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    segments: int = 1
    skipped: SkipReason | None = None
    failed: Outcome | None = None
    later: datetime | None = None

    @property
    def leaves(self) -> bool:
        return self.body is not None or self.mail is not None

    @property
    def status(self) -> MessageStatus:
        if self.skipped is not None:
            return MessageStatus.SKIPPED
        return MessageStatus.SENDING if self.failed is None else MessageStatus.FAILED


async def pick_streams(
    connection: Connection,
    served: Collection[tuple[str, Channel]],
    *,
    busy_lanes: Collection[UUID],
    now: datetime,
) -> list[Stream]:
    """In the order of their turns; `served` are the providers that may be asked now."""
    found = await rows(
        queries.pick_streams(
            connection,
            providers=[provider for provider, _ in served],
            channels=[channel for _, channel in served],
            busy_lanes=list(busy_lanes),
            ahead=AHEAD,
            now=now,
            limit=_LOOKED_AT,
        )
    )
    return [_stream(row, now=now) for row in found]


async def take_turn(connection: Connection, stream: Stream, *, now: datetime) -> bool:
    """Whether the turn of this stream is ours, until the transaction ends."""
    limited = stream.max_per_minute is not None
    taken: bool = await queries.take_turn(
        connection,
        stream_key=_key(stream.id),
        broadcast_key=_key(stream.broadcast_id)
        if limited and stream.broadcast_id is not None
        else None,
    )
    if taken and limited:
        allows: bool = await queries.own_limit_allows(connection, id=stream.id, now=now)
        return allows
    return taken


async def claim(
    connection: Connection,
    stream: Stream,
    *,
    with_contacts: bool,
    after: tuple[datetime, UUID],
    limit: int,
    now: datetime,
) -> list[Claimed]:
    """Up to `limit` messages that are due and stand after the place `after`, in their order."""
    query = queries.claim_direct if stream.step_id is None else queries.claim_of_step
    found = await rows(
        query(
            connection,
            step_id=stream.step_id,
            lane_id=stream.lane_id,
            workspace_id=stream.workspace_id,
            channel=stream.channel,
            with_contacts=with_contacts,
            with_person=with_contacts or stream.is_sequence,
            after_due_at=after[0],
            after_id=after[1],
            limit=limit,
            now=now,
        )
    )
    return [Claimed(message=_claimed(row, stream), due_at=row["due_at"]) for row in found]


async def begin_sending(
    connection: Connection, attempts: Sequence[Attempt], *, provider: str, now: datetime
) -> None:
    await queries.begin_sending(
        connection,
        ids=[each.message.id for each in attempts],
        statuses=[each.status for each in attempts],
        bodies=[each.body for each in attempts],
        subjects=[each.subject for each in attempts],
        attempts=[1 if each.status is MessageStatus.SENDING else 0 for each in attempts],
        skip_reasons=[each.skipped for each in attempts],
        error_codes=[each.failed.error_code if each.failed else None for each in attempts],
        error_details=[each.failed.error_detail if each.failed else None for each in attempts],
        provider=provider,
        now=now,
    )


async def put_off(connection: Connection, attempts: Sequence[Attempt]) -> None:
    """Those that may not leave yet wait until they may."""
    if attempts:
        await queries.put_off(
            connection,
            ids=[each.message.id for each in attempts],
            due_ats=[each.later for each in attempts],
        )


async def end_turn(
    connection: Connection, stream: Stream, *, claimed: int, asked_for: int, now: datetime
) -> None:
    """What is due next in the stream is looked up when there was less than was asked for."""
    looks = claimed < asked_for
    if looks:
        await ledger.hold_stream(connection, id=stream.id)
    await ledger.end_turn(
        connection,
        id=stream.id,
        looks=looks,
        not_before=BEGINNING[0] if claimed else now + _HELD_BY_OTHERS,
        now=now,
    )


async def reserve(
    connection: Connection, lane_id: UUID, booking: Booking, *, ahead: timedelta, now: datetime
) -> datetime | None:
    """When the first of them may leave; None while the lane is booked further ahead."""
    row = await queries.reserve_slots(
        connection,
        lane_id=lane_id,
        kind=booking.kind,
        lead=booking.lead,
        seconds=booking.total,
        messages=len(booking.seconds),
        ahead=ahead,
        now=now,
    )
    return None if row is None else row["starts_at"]


def _hours(row: Row) -> SendingHours:
    """Those of the workspace within the step's window and on its days; the window itself where it
    was put outside of them."""
    days = weekdays_of(row["weekdays"]) if row["weekdays"] else EVERY_DAY
    opens, closes = row["window_from"], row["window_until"]
    least, most = row["sending_from"], row["sending_until"]
    if opens is None or closes is None:
        return SendingHours(least, most, days)
    least, most = max(least or opens, opens), min(most or closes, closes)
    return SendingHours(least, most, days) if least < most else SendingHours(opens, closes, days)


def _key(id_: UUID) -> int:
    """The part of an id that is by chance, as PostgreSQL takes the key of a lock."""
    return int.from_bytes(id_.bytes[8:], signed=True)


def _stream(row: Row, *, now: datetime) -> Stream:
    segments = row["segments_per_second"]
    return Stream(
        id=row["id"],
        lane_id=row["lane_id"],
        workspace_id=row["workspace_id"],
        step_id=row["step_id"],
        broadcast_id=row["broadcast_id"],
        channel=Channel(row["channel"]),
        provider=row["provider"],
        sender=row["sender"],
        pace=Pace(
            rate_per_second=float(row["rate_per_second"]),
            segments_per_second=None if segments is None else float(segments),
            share=present_share(float(row["share"]), row["share_at"], now=now),
        ),
        body=row["body"],
        time_zone=row["time_zone"],
        planned_at=row["planned_at"],
        max_per_minute=row["max_per_minute"],
        hours=_hours(row),
        in_their_zones=row["zone_mode"] == ZoneMode.RECIPIENT,
        is_sequence=bool(row["is_sequence"]),
    )


def _claimed(row: Row, stream: Stream) -> ClaimedMessage:
    single = stream.step_id is None
    return ClaimedMessage(
        id=row["id"],
        workspace_id=stream.workspace_id,
        step_id=stream.step_id,
        job_id=row["job_id"],
        channel=stream.channel,
        address=row["address"],
        attempts=row["attempts"],
        subject=row["subject"] if single else None,
        body=(row["body"] if single else stream.body) or "",
        html=row["html"] if single else None,
        contact=row["contact"],
        suppressed=row["suppressed"],
        left=None if single else row["left_reason"],
        time_zone=None if single else row["time_zone"],
        due_at=row["due_at"],
    )
