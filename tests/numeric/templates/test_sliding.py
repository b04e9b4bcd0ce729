"""Windows by shifted slices, beside all entries of all windows gathered."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from numeric.templates import sliding
from numeric.templates.sliding import (
    Window,
    add_at_places,
    sums_from_places,
    window_maxima,
    window_places,
    window_spread,
    window_sums,
    window_winners,
)

#: along axis 1, of seven entries, and along axis 2, of eight
FIRST: list[Window] = [
    (1, 3, 3, 2, 1, 0),
    (1, 5, 3, 1, 1, 0),
    (1, 2, 2, 3, 2, 1),
    (1, 1, 3, 1, 1, 2),
]
SECOND: list[Window] = [(2, 3, 2, 2, 3, 0), (2, 8, 1, 1, 1, 0), (2, 4, 3, 1, -2, 4)]
PAIRS = list(product(FIRST, SECOND))


def positions(window: Window) -> Any:
    """Where the entries of each place are."""
    _, count, size, step, spread, start = window
    return start + step * np.arange(count)[:, None] + spread * np.arange(size)


def gathered(array: Any, pair: tuple[Window, Window]) -> Any:
    """All entries of all windows, along the last axis."""
    rows, columns = map(positions, pair)
    found = array[:, rows[:, None, :, None], columns[None, :, None, :]]
    return found.reshape(*found.shape[:3], -1)


def entries(dtype: Any, special: bool = False) -> Any:
    made = np.random.default_rng(0).integers(0, 3, (2, 7, 8)).astype(dtype)
    if special:
        made[0, 2, 3], made[1] = np.nan, -np.inf
    return made


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("dtype", [np.float32, np.int64, object])
def test_sums_and_maxima_are_those_of_the_entries(dtype: Any, pair: Any) -> None:
    x = entries(dtype)
    np.testing.assert_array_equal(window_sums(x, *pair), gathered(x, pair).sum(-1))
    np.testing.assert_array_equal(window_maxima(x, *pair), gathered(x, pair).max(-1))


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("special", [False, True])
def test_places_are_those_of_the_first_largest_entries(pair: Any, special: bool) -> None:
    x = entries(np.float32, special)
    np.testing.assert_array_equal(window_places(x, *pair), gathered(x, pair).argmax(-1))
    np.testing.assert_array_equal(window_maxima(x, *pair), gathered(x, pair).max(-1))


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("order", ["C", "F"])
def test_what_goes_back_is_added_where_it_came_from(pair: Any, order: Any) -> None:
    rng = np.random.default_rng(1)
    shape = (2, pair[0][1], pair[1][1])
    places = rng.integers(0, pair[0][2] * pair[1][2], shape).astype(np.uint8)
    values = rng.integers(0, 9, shape).astype(float)
    found, expected = np.ones((2, 7, 8), order=order), np.ones((2, 7, 8))
    rows, columns = map(positions, pair)
    for n, r, c in np.ndindex(*shape):
        a, b = divmod(places[n, r, c], pair[1][2])
        expected[n, rows[r, a], columns[c, b]] += values[n, r, c]
    add_at_places(found, places, values, *pair)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("pair", [p for p in PAIRS if p[0][3] == p[1][3] == 1])
def test_what_comes_back_is_summed_where_it_came_from(pair: Any) -> None:
    rng = np.random.default_rng(1)
    values = rng.integers(0, 9, (2, 7, 8)).astype(float)
    places = rng.integers(0, pair[0][2] * pair[1][2], (2, 7, 8)).astype(np.uint8)
    numbers = np.arange(pair[0][2] * pair[1][2])
    expected = (gathered(values, pair) * (gathered(places, pair) == numbers)).sum(-1)
    np.testing.assert_array_equal(sums_from_places(places, values, *pair), expected)


def test_nothing_is_read_outside() -> None:
    x = entries(float)
    for window in ((1, 3, 3, 3, 1, 0), (1, 3, 3, 1, 1, -1), (1, 2, 3, 1, -1, 1)):
        with pytest.raises(IndexError, match="axis 1 of length 7"):
            window_sums(x, window)
        with pytest.raises(IndexError, match="axis 1 of length 7"):
            add_at_places(x, np.zeros((2, window[1], 8), int), x[:, : window[1]], window)


def test_empty_windows() -> None:
    x = entries(float)
    assert not window_sums(x, (1, 4, 0, 1, 1, 0)).any()
    for function in (window_maxima, window_places):
        with pytest.raises(ValueError, match="the maximum over an empty range"):
            function(x, (1, 4, 0, 1, 1, 0))


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("dtype", [np.float32, np.int64, object])
def test_short_and_long_rows_give_the_same(
    dtype: Any, pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = entries(dtype, special=dtype == np.float32)
    short = window_sums(x, *pair), window_maxima(x, *pair), *window_winners(x, *pair)
    best, places = np.empty_like(short[1]), np.empty_like(short[3])
    window_winners(x, *pair, out=best, places=places)
    monkeypatch.setattr(sliding, "SHORT_ROW", 0)
    long = window_sums(x, *pair), best, *window_winners(x, *pair)
    np.testing.assert_array_equal(places, long[3])
    for one, other in zip(short, long, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_values_go_to_all_entries_of_their_windows(dtype: Any, pair: Any) -> None:
    """The adjoint of sums: Σ y·sums(x) = Σ x·spread(y)."""
    x = entries(dtype)
    sums = window_sums(x, *pair)
    y = np.random.default_rng(1).integers(-3, 3, sums.shape).astype(dtype)
    out = np.full_like(x, 7)
    found = window_spread(y, x.shape, *pair, out=out)
    assert found is out and np.sum(y * sums) == np.sum(x * out)
    np.testing.assert_array_equal(window_spread(y, x.shape, *pair), out)
    expected = np.zeros_like(x)
    for place in np.ndindex(y.shape):
        rows, columns = (positions(w)[k] for w, k in zip(pair, place[1:], strict=True))
        np.add.at(expected, (place[0], rows[:, None], columns), y[place])
    np.testing.assert_array_equal(out, expected)


def test_windows_that_meet_too_early_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sliding, "min", lambda *_: 3, raising=False)
    with pytest.raises(AssertionError):
        test_values_go_to_all_entries_of_their_windows(np.int64, (FIRST[1], SECOND[0]))
