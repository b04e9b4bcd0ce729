"""Comparisons of values: all in terms of [0 < P]."""

from __future__ import annotations

from derive.language.terms import Differ, Less
from verify.equality.algebra.polynomials import Polynomial, added, constant, one, scaled
from verify.equality.algebra.powers import Powers
from verify.equality.algebra.truths import Compared


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
        if self.is_not_negative(scaled(polynomial, -1)):
            return {}
        if self.is_positive(polynomial):
            return constant(1)
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
