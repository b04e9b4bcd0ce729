"""erf and erfc in pieces, beside those of the standard library, entry by entry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from numeric.templates import errors

DTYPES = [np.float32, np.float64]
PLACES = np.concatenate([np.linspace(-30, 30, 4001), np.logspace(-300, 1, 500), [0.0, -0.0]])


def units(function: str, dtype: Any) -> float:
    """The largest error in units of the last place; of erfc beside what e^(-u^2) may be off by."""
    u = PLACES.astype(dtype)
    truth = np.array([getattr(math, function)(float(place)) for place in u])
    found = getattr(errors, function)(u)
    assert found.dtype == dtype
    seen = np.abs(truth) > 4 * np.finfo(dtype).tiny
    error = np.abs(found - truth)[seen] / np.abs(truth)[seen] / np.finfo(dtype).eps
    room = 1 + np.square(np.maximum(u, 0)) if function == "erfc" else np.ones_like(u)
    return float(np.max(error / room[seen]))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", ["erf", "erfc"])
def test_values_are_within_a_few_units_of_the_last_place(function: str, dtype: Any) -> None:
    assert units(function, dtype) < 4


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_wrong_coefficient_is_noticed(dtype: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    size = np.dtype(dtype).itemsize
    above, below, largest, terms = errors.ERFC[size]
    wrong = (*above[:-1], above[-1] * (1 + 16 * float(np.finfo(dtype).eps)))
    monkeypatch.setitem(errors.ERFC, size, (wrong, below, largest, terms))
    assert units("erfc", dtype) > 4
    monkeypatch.setitem(errors.ERFC, size, (above, below, largest, terms - 6))
    assert units("erf", dtype) > 4


@pytest.mark.parametrize("dtype", DTYPES)
def test_values_at_infinity_and_of_nan(dtype: Any) -> None:
    u = np.array([np.inf, -np.inf, np.nan], dtype)
    np.testing.assert_array_equal(errors.erf(u), [1, -1, np.nan])
    np.testing.assert_array_equal(errors.erfc(u), [0, 2, np.nan])


def test_shapes_and_other_numbers() -> None:
    assert errors.erf(1) == pytest.approx(math.erf(1), rel=1e-15)
    assert errors.erfc(np.ones((2, 0, 3))).shape == (2, 0, 3)
    long = np.linspace(-3, 3, 2 * errors.PIECE + 5).reshape(-1, 1)
    np.testing.assert_allclose(errors.erf(long)[:, 0], [math.erf(u) for u in long[:, 0]])


@pytest.mark.parametrize("target", ["arrays", "fast"])
def test_gelu_keeps_small_values(target: str) -> None:
    x = np.array([-30.0, -10.0, -1.0, 2.0])
    found = numeric.compile(derive.layer("gelu"), target=target).forward(x=x)
    expected = [u * math.erfc(-u / math.sqrt(2)) / 2 for u in x]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert 0 < -found[1] < 1e-20
