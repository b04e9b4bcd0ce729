"""Which values are known not to be negative, or not to be zero."""

from __future__ import annotations

from sympy import pi

from derive.language.printing import plain
from derive.language.substitution import integral, substituted
from derive.language.terms import Between
from verify.equality.algebra.atoms import Base, Exponential, Plain, Prime, Total
from verify.equality.algebra.facts import NOT_NEGATIVE, NOT_ZERO, POSITIVE, Facts
from verify.equality.algebra.order import Bound, above, contradictory, not_below
from verify.equality.algebra.places import Place
from verify.equality.algebra.polynomials import (
    UNIT,
    Atom,
    Exponent,
    Polynomial,
    Product,
    expression,
    one,
    poly_key,
    scaled,
)
from verify.equality.algebra.telling import written
from verify.equality.algebra.truths import (
    Compared,
    Guard,
    comparison_in,
    under_truth,
    where,
)


class Signs:
    """What follows from the form of a value, or from what is known at the place."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.facts = Facts()
        #: whose values are being read, and whose facts count: all, where there are none
        self.origin = ""
        self.origins: tuple[str, ...] = ()
        self._signs: dict[tuple[object, ...], bool] = {}

    def is_positive(self, polynomial: Polynomial) -> bool:
        return self.known(POSITIVE, polynomial)

    def is_not_negative(self, polynomial: Polynomial) -> bool:
        return self.known(NOT_NEGATIVE, polynomial)

    def is_not_zero(self, polynomial: Polynomial) -> bool:
        return self.known(NOT_ZERO, polynomial)

    def words(self, polynomial: Polynomial, kind: str) -> str:
        """The statement in words."""
        return f"{plain(written(expression(polynomial)))} {kind}"

    def known(self, kind: str, polynomial: Polynomial) -> bool:
        """Whether the polynomial is of a kind at the place."""
        key = (kind, poly_key(polynomial), id(self.place), self.facts.count, self.origins)
        if key not in self._signs:
            self._signs[key] = False
            self._signs[key] = (
                self._by_form(kind, polynomial)
                or self.facts.follows(kind, polynomial, self.place, self.origins)
                or self._by_order(kind, polynomial)
                or self._in_all_cases(kind, polynomial)
            )
        return self._signs[key]

    def _by_order(self, kind: str, polynomial: Polynomial) -> bool:
        """By the comparisons that hold at the place; what is neither negative nor 0 is positive."""
        opposite = scaled(polynomial, -1)
        if kind == NOT_NEGATIVE:
            return bool(self.place.order) and self.excluded(above(opposite))
        if kind == POSITIVE:
            if self.place.order and self.excluded(not_below(opposite)):
                return True
            return self.is_not_negative(polynomial) and self.is_not_zero(polynomial)
        return False

    def excluded(self, *bounds: Bound) -> bool:
        """Whether bounds cannot hold together at the place."""
        key = (frozenset(bounds), id(self.place), self.facts.count, self.origins)
        if key not in self._signs:
            self._signs[key] = False
            every = [*bounds, *self.place.order]
            products = dict.fromkeys(p for b in every for p, _ in b.terms if p != UNIT)
            own = [
                Bound(frozenset([(p, 1)]), self._factors_not_zero(p))
                for p in products
                if all(self._power_not_negative(a, e) for a, e in p)
            ]
            self._signs[key] = contradictory([*every, *own])
        return self._signs[key]

    def _in_all_cases(self, kind: str, polynomial: Polynomial) -> bool:
        """Where a comparison is a factor: if it holds, and if it fails."""
        truth = comparison_in(polynomial)
        if truth is None:
            return False
        outer = self.place
        try:
            for holds in (True, False):
                self.place = under_truth(outer, truth, holds)
                if not self.excluded() and not self.known(kind, where(polynomial, truth, holds)):
                    return False
        finally:
            self.place = outer
        return True

    def _by_form(self, kind: str, polynomial: Polynomial) -> bool:
        if kind == NOT_ZERO:
            if self.is_positive(polynomial) or self.is_positive(scaled(polynomial, -1)):
                return True
            return len(polynomial) == 1 and self._factors_not_zero(*polynomial)
        if any(c < 0 for c in polynomial.values()):
            return False
        if not all(self._product_not_negative(p) for p in polynomial):
            return False
        return kind == NOT_NEGATIVE or any(self._factors_not_zero(p) for p in polynomial)

    def _product_not_negative(self, product: Product) -> bool:
        return all(
            self._power_not_negative(a, e) or self._by_order(NOT_NEGATIVE, one(a))
            for a, e in product
        )

    def _power_not_negative(self, atom: Atom, exponent: Exponent) -> bool:
        if not isinstance(exponent, int) or exponent % 2 == 0:
            return True
        if isinstance(atom, Prime | Exponential) or atom.truth:
            return True
        if isinstance(atom, Plain):
            if atom.value == pi:
                return True
            if integral(atom.value):
                return self.place.never_negative(atom.value)
        if isinstance(atom, Base):
            return self.is_not_negative(atom.polynomial)
        if isinstance(atom, Total) and self._sum_is(atom, NOT_NEGATIVE):
            return True
        return self.facts.follows(NOT_NEGATIVE, one(atom), self.place, self.origins)

    def _factors_not_zero(self, product: Product) -> bool:
        return all(self._not_zero(a) for a, _ in product)

    def _not_zero(self, atom: Atom) -> bool:
        if isinstance(atom, Prime | Exponential):
            return True
        if isinstance(atom, Plain):
            if atom.value == pi:
                return True
            if integral(atom.value):
                return self.place.at_least_one(atom.value)
        if isinstance(atom, Base):
            return self.is_not_zero(atom.polynomial)
        if isinstance(atom, Total) and self._sum_is(atom, POSITIVE):
            return True
        if isinstance(atom, Guard):
            return self.place.holds(atom.condition)
        if isinstance(atom, Compared):
            return atom.key in self.place.values
        return self.facts.follows(NOT_ZERO, one(atom), self.place, self.origins)

    def _sum_is(self, sum_: Total, kind: str) -> bool:
        """What is added up is of a kind; for a positive sum there is something to add up."""
        guards = [a.condition for a, _ in sum_.product if isinstance(a, Guard)]
        values = frozenset((a, e) for a, e in sum_.product if not isinstance(a, Guard))
        if kind == POSITIVE:
            lows = {c.args[1]: c.args[0] for c in guards if isinstance(c, Between)}
            if any(i not in lows for i in sum_.bound):
                return False
            chosen = {i: lows[i] for i in sum_.bound}
            if not all(self.place.holds(substituted(c, chosen)) for c in guards):
                return False
        outer = self.place
        self.place = outer.under(*guards)
        try:
            return self.known(kind, {values: 1})
        finally:
            self.place = outer
