"""What a report of a provider makes of a message: the same in any order and any number of times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from clarion.delivery.message import MessageStatus
from clarion.providers.events import ProviderStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A stored event, as far as it concerns a message."""

    status: ProviderStatus
    provider_id: str | None
    error_code: str | None
    segments: int | None
    price: Decimal | None
    currency: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A message as the reports so far show it."""

    status: MessageStatus
    provider_id: str | None
    error_code: str | None
    segments: int | None
    price: Decimal | None
    currency: str | None
    sent_at: datetime | None
    delivered_at: datetime | None
    failed_at: datetime | None


def apply_reports(message: Reported, reports: Iterable[Report]) -> Reported:
    """Of several reports the one that says most decides, so the order in which they came does not.

    Of two that say the same the earlier decides. A report that says no more than is known moves
    nothing; facts (price, segments) are added.
    """
    ordered = sorted(reports, key=_first_the_weightiest)
    for report in ordered:
        message = _apply(message, report)
    return message


def _first_the_weightiest(report: Report) -> tuple[int, datetime, str]:
    return (-_WEIGHT[report.status], report.at, report.error_code or "")


def _apply(message: Reported, report: Report) -> Reported:
    known = replace(
        message,
        provider_id=message.provider_id or report.provider_id,
        # The provider counts what it bills; our own count is the estimate.
        segments=report.segments or message.segments,
        price=message.price if report.price is None else report.price,
        currency=message.currency or report.currency,
        sent_at=_earlier(message.sent_at, report.at),
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
