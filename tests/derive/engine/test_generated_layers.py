"""Derived gradients of generated layers against brute force, exactly, empty ranges included.

The oracle differentiates the written equations over dual numbers, one input entry at a time; it
shares no code with the engine.  ``HYPOTHESIS_PROFILE=slow`` runs thousands of layers.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive.language.definition import Layer
from verify.evaluation.arrays import Array
from verify.evaluation.dual import gradient_by_duals
from verify.evaluation.exact import evaluate, evaluate_explicit
from verify.strategies import Inputs, from_layer, from_layer_with_ties, layers

#: the quick run takes part of the layers where each is expensive; the slow run takes all
SHARE = 2 if settings.default.max_examples < 1000 else 1


def upstream(layer: Layer, inputs: Inputs) -> dict[str, Array]:
    """Distinct small integers in the shape of each output."""
    outputs = evaluate(layer, inputs.arrays, inputs.hyperparameters)
    return {
        e.name: Array.build(
            outputs[e.name].shape, lambda *index: 1 + sum((k + 2) * i for k, i in enumerate(index))
        )
        for e in layer.outputs
    }


def check(layer: Layer, inputs: Inputs) -> None:
    g = upstream(layer, inputs)
    for tensor in layer.tensors:
        if tensor.integer:
            continue
        expected = gradient_by_duals(layer, inputs.arrays, g, tensor.name, inputs.hyperparameters)
        derivation = derive.gradient(layer, tensor.name)
        arrays = inputs.arrays | {name: g[y] for y, name in derivation.upstream}
        found = evaluate(derivation.layer, arrays, inputs.hyperparameters)
        assert found[derivation.adjoints[-1].name] == expected, derivation.layer.text


@given(layers(), st.data())
def test_gradients_equal_brute_force(text: str, data: st.DataObject) -> None:
    layer = derive.parse(text)
    check(layer, data.draw(from_layer(layer)))


@settings(max_examples=settings.default.max_examples // SHARE)
@given(layers(), st.data())
def test_gradients_at_ties_follow_the_stated_convention(text: str, data: st.DataObject) -> None:
    layer = derive.parse(text)
    check(layer, data.draw(from_layer_with_ties(layer)))


@given(layers(), st.data())
def test_guards_mean_what_was_written(text: str, data: st.DataObject) -> None:
    layer = derive.parse(text)
    inputs = data.draw(from_layer(layer))
    written = evaluate(layer, inputs.arrays, inputs.hyperparameters)
    assert evaluate_explicit(layer, inputs.arrays, inputs.hyperparameters) == written


@settings(max_examples=settings.default.max_examples // SHARE**2)
@given(layers())
def test_gradient_layers_are_layers_of_the_notation(text: str) -> None:
    layer = derive.parse(text)
    for tensor in layer.tensors:
        if not tensor.integer:
            gradient = derive.gradient(layer, tensor.name).layer
            assert derive.parse(gradient.text) == gradient
