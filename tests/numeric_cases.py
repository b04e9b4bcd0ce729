"""What the tests of generated code share: exact arrays, upstream gradients, one comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import numeric
from derive.definition import Layer
from numeric.generation import derivations
from verify.arrays import Array
from verify.exact import evaluate_explicit
from verify.nodes import EmptyMaximum
from verify.strategies import Inputs

TARGETS = ("loops", "arrays")


def exact_array(array: Array, integer: bool = False) -> np.ndarray:
    """An object array of fractions, which nothing rounds; for a table, of int64."""
    if integer:
        return np.array(array.entries, dtype=np.int64).reshape(array.shape)
    made = np.empty(len(array.entries), object)
    made[:] = [Fraction(e) for e in array.entries]
    return made.reshape(array.shape)


def integers(array: Array) -> np.ndarray:
    return np.array(array.entries, dtype=np.int64).reshape(array.shape)


def same(found: np.ndarray, expected: Array) -> bool:
    """Equal in shape and in every entry, with no tolerance."""
    return found.shape == expected.shape and found.ravel().tolist() == list(expected.entries)


def upstream(shape: Sequence[int]) -> Array:
    """Small integers that differ from entry to entry."""
    return Array.build(shape, lambda *i: 1 + sum((k + 2) * j for k, j in enumerate(i)))


def outputs(layer: Layer, inputs: Inputs) -> dict[str, Array]:
    """Every output from the equations, exactly."""
    made = evaluate_explicit(layer, inputs.arrays, inputs.hyperparameters)
    return {e.name: made[e.name] for e in layer.outputs}


def compare(layer: Layer, inputs: Inputs, make: Any = exact_array) -> None:
    """Every target gives what the equations give, forward and backward, exactly.

    Where they choose a maximum from nothing, every target refuses.
    """
    given = {t.name: _made(make, inputs.arrays[t.name], t.integer) for t in layer.tensors}
    try:
        expected = outputs(layer, inputs)
    except EmptyMaximum:
        for target in TARGETS:
            with pytest.raises(ValueError, match="the maximum over an empty range"):
                numeric.compile(layer, target=target).forward(**given, **inputs.hyperparameters)
        return
    weights = {name: upstream(array.shape) for name, array in expected.items()}
    g = {name: make(array) for name, array in weights.items()}
    for target in TARGETS:
        kernel = numeric.compile(layer, target=target)
        found = kernel.forward(**given, **inputs.hyperparameters)
        found = found if isinstance(found, dict) else {layer.outputs[0].name: found}
        for name in expected:
            assert same(found[name], expected[name]), (target, name, found[name], expected[name])
        for wrt, gradient in gradients(layer, inputs, weights).items():
            made = kernel.backward(g, wrt=wrt, **given, **inputs.hyperparameters)[wrt]
            assert same(made, gradient), (target, wrt, made, gradient)


def _made(make: Any, array: Array, table: bool) -> np.ndarray:
    return integers(array) if table else make(array)


def gradients(layer: Layer, inputs: Inputs, weights: Mapping[str, Array]) -> dict[str, Array]:
    """Every gradient that has a value, from the gradient layers' equations, exactly."""
    found = {}
    for derivation in derivations(layer):
        arrays = inputs.arrays | {g: weights[y] for y, g in derivation.upstream}
        try:
            made = evaluate_explicit(derivation.layer, arrays, inputs.hyperparameters)
        except ArithmeticError:  # a division by a size that is zero: the formula has no value
            continue
        found[derivation.wrt] = made[derivation.adjoints[-1].name]
    return found
