"""Where one term has the same product of entries as another: solving for its bound indices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from math import factorial, prod

from sympy import Expr

from derive.language.integers import expanded, mentions
from derive.language.substitution import substituted
from derive.language.terms import Condition, Divides, Entry, FloorDiv, Index, Same
from verify.equality.collapse import solutions
from verify.equality.terms import Term
from verify.equality.tidying import Tidy

#: how many ways to pair factors of the same tensor are looked at
PAIRINGS = 24


class NotInjective(Exception):
    """The entries that a term multiplies do not tell its bound indices."""


@dataclass(frozen=True)
class Occurrence:
    """The only values of a term's bound indices for which its factors are given ones.

    ``conditions`` say when the term has that product there: its own conditions, and that the
    factors agree.  ``coefficient`` is what the product is then multiplied by.
    """

    indices: tuple[Expr, ...]
    conditions: tuple[Condition, ...]
    coefficient: Expr


def occurrences(term: Term, factors: Sequence[Entry], tidy: Tidy) -> list[Occurrence]:
    """All ways in which a term's product can be the given one.

    There may be several where a tensor is read twice.  ``factors`` mention none of the term's
    bound indices; ``tidy`` knows what holds of the symbols in them.
    """
    repeats = Counter(f.tensor for f in factors)
    if prod(map(factorial, repeats.values())) > PAIRINGS:
        raise NotInjective
    found = (_solved(term, pairing, tidy) for pairing in _pairings(term.factors, factors))
    return list(dict.fromkeys(o for o in found if o is not None))


def _pairings(own: Sequence[Entry], given: Sequence[Entry]) -> Iterator[list[tuple[Entry, Entry]]]:
    """All ways to pair entries of the same tensor."""
    names = sorted({f.tensor for f in own})
    mine = [[f for f in own if f.tensor == name] for name in names]
    theirs = [[f for f in given if f.tensor == name] for name in names]
    for orders in product(*(permutations(group) for group in theirs)):
        yield [
            pair
            for group, order in zip(mine, orders, strict=True)
            for pair in zip(group, order, strict=True)
        ]


def _solved(term: Term, pairing: Sequence[tuple[Entry, Entry]], tidy: Tidy) -> Occurrence | None:
    """The occurrence for one way of pairing; None where numbers contradict it."""
    system = _System(term, pairing, tidy)
    system.solve()
    return system.occurrence()


@dataclass
class _Equation:
    """``own = given``; ``gap`` is their difference, multiplied by an exact quotient's divisor."""

    own: Expr
    given: Expr
    gap: Expr


class _System:
    """Linear equations for the bound indices of one term."""

    def __init__(self, term: Term, pairing: Sequence[tuple[Entry, Entry]], tidy: Tidy) -> None:
        self._term = term
        self._tidy = tidy
        self._unknown = list(term.bound)
        self._values: dict[Index, Expr] = {}
        self._divides: list[Divides] = []
        sides = [
            (a, b)
            for own, given in pairing
            for a, b in zip(own.indices, given.indices, strict=True)
        ]
        sides += [c.args for c in term.conditions if isinstance(c, Same)]
        self._equations = [_Equation(a, b, self._gap(a, b)) for a, b in sides]

    def _gap(self, own: Expr, given: Expr) -> Expr:
        if isinstance(own, FloorDiv) and Divides(own.args[1], own.args[0]) in self._term.conditions:
            return expanded(own.args[0] - own.args[1] * given)
        return expanded(own - given)

    def solve(self) -> None:
        """Determine one index after the other, those with coefficient 1 first."""
        while self._unknown:
            best = min(self._candidates(), key=lambda c: c[:3], default=None)
            if best is None:
                raise NotInjective
            _, _, place, index, factor, value = best
            del self._equations[place]
            self._determine(index, factor, value)

    def _candidates(self) -> Iterator[tuple[bool, int, int, Index, Expr, Expr]]:
        """Indices that an equation determines, down to the first that depends on nothing open."""
        for place, equation in enumerate(self._equations):
            if not any(mentions(equation.gap, i) for i in self._unknown):
                continue
            for index, factor, value in solutions(equation.gap, self._unknown, self._tidy.domain):
                still_open = sum(mentions(value, i) for i in self._unknown)
                if factor == 1 or not still_open:
                    yield factor != 1, still_open, place, index, factor, value
                if factor == 1 and not still_open:
                    return

    def _determine(self, index: Index, factor: Expr, value: Expr) -> None:
        if factor != 1:
            self._divides.append(Divides(factor, value))
            value = FloorDiv(value, factor)
        step = {index: value}
        self._unknown.remove(index)
        for equation in self._equations:
            equation.own = substituted(equation.own, step)
            equation.given = substituted(equation.given, step)
            equation.gap = substituted(equation.gap, step)
        self._divides = [substituted(d, step) for d in self._divides]
        self._values = {i: substituted(v, step) for i, v in self._values.items()} | step

    def occurrence(self) -> Occurrence | None:
        """The values found, and the conditions that are left."""
        conditions: dict[Condition, None] = dict.fromkeys(self._divides)
        for equation in self._equations:
            own = self._tidy(equation.own)
            gap = self._tidy(own - equation.given)
            if gap.is_Integer and gap != 0:
                return None
            if gap != 0:
                conditions[Same(own, self._tidy(equation.given))] = None
        for condition in self._term.conditions:
            if not isinstance(condition, Same):
                conditions[self._tidy(substituted(condition, self._values))] = None
        return Occurrence(
            tuple(self._tidy(self._values[i]) for i in self._term.bound),
            tuple(conditions),
            self._tidy(substituted(self._term.coefficient, self._values)),
        )
