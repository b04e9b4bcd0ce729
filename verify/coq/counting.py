"""Indices that nothing in a term mentions: they only count, and become a factor."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr

from derive.language.integers import expanded, mentions
from derive.language.terms import Range
from verify.coq.terms import ProofTerm
from verify.coq.trees import Whole
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
