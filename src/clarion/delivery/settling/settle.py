"""Settles what is uncertain: asks the provider's own records whether a message was taken."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from clarion.db.queries import rows
from clarion.delivery.complete import complete
from clarion.delivery.message import MessageStatus, Outcome
from clarion.delivery.settling.again import go_on_with, send_anew
from clarion.delivery.settling.records import askable, is_final, report_of
from clarion.delivery.settling.store import queries
from clarion.delivery.store import job_outcomes, write_outcomes
from clarion.kernel.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from uuid import UUID

    from clarion.db.connection import Connection, Database, Row
    from clarion.delivery.settling.records import Tell
    from clarion.providers.sending import FoundMessage, Providers
    from clarion.queue.service import QueueService

log = logging.getLogger(__name__)

#: The provider's clock and ours may differ by this much.
_CLOCKS_DIFFER = timedelta(minutes=2)

_AT_ONCE = 200

#: Questions to providers in flight.
_IN_FLIGHT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """When a claim without an answer is uncertain, and when the provider's silence is an answer.

    `silence` must be longer than any list of a provider lags behind its sends. After `unlisted`
    nothing more is hoped for from a provider that keeps no records, after `open` from any.
    """

    claim: timedelta = timedelta(seconds=60)
    silence: timedelta = timedelta(minutes=5)
    unlisted: timedelta = timedelta(hours=1)
    open: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertainMessage:
    id: UUID
    address: str
    body: str | None
    attempts: int
    claimed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What becomes of the message, and the record that shows it, if one does.

    How the record says that it ended is told like a callback, so that all that follows from that
    (a retry, an opt-out) follows here too.
    """

    outcome: Outcome
    record: FoundMessage | None = None


def judge(
    message: UncertainMessage,
    found: Sequence[FoundMessage] | None,
    *,
    taken_by_others: Collection[str],
    now: datetime,
    patience: Patience,
) -> Judgement | None:
    """What the provider's records say of the message; None when it is too early to tell.

    A record fits when it is not another message's and has the same text. None that fits means,
    once patience is over, that the message never left; and only then it may be sent again.
    """
    if found is None:
        return None
    fitting = [
        each
        for each in found
        if each.provider_id not in taken_by_others
        and (each.body is None or message.body is None or each.body == message.body)
    ]
    if fitting:
        first = min(fitting, key=lambda each: each.created_at)
        outcome = Outcome(
            message_id=message.id,
            status=MessageStatus.SENT,
            provider_id=first.provider_id,
            segments=first.segments,
        )
        return Judgement(outcome=outcome, record=first)
    if now - message.claimed_at < patience.silence:
        return None
    return Judgement(
        outcome=Outcome(message_id=message.id, status=MessageStatus.PENDING, again_at=now)
    )


