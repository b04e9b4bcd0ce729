"""Random layers: what was written, what was made explicit, and what was derived agree exactly."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import derive
from derive.language.definition import Layer
from derive.language.notation import parse_layer
from tests.brute_force import gradient_by_duals
from tests.strategies import Inputs, from_layer, from_layer_with_ties, layers
from verify.evaluation.arrays import Array
from verify.evaluation.exact import evaluate, evaluate_explicit

pytestmark = pytest.mark.complete
few = settings(max_examples=25, suppress_health_check=list(HealthCheck))


def upstream(layer: Layer, inputs: Inputs) -> dict[str, Array]:
    """Small integers for every output."""
    outputs = evaluate(layer, inputs.arrays, inputs.hyperparameters)
    shapes = {e.name: outputs[e.name].shape for e in layer.outputs}
    counts = {name: len(outputs[name].entries) for name in shapes}
    return {
        name: Array(shape, tuple(3 * k % 7 - 2 for k in range(counts[name])))
        for name, shape in shapes.items()
    }


@few
@given(st.data())
def test_the_guards_say_what_was_written(data: st.DataObject) -> None:
    layer = parse_layer(data.draw(layers()))
    inputs = data.draw(from_layer(layer))
    written = evaluate(layer, inputs.arrays, inputs.hyperparameters)
    assert evaluate_explicit(layer, inputs.arrays, inputs.hyperparameters) == written


@few
@pytest.mark.parametrize("inputs_of", [from_layer, from_layer_with_ties])
@given(data=st.data())
def test_the_derived_gradient_is_the_gradient(inputs_of, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    layer = parse_layer(data.draw(layers()))
    inputs = data.draw(inputs_of(layer))
    weights = upstream(layer, inputs)
    for tensor in layer.tensors:
        if tensor.integer:
            continue
        derivation = derive.gradient(layer, tensor.name)
        given_ = inputs.arrays | {g: weights[y] for y, g in derivation.upstream}
        try:
            found = evaluate_explicit(derivation.layer, given_, inputs.hyperparameters)
        except ZeroDivisionError:  # a mean over nothing: the formula divides by a size that is 0
            continue
        expected = gradient_by_duals(
            layer, inputs.arrays, weights, tensor.name, inputs.hyperparameters
        )
        assert found[derivation.adjoints[-1].name] == expected
