"""The smallest sizes and index at which a claim and the truth differ, by trying them in order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from math import prod

from verify.claims.differences import Compared, Difference, difference_at, weightier
from verify.claims.evaluation import Evaluator
from verify.evaluation.compiled import Values
from verify.evaluation.small_sizes import Sizes, volume

#: where the random sizes start
SEED = 0


@dataclass(frozen=True)
class Searched:
    """What trying sizes in order has shown: a difference, or how much agreed.

    ``aside`` is a difference at a point that decides nothing.
    ``sizes`` and ``entries`` count what was compared; ``largest`` is the largest sum of sizes of
    which all were tried; ``exact`` says whether all numbers were rational or all sides polynomials.
    """

    difference: Difference | None
    sizes: int
    entries: int
    largest: int
    exact: bool
    aside: Difference | None = None


def search(evaluator: Evaluator, effort: int) -> Searched:
    """Try sizes in order until the effort is used up, then as much again at random sizes.

    Where there are real hyperparameters, the sizes in order are tried once more with others.  The
    effort counts products of entries roughly.
    """
    order = Sizes(evaluator.subject.layer, frozenset(n for _, _, n in evaluator.subject.free))
    in_order = _Tried(evaluator, effort)
    largest = in_order.all_of(order)
    if in_order.difference is None and order.halved is not None:
        in_order = _Tried(evaluator, effort, in_order)
        in_order.all_of(order.halved)
    if in_order.difference is not None:
        return in_order.result(largest)
    at_random = _Tried(evaluator, effort, in_order)
    all(at_random.agrees(values) for values in order.random(SEED))
    return at_random.result(largest)


class _Tried:
    """Counts what was compared, and stops at a difference or when the effort is used up."""

    def __init__(self, evaluator: Evaluator, effort: int, before: _Tried | None = None) -> None:
        self._evaluator = evaluator
        self._effort = effort
        self._sizes: int = before._sizes if before else 0
        self._entries: int = before._entries if before else 0
        self._exact: bool = before._exact if before else True
        self._found: Difference | None = before._found if before else None

    def all_of(self, order: Sizes) -> int:
        """Compare at sizes in order; the largest sum of sizes of which all agree."""
        for total in count():
            if not all(self.agrees(values) for values in order.of_sum(total)):
                return total - 1
            if not order.layer.sizes:
                return total
        raise AssertionError("the effort is finite")

    def agrees(self, values: Values | None) -> bool:
        """Compare at one more choice of sizes, None for a forbidden one; false ends the search."""
        self._effort -= 1 if values is None else 1 + _work(self._evaluator, values)
        if self._effort < 0:
            return False
        if values is not None and all(self._evaluator.shape(values)):
            self._note(difference_at(self._evaluator, values))
        return self.difference is None

    @property
    def difference(self) -> Difference | None:
        """A difference after which no other need be looked for."""
        return self._found if self._found is not None and self._found.weight == 2 else None

    def _note(self, compared: Compared) -> None:
        self._exact &= compared.exact
        self._sizes += bool(compared.entries)
        self._entries += compared.entries
        self._found = weightier(self._found, compared.difference)

    def result(self, largest: int) -> Searched:
        """What has been shown so far."""
        found = self._found
        refutes = found is not None and found.weight > 0
        sides = (found, None) if refutes else (None, found)
        return Searched(sides[0], self._sizes, self._entries, largest, self._exact, sides[1])


def _work(evaluator: Evaluator, values: Values) -> int:
    outputs = sum(prod(s) for s in evaluator.shapes(values).values())
    return volume(values, evaluator.subject.layer) * (1 + outputs)
