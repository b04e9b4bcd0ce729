"""Presets: published numbers of parameters, and logits at the sizes that are trained on."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

from numeric.initialisations import initial
from numeric.networks import Network, nodes, read
from numeric.networks.network import parameter_shapes
from numeric.networks.stages import bound
from numeric.presets import PRESETS

#: by torchvision's documentation; AlexNet's by the paper's layers, in two groups, at 227 pixels
PUBLISHED = {
    "alexnet": 60_965_224,
    "vgg11": 132_863_336,
    "vgg13": 133_047_848,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
}
TRAINED = ("lenet", "alexnet-small", "vgg-small", "resnet-small")


def test_every_preset_is_in_one_of_the_tests() -> None:
    assert {*PRESETS.names()} == {*PUBLISHED, *TRAINED}


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_the_published_ones(name: str) -> None:
    preset = PRESETS.get(name)
    shapes = parameter_shapes(bound(nodes(preset.layers(1000)), preset.INPUT))
    assert sum(map(prod, shapes.values())) == PUBLISHED[name]


@pytest.mark.parametrize("name", TRAINED)
def test_small_presets_make_logits(name: str) -> None:
    """At all three sizes; nothing is random in evaluation, and the text makes the network again."""
    made = nodes(PRESETS.get(name).layers(7))
    for shape in ((1, 8, 8), (1, 28, 28), (3, 32, 32)):
        network = Network(
            made, shape, initial(made, shape, np.random.default_rng(0)), None, "fast", 1
        )
        images = np.random.default_rng(1).random((2, *shape), np.float32)
        logits = network.forward(images)
        assert logits.shape == (2, 7) and logits.dtype == np.float32 and np.isfinite(logits).all()
        again = read(network.text, network.arrays, "fast", 1)
        np.testing.assert_array_equal(again.forward(images), logits)
