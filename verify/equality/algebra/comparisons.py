"""Comparisons of values: all in terms of [0 < P]."""

from __future__ import annotations

from sympy import Expr

from derive.language.terms import Differ, Less
from verify.equality.algebra.atoms import Exponential
from verify.equality.algebra.cases import begins_positive
from verify.equality.algebra.polynomials import Polynomial, added, constant, one, scaled
from verify.equality.algebra.powers import Powers
from verify.equality.algebra.truths import Compared, comparison_in


class Comparisons(Powers):
    """Compares at the place where it stands."""

    def positive(self, polynomial: Polynomial) -> Polynomial:
        """[0 < P], positive factors left out."""
        if not polynomial:
            return {}
        _, outer, inner = self.primitive(polynomial, False)
        truths: list[Polynomial] = [one(a) for a, _ in outer if a.truth]
        return self.times(self._positive(inner), *truths)

    def _positive(self, polynomial: Polynomial) -> Polynomial:
        if comparison_in(polynomial):
            return self.by_cases(polynomial, self.positive)
        opposite = scaled(polynomial, -1)
        if self.is_not_negative(opposite):
            return {}
        if self.is_positive(polynomial):
            return constant(1)
        exponents = _logarithm(polynomial)
        if exponents:
            return self.positive(exponents)
        if not begins_positive(polynomial) and self.is_not_zero(polynomial):
            return added(constant(1), scaled(self.positive(opposite), -1))
        return one(Compared(Less, polynomial))

    def not_zero(self, polynomial: Polynomial) -> Polynomial:
        """[P ≠ 0]."""
        if not polynomial:
            return {}
        if self.is_not_zero(polynomial):
            return constant(1)
        if len(polynomial) > 1:
            above, below = self.positive(polynomial), self.positive(scaled(polynomial, -1))
            return added(above, below)
        return one(Compared(Differ, polynomial))


def _logarithm(polynomial: Polynomial) -> Polynomial:
    """exp u − exp v is positive where u − v is; empty for another polynomial."""
    if len(polynomial) != 2 or sum(polynomial.values()) != 0:
        return {}
    found: Polynomial = {}
    for product, number in polynomial.items():
        for atom, exponent in product:
            if not isinstance(atom, Exponential) or isinstance(exponent, Expr):
                return {}
            found = added(found, {atom.product: exponent if number > 0 else -exponent})
    return found
