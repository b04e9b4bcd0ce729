"""A result taken apart: one product of guards and tensor reads, summed over some indices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Integer, Mul, Sum

from derive.engine.scope import Scope
from derive.language.integers import mentions
from derive.language.normal_form import normal
from derive.language.terms import (
    AtMost,
    Condition,
    Entry,
    Index,
    Iverson,
    Range,
    entries,
    ranges_of,
)


@dataclass(frozen=True)
class Product:
    """``factor · Σ_ranges Π [guards] · Π reads``, the whole of what ``scope`` is about.

    The factor mentions no index.
    """

    scope: Scope
    factor: Expr
    ranges: tuple[Range, ...]
    guards: tuple[Condition, ...]
    reads: tuple[Entry, ...]

    @property
    def expression(self) -> Expr:
        return self.scope.root

    @cached_property
    def free(self) -> dict[Index, Expr]:
        """The indices of the result with the sizes of its axes."""
        return {i: hi for i, _, hi in self.scope.free}

    @cached_property
    def summed(self) -> dict[Index, Expr] | None:
        """The indices summed over with their sizes; None unless each range is 0 … size − 1."""
        bounds = [hi for _, _, hi in self.ranges]
        indices = (*self.free, *(i for i, _, _ in self.ranges))
        partial = any(lo != 0 for _, lo, _ in self.ranges)
        if partial or any(mentions(hi, i) for hi in bounds for i in indices):
            return None
        return {i: hi for i, _, hi in self.ranges}

    def at_least(self, least: int, number: Expr, *more: Condition) -> bool:
        """Whether the number is shown to be at least ``least`` for all sizes, under ``more``."""
        if number.is_Integer:
            return bool(number >= least)
        return bool(self.scope.decide(AtMost(Integer(least), number), *more).holds)

    @cached_property
    def _normal(self) -> Expr:
        named: Expr = normal(self.expression)
        return named

    def equals(self, formula: Expr) -> bool:
        """Whether a formula is this product up to the naming and order of bound indices."""
        return bool(normal(formula) == self._normal)


def product_of(scope: Scope) -> Product | None:
    """The scope's expression as a ``Product``; None where it is none, as for several terms."""
    outside: list[Expr] = []
    inside: list[Expr] = []
    ranges: tuple[Range, ...] = ()
    for factor in Mul.make_args(scope.root):
        if isinstance(factor, Sum):
            if ranges:
                return None
            ranges = ranges_of(factor)
            inside += Mul.make_args(factor.function)
        else:
            outside.append(factor)
    factors = [*outside, *inside]
    guards = tuple(f.args[0] for f in factors if isinstance(f, Iverson))
    reads = tuple(f for f in factors if isinstance(f, Entry))
    rest = Mul(*(f for f in factors if not isinstance(f, Iverson | Entry)))
    indices = {i for i, _, _ in (*scope.free, *ranges)}
    if not reads or entries(rest) or rest.free_symbols & indices or rest.has(Sum):
        return None
    return Product(scope, rest, ranges, guards, reads)
