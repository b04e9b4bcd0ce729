"""Blocks of rows, and the operations on blocks, beside what NumPy has for whole arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from numeric.templates import passes
from numeric.templates.passes import (
    larger,
    over_entries,
    over_rows,
    raised,
    row_products,
    sloped,
    smaller,
    square_sums,
    sums,
    surrounded,
)
from numeric.templates.support import add_rows, add_single, taken

RNG = np.random.default_rng(0)
AXES = [(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2), (-1,), (-2, -1)]


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.complex64])
def test_sums(axes: Any, dtype: Any) -> None:
    x = RNG.integers(-9, 9, (3, 4, 2500)).astype(dtype)
    found = sums(x, axes, x.dtype)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, np.sum(x, axis=axes))
    turned = x.transpose(2, 0, 1)
    np.testing.assert_array_equal(sums(turned, axes, x.dtype), np.sum(turned, axis=axes))
    np.testing.assert_array_equal(square_sums(x, axes, x.dtype), np.sum(x * x, axis=axes))
    short = x[..., :50].copy()
    np.testing.assert_array_equal(square_sums(short, axes, x.dtype), np.sum(short**2, axis=axes))
    for rows in (x[0], short[0]):
        found = row_products(rows, rows[::-1])
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, np.sum(rows * rows[::-1], axis=1))


def test_long_sums_are_added_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.full(1 << 22, 0.1, np.float32)
    exact = float(np.sum(x, dtype=np.float64))
    assert abs(float(sums(x, (0,), x.dtype)) - exact) < 1e-6 * exact
    monkeypatch.setattr(passes, "LONGEST", 1 << 22)
    assert abs(float(sums(x, (0,), x.dtype)) - exact) > 1e-6 * exact


@pytest.mark.parametrize("exponent", [0, 0.25, 0.5, 0.75, 1.5, -0.5, -0.75, -1.75, 3, 0.3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_powers(exponent: float, dtype: Any) -> None:
    x = RNG.random(100).astype(dtype)
    found = raised(x, exponent)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, x**exponent, rtol=8 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("rows", [1, 5, 40])
def test_every_row_is_met_once(rows: int, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "IN_CACHE", 64)
    monkeypatch.setattr(passes, "SHARE", 16)
    x, y = np.arange(float(rows * 3)).reshape(rows, 3), np.zeros((rows, 3))

    def block(x: Any, y: Any) -> None:
        assert x.nbytes <= 64
        y += x

    over_rows(block, threads, x, y)
    np.testing.assert_array_equal(x, y)
    over_entries(block, threads, x.T, np.zeros((3, rows)))


def test_numbers_beside_arrays() -> None:
    x = np.array([np.nan, -1, 2], np.float32)
    np.testing.assert_array_equal(larger(x, 0), [np.nan, 0, 2])
    np.testing.assert_array_equal(smaller(1, x), [np.nan, -1, 1])
    assert larger(x, 0).dtype == np.float32
    assert larger(np.arange(3), 1).tolist() == [1, 1, 2]


def test_padding() -> None:
    x = np.ones((2, 3), np.float32)
    widths = ((1, 0), (2, 1))
    np.testing.assert_array_equal(surrounded(x, widths), np.pad(x, widths))
    expected = np.pad(x, widths, constant_values=-np.inf)
    np.testing.assert_array_equal(surrounded(x, widths, -np.inf), expected)


@pytest.mark.parametrize("highest", [1, 3, 50, 1 << 17])
def test_rows_are_added_as_one_after_the_other(highest: int) -> None:
    index = RNG.integers(-1, highest + 1, (6, 7))
    rows = RNG.integers(0, 9, (6, 7, 2)).astype(float)
    found, expected = np.zeros((highest, 2)), np.zeros((highest, 2))
    add_rows(found, index, rows)
    for at, row in zip(index.reshape(-1), rows.reshape(-1, 2), strict=True):
        if 0 <= at < highest:
            expected[at] += row
    np.testing.assert_array_equal(found, expected)


def test_rows_that_are_taken() -> None:
    x = np.arange(12).reshape(2, 3, 2)
    index = np.array([[2, 0], [1, 1]])
    np.testing.assert_array_equal(taken(x, index, 1), x[:, index])
    for wrong in (-1, 3):
        with pytest.raises(IndexError, match="axis 1 of length 3"):
            taken(x, np.array([wrong]), 1)


def test_numbers_beside_arrays_without_axes_keep_their_values() -> None:
    """``None == np.dtype(float)``: what has no type is not one of floats."""
    for value in (np.float64(0.25), np.asarray(0.25), np.float32(0.25), 0.25, 2):
        for first, second in ((value, 0), (0, value)):
            assert larger(first, second) == value and smaller(first, second) == 0
    assert type(raised(2.0, 0.5)) is float


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_single_entries_are_added_where_they_are(axis: int) -> None:
    target = RNG.integers(-9, 9, (3, 4, 5)).astype(float)
    places = RNG.integers(-2, 7, np.delete(target.shape, axis))
    values = RNG.integers(1, 9, places.shape[-1:]).astype(float)
    numbers = np.arange(target.shape[axis]).reshape([-1 if k == axis else 1 for k in range(3)])
    met = np.expand_dims(places, axis) == numbers
    expected = target + np.where(
        met, np.expand_dims(np.broadcast_to(values, places.shape), axis), 0
    )
    inside = target.copy()
    add_single(target, axis, places, values)
    np.testing.assert_array_equal(target, expected)
    add_single(inside, axis, np.clip(places, 0, 2), values)
    assert (inside != expected).any()


@pytest.mark.parametrize("number", [0, 6, -np.inf, np.inf, np.nan])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_larger_and_smaller(number: float, dtype: Any) -> None:
    x = (
        np.array([-np.inf, -1, -0.0, 2, 7, np.inf, np.nan]).astype(dtype)
        if dtype != np.int64
        else np.arange(-3, 9)
    )
    if dtype == np.int64 and not np.isfinite(number):
        return
    np.testing.assert_array_equal(larger(x, number), np.maximum(x, number))
    np.testing.assert_array_equal(smaller(number, x), np.minimum(x, number))
    np.testing.assert_array_equal(larger(x, x[::-1]), np.maximum(x, x[::-1]))
    assert larger(x, number).dtype == dtype


@pytest.mark.parametrize("rate", [0.01, 1, 0, -0.5, 3.0, np.nan])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_slopes(rate: float, dtype: Any) -> None:
    x = np.array([-np.inf, -1.5, -0.0, 0, 2, 7, np.inf, np.nan], dtype)
    with np.errstate(invalid="ignore"):
        found, expected = sloped(x, rate, x.dtype), np.where(x > 0, x, dtype(rate) * x)
        out = np.empty_like(x)
        assert sloped(x, rate, x.dtype, out=out) is out
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(out, expected)
    assert found.dtype == dtype


def test_the_larger_one_is_wrong_for_steep_slopes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "is_number_beside", lambda *_: True)
    monkeypatch.setattr(passes, "one_of", lambda *_: np.float64(1))
    with pytest.raises(AssertionError):
        test_slopes(3.0, np.float64)
