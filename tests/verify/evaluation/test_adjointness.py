"""The adjoint identity holds with zero tolerance, and fails for a formula that is a bit wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive.engine.record import Derivation
from tests.strategies import from_layer
from verify.evaluation.arrays import Array, inner
from verify.evaluation.dual import directional_derivative
from verify.evaluation.exact import evaluate, evaluate_explicit
from verify.evaluation.sizes import Number

SYMBOLIC = {"dims": 1, "stride": "s", "padding": "p", "dilation": "d"}
LAYERS = {
    "the lecture's": derive.layer("conv"),
    "grouped": derive.layer("conv", channels=True, groups="G", **SYMBOLIC),
    "transposed": derive.layer("conv_transpose", **SYMBOLIC),
    "linear": derive.layer("linear"),
    "matmul": derive.layer("matmul"),
    "average pooling": derive.layer("avgpool", dims=1, stride="s"),
    "read twice": derive.parse("y[i] = x[i]*x[i+1]"),
    "two outputs": derive.parse("t[i] = x[i]*x[i]\ny[i] = t[i]*x[i]\nz[i, j] = t[i]*w[j]"),
    "maximum": derive.parse("f(x[H]; s=1): y[r < H//2] = max[a < 2] x[2*r + a]"),
}


@dataclass(frozen=True)
class Adjointness:
    """Both sides of the identity."""

    forward: Any
    backward: Any

    @property
    def holds(self) -> bool:
        """Without any tolerance."""
        return bool(self.forward == self.backward)


def adjointness(
    derivation: Derivation,
    arrays: Mapping[str, Array],
    upstream: Mapping[str, Array],
    direction: Array,
    hyperparameters: Mapping[str, Number] = {},
    sizes: Mapping[str, int] = {},
) -> Adjointness:
    """⟨g, J·v⟩ beside ⟨∂L/∂x, v⟩ for integers or fractions.

    ``upstream`` has one array for each output, by the output's name; ``direction`` is v, of the
    shape of the tensor that is differentiated by.  Raises ``verify.evaluation.arithmetic.NotExact``
    for layers that leave the rational numbers.
    """
    moved = {derivation.wrt: direction}
    pushed = directional_derivative(derivation.source, arrays, moved, hyperparameters, sizes)
    weights = {g: upstream[y] for y, g in derivation.upstream}
    given = {**arrays, **weights}
    results = evaluate_explicit(derivation.layer, given, hyperparameters, sizes)
    gradient = results[derivation.adjoints[-1].name]
    forward = sum(inner(upstream[y], pushed[y]) for y in pushed)
    return Adjointness(forward, inner(gradient, direction))


def both_sides(derivation: Derivation, data: st.DataObject) -> Adjointness:
    layer = derivation.source
    inputs = data.draw(from_layer(layer))
    shapes = evaluate(layer, inputs.arrays, inputs.hyperparameters)

    source = Random(data.draw(st.integers(0, 999)))

    def drawn(shape: tuple[int, ...]) -> Array:
        return Array.build(shape, lambda *index: source.randint(-9, 9))

    upstream = {e.name: drawn(shapes[e.name].shape) for e in layer.outputs}
    direction = drawn(inputs.arrays[derivation.wrt].shape)
    return adjointness(derivation, inputs.arrays, upstream, direction, inputs.hyperparameters)


@pytest.mark.parametrize("name", LAYERS)
@settings(max_examples=settings.default.max_examples // 10)
@given(data=st.data())
def test_without_tolerance(name: str, data: st.DataObject) -> None:
    for tensor in LAYERS[name].tensors:
        sides = both_sides(derive.gradient(LAYERS[name], tensor.name), data)
        assert sides.holds, sides


def test_one_entry_too_many_is_seen() -> None:
    derivation = derive.gradient(derive.layer("conv", dims=1), "x")
    *others, last = derivation.layer.equations
    doubled = replace(last, written=2 * last.written, explicit=2 * last.explicit)
    wrong = replace(derivation, layer=replace(derivation.layer, equations=(*others, doubled)))
    given = {"x": Array.of([1, 2, 3]), "k": Array.of([4, 5])}
    upstream, direction = {"y": Array.of([6, 7])}, Array.of([1, 0, 0])
    assert adjointness(derivation, given, upstream, direction) == Adjointness(24, 24)
    assert adjointness(wrong, given, upstream, direction) == Adjointness(24, 48)
