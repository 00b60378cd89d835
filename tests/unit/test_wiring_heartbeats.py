"""A loop that is silent for longer than it said hangs; one that rests does not."""

from __future__ import annotations

import pytest

from clarion.wiring.heartbeats import HANGS_AFTER, Heartbeats


class Time:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def heartbeats(time: Time) -> Heartbeats:
    return Heartbeats(time)


def test_a_round_may_take_a_minute_and_not_longer(heartbeats: Heartbeats, time: Time) -> None:
    heartbeats.of("tracking.apply").beat()
    time.now += HANGS_AFTER
    assert heartbeats.problem() is None
    time.now += 1
    assert heartbeats.problem() == "No sign of life of tracking.apply for 61 s."


def test_a_loop_rests_as_long_as_it_said(heartbeats: Heartbeats, time: Time) -> None:
    heart = heartbeats.of("broadcast.housekeeping")
    heart.beat(rest=3_600)
    time.now += 3_600 + HANGS_AFTER
    assert heartbeats.problem() is None
    time.now += 1
    assert heartbeats.problem() is not None
    heart.beat()
    assert heartbeats.problem() is None


def test_each_loop_that_hangs_is_named(heartbeats: Heartbeats, time: Time) -> None:
    heartbeats.of("pump")
    heartbeats.of("slow", within=600)
    time.now += 30
    heartbeats.of("settle")
    time.now += 40
    assert heartbeats.problem() == "No sign of life of pump for 70 s."
    time.now += 30
    assert heartbeats.problem() == "No sign of life of pump for 100 s, settle for 70 s."
    assert {beat.name: beat.hangs for beat in heartbeats.beats()} == {
        "pump": True,
        "slow": False,
        "settle": True,
    }


def test_a_loop_that_begins_anew_takes_its_place(heartbeats: Heartbeats, time: Time) -> None:
    heartbeats.of("pump")
    time.now += 100
    heartbeats.of("pump")
    assert heartbeats.problem() is None
    assert [beat.name for beat in heartbeats.beats()] == ["pump"]
