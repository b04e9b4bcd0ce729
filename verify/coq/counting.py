"""Indices that nothing in a term mentions: they only count, and become a factor.

A whole number among a term's factors may then stand beside its inverse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from sympy import Expr, Mul

from derive.language.integers import expanded, mentions
from derive.language.terms import Range
from verify.coq.terms import ProofTerm
from verify.coq.trees import FactorTree, Inverse, Whole
from verify.coq.trials import Trials


@dataclass(frozen=True)
class Drop:
    """``term`` is ``count`` copies of ``rest``; ``counted`` has the count among its factors."""

    term: ProofTerm
    index: Range
    count: Expr
    rest: ProofTerm

    @property
    def counted(self) -> ProofTerm:
        if self.count.is_Integer:
            return replace(self.rest, coefficient=self.rest.coefficient * int(self.count))
        return replace(self.rest, factors=(Whole(self.count), *self.rest.factors))


def drops(term: ProofTerm, trials: Trials) -> list[Drop]:
    """Every index that can be dropped, the innermost first."""
    found: list[Drop] = []
    while True:
        drop = _drop(term, trials)
        if drop is None:
            return found
        found.append(drop)
        term = drop.counted


def _drop(term: ProofTerm, trials: Trials) -> Drop | None:
    for place in reversed(range(len(term.bounds))):
        index, lo, hi = term.bounds[place]
        others = (*term.bounds[:place], *term.bounds[place + 1 :])
        rest = replace(term, bounds=others)
        count = expanded(hi - lo)
        if any(mentions(e, index) for e in rest.expressions):
            continue
        if all(trials.number(count, point) >= 0 for point in trials.points(rest)):
            return Drop(term, term.bounds[place], count, rest)
    return None


@dataclass(frozen=True)
class Cancellation:
    """``rest`` is the term without numbers n that stand beside 1/n."""

    numbers: tuple[Expr, ...]
    rest: ProofTerm


def cancelled(term: ProofTerm) -> Cancellation | None:
    """The term with every n·(1/n) taken out; None where there is none."""
    numbers: list[Expr] = []
    while (found := next(_pairs(term), None)) is not None:
        inverse, whole = found
        factors = list(term.factors)
        for factor in (inverse, *whole):
            factors.remove(factor)
        term = replace(term, factors=tuple(factors))
        numbers.append(inverse.value)
    return Cancellation(tuple(dict.fromkeys(numbers)), term) if numbers else None


def _pairs(term: ProofTerm) -> Iterator[tuple[Inverse, tuple[FactorTree, ...]]]:
    whole = [f for f in term.factors if isinstance(f, Whole)]
    for inverse in (f for f in term.factors if isinstance(f, Inverse)):
        for size in range(1, len(whole) + 1):
            for chosen in combinations(whole, size):
                product = expanded(Mul(*(f.value for f in chosen)))
                if product == expanded(inverse.value):
                    yield inverse, chosen
