"""Saliency against central differences, maps against the forward pass, answers against loops."""

from __future__ import annotations

import numpy as np
import pytest

from numeric.inspection import feature_maps, judgement, probabilities, saliency
from numeric.inspection.judging import Judgement
from numeric.inspection.letters import WIDTH, side_by_side
from numeric.inspection.seeing import kernels
from numeric.networks import Network, read
from tests.numeric.wrapping.networks import batch, everything


@pytest.fixture(scope="module")
def made() -> Network:
    """A network with everything in it, in double precision."""
    found = everything()
    for name in found.buffers:
        found.buffers[name] = np.abs(found.buffers[name]) + 0.1
    return read(found.text, found.arrays, "arrays")


def test_saliency_is_the_gradient_of_the_logit(made: Network) -> None:
    """Along random directions; a step that crosses a kink would show as a large difference."""
    images, classes = batch(3)
    gradient = saliency(made, images, classes)
    rng, step = np.random.default_rng(2), 1e-6
    for _ in range(4):
        direction = rng.standard_normal(images.shape)
        ahead, back = (made.forward(images + s * step * direction) for s in (1, -1))
        rows = np.arange(len(images))
        slope = (ahead - back)[rows, classes] / (2 * step)
        np.testing.assert_allclose((gradient * direction).sum((1, 2, 3)), slope, rtol=1e-5)


def test_maps_are_what_flows(made: Network) -> None:
    images, _ = batch(1)
    found = list(feature_maps(made, images))
    assert [maps.name for maps in found] == ["conv1", "add1", "concat1"]
    assert found[0].values.shape == (4, 6, 5)
    x = images
    for link, maps in zip(made.evaluation.links, found, strict=False):
        x = link.forward(x, made.arrays)
        np.testing.assert_array_equal(maps.values, x[0])


def test_kernels_are_those_of_convolutions(made: Network) -> None:
    assert [(name, k.shape) for name, k in kernels(made)] == [
        ("conv1", (4, 2, 3, 3)),
        ("conv2", (4, 4, 3, 3)),
    ]


def test_probabilities_are_shares(made: Network) -> None:
    images, _ = batch(4)
    logits = made.forward(images)
    expected = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(probabilities(made, images), expected, rtol=1e-12)


ANSWERS = np.array([[0.7, 0.2, 0.1], [0.5, 0.4, 0.1], [0.1, 0.0, 0.9], [0.2, 0.6, 0.2]])


def test_a_judgement_counts() -> None:
    found = Judgement(ANSWERS, np.array([0, 1, 1, 1]))
    assert found.accuracy == 0.5 and found.standard_error == 0.25
    np.testing.assert_array_equal(found.confusion, [[1, 0, 0], [1, 1, 1], [0, 0, 0]])
    assert found.mistakes.tolist() == [2, 1]  # the most confident first


def test_without_images_there_is_no_judgement(made: Network) -> None:
    images, labels = batch(2)
    with pytest.raises(ValueError, match="there are no images"):
        judgement(made, images[:0], labels[:0])


@pytest.mark.parametrize("size", [1, 5, 8, 16, 17, 28, 32, 64, 224])
def test_pictures_in_letters_fit_a_terminal(size: int) -> None:
    images = [np.random.default_rng(n).random((size, size)) for n in range(6)]
    text = side_by_side(images, [f"picture {n}" for n in range(6)])
    assert max(map(len, text.splitlines())) <= WIDTH and "picture 0" in text
