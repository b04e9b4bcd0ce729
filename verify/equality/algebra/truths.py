"""The atoms that are 0 or 1: conditions on integers, comparisons of values, other conditions."""

from __future__ import annotations

from functools import cached_property
from typing import TypeGuard

from sympy import Expr

from derive.language.normal_form import normal
from derive.language.terms import ZERO, Condition, Iverson, Less
from verify.equality.algebra.order import Bound, above, not_below
from verify.equality.algebra.places import Place
from verify.equality.algebra.polynomials import (
    Atom,
    Names,
    Polynomial,
    Renaming,
    Ring,
    added,
    constant,
    expression,
    free_of,
    one,
    poly_height,
    poly_key,
    poly_relabelled,
    scaled,
)
from verify.equality.algebra.writing import free_indices, indices_in, writing


class Guard(Atom):
    """1 where a condition on integers holds, else 0."""

    truth = True

    def __init__(self, condition: Condition) -> None:
        super().__init__(f"[{writing(condition)}]", indices_in(condition))
        self.condition = condition

    @cached_property
    def expression(self) -> Expr:
        return Iverson(self.condition)

    def renamed(self, renaming: Renaming, ring: Ring) -> Polynomial:
        return ring.guard(ring.at(self.condition, renaming))

    def relabelled(self, names: Names) -> Atom:
        return Guard(self.condition.xreplace(dict(names)))


class Compared(Atom):
    """1 where a polynomial is positive, or where it is not zero; else 0."""

    truth = True

    def __init__(self, relation: type[Condition], polynomial: Polynomial) -> None:
        sign = "<" if relation is Less else "≠"
        super().__init__(
            f"[0{sign}{poly_key(polynomial)}]", free_of(polynomial), poly_height(polynomial)
        )
        self.relation = relation
        self.polynomial = polynomial

    @cached_property
    def expression(self) -> Expr:
        return Iverson(self.relation(ZERO, expression(self.polynomial)))

    def renamed(self, renaming: Renaming, ring: Ring) -> Polynomial:
        inner = ring.renamed(self.polynomial, renaming)
        return ring.positive(inner) if self.relation is Less else ring.not_zero(inner)

    def relabelled(self, names: Names) -> Atom:
        return Compared(self.relation, poly_relabelled(self.polynomial, names))


class Stated(Atom):
    """1 where another condition holds, else 0."""

    truth = True

    def __init__(self, condition: Condition) -> None:
        super().__init__(f"[{writing(normal(condition))}]", free_indices(condition))
        self.condition = condition

    @cached_property
    def expression(self) -> Expr:
        return Iverson(self.condition)

    def renamed(self, renaming: Renaming, ring: Ring) -> Polynomial:
        return one(Stated(ring.at(self.condition, renaming)))

    def relabelled(self, names: Names) -> Atom:
        return Stated(self.condition.xreplace(dict(names)))


def comparisons_in(polynomial: Polynomial) -> list[Compared]:
    """The comparisons [0 < P] that are factors of some products."""
    found = {a for p in polynomial for a, _ in p if _orders(a)}
    return sorted(found, key=lambda a: a.key)


def comparison_in(polynomial: Polynomial) -> Compared | None:
    """The first comparison that is a factor of some product."""
    return next(iter(comparisons_in(polynomial)), None)


def where(polynomial: Polynomial, truth: Compared, holds: bool) -> Polynomial:
    """The polynomial where a comparison holds, or fails."""
    parts = []
    for product, number in polynomial.items():
        if (truth, 1) not in product:
            parts.append({product: number})
        elif holds:
            parts.append({product - {(truth, 1)}: number})
    return added(*parts)


def under_truth(place: Place, truth: Compared, holds: bool) -> Place:
    """The place where a comparison holds, or fails."""
    stated = one(truth) if holds else added(constant(1), scaled(one(truth), -1))
    return place.under(values=keys_of(stated), order=bounds_of(stated))


def keys_of(stated: Polynomial) -> list[str]:
    """Names for a condition's holding, and for that of its factors."""
    factors = [a.key for p in stated for a, _ in p if len(stated) == 1 and a.truth]
    return [poly_key(stated), *factors]


def bounds_of(stated: Polynomial) -> list[Bound]:
    """What a condition says of the signs of values, where it is a product of comparisons or the
    opposite of one."""
    if len(stated) == 1:
        ((product, _),) = stated.items()
        return [above(a.polynomial) for a, _ in product if _orders(a)]
    fails = added(constant(1), scaled(stated, -1))
    truths = [a for p in fails for a, _ in p]
    if len(truths) == 1 and fails == one(truths[0]) and _orders(truths[0]):
        return [not_below(scaled(truths[0].polynomial, -1))]
    return []


def _orders(atom: Atom) -> TypeGuard[Compared]:
    return isinstance(atom, Compared) and atom.relation is Less
