"""Generated code against exact evaluation of the equations: the design's layers and the catalog.

Both targets run on object arrays of fractions, so that nothing is rounded and nothing tolerated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derive
import numeric
from tests.numeric.cases import DESIGN, TARGETS, compare, sampled, upstream
from tests.suites import every
from verify.evaluation.arithmetic import FLOAT
from verify.evaluation.exact import evaluate

Shapes = dict[str, tuple[int, ...]]

CONV: Shapes = {"x": (1, 2, 5, 4), "k": (2, 2, 2, 3), "b": (2,)}
GROUPED: Shapes = {"x": (1, 4, 4, 3), "k": (2, 2, 2, 3), "b": (2,)}
DEPTHWISE: Shapes = {"x": (2, 3, 3, 2), "k": (6, 1, 3, 2), "b": (6,)}
TRANSPOSED: Shapes = {"x": (1, 2, 3, 2), "k": (2, 2, 2, 3), "b": (2,)}
POOLED: Shapes = {"x": (1, 2, 5, 4)}

#: name, options, shapes, hyperparameters
CASES: list[tuple[str, dict[str, Any], Shapes, dict[str, int]]] = [
    ("conv", {}, {"x": (5, 4), "k": (2, 3)}, {}),
    ("conv", {"bias": True}, {"x": (5, 4), "k": (2, 3), "b": ()}, {}),
    ("conv", {"dims": 1}, {"x": (5,), "k": (2,)}, {}),
    ("conv", {"dims": 3}, {"x": (3, 4, 2), "k": (2, 1, 2)}, {}),
    ("conv", {"channels": True}, CONV, {}),
    ("conv", {"channels": True, "bias": False}, {"x": (1, 2, 3, 3), "k": (2, 2, 2, 2)}, {}),
    ("conv", {"channels": True, "stride": (2, 3), "padding": 1}, CONV, {}),
    ("conv", {"channels": True, "dilation": (1, 2), "padding": (2, 1)}, CONV, {}),
    ("conv", {"channels": True, "padding": ((0, 2), (1, 0)), "stride": 2}, CONV, {}),
    ("conv", {"channels": True, "padding": "same", "dilation": 2}, CONV, {}),
    ("conv", {"channels": True, "padding": "valid", "stride": 4}, CONV, {}),
    ("conv", {"channels": True, "kernel_size": 3, "padding": 1},
     {"x": (1, 2, 4, 3), "k": (2, 2, 3, 3), "b": (2,)}, {}),
    ("conv", {"channels": True, "groups": 2}, GROUPED, {}),
    ("conv", {"channels": True, "groups": 3, "stride": 2, "padding": 1}, DEPTHWISE, {}),
    ("conv", {"channels": True, "groups": "G", "stride": "s", "padding": "p", "dilation": "d"},
     GROUPED, {"G": 2, "s": 2, "p": 1, "d": 2}),
    ("conv", {"channels": True, "groups": "G", "stride": "s", "padding": "p", "dilation": "d"},
     {"x": (1, 2, 3, 3), "k": (2, 1, 1, 1), "b": (2,)}, {"G": 2, "s": 5}),
    ("conv", {"channels": True, "dims": 1, "stride": "s"},
     {"x": (2, 2, 7), "k": (3, 2, 3), "b": (3,)}, {"s": 2}),
    ("conv", {"channels": True, "dims": 3, "padding": 1, "stride": 2},
     {"x": (1, 2, 3, 2, 3), "k": (2, 2, 2, 1, 2), "b": (2,)}, {}),
    ("conv_transpose", {"channels": True}, TRANSPOSED, {}),
    ("conv_transpose", {"channels": True, "stride": (2, 3), "padding": 1, "output_padding": 1},
     TRANSPOSED, {}),
    ("conv_transpose", {"channels": True, "stride": 2, "padding": ((0, 1), (1, 0))},
     TRANSPOSED, {}),
    ("conv_transpose", {"channels": True, "groups": 2, "dilation": 2},
     {"x": (1, 4, 2, 3), "k": (4, 2, 2, 2), "b": (4,)}, {}),
    ("conv_transpose", {"channels": True, "dims": 1, "stride": "s", "padding": "p",
                        "dilation": "d", "output_padding": "e", "groups": "G"},
     {"x": (2, 4, 3), "k": (4, 3, 2), "b": (6,)}, {"s": 3, "p": 1, "d": 2, "e": 1, "G": 2}),
    ("linear", {}, {"x": (3, 4), "w": (2, 4), "b": (2,)}, {}),
    ("matmul", {}, {"A": (3, 4), "B": (4, 2)}, {}),
    ("avgpool", {}, POOLED, {"K1": 2, "K2": 3}),
    ("avgpool", {"channels": False, "kernel_size": 2}, {"x": (5, 4)}, {}),
    ("avgpool", {"kernel_size": 3, "stride": 2, "padding": 1}, POOLED, {}),
    ("avgpool", {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, POOLED, {}),
    ("avgpool", {"kernel_size": 3, "padding": 1, "count_include_pad": False}, POOLED, {}),
    ("avgpool", {"kernel_size": (2, 3), "stride": 2, "padding": (1, 1), "ceil_mode": True,
                 "count_include_pad": False}, POOLED, {}),
    ("avgpool", {"dims": 1, "stride": "s", "padding": "p", "ceil_mode": True}, {"x": (2, 2, 7)},
     {"K": 3, "s": 2, "p": 1}),
    ("avgpool", {"dims": 3, "kernel_size": 2}, {"x": (1, 2, 4, 3, 2)}, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    "case",
    every(4, CASES),
    ids=[f"{name}-{number}" for number, (name, *_) in enumerate(CASES)],
)
def test_catalog(case: tuple[str, dict[str, Any], Shapes, dict[str, int]]) -> None:
    name, options, shapes, parameters = case
    layer = derive.layer(name, **options)
    compare(layer, sampled(layer, shapes, parameters))


@pytest.mark.parametrize("name", [n for n in DESIGN if n != "cross_entropy"])
def test_layers_of_the_design(name: str) -> None:
    text, shapes, parameters = DESIGN[name]
    layer = derive.parse(text)
    compare(layer, sampled(layer, shapes, parameters))


@pytest.mark.parametrize("target", TARGETS)
def test_cross_entropy_to_float_accuracy(target: str) -> None:
    """exp and log have no exact values: 64-bit floats against the same equations."""
    text, shapes, _ = DESIGN["cross_entropy"]
    layer = derive.parse(text)
    inputs = sampled(layer, shapes)
    given = {"x": np.array(inputs.arrays["x"].nested(), float), "t": inputs.arrays["t"].nested()}
    kernel = numeric.compile(layer, target=target)
    expected = evaluate(layer, inputs.arrays, arithmetic=FLOAT)["y"].entries[0]
    assert kernel.forward(**given) == pytest.approx(expected, rel=1e-13)
    (derivation,) = [derive.gradient(layer, "x")]
    weights = {"g": upstream(())}
    truth = evaluate(derivation.layer, inputs.arrays | weights, arithmetic=FLOAT)["dx"]
    found = kernel.backward(np.float64(weights["g"].entries[0]), **given)["x"]
    np.testing.assert_allclose(found.ravel(), [float(v) for v in truth.entries], rtol=1e-12)


def test_empty_batches_and_sums_over_nothing() -> None:
    layer = derive.layer("conv", channels=True, stride=2, padding=1)
    for shapes in (
        {"x": (0, 2, 4, 4), "k": (3, 2, 2, 2), "b": (3,)},
        {"x": (1, 0, 4, 4), "k": (3, 0, 2, 2), "b": (3,)},
        {"x": (1, 2, 4, 4), "k": (0, 2, 2, 2), "b": (0,)},
    ):
        compare(layer, sampled(layer, shapes))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", ["conv", "avgpool"])
def test_a_kernel_larger_than_the_image_is_refused(name: str, target: str) -> None:
    """The notation gives it an output without entries, which nobody means."""
    given: dict[str, Any] = {"x": np.ones((1, 2, 3, 3))}
    if name == "conv":
        layer = derive.layer("conv", channels=True)
        given |= {"k": np.ones((2, 2, 4, 2)), "b": np.ones(2)}
    else:
        layer = derive.layer("avgpool")
        given |= {"K1": 4, "K2": 2}
    kernel = numeric.compile(layer, target=target)
    words = r"requires H_out >= 1 \(the window must fit\), which fails for .*K1 = 4"
    with pytest.raises(ValueError, match=words):
        kernel.forward(**given)
    with pytest.raises(ValueError, match=words):
        kernel.backward(np.ones((1, 2, 0, 2)), **given)


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_along_an_axis_is_no_window_that_does_not_fit(target: str) -> None:
    """Said in numbers, since ``compare`` asks the same functions as the code generator."""
    kernel = numeric.compile(derive.layer("conv", channels=True, bias=False), target=target)
    k = np.ones((2, 3, 3, 3))
    assert kernel.forward(x=np.ones((1, 3, 0, 4)), k=k).shape == (1, 2, 0, 2)
    assert kernel.forward(x=np.ones((0, 3, 5, 4)), k=k).shape == (0, 2, 3, 2)


def test_an_empty_image_has_an_empty_output() -> None:
    compare(derive.parse("y[i] = x[i+1]"), sampled(derive.parse("y[i] = x[i+1]"), {"x": (0,)}))


def test_second_derivatives_are_generated_like_any_layer() -> None:
    layer = derive.gradient(derive.layer("conv", channels=True, stride=2, padding=1), "x").layer
    shapes = {"x": (1, 2, 3, 4), "k": (2, 2, 2, 2), "b": (2,), "g": (1, 2, 2, 3)}
    compare(layer, sampled(layer, shapes))
