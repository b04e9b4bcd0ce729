"""Networks: shapes, initial parameters, and which gradients are computed."""

from __future__ import annotations

import numpy as np
import pytest

import derive
from numeric.networks import INPUT, Sequential, Stage, initial, stages
from numeric.presets import PRESETS
from tests.numeric.networks.cases import case

RNG = np.random.default_rng(0)


def lenet(classes: int = 10) -> list[Stage]:
    return stages(PRESETS.get("lenet").layers(classes))


def test_lenet_has_the_parameters_one_counts_by_hand() -> None:
    shapes = {name: a.shape for name, a in initial(lenet(), (1, 28, 28), RNG).items()}
    assert shapes == {
        "conv1.k": (6, 1, 5, 5), "conv1.b": (6,),
        "conv2.k": (16, 6, 5, 5), "conv2.b": (16,),
        "linear1.w": (120, 784), "linear1.b": (120,),
        "linear2.w": (84, 120), "linear2.b": (84,),
        "linear3.w": (10, 84), "linear3.b": (10,),
    }  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS.names())
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 9, 6)])
def test_presets_make_logits(preset: str, shape: tuple[int, ...]) -> None:
    made = stages(PRESETS.get(preset).layers(7))
    network = Sequential(made, initial(made, shape, RNG))
    logits = network.forward(RNG.random((2, *shape), np.float32))
    assert logits.shape == (2, 7) and logits.dtype == np.float32


def test_stages_are_numbered_by_kind() -> None:
    assert [s.name for s in lenet()][:4] == ["conv1", "relu1", "maxpool1", "conv2"]


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match=r"maxpool2 makes nothing of .* shape \(16, 1, 1\)"):
        initial(lenet(), (1, 3, 3), RNG)
    with pytest.raises(ValueError, match="conv1 takes 4 axes"):
        initial(lenet(), (8, 8), RNG)
    with pytest.raises(ValueError, match="the size O"):
        initial(stages([(derive.layer("linear"), {})]), (4,), RNG)


def test_weights_are_drawn_after_he_and_biases_are_zero() -> None:
    layers = [
        (derive.layer("conv", channels=True, kernel_size=3, groups=2), {"O": 64}),
        (derive.layer("conv_transpose", channels=True, kernel_size=3), {"O": 48}),
        (derive.layer("flatten"), {}),
        (derive.layer("linear"), {"O": 20}),
    ]
    made = initial(stages(layers), (32, 6, 6), RNG, np.float64)
    fans = {"conv1.k": 16 * 9, "conv_transpose1.k": 64 * 9, "linear1.w": 48 * 36}
    for name, fan in fans.items():
        assert made[name].var() == pytest.approx(2 / fan, rel=0.05)
        assert abs(made[name].mean()) < 5 * np.sqrt(2 / fan / made[name].size)
    assert not any(made[f"{layer}.b"].any() for layer in ("conv1", "conv_transpose1", "linear1"))


def test_only_what_is_asked_for_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = case(lenet(3), (1, 8, 8), 2, 3, seed=0)
    network, flow = made.network, made.network.flow(made.batch.images)
    g = RNG.standard_normal(flow.output.shape)
    every = network.backward(g, flow, [*network.parameters, INPUT])
    assert set(every) == {*network.parameters, INPUT}
    assert set(network.backward(g, flow)) == set(network.parameters)

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a stage before all that is asked for")

    for kernel in network._kernels[:7]:
        monkeypatch.setattr(kernel, "backward", fail)
    for name in ("linear1.w", "linear1.b", "linear3.w"):
        found = network.backward(g, flow, [name])
        assert list(found) == [name]
        np.testing.assert_array_equal(found[name], every[name])
    assert network.backward(g, flow, []) == {}
    with pytest.raises(ValueError, match=r"no 'conv9\.k'; it has: x, conv1\.k"):
        network.backward(g, flow, ["conv9.k"])
