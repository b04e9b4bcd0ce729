"""The adjoint identity ⟨g, J·v⟩ = ⟨∂L/∂x, v⟩ in exact numbers, with zero tolerance.

J·v comes from dual numbers in the layer's written equations, ∂L/∂x from the derived formula: two
ways that have nothing in common but the definition.  Griewank & Walther, Evaluating Derivatives,
2nd ed., section 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from derive.engine.record import Derivation
from verify.evaluation.arrays import Array, inner
from verify.evaluation.dual import directional_derivative
from verify.evaluation.exact import evaluate_explicit
from verify.evaluation.sizes import Number


@dataclass(frozen=True)
class Adjointness:
    """Both sides of the identity."""

    forward: Any
    backward: Any

    @property
    def holds(self) -> bool:
        """Without any tolerance."""
        return bool(self.forward == self.backward)


def adjointness(
    derivation: Derivation,
    arrays: Mapping[str, Array],
    upstream: Mapping[str, Array],
    direction: Array,
    hyperparameters: Mapping[str, Number] = {},
    sizes: Mapping[str, int] = {},
) -> Adjointness:
    """⟨g, J·v⟩ beside ⟨∂L/∂x, v⟩ for integers or fractions.

    ``upstream`` has one array for each output, by the output's name; ``direction`` is v, of the
    shape of the tensor that is differentiated by.  Raises ``verify.evaluation.arithmetic.NotExact``
    for layers that leave the rational numbers.
    """
    moved = {derivation.wrt: direction}
    pushed = directional_derivative(derivation.source, arrays, moved, hyperparameters, sizes)
    weights = {g: upstream[y] for y, g in derivation.upstream}
    given = {**arrays, **weights}
    results = evaluate_explicit(derivation.layer, given, hyperparameters, sizes)
    gradient = results[derivation.adjoints[-1].name]
    forward = sum(inner(upstream[y], pushed[y]) for y in pushed)
    return Adjointness(forward, inner(gradient, direction))
