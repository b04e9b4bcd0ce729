"""Random inputs for any layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from sympy import Integer

from derive.language.definition import Hyperparameter, Layer, Tensor
from derive.language.terms import AtMost, Condition, Parameter, Same, Size
from verify.evaluation.arrays import Array
from verify.evaluation.sizes import Values, bindings, known


@dataclass(frozen=True)
class Inputs:
    """What ``verify.evaluation.exact.evaluate`` needs beside the layer."""

    arrays: dict[str, Array]
    hyperparameters: dict[str, int | Fraction]


def from_layer(layer: Layer) -> SearchStrategy[Inputs]:
    """Small sizes, zero included; distinct entries without zero, so that ties are rare."""
    entries = st.integers(-40, 40).filter(bool)
    return _inputs(layer, lambda n: st.lists(entries, min_size=n, max_size=n, unique=True))


def from_layer_with_ties(layer: Layer) -> SearchStrategy[Inputs]:
    """Inputs full of zeros and equal values: maxima are tied, comparisons at their kinks."""
    return _inputs(layer, lambda n: st.lists(st.integers(-1, 1), min_size=n, max_size=n))


@st.composite
def _inputs(
    draw: DrawFn, layer: Layer, entries: Callable[[int], SearchStrategy[list[int]]]
) -> Inputs:
    hyperparameters = {h.name: draw(_parameter(h)) for h in layer.hyperparameters}
    values = draw(_sizes(layer, {h.symbol: hyperparameters[h.name] for h in layer.hyperparameters}))
    arrays = {}
    for tensor in layer.tensors:
        shape = tuple(known(axis.size, values) for axis in tensor.axes)
        assume(all(n >= 0 for n in shape))
        count = prod(shape)
        numbers = _table(tensor, count, values) if tensor.integer else entries(count)
        arrays[tensor.name] = Array(shape, tuple(draw(numbers)))
    try:
        bindings(layer, arrays, hyperparameters)
    except ValueError:
        assume(False)
    return Inputs(arrays, hyperparameters)


@st.composite
def _sizes(draw: DrawFn, layer: Layer, values: Values) -> Values:
    """Small sizes; those that a requirement fixes are what it says."""
    least = {c.args[1]: int(c.args[0]) for c in layer.requirements if _is_minimum(c)}
    for size in layer.sizes:
        values[size] = draw(st.integers(least.get(size, 0), max(3, least.get(size, 0))))
    for condition in layer.requirements:
        if isinstance(condition, Same) and isinstance(condition.args[0], Size):
            values[condition.args[0]] = known(condition.args[1], values)
    return values


def _is_minimum(condition: Condition) -> bool:
    """Whether it says 1 ≤ K, or the like."""
    if not isinstance(condition, AtMost):
        return False
    return isinstance(condition.args[0], Integer) and isinstance(condition.args[1], Size)


def _table(tensor: Tensor, count: int, values: Values) -> SearchStrategy[list[int]]:
    bound = 5 if tensor.below is None else known(tensor.below, values)
    assume(bound > 0 or count == 0)
    return st.lists(st.integers(0, max(0, bound - 1)), min_size=count, max_size=count)


def _parameter(hyperparameter: Hyperparameter) -> SearchStrategy[int | Fraction]:
    low = -1 if hyperparameter.minimum is None else hyperparameter.minimum
    if isinstance(hyperparameter.symbol, Parameter):
        return st.integers(low, low + 2)
    return st.fractions(max(low, 0), low + 2, max_denominator=4).filter(bool)
