"""The sizes that a layer allows: in the order of counterexamples, at random, at the edges."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from heapq import nsmallest
from itertools import product
from math import prod
from random import Random

from sympy import Basic, Expr, Symbol

from derive.language.definition import Hyperparameter, Layer
from derive.language.terms import (
    ONE,
    AtMost,
    Condition,
    Divides,
    Parameter,
    RealParameter,
    Same,
    Size,
    symbols_of,
)
from verify.evaluation.compiled import Values
from verify.evaluation.sizes import holds, known

#: how many values of each symbolic hyperparameter are looked at, from its smallest on
HYPERPARAMETERS = 3
#: how many combinations of them at most, those nearest to the smallest
COMBINATIONS = 27
#: how many random sizes are looked at, allowed or not
_ATTEMPTS = 400


@dataclass(frozen=True)
class Sizes:
    """The sizes and integer hyperparameters that a layer allows; ``positive`` sizes are not 0.

    Other ``conditions`` may take the place of the layer's domain; ``held`` hyperparameters have the
    one value that is given.
    """

    layer: Layer
    positive: frozenset[Basic] = frozenset()
    conditions: tuple[Condition, ...] = ()
    held: Values = field(default_factory=dict)

    # --- policies --------------------------------------------------------------------------------

    def of_sum(self, total: int) -> Iterator[Values | None]:
        """All values with that sum of sizes, in lexicographic order; None in place of forbidden."""
        sizes = self.layer.sizes
        least = [int(s in self.positive or AtMost(ONE, s) in self._domain) for s in sizes]
        for numbers in compositions(total, least):
            values: Values = dict(zip(sizes, numbers, strict=True))
            for choice in small_hyperparameters(self.layer, self.held):
                yield self.completed({**values, **self.reals, **choice, **self.held})

    def random(self, seed: int) -> Iterator[Values | None]:
        """A few hundred values with sizes from 1 to 4, always the same ones for a seed."""
        source = Random(seed)
        choices = list(small_hyperparameters(self.layer))
        for _ in range(_ATTEMPTS):
            values: Values = {s: source.randint(1, 4) for s in self.layer.sizes}
            yield self.completed({**values, **self.reals, **source.choice(choices)})

    def edges(self, source: Random, room: int) -> Values | None:
        """One choice with zeros and ones among it, whose sizes have at most that product.

        Least values and multiples are repaired, so that few choices are wasted.
        """
        values: Values = dict(self.reals)
        for h in self.layer.hyperparameters:
            if isinstance(h.symbol, Parameter):
                values[h.symbol] = least_of(h) + source.choice([0, 1, 1, 2])
        free = [s for s in self.layer.sizes if s not in self.defined]
        for size in source.sample(free, len(free)):
            wanted = source.choice([0, 1, 2, 2, 3, 3, 4] if room > 1 else [1])
            values[size] = min(wanted, room)
            room //= max(1, values[size])
        for c in self._domain:
            if isinstance(c, AtMost) and isinstance(c.args[1], Size) and c.args[0].is_Integer:
                values[c.args[1]] = max(values.get(c.args[1], 0), int(c.args[0]))
            if isinstance(c, Divides) and isinstance(c.args[0], Parameter):
                divisor, multiple = max(1, values[c.args[0]]), c.args[1]
                if isinstance(multiple, Symbol) and multiple in values:
                    values[multiple] = -(-values[multiple] // divisor) * divisor
        return self.completed(values)

    # --- single points ---------------------------------------------------------------------------

    def completed_from(self, numbers: Mapping[Symbol, int]) -> Values | None:
        """``completed`` for a point that may leave hyperparameters open."""
        defaults: Values = {
            h.symbol: h.minimum or 0
            for h in self.layer.hyperparameters
            if isinstance(h.symbol, Parameter)
        }
        return self.completed({**self.reals, **defaults, **numbers})

    def completed(self, values: Values) -> Values | None:
        """The values with the sizes that others define; None where the conditions forbid them."""
        values = dict(values)
        try:
            for size, meaning in self.defined.items():
                if size not in values:
                    values[size] = known(meaning, values)
            allowed = all(holds(c, values) for c in self._domain)
            shapes = [known(a.size, values) for t in self.layer.tensors for a in t.axes]
        except (ArithmeticError, ValueError):
            return None
        return values if allowed and all(n >= 0 for n in shapes) else None

    @cached_property
    def reals(self) -> Values:
        """Real hyperparameters at their default, or at a value of no special meaning."""
        return {
            h.symbol: Fraction(3, 2) if h.default is None else h.default
            for h in self.layer.hyperparameters
            if isinstance(h.symbol, RealParameter)
        }

    @cached_property
    def halved(self) -> Sizes | None:
        """The same with real hyperparameters at half their default; None where there are none.

        So shares are shares still.
        """
        moved = {symbol: value / Fraction(2) for symbol, value in self.reals.items()}
        return replace(self, held={**self.held, **moved}) if moved else None

    @cached_property
    def _domain(self) -> tuple[Condition, ...]:
        return self.conditions or self.layer.domain

    @cached_property
    def defined(self) -> dict[Symbol, Expr]:
        """The sizes that a condition says to be something, each after those it is made of."""
        stated: dict[Symbol, Expr] = {
            c.args[0]: c.args[1]
            for c in self._domain
            if isinstance(c, Same) and isinstance(c.args[0], Size) and not c.args[1].has(c.args[0])
        }
        try:
            order = [
                *TopologicalSorter({s: symbols_of(e) for s, e in stated.items()}).static_order()
            ]
        except CycleError:
            order = []
        return {s: stated[s] for s in order if s in stated}


def least_of(h: Hyperparameter) -> int:
    """The smallest value that is looked at of an integer hyperparameter."""
    return -1 if h.minimum is None else h.minimum


def small_hyperparameters(
    layer: Layer, held: Container[Symbol] = ()
) -> Iterator[dict[Symbol, int]]:
    """The first few values of the integer hyperparameters not held, in lexicographic order."""
    given = [h for h in layer.hyperparameters if h.symbol not in held]
    integers = [h for h in given if isinstance(h.symbol, Parameter)]
    starts = [least_of(h) for h in integers]
    for offsets in _offsets(len(integers)):
        triples = zip(integers, starts, offsets, strict=True)
        yield {h.symbol: start + offset for h, start, offset in triples}


@cache
def _offsets(count: int) -> list[tuple[int, ...]]:
    """How far from its smallest value each hyperparameter is, in lexicographic order."""
    offered = product(range(HYPERPARAMETERS), repeat=count)
    return sorted(nsmallest(COMBINATIONS, offered, key=lambda offsets: (sum(offsets), offsets)))


def compositions(total: int, least: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All ways to write a number as an ordered sum of numbers that are at least the given ones, in
    lexicographic order."""
    if not least:
        if total == 0:
            yield ()
        return
    for first in range(least[0], total - sum(least[1:]) + 1):
        for rest in compositions(total - first, least[1:]):
            yield (first, *rest)


def volume(values: Values, layer: Layer) -> int:
    """How many entries the inputs have together."""
    return sum(prod(known(n, values) for n in layer.shape(t.name)) for t in layer.tensors)
