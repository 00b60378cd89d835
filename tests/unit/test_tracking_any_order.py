"""Reports of up to six kinds end alike: in every order, with duplicates, cut into batches anywhere.

To try every order one by one would take days. What is tried instead is every *last step*: for every
set of reports, every way in which all of it may be known after the last batch (any part known
before, any batch that holds the rest and repeats any of the part). If all of these end alike for
every set, then by induction over the batches so does every order with every repetition and cut.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations, permutations

import pytest

from clarion.delivery.message import MessageStatus
from clarion.providers.error_codes import plan_of
from clarion.providers.events import ProviderStatus
from clarion.tracking.events import Followed, Plan, Report, Reported, follow

_START = datetime(2026, 11, 24, 9, tzinfo=UTC)

#: As many of the reports below may come for one message.
MOST = 6


def at(second: int) -> datetime:
    return _START + timedelta(seconds=second)


def by_code(failed: Reported, retries: int) -> datetime | None:
    """30003 is sent again twice, other codes never."""
    assert failed.failed_at is not None
    return plan_of(failed.error_code, retries_done=retries, now=failed.failed_at, jitter=0.5)


def report(
    status: str, second: int, *, attempt: int | None, code: str | None = None, priced: bool = False
) -> Report:
    return Report(
        status=ProviderStatus(status),
        provider_id=f"SM{attempt or 1}",
        error_code=code,
        segments=2 if priced else None,
        price=Decimal("0.0158") if priced else None,
        currency="USD" if priced else None,
        at=at(second),
        attempt=attempt,
    )


def of(attempt: int | None, second: int = 0) -> list[Report]:
    return [
        report("queued", second + 1, attempt=attempt),
        report("sent", second + 2, attempt=attempt),
        report("failed", second + 3, attempt=attempt, code="30003"),
        report("failed", second + 4, attempt=attempt, code="30007"),
        report("failed", second + 2, attempt=attempt, code="30006"),
        report("cancelled", second + 5, attempt=attempt),
        report("delivered", second + 6, attempt=attempt),
        report("delivered", second + 7, attempt=attempt, priced=True),
    ]


def of_two(first: int, second: int) -> list[Report]:
    """Of two attempts the reports that say something different from one another."""
    return [
        each
        for attempt, began in ((1, first), (2, second))
        for each in (
            report("sent", began + 2, attempt=attempt),
            report("failed", began + 3, attempt=attempt, code="30003"),
            report("failed", began + 4, attempt=attempt, code="30007"),
            report("delivered", began + 6, attempt=attempt, priced=True),
        )
    ]


OF_TWO = of_two(0, 20)

_FAILED = Reported(
    status=MessageStatus.FAILED,
    provider_id="SM1",
    error_code="30003",
    sent_at=at(0),
    failed_at=at(10),
)
_PENDING = Reported(status=MessageStatus.PENDING)


def latest(status: MessageStatus) -> Followed:
    return Followed(latest=Reported(status=status), attempts=1)


def second_on_its_way(status: MessageStatus) -> Followed:
    return Followed(latest=Reported(status=status), attempts=2, retries=1, earlier={1: _FAILED})


def waiting_by_wish(former: Reported) -> Followed:
    """A person, or the policy for what is uncertain, wants it to be sent anew."""
    return Followed(latest=_PENDING, attempts=1, retries=1, earlier={1: former}, due_at=at(90))


BEGINNINGS: dict[str, tuple[Followed, list[Report]]] = {
    **{
        f"{status} {named}": (latest(status), of(attempt))
        for status in MessageStatus
        if status not in (MessageStatus.DELIVERED, MessageStatus.FAILED)
        for named, attempt in (("with attempts named", 1), ("without", None))
    },
    "the second attempt on the wire": (second_on_its_way(MessageStatus.SENDING), OF_TWO),
    "the second attempt sent": (second_on_its_way(MessageStatus.SENT), OF_TWO),
    "the second attempt uncertain": (second_on_its_way(MessageStatus.UNCERTAIN), OF_TWO),
    "the second attempt without a receipt": (second_on_its_way(MessageStatus.NO_RECEIPT), OF_TWO),
    "the second attempt stopped by a cancel": (second_on_its_way(MessageStatus.CANCELLED), OF_TWO),
    "the second attempt arrived first": (
        second_on_its_way(MessageStatus.SENT),
        of_two(20, 0),
    ),
    "the first attempt left no trace": (
        Followed(latest=Reported(status=MessageStatus.SENDING), attempts=2),
        OF_TWO,
    ),
    # Without the reports of further failures: one with a plan would make it wait by that plan, and
    # another one without would then end the waiting, as if nobody had wished for it.
    "to be sent anew by a person": (
        waiting_by_wish(replace(_FAILED, error_code="21408")),
        [each for each in of(1) if each.error_code in (None, "30003")],
    ),
    "to be sent anew since it was uncertain": (
        waiting_by_wish(Reported(status=MessageStatus.UNCERTAIN)),
        of(1),
    ),
}


@pytest.mark.parametrize("plan", [None, by_code], ids=["never again", "again by its code"])
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_every_order_with_duplicates_cut_anywhere_ends_alike(
    beginning: str, plan: Plan | None
) -> None:
    begun, reports = BEGINNINGS[beginning]
    ends: dict[int, Followed] = {0: begun}
    places = range(len(reports))
    for size in range(1, MOST + 1):
        for chosen in combinations(places, size):
            whole = sum(1 << place for place in chosen)
            ends[whole] = follow(begun, [reports[place] for place in chosen], plan)
            known = (whole - 1) & whole
            while True:
                missing = whole & ~known
                repeated = known
                while True:
                    batch = missing | repeated
                    told = [reports[place] for place in chosen if batch >> place & 1]
                    assert follow(ends[known], told, plan) == ends[whole], (known, told)
                    if not repeated:
                        break
                    repeated = (repeated - 1) & known
                if not known:
                    break
                known = (known - 1) & whole


@pytest.mark.parametrize("beginning", ["sending with attempts named", "the second attempt sent"])
def test_a_batch_may_be_in_any_order(beginning: str) -> None:
    begun, reports = BEGINNINGS[beginning]
    for chosen in combinations(reports, 4):
        ends = {repr(follow(begun, order, by_code)) for order in permutations(chosen)}
        assert len(ends) == 1


@pytest.mark.parametrize("beginning", ["sending without", "the second attempt sent"])
def test_orders_one_by_one_end_as_the_whole_does(beginning: str) -> None:
    """The same without the induction, for four of them."""
    begun, reports = BEGINNINGS[beginning]
    for chosen in combinations(reports, 4):
        whole = follow(begun, chosen, by_code)
        for order in permutations(chosen):
            for cuts in range(1 << 3):
                state, batch = begun, [order[0]]
                for place, each in enumerate(order[1:]):
                    if cuts >> place & 1:
                        state, batch = follow(state, batch, by_code), []
                    batch.append(each)
                assert follow(state, batch, by_code) == whole


def test_what_waits_anew_keeps_its_time_while_only_facts_are_added() -> None:
    """Its lane may have been held for an hour since; who was given to another sender was not
    retried for that."""
    for retries in (0, 1):
        waiting = Followed(
            latest=_PENDING, attempts=1, retries=retries, earlier={1: _FAILED}, due_at=at(9_999)
        )
        billed = follow(waiting, [report("sent", 12, attempt=1, priced=True)], by_code)
        assert (billed.due_at, billed.retries, billed.latest) == (at(9_999), retries, _PENDING)
        assert billed.earlier[1].price == Decimal("0.0158")


def test_a_message_has_arrived_when_the_first_of_its_attempts_did() -> None:
    for first, second in ((0, 20), (20, 0)):
        told = [
            report("delivered", first + 6, attempt=1),
            report("delivered", second + 6, attempt=2),
        ]
        assert follow(second_on_its_way(MessageStatus.SENT), told).latest.delivered_at == at(6)
