"""Settles what is uncertain: asks the provider's own records whether a message was taken."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from clarion.db.queries import rows
from clarion.delivery.complete import complete
from clarion.delivery.message import MessageStatus, Outcome
from clarion.delivery.store import job_outcomes, queries, write_outcomes
from clarion.kernel.channel import Channel
from clarion.providers.events import ProviderStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from uuid import UUID

    from clarion.db.connection import Database, Row
    from clarion.providers.sending import FoundMessage, Provider
    from clarion.queue.service import QueueService

log = logging.getLogger(__name__)

#: The provider's clock and ours may differ by this much.
_CLOCKS_DIFFER = timedelta(minutes=2)

_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """When a claim without an answer is uncertain, and when the provider's silence is an answer.

    The second must be longer than any list of a provider lags behind its sends.
    """

    claim: timedelta = timedelta(seconds=60)
    silence: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertainMessage:
    id: UUID
    address: str
    body: str | None
    attempts: int
    claimed_at: datetime


def judge(
    message: UncertainMessage,
    found: Sequence[FoundMessage] | None,
    *,
    taken_by_others: Collection[str],
    now: datetime,
    patience: Patience,
) -> Outcome | None:
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
        failed = first.status in (ProviderStatus.FAILED, ProviderStatus.CANCELLED)
        return Outcome(
            message_id=message.id,
            status=MessageStatus.FAILED if failed else MessageStatus.SENT,
            provider_id=first.provider_id,
            segments=first.segments,
            error_code=first.error_code if failed else None,
        )
    if now - message.claimed_at < patience.silence:
        return None
    return Outcome(message_id=message.id, status=MessageStatus.PENDING, again_at=now)


class Settler:
    def __init__(
        self,
        database: Database,
        queue: QueueService,
        providers: dict[Channel, Provider],
        clock: Callable[[], datetime],
        *,
        patience: Patience,
    ) -> None:
        self._database = database
        self._queue = queue
        self._providers = providers
        self._clock = clock
        self._patience = patience

    async def settle(self) -> int:
        """One round over what is uncertain; how many were settled."""
        now = self._clock()
        async with self._database.as_worker() as connection:
            await rows(
                queries.lose_claims(
                    connection, before=now - self._patience.claim, now=now, limit=10_000
                )
            )
            waiting = await rows(queries.uncertain_messages(connection, before=now, limit=_AT_ONCE))
        open_ids = [row["id"] for row in waiting if not await self._try_to_settle(row)]
        async with self._database.as_worker() as connection:
            if open_ids:
                await queries.asked_in_vain(connection, ids=open_ids, now=self._clock())
            await complete(connection, self._queue, now=self._clock())
        return len(waiting) - len(open_ids)

    async def _try_to_settle(self, row: Row) -> bool:
        try:
            return await self._settle_one(row)
        except Exception:
            # One message that cannot be asked for must not keep the others from being settled.
            log.exception("delivery.settle_failed", extra={"message_id": str(row["id"])})
            return False

    async def _settle_one(self, row: Row) -> bool:
        provider = self._providers.get(Channel(row["channel"]))
        if provider is None or provider.name != row["provider"]:
            return False
        found = await provider.find(to=row["address"], since=row["claimed_at"] - _CLOCKS_DIFFER)
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
                    provider_ids=[each.provider_id for each in found or ()],
                )
            )
            outcome = judge(
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
            if outcome is None:
                return False
            await write_outcomes(connection, [outcome], now=now)
            if row["job_id"] is not None:
                await self._queue.finish(
                    connection, await job_outcomes(connection, [row["id"]]), now=now
                )
        return True
