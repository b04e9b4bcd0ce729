"""Choices by bit patterns give what ``np.where`` gives, bit by bit."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from numeric.templates import choosing
from numeric.templates.choosing import either, one_of, only_where, sigmoid, sigmoid_slope

VALUES = [np.nan, np.inf, -np.inf, -0.0, 1.5, -2.0]
TEST = np.array([False, False, True, True, False, True])
DTYPES = [np.float32, np.float64, np.float16, np.int64, np.complex64]


def same(found: Any, expected: Any) -> bool:
    return found.dtype == expected.dtype and found.tobytes() == expected.tobytes()


def values(dtype: Any) -> Any:
    return np.array(VALUES if dtype != np.int64 else range(6)).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_not_chosen_leaves_no_trace(dtype: Any) -> None:
    array = values(dtype)
    assert same(only_where(TEST, array), np.where(TEST, array, dtype(0)))
    assert same(either(TEST, array, array[::-1]), np.where(TEST, array, array[::-1]))
    assert same(either(TEST, array, dtype(2)), np.where(TEST, array, dtype(2)))
    assert same(either(TEST[:, None], array, array[:, None]),
                np.where(TEST[:, None], array, array[:, None]))  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
def test_results_go_where_they_are_wanted(dtype: Any) -> None:
    array, out = values(dtype), np.ones((6, 2), dtype)
    only_where(TEST, array, out=out[:, 0])
    either(TEST, 3, array, out=out[:, 1])
    assert same(one_of(TEST, 1, 3, array.dtype), np.where(TEST, dtype(1), dtype(3)))
    assert same(out[:, 0].copy(), np.where(TEST, array, dtype(0)))
    assert same(out[:, 1].copy(), np.where(TEST, dtype(3), array))


def test_exact_numbers_stay_exact() -> None:
    array = np.array([Fraction(1, 3), Fraction(2)], object)
    assert list(either(np.array([True, False]), array, Fraction(1, 7))) == [
        Fraction(1, 3),
        Fraction(1, 7),
    ]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_rate_of_a_sigmoid_keeps_small_values(dtype: Any) -> None:
    u = np.array([-80, -1, 0, 1, 80, np.inf, -np.inf, np.nan], dtype)
    expected = np.exp(-np.abs(u)) / (1 + np.exp(-np.abs(u))) ** 2
    np.testing.assert_allclose(sigmoid_slope(u), expected, rtol=1e-6)
    np.testing.assert_allclose(sigmoid(u)[:5] * sigmoid(-u)[:5], expected[:5], rtol=1e-6)
    assert sigmoid(u).dtype == sigmoid_slope(u).dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_sigmoid_keeps_small_values_as_long_as_they_are_normal(dtype: Any) -> None:
    tiny = np.finfo(dtype).tiny
    u = np.array([-1e4, np.log(tiny) + 40, -3, 0, 1e-3, 5, 1e4, np.inf, -np.inf, np.nan], dtype)
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-u.astype(np.longdouble)))
    out = np.empty_like(u)
    room = {"rtol": 8 * float(np.finfo(dtype).eps), "atol": float(tiny)}
    np.testing.assert_allclose(sigmoid(u, out=out), expected, **room)
    np.testing.assert_array_equal(sigmoid(u), out)
    np.testing.assert_allclose(sigmoid_slope(u, out=out), sigmoid_slope(u))


def test_the_wrong_bit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {bits: bit >> 1 for bits, bit in choosing.SIGN.items()}
    monkeypatch.setattr(choosing, "SIGN", wrong)
    with pytest.raises(AssertionError):
        test_the_rate_of_a_sigmoid_keeps_small_values(np.float32)