class Settler:
    """`tell` is where reports of providers go."""

    def __init__(
        self,
        database: Database,
        queue: QueueService,
        providers: Providers,
        clock: Callable[[], datetime],
        *,
        patience: Patience,
        tell: Tell,
    ) -> None:
        self._database = database
        self._queue = queue
        self._providers = providers
        self._clock = clock
        self._patience = patience
        self._tell = tell

    async def settle(self) -> int:
        """One round over what is uncertain; how many were settled."""
        now = self._clock()
        names, channels = askable(self._providers)
        async with self._database.as_worker() as connection:
            await rows(
                queries.lose_claims(
                    connection, before=now - self._patience.claim, now=now, limit=10_000
                )
            )
            waiting = await rows(
                queries.uncertain_messages(
                    connection, before=now, providers=names, channels=channels, limit=_AT_ONCE
                )
            )
        settled = await self._ask(waiting)
        async with self._database.as_worker() as connection:
            given_up = await self._give_up(connection, now=self._clock())
            # A step may have been completed in the very moment in which one of its messages was
            # made to wait again.
            await queries.reopen(connection, broadcast_ids=None, now=self._clock())
            await complete(connection, self._queue, now=self._clock())
        return settled + given_up

    async def _ask(self, waiting: Sequence[Row]) -> int:
        """In portions: a provider that cannot be asked must not hold the round for long."""
        settled = 0
        for start in range(0, len(waiting), _IN_FLIGHT):
            portion = waiting[start : start + _IN_FLIGHT]
            done = await asyncio.gather(*(self._try_to_settle(row) for row in portion))
            settled += sum(each is True for each in done)
            in_vain = [row["id"] for row, each in zip(portion, done, strict=True) if each is False]
            silent = [row["id"] for row, each in zip(portion, done, strict=True) if each is None]
            async with self._database.as_worker() as connection:
                await queries.asked_in_vain(connection, ids=in_vain + silent, now=self._clock())
            if len(silent) == len(portion):
                break
        return settled

    async def _try_to_settle(self, row: Row) -> bool | None:
        try:
            return await self._settle_one(row)
        except Exception:
            # One message that cannot be asked for must not keep the others from being settled.
            log.exception("delivery.settle_failed", extra={"message_id": str(row["id"])})
            return False

    async def _settle_one(self, row: Row) -> bool | None:
        """Whether it is settled; None when the provider gave no answer."""
        provider = self._providers[row["provider"], Channel(row["channel"])]
        found = await provider.find(to=row["address"], since=row["claimed_at"] - _CLOCKS_DIFFER)
        if found is None:
            return None
        now = self._clock()
        async with self._database.as_worker() as connection:
            # Another worker may have settled it while this one asked, and it may be on its way
            # again: what was found out about the old claim says nothing of the new one.
            held = await queries.hold_uncertain(
                connection, id=row["id"], claimed_at=row["claimed_at"]
            )
            if held is None:
                return False
            others = await rows(
                queries.known_provider_ids(
                    connection,
                    provider=provider.name,
                    provider_ids=[each.provider_id for each in found],
                )
            )
            judgement = judge(
                UncertainMessage(
                    id=row["id"],
                    address=row["address"],
                    body=row["body"],
                    attempts=row["attempts"],
                    claimed_at=row["claimed_at"],
                ),
                found,
                taken_by_others={other["provider_id"] for other in others},
                now=now,
                patience=self._patience,
            )
            if judgement is None:
                return False
            await self._write(connection, row, judgement, now=now)
        return True

    async def _write(
        self, connection: Connection, row: Row, judgement: Judgement, *, now: datetime
    ) -> None:
        await write_outcomes(connection, [judgement.outcome], now=now)
        record = judgement.record
        if record is not None and is_final(record):
            told = report_of(
                record,
                provider=row["provider"],
                channel=Channel(row["channel"]),
                message_id=row["id"],
                attempt=row["attempts"],
            )
            await self._tell(connection, [told], received_at=now)
        if row["job_id"] is not None:
            await self._queue.finish(
                connection, await job_outcomes(connection, [row["id"]]), now=now
            )
        if judgement.outcome.status is MessageStatus.PENDING:
            await go_on_with(connection, [row["id"]], now=now)

    async def _give_up(self, connection: Connection, *, now: datetime) -> int:
        """What nobody will tell of any more: left as unknown, or, by the policy, sent anew."""
        names, channels = askable(self._providers)
        old = await rows(
            queries.long_uncertain(
                connection,
                unlisted_before=now - min(self._patience.unlisted, self._patience.open),
                listed_before=now - self._patience.open,
                providers=names,
                channels=channels,
                limit=1_000,
            )
        )
        left = [row["id"] for row in old if not row["send_anew"]]
        if left:
            await queries.leave_unknown(connection, ids=left, now=now)
            await self._queue.finish(connection, await job_outcomes(connection, left), now=now)
        await send_anew(connection, [row["id"] for row in old if row["send_anew"]], now=now)
        return len(old)
