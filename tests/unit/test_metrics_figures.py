"""What follows from a look at the ledger: backlogs, rates, and how long it will take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from clarion.tracking.metrics.figures import (
    Backlog,
    Figures,
    LaneFigures,
    WaitingStream,
    backlog_by_lane,
    backlog_seconds,
    rates,
    waiting_by_workspace,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIRST, SECOND, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
STEP, OTHER_STEP = UUID(int=10), UUID(int=11)
ANA, BEA = UUID(int=20), UUID(int=21)


def stream(
    lane: UUID = FIRST,
    *,
    step: UUID | None = STEP,
    workspace: UUID = ANA,
    waiting: int,
    of_step: int | None = None,
    due: int | None = None,
    is_due: bool = True,
    since: datetime | None = NOW - timedelta(seconds=5),
    capped: bool = False,
) -> WaitingStream:
    return WaitingStream(
        lane_id=lane,
        workspace_id=workspace,
        step_id=step,
        is_due=is_due,
        of_step=of_step if of_step is not None or step is None else waiting,
        waiting=waiting,
        due=waiting if due is None else due,
        oldest_due_at=since,
        is_capped=capped,
    )


def lane(
    id_: UUID = FIRST, *, pace: float = 100, handed_over: int = 0, due: int = 0
) -> LaneFigures:
    return LaneFigures(
        id=id_,
        channel="sms",
        provider="twilio",
        tier=1,
        pace=pace,
        share=1,
        booked=0,
        handed_over=handed_over,
        backlog=Backlog(waiting=due, due=due),
    )


def counted(streams: list[WaitingStream]) -> dict[UUID, Backlog]:
    """On lanes of which the third is twice as fast as the others."""
    return backlog_by_lane(streams, {FIRST: 10, SECOND: 10, THIRD: 20})


def test_a_step_on_one_lane_is_counted_by_its_counter() -> None:
    found = counted([stream(waiting=1_000, of_step=250_000, capped=True)])
    assert (found[FIRST].waiting, found[FIRST].due) == (250_000, 250_000)


def test_small_parts_of_a_step_are_exact_on_each_lane() -> None:
    found = counted(
        [
            stream(FIRST, waiting=7, of_step=1_010_007),
            stream(SECOND, waiting=1_000, of_step=1_010_007, capped=True),
            stream(THIRD, waiting=1_000, of_step=1_010_007, capped=True),
        ]
    )
    assert {id_: each.waiting for id_, each in found.items()} == {
        FIRST: 7,
        SECOND: 337_000,
        THIRD: 673_000,
    }


def test_no_message_is_lost_when_it_is_shared_out() -> None:
    for of_step in range(2_000, 2_007):
        found = counted(
            [
                stream(each, waiting=500, of_step=of_step, capped=True)
                for each in (FIRST, SECOND, THIRD)
            ]
        )
        assert sum(each.waiting for each in found.values()) == of_step


def test_what_is_not_due_waits_and_is_no_backlog_for_workers() -> None:
    found = counted([stream(waiting=40, is_due=False)])
    assert found[FIRST] == Backlog(waiting=40, due=0, oldest_due_at=None)


def test_messages_that_are_tried_again_later_are_not_due() -> None:
    found = counted([stream(waiting=40, due=3)])
    assert (found[FIRST].waiting, found[FIRST].due) == (40, 3)


def test_a_lane_carries_all_its_streams_and_is_as_late_as_the_latest_of_them() -> None:
    long_ago = NOW - timedelta(hours=1)
    found = counted(
        [
            stream(waiting=2),
            stream(step=OTHER_STEP, waiting=3, since=long_ago),
            stream(step=None, waiting=4, since=None, due=0),
        ]
    )
    assert found[FIRST] == Backlog(waiting=9, due=5, oldest_due_at=long_ago)


def test_workspaces_are_told_the_largest_first_and_each_step_once() -> None:
    streams = [
        stream(FIRST, waiting=10, of_step=30),
        stream(SECOND, waiting=20, of_step=30),
        stream(step=None, workspace=BEA, waiting=31),
        stream(step=None, workspace=UUID(int=22), waiting=1),
        stream(step=OTHER_STEP, workspace=UUID(int=23), waiting=0),
    ]
    assert list(waiting_by_workspace(streams, most=2).items()) == [(BEA, 31), (ANA, 30)]
    assert len(waiting_by_workspace(streams, most=9)) == 3


def look(seconds: float, *lanes: LaneFigures) -> Figures:
    return Figures(read_at=NOW + timedelta(seconds=seconds), lanes=lanes)


def test_the_rate_is_what_was_handed_over_between_two_looks() -> None:
    before = look(0, lane(FIRST, handed_over=1_000), lane(SECOND, handed_over=5))
    after = look(
        20, lane(FIRST, handed_over=2_500), lane(SECOND, handed_over=5), lane(THIRD, handed_over=40)
    )
    assert rates(before, after) == {FIRST: 75.0, SECOND: 0.0, THIRD: 2.0}


def test_one_look_tells_no_rate() -> None:
    only = look(0, lane(handed_over=1_000))
    assert rates(only, only) == {}


def test_a_database_that_was_put_back_gives_no_negative_rate() -> None:
    assert rates(look(0, lane(handed_over=9)), look(1, lane(handed_over=2))) == {FIRST: 0.0}


@pytest.mark.parametrize(
    ("due", "rate", "seconds"),
    [(0, 5.0, 0.0), (0, None, 0.0), (300, 50.0, 6.0), (300, 0.0, 3.0), (300, None, 3.0)],
)
def test_a_backlog_lasts_as_long_as_the_rate_says_or_the_pace_before_there_is_one(
    due: int, rate: float | None, seconds: float
) -> None:
    assert backlog_seconds(lane(pace=100, due=due), rate) == seconds
