"""What a person may say about the time of a step, and how it is kept."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.broadcasts.timing.step_time import (
    OnDate,
    OnDay,
    StepTime,
    ZoneMode,
    bits_of,
    read_step_time,
    weekdays_of,
)
from clarion.compliance.sending_hours import SendingHours
from clarion.kernel.errors import Invalid

NINE = time(9)
WALL = datetime(2026, 11, 24, 9)  # noqa: DTZ001 - wall time


def test_a_date_and_a_day_are_read() -> None:
    assert read_step_time(scheduled_for=WALL) == StepTime(planned=OnDate(WALL))
    read = read_step_time(
        day_number=3,
        day_time=NINE,
        window_from=time(8),
        window_until=time(20),
        weekdays=[1, 2, 2],
        zone_mode=ZoneMode.RECIPIENT,
    )
    assert read == StepTime(
        planned=OnDay(3, NINE),
        hours=SendingHours(time(8), time(20), frozenset({1, 2})),
        zone_mode=ZoneMode.RECIPIENT,
    )


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({}, ["scheduled_for"]),
        ({"scheduled_for": WALL, "day_number": 1}, ["scheduled_for"]),
        ({"scheduled_for": WALL, "day_time": NINE}, ["scheduled_for"]),
        ({"scheduled_for": WALL.replace(tzinfo=UTC)}, ["scheduled_for"]),
        ({"day_number": 1}, ["day_time"]),
        ({"day_time": NINE}, ["day_number"]),
        ({"day_number": 0, "day_time": NINE}, ["day_number"]),
        ({"day_number": 731, "day_time": NINE}, ["day_number"]),
        ({"day_number": 1, "day_time": NINE.replace(tzinfo=UTC)}, ["day_time"]),
        ({"scheduled_for": WALL, "window_from": NINE}, ["window_until"]),
        ({"scheduled_for": WALL, "window_until": NINE}, ["window_from"]),
        ({"scheduled_for": WALL, "window_from": NINE, "window_until": NINE}, ["window_until"]),
        (
            {"scheduled_for": WALL, "window_from": time(1, tzinfo=UTC), "window_until": NINE},
            ["window_from"],
        ),
        ({"scheduled_for": WALL, "weekdays": []}, ["weekdays"]),
        ({"scheduled_for": WALL, "weekdays": [0, 1]}, ["weekdays"]),
        ({"scheduled_for": WALL, "weekdays": [8]}, ["weekdays"]),
        ({"day_number": 0, "window_from": NINE, "weekdays": []}, [
            "day_time", "day_number", "window_until", "weekdays",
        ]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_at_its_field(
    fields: dict[str, Any], pointers: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        read_step_time(**fields, pointer="/steps/2")
    assert [fault.pointer for fault in refused.value.faults] == [
        f"/steps/2/{pointer}" for pointer in pointers
    ]


@pytest.mark.parametrize("number", [0, -1, 731])
def test_there_is_no_such_day(number: int) -> None:
    with pytest.raises(ValueError, match="1 to 730"):
        OnDay(number, NINE)


def test_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="wall time"):
        OnDate(WALL.replace(tzinfo=UTC))
    with pytest.raises(ValueError, match="wall time"):
        OnDay(1, NINE.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("bits", "days"), [(1, {1}), (64, {7}), (31, {1, 2, 3, 4, 5}), (96, {6, 7})]
)
def test_weekdays_are_bits(bits: int, days: set[int]) -> None:
    assert weekdays_of(bits) == days
    assert bits_of(days) == bits


@given(st.integers(1, 127))
def test_bits_are_read_as_they_are_written(bits: int) -> None:
    assert bits_of(weekdays_of(bits)) == bits
