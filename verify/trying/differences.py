"""Derivatives of code from its values alone, each with a bound on how far off it may be.

*Central difference*: D(h) = (L(x + h·v) − L(x − h·v))/2h = ⟨∇L, v⟩ + h²/6·L‴ + O(h⁴).

- Truncation: D(2h) − D(h) = 3·(h²/6·L‴) + O(h⁴), so |D(2h) − D(h)| bounds the h² term three times.
  Where L is affine along v there is none, and h = 1 may be taken.
- Rounding: a term of L is off by some units in the last place of the largest, so D(h) by at most
  γ·ε·S/h, with ε the dtype's unit in the last place of 1, S = Σ|g|·max(1, |y|) and γ = ``GAMMA``.
- The step h = ε^(1/3) makes both alike (Nocedal & Wright, Numerical Optimization, section 8.1).

*Complex step*: ⟨∇L, v⟩ = Im L(x + i·h·v)/h + O(h²) without any subtraction, so h can be so small
that only rounding is left (Squire & Trapp, SIAM Review 40, 1998).  L must be analytic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: how many units in the last place a term may be off
GAMMA = 2.0**10
#: the step of complex differences
TINY = 1e-100

#: the terms g·y of the loss L = Σ g·y, at x + h·v
Terms = Callable[[Any], NDArray[Any]]


@dataclass(frozen=True)
class Estimate:
    """A directional derivative, and how far off it may be."""

    value: float
    error: float


def step_of(dtype: Any) -> float:
    """ε^(1/3), rounded to a power of two, so that x + h·v is hardly rounded."""
    return float(2.0 ** round(np.log2(float(np.finfo(dtype).eps)) / 3))


def central(terms: Terms, dtype: Any, affine: bool) -> Estimate:
    """A central difference of the loss; with ``affine`` the step is 1."""
    step = 1.0 if affine else step_of(dtype)
    near, size = _difference(terms, step)
    truncation = 0.0 if affine else abs(_difference(terms, 2 * step)[0] - near)
    rounding = GAMMA * float(np.finfo(dtype).eps) * size / step
    return Estimate(near, truncation + rounding)


def _difference(terms: Terms, step: float) -> tuple[float, float]:
    """D(h), and the sum of the terms without their signs."""
    after, before = terms(step).ravel().tolist(), terms(-step).ravel().tolist()
    return (fsum(after) - fsum(before)) / (2 * step), 1 + fsum(map(abs, [*after, *before]))


def complex_step(terms: Terms, dtype: Any) -> Estimate:
    """Im L(x + i·h·v)/h; only rounding makes it differ from the derivative."""
    parts = (terms(1j * TINY).imag / TINY).ravel().tolist()
    rounding = GAMMA * float(np.finfo(dtype).eps) * (1 + fsum(map(abs, parts)))
    return Estimate(fsum(parts), rounding)
