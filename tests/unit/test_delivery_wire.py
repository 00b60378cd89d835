"""How much one worker claims: no more than it has places and slots for."""

from __future__ import annotations

from uuid import UUID

from clarion.delivery.pace import Pace
from clarion.delivery.sending.wire import SLICE, Wire

LANE, OTHER = UUID(int=1), UUID(int=2)
FAST = Pace(rate_per_second=100_000)


def test_a_lane_whose_provider_answers_slowly_is_claimed_less_and_less_of() -> None:
    wire = Wire()
    depths = []
    for _ in range(8):
        depths.append(wire.depth(LANE))
        wire.overstayed(LANE)
    assert depths == [500, 250, 125, 62, 31, 15, 8, 8]
    assert wire.depth(OTHER) == SLICE


def test_and_of_more_again_when_all_found_a_place() -> None:
    wire = Wire()
    wire.overstayed(LANE)
    wire.overstayed(LANE)
    wire.placed(LANE)
    assert wire.depth(LANE) == 250
    for _ in range(3):
        wire.placed(LANE)
    assert wire.depth(LANE) == SLICE


def test_a_lane_is_busy_when_as_many_wait_as_lately_found_a_place() -> None:
    wire = Wire()
    for _ in range(10):
        wire.overstayed(LANE)
    wire.hold(LANE, FAST, 8)
    wire.hold(OTHER, FAST, 8)
    assert wire.busy_lanes() == [LANE]
    wire.left(LANE, 1)
    assert wire.busy_lanes() == []
    assert wire.eased.is_set()
