"""Small random networks, and whether their gradients agree with finite differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import reject
from hypothesis import strategies as st

import derive
from numeric.data import DataSet
from numeric.initialisations import initial
from numeric.networks import INPUT, Classifier, Network, Parameters, nodes
from verify.trying.differences import central, step_of

Change = Callable[[Parameters], Parameters]

CONVOLUTIONS: tuple[dict[str, Any], ...] = (
    {"kernel_size": 3, "padding": "same"},
    {"kernel_size": (2, 3), "stride": (2, 1), "padding": (0, 1)},
    {"kernel_size": 2, "dilation": 2, "padding": 1},
)
POOLS: tuple[dict[str, Any], ...] = (
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 2, "stride": 1},
)


@dataclass(frozen=True)
class Case:
    """A network in double precision, a batch, and a direction in parameters and images."""

    network: Network
    batch: DataSet
    direction: Parameters


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """One or two blocks of conv, relu and pooling, then one or two fully connected layers."""
    layers: list[Any] = []
    for _ in range(draw(st.integers(1, 2))):
        options = draw(st.sampled_from(CONVOLUTIONS))
        conv = derive.layer("conv", channels=True, **options)
        layers.append((conv, {"O": draw(st.integers(1, 3))}))
        rest = [derive.layer("relu", dims=4)]
        rest.append(derive.layer("maxpool", **draw(st.sampled_from(POOLS))))
        layers += [(layer, {}) for layer in draw(st.permutations(rest))]
    layers.append((derive.layer("flatten"), {}))
    if draw(st.booleans()):
        layers += [(derive.layer("linear"), {"O": draw(st.integers(1, 5))})]
        layers += [(derive.layer("relu", dims=2), {})]
    classes = draw(st.integers(1, 4))
    layers.append((derive.layer("linear"), {"O": classes}))
    shape = (draw(st.integers(1, 2)), draw(st.integers(6, 8)), draw(st.integers(6, 8)))
    seed = draw(st.integers(0, 2**32 - 1))
    try:
        return case(layers, shape, draw(st.integers(1, 3)), classes, seed)
    except ValueError:
        reject()  # a layer makes nothing of an image that small


def case(layers: list[Any], shape: tuple[int, ...], n: int, classes: int, seed: int) -> Case:
    """Random values; biases too, since a kink at 0 is where they begin."""
    rng = np.random.default_rng(seed)
    made = nodes(layers)
    parameters = initial(made, shape, rng, dtype=np.float64)
    for array in parameters.values():
        array += 0.1 * rng.standard_normal(array.shape)
    images = rng.standard_normal((n, *shape))
    labels = rng.integers(0, classes, n)
    moved = {**parameters, INPUT: images}
    direction = {name: rng.standard_normal(a.shape) for name, a in moved.items()}
    size = np.sqrt(sum(np.sum(v**2) for v in direction.values()))
    direction = {name: v / size for name, v in direction.items()}
    batch = DataSet(images, labels, tuple(map(str, range(classes))))
    return Case(Network(made, shape, parameters), batch, direction)


def moved(case: Case, step: float) -> tuple[Network, np.ndarray]:
    """The network and the images, a step along the direction."""
    own = case.network.parameters
    parameters = {name: array + step * case.direction[name] for name, array in own.items()}
    images = case.batch.images + step * case.direction[INPUT]
    return Network(case.network.nodes, case.network.shape, parameters), images


def choices(case: Case, step: float) -> list[list[float]]:
    """Which way every relu and every maximum decides, a step along the direction.

    Their gradients for different upstream entries tell: they depend on the input in no other way.
    """
    network, images = moved(case, step)
    flow = network.flow(images)
    outputs = [*(met.x for met in flow.met[1:]), flow.output]
    found = []
    for link, met, y in zip(network.training.links, flow.met, outputs, strict=True):
        if link.stage.layer.name in ("relu", "maxpool"):
            g = np.arange(1.0, 1 + y.size).reshape(y.shape)
            found.append(link.kernel.backward(g, x=met.x)["x"].ravel().tolist())
    return found


def away_from_kinks(case: Case) -> bool:
    """Whether no relu and no maximum decides otherwise within the steps of the difference."""
    here, step = choices(case, 0), 2 * step_of(np.float64)
    return all(choices(case, s) == here for s in (-step, -step / 2, step / 2, step))


def agrees(case: Case, change: Change = lambda gradients: gradients) -> bool:
    """Whether ⟨gradient, direction⟩ is the loss's central difference, within its error bound.

    ``change`` is applied to the gradients first.
    """

    def loss(step: float) -> np.ndarray:
        network, images = moved(case, step)
        return np.array([Classifier(network).loss(images, case.batch.labels)])

    wrt = [*case.network.parameters, INPUT]
    gradients = change(Classifier(case.network).judged(case.batch, wrt).gradients)
    along = sum(float(np.sum(gradients[name] * case.direction[name])) for name in wrt)
    estimate = central(loss, np.float64, affine=False)
    return abs(along - estimate.value) <= estimate.error
