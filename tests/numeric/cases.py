"""What the tests of generated code share: exact arrays, upstream gradients, one comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import numeric
from derive.language.definition import Layer
from numeric.generation import derivations, generated
from numeric.program.statements import Program
from tests.strategies import Inputs
from verify.evaluation.arrays import Array
from verify.evaluation.exact import evaluate_explicit
from verify.evaluation.nodes import EmptyMaximum
from verify.evaluation.samples import sample_inputs
from verify.evaluation.sizes import bindings
from verify.evaluation.windows import misfit

TARGETS = ("loops", "arrays", "fast")

#: the six layers of the design, with shapes, hyperparameters and sizes to run them at
DESIGN: dict[str, tuple[str, dict[str, tuple[int, ...]], dict[str, int]]] = {
    "conv": (
        """conv(x[N, C, H pad p1, W pad p2], k[O, C//G, K1, K2], b[O]; s1=1, s2=1, p1=0, p2=0,
             d1=1, d2=1, G=1):
    y[n, o, r, c] = b[o] + sum[i, a, b]
        x[n, o//(O//G)*(C//G) + i, s1*r + d1*a - p1, s2*c + d2*b - p2] * k[o, i, a, b]""",
        {"x": (2, 4, 5, 4), "k": (2, 2, 2, 3), "b": (2,)},
        {"s1": 2, "p1": 1, "p2": 2, "d1": 2, "G": 2},
    ),
    "conv_transpose": (
        """conv_transpose1(x[N, C, H pad all], k[C, O, K]; s=1, p=0, d=1, e=0):
    y[n, o, q < (H-1)*s - 2*p + d*(K-1) + e + 1] = sum[i, a] x[n, i, (q + p - d*a)/s] * k[i, o, a]
""",
        {"x": (2, 2, 4), "k": (2, 3, 2)},
        {"s": 3, "p": 1, "d": 2, "e": 1},
    ),
    "maxpool": (
        """maxpool1(x[N, C, H pad all by -inf]; K=2, s=2, p=0, d=1):
    y[n, c, r < (H + 2*p - d*(K-1) - 1 + s - 1)//s + 1] = max[a < K] x[n, c, s*r + d*a - p]""",
        {"x": (2, 2, 6)},
        {"K": 3, "s": 2, "p": 1},
    ),
    "adaptive_avgpool": (
        """adaptive_avgpool1(x[N, C, H]; E):
    y[n, c, r < E] = sum[r*H//E <= i < ((r+1)*H + E-1)//E] x[n, c, i]
                     / (((r+1)*H + E-1)//E - r*H//E)""",
        {"x": (2, 2, 5)},
        {"E": 3},
    ),
    "cross_entropy": (
        """cross_entropy(x[N, C], t[N] int < C):
    y = sum[n] (log(sum[c] exp(x[n, c])) - x[n, t[n]]) / N""",
        {"x": (3, 4), "t": (3,)},
        {},
    ),
    "flatten": (
        "flatten(x[N, C, H, W]): y[n, m < C*H*W] = x[n, m//(H*W), m//W%H, m%W]",
        {"x": (2, 2, 3, 2)},
        {},
    ),
}


def exact_array(array: Array, integer: bool = False) -> np.ndarray:
    """An object array of fractions, which nothing rounds; for a table, of int64."""
    if integer:
        return integers(array)
    made = np.empty(len(array.entries), object)
    made[:] = [Fraction(e) for e in array.entries]
    return made.reshape(array.shape)


def integers(array: Array) -> np.ndarray:
    return np.array(array.entries, dtype=np.int64).reshape(array.shape)


def sampled(
    layer: Layer, shapes: Mapping[str, tuple[int, ...]], parameters: Mapping[str, int] = {}
) -> Inputs:
    """Small integers in the given shapes; other hyperparameters have their defaults."""
    return Inputs(sample_inputs(layer, shapes, parameters, {}), dict(parameters))


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

    Where they choose a maximum from nothing, or a window does not fit, every target refuses.
    """
    given = {t.name: _made(make, inputs.arrays[t.name], t.integer) for t in layer.tensors}
    if misfit(layer, bindings(layer, inputs.arrays, inputs.hyperparameters)) is not None:
        for target in TARGETS:
            with pytest.raises(ValueError, match="the window must fit"):
                numeric.compile(layer, target=target).forward(**given, **inputs.hyperparameters)
        return
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


def programs(layer: Layer) -> dict[str, Program]:
    """The array programs of the layer and of its gradients, by the names of their outputs."""
    made = [f.program for f in generated(layer, "arrays").functions]
    return {p.outputs[0]: p for p in made if p is not None}
