"""The sizes and hyperparameters that a function is tried at, and how they are ordered."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any

from sympy import Symbol

from derive.language.definition import Hyperparameter, Layer
from derive.language.terms import Parameter, Size
from verify.evaluation.compiled import Values
from verify.evaluation.sizes import known
from verify.evaluation.small_sizes import Sizes
from verify.trying.drawing import drawn_sizes

#: no product of all sizes is larger
_LARGEST = 2500
#: how many draws are made for each case that is wanted, and how many of these in vain
_DRAWS, _IN_VAIN = 20, 3


@dataclass(frozen=True)
class Domain:
    """What one layer allows; ``free`` are the hyperparameters that may take any value."""

    layer: Layer
    free: frozenset[Symbol]

    @cached_property
    def order(self) -> Sizes:
        """All sizes, none of them 0, in the order in which counterexamples are compared."""
        given = (h for h in self.layer.hyperparameters if h.symbol not in self.free)
        held: Values = {h.symbol: _default(h) for h in given}
        return Sizes(self.layer, frozenset(self.layer.sizes), held=held)

    def drawn(self, count: int, seed: int) -> list[Values]:
        """Up to ``count`` different ordinary values at random, smallest first."""
        choose = random.Random(seed).choice
        found: dict[tuple[Any, ...], Values] = {}
        latest = 0
        for draw in range(_DRAWS * count):
            if len(found) == count or (found and draw - latest > _IN_VAIN * count):
                break
            values = drawn_sizes(choose, self.order)
            if values is None or (rank := self.rank(values)) in found:
                continue
            if self.ordinary(values) and self.work(values) <= _LARGEST:
                found[rank], latest = values, draw
        return [found[rank] for rank in sorted(found)]

    def up_to(self, limit: Values) -> Iterator[Values]:
        """All ordinary sizes and hyperparameters below these, in order."""
        last = self.rank(limit)
        for total in range(len(self.layer.sizes), last[0] + 1):
            for values in self.order.of_sum(total):
                if values is None:
                    continue
                if total == last[0] and self.rank(values) >= last:
                    return
                if self.ordinary(values):
                    yield values

    def smaller(self, values: Values) -> Iterator[Values]:
        """Ordinary values in which one size or free hyperparameter is smaller.

        Sizes that hyperparameters divide may only shrink by several at once.
        """
        for symbol in self.layer.sizes:
            for n in range(1, values[symbol]):
                yield from self._with(values, symbol, n)
        for h in self.layer.hyperparameters:
            if h.symbol in self.free and h.minimum is not None:
                for n in range(h.minimum, int(values[h.symbol])):
                    yield from self._with(values, h.symbol, n)

    def _with(self, values: Values, symbol: Symbol, n: int) -> Iterator[Values]:
        found = self._changed(values, symbol, n)
        if found is not None and self.ordinary(found):
            yield found

    def _changed(self, values: Values, symbol: Symbol, n: int) -> Values | None:
        """One value changed, and with it the sizes that are defined by it."""
        others = {s: v for s, v in values.items() if s not in self.order.defined}
        return self.order.completed({**others, symbol: n})

    def empty_batch(self, values: Values) -> Values | None:
        """The same without a single example; None where the layer has no batch axis.

        A batch axis is the first one of an output and of just one input.
        """
        batch = self._batch
        return None if batch is None else self._changed(values, batch, 0)

    def degenerate(self) -> Iterator[Values]:
        """Small cases in which an output is empty although no input is: kernel beyond image."""
        least = len(self.layer.sizes)
        for total in range(least, least + 3):
            for values in self.order.of_sum(total):
                if values is not None and self._inputs(values) and not self.ordinary(values):
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
            for size in self.layer.sizes:
                if len(owners) == 1 and owners[0].axes[0].size == first[0] == size:
                    return size
        return None

    def work(self, values: Values) -> int:
        """Roughly what evaluating the layer costs: the product of all sizes."""
        return prod(max(1, int(values[s])) for s in self.layer.sizes)


def _default(h: Hyperparameter) -> Any:
    """The default, else the smallest value or one of no special meaning."""
    if h.default is not None:
        return int(h.default) if isinstance(h.symbol, Parameter) else h.default
    if isinstance(h.symbol, Parameter):
        return 1 if h.minimum is None else h.minimum
    return Fraction(3, 2)
