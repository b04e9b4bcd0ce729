"""Products of comparisons, and values in which comparisons occur: case by case."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations

from derive.language.terms import Less
from verify.equality.algebra.atoms import Base, Exponential
from verify.equality.algebra.order import Bound, above, not_below
from verify.equality.algebra.polynomials import (
    Atom,
    Exponent,
    Polynomial,
    Product,
    added,
    constant,
    exact,
    key_of,
    one,
    scaled,
)
from verify.equality.algebra.products import Products, TooLong, divided, divides
from verify.equality.algebra.truths import Compared, comparisons_in, under_truth, where

#: how many comparisons of one polynomial are distinguished
_MOST = 8

Exponents = dict[Atom, Exponent]


class Cases(Products):
    """Distinguishes at the place where it stands."""

    def by_cases(
        self, polynomial: Polynomial, value: Callable[[Polynomial], Polynomial]
    ) -> Polynomial:
        """F(P) = T·F(P where T holds) + (1 − T)·F(P where it fails), for each comparison T in P.

        Terminates: both are without T.  ``TooLong`` where there are too many.
        """
        truths = comparisons_in(polynomial)
        if not truths:
            return value(polynomial)
        if len(truths) > _MOST:
            raise TooLong
        truth = truths[0]
        outer, found = self.place, []
        for holds in (True, False):
            self.place = under_truth(outer, truth, holds)
            try:
                case = where(polynomial, truth, holds)
                found.append({} if self.excluded() else self.by_cases(case, value))
            finally:
                self.place = outer
        fails = added(constant(1), scaled(one(truth), -1))
        return added(self.times(one(truth), found[0]), self.times(fails, found[1]))

    @abstractmethod
    def positive(self, polynomial: Polynomial) -> Polynomial:
        """[0 < P]."""

    def _tidied(self, exponents: Exponents) -> Polynomial:
        """What comparisons say together, then what other factors do."""
        found = (a for a in exponents if isinstance(a, Compared) and a.relation is Less)
        compared = sorted(found, key=lambda a: a.key)
        if compared:
            if self.excluded(*(above(a.polynomial) for a in compared)):
                return {}
            for law in (self._implied, self._covering, self._nowhere):
                shorter = law(exponents, compared)
                if shorter is not None:
                    return shorter
        return super()._tidied(exponents)

    def _implied(self, exponents: Exponents, compared: list[Compared]) -> Polynomial | None:
        """A·B = B where A holds wherever B does.

        Terminates like the next two: a factor is gone.
        """
        for a in compared:
            others = (above(b.polynomial) for b in compared if b != a)
            if self.excluded(_fails(a), *others):
                return self._tidied({b: e for b, e in exponents.items() if b != a})
        return None

    def _covering(self, exponents: Exponents, compared: list[Compared]) -> Polynomial | None:
        """A·B = A + B − 1 where one of the two holds always."""
        for a, b in combinations(compared, 2):
            if self.excluded(_fails(a), _fails(b)):
                rest = {c: e for c, e in exponents.items() if c not in (a, b)}
                first, second = self._tidied({**rest, a: 1}), self._tidied({**rest, b: 1})
                return added(first, second, scaled(self._tidied(rest), -1))
        return None

    def _nowhere(self, exponents: Exponents, compared: list[Compared]) -> Polynomial | None:
        """F·(1 − [0 < P] − [0 < −P]) has its value where P = 0, so that F·[0 < P] can be replaced.

        Of the two comparisons the one whose P begins with a negative number goes; both go where P
        is known not to be negative.  Terminates: what is put in for the largest term is smaller.
        """
        for truth in compared:
            if begins_positive(truth.polynomial) and not self.is_not_negative(truth.polynomial):
                continue
            rest = frozenset((a, e) for a, e in exponents.items() if a != truth)
            there = self.where_zero({rest: 1}, truth.polynomial)
            if there != {rest: 1}:
                gap = added({rest: 1}, scaled(there, -1))
                below = self.positive(scaled(truth.polynomial, -1))
                fails = added(constant(1), scaled(below, -1))
                return added(self.times(gap, fails), self.times(there, one(truth)))
        return None

    def where_zero(self, polynomial: Polynomial, zero: Polynomial) -> Polynomial:
        """The polynomial where another one is 0: its largest term is less its other ones."""
        lead = Base(zero).lead
        if lead is None or any(not isinstance(e, int) for _, e in lead[0]):
            return polynomial
        product, coefficient = lead
        others = {p: c for p, c in zero.items() if p != product}
        value = scaled(others, exact(Fraction(-1) / coefficient))
        found = [scaled(self._put_in(p, product, value), c) for p, c in polynomial.items()]
        return added(*found)

    def _put_in(self, product: Product, part: Product, value: Polynomial) -> Polynomial:
        """A product with a value for a part of it, and for that part inside an exponential.

        No exponential is put into another one.
        """
        exponents, factors = dict(product), []
        while divides(part, exponents):
            exponents = divided(exponents, part)
            factors.append(value)
        raised = any(isinstance(a, Exponential) for p in value for a, _ in p)
        for atom, exponent in product:
            if isinstance(atom, Exponential) and atom.product == part and not raised:
                del exponents[atom]
                factors.append(self.power(self.exponential(value), exponent))
        return self.times({frozenset(exponents.items()): 1}, *factors)

    def again(self, polynomial: Polynomial) -> Polynomial:
        """The polynomial put together at a place where more is known than where it was."""
        parts = (
            scaled(self.times(*(self.power(one(a), e) for a, e in p)), c)
            for p, c in polynomial.items()
        )
        return added(*parts)

    def equated(self, polynomial: Polynomial) -> Polynomial:
        """The polynomial by what is known to be 0 at the place."""
        for bound in self.place.order:
            opposite = not_below(scaled(bound.polynomial, -1))
            if not bound.strict and opposite in self.place.order:
                polynomial = self.where_zero(polynomial, bound.polynomial)
        return polynomial

    @abstractmethod
    def exponential(self, polynomial: Polynomial) -> Polynomial:
        """exp of a polynomial."""

    @abstractmethod
    def power(self, polynomial: Polynomial, exponent: Exponent) -> Polynomial:
        """A power."""


def begins_positive(polynomial: Polynomial) -> bool:
    """Whether the first coefficient is positive: so it is for one of P and −P."""
    return polynomial[min(polynomial, key=key_of)] > 0


def _fails(truth: Compared) -> Bound:
    """That a comparison does not hold."""
    return not_below(scaled(truth.polynomial, -1))
