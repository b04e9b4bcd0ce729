"""Where one term has the same product of entries as another: solving for its bound indices.

Coq's certificates look for a change of index by the same pairs and equations
(``verify.coq.matching``), where what these leave open may be guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
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

#: what two factors must share to be paired, sorted as their equations are to be looked at
Kind = tuple[bool, str]
Factor = tuple[Kind, Sequence[Expr]]
#: two expressions that must be equal
Sides = tuple[Expr, Expr]


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
    own, given = ([_factor(f) for f in each] for each in (term.factors, factors))
    found = (_occurrence(term, sides, tidy) for sides in pairings(own, given))
    return list(dict.fromkeys(o for o in found if o is not None))


def _factor(entry: Entry) -> Factor:
    return (False, entry.tensor), entry.indices


def pairings(own: Sequence[Factor], given: Sequence[Factor]) -> Iterator[list[Sides]]:
    """All ways to pair factors of the same kind, as equations between their indices."""
    kinds = sorted({kind for kind, _ in own})
    mine = [[indices for k, indices in own if k == kind] for kind in kinds]
    theirs = [[indices for k, indices in given if k == kind] for kind in kinds]
    for orders in product(*(permutations(group) for group in theirs)):
        yield [
            sides
            for group, order in zip(mine, orders, strict=True)
            for pair in zip(group, order, strict=True)
            for sides in zip(*pair, strict=True)
        ]


def _occurrence(term: Term, sides: Sequence[Sides], tidy: Tidy) -> Occurrence | None:
    """The occurrence for one way of pairing; None where numbers contradict it."""
    system = System(sides, term.bound, term.conditions, tidy)
    system.solve()
    conditions: dict[Condition, None] = dict.fromkeys(system.divides)
    for equation in system.equations:
        own = tidy(equation.own)
        gap = tidy(own - equation.given)
        if gap.is_Integer and gap != 0:
            return None
        if gap != 0:
            conditions[Same(own, tidy(equation.given))] = None
    for condition in term.conditions:
        if not isinstance(condition, Same):
            conditions[tidy(substituted(condition, system.values))] = None
    return Occurrence(
        tuple(tidy(system.values[i]) for i in term.bound),
        tuple(conditions),
        tidy(substituted(term.coefficient, system.values)),
    )


@dataclass
class _Equation:
    """``own = given``; ``gap`` is their difference, multiplied by an exact quotient's divisor."""

    own: Expr
    given: Expr
    gap: Expr


class System:
    """Linear equations, and those among a term's conditions, for the term's bound indices.

    Once solved, ``values`` are the indices, if ``divides`` and the ``equations`` left hold.
    """

    def __init__(
        self,
        sides: Sequence[Sides],
        bound: Sequence[Index],
        conditions: Collection[Condition],
        tidy: Tidy,
    ) -> None:
        self.tidy = tidy
        self.unknown = list(bound)
        self.values: dict[Index, Expr] = {}
        self.divides: list[Divides] = []
        everything = [*sides, *(c.args for c in conditions if isinstance(c, Same))]
        self.equations = [_Equation(a, b, _gap(a, b, conditions)) for a, b in everything]

    def solve(self) -> None:
        """Determine one index after the other, those with coefficient 1 first."""
        while self.unknown:
            best = min(self.candidates(), key=lambda c: c[:3], default=None)
            if best is None:
                self._determine(*self.guess())
                continue
            _, _, place, index, factor, value = best
            del self.equations[place]
            if factor != 1:
                self.divides.append(Divides(factor, value))
                value = FloorDiv(value, factor)
            self._determine(index, value)

    def guess(self) -> tuple[Index, Expr]:
        """An index that no equation determines, with its value: here there is none."""
        raise NotInjective

    def candidates(self) -> Iterator[tuple[bool, int, int, Index, Expr, Expr]]:
        """Indices that an equation determines, down to the first that depends on nothing open."""
        for place, equation in enumerate(self.equations):
            if not any(mentions(equation.gap, i) for i in self.unknown):
                continue
            for index, factor, value in solutions(equation.gap, self.unknown, self.tidy.domain):
                still_open = sum(mentions(value, i) for i in self.unknown)
                if factor == 1 or not still_open:
                    yield factor != 1, still_open, place, index, factor, value
                if factor == 1 and not still_open:
                    return

    def _determine(self, index: Index, value: Expr) -> None:
        step = {index: value}
        self.unknown.remove(index)
        for equation in self.equations:
            equation.own = substituted(equation.own, step)
            equation.given = substituted(equation.given, step)
            equation.gap = substituted(equation.gap, step)
        self.divides = [substituted(d, step) for d in self.divides]
        self.values = {i: substituted(v, step) for i, v in self.values.items()} | step


def _gap(own: Expr, given: Expr, conditions: Collection[Condition]) -> Expr:
    if isinstance(own, FloorDiv) and Divides(own.args[1], own.args[0]) in conditions:
        return expanded(own.args[0] - own.args[1] * given)
    return expanded(own - given)
