"""Receptive fields against the support of actual gradients, and against published sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from numeric.networks import INPUT, Network, branches, nodes
from numeric.networks.description import text
from numeric.networks.network import first_buffers, parameter_shapes
from numeric.networks.stages import bound
from numeric.presets import PRESETS
from numeric.summary.command import found_summary
from numeric.summary.fields import fields, middle
from tests.suites import quick

BRANCHED = [
    "conv(kernel_size=3) O=2",
    branches("concat", ["conv(kernel_size=(1, 5), padding=(0, 2)) O=2"], [], ["relu"]),
    "conv(kernel_size=3, dilation=2, stride=(2, 1)) O=3",
    "avgpool(kernel_size=2, stride=1)",
]

#: quotients that must come out, and windows whose lengths differ
SPREAD = [
    "conv_transpose(kernel_size=4, stride=3, padding=1) O=2",
    "conv_transpose(kernel_size=2, stride=3) O=2",
    "adaptive_avgpool(output_size=7)",
    "adaptive_avgpool(output_size=3)",
]


def without_maxima(layers: Any) -> list[Any]:
    """Averages in place of maxima, whose gradients reach one place each."""
    return [text(nodes(layers)).replace("maxpool(", "avgpool(")]


def supports(layers: Any, shape: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
    """After each top layer: its name, and where its middle unit's gradient by the input is.

    All weights are positive, so that no two ways from an input entry cancel.
    """
    made = nodes(layers)
    rng = np.random.default_rng(0)
    for count in range(1, len(made) + 1):
        parts = bound(made[:count], shape)
        weights = {n: rng.uniform(0.5, 1, s) for n, s in parameter_shapes(parts).items()}
        buffers = first_buffers(parts, np.float64)
        network = Network(made[:count], shape, weights, buffers, "arrays").frozen()
        flow = network.flow(rng.uniform(0.5, 1, (1, *shape)))
        g = np.zeros_like(flow.output)
        g[tuple(low for low, _ in middle(g.shape))] = 1
        gradient = network.backward(g, flow, [INPUT])[INPUT]
        if not gradient.any():
            yield network.stages[-1].name, None
            continue
        rows = [np.flatnonzero(gradient.any(tuple({0, 1, 2, 3} - {axis}))) for axis in (2, 3)]
        yield network.stages[-1].name, tuple((int(r[0]), int(r[-1])) for r in rows)


CASES = {
    "branched": (BRANCHED, (1, 17, 12)),
    "spread": (SPREAD, (1, 5, 4)),
    "lenet": (PRESETS.get("lenet").layers(10), (1, 28, 28)),
    "resnet-small": (PRESETS.get("resnet-small").layers(10), (1, 40, 32)),
    "alexnet-small": (PRESETS.get("alexnet-small").layers(10), (3, 32, 32)),
    "vgg-small": (PRESETS.get("vgg-small").layers(10), (3, 32, 48)),
}


@pytest.mark.parametrize("case", quick(CASES, ["branched"]))
def test_fields_are_the_supports_of_gradients(case: str) -> None:
    layers, shape = CASES[case]
    plain = without_maxima(layers)
    found = fields(bound(nodes(plain), shape))
    for name, support in supports(plain, shape):
        field = found[name]
        assert (field and field.seen) == support, name


def test_fields_of_known_networks() -> None:
    """Sizes and strides that are published for VGG-16's and AlexNet's last pooling."""
    known = (("vgg16", "maxpool5", 212, 32), ("alexnet", "maxpool3", 195, 32))
    for word, last, size, stride in known:
        field = next(row.field for row in found_summary(word).rows if row.name == last)
        assert field is not None
        assert field.size == (size, size)
        assert field.stride == (stride, stride)


def test_what_reads_nothing_sees_nothing() -> None:
    made = nodes(["ones:\n    ones(x[N, C, H]): y[n, c, h] = [h < 0]*x[n, c, h] + 1"])
    assert fields(bound(made, (2, 5)))["ones1"] is not None  # a condition is not looked at
    made = nodes(["ones:\n    ones(x[N, C, H]): y[n < N, c < C, h < H] = 1"])
    assert fields(bound(made, (2, 5))) == {"ones1": None}
