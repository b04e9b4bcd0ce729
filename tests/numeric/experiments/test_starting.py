"""Weights that are taken over: from our own files, and from PyTorch's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from numeric.experiments import starting
from numeric.initialisations import initial
from numeric.networks import Network, nodes
from numeric.networks.torch_names import of_torch, torch_arrays
from numeric.presets import PRESETS

SHAPE = (1, 8, 8)


def network(classes: int = 4, seed: int = 0) -> Network:
    made = nodes(starting.classifier(classes))
    return Network(made, SHAPE, initial(made, SHAPE, np.random.default_rng(seed)))


def test_features_are_all_but_the_last_layer() -> None:
    found = network()
    assert starting.head(found).name == "linear2"
    assert set(found.arrays) - set(starting.features(found)) == {"linear2.w", "linear2.b"}


def test_features_are_taken_over_bit_for_bit() -> None:
    source, target = network(4, 0), network(7, 1)
    before = target.parameters["linear2.w"].copy()
    assert starting.fingerprint(source) != starting.fingerprint(target)
    starting.take_over(target, source.arrays)
    assert starting.fingerprint(source) == starting.fingerprint(target)
    assert np.array_equal(target.parameters["linear2.w"], before)


def test_one_bit_changes_the_fingerprint() -> None:
    found = network()
    before = starting.fingerprint(found)
    found.buffers["batchnorm2.mean"][3] = -0.0
    assert starting.fingerprint(found) != before


def test_what_is_frozen_does_not_learn() -> None:
    found = starting.frozen(network())
    assert found.learnt == ("linear2.w", "linear2.b")


def test_a_head_is_widened() -> None:
    source, target = network(4, 0), network(5, 1)
    own = target.parameters["linear2.w"][4].copy()
    starting.widen(target, source.arrays)
    assert np.array_equal(target.parameters["linear2.w"][:4], source.parameters["linear2.w"])
    assert np.array_equal(target.parameters["linear2.w"][4], own)


def test_the_text_of_another_number_of_classes() -> None:
    text = starting.text_of(network(4))
    assert starting.with_head(text, 7) == starting.text_of(network(7))
    named = "flatten\nout = linear O=3\n"
    assert starting.with_head(named, 12) == "flatten\nout = linear O=12\n"
    with pytest.raises(ValueError, match="must end in a linear layer"):
        starting.with_head("linear O=3\nrelu\n", 4)


def test_there_and_back_under_the_names_of_pytorch() -> None:
    source, target = network(4, 0), network(4, 1)
    state = torch_arrays(source)
    assert {"conv1.weight", "batchnorm1.running_var", "linear2.bias"} < set(state)
    found = of_torch(target, state)
    assert set(found) == set(source.arrays)
    assert all(np.array_equal(found[name], source.arrays[name]) for name in found)


def test_modules_that_are_alike_go_by_number() -> None:
    """Module 10 comes after module 9, as layers do, and not after module 1."""
    made = nodes(["conv(kernel_size=1, bias=False) O=1"] * 3)
    target = Network(made, (1, 2, 2), {f"conv{n}.k": np.zeros((1, 1, 1, 1)) for n in (1, 2, 3)})
    state = {f"{n}.weight": np.full((1, 1, 1, 1), n) for n in (10, 9, 1)}
    found = of_torch(target, state)
    assert [found[f"conv{n}.k"].item() for n in (1, 2, 3)] == [1, 9, 10]


def test_modules_that_do_not_fit_are_named() -> None:
    state = torch_arrays(network(4))
    with pytest.raises(ValueError, match="no module of the state dict fits linear2"):
        of_torch(network(5), state)
    with pytest.raises(ValueError, match="the network has no layer for extra"):
        of_torch(network(4), {**state, "extra.weight": np.zeros(3)})


def test_files_that_are_another_network_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"does not fit the network lenet: .* conv1"):
        starting.filled("lenet", SHAPE, torch_arrays(network(4)), tmp_path / "w.safetensors")


def test_a_state_dict_of_pytorch_gives_pytorchs_logits(tmp_path: Path) -> None:
    """A LeNet with batch-norm and more than ten modules, trained weights and statistics."""
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    torch.manual_seed(0)
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 128),
        nn.ReLU(),
        nn.Linear(128, 6),
    )
    images = torch.randn(20, *SHAPE)
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    for _ in range(5):
        loss = nn.functional.cross_entropy(model(images), torch.arange(20) % 6)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    path = tmp_path / "trained.safetensors"
    save_file(model.state_dict(), path)
    found = starting.loaded(str(path), None, SHAPE)
    wanted = model.eval()(images).detach().numpy()
    logits = found.forward(images.numpy())
    assert logits.shape == (20, 6)
    assert np.abs(logits - wanted).max() <= 1e-5 * max(1, np.abs(wanted).max())


def test_pytorch_takes_our_names() -> None:
    torch = pytest.importorskip("torch")
    from collections import OrderedDict

    ours = nodes(PRESETS.get("lenet").layers(3))
    made = Network(ours, SHAPE, initial(ours, SHAPE, np.random.default_rng(0)))
    nn = torch.nn
    layers = {
        "conv1": nn.Conv2d(1, 6, 5, padding=2),
        "relu1": nn.ReLU(),
        "maxpool1": nn.MaxPool2d(2),
        "conv2": nn.Conv2d(6, 16, 5, padding=2),
        "relu2": nn.ReLU(),
        "maxpool2": nn.MaxPool2d(2),
        "flatten1": nn.Flatten(),
        "linear1": nn.Linear(64, 120),
        "relu3": nn.ReLU(),
        "linear2": nn.Linear(120, 84),
        "relu4": nn.ReLU(),
        "linear3": nn.Linear(84, 3),
    }
    model = nn.Sequential(OrderedDict(layers))
    model.load_state_dict({n: torch.from_numpy(a) for n, a in torch_arrays(made).items()})
    images = np.random.default_rng(1).normal(size=(5, *SHAPE)).astype(np.float32)
    wanted = model(torch.from_numpy(images)).detach().numpy()
    assert np.abs(made.forward(images) - wanted).max() < 1e-5
