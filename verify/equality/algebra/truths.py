"""The atoms that are 0 or 1: conditions on integers, comparisons of values, other conditions."""

from __future__ import annotations

from functools import cached_property

from sympy import Expr

from derive.language.normal_form import normal
from derive.language.terms import ZERO, Condition, Iverson, Less
from verify.equality.algebra.polynomials import (
    Atom,
    Names,
    Polynomial,
    Renaming,
    Ring,
    expression,
    free_of,
    one,
    poly_height,
    poly_key,
    poly_relabelled,
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
