"""Which zones a launch by turns writes to, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clarion.delivery.launching.turns import not_in_turn, turns_of

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)

moments = st.dictionaries(
    st.text("abc", min_size=1, max_size=2),
    st.integers(-30, 30).map(lambda hours: NOON + timedelta(hours=hours)),
)


@given(moments)
def test_every_zone_has_one_turn_which_is_no_earlier_than_its_moment(
    by_zone: dict[str, datetime],
) -> None:
    turns = turns_of(by_zone.values(), now=NOON)
    seen: list[str] = []
    while len(turns) > 1:
        left_out = set(not_in_turn(by_zone, turns))
        for zone in by_zone.keys() - left_out:
            assert by_zone[zone] <= turns[1]
            seen.append(zone)
        turns = turns[1:]
    assert sorted(seen) == sorted(by_zone)


def test_what_is_past_is_one_turn() -> None:
    ago = [NOON - timedelta(hours=hours) for hours in (5, 3, 1)]
    later = NOON + timedelta(hours=2)
    assert turns_of([later, *ago], now=NOON)[1:] == [ago[-1], later]


def test_of_nobody_there_is_one_turn_now() -> None:
    assert turns_of([], now=NOON)[1:] == [NOON]
