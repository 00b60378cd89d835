"""What reports of a provider make of a message: the same in any order and any number of times.

A message may have been sent more than once, each time as an **attempt** of its own. Reports say
which attempt they mean. The latest attempt stands in the message, those before it stay beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from clarion.delivery.message import MessageStatus
from clarion.providers.events import ProviderStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

#: How much each report says; a later report moves a message only if it says more.
_WEIGHT = {
    ProviderStatus.QUEUED: 1,
    ProviderStatus.SENT: 1,
    ProviderStatus.CANCELLED: 2,
    ProviderStatus.FAILED: 2,
    ProviderStatus.DELIVERED: 3,
}

_BECOMES = {
    ProviderStatus.QUEUED: MessageStatus.SENT,
    ProviderStatus.SENT: MessageStatus.SENT,
    ProviderStatus.CANCELLED: MessageStatus.FAILED,
    ProviderStatus.FAILED: MessageStatus.FAILED,
    ProviderStatus.DELIVERED: MessageStatus.DELIVERED,
}

#: The same scale for where a message stands. What Clarion itself ended (skipped, cancelled) no
#: report moves; a receipt that comes after a failure shows that it arrived all the same.
_STANDS_AT = {
    MessageStatus.PENDING: 0,
    MessageStatus.SENDING: 0,
    MessageStatus.UNCERTAIN: 0,
    MessageStatus.UNKNOWN: 0,
    MessageStatus.SENT: 1,
    MessageStatus.NO_RECEIPT: 1,
    MessageStatus.FAILED: 2,
    MessageStatus.DELIVERED: 3,
    MessageStatus.SKIPPED: 9,
    MessageStatus.CANCELLED: 9,
}

#: Where a message stands that is not followed any further, or is to be sent anew: an earlier
#: attempt that arrived is then what became of it.
_NOT_ON_ITS_WAY = frozenset(
    {
        MessageStatus.PENDING,
        MessageStatus.FAILED,
        MessageStatus.DELIVERED,
        MessageStatus.NO_RECEIPT,
        MessageStatus.UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A stored event, as far as it concerns a message. `attempt` None: the latest."""

    status: ProviderStatus
    provider_id: str | None
    error_code: str | None
    segments: int | None
    price: Decimal | None
    currency: str | None
    at: datetime
    attempt: int | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One attempt of a message as the reports so far show it."""

    status: MessageStatus
    provider_id: str | None = None
    error_code: str | None = None
    segments: int | None = None
    price: Decimal | None = None
    currency: str | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    failed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A message with its attempts.

    `latest` is what stands in the message, `attempts` how many have left (or were about to), and
    `earlier` the attempts that were followed by another one, by their number. A message that waits
    to be sent anew is pending, its `latest` knows nothing, and its last attempt is in `earlier`;
    `due_at` is when it leaves, and only then of meaning here.
    """

    latest: Reported
    attempts: int
    retries: int = 0
    earlier: Mapping[int, Reported] = field(default_factory=dict)
    due_at: datetime | None = None

    @property
    def waits_anew(self) -> bool:
        return self.latest.status is MessageStatus.PENDING and self.attempts in self.earlier


#: When an attempt that has failed so, after so many retries, is followed by another one; or None.
#: Must depend on nothing else that could change between two reports of one message.
Plan = Callable[[Reported, int], datetime | None]


def follow(message: Followed, reports: Iterable[Report], plan: Plan | None = None) -> Followed:
    """The message after these reports, whatever the order in which they came.

    `plan` None: it is not sent again by itself.

    Each attempt is moved by its own reports. A failure for which there is a plan makes the message
    wait anew, and a report that takes the failure back before it has left again ends the waiting.
    Once an attempt has left, reports of those before it change only what is known of them; that
    one of them arrived counts as soon as the latest is no longer on its way.
    """
    asked_again = message.due_at if message.waits_anew else None
    before = _taken_back(message)
    was = before.latest
    after = _with_the_earlier(_each_by_its_own(before, reports))
    if message.waits_anew and _ended_alike(was, after.latest):
        return _waiting(after, asked_again, message.retries)
    if after.latest.status is MessageStatus.FAILED:
        due_at = plan(after.latest, after.retries) if plan else None
        if due_at is not None:
            return _waiting(after, due_at, after.retries + 1)
        # A person wished to have it sent anew, in spite of its code: another code changes nothing.
        by_wish = was.status is MessageStatus.FAILED and not (plan and plan(was, before.retries))
        if message.waits_anew and by_wish:
            return _waiting(after, asked_again, message.retries)
    return after


