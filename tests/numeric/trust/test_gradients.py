"""The gradient of random networks as in training: residual and joined paths, batch-norm, masks.

All layers are smooth, so that differences need no care; kinks are in ``tests/numeric/networks``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numeric.data import DataSet
from numeric.initialisations import initial
from numeric.networks import INPUT, Classifier, Network, Parameters, branches, nodes, residual
from verify.trying.differences import central

SHAPE, CHANNELS, CLASSES = (2, 6, 5), 3, 3
CONV = f"conv(kernel_size=3, padding=1) O={CHANNELS}"
POOL = "avgpool(kernel_size=2, stride=1)"

BLOCKS: dict[str, tuple[Any, ...]] = {
    "conv": (CONV, "tanh"),
    "norm": ("batchnorm", "sigmoid"),
    "masks": ("dropout(p=0.3)",),
    "residual": (residual("batchnorm", "tanh", CONV),),
    "residual twice": (residual(residual("tanh", CONV), "batchnorm"),),
    "three paths": (branches("add", [CONV], [], ["dropout(p=0.5)", CONV]),),
    "concat": (branches("concat", [POOL], [POOL, "batchnorm"]), CONV),
    "frozen": (f"conv(kernel_size=1) frozen O={CHANNELS}",),
}


def network(names: list[str], seed: int) -> Network:
    layers = [CONV, *(layer for name in names for layer in BLOCKS[name])]
    made, rng = nodes([*layers, "flatten", f"linear O={CLASSES}"]), np.random.default_rng(seed)
    parameters = initial(made, SHAPE, rng, dtype=np.float64)
    for array in parameters.values():
        array += 0.1 * rng.standard_normal(array.shape)
    return Network(made, SHAPE, parameters)


Change = Callable[[Parameters], Parameters]


def agrees(made: Network, seed: int, change: Change = lambda found: found) -> bool:
    """Whether ⟨gradient, direction⟩ is the loss's central difference, in training.

    The direction is in learnt parameters and images; masks are the same at every step of the
    difference.
    """
    rng = np.random.default_rng(seed)
    images, labels = rng.standard_normal((4, *SHAPE)), rng.integers(0, CLASSES, 4)
    masks = made.draw(rng, 4)
    start = {**{n: made.parameters[n].copy() for n in made.learnt}, INPUT: images}
    direction = {name: rng.standard_normal(a.shape) for name, a in start.items()}
    size = np.sqrt(sum(np.sum(v**2) for v in direction.values()))

    def judged(step: float) -> Any:
        moved = {n: a + step * direction[n] / size for n, a in start.items()}
        made.parameters.update({n: a for n, a in moved.items() if n != INPUT})
        batch = DataSet(moved[INPUT], labels, tuple("abc"))
        return Classifier(made).judged(batch, [*start], masks)

    gradients = change(dict(judged(0).gradients))
    assert gradients.keys() == start.keys()
    along = sum(float(np.sum(gradients[n] * direction[n])) for n in start) / size
    estimate = central(lambda step: np.array([judged(step).loss]), np.float64, affine=False)
    return bool(abs(along - estimate.value) <= estimate.error)


@settings(max_examples=settings.default.max_examples // 8, suppress_health_check=list(HealthCheck))
@pytest.mark.complete
@given(
    st.lists(st.sampled_from([*BLOCKS]), min_size=1, max_size=3),
    st.integers(0, 2**32 - 1),
)
def test_gradients_of_random_networks_in_training(names: list[str], seed: int) -> None:
    assert agrees(network(names, seed), seed)


# --- sabotage ---------------------------------------------------------------------------------


def scaled(name: str, factor: float) -> Change:
    return lambda found: {**found, name: factor * found[name]}


ALL = ["residual", "masks", "concat"]
WRONG: dict[str, Change] = {
    "half of a residual's gradient": scaled("conv1.k", 0.5),
    "one per mille": scaled("batchnorm1.w", 1.001),
    "the image": scaled(INPUT, 0.0),
}


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_gradients_are_refused(fault: str) -> None:
    made = network(ALL, 1)
    assert agrees(made, 1)
    assert not agrees(made, 1, WRONG[fault])
