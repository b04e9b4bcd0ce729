"""Sums of products: what does not depend on the index leaves, what counts nothing is counted, and
the indices of what is left get names by their roles."""

from __future__ import annotations

from abc import abstractmethod
from fractions import Fraction
from typing import Any

from sympy import Basic, Expr

from derive.domains.known import Known
from derive.language.integers import expanded, mentions
from derive.language.terms import (
    ZERO,
    AtMost,
    Between,
    Condition,
    Divides,
    FloorDiv,
    Index,
    Same,
)
from verify.equality.algebra.atoms import Base, Total
from verify.equality.algebra.pairs import ordered_pairs
from verify.equality.algebra.polynomials import (
    Atom,
    Exponent,
    Polynomial,
    Product,
    Renaming,
    added,
    one,
    relabelled,
    scaled,
)
from verify.equality.algebra.trigonometry import Trigonometry
from verify.equality.algebra.truths import Guard
from verify.equality.collapse import solutions


class Sums(Trigonometry):
    """Adds up at the place where it stands."""

    _fresh = 0

    def fresh(self) -> Index:
        """An index that occurs nowhere else."""
        self._fresh += 1
        return Index(f"‹{self._fresh}›")

    def renamed(self, polynomial: Polynomial, renaming: Renaming) -> Polynomial:
        """The polynomial with free indices replaced."""
        found: Polynomial = {}
        for product, coefficient in polynomial.items():
            touched = [(a, e) for a, e in product if not a.free.isdisjoint(renaming)]
            if not touched:
                found = added(found, {product: coefficient})
                continue
            rest = product.difference(touched)
            parts = [self.power(a.renamed(renaming, self), e) for a, e in touched]
            found = added(found, scaled(self.times({rest: 1}, *parts), coefficient))
        return found

    def opened(
        self, bound: tuple[Index, ...], product: Product
    ) -> tuple[tuple[Index, ...], Product]:
        """A product with fresh names for some indices, and these names."""
        names = {i: self.fresh() for i in bound}
        return tuple(names.values()), relabelled(product, names)

    def totalled(self, polynomial: Polynomial, bound: tuple[Index, ...]) -> Polynomial:
        """The sum over all integer values of the bound indices; ranges are among the factors."""
        found: Polynomial = {}
        for product, coefficient in polynomial.items():
            found = added(found, scaled(self._product(product, bound), coefficient))
        return found

    def _product(self, product: Product, bound: tuple[Index, ...]) -> Polynomial:
        """Index by index, those first on which least depends."""
        if not bound:
            return {product: 1}
        index = min(bound, key=lambda i: sum(i in a.free for a, _ in product))
        rest = tuple(i for i in bound if i != index)
        return self.totalled(self._over(product, index), rest)

    def _over(self, product: Product, index: Index) -> Polynomial:
        own = frozenset((a, e) for a, e in product if index in a.free)
        outer = product - own
        ((guards, factors),) = [_parted(own)]
        pinned = self._pinned(own, guards, index)
        if pinned is not None:
            return self.times({outer: 1}, pinned)
        if not factors and len(guards) == 1 and isinstance(guards[0], Between):
            low, place, high = guards[0].args
            if place == index and not mentions(low, index) and not mentions(high, index):
                return self.times({outer: 1}, self._counted(low, high))
        return self.times({outer: 1}, self._joint(own, (index,)))

    def _counted(self, low: Expr, high: Expr) -> Polynomial:
        """Σ 1 = [lo ≤ hi]·(hi − lo)."""
        length = self.integer(expanded(high - low))
        if low == ZERO and self.place.never_negative(high):
            return length
        return self.times(length, self.guard(AtMost(low, high)))

    @abstractmethod
    def integer(self, value: Expr) -> Polynomial:
        """An integer expression as a polynomial."""

    @abstractmethod
    def plain(self, value: Expr) -> Polynomial:
        """An integer expression or an entry."""

    @abstractmethod
    def at(self, value: Basic, renaming: Renaming) -> Any:
        """An index expression or a condition, with other indices."""

    @abstractmethod
    def guard(self, condition: Condition) -> Polynomial:
        """1 where a condition on integers holds."""

    def _pinned(self, own: Product, guards: list[Condition], index: Index) -> Polynomial | None:
        """Where a condition leaves the index a single value: the product there."""
        known = self.place.known
        for guard in guards:
            value = _value(guard, guards, index, known)
            if value is not None:
                rest = frozenset((a, e) for a, e in own if a != Guard(guard))
                return self.renamed({rest: 1}, {index: value})
        return None

    def _joint(self, own: Product, bound: tuple[Index, ...]) -> Polynomial:
        """One sum over everything that hangs together, inner sums included."""
        inner = [(a, e) for a, e in own if isinstance(a, Total) and isinstance(e, int) and e > 0]
        flat = [own.difference(inner)]
        for sum_, exponent in inner:
            assert isinstance(exponent, int)
            for _ in range(exponent):
                more, product = self.opened(sum_.bound, sum_.product)
                bound += more
                flat.append(product)
        one_each: list[Polynomial] = [{p: 1} for p in flat]
        whole = self.times(*one_each)
        return added(*(scaled(self._named(p, bound), c) for p, c in whole.items()))

    def _named(self, product: Product, bound: tuple[Index, ...]) -> Polynomial:
        """A sum under names that tell nothing but the roles of its indices."""
        shorter = self._folded(product, bound)
        if shorter is None:
            shorter = self._halved(product, bound)
        return one(Total.named(bound, product)) if shorter is None else shorter

    def _halved(self, product: Product, bound: tuple[Index, ...]) -> Polynomial | None:
        """Σ_{j<i} f(i, j) = (Σᵢⱼ f(i, j) − Σᵢ f(i, i))/2 where f(i, j) = f(j, i), and j ≤ i alike.

        Terminates: a condition is gone.
        """
        for pair in ordered_pairs(product, bound):
            exchanged = {pair.upper: pair.lower, pair.lower: pair.upper}
            if relabelled(pair.others, exchanged) == pair.others:
                whole = self.totalled({pair.others: 1}, bound)
                same = self.renamed({pair.others: 1}, {pair.lower: pair.upper})
                diagonal = self.totalled(same, tuple(i for i in bound if i != pair.lower))
                sign = -1 if pair.strict else 1
                return scaled(added(whole, scaled(diagonal, sign)), Fraction(1, 2))
        return None

    def _folded(self, product: Product, bound: tuple[Index, ...]) -> Polynomial | None:
        """Σᵢⱼ f(i, j)·h(i)/(Σⱼ f(i, j)) = Σᵢ h(i), and its like with a polynomial below."""
        if len(bound) < 2 or not any(_divides_by_sums(a, e) for a, e in product):
            return None
        for index in bound:
            own = frozenset((a, e) for a, e in product if index in a.free)
            inner = self._joint(own, (index,))
            rest = product - own
            shorter = self.times({rest: 1}, inner)
            if shorter != {rest | p: c for p, c in inner.items()}:
                return self.totalled(shorter, tuple(i for i in bound if i != index))
        return None


