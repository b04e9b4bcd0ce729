"""The gradient times something: a number, a size, a product of sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from itertools import combinations

import numpy as np
from sympy import Pow

from derive.language.definition import Layer
from derive.language.terms import entries, subterms
from verify.trying.reasons import Explanation, Observation, Observed

PRIORITY = 40


def explanations(evidence: Observed) -> Iterator[Explanation]:
    """A constant factor as read off the first observation; then all products of sizes."""
    if not np.any(evidence.first.found):
        yield Explanation("it is always zero", lambda o: not np.any(o.found))
        return
    ratio = _ratio(evidence.first)
    if ratio is None:
        return
    yield Explanation(_words(ratio, evidence), partial(_is_scaled, ratio))
    for names, factor in _products(evidence, ratio):
        inverse = factor < 1
        by = "·".join(names)
        words = f"{'divided' if inverse else 'multiplied'} by {by} once too often"
        yield Explanation(words, partial(_is_multiple, names, inverse))


def _is_scaled(ratio: float, o: Observation) -> bool:
    return o.shows(ratio * o.truth)


def _ratio(o: Observation) -> float | None:
    """The quotient of what was returned and the truth, where it is the same everywhere."""
    if not o.in_shape or not np.any(o.truth):
        return None
    place = np.unravel_index(int(np.argmax(np.abs(o.truth))), o.truth.shape)
    ratio = float(o.found[place] / o.truth[place])
    return ratio if math.isfinite(ratio) and _is_scaled(ratio, o) else None


def _words(ratio: float, evidence: Observed) -> str:
    if ratio == -1:
        return "sign reversed"
    if ratio == 0.5 and _read_twice(evidence.subject.layer, evidence.tensor):
        name = evidence.tensor
        return f"correct up to the factor 1/2: {name} is read twice, and counted once"
    near = Fraction(ratio).limit_denominator(1000)
    exact = math.isclose(float(near), ratio, rel_tol=1e-9)
    return f"correct up to the factor {near if exact else f'{ratio:g}'}"


def _read_twice(layer: Layer, tensor: str) -> bool:
    """Whether an equation reads the tensor at two places, or squares an entry of it."""
    for equation in layer.equations:
        reads = [e for e in entries(equation.explicit) if e.tensor == tensor]
        powers = (p for p in subterms(equation.explicit) if isinstance(p, Pow))
        if len(reads) > 1 or any(p.base in reads and p.exp == 2 for p in powers):
            return True
    return False


def _products(evidence: Observed, ratio: float) -> Iterator[tuple[tuple[str, ...], float]]:
    """Products of different sizes and hyperparameters that make up the factor, or its inverse."""
    sizes = _sizes(evidence.first)
    for count in range(1, 5):
        for names in combinations(sizes, count):
            product = math.prod(sizes[n] for n in names)
            for factor in (product, 1 / product if product else 0):
                if math.isclose(factor, ratio, rel_tol=1e-9):
                    yield names, factor


def _sizes(o: Observation) -> Mapping[str, float]:
    return {s.name: float(v) for s, v in o.case.values.items()}


def _is_multiple(names: tuple[str, ...], inverse: bool, o: Observation) -> bool:
    product = math.prod(_sizes(o)[n] for n in names)
    return o.shows(o.truth / product if inverse else o.truth * product)
