"""Whether a polynomial is 0: denominators cleared, case by case, with integer sets in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from sympy import Expr, Mul, Pow

from derive.language.terms import Between, Condition, Entry, Index, entries
from verify.equality.algebra.atoms import Base, Plain, Total
from verify.equality.algebra.order import Bound
from verify.equality.algebra.polynomials import (
    Exponent,
    Polynomial,
    Product,
    added,
    rational,
    scaled,
    shortened_by_sympy,
    summed,
)
from verify.equality.algebra.reading import Reader
from verify.equality.algebra.truths import Compared, Guard, comparison_in, under_truth, where
from verify.equality.places import Frame
from verify.equality.proof import shown_by
from verify.equality.terms import Term, opaque


@dataclass(frozen=True)
class Left:
    """A difference that is not shown to be 0 where some comparisons hold."""

    gap: Polynomial
    order: frozenset[Bound]


class Vanishing:
    """Asks at the place where a reader stands; ``deciders`` are those who took part."""

    def __init__(self, reader: Reader, frame: Frame) -> None:
        self._reader = reader
        self._frame = frame
        self.deciders: set[str] = set()

    def left(self, gap: Polynomial) -> Left | None:
        """What is left of a difference, in a case in which it is not shown to be 0."""
        rest = self._reader.equated(self._cleared(gap))
        if not rest or self._by_integers(gap):
            return None
        truth = comparison_in(gap)
        return Left(rest, self._reader.place.order) if truth is None else self._in_cases(gap, truth)

    def _in_cases(self, gap: Polynomial, truth: Compared) -> Left | None:
        """Where a comparison holds, and where it fails: more is known there."""
        reader = self._reader
        outer = reader.place
        try:
            for holds in (True, False):
                reader.place = under_truth(outer, truth, holds)
                if not reader.excluded():
                    left = self.left(reader.again(where(gap, truth, holds)))
                    if left is not None:
                        return left
        finally:
            reader.place = outer
        return None

    def _cleared(self, gap: Polynomial) -> Polynomial:
        """Multiplied by every polynomial that is divided by and known not to be zero."""
        for _ in range(20):
            base = next((b for b, e in _divisors(gap) if self._may_multiply(b, e)), None)
            if base is None:
                return gap
            gap = self._multiplied(gap, base)
        return gap

    def _may_multiply(self, base: Base, exponent: Exponent) -> bool:
        if isinstance(exponent, int):
            return self._reader.is_not_zero(base.polynomial)
        return self._reader.is_positive(base.polynomial)

    def _multiplied(self, gap: Polynomial, base: Base) -> Polynomial:
        """Times the least natural power after which no exponent of the base is below 0.

        The terms are put together from their other factors, so that no law divides again.
        """
        reader = self._reader
        lowest = min(e for p in gap for a, e in p if a == base and not isinstance(e, Expr))
        natural = -int(lowest // 1)
        found: Polynomial = {}
        for product, coefficient in gap.items():
            exponents = dict(product)
            exponent = summed((exponents.pop(base, 0), natural))
            rest = scaled(reader.multiplied_out(frozenset(exponents.items())), coefficient)
            found = added(found, reader.times(rest, reader.power(base.polynomial, exponent)))
        return found

    def _by_integers(self, gap: Polynomial) -> bool:
        """By comparing products of entries and of what algebra leaves, with integer sets."""
        if shortened_by_sympy(gap):
            return False
        terms = [_term(p, c) for p, c in gap.items()]
        kinds = Counter(t.tensors for t in terms)
        if any(kinds[t.tensors] == 1 and _somewhere(t) for t in terms):
            return False
        shown = shown_by(terms, [], self._frame)
        self.deciders |= {d.decider for d in shown or ()}
        return shown is not None


def _somewhere(term: Term) -> bool:
    """Whether a term has no conditions but the ranges of its sums: some product occurs in it."""
    return all(isinstance(c, Between) and c.args[1] in term.bound for c in term.conditions)


def _divisors(gap: Polynomial) -> Iterator[tuple[Base, Exponent]]:
    for product in gap:
        for atom, exponent in sorted(product, key=lambda pair: pair[0].key):
            if isinstance(atom, Base) and not isinstance(exponent, Expr) and exponent < 0:
                yield atom, exponent


def _term(product: Product, coefficient: int | Fraction) -> Term:
    """The product as it is compared: sums open, numbers and sizes in the coefficient."""
    coefficients: list[Expr] = [rational(coefficient)]
    bound: tuple[Index, ...] = ()
    conditions: tuple[Condition, ...] = ()
    factors: list[Entry] = []
    term = Term()
    for atom, exponent in sorted(product, key=lambda pair: pair[0].key):
        if isinstance(atom, Total) and isinstance(exponent, int) and exponent > 0:
            inner = replace(_term(atom.product, 1), bound=atom.bound)
            for _ in range(exponent):
                term = term.times(inner)
        elif isinstance(atom, Guard):
            conditions = (*conditions, atom.condition)
        elif isinstance(atom, Plain) and isinstance(atom.value, Entry):
            if isinstance(exponent, int) and exponent > 0:
                factors += [atom.value] * exponent
            else:
                factors.append(opaque(Pow(atom.value, rational(exponent))))
        elif isinstance(atom, Plain) and not entries(atom.value):
            coefficients.append(Pow(atom.value, rational(exponent)))
        elif isinstance(exponent, int) and exponent > 0:
            factors += [opaque(atom.expression)] * exponent
        else:
            factors.append(opaque(Pow(atom.expression, rational(exponent))))
    return Term(Mul(*coefficients), bound, conditions, tuple(factors)).times(term)
