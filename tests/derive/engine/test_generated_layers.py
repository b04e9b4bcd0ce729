"""Derived gradients of generated layers against brute force, exactly, empty ranges included.

The oracle differentiates the written equations over dual numbers, one input entry at a time; it
shares no code with the engine.  ``HYPOTHESIS_PROFILE=thousands`` runs thousands of layers.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive.engine.record import Derivation
from derive.language.definition import Layer
from tests.brute_force import gradient_by_duals
from tests.strategies import Inputs, from_layer, from_layer_with_ties, layers
from verify.evaluation.arrays import Array
from verify.evaluation.exact import evaluate, evaluate_explicit

#: part of the layers, as each is expensive; all where one waits for thousands
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


class Truth:
    """The gradients of a layer at some inputs, by brute force."""

    def __init__(self, layer: Layer, inputs: Inputs) -> None:
        self.inputs, self.g = inputs, upstream(layer, inputs)
        self.gradients = {
            t.name: gradient_by_duals(layer, inputs.arrays, self.g, t.name, inputs.hyperparameters)
            for t in layer.tensors
            if not t.integer
        }


def gradients(layer: Layer) -> list[Derivation]:
    return [derive.gradient(layer, t.name) for t in layer.tensors if not t.integer]


def check(derivations: list[Derivation], truth: Truth) -> None:
    for d in derivations:
        arrays = truth.inputs.arrays | {name: truth.g[y] for y, name in d.upstream}
        found = evaluate(d.layer, arrays, truth.inputs.hyperparameters)
        assert found[d.adjoints[-1].name] == truth.gradients[d.wrt], d.layer.text


@settings(max_examples=settings.default.max_examples // SHARE)
@given(layers(), st.data())
def test_gradients_equal_brute_force(text: str, data: st.DataObject) -> None:
    layer = derive.parse(text)
    check(gradients(layer), Truth(layer, data.draw(from_layer(layer))))


@settings(max_examples=settings.default.max_examples // SHARE**3)
@given(layers(), st.data())
def test_gradients_at_ties_follow_the_stated_convention(text: str, data: st.DataObject) -> None:
    layer = derive.parse(text)
    check(gradients(layer), Truth(layer, data.draw(from_layer_with_ties(layer))))


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
    for derivation in gradients(layer):
        assert derive.parse(derivation.layer.text) == derivation.layer
