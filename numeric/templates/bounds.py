"""How far algorithms' results may be from the exact ones, a priori.

With u the unit roundoff, γₙ = n·u / (1 − n·u), and all values finite and no under- or overflow.
Source of the rules: Higham, Accuracy and Stability of Numerical Algorithms (2002), sections 3.1 and
24.1.  Integers are exact (modulo 2ⁿ, as NumPy's are).
"""

from __future__ import annotations

import numpy as np

from numeric.templates.correlation import everything
from numeric.templates.costs import counts
from numeric.templates.geometry import Array, CorrelationProblem


def bound(name: str, problem: CorrelationProblem) -> float:
    """The largest possible absolute error of an entry computed by the algorithm of that name."""
    if problem.out.dtype.kind not in "fc":
        return 0.0
    own = everything().get(f"{name.replace(' ', '_')}_bound", summed)
    return float(own(problem))


def summed(problem: CorrelationProblem) -> float:
    """The largest error of a sum of n products in any order: γₙ·Σ|x||k|; the addend is a term."""
    n = counts(problem)
    terms = n.channels * n.taps
    size = terms * greatest(problem.signal) * greatest(problem.kernel) + added(problem)
    return gamma(terms + 1, problem) * size


def gamma(n: float, problem: CorrelationProblem) -> float:
    """γₙ of the problem's dtype."""
    unit = float(np.finfo(problem.out.dtype).eps) / 2
    return n * unit / (1 - n * unit)


def greatest(array: Array) -> float:
    """The largest entry's absolute value."""
    return float(np.max(np.abs(array), initial=0))


def added(problem: CorrelationProblem) -> float:
    """The largest entry of the addend."""
    return 0.0 if problem.addend is None else greatest(problem.addend)
