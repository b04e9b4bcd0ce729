"""The typical mistakes of ``verify.mistakes``: a claim says what another layer's gradient is.

Both are compared at many sizes and numbers, as a claim and the truth are; neither is taken apart,
so that functions are no obstacle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from verify.claims.differences import Difference, difference_at
from verify.claims.evaluation import Arrays, Evaluator, Place
from verify.claims.search import search
from verify.claims.subject import Subject
from verify.evaluation.arithmetic import EXACT, Arithmetic, NotExact
from verify.evaluation.arrays import indices_of
from verify.evaluation.compiled import Values
from verify.evaluation.polynomials import Polynomial
from verify.mistakes import ties
from verify.mistakes.families import mistakes
from verify.mistakes.mistake import Mistake, entry

#: how much is tried before a mistake is given as the reason
_EFFORT = 1_500


def mistaken(subject: Subject, difference: Difference) -> str:
    """The mistake that leads to a claim, in words; empty where none does."""
    if subject.claim.kind != "gradient":
        return ""
    for mistake in mistakes(subject.layer, subject.claim.by.tensor):
        evaluator = _Mistaken(subject, mistake)
        if difference_at(evaluator, difference.values, difference.at).difference is not None:
            continue
        tried = search(evaluator, _EFFORT)
        if tried.difference is None and tried.entries:
            return mistake.words
    return ""


def at_ties(evaluator: Evaluator, difference: Difference) -> str:
    """What a claim makes of g at a point that decides nothing, if maxima only pass g on."""
    subject, values = evaluator.subject, difference.values
    names = {*subject.upstream.values()}
    arrays = {n: a.map(lambda _: 1) if n in names else a for n, a in difference.tensors.items()}
    places = list(indices_of(evaluator.shape(values)))
    try:
        tensors = evaluator.results(values, arrays, EXACT)
        found = [evaluator.claimed(at, values, tensors, EXACT) for at in places]
        right = [n for _, n in evaluator.true_numbers(places, values, arrays, EXACT)]
    except (ArithmeticError, ValueError):
        return ""
    return ties.at_ties(found, right, sum(len(arrays[n].entries) for n in names))


@dataclass(frozen=True)
class _Mistaken(Evaluator):
    """Evaluates a claim, and what takes the truth's place for somebody who makes a mistake."""

    mistake: Mistake

    def true_polynomials(
        self, places: Iterable[Place], tensors: Arrays
    ) -> Iterator[tuple[Place, Polynomial]]:
        raise NotExact("a mistake is tried in numbers")

    def true_numbers(
        self, places: Iterable[Place], values: Values, arrays: Arrays, arithmetic: Arithmetic
    ) -> Iterator[tuple[Place, Any]]:
        by, upstream = self.subject.claim.by.tensor, self.subject.upstream
        for at in places:
            yield at, entry(self.mistake, by, at, arrays, upstream, values, arithmetic)
