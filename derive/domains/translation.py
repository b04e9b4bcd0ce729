"""From SymPy conditions to formulas over polynomials.

A comparison holds only where everything it divides by is non-zero; so does its negation.  An
entry of a tensor is an integer where its place says so: in a ``Between``, a ``Divides``, a floor
division, a remainder, a ``Least`` or ``Greatest``, or an index.  (A comparison of real values is
written with ``Less`` and its kin.)  What is no integer arithmetic raises ``NotInteger``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import TypeAlias

from sympy import Add, Basic, Expr, Integer, Mul, Pow, Symbol

from derive.domains.formulas import (
    Formula,
    Polynomial,
    add,
    at_least_zero,
    complement,
    conjunction,
    constant,
    disjunction,
    multiply,
    scale,
    subtract,
    zero,
)
from derive.domains.numbering import Numbering
from derive.domains.problems import Atom
from derive.language.terms import (
    AtMost,
    Between,
    Both,
    Condition,
    Divides,
    Division,
    Either,
    Entry,
    Greatest,
    Least,
    Less,
    Modulo,
    Negation,
    RealParameter,
    Relation,
    Same,
)

#: what stands for an integer of unknown value
Unknown: TypeAlias = Symbol | Entry
Point: TypeAlias = tuple[tuple[Unknown, int], ...]
_INTEGER_PLACES = (Between, Divides, Division, Greatest, Least, Entry)


class NotInteger(Exception):
    """An expression outside integer arithmetic."""


@dataclass(frozen=True)
class Vocabulary:
    """The unknowns of a condition, and all entries in integer places, in order of appearance."""

    unknowns: tuple[Unknown, ...]
    integers: tuple[Entry, ...]


@lru_cache(maxsize=4096)
def vocabulary(node: Basic) -> Vocabulary:
    """The words of a condition; a tensor's entry is itself an unknown, its indices are not."""
    unknowns = dict.fromkeys(_unknowns(node))
    return Vocabulary(tuple(unknowns), tuple(dict.fromkeys(_integer_entries(node, False))))


def _unknowns(node: Basic) -> Iterator[Unknown]:
    if isinstance(node, Symbol | Entry):
        yield node
    else:
        for arg in node.args:
            yield from _unknowns(arg)


def _integer_entries(node: Basic, integer: bool) -> Iterator[Entry]:
    if isinstance(node, Entry) and integer:
        yield node
    for arg in node.args:
        yield from _integer_entries(arg, integer or isinstance(node, _INTEGER_PLACES))


class Translation:
    """The atoms of one problem, numbered as the conditions that are translated mention them."""

    def __init__(self, integers: Iterable[Entry] = ()) -> None:
        self._integers = frozenset(integers)
        self._numbering = Numbering()

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """What the numbers stand for."""
        return tuple(self._numbering.atoms)

    def numbered(self) -> dict[Unknown, int]:
        """The number of each unknown, in order of first appearance."""
        known = self._numbering.numbers
        return {u: k for u, k in known.items() if isinstance(u, Symbol | Entry)}

    def formula(self, condition: Condition, positive: bool = True) -> Formula:
        """The condition, or its negation where ``positive`` is false."""
        if isinstance(condition, Negation):
            return self.formula(condition.args[0], not positive)
        if isinstance(condition, Both | Either):
            join = conjunction if isinstance(condition, Both) == positive else disjunction
            return join([self.formula(part, positive) for part in condition.args])
        divisors: list[Polynomial] = []
        relation = self._relation(condition, divisors)
        defined = [_nonzero(d) for d in divisors]
        return conjunction([*defined, relation if positive else complement(relation)])

    def _relation(self, condition: Condition, divisors: list[Polynomial]) -> Formula:
        if not isinstance(condition, Between | Relation):
            raise NotInteger(condition)
        polynomials = [self._polynomial(arg, divisors) for arg in condition.args]
        if isinstance(condition, Between):
            lo, e, hi = polynomials
            return conjunction((at_least_zero(subtract(e, lo)), _less(e, hi)))
        a, b = polynomials
        if isinstance(condition, Divides):
            # correct for a zero divisor too: it divides 0 only
            return zero(subtract(b, multiply(a, self._numbering.quotient(b, a))))
        if isinstance(condition, Less):
            return _less(a, b)
        if isinstance(condition, AtMost):
            return at_least_zero(subtract(b, a))
        same = zero(subtract(a, b))
        return same if isinstance(condition, Same) else complement(same)

    def polynomial(self, expr: Expr) -> Polynomial:
        """An integer expression, wherever it is defined."""
        return self._polynomial(expr, [])

    def _polynomial(self, expr: Basic, divisors: list[Polynomial]) -> Polynomial:
        if isinstance(expr, Integer):
            return constant(int(expr))
        if isinstance(expr, Symbol | Entry):
            return self._unknown(expr)
        if isinstance(expr, Pow) and isinstance(expr.args[1], Integer) and expr.args[1] >= 0:
            base = self._polynomial(expr.args[0], divisors)
            return reduce(multiply, [base] * int(expr.args[1]), constant(1))
        if not isinstance(expr, Add | Mul | Division | Greatest | Least):
            raise NotInteger(expr)
        args = [self._polynomial(arg, divisors) for arg in expr.args]
        if isinstance(expr, Add):
            return add(*args)
        if isinstance(expr, Mul):
            return reduce(multiply, args)
        if isinstance(expr, Greatest):
            return self._numbering.largest(args)
        if isinstance(expr, Least):
            return scale(self._numbering.largest([scale(a, -1) for a in args]), -1)
        a, b = args
        divisors.append(b)
        quotient = self._numbering.quotient(a, b)
        return subtract(a, multiply(b, quotient)) if isinstance(expr, Modulo) else quotient

    def _unknown(self, unknown: Unknown) -> Polynomial:
        if isinstance(unknown, RealParameter):
            raise NotInteger(unknown)
        if isinstance(unknown, Entry) and unknown not in self._integers:
            raise NotInteger(unknown)
        return self._numbering.variable(unknown)


def _less(a: Polynomial, b: Polynomial) -> Formula:
    return at_least_zero(add(b, scale(a, -1), constant(-1)))


def _nonzero(p: Polynomial) -> Formula:
    return complement(zero(p))
