"""What comparisons of values say together: linear inequalities in products of atoms.

That some of them cannot all hold is found by elimination (Fourier and Motzkin), each product being
a variable of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from verify.equality.algebra.polynomials import (
    UNIT,
    Number,
    Polynomial,
    Product,
    added,
    key_of,
    scaled,
)

#: how many inequalities are followed at once
_MOST = 60


@dataclass(frozen=True)
class Bound:
    """That a polynomial is positive, or not negative where the bound is not ``strict``."""

    terms: frozenset[tuple[Product, Number]]
    strict: bool

    @property
    def polynomial(self) -> Polynomial:
        return dict(self.terms)


def above(polynomial: Polynomial) -> Bound:
    """That it is positive."""
    return Bound(frozenset(polynomial.items()), True)


def not_below(polynomial: Polynomial) -> Bound:
    """That it is not negative."""
    return Bound(frozenset(polynomial.items()), False)


def contradictory(bounds: Iterable[Bound]) -> bool:
    """Whether it is shown that the bounds do not all hold.

    Terminates: every round is without one more product.
    """
    rows = list(dict.fromkeys(bounds))
    while not any(_fails(b) for b in rows):
        rows = [b for b in rows if any(p != UNIT for p, _ in b.terms)]
        if not rows or len(rows) > _MOST:
            return False
        rows = _without(_cheapest(rows), rows)
    return True


def _fails(bound: Bound) -> bool:
    """Whether a bound on a number is wrong."""
    number = bound.polynomial
    if number.keys() - {UNIT}:
        return False
    value = number.get(UNIT, 0)
    return value < 0 or (bound.strict and value == 0)


def _cheapest(rows: Collection[Bound]) -> Product:
    """The product without which fewest inequalities are left."""
    counts: dict[Product, list[int]] = {}
    for bound in rows:
        for product, number in bound.terms:
            if product != UNIT:
                counts.setdefault(product, [0, 0])[number > 0] += 1
    return min(counts, key=lambda p: (counts[p][0] * counts[p][1], key_of(p)))


def _without(product: Product, rows: Collection[Bound]) -> list[Bound]:
    """What follows for the other products."""
    sides: dict[bool, list[tuple[Number, Bound]]] = {True: [], False: []}
    kept = []
    for bound in rows:
        number: Number = bound.polynomial.get(product, 0)
        if number:
            sides[number > 0].append((number if number > 0 else -number, bound))
        else:
            kept.append(bound)
    for a, lower in sides[True]:
        for b, upper in sides[False]:
            both = added(scaled(lower.polynomial, b), scaled(upper.polynomial, a))
            kept.append(Bound(frozenset(both.items()), lower.strict or upper.strict))
    return list(dict.fromkeys(kept))
