"""How far algorithms' results may be from the exact ones, a priori.

With u the unit roundoff, γₙ = n·u / (1 − n·u), and all values finite and no under- or overflow.
Source of the rules: Higham, Accuracy and Stability of Numerical Algorithms (2002), sections 3.1 and
24.1.  Integers are exact (modulo 2ⁿ, as NumPy's are).
"""

from __future__ import annotations

import numpy as np

from numeric.templates.algorithms.parting import parts_of
from numeric.templates.algorithms.winograd import transforms
from numeric.templates.correlation import candidates, computable
from numeric.templates.costs import counts
from numeric.templates.geometry import Array, CorrelationProblem


def bound(name: str, problem: CorrelationProblem) -> float:
    """The largest possible absolute error of an entry computed by the algorithm of that name."""
    if problem.out.dtype.kind not in "fc":
        return 0.0
    return float(OWN.get(name, summed)(problem))


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


def minimal_bound(problem: CorrelationProblem, r: int) -> float:
    """The products |result|·(|kernel||k| ⊙ |data||x|) take the place of Σ|x||k|.

    Each transform of n points rounds n times in each axis, constants included.
    """
    n = counts(problem)
    kernel, data, result = (np.abs(np.array(matrix)) for matrix in transforms(r)[1])
    forward = np.max(result @ (kernel.sum(1) * data.sum(1)))
    backward = np.max(kernel.T @ (result.sum(0) * data.sum(1)))
    terms = n.channels * n.taps
    size = float(max(forward, backward)) ** 2 * terms
    size *= greatest(problem.signal) * greatest(problem.kernel)
    return gamma(terms + 8 * len(data), problem) * (size + added(problem))


def parted(problem: CorrelationProblem) -> float:
    """The largest of the parts'."""
    parts = [p for p in parts_of(problem) if computable(p)]
    return max((bound(candidates(part)[0].name, part) for part in parts), default=0.0)


#: the algorithms whose error may be larger than that of a plain sum
OWN = {
    "winograd": lambda problem: minimal_bound(problem, problem.kernel.shape[-1]),
    "winograd contraction": lambda problem: minimal_bound(problem, problem.out.shape[-1]),
    "parting": parted,
}
