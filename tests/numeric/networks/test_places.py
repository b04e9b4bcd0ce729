"""Networks that another library computes, on the host or on a device: PyTorch, if it is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from numeric.data import DataSet
from numeric.initialisations import initial
from numeric.networks import Classifier, Network, nodes, residual
from numeric.networks.places import place
from tests.numeric.training.cases import training

LAYERS = [
    "conv(kernel_size=3, padding=1) O=4",
    residual("batchnorm", "relu", "conv(kernel_size=3, padding=1) O=4", "dropout(p=0.25)"),
    "maxpool(kernel_size=2)",
    "flatten",
    "linear O=5",
]


def network(target: str) -> Network:
    made, shape = nodes(LAYERS), (2, 6, 6)
    weights = initial(made, shape, np.random.default_rng(0), dtype=np.float64)
    return Network(made, shape, weights, None, target, 1)


def test_pytorch_computes_what_numpy_does() -> None:
    """Loss, gradients, running statistics, and the output in evaluation."""
    pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    batch = DataSet(rng.standard_normal((3, 2, 6, 6)), np.array([0, 4, 2]), tuple("abcde"))
    ours, theirs = network("arrays"), network("torch")
    drawn = ours.draw(np.random.default_rng(2), 3)
    found = [Classifier(n).judged(batch, [*n.parameters, "x"], drawn) for n in (ours, theirs)]
    assert found[0].loss == pytest.approx(found[1].loss, rel=1e-12)
    for name, gradient in found[0].gradients.items():
        assert isinstance(found[1].gradients[name], np.ndarray)
        np.testing.assert_allclose(found[1].gradients[name], gradient, rtol=1e-10, atol=1e-13)
    for made, judged in zip((ours, theirs), found, strict=True):
        made.follow(judged.flow)
    for name, buffer in ours.buffers.items():
        np.testing.assert_allclose(theirs.buffers[name], buffer, rtol=1e-12)
    logits = [n.forward(batch.images) for n in (ours, theirs)]
    np.testing.assert_allclose(logits[1], logits[0], rtol=1e-10, atol=1e-13)


def test_pytorch_trains(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from numeric.training.computing import computed
    from numeric.training.loop import epochs

    made = training(tmp_path, epochs=1)
    weights, text = made.network.parameters, made.network.nodes
    made.network = Network(text, made.network.shape, weights, target="torch", threads=1)
    (epoch,) = epochs(made)
    assert np.isfinite(epoch.loss)
    assert {row["target"] for row in computed(made.network, 8)} == {"torch"}


def test_devices_that_there_are_not() -> None:
    with pytest.raises(ValueError, match="--device cuda goes with --target torch"):
        place("fast", "cuda")
    with pytest.raises(ValueError, match="there is no target 'troch'"):
        place("troch", None)
    pytest.importorskip("torch")
    with pytest.raises(ValueError, match="there is no device 'nowhere' here"):
        place("torch", "nowhere")
    assert place("torch", "cpu").there(np.zeros(2)).device.type == "cpu"