def _divides_by_sums(atom: Atom, exponent: Exponent) -> bool:
    negative = not isinstance(exponent, Expr) and exponent < 0
    if isinstance(atom, Base):
        return negative and any(isinstance(a, Total) for p in atom.polynomial for a, _ in p)
    return negative and isinstance(atom, Total)


def _parted(product: Product) -> tuple[list[Condition], list[Atom]]:
    """The conditions on integers, and the other factors."""
    guards = sorted((a for a, _ in product if isinstance(a, Guard)), key=lambda a: a.key)
    return [a.condition for a in guards], [a for a, _ in product if not isinstance(a, Guard)]


def _value(guard: Condition, guards: list[Condition], index: Index, known: Known) -> Expr | None:
    """The only value that a condition leaves an index: by an equation, or by a remainder."""
    if isinstance(guard, Same):
        difference = expanded(guard.args[0] - guard.args[1])
        for _, factor, value in solutions(difference, [index], known):
            return value if factor == 1 else None
    if isinstance(guard, Divides):
        divisor, number = guard.args
        if Between(ZERO, index, divisor) not in guards or mentions(divisor, index):
            return None
        for _, factor, value in solutions(number, [index], known):
            if factor == 1:
                return expanded(value - divisor * FloorDiv(value, divisor))
    return None
