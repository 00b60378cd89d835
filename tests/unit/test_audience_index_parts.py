"""What the index is made of, each part against the plainest way to say the same."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from clarion.audience.index import bitmaps, index
from clarion.audience.index.channels import AddressColumn
from clarion.audience.index.columns import (
    CodedColumn,
    ordered_column,
    text_buffers,
    text_column,
    wide_column,
)
from clarion.audience.index.copy_out import ahead
from clarion.audience.index.letter_groups import letter_groups, runs_that_may_contain
from clarion.audience.index.shared import Groups, Shared
from clarion.audience.index.substring import texts_containing

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize("share", [0, 0.00001, 0.01, 0.06, 0.07, 0.5, 1])
@pytest.mark.parametrize("length", [1, 65_535, 65_536, 200_000])
def test_a_mask_is_read_however_many_are_true(share: float, length: int) -> None:
    mask = np.random.default_rng(7).random(length) < share
    mask[: min(70_000, length) // 2] = False
    start = 3 << 16
    found = bitmaps.of_mask(mask, start)
    assert found == BitMap((np.flatnonzero(mask) + start).tolist())
    assert found == bitmaps.of_sorted((np.flatnonzero(mask) + start).astype(np.uint32))


def test_several_masks_become_one_bitmap() -> None:
    """Of blocks with many, few and no places, of unlike lengths, with a gap between two of them."""
    chance = np.random.default_rng(7)
    shares = [(200_000, 0.5), (65_536, 0.001), (70_000, 0.0), (131_072, 0.06), (10, 1.0)]
    starts = [0, 5 << 16, 6 << 16, 8 << 16, 10 << 16]
    masks = [chance.random(length) < share for length, share in shares]
    masks[3][:65_536] = True
    expected = BitMap()
    for mask, start in zip(masks, starts, strict=True):
        expected |= BitMap((np.flatnonzero(mask) + start).tolist())
    found = bitmaps.of_masks([*zip(masks, starts, strict=True), (None, 12 << 16)])
    assert found == expected
    assert len(found) == sum(int(mask.sum()) for mask in masks)


numbers = st.lists(st.one_of(st.just(float("nan")), st.integers(-5, 5).map(float)), max_size=30)


@given(numbers, st.integers(-6, 6), st.one_of(st.integers(-6, 6), st.just(float("inf"))))
def test_a_range_of_numbers(held: list[float], low: int, until: float) -> None:
    """Those who have none are told apart by whoever asks."""
    values = np.asarray(held, dtype=np.float64)
    wanted = [n for n, value in enumerate(held) if low <= value < until]
    nothing = BitMap([n for n, value in enumerate(held) if np.isnan(value)])
    ranked = ordered_column(values)
    wide = wide_column(values)
    for column in (ranked, wide):
        assert bitmaps.of_mask(column.between(low, until), 0) - nothing == BitMap(wanted)
        assert bitmaps.of_mask(column.without(), 0) == nothing


@pytest.mark.parametrize("chosen", [[], [3], [2, 5], list(range(0, 300, 2))])
def test_those_with_one_of_some_codes(chosen: list[int]) -> None:
    codes = np.random.default_rng(7).integers(0, 300, 5_000).astype(np.uint16)
    wanted = np.zeros(300, dtype=bool)
    wanted[chosen] = True
    found = bitmaps.of_mask(CodedColumn(codes).where(wanted), 0)
    assert found == BitMap(np.flatnonzero(wanted[codes]).tolist())


texts = st.lists(st.text("abé\u4e2d-", max_size=6), max_size=40)


@given(texts, st.text("abé\u4e2d-", min_size=1, max_size=4))
def test_the_texts_that_contain_another(held: list[str], wanted: str) -> None:
    column = text_column(pa.array(held, pa.string()))
    groups = letter_groups(*text_buffers(column.texts))
    for ranks in (
        texts_containing(column.texts, wanted),
        texts_containing(column.texts, wanted, groups),
    ):
        found = [column.texts[rank].as_py() for rank in ranks.tolist()]
        assert found == [each for each in column.texts.to_pylist() if wanted in each]


@pytest.mark.parametrize("contacts", [10_000, 20_000])
def test_a_text_is_found_in_many_and_not_across_two(contacts: int) -> None:
    """With groups of letters and without."""
    held = sorted({f"p{n * 7919 % 100_000}.gonzalez@example.com" for n in range(contacts)})
    column = text_column(pa.array(held, pa.string()))
    assert bool(column.groups.size) == (contacts > 16_384)
    for wanted in ("1234.gon", "comp1", "p99", "example", "@", "nobody", ".coms", "p1", "com"):
        ranks = column.containing(wanted).tolist()
        assert [held[rank] for rank in ranks] == [each for each in held if wanted in each], wanted


def test_few_runs_may_contain_a_seldom_text() -> None:
    """Otherwise the groups of letters would be for nothing: of 313 runs one has it."""
    held = sorted(f"p{n * 7919 % 100_000}.gonzalez@example.com" for n in range(20_000))
    groups = text_column(pa.array(held, pa.string())).groups
    wanted = np.frombuffer(held[7_000][:7].encode(), dtype=np.uint8)
    runs = runs_that_may_contain(groups, wanted)
    assert runs is not None
    assert 7_000 // 64 in runs.tolist()
    assert len(runs) < 16


def test_ids_are_found_by_their_halves() -> None:
    """Several that begin alike included."""
    chance = np.random.default_rng(7)
    raw = chance.integers(0, 256, (40_000, 16), dtype=np.uint8)
    raw[::3, :8] = raw[0, :8]
    ids = np.unique(np.ascontiguousarray(raw).view("S16").ravel())
    asked = np.sort(chance.choice(ids, 9_000, replace=False))
    odd = asked.copy().view(np.uint8).reshape(-1, 16)
    odd[:, 15] ^= 1
    for some in (asked, np.unique(odd.view("S16").ravel()), ids[:9_000]):
        assert (index.places_of(some, ids) == np.searchsorted(ids, some)).all()


addresses = st.lists(st.integers(1, 12), max_size=20)


@given(addresses, addresses, st.sets(st.integers(1, 12)))
def test_who_shares_an_address_when_others_come(
    held: list[int], coming: list[int], opted_out: set[int]
) -> None:
    def sharers(of: list[tuple[int, int]]) -> Shared:
        many = [each for each, _ in of]
        shared = sorted(pair for pair in of if many.count(pair[0]) > 1)
        return Shared.of(
            np.asarray([each for each, _ in shared], dtype=np.int64),
            np.asarray([place for _, place in shared], dtype=np.uint32),
        )

    before = [(address, place) for place, address in enumerate(held)]
    after = [*before, *((address, 100 + place) for place, address in enumerate(coming))]
    asked = np.unique(np.asarray(coming, dtype=np.int64))
    among = [pair for pair in after if pair[0] in coming]
    new = sharers(among)
    found = sharers(before).instead(asked, new.addresses, new.by)
    wanted = sharers(after)
    assert found.who == wanted.who
    assert (np.unique(found.numbers).size, found.addresses.tolist()) == (
        np.unique(wanted.numbers).size,
        wanted.addresses.tolist(),
    )
    column = AddressColumn.of(np.asarray(held, dtype=np.int64))
    some = np.asarray(sorted(opted_out), dtype=np.int64)
    assert sorted(column.among(some).tolist()) == [
        n for n, at in enumerate(held) if at in opted_out
    ]


def test_what_is_made_ahead_comes_in_order_and_is_closed_where_it_was_made() -> None:
    closed: list[str] = []

    def numbers() -> Iterator[int]:
        try:
            yield from range(100)
        finally:
            closed.append(threading.current_thread().name)

    assert list(ahead(numbers())) == list(range(100))
    given_up = ahead(numbers())
    assert next(given_up) == 0
    given_up.close()  # type: ignore[attr-defined]
    assert closed == ["audience-index-ahead", "audience-index-ahead"]


def test_what_fails_ahead_fails_where_it_is_waited_for() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    made = ahead(numbers())
    assert next(made) == 1
    with pytest.raises(ZeroDivisionError):
        next(made)


@given(st.lists(st.integers(1, 30), max_size=12), st.data())
def test_how_many_groups_have_a_marked_place(sizes: list[int], data: st.DataObject) -> None:
    places = sum(sizes)
    marked = np.asarray(data.draw(st.lists(st.booleans(), min_size=places, max_size=places)), bool)
    begins = np.zeros(places, dtype=bool)
    starts = [sum(sizes[:n]) for n in range(len(sizes))]
    begins[starts] = True
    wanted = sum(
        any(marked[start : start + size].tolist())
        for start, size in zip(starts, sizes, strict=True)
    )
    assert Groups.of(begins).having_any(marked) == wanted
