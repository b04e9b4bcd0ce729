"""Small sizes and values to try a derivation on: a few at random, or all of them in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from random import Random
from typing import Any

from sympy import Function, NumberSymbol, Pow

from derive.language.definition import Layer, Tensor
from derive.language.terms import RealParameter, subterms
from verify.checker.values import integral
from verify.evaluation.arithmetic import EXACT, FLOAT, Arithmetic
from verify.evaluation.arrays import Array
from verify.evaluation.compiled import Values
from verify.evaluation.exact import EXPLICIT, run
from verify.evaluation.sizes import bindings, known
from verify.evaluation.small_sizes import Sizes

#: how large the product of all sizes may be, so that trying stays cheap
_ROOM = 24
#: how many entries a result may have
_MANY = 48
#: the largest size that is tried in order
_LARGEST = 4
#: how often values are drawn for all of these together, and for each of them at the least
_DRAWS, _LEAST_DRAWS = 200, 4
#: how many draws are made for one trial that meets the requirements
_PATIENCE = 40


@dataclass(frozen=True)
class Sampled:
    """Values of all sizes and hyperparameters, and of all tensors up to the upstream gradients."""

    values: Values
    arrays: Mapping[str, Array]
    arithmetic: Arithmetic

    @property
    def empty(self) -> bool:
        """Whether some tensor has no entries."""
        return any(not a.entries for a in self.arrays.values())


def drawn(
    layer: Layer, upstream: Mapping[str, str], random: Random, wanted: Callable[[Sampled], bool]
) -> Sampled | None:
    """A trial with random small sizes, a wanted one if it is found soon."""
    found = None
    for _ in range(_PATIENCE):
        values = Sizes(layer).edges(random, _ROOM)
        trial = _trial(layer, upstream, values, _Entries(random, _WIDE))
        found = trial or found
        if trial is not None and wanted(trial):
            return trial
    return found


def in_order(layer: Layer, upstream: Mapping[str, str], random: Random) -> Iterator[Sampled]:
    """Trials for all sizes by their sum, then lexicographically; small hyperparameters for each."""
    sizes = Sizes(layer)
    draws = max(_LEAST_DRAWS, _DRAWS // (_LARGEST + 1) ** len(layer.sizes))
    for total in range(_LARGEST * len(layer.sizes) + 1):
        for values in sizes.of_sum(total):
            for _ in range(draws if values is not None else 0):
                trial = _trial(layer, upstream, values, _Entries(random, _NARROW))
                if trial is not None:
                    yield trial


@dataclass(frozen=True)
class _Entries:
    """Where the entries of tensors come from: whole numbers, or positive ones among fractions."""

    random: Random
    integers: Sequence[int]

    def array(self, shape: Sequence[int], arithmetic: Arithmetic) -> Array:
        """A tensor of that shape."""
        choices: Any = self.integers if arithmetic is EXACT else _POSITIVE
        return Array(tuple(shape), tuple(self.random.choice(choices) for _ in range(prod(shape))))


#: entries that are rarely alike, and few that often are; positive ones for roots and logarithms
_WIDE = (-4, -3, -2, -1, 0, 1, 2, 3, 4, 5)
_NARROW = (-1, 0, 1, 2)
_POSITIVE = tuple(n / 8 for n in range(4, 20))


def _trial(
    layer: Layer, upstream: Mapping[str, str], values: Values | None, entries: _Entries
) -> Sampled | None:
    """The trial with these sizes; None where the layer is not defined or too large for them."""
    if values is None:
        return None
    arithmetic = EXACT if _rational(layer) else FLOAT
    try:
        arrays = {t.name: _input(t, values, entries, arithmetic) for t in layer.tensors}
        given = {h.name: values[h.symbol] for h in layer.hyperparameters}
        sizes = {s.name: values[s] for s in layer.sizes}
        values = bindings(layer, arrays, given, sizes)
        if any(prod(known(n, values) for n in e.extents) > _MANY for e in layer.equations):
            return None
        arrays |= run(layer, arrays, values, EXPLICIT, arithmetic)
    except (ValueError, ArithmeticError):
        return None
    for output, gradient in upstream.items():
        arrays[gradient] = entries.array(arrays[output].shape, arithmetic)
    return Sampled(values, arrays, arithmetic)


@lru_cache(maxsize=256)
def _rational(layer: Layer) -> bool:
    """Whether the layer computes rational numbers from rational numbers."""
    for node in (n for e in layer.equations for n in subterms(e.explicit)):
        if isinstance(node, Function | NumberSymbol):
            return False
        if isinstance(node, Pow) and not integral(node.exp, layer):
            return False
    return not any(isinstance(h.symbol, RealParameter) for h in layer.hyperparameters)


def _input(tensor: Tensor, values: Values, entries: _Entries, arithmetic: Arithmetic) -> Array:
    shape = tuple(known(axis.size, values) for axis in tensor.axes)
    if not tensor.integer:
        return entries.array(shape, arithmetic)
    below = 4 if tensor.below is None else known(tensor.below, values)
    if below < 1 and prod(shape):
        raise ValueError(f"{tensor.name} has no entries to choose from")
    return Array(shape, tuple(entries.random.randrange(below) for _ in range(prod(shape))))
