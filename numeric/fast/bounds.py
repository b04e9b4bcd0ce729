"""How far each algorithm's results may be from the exact ones, a priori.

With u the unit roundoff, γₙ = n·u / (1 − n·u), and all values finite and no under- or overflow.
Source of the rules: Higham, Accuracy and Stability of Numerical Algorithms (2002), sections 3.1 and
24.1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from numeric.fast.choice import ranked
from numeric.fast.constants import WINOGRAD
from numeric.fast.costs import counts
from numeric.fast.fourier import period
from numeric.fast.geometry import extents, signature
from numeric.fast.parting import parts_of


def bound(name: str, problem: Any) -> float:
    """The largest possible absolute error of an entry computed by the algorithm of that name."""
    if problem.out.dtype.kind not in "fc":
        return 0.0
    if name in ("winograd", "planes"):
        return _minimal(problem, problem.kernel.shape[-1])
    if name in ("winograd contraction", "planes contraction"):
        return _minimal(problem, problem.out.shape[-1])
    if name == "fourier":
        return _transformed(problem)
    if name == "parting":
        parts = [p for p in parts_of(problem) if p.out.size and p.signal.size and p.kernel.size]
        return max((bound(ranked(*signature(part))[0].name, part) for part in parts), default=0.0)
    return _summed(problem)


def _gamma(n: float, problem: Any) -> float:
    unit = float(np.finfo(problem.out.dtype).eps) / 2
    return n * unit / (1 - n * unit)


def _largest(array: Any) -> float:
    return float(np.max(np.abs(array), initial=0))


def _summed(problem: Any) -> float:
    """A sum of n products in any order: γₙ·Σ|x||k|; the addend is one more term."""
    n = counts(problem)
    terms = n.channels * n.taps
    size = terms * _largest(problem.signal) * _largest(problem.kernel) + _added(problem)
    return _gamma(terms + 1, problem) * size


def _added(problem: Any) -> float:
    return 0.0 if problem.addend is None else _largest(problem.addend)


def _minimal(problem: Any, small: int) -> float:
    """The products |result|·(|kernel||k| ⊙ |data||x|) take the place of Σ|x||k|.

    Each transform of n points rounds n times in each axis, constants included.
    """
    n = counts(problem)
    matrices = next(made for (_, r), made in WINOGRAD.items() if r == small)
    kernel, data, result, upstream = (np.abs(np.array(m)) for m in matrices)
    forward = np.max(result @ (kernel.sum(1) * data.sum(1)))
    backward = np.max(kernel.T @ (upstream.sum(1) * data.sum(1)))
    one = max(forward, backward)
    terms = n.channels * n.taps
    size = one**2 * terms * _largest(problem.signal) * _largest(problem.kernel)
    return _gamma(terms + 8 * len(data), problem) * (size + _added(problem))


def _transformed(problem: Any) -> float:
    """A transform of length n is off by 7·u·log₂n in the 2-norm, and so is each of the three."""
    n = counts(problem)
    length = math.prod(period(m + taps - 1) for _, m, taps in extents(problem))
    rounds = 21 * math.log2(length) + 2 * n.channels + 4
    norms = math.sqrt(n.entries * n.taps) * _largest(problem.signal) * _largest(problem.kernel)
    return _gamma(rounds, problem) * (n.channels * norms + _added(problem))
