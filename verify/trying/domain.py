"""The sizes and hyperparameters that a function is tried at, and how they are ordered."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

from sympy import Expr, Symbol

from derive.language.definition import Hyperparameter, Layer
from derive.language.terms import Divides, Parameter, RealParameter, Same, Size, symbols_of
from verify.evaluation.compiled import Values
from verify.evaluation.sizes import known
from verify.evaluation.small_sizes import HYPERPARAMETERS, Sizes, compositions

#: sizes that are drawn, each as often as it stands here
_SIZES = (1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7)
#: what is added to a hyperparameter's smallest value
_STEPS = (0, 0, 1, 1, 2)
#: no product of all sizes is larger
_LARGEST = 2500
#: how many draws are made for each case that is wanted
_DRAWS = 60


@dataclass(frozen=True)
class Domain:
    """What one layer allows; ``free`` are the hyperparameters that may take any value."""

    layer: Layer
    free: frozenset[Symbol]

    @cached_property
    def order(self) -> Sizes:
        """All sizes in the order in which counterexamples are compared."""
        return Sizes(self.layer)

    def drawn(self, count: int, seed: int) -> list[Values]:
        """Up to ``count`` different ordinary values at random, smallest first."""
        draw = random.Random(seed)
        found: dict[tuple[Any, ...], Values] = {}
        for _ in range(_DRAWS * count):
            if len(found) == count:
                break
            values = self._drawn(draw)
            if values is not None and self.ordinary(values) and self.work(values) <= _LARGEST:
                found.setdefault(self.rank(values), values)
        return [found[rank] for rank in sorted(found)]

    def up_to(self, limit: Values) -> Iterator[Values]:
        """All ordinary sizes and hyperparameters below these, in order."""
        last = self.rank(limit)
        for total in range(len(self.layer.sizes), last[0] + 1):
            for values in self._of_sum(total):
                if total == last[0] and self.rank(values) >= last:
                    return
                if self.ordinary(values):
                    yield values

    def _of_sum(self, total: int) -> Iterator[Values]:
        """All allowed values with that sum of sizes, none of them 0, in lexicographic order."""
        sizes = self.layer.sizes
        for numbers in compositions(total, [1] * len(sizes)):
            for choice in self._choices:
                found = self.order.completed({**dict(zip(sizes, numbers, strict=True)), **choice})
                if found is not None:
                    yield found

    @cached_property
    def _choices(self) -> list[Values]:
        """Small values of the free hyperparameters, in lexicographic order."""
        given = self.layer.hyperparameters
        ranges = [_first(h) if h.symbol in self.free else (_default(h),) for h in given]
        return [dict(zip((h.symbol for h in given), c, strict=True)) for c in product(*ranges)]

    def smaller(self, values: Values) -> Iterator[Values]:
        """Ordinary values in which one size or free hyperparameter is smaller.

        Sizes that hyperparameters divide may only shrink by several at once.
        """
        for symbol in self.layer.sizes:
            for n in range(1, values[symbol]):
                yield from self._completed({**values, symbol: n})
        for h in self.layer.hyperparameters:
            if h.symbol in self.free and h.minimum is not None:
                for n in range(h.minimum, int(values[h.symbol])):
                    yield from self._completed({**values, h.symbol: n})

    def _completed(self, values: Values) -> Iterator[Values]:
        found = self.order.completed(self._settled(values))
        if found is not None and self.ordinary(found):
            yield found

    def empty_batch(self, values: Values) -> Values | None:
        """The same without a single example; None where the layer has no batch axis.

        A batch axis is the first one of an output and of just one input.
        """
        batch = self._batch
        return None if batch is None else self.order.completed(self._settled({**values, batch: 0}))

    def degenerate(self) -> Iterator[Values]:
        """Small cases in which an output is empty although no input is: kernel beyond image."""
        least = len(self.layer.sizes)
        for total in range(least, least + 3):
            for values in self._of_sum(total):
                if self._inputs(values) and not self.ordinary(values):
                    yield values

    def rank(self, values: Values) -> tuple[Any, ...]:
        """How cases are compared: least sum of sizes, then lexicographic."""
        sizes = [values[s] for s in self.layer.sizes]
        return (sum(sizes), *sizes, *(values[h.symbol] for h in self.layer.hyperparameters))

    def ordinary(self, values: Values) -> bool:
        """Whether no input and no output is empty."""
        outputs = (n for e in self.layer.equations for n in self.layer.shape(e.name))
        return self._inputs(values) and all(known(n, values) > 0 for n in outputs)

    def _inputs(self, values: Values) -> bool:
        axes = (axis.size for t in self.layer.tensors for axis in t.axes)
        return all(known(n, values) > 0 for n in axes) and all(values[s] for s in self.layer.sizes)

    @cached_property
    def _batch(self) -> Size | None:
        for equation in self.layer.outputs:
            first = self.layer.shape(equation.name)[:1]
            owners = [
                t for t in self.layer.tensors if first and first[0] in [a.size for a in t.axes]
            ]
            if len(owners) == 1 and owners[0].axes[0].size == first[0] in self.layer.sizes:
                return first[0]
        return None

    def work(self, values: Values) -> int:
        """Roughly what evaluating the layer costs: the product of all sizes."""
        return prod(max(1, int(values[s])) for s in self.layer.sizes)

    def _drawn(self, draw: random.Random) -> Values | None:
        values: Values = {}
        for h in self.layer.hyperparameters:
            values[h.symbol] = _some(h, draw) if h.symbol in self.free else _default(h)
        for size in self.layer.sizes:
            values[size] = draw.choice(_SIZES)
        for divisor, size in self._multiples:
            values[size] = draw.choice((1, 1, 2, 3)) * known(divisor, values)
        return self.order.completed(self._settled(values))

    @cached_property
    def _multiples(self) -> list[tuple[Expr, Size]]:
        """Sizes that a hyperparameter has to divide."""
        conditions = (c for c in self.layer.requirements if isinstance(c, Divides))
        known = {h.symbol for h in self.layer.hyperparameters}
        return [
            (m, n)
            for m, n in (c.args for c in conditions)
            if n in self.layer.sizes and all(s in known for s in symbols_of(m))
        ]

    def _settled(self, values: Values) -> Values:
        """Sizes that a requirement determines are what it says."""
        for condition in self.layer.requirements:
            if isinstance(condition, Same) and condition.args[0] in self.layer.sizes:
                size, meaning = condition.args
                if all(s in values for s in symbols_of(meaning)):
                    values[size] = known(meaning, values)
        return values


def _default(h: Hyperparameter) -> Any:
    """The default, else the smallest value or one of no special meaning."""
    if h.default is not None:
        return int(h.default) if isinstance(h.symbol, Parameter) else h.default
    if isinstance(h.symbol, Parameter):
        return 1 if h.minimum is None else h.minimum
    return Fraction(3, 2)


def _first(h: Hyperparameter) -> tuple[Any, ...]:
    """The values that are looked at in order, smallest first."""
    if isinstance(h.symbol, RealParameter):
        return (_default(h),)
    low = -1 if h.minimum is None else h.minimum
    return tuple(range(low, low + HYPERPARAMETERS))


def _some(h: Hyperparameter, draw: random.Random) -> Any:
    if isinstance(h.symbol, RealParameter):
        return draw.choice([_default(h), Fraction(1, 2), Fraction(3, 2), Fraction(2)])
    low = -1 if h.minimum is None else h.minimum
    return low + draw.choice(_STEPS)