def apply_reports(attempt: Reported, reports: Iterable[Report]) -> Reported:
    """Of several reports the one that says most decides, so the order in which they came does not.

    Of two that say the same the earlier decides. A report that says no more than is known moves
    nothing; facts (price, segments) are added.
    """
    for report in sorted(reports, key=_first_the_weightiest):
        attempt = _apply(attempt, report)
    return attempt


def _ended_alike(was: Reported, now: Reported) -> bool:
    return (was.status, was.error_code, was.failed_at) == (
        now.status,
        now.error_code,
        now.failed_at,
    )


def _taken_back(message: Followed) -> Followed:
    """As it was before it was made to wait anew."""
    if not message.waits_anew:
        return message
    earlier = dict(message.earlier)
    latest = earlier.pop(message.attempts)
    return replace(
        message,
        latest=latest,
        # One that was given to another sender has not been retried for that.
        retries=max(0, message.retries - 1),
        earlier=earlier,
        due_at=None,
    )


def _waiting(message: Followed, due_at: datetime | None, retries: int) -> Followed:
    return replace(
        message,
        latest=Reported(status=MessageStatus.PENDING),
        retries=retries,
        earlier={**message.earlier, message.attempts: message.latest},
        due_at=due_at,
    )


def _each_by_its_own(message: Followed, reports: Iterable[Report]) -> Followed:
    of_latest: list[Report] = []
    of_earlier: dict[int, list[Report]] = {}
    for report in reports:
        number = report.attempt
        if number is not None and number < message.attempts:
            of_earlier.setdefault(number, []).append(report)
        else:
            of_latest.append(report)
    earlier = dict(message.earlier)
    for number, told in of_earlier.items():
        # One that left no trace when it was made: the provider's list did not know it.
        known = earlier.get(number, Reported(status=MessageStatus.UNKNOWN))
        earlier[number] = apply_reports(known, told)
    return replace(message, latest=apply_reports(message.latest, of_latest), earlier=earlier)


def _with_the_earlier(message: Followed) -> Followed:
    """Once an earlier attempt has arrived the person has it, whatever became of the latest."""
    arrived = [
        each.delivered_at
        for each in message.earlier.values()
        if each.status is MessageStatus.DELIVERED and each.delivered_at is not None
    ]
    latest = message.latest
    if not arrived or latest.status not in _NOT_ON_ITS_WAY:
        return message
    first = min([*arrived, *([latest.delivered_at] if latest.delivered_at else [])])
    return replace(
        message,
        latest=replace(
            latest,
            status=MessageStatus.DELIVERED,
            error_code=None,
            delivered_at=first,
            failed_at=None,
        ),
    )


def _first_the_weightiest(report: Report) -> tuple[int, datetime, str]:
    return (-_WEIGHT[report.status], report.at, report.error_code or "")


def _apply(attempt: Reported, report: Report) -> Reported:
    known = replace(
        attempt,
        provider_id=attempt.provider_id or report.provider_id,
        # The provider counts what it bills; our own count is the estimate.
        segments=report.segments or attempt.segments,
        price=attempt.price if report.price is None else report.price,
        currency=attempt.currency or report.currency,
        sent_at=_earlier(attempt.sent_at, report.at),
    )
    says_more = _WEIGHT[report.status] - _STANDS_AT[known.status]
    if says_more < 0 or (says_more == 0 and not _is_earlier(report, known)):
        return known
    status = _BECOMES[report.status]
    return replace(
        known,
        status=status,
        error_code=report.error_code if status is MessageStatus.FAILED else None,
        delivered_at=report.at if status is MessageStatus.DELIVERED else known.delivered_at,
        failed_at=report.at if status is MessageStatus.FAILED else None,
    )


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)


def _is_earlier(report: Report, known: Reported) -> bool:
    """Whether a report that says what is known already tells of it at an earlier time."""
    match known.status:
        case MessageStatus.DELIVERED:
            return known.delivered_at is None or report.at < known.delivered_at
        case MessageStatus.FAILED:
            return known.failed_at is None or (report.at, report.error_code or "") < (
                known.failed_at,
                known.error_code or "",
            )
        case _:
            return False
